"""A desk whose data folder is copied, written to, and put back: what a card or disk restored from a copy is.

`SetBack` gives the desk before and after, and the tokens and ETags that the lost time gave out.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from appliance.household import release
from appliance.household.release import Part
from appliance.store.holds import Choice
from appliance.store.ledger import Author
from tests.spec.desk import BOOK, CALENDAR, Desk, TurnedClock, card, event

LOST_CALENDAR = "/dav/calendars/anna/holidays/"
SHELL = Author(1, 1)
DATABASE = "gotgan.db"


@dataclass
class SetBack:
    """What the lost time left with its devices. `desk` is the server as it was put back."""

    desk: Desk
    tokens: dict[str, str] = field(default_factory=dict)
    etags: dict[str, str] = field(default_factory=dict)

    def release(self, choice: Choice, part: Part | None = None) -> release.Released:
        """End a hold as another process would."""
        return release.release(self.desk.services.ledger, SHELL, choice, part or Part())

    def restarted(self) -> Desk:
        """Return the same server after a restart."""
        self.desk.close()
        again = Desk(self.desk.data, TurnedClock())
        again.knows(self.desk)
        self.desk = again
        return again


def write_common(desk: Desk) -> None:
    """What both histories have."""
    for uid in ("one", "two"):
        desk.put(f"{BOOK}{uid}.vcf", card(uid))
        desk.put(f"{CALENDAR}{uid}.ics", event(uid, "DTSTART:20261124T100000Z"))


def write_lost(desk: Desk) -> tuple[dict[str, str], dict[str, str]]:
    """What only the lost time has: a card edited, one made, a calendar; return its tokens and ETags."""
    etags = {
        "one": desk.put(f"{BOOK}one.vcf", card("one", name="Edited Kim")).etag,
        "born": desk.put(f"{BOOK}born.vcf", card("born")).etag,
    }
    assert desk.ask("MKCALENDAR", LOST_CALENDAR).status == 201
    desk.put(f"{LOST_CALENDAR}x.ics", event("x", "DTSTART:20261124T100000Z"))
    desk.put(f"{CALENDAR}one.ics", event("one", "DTSTART:20261124T110000Z"))
    return {path: desk.sync(path).token for path in (BOOK, CALENDAR, LOST_CALENDAR)}, etags


@contextmanager
def set_back(desk: Desk, *, copied: Literal["running", "stopped"] = "running") -> Iterator[SetBack]:
    """Copy the database, let the household go on, and put the copy back.

    Copied while it was running, the lost time goes on in an epoch that the copy knows, which is proof; copied after a
    stop, it has an epoch of its own, which the copy has never had.
    """
    write_common(desk)
    found, copy = SetBack(desk), desk.data.parent / "copy.db"
    if copied == "stopped":
        found.restarted()
    _copy(desk.data / DATABASE, copy)
    found.tokens, found.etags = write_lost(found.desk)
    found.desk.close()
    for ending in ("-wal", "-shm"):
        (desk.data / f"{DATABASE}{ending}").unlink(missing_ok=True)
    copy.replace(desk.data / DATABASE)
    found.restarted()
    try:
        yield found
    finally:
        found.desk.close()


def _copy(source: Path, target: Path) -> None:
    """Copy a database that somebody else may have open."""
    with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(target)) as there:
        here.backup(there)
