"""The acts that may be cut off anywhere, and what must hold afterwards: a PUT, a look at the disk, a restore, a rewind,
a prune, a migration."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from appliance import errors
from appliance.history.pruning import Pruner, chosen_policy
from appliance.settings import DATABASE_NAME
from appliance.store import batches, content, migrations, queries
from appliance.store.content import digest_of
from appliance.store.covering import Coverer
from appliance.store.ledger import member_of
from appliance.store.observe import Observer
from tests.cutting import as_copied
from tests.history.rooms import PHONE, Rooms, State, card
from tests.store.shelves import TurnedClock, much_later

LARGE = b"a photo " * 9000
FILES = "files/anna"
BOOK = "addressbooks/anna/contacts"


@dataclass(frozen=True)
class Cuttable:
    """`prepare` makes the folder; `act` is cut; `hold` says what must be true of a folder opened again.

    `ready` is done to each copy of the folder before.
    """

    prepare: Callable[[Path], None]
    act: Callable[[Path], object]
    hold: Callable[[Path], None]
    ready: Callable[[Path], object] = as_copied


def opened(data: Path, *, days: int = 0) -> Rooms:
    clock = TurnedClock()
    clock.turn(timedelta(days=days))
    return Rooms(data, clock)


def living(data: Path) -> None:
    """A home with some history: files of both sizes, folders, cards, a deletion."""
    rooms = opened(data)
    rooms.put(f"{FILES}/old.txt", b"old")
    rooms.put(f"{FILES}/photo.jpg", LARGE)
    rooms.make(f"{FILES}/trip").make(f"{FILES}/trip/day")
    rooms.put(f"{FILES}/trip/day/one.txt", b"one").put(f"{FILES}/trip/two.jpg", LARGE + b"2")
    rooms.put(f"{BOOK}/x.vcf", card("x", tel="1", note="was"))
    rooms.close()


def spoilt(data: Path) -> None:
    living(data)
    rooms = opened(data, days=1)
    rooms.put(f"{FILES}/photo.jpg", b"scrambled").put(f"{BOOK}/x.vcf", card("x", tel="2", note="was"))
    rooms.delete(f"{FILES}/trip").put(f"{FILES}/ransom.txt", b"pay").move(f"{FILES}/old.txt", f"{FILES}/moved.txt")
    rooms.close()


def put(data: Path) -> None:
    rooms = opened(data, days=2)
    rooms.put(f"{FILES}/photo.jpg", b"new" * 30_000)
    rooms.put(f"{BOOK}/x.vcf", card("x", tel="9"))


def written_behind(data: Path) -> None:
    living(data)
    home = data / "files" / "anna"
    (home / "photo.jpg").write_bytes(b"edited on the disk" * 9000)
    (home / "new.txt").write_bytes(b"new on the disk")
    os.rename(home / "trip", home / "journey")


def observe(data: Path) -> None:
    look(opened(data, days=2))


def look(rooms: Rooms) -> None:
    """What the background does at a start: deleted folders, a scan, covering."""
    duties = rooms.house.background.duties
    duties.sweeper.sweep()
    observer = Observer(duties.files, is_hidden=lambda _name: False, now_ns=much_later)  # everything is quiet by now
    for home in duties.homes():
        observer.scan(home)
    coverer = Coverer(duties.files, limit_bytes=1 << 20, now_ns=much_later)
    while coverer.cover_some():
        pass


def restore(data: Path) -> None:
    rooms = opened(data, days=2)
    rooms.restore(then_of(rooms))


def rewind(data: Path) -> None:
    rooms = opened(data, days=2)
    rooms.apply(rooms.planner.rewind(PHONE, then_of(rooms)), "rewind")


def then_of(rooms: Rooms) -> int:
    """The state before everything was spoilt: the last row of the first day."""
    row = rooms.reading.execute("SELECT min(at) FROM version").fetchone()
    found = rooms.reading.execute("SELECT max(seq) FROM version WHERE at < ?", (row[0] + 3_600_000_000,)).fetchone()
    return int(found[0])


def aged(data: Path) -> None:
    rooms = opened(data)
    for number in range(12):
        rooms.clock.turn(timedelta(hours=1))
        rooms.put(f"{FILES}/diary.txt", b"day %d " % number * 20_000)
    rooms.close()


def prune(data: Path) -> None:
    rooms = opened(data, days=500)
    services = rooms.house.services
    Pruner(services.ledger, chosen_policy(services.settings, services.household.time_zone)).prune()


def first_schema(data: Path) -> None:
    migrations.migrate(data / DATABASE_NAME, until=migrations.STEPS[0])


def migrate(data: Path) -> None:
    migrations.migrate(data / DATABASE_NAME)


# --- what holds -------------------------------------------------------------------------------------


def sound(rooms: Rooms) -> None:
    """The derived tables are what the ledger says, and every content that a row claims is there, to the byte."""
    rooms.require_sound()
    rows = rooms.reading.execute("SELECT id, digest, place FROM content WHERE place <> 'none'").fetchall()
    for row in rows:
        try:
            octets = rooms.house.bodies.whole(rooms.reading, row["id"])
        except errors.ContentMissing:
            assert row["place"] == "live", row["place"]
            continue  # the name of it is only in the past; whoever removed it took it in first
        assert digest_of(octets) == row["digest"]
    needed = rooms.reading.execute(
        "SELECT m.name FROM member m LEFT JOIN content c ON c.id = m.content_id"
        " WHERE m.content_id IS NOT NULL AND (c.id IS NULL OR c.place = 'none')"
    ).fetchall()
    assert needed == []


def either(before: State, after: State, rooms: Rooms) -> None:
    state = rooms.state()
    for path in before.keys() | after.keys():
        assert state.get(path, b"gone") in (before.get(path, b"gone"), after.get(path, b"gone")), path


def holds_after_put(data: Path) -> None:
    rooms = opened(data, days=3)
    look(rooms)
    sound(rooms)
    state = rooms.state()
    assert state[f"{FILES}/photo.jpg"] in (LARGE, b"new" * 30_000)
    assert state[f"{BOOK}/x.vcf"] in (card("x", tel="1", note="was"), card("x", tel="9"))
    assert octets_of_every_version(rooms) >= {digest_of(LARGE), digest_of(LARGE + b"2")}
    rooms.close()


def octets_of_every_version(rooms: Rooms) -> set[bytes]:
    """Digests of the bodies that can be brought back."""
    found = set()
    for row in rooms.reading.execute("SELECT DISTINCT content_id FROM version WHERE content_id IS NOT NULL").fetchall():
        kept = content.row_of(rooms.reading, row["content_id"])
        assert kept is not None
        if kept.place != "none":
            found.add(digest_of(rooms.house.bodies.whole(rooms.reading, kept.id)))
    return found


def holds_after_observe(data: Path) -> None:
    rooms = opened(data, days=3)
    look(rooms)
    sound(rooms)
    journey = rooms.at(f"{FILES}/journey/day/one.txt")
    assert member_of(rooms.reading, journey.resource_id) == journey
    count = rooms.reading.execute("SELECT count(*) FROM version WHERE name = 'photo.jpg'").fetchone()[0]
    assert count == 2, "one version for one change"
    seq = queries.newest_seq(rooms.reading)
    look(rooms)
    assert queries.newest_seq(rooms.reading) == seq, "a second look finds nothing new"
    rooms.close()


def holds_after_restore(data: Path) -> None:
    rooms = opened(data, days=3)
    look(rooms)
    sound(rooms)
    for batch in batches.unfinished(rooms.reading):
        receipt = rooms.resume(batch.id)
        assert receipt.stopped is None
    receipt = rooms.restore(then_of(rooms))  # not begun, or begun: "press again" ends at the same state
    assert receipt.refused == ()
    state = rooms.state()
    assert state[f"{FILES}/photo.jpg"] == LARGE
    assert state[f"{FILES}/trip/two.jpg"] == LARGE + b"2"
    assert state[f"{FILES}/old.txt"] == b"old"
    assert f"{FILES}/ransom.txt" not in state
    assert state[f"{BOOK}/x.vcf"] == card("x", tel="1", note="was")
    sound(rooms)
    rooms.close()


def holds_after_prune(data: Path) -> None:
    rooms = opened(data, days=501)
    look(rooms)
    sound(rooms)
    assert rooms.state()[f"{FILES}/diary.txt"] == b"day 11 " * 20_000
    services = rooms.house.services
    Pruner(services.ledger, chosen_policy(services.settings, services.household.time_zone)).prune()
    left = rooms.reading.execute("SELECT count(*) FROM content WHERE place <> 'none' AND size > 100000").fetchone()[0]
    assert left == 1
    sound(rooms)
    rooms.close()


def holds_after_migration(data: Path) -> None:
    migrations.migrate(data / DATABASE_NAME)
    migrations.migrate(data.with_name(f"{data.name} fresh.db"))
    assert schema(data / DATABASE_NAME) == schema(data.with_name(f"{data.name} fresh.db"))
    data.with_name(f"{data.name} fresh.db").unlink()
    rooms = opened(data)
    rooms.put(f"{FILES}/a.txt", b"it works")
    rooms.close()


def schema(path: Path) -> list[tuple[str, str]]:
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name").fetchall()
    connection.close()
    return rows


ACTS = {
    "put": Cuttable(living, put, holds_after_put),
    "observe": Cuttable(written_behind, observe, holds_after_observe),
    "restore": Cuttable(spoilt, restore, holds_after_restore),
    "rewind": Cuttable(spoilt, rewind, holds_after_restore),
    "prune": Cuttable(aged, prune, holds_after_prune),
    "migration": Cuttable(first_schema, migrate, holds_after_migration),
}
