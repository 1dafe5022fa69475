"""Several devices of one person on a running server, and what the server really holds, asked without any client."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from tests.clients.wire import CARD, C, D, Wire
from tests.serving import Device

Kind = Literal["card", "event"]


@dataclass(frozen=True, slots=True)
class Another:
    """One more device of the person."""

    wire: Wire
    revoke: Callable[[], object]


@dataclass
class Phones:
    """`wire` is the device whose client is looked at; `other` is what the rest of the household writes with."""

    wire: Wire
    other: Wire
    device: Device
    add_device: Callable[[str], Another]
    made: dict[str, str] = field(default_factory=dict)
    changes: int = 0

    def home(self, kind: str) -> str:
        """The home of a kind, as a path."""
        base = f"/dav/{'addressbooks' if kind == 'card' else 'calendars'}/"
        return f"{base}{self.device.user}/"

    def collection(self, kind: str) -> str:
        """A collection of this test's own, made at first use."""
        if kind not in self.made:
            href = f"{self.home(kind)}tried/"
            self.made[kind] = href
            space, local, method = (
                (CARD[1:-1], "addressbook", "MKCOL") if kind == "card" else (C[1:-1], "calendar", "MKCALENDAR")
            )
            body = (
                f'<mkcol xmlns="DAV:" xmlns:X="{space}"><set><prop><resourcetype><collection/><X:{local}/>'
                "</resourcetype></prop></set></mkcol>"
                if method == "MKCOL"
                else ""
            )
            answer = self.other.ask(method, href, headers={"Content-Type": "application/xml"}, body=body)
            assert answer.status == 201, answer
        return self.made[kind]

    def ending(self, kind: str) -> str:
        return ".vcf" if kind == "card" else ".ics"

    def body(self, kind: str, uid: str, title: str = "김민아") -> str:
        """A small object with a UID and a title."""
        if kind == "card":
            lines = ["BEGIN:VCARD", "VERSION:3.0", f"UID:{uid}", f"FN:{title}", f"N:{title};;;;", "END:VCARD", ""]
        else:
            lines = [
                "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Gotgan//tests//EN", "BEGIN:VEVENT", f"UID:{uid}",
                "DTSTAMP:20261124T000000Z", "DTSTART:20261125T100000Z", "DTEND:20261125T110000Z", f"SUMMARY:{title}",
                "END:VEVENT", "END:VCALENDAR", "",
            ]  # fmt: skip
        return "\r\n".join(lines)

    def put(self, kind: str, name: str, title: str) -> str:
        """Write an object with the other device; return its href."""
        href = self.collection(kind) + name + self.ending(kind)
        answer = self.other.ask(
            "PUT",
            href,
            headers={"Content-Type": "text/vcard" if kind == "card" else "text/calendar"},
            body=self.body(kind, name, title),
        )
        assert answer.status in (201, 204), answer
        return href

    def fill(self, kind: str, count: int) -> None:
        for number in range(count):
            self.put(kind, f"object-{number:03}", f"제목 {number}")

    def change_one(self, kind: str) -> str:
        """Edit one object, another each time; return its href."""
        there = sorted(self.on_server(kind))
        href = there[self.changes % len(there)]
        self.changes += 1
        return self.put(kind, href.rsplit("/", 1)[1].rsplit(".", 1)[0], f"바뀜 {self.changes}")

    def delete_one(self, kind: str) -> str:
        """Delete the last object; return its href."""
        href = sorted(self.on_server(kind))[-1]
        assert self.other.ask("DELETE", href).status == 204
        return href

    def other_edits(self, kind: str) -> list[str]:
        """Edit, add, delete and re-create objects with the other device; return the names that are deleted for good."""
        for number in (1, 2, 3):
            self.put(kind, f"object-{number:03}", f"다시 {number}")
        self.put(kind, "brand-new", "새것")
        deleted = ["object-010", "object-011", "object-012"]
        for name in deleted:
            assert self.other.ask("DELETE", self.collection(kind) + name + self.ending(kind)).status == 204
        self.put(kind, "object-012", "돌아옴")
        return [name + self.ending(kind) for name in deleted[:2]]

    def on_server(self, kind: str) -> dict[str, str]:
        """Return what the server holds: href to text, by listing and GET."""
        listing = self.other.ask(
            "PROPFIND",
            self.collection(kind),
            headers={"Depth": "1"},
            body='<propfind xmlns="DAV:"><prop><getetag/></prop></propfind>',
        )
        hrefs = [href for href in listing.members if href != self.collection(kind)]
        return {href: self.other.ask("GET", href).body.decode() for href in hrefs}

    def token_of(self, collection: str) -> str:
        """The sync token of a collection."""
        answer = self.other.ask(
            "PROPFIND",
            collection,
            headers={"Depth": "0"},
            body='<propfind xmlns="DAV:"><prop><sync-token/></prop></propfind>',
        )
        return answer.only.text(f"{D}sync-token")

    def another_device(self, label: str) -> Another:
        """One more device of the same person."""
        return self.add_device(label)
