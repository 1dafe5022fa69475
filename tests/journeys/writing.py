"""Four devices that write without a pause until the server dies, and the memory of what was acknowledged to them."""

from __future__ import annotations

import http.client
import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.clients.wire import Wire

FILE_BYTES = (0, 900, 20_000, 200_000)


@dataclass(slots=True)
class Sent:
    """One address: what the server last acknowledged, and what was on its way after that."""

    acknowledged: bytes | None = None
    pending: bytes | None = None


@dataclass
class Writer:
    """One device that writes cards, events and files in turn, new ones and over old ones."""

    user: str
    seed: int
    sent: dict[str, Sent] = field(default_factory=dict)
    count: int = 0

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    def run(self, wire: Wire, stop: threading.Event, acknowledged: Callable[[], None]) -> None:
        """Write until told to stop or until the connection breaks; anything but a 2xx is a failure."""
        while not stop.is_set():
            href, body, content_type = self._next()
            entry = self.sent.setdefault(href, Sent())
            entry.pending = body
            try:
                answer = wire.ask("PUT", href, headers={"Content-Type": content_type}, body=body)
            except (OSError, http.client.HTTPException):
                return
            assert answer.status in (201, 204), f"PUT {href}: {answer.status} {answer.body[:500]!r}"
            entry.acknowledged, entry.pending = body, None
            acknowledged()

    def _next(self) -> tuple[str, bytes, str]:
        kind = self.count % 3
        number = self.count if self.chance.random() < 0.7 else self.chance.randrange(self.count + 1) // 3 * 3 + kind
        self.count += 1
        name = f"{self.seed}-{number}"
        if kind == 0:
            return f"/dav/addressbooks/{self.user}/kept/{name}.vcf", card(name, self.count), "text/vcard"
        if kind == 1:
            return f"/dav/calendars/{self.user}/kept/{name}.ics", event(name, self.count), "text/calendar"
        size = self.chance.choice(FILE_BYTES)
        body = f"{name} {self.count}\n".encode() + self.chance.randbytes(size)
        return f"/dav/files/{self.user}/kept/{name}.bin", body, "application/octet-stream"


def card(uid: str, revision: int) -> bytes:
    """A card that says which writing of it this is."""
    lines = ["BEGIN:VCARD", "VERSION:3.0", f"UID:{uid}", f"FN:고침 {revision}", "N:고침;;;;", "END:VCARD", ""]
    return "\r\n".join(lines).encode()


def event(uid: str, revision: int) -> bytes:
    """An event that says which writing of it this is."""
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Gotgan//tests//EN", "BEGIN:VEVENT", f"UID:{uid}",
        "DTSTAMP:20261124T000000Z", "DTSTART:20261125T100000Z", f"SUMMARY:고침 {revision}", "END:VEVENT",
        "END:VCALENDAR", "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode()


def lost(wire: Wire, writers: list[Writer]) -> Iterator[str]:
    """Yield each address whose acknowledged body is neither there nor replaced by the one that was on its way."""
    for writer in writers:
        for href, entry in writer.sent.items():
            answer = wire.ask("GET", href)
            allowed = {entry.acknowledged, entry.pending} - {None}
            if answer.status == 404 and entry.acknowledged is None:
                continue
            if answer.status != 200 or answer.body not in allowed:
                yield f"{href}: {answer.status} {answer.body[:80]!r}"
