"""The shapes of ASGI 3.0 that the door uses, for the type checker. Nothing happens here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypedDict


class Scope(TypedDict, total=False):
    """One connection, as the server announces it (ASGI, HTTP & WebSocket 2.3)."""

    type: str
    http_version: str
    method: str
    scheme: str
    path: str
    raw_path: bytes
    query_string: bytes
    headers: Sequence[tuple[bytes, bytes]]
    client: tuple[str, int] | None


class Event(TypedDict, total=False):
    """What the server tells: a piece of the body, the client's leaving, start and stop."""

    type: str
    body: bytes
    more_body: bool


class Action(TypedDict, total=False):
    """What the server is told."""

    type: str
    status: int
    headers: Sequence[tuple[bytes, bytes]]
    body: bytes
    more_body: bool
    message: str


Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Action], Awaitable[None]]
