"""What former states take and when they leave: counted in slices by whoever walks the ledger, asked by the pages.

A page reads a few rows; only a count reads everything. A count that is cut off leaves the totals of the one before,
with their date, and departures that are each true: when a content leaves depends on nothing but itself. Sizes are those
of the octets; on the disk it is less, where what is alike lies once or is packed. What is kept by hand is taken out of
the forecast when it is asked, so that saying keep shows at once. It refuses to decide when anything leaves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from appliance.store.database import Database, Reading, Writing
from appliance.store.thinning import NEVER, Needs

FORMER, OBJECTS, COPIES, LATER = "file", "object", "copy", "later"
NOBODY = 0
_COUNTED = "counted_at"


@dataclass(frozen=True, slots=True)
class Amount:
    """How many states, and their octets."""

    states: int = 0
    size_bytes: int = 0

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.states + other.states, self.size_bytes + other.size_bytes)


@dataclass(frozen=True, slots=True)
class Leaving:
    """What of one person leaves on a day."""

    day: date
    person_id: int
    amount: Amount


class _Departure(NamedTuple):
    seq: int
    person_id: int
    day: str
    size: int


class Count:
    """One count over all contents. `needs` says until when each is needed, `day_of` on which day such a moment lies."""

    def __init__(self, database: Database, needs: Needs, *, until: int, day_of: Callable[[int], date]) -> None:
        self._database = database
        self._needs = needs
        self._until = until  # what leaves later is only summed up
        self._day_of = day_of
        self._after = 0
        self._owners: dict[int, int] = {}
        self._states: Counter[tuple[int, str]] = Counter()
        self._bytes: Counter[tuple[int, str]] = Counter()

    def step(self, contents: int) -> bool:
        """Count the next contents; False: that were all."""
        reading = self._database.connection()
        rows = reading.execute(
            "SELECT c.id, c.size, c.place, EXISTS (SELECT 1 FROM member m WHERE m.content_id = c.id) AS is_here"
            " FROM content c WHERE c.id > ? ORDER BY c.id LIMIT ?",
            (self._after, contents),
        ).fetchall()
        wanted: dict[int, _Departure] = {}
        for content_id, size, place, is_here in rows:
            if place != "none":
                self._add(wanted, content_id, size, is_copied=place == "chunks", is_here=bool(is_here))
        last = rows[-1]["id"] if len(rows) == contents else None
        self._record(wanted, last)
        self._after = last or self._after
        return last is not None

    def finish(self, at: int) -> None:
        """Put the totals in the place of those before; `at` is when they were true."""
        with self._database.write() as writing:
            writing.execute("DELETE FROM footprint")
            writing.executemany(
                "INSERT INTO footprint (person_id, kind, states, size_bytes) VALUES (?, ?, ?, ?)",
                [(*key, states, self._bytes[key]) for key, states in sorted(self._states.items())],
            )
            writing.execute(
                "INSERT INTO setting (name, value) VALUES (?, ?)"
                " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (_COUNTED, str(at)),
            )

    def _add(
        self, wanted: dict[int, _Departure], content_id: int, size: int, *, is_copied: bool, is_here: bool
    ) -> None:
        moment, seq = self._needs.of(content_id)
        if not seq or (is_here and not is_copied):
            return  # what was refused is no state, and what is here now is no former one
        whose, is_file = self._whose(seq)
        self._sum(whose, COPIES if is_here else FORMER if is_file else OBJECTS, size)
        if is_here or not 0 < moment < NEVER:
            return
        if moment > self._until:
            self._sum(whose, LATER, size)
        else:
            wanted[content_id] = _Departure(seq, whose, self._day_of(moment).isoformat(), size)

    def _sum(self, person_id: int, kind: str, size: int) -> None:
        self._states[person_id, kind] += 1
        self._bytes[person_id, kind] += size

    def _whose(self, seq: int) -> tuple[int, bool]:
        reading = self._database.connection()
        row = reading.execute(
            "SELECT v.collection_id, r.kind FROM version v JOIN resource r ON r.id = v.resource_id WHERE v.seq = ?",
            (seq,),
        ).fetchone()
        collection_id = row["collection_id"]
        if collection_id not in self._owners:
            self._owners[collection_id] = _owner(reading, collection_id)
        return self._owners[collection_id], row["kind"] == "file"

    def _record(self, wanted: Mapping[int, _Departure], last: int | None) -> None:
        """Bring the departures of this slice up to date; nothing is written where they are."""
        reading = self._database.connection()
        span = (self._after, NEVER if last is None else last)
        stored = {
            row[0]: _Departure(*row[1:])
            for row in map(
                tuple,
                reading.execute(
                    "SELECT content_id, seq, person_id, day, size FROM departure"
                    " WHERE content_id > ? AND content_id <= ?",
                    span,
                ),
            )
        }
        gone = [(content_id,) for content_id in stored if content_id not in wanted]
        new = [(id_, *each) for id_, each in wanted.items() if stored.get(id_) != each]
        if gone or new:
            with self._database.write() as writing:
                _replace(writing, gone, new)


def _replace(writing: Writing, gone: list[tuple[int]], new: list[tuple[int, int, int, str, int]]) -> None:
    writing.executemany("DELETE FROM departure WHERE content_id = ?", gone)
    writing.executemany(
        "INSERT OR REPLACE INTO departure (content_id, seq, person_id, day, size) VALUES (?, ?, ?, ?, ?)", new
    )


def _owner(reading: Reading, collection_id: int) -> int:
    """Return whose a collection is, or was; one that nobody knew when it came belongs to where it lay."""
    current: int | None = collection_id
    while current is not None:
        row = reading.execute(
            "SELECT c.owner_id, r.collection_id FROM collection c JOIN resource r ON r.id = c.id WHERE c.id = ?",
            (current,),
        ).fetchone()
        if row is None:
            return NOBODY
        if row["owner_id"] is not None:
            return int(row["owner_id"])
        current = row["collection_id"]
    return NOBODY


# --- asked by pages -----------------------------------------------------------------------------------


def counted_at(reading: Reading) -> int | None:
    """Return when everything was counted last, microseconds since 1970; None: never."""
    row = reading.execute("SELECT value FROM setting WHERE name = ?", (_COUNTED,)).fetchone()
    return None if row is None else int(row["value"])


def amounts(reading: Reading) -> dict[tuple[int, str], Amount]:
    """Return what was counted, by person and kind."""
    rows = reading.execute("SELECT person_id, kind, states, size_bytes FROM footprint").fetchall()
    return {(row["person_id"], row["kind"]): Amount(row["states"], row["size_bytes"]) for row in rows}


def forecast(reading: Reading) -> list[Leaving]:
    """Return what leaves within the forecast, the next day first, without what somebody keeps."""
    rows = reading.execute(
        "SELECT day, person_id, count(*), sum(size) FROM departure d"
        " WHERE NOT EXISTS (SELECT 1 FROM kept k WHERE k.seq = d.seq) GROUP BY day, person_id ORDER BY day, person_id"
    ).fetchall()
    return [Leaving(date.fromisoformat(row[0]), row[1], Amount(row[2], row[3])) for row in rows]


def leaving_between(reading: Reading, first: date, last: date, person_id: int) -> list[int]:
    """Return the versions of one person that leave from one day to another, by seq; both days are meant as well."""
    rows = reading.execute(
        "SELECT seq FROM departure WHERE day BETWEEN ? AND ? AND person_id = ?",
        (first.isoformat(), last.isoformat(), person_id),
    )
    return [row["seq"] for row in rows.fetchall()]
