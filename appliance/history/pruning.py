"""Retention, carried out: what is to leave is planned over the whole ledger first, then let go slice by slice.

Between two slices everybody else gets the database. The plan needs sixteen bytes for each content, nothing more, and is
never kept: whoever is cut off begins again, and finds what was let go already gone. With the same plan what stays is
counted in the end, for the pages: what former states take, and what leaves within `FORECAST_DAYS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from zoneinfo import ZoneInfo

from appliance.clock import from_micros, to_micros
from appliance.history import retention
from appliance.history.retention import Dated, Departure, Policy
from appliance.settings import Settings
from appliance.store import alarms, thinning
from appliance.store.footprints import Count
from appliance.store.ledger import Ledger
from appliance.store.thinning import Freed, Needs, Walk

ROWS = 2000  # rows of the ledger to a step: a few milliseconds
FORECAST_DAYS = 31
ALARM = "retention"

Progress = Callable[[float], None]
"""Is told how much is done, 0 to 1."""


def chosen_policy(settings: Settings, zone: ZoneInfo) -> Policy:
    """Return what the household chose for its files."""
    return Policy(zone, settings.retention_days_all, settings.retention_days_daily, settings.retention_monthly)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is let go now, or would be, and what leaves later, the next day first."""

    due: Freed
    departures: Sequence[Departure]


class Pruner:
    """Lets content go by the household's policy. One per process; not for several threads at once."""

    def __init__(self, ledger: Ledger, policy: Policy) -> None:
        self._ledger = ledger
        self._database = ledger.database
        self._policy = policy
        self._run: _Run | None = None
        self._warned_at: int | None = None

    def outlook(self, progress: Progress = lambda _: None) -> Outlook:
        """Return what `prune` would let go, and what leaves later; nothing is written."""
        return self._outlook(self._planned(progress))

    def prune(self, progress: Progress = lambda _: None) -> Outlook:
        """Let go of everything that is due; return how much that was, and what leaves later.

        Somebody asked for it: no leap of the clock stops it.
        """
        run = self._planned(progress)
        departures = self._outlook(run).departures
        freed = Freed()
        while not run.emptied:
            freed += run.let_go_some()
        while not run.finished:
            run.count_some()
        self._finish(run.now)
        return Outlook(freed, departures)

    def _outlook(self, run: _Run) -> Outlook:
        due, later = Freed(), []
        for moment, size_bytes in run.passing_sized():
            if moment <= run.now:
                due += Freed(1, size_bytes)
            else:
                later.append((moment, size_bytes))
        return Outlook(due, retention.forecast(later, self._policy.zone, run.now))

    def prune_some(self) -> bool:
        """Do one slice of this night's run and return whether more of it is to be done; may be asked at any time.

        Nothing is let go where the clock made a leap since the last run (`retention.leaps`): an alarm says so. The
        first run of all lets nothing go: it counts, and remembers the date.
        """
        run = self._run = self._run or self._begun()
        if run is None:
            return False
        if not run.planned:
            run.plan_some()
        elif not run.emptied:
            run.let_go_some()
        else:
            run.count_some()
        if run.finished:
            self._run = None
            self._finish(run.now)
        return not run.finished

    def _begun(self) -> _Run | None:
        now, last_run_at = self._now(), thinning.last_run_at(self._database.connection())
        if last_run_at is None:
            first = _Run(self._ledger, self._policy, now)
            first.emptied = True
            return first
        if not retention.night_is_due(now, last_run_at, self._policy.zone):
            return None
        if retention.leaps(now, last_run_at):
            self._warn(now)
            return None
        return _Run(self._ledger, self._policy, now)

    def _planned(self, progress: Progress) -> _Run:
        run = _Run(self._ledger, self._policy, self._now())
        while not run.planned:
            run.plan_some()
            progress(run.share)
        return run

    def _finish(self, now: int) -> None:
        thinning.note_run(self._database, now)
        alarms.settle(self._database, ALARM)

    def _now(self) -> int:
        return to_micros(self._ledger.clock.now())

    def _warn(self, now: int) -> None:
        if self._warned_at is not None and 0 <= now - self._warned_at < retention.DAY:
            return
        self._warned_at = now
        alarms.sound(
            self._database, ALARM, "",
            "Old versions are not thinned out: the clock jumped since it was last done, or the box was off for long."
            " See that the date is right, then run: gotgan prune",
            at=now,
        )  # fmt: skip


class _Run:
    """One walk over the ledger, the removals that follow from it, and the count of what stays."""

    def __init__(self, ledger: Ledger, policy: Policy, now: int) -> None:
        self.now = now
        self.emptied = False  # nothing more is let go
        self.finished = False
        self._database = ledger.database
        self._policy = policy
        reading = self._database.connection()
        self._walk = Walk(reading)
        self._needs = Needs(reading)
        until = now + FORECAST_DAYS * retention.DAY
        self._count = Count(self._database, self._needs, until=until, day_of=self._day_of)
        self._due = (content_id for content_id, moment in self._needs.passing() if moment <= now)

    @property
    def planned(self) -> bool:
        """Whether every row was looked at."""
        return self._walk.finished

    @property
    def share(self) -> float:
        """How much of the ledger was looked at, 0 to 1."""
        return self._walk.seq / max(1, self._walk.scanned_seq)

    def plan_some(self) -> None:
        """Look at the next rows. Contacts and calendars come without an end: they are kept for good."""
        for seq, content_id, at, replaced_at, deleted, dated in self._walk.step(self._database.connection(), ROWS):
            until = None
            if replaced_at is not None:
                version = Dated(seq, at, replaced_at, deleted=deleted, dated=dated)
                until = retention.leaves_at(version, self._policy)
            self._needs.need(content_id, until, seq)

    def let_go_some(self) -> Freed:
        """Let go of the next contents that are due."""
        ids = list(islice(self._due, thinning.SLICE))
        if not ids:
            self.emptied = True
            return Freed()
        if not thinning.sizes(self._database.connection(), ids):
            return Freed()  # gone since an earlier run: no turn of the writers for that
        return thinning.let_go(self._database, ids, scanned_seq=self._walk.scanned_seq, now=self.now)

    def count_some(self) -> None:
        """Count the next contents of those that stay; in the end what was counted is there for the pages."""
        if not self._count.step(ROWS):
            self._count.finish(self.now)
            self.finished = True

    def _day_of(self, moment: int) -> date:
        return from_micros(moment).astimezone(self._policy.zone).date()

    def passing_sized(self) -> Iterator[tuple[int, int]]:
        """Yield (moment, size) of what is still there and not needed for good."""
        passing, reading = self._needs.passing(), self._database.connection()
        while some := list(islice(passing, thinning.SLICE)):
            found = thinning.sizes(reading, [content_id for content_id, _ in some])
            yield from ((moment, found[id_]) for id_, moment in some if id_ in found)
