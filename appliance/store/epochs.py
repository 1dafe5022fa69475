"""Epochs: which stretch of history a sequence number belongs to; ETags and sync tokens that say so.

A database that is set back to an older copy goes on counting, and soon its numbers look like those of the lost
history. So the first write after every start opens an epoch with a random name, and every ETag and token carries
the name of the epoch that wrote it: what a lost history wrote never looks like ours (ledger 4, protocol A1).
"""

from __future__ import annotations

import re
import secrets
from bisect import bisect_right
from dataclasses import dataclass
from enum import StrEnum

from appliance.store.database import Reading, Writing

LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
TOKEN_PREFIX = "urn:gotgan:sync:"  # noqa: S105 - not a password
_TOKEN = re.compile(r"urn:gotgan:sync:([0-9]{1,18}):([a-z2-7]{8})-([0-9]{1,18})")
_ETAG = re.compile(r'(?<!W/)"([a-z2-7]{8})-([0-9]{1,18})"')


@dataclass(frozen=True, slots=True)
class Epoch:
    """One monotone stretch. `last_seq` is None while it is open."""

    id: str
    first_seq: int
    last_seq: int | None


@dataclass(frozen=True, slots=True)
class Lost:
    """A state that this database never had. `end_seq` is where its epoch ended here; None: the epoch is unknown."""

    epoch: str
    seq: int
    end_seq: int | None


class Epochs:
    """All epochs of one snapshot of the database, oldest first."""

    def __init__(self, rows: list[Epoch]) -> None:
        self._rows = rows
        self._firsts = [row.first_seq for row in rows]
        self._openings = [f'"{row.id}-' for row in rows]
        self._by_id = {row.id: row for row in rows}

    @property
    def open(self) -> Epoch | None:
        """The epoch that is being written, None before the very first write."""
        return self._rows[-1] if self._rows else None

    def of(self, seq: int) -> str:
        """Return the name of the epoch that wrote `seq`."""
        return self._rows[bisect_right(self._firsts, seq) - 1].id

    def etag(self, body_seq: int) -> str:
        """Return the quoted ETag of a body written at `body_seq`."""
        return f'{self._openings[bisect_right(self._firsts, body_seq) - 1]}{body_seq}"'

    def token(self, collection_id: int, seq: int) -> str:
        """Return the sync token, which is the ctag as well; the same at every restart."""
        return f"{TOKEN_PREFIX}{collection_id}:{self.of(seq)}-{seq}"

    @property
    def household(self) -> str | None:
        """The name of the very first epoch, which every copy of this database has; None before the first write."""
        return self._rows[0].id if self._rows else None

    def named(self, epoch_id: str) -> Epoch | None:
        """Return the epoch with this name, None if this database never had it."""
        return self._by_id.get(epoch_id)

    def lost(self, epoch_id: str, seq: int, *, newest_seq: int) -> Lost | None:
        """Return the state as one that this database never had, None when it may have; `newest_seq` is its last."""
        epoch = self._by_id.get(epoch_id)
        if epoch is None:
            return Lost(epoch_id, seq, None)
        end_seq = newest_seq if epoch.last_seq is None else epoch.last_seq
        return Lost(epoch_id, seq, end_seq) if seq > end_seq else None


class EpochCache:
    """The epochs, read again only when another one is open than at the last look."""

    def __init__(self) -> None:
        self._cached = Epochs([])

    def of_snapshot(self, reading: Reading | Writing) -> Epochs:
        """Return the epochs as this snapshot has them: one look at a unique index when nothing changed."""
        row = reading.execute("SELECT id FROM epoch WHERE last_seq IS NULL").fetchone()
        cached = self._cached
        known = cached.open
        if row is None or known is None or known.id != row[0]:
            cached = self._cached = read(reading)
        return cached


def read(reading: Reading | Writing) -> Epochs:
    """Read all epochs."""
    rows = reading.execute("SELECT id, first_seq, last_seq FROM epoch ORDER BY first_seq, rowid").fetchall()
    return Epochs([Epoch(*row) for row in rows])


def open_epoch(writing: Writing, *, first_seq: int, opened_at: int, reason: str) -> str:
    """Close the open epoch where the ledger ends, open a new one and return its name.

    `reason` is new, start, clock, restored or released.
    """
    epoch_id = "".join(secrets.choice(LETTERS) for _ in range(8))
    writing.execute("UPDATE epoch SET last_seq = ? WHERE last_seq IS NULL", (first_seq - 1,))
    writing.execute(
        "INSERT INTO epoch (id, first_seq, last_seq, opened_at, reason) VALUES (?, ?, NULL, ?, ?)",
        (epoch_id, first_seq, opened_at, reason),
    )
    return epoch_id


class Verdict(StrEnum):
    """What a sync token or an ETag is worth (protocol A1)."""

    INITIAL = "initial"
    VALID = "valid"
    GARBAGE = "garbage"
    SET_BACK = "set back"  # a known epoch never wrote this far here: the box was set back
    UNPROVEN = "unproven"  # an epoch that this database never had: 503 for this device and collection only


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict and, when the token can be read, the number and the collection that it names.

    `lost` is what SET_BACK and UNPROVEN speak of.
    """

    verdict: Verdict
    seq: int = 0
    collection_id: int | None = None
    lost: Lost | None = None


def judge_token(token: str, epochs: Epochs, *, collection_id: int, newest_seq: int) -> Judged:
    """Judge a token presented at `collection_id` in the order of protocol A1; `newest_seq` is the ledger's last.

    A number beyond what its epoch wrote is evidence before anything else is looked at, also with another
    collection's id: a collection made after the backup would otherwise look merely unknown. An epoch's
    number that was never issued *below* its first is garbage.
    """
    if not token.strip():
        return Judged(Verdict.INITIAL)
    match = _TOKEN.fullmatch(token.strip())
    if match is None:
        return Judged(Verdict.GARBAGE)
    named_id, seq = int(match[1]), int(match[3])
    lost = epochs.lost(match[2], seq, newest_seq=newest_seq)
    if lost is not None:
        return Judged(_verdict_on(lost), seq, named_id, lost)
    epoch = epochs.named(match[2])
    if epoch is None or seq < epoch.first_seq or named_id != collection_id:
        return Judged(Verdict.GARBAGE, seq, named_id)
    return Judged(Verdict.VALID, seq, named_id)


def judge_etag(etag: str, epochs: Epochs, *, newest_seq: int) -> Judged:
    """Judge an ETag of a condition: SET_BACK or UNPROVEN are evidence, anything else is compared as a string."""
    match = _ETAG.fullmatch(etag)
    if match is None:
        return Judged(Verdict.GARBAGE)
    lost = epochs.lost(match[1], int(match[2]), newest_seq=newest_seq)
    if lost is not None:
        return Judged(_verdict_on(lost), lost.seq, None, lost)
    return Judged(Verdict.VALID, int(match[2]))


def _verdict_on(lost: Lost) -> Verdict:
    return Verdict.UNPROVEN if lost.end_seq is None else Verdict.SET_BACK


def etags_in(header: str | None) -> list[str]:
    """Return the ETags of our objects' form that a conditional header names, quoted as they are compared."""
    return [match[0] for match in _ETAG.finditer(header)] if header is not None and "-" in header else []


def tokens_in(header: str | None) -> list[str]:
    """Return the sync tokens of our form that an `If` header names (RFC 6578 5)."""
    return [match[0] for match in _TOKEN.finditer(header)] if header is not None and TOKEN_PREFIX in header else []
