"""Every page as a person with taste should see it: at 390 and 1280 px, light and dark, in both languages.

`python -m tests.pages.screenshots [FOLDER] [NAME …]` writes the pictures of all pages, or of those whose name begins
with a NAME, into an ignored folder. Refuses to judge: somebody looks.
"""

from __future__ import annotations

import json
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from tests.pages.browsing import DESK, PHONE, Browser, Seen, chromium, shoot
from tests.pages.life import BOOK, HOME, live
from tests.serving import ROOT, serving

SIZES = {"phone": PHONE, "desk": DESK}
LOOKS: tuple[tuple[str, Literal["en", "ko"], Literal["light", "dark"]], ...] = (
    ("phone", "ko", "light"), ("phone", "en", "dark"), ("desk", "en", "light"), ("desk", "ko", "dark"),
)  # fmt: skip
THEN = (datetime.now(UTC) - timedelta(days=25)).strftime("%Y-%m-%dT%H:%M")
GUESTS = {"sign-in": "/sign-in", "pair": "/pair"}


def pages(batch_id: int, iphone_id: int) -> dict[str, str]:
    """Return the address of each page of a member, by the name of its picture."""
    return {
        "today": "/", "timeline": "/timeline", "more": "/more", "you": "/you",
        "contacts": "/contacts", "book": "/contacts/mina/contacts", "card": "/contacts/mina/contacts/3.vcf",
        "search": "/contacts?q=ㄱㅊㅅ", "history": f"/history/{BOOK}/3.vcf", "bring": f"/bring/{BOOK}",
        "calendar": "/calendar", "calendar-agenda": "/calendar?view=agenda",
        "calendar-one": "/calendar/mina/calendar", "event": "/calendar/mina/calendar/0-1.ics",
        "files": f"/{HOME}", "folder": f"/{HOME}/Photos", "file": f"/{HOME}/Photos/2026-10-11.png",
        "text": f"/{HOME}/School/essay.txt", "past-folder": f"/at/{THEN}/{HOME}/Photos",
        "past-book": f"/at/{THEN}/{BOOK}", "return": f"/return/{BOOK}?at={THEN}",
        "rewind-since": f"/rewind/{iphone_id}", "rewind": f"/rewind/{iphone_id}?since=2+days+ago",
        "receipt": f"/receipt/{batch_id}", "undo": f"/receipt/{batch_id}/undo",
        "kept": "/kept", "devices": "/devices", "device": f"/devices/{iphone_id}", "device-add": "/devices/add",
        "device-lost": f"/devices/{iphone_id}/lost", "people": "/people", "person": "/people/one/dad",
        "people-add": "/people/add", "sharing": "/sharing", "sharing-one": f"/sharing/{BOOK}", "store": "/store",
        "store-leaving": "/store/leaving", "hold": "/hold", "not-there": "/nowhere",
    }  # fmt: skip


def main(into: Path, wanted: tuple[str, ...]) -> None:
    """Write the pictures."""
    with tempfile.TemporaryDirectory(prefix="gotgan-pictures-") as folder:
        live(Path(folder) / "data").close()
        with serving(Path(folder) / "data") as house, chromium() as chrome:
            house.call("restore", f"{HOME}/Photos", "--at", THEN)
            (batch, *_) = json.loads(house.call("undo", "--json"))
            addresses = pages(batch["batch"], iphone_id=_device_id(house.call("device", "list")))
            for look in LOOKS:
                size, language, theme = look
                with Browser(chrome, house.url).open(size=SIZES[size], language=language, theme=theme) as seen:
                    _all(seen, into, "-".join(look), addresses, wanted)


def _device_id(listed: str) -> int:
    return next(int(line.split()[0]) for line in listed.splitlines() if "iPhone" in line)


def _all(seen: Seen, into: Path, look: str, addresses: dict[str, str], wanted: tuple[str, ...]) -> None:
    for name, address in GUESTS.items():
        if name.startswith(wanted):
            shoot(seen.visit(address), into, f"{name}-{look}")
    seen.sign_in("mina")
    seen.visit("/you").page.get_by_text("한국어" if "-ko-" in look else "English").click()
    seen.page.locator("form[action='/you'] button").click()
    for name, address in addresses.items():
        if name.startswith(wanted):
            shoot(seen.visit(address), into, f"{name}-{look}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else ROOT / "screenshots", tuple(sys.argv[2:]) or ("",))
