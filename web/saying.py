"""What an error says in the reader's language, where the room that raised it put a number into its sentence."""

from __future__ import annotations

from flask_babel import gettext, ngettext

from appliance import errors


def said(error: errors.GotganError) -> str:
    """Return the sentence of an error in the visitor's language."""
    if isinstance(error, errors.TooManyAttempts):
        waiting: str = ngettext(
            "Too many attempts. The next one counts in %(num)s second.",
            "Too many attempts. The next one counts in %(num)s seconds.",
            error.retry_after_seconds,
        )
        return waiting
    sentence: str = gettext(str(error))
    return sentence
