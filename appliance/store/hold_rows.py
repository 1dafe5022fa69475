"""The rows of holds: what showed that this box was set back, for whom it counts, and what was decided.

A hold is written before anybody is answered because of it. What is forgeable is bounded for each device, and what a
phone shows every quarter of an hour is written once an hour. What follows from the rows is decided in `holds.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

from appliance.store.database import Reading, Writing
from appliance.store.epochs import Lost
from appliance.store.holds import WITNESS, Decision, Hold, Holds, Kind, Ruling, Sign, Verdict
from appliance.store.ledger import Ledger

DOUBTS_A_DEVICE = 100  # more of them are answered alike, but not written: a forger must not fill the disk
SIGNS_A_DEVICE = 300
AGAIN_MICROS = 3_600_000_000

_HOLDS = "SELECT id, device_id, collection_id, address, since_at, common_seq, newest_device FROM hold"
_DECISIONS = "SELECT hold_id, device_id, collection_id, choice, at, seq FROM decision"
_OPEN = (  # the proven hold that waits for its owner, as a whole or for what was not released yet
    "SELECT id FROM hold h WHERE h.device_id IS NULL AND NOT EXISTS (SELECT 1 FROM decision d"
    " WHERE d.hold_id = h.id AND d.device_id IS NULL AND d.collection_id IS NULL) ORDER BY id DESC"
)
_SIGNS = "SELECT hold_id, device_id, address, epoch, kind, seq, home_id, first_at, last_at FROM sign"


def concerning(reading: Reading | Writing, device_id: int) -> Holds:
    """Return the holds of the box and of one device: one look at a small table for almost everybody."""
    rows = reading.execute(
        f"{_HOLDS} WHERE device_id IS NULL OR device_id = ? ORDER BY id DESC",
        (device_id,),
    ).fetchall()
    if not rows:
        return Holds(device_id, (), ())
    decisions = reading.execute(f"{_DECISIONS} ORDER BY id DESC").fetchall()
    return Holds(device_id, tuple(Hold(*row) for row in rows), tuple(Decision(*row) for row in decisions))


def every_hold(reading: Reading | Writing) -> list[Hold]:
    """Return all holds, of all devices, the newest first."""
    return [Hold(*row) for row in reading.execute(f"{_HOLDS} ORDER BY id DESC").fetchall()]


def decisions(reading: Reading | Writing) -> list[Decision]:
    """Return all decisions, the newest first."""
    return [Decision(*row) for row in reading.execute(f"{_DECISIONS} ORDER BY id DESC").fetchall()]


def box_is_held(reading: Reading | Writing) -> bool:
    """Return whether a proven hold waits for its owner, as a whole or for what was not released yet."""
    return reading.execute(_OPEN).fetchone() is not None


def covering(reading: Reading | Writing, end_seq: int) -> int | None:
    """Return the proven hold that speaks of an epoch which ended at `end_seq`, decided or not."""
    row = reading.execute(
        "SELECT id FROM hold WHERE device_id IS NULL AND common_seq >= ? ORDER BY id DESC", (end_seq,)
    ).fetchone()
    return None if row is None else int(row["id"])


def signs(reading: Reading | Writing) -> list[Sign]:
    """Return all signs, the newest first."""
    rows = reading.execute(f"{_SIGNS} ORDER BY last_at DESC, hold_id, device_id, address").fetchall()
    return [Sign(*row) for row in rows]


def was_signed(reading: Reading | Writing, hold: Hold, epoch: str) -> bool:
    """Return whether anybody showed this epoch while the hold was known."""
    row = reading.execute("SELECT 1 FROM sign WHERE hold_id = ? AND epoch = ? LIMIT 1", (hold.id, epoch)).fetchone()
    return row is not None


def mark_is_known(reading: Reading | Writing, lost: Lost) -> bool:
    """Return whether the witness's word about a lost state was heard before, decided on or not."""
    row = reading.execute(
        "SELECT 1 FROM sign WHERE device_id = ? AND epoch = ? AND seq >= ? LIMIT 1", (WITNESS, lost.epoch, lost.seq)
    ).fetchone()
    return row is not None


def was_ever_named(reading: Reading | Writing, collection_id: int, name: str) -> bool:
    """Return whether anything ever had this name in a collection."""
    row = reading.execute(
        "SELECT 1 FROM version WHERE collection_id = ? AND name = ? LIMIT 1", (collection_id, name)
    ).fetchone()
    return row is not None


def device_of(reading: Reading | Writing, seq: int) -> int | None:
    """Return the device that wrote a row, None for the disk itself."""
    device_id: int | None = reading.execute("SELECT device_id FROM version WHERE seq = ?", (seq,)).fetchone()[0]
    return device_id


def born_after(reading: Reading | Writing, resource_id: int, seq: int) -> bool:
    """Return whether the first row of a resource came after `seq`."""
    row = reading.execute("SELECT 1 FROM version WHERE resource_id = ? AND seq <= ? LIMIT 1", (resource_id, seq))
    return row.fetchone() is None


# --- writing ----------------------------------------------------------------------------------------


def begin(writing: Writing, common_seq: int, *, address: str, at: int) -> int:
    """Begin a proven hold and return its id; one that waits already takes this in, and reaches as far."""
    row = writing.execute(_OPEN).fetchone()
    if row is not None:
        writing.execute("UPDATE hold SET common_seq = max(common_seq, ?) WHERE id = ?", (common_seq, row["id"]))
        return int(row["id"])
    return _insert(writing, None, None, address, at, common_seq)


def doubt(writing: Writing, device_id: int, collection_id: int | None, address: str, *, at: int) -> int | None:
    """Begin a doubt and return its id; None, and no row, for a device that has raised too many."""
    count = writing.execute("SELECT count(*) FROM hold WHERE device_id = ?", (device_id,)).fetchone()[0]
    return None if count >= DOUBTS_A_DEVICE else _insert(writing, device_id, collection_id, address, at, 0)


def _insert(
    writing: Writing, device_id: int | None, collection_id: int | None, address: str, at: int, common_seq: int
) -> int:  # fmt: skip
    cursor = writing.execute(
        "INSERT INTO hold (device_id, collection_id, address, since_at, common_seq, newest_device)"
        " VALUES (?, ?, ?, ?, ?, (SELECT coalesce(max(id), 0) FROM device))",
        (device_id, collection_id, address, at, common_seq),
    )
    return int(cursor.lastrowid or 0)


def is_written(reading: Reading | Writing, sign: Sign) -> bool:
    """Return whether a sign like this was written within the last hour."""
    row = reading.execute(
        "SELECT 1 FROM sign WHERE hold_id = ? AND device_id = ? AND address = ? AND epoch = ? AND kind = ?"
        " AND last_at > ? AND last_at <= ?",
        (sign.hold_id, sign.device_id, sign.address, sign.epoch, sign.kind, sign.last_at - AGAIN_MICROS, sign.last_at),
    ).fetchone()
    return row is not None


def record(writing: Writing, sign: Sign) -> None:
    """Write a sign down, or that it was seen again; nothing for a device that has shown very many."""
    count = writing.execute(
        "SELECT count(*) FROM sign WHERE hold_id = ? AND device_id = ?", (sign.hold_id, sign.device_id)
    ).fetchone()[0]
    if count >= SIGNS_A_DEVICE:
        return
    writing.execute(
        "INSERT INTO sign (hold_id, device_id, address, epoch, kind, seq, home_id, first_at, last_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (hold_id, device_id, address, epoch, kind)"
        " DO UPDATE SET seq = max(seq, excluded.seq), last_at = excluded.last_at",
        (
            sign.hold_id, sign.device_id, sign.address, sign.epoch, sign.kind, sign.seq, sign.home_id,
            sign.first_at, sign.last_at,
        ),
    )  # fmt: skip


def decide(writing: Writing, decided: Decision) -> None:
    """Write down what the owner decided."""
    writing.execute(
        "INSERT INTO decision (hold_id, device_id, collection_id, choice, at, seq) VALUES (?, ?, ?, ?, ?, ?)",
        (
            decided.hold_id, decided.device_id, decided.collection_id, decided.choice, decided.at, decided.seq,
        ),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """A lost state, and where a device showed it. `collection_id` None: in a collection that is not here."""

    lost: Lost
    kind: Kind
    device_id: int
    collection_id: int | None
    address: str


def notice(ledger: Ledger, shown: Shown) -> Ruling:
    """Judge a lost state again within a write, begin the hold or the doubt that it is new proof of, and note the sign.

    What is open is noted once an hour. The ruling is never NEW; a doubt that was not written has id 0.
    """
    at, device_id = ledger.now_micros(), shown.device_id
    with ledger.database.write() as writing:
        ruling = rule(writing, concerning(writing, device_id), shown)
        if ruling.verdict is Verdict.NEW:
            ruling = Ruling(Verdict.HELD, _begun(writing, shown, at))
        if ruling.verdict is Verdict.HELD and ruling.hold is not None and ruling.hold.id:
            record(writing, _sign_of(shown, ruling.hold.id, at))
    return ruling


def rule(reading: Reading | Writing, holds: Holds, shown: Shown) -> Ruling:
    """Return what is done about a lost state, as the rows say it now."""
    return holds.judge(
        shown.lost, shown.collection_id, was_signed=lambda hold, epoch: was_signed(reading, hold, epoch)
    )  # fmt: skip


def is_noted(reading: Reading | Writing, shown: Shown, hold: Hold, at: int) -> bool:
    """Return whether what a device shows was noted within the last hour."""
    return is_written(reading, _sign_of(shown, hold.id, at))


def _begun(writing: Writing, shown: Shown, at: int) -> Hold:
    common_seq = shown.lost.end_seq
    if common_seq is not None:
        hold_id: int | None = begin(writing, common_seq, address=shown.address, at=at)
        return Hold(hold_id or 0, None, None, shown.address, at, common_seq, 0)
    hold_id = doubt(writing, shown.device_id, shown.collection_id, shown.address, at=at)
    return Hold(hold_id or 0, shown.device_id, shown.collection_id, shown.address, at, 0, 0)


def _sign_of(shown: Shown, hold_id: int, at: int) -> Sign:
    return Sign(hold_id, shown.device_id, shown.address, shown.lost.epoch, shown.kind, shown.lost.seq, None, at, at)
