"""Which state a moment names: from a time to a sequence number and back (ledger Q14).

The time of rows is monotone only within an epoch, because a box without a clock of its own steps back at times. So
the newest epoch that was open by then is looked up first, and the last row of it up to the moment by halving. An index
on the time would answer wrongly.
"""

from __future__ import annotations

from datetime import datetime

from appliance import errors
from appliance.clock import to_micros
from appliance.store import queries
from appliance.store.database import Reading


def seq_at(reading: Reading, moment: datetime, *, now: datetime) -> int:
    """Return the number of the last row written up to `moment`; NotFound in the future and before the first row."""
    if moment > now:
        raise errors.NotFound("That moment has not come yet.")
    at = to_micros(moment)
    epoch = reading.execute(
        "SELECT first_seq, last_seq FROM epoch WHERE opened_at <= ? ORDER BY first_seq DESC, rowid DESC LIMIT 1", (at,)
    ).fetchone()
    if epoch is None:
        raise errors.NotFound("That moment lies before everything that is kept here.")
    last = epoch["last_seq"] if epoch["last_seq"] is not None else queries.newest_seq(reading)
    found = _last_until(reading, at, epoch["first_seq"], last)
    if found == 0:
        raise errors.NotFound("That moment lies before everything that is kept here.")
    return found


def _last_until(reading: Reading, at: int, first: int, last: int) -> int:
    """Return the last seq of first..last whose time is not after `at`; the one before `first` when there is none."""
    low, high = first - 1, last
    while low < high:
        middle = (low + high + 1) // 2
        row = reading.execute("SELECT at FROM version WHERE seq = ?", (middle,)).fetchone()
        if row is None or row["at"] <= at:
            low = middle
        else:
            high = middle - 1
    return low
