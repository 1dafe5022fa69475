"""Every page of the house, by a name: the one list of them, and a house in which each has something to show.

Whoever adds a page adds it here: pictures, the long proof of all pages and the walk without script take it from here.
Refuses to look at any of them.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.pages.life import BOOK, HOME, live
from tests.serving import House, serving

THEN = (datetime.now(UTC) - timedelta(days=25)).strftime("%Y-%m-%dT%H:%M")
GUESTS = {"sign-in": "/sign-in", "pair": "/pair"}


@dataclass(frozen=True, slots=True)
class Lived:
    """A running house after some weeks, and the address of each page of Mina's, who administrates it."""

    house: House
    pages: dict[str, str]


@contextlib.contextmanager
def lived_in(language: str = "en") -> Iterator[Lived]:
    """Give a house in which the family has lived for some weeks, a folder was put back, and that was undone."""
    with tempfile.TemporaryDirectory(prefix="gotgan-family-") as folder:
        data = Path(folder) / "data"
        live(data, language=language).close()
        with serving(data) as house:
            house.call("restore", f"{HOME}/Photos", "--at", THEN)
            (put_back, *_) = json.loads(house.call("undo", "--json"))
            house.call("undo", str(put_back["batch"]))
            yield Lived(house, pages(put_back["batch"], iphone_id=_device_id(house.call("device", "list"))))


def pages(batch_id: int, iphone_id: int) -> dict[str, str]:
    """Return the address of each page of a member, by its name."""
    return {
        "today": "/", "timeline": "/timeline", "more": "/more", "you": "/you",
        "contacts": "/contacts", "book": "/contacts/mina/contacts", "card": "/contacts/mina/contacts/3.vcf",
        "search": "/contacts?q=ㄱㅊㅅ", "history": f"/history/{BOOK}/3.vcf", "bring": f"/bring/{BOOK}",
        "history-gone": f"/history/{BOOK}/7.vcf", "timeline-card": f"/timeline?address={BOOK}/3.vcf",
        "calendar": "/calendar", "calendar-agenda": "/calendar?as=list",
        "calendar-one": "/calendar/mina/calendar", "event": "/calendar/mina/calendar/0-1.ics",
        "files": f"/{HOME}", "folder": f"/{HOME}/Photos", "file": f"/{HOME}/Photos/2026-10-11.png",
        "file-gone": f"/{HOME}/Photos/2026-10-14.png", "text": f"/{HOME}/School/essay.txt",
        "files-search": f"/{HOME}?q=essay", "past-folder": f"/at/{THEN}/{HOME}/Photos",
        "past-book": f"/at/{THEN}/{BOOK}", "past-calendar": f"/at/{THEN}/calendars/mina/calendar",
        "past-card": f"/at/{THEN}/{BOOK}/3.vcf", "return": f"/return/{BOOK}?at={THEN}",
        "rewind-since": f"/rewind/{iphone_id}", "rewind": f"/rewind/{iphone_id}?since=2+days+ago",
        "receipt": f"/receipt/{batch_id}", "undo": f"/receipt/{batch_id + 1}/undo",
        "receipt-undo": f"/receipt/{batch_id + 1}",
        "kept": "/kept", "kept-edit": "/kept/1", "devices": "/devices", "device": f"/devices/{iphone_id}",
        "device-add": "/devices/add", "device-lost": f"/devices/{iphone_id}/lost", "people": "/people",
        "person": "/people/one/dad", "person-shut-out": "/people/one/dad/shut-out", "people-add": "/people/add",
        "people-log": "/people/log", "sharing": "/sharing", "sharing-one": f"/sharing/{BOOK}", "store": "/store",
        "store-leaving": "/store/leaving", "hold": "/hold", "not-there": "/nowhere",
        "no-moment": f"/at/soon/{BOOK}",
    }  # fmt: skip


def _device_id(listed: str) -> int:
    return next(int(line.split()[0]) for line in listed.splitlines() if "iPhone" in line)
