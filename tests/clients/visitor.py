"""What a replayed client starts from: a connection, and the addresses its person typed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.clients.wire import Wire


@dataclass(frozen=True, slots=True)
class Visitor:
    """`known` holds paths (`dav`, `principal`, `files`, the homes), and as `host` the server's name and port."""

    wire: Wire
    known: Mapping[str, str]
