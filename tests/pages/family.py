"""A household as it may be after some weeks: three people, their phones, what they wrote, lost and changed.

Everything is written through the DAV door by devices that sign in, with a clock that is turned; then a real server is
started on the data. Refuses to write into the ledger by itself.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from appliance import settings
from appliance.app import House, furnish
from appliance.dav.messages import Request
from appliance.household import devices, people, secrets
from appliance.household.passwords import hash_password
from appliance.household.people import Person
from appliance.store.ledger import Author
from tests.pages.browsing import PASSWORD


@dataclass
class TurnedClock:
    """Stands still until it is turned."""

    at: datetime

    def now(self) -> datetime:
        """Return where it stands."""
        return self.at

    def forward(self, **by: float) -> None:
        """Turn it."""
        self.at += timedelta(**by)


@dataclass
class Phone:
    """A device of a person, which asks as a phone does."""

    family: Family
    user: str
    password: str = field(repr=False)
    device_id: int

    def ask(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> int:
        """Send one request to a path below `/dav/` and return the status."""
        basic = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        request = Request(
            method, "/dav/" + quote(path), {"authorization": f"Basic {basic}", **(headers or {})}, io.BytesIO(body),
            length_bytes=len(body), host="gotgan.local", remote_address="192.168.1.20",
        )  # fmt: skip
        response = self.family.house.door.respond(request)
        if not isinstance(response.body, bytes):
            list(response.body)
        return response.status

    def put(self, path: str, body: bytes | str) -> Phone:
        """Write something; any refusal fails."""
        octets = body.encode() if isinstance(body, str) else body
        status = self.ask("PUT", path, octets)
        assert status in (201, 204), (path, status)
        return self

    def delete(self, path: str) -> Phone:
        """Delete something; any refusal fails."""
        status = self.ask("DELETE", path)
        assert status == 204, (path, status)
        return self


class Family:
    """Mina (an administrator), Dad and Hajun, on a data folder of their own."""

    def __init__(self, data: Path, *, days_ago: float = 40, language: str = "en") -> None:
        data.mkdir(parents=True, exist_ok=True)
        self.data = data
        self.clock = TurnedClock(datetime.now(UTC) - timedelta(days=days_ago))
        chosen = settings.load(data, {"LANG": language, "TZ": "Asia/Seoul"})
        self.house: House = furnish(chosen, self.clock)
        self.people: dict[str, Person] = {}
        self.add("mina", "민아", admin=True)
        self.add("dad", "재호")
        self.add("hajun", "하준")

    def add(self, slug: str, shown: str, *, admin: bool = False) -> Person:
        """Add somebody who knows the password of all tests."""
        services = self.house.services
        joining = people.NewPerson(slug, shown, admin, hash_password(PASSWORD))
        self.people[slug] = people.add(
            services.ledger, self.data, Author(1, 1), joining=joining,
            shared=services.household.shared, words=services.household.words,
        )  # fmt: skip
        return self.people[slug]

    def phone(self, slug: str, label: str) -> Phone:
        """Return a new phone of somebody."""
        database = self.house.services.ledger.database
        key = secrets.device_key(self.data, expected=False)
        added = devices.add(database, key, self.people[slug], label, at=self.clock.now())
        return Phone(self, slug, added.password, added.device.id)

    def close(self) -> None:
        """Leave the data to a server."""
        self.house.background.duties.sweeper.sweep()
        self.house.sightings.write_all()
        self.house.services.ledger.database.close()


def card(uid: str, name: str, **lines: str) -> str:
    """Return a card; a keyword is a property: `tel="010-…"`, `note=…`."""
    said = "".join(f"{key.upper()}:{value}\r\n" for key, value in lines.items())
    return f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:{name}\r\nN:{name};;;;\r\n{said}END:VCARD\r\n"


def event(uid: str, title: str, start: datetime, *, hours: float = 1) -> str:
    """Return an event of some hours, in UTC."""
    stamp = "%Y%m%dT%H%M%SZ"
    begins, ends = start.strftime(stamp), (start + timedelta(hours=hours)).strftime(stamp)
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\n"
        f"UID:{uid}\r\nDTSTAMP:{begins}\r\nDTSTART:{begins}\r\nDTEND:{ends}\r\nSUMMARY:{title}\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
