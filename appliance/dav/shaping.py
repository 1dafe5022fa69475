"""One boundary around the shaping of one object: what cannot be shaped costs its own response a status.

An object that somebody stored years ago, in whatever state, must never stop the report on its collection
(promise 6 of the design). Refuses to guess: it is reported as unreadable, never as missing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from appliance.errors import ContentMissing
from appliance.objects.content_lines import Malformed

_LOG = logging.getLogger(__name__)


def shaped(shape: Callable[[], bytes]) -> bytes:
    """Return what `shape` gives; ContentMissing when the object is beyond it. TooManyMatches passes through."""
    try:
        return shape()
    except (Malformed, ValueError, ArithmeticError, LookupError, RecursionError) as error:
        _LOG.warning("An object could not be given in parts: %r", error)
        raise ContentMissing("This object cannot be given in parts; as a whole it can.") from error
