"""What was seen of a device, as notes and as rows: the notes add up in memory, the rows are read by the pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from appliance.clock import MICROSECOND, from_micros, to_micros
from appliance.store.database import Reading, Row, Writing

Reason = Literal["password", "user", "shut out"]
"""Why somebody was not let in: a wrong password, a device's password with another's name, or a device shut out."""

LONGEST_AGENT = 200
LONGEST_ADDRESS = 64
MOST_NETWORKS = 16  # of one person: from where they were last
FORGOTTEN_AFTER = timedelta(days=1)  # knocks of a new day are counted from one


@dataclass(frozen=True, slots=True)
class Seen:
    """A device was there. `ahead_seconds`: how far its clock was ahead; None: it did not tell."""

    first_at: datetime
    at: datetime
    address: str
    agent: str
    ahead_seconds: int | None

    def and_then(self, later: Seen) -> Seen:
        """Return both as one note."""
        ahead = self.ahead_seconds if later.ahead_seconds is None else later.ahead_seconds
        return replace(later, first_at=self.first_at, ahead_seconds=ahead)


@dataclass(frozen=True, slots=True)
class Told:
    """What a device was told of one collection: the seq of its newest token, how many members it fetched."""

    first_at: datetime
    at: datetime
    seq: int | None
    fetched: int
    fetched_first_at: datetime | None

    def and_then(self, later: Told) -> Told:
        """Return both as one note."""
        seq = self.seq if later.seq is None else later.seq
        first = self.fetched_first_at or later.fetched_first_at
        return Told(self.first_at, later.at, seq, self.fetched + later.fetched, first)


@dataclass(frozen=True, slots=True)
class Knock:
    """Somebody was not let in. `device_id`: whose password was nearly or wholly right; None: nobody's."""

    first_at: datetime
    at: datetime
    times: int
    address: str
    agent: str
    reason: Reason
    device_id: int | None

    def and_then(self, later: Knock) -> Knock:
        """Return both as one note."""
        return replace(later, first_at=self.first_at, times=self.times + later.times)


def write_seen(writing: Writing, notes: Mapping[int, Seen]) -> None:
    """Write when devices were seen."""
    writing.executemany(
        "UPDATE device SET first_seen_at = coalesce(first_seen_at, ?), last_seen_at = ?, last_address = ?,"
        " last_agent = ?, clock_seconds = coalesce(?, clock_seconds) WHERE id = ?",
        [
            (to_micros(note.first_at), to_micros(note.at), note.address, note.agent, note.ahead_seconds, device_id)
            for device_id, note in notes.items()
        ],
    )


def write_told(writing: Writing, notes: Mapping[tuple[int, int], Told]) -> None:
    """Write what phones were told; the pages and the command line are told nothing that they keep."""
    writing.executemany(
        "INSERT INTO synced (device_id, collection_id, first_at, last_at, seq, fetched, fetched_first_at)"
        " SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 FROM device WHERE id = ?1 AND kind = 'phone'"
        " ON CONFLICT (device_id, collection_id) DO UPDATE SET last_at = excluded.last_at,"
        " seq = coalesce(excluded.seq, seq), fetched = fetched + excluded.fetched,"
        " fetched_first_at = coalesce(fetched_first_at, excluded.fetched_first_at)",
        [
            (
                device_id, collection_id, to_micros(note.first_at), to_micros(note.at), note.seq, note.fetched,
                None if note.fetched_first_at is None else to_micros(note.fetched_first_at),
            )
            for (device_id, collection_id), note in notes.items()
        ],
    )  # fmt: skip


def write_knocks(writing: Writing, notes: Mapping[tuple[str, str], Knock]) -> None:
    """Write who was not let in with a member's name, from the newest few networks of each."""
    writing.executemany(
        "INSERT INTO knock (person_id, network, device_id, reason, first_at, last_at, times, agent)"
        " SELECT id, ?2, ?3, ?4, ?5, ?6, ?7, ?8 FROM person WHERE name = ?1 AND household = 0"
        " ON CONFLICT (person_id, network) DO UPDATE SET device_id = excluded.device_id, reason = excluded.reason,"
        " first_at = iif(excluded.first_at - last_at > ?9, excluded.first_at, first_at),"
        " times = excluded.times + iif(excluded.first_at - last_at > ?9, 0, times),"
        " last_at = excluded.last_at, agent = excluded.agent",
        [
            (
                account, network, knock.device_id, knock.reason, to_micros(knock.first_at), to_micros(knock.at),
                knock.times, knock.agent, FORGOTTEN_AFTER // MICROSECOND,
            )
            for (account, network), knock in notes.items()
        ],
    )  # fmt: skip
    if notes:
        writing.execute(
            "DELETE FROM knock WHERE (person_id, network) NOT IN (SELECT person_id, network FROM"
            " (SELECT person_id, network, row_number() OVER (PARTITION BY person_id ORDER BY last_at DESC) AS place"
            " FROM knock) WHERE place <= ?)",
            (MOST_NETWORKS,),
        )


def knocks(reading: Reading, *, device_id: int) -> list[Knock]:
    """Return who was not let in with this device's password, or nearly, the newest first."""
    rows = reading.execute(
        "SELECT network, device_id, reason, first_at, last_at, times, agent FROM knock WHERE device_id = ?"
        " ORDER BY last_at DESC",
        (device_id,),
    ).fetchall()
    return [_knock(row) for row in rows]


def knocks_at(reading: Reading, person_id: int) -> list[Knock]:
    """Return who was not let in with a person's name, the newest first."""
    rows = reading.execute(
        "SELECT network, device_id, reason, first_at, last_at, times, agent FROM knock WHERE person_id = ?"
        " ORDER BY last_at DESC",
        (person_id,),
    ).fetchall()
    return [_knock(row) for row in rows]


def _knock(row: Row) -> Knock:
    return Knock(
        first_at=from_micros(row["first_at"]),
        at=from_micros(row["last_at"]),
        times=row["times"],
        address=row["network"],
        agent=row["agent"],
        reason=row["reason"],
        device_id=row["device_id"],
    )


def printable(text: str, longest: int) -> str:
    """Return a stranger's text as a terminal and a page may show it."""
    return "".join(sign if sign.isprintable() else " " for sign in text[:longest]).strip()
