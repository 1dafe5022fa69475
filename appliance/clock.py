"""The time, handed in and never taken: tests turn it, a Pi without a battery gets it wrong.

Everywhere else a moment is an aware UTC `datetime` whose name ends in `_at`; in the ledger it is an
integer of microseconds since 1970, UTC. The two conversions below are the only ones.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
SOFTWARE_AT = datetime(2026, 11, 1, tzinfo=UTC)  # this software was written later: no clock before it is right


class Clock(Protocol):
    """Where the time comes from."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return what the machine says."""
        return datetime.now(UTC)


def to_micros(moment: datetime) -> int:
    """Return `moment` as microseconds since 1970 UTC, exactly."""
    return (moment - EPOCH) // MICROSECOND


def from_micros(micros: int) -> datetime:
    """Return the aware UTC moment of `micros` microseconds since 1970."""
    return EPOCH + timedelta(microseconds=micros)
