"""The instances of a recurrence set in a range (RFC 5545 3.8.4.4, 3.8.5): rules, RDATE, EXDATE, overrides.

An override takes the place of one instance, with RANGE=THISANDFUTURE also of all later ones, moved by as much.
EXDATE removes an instance whether overridden or not. DTSTART is always an instance, even where its rule would
not give it, and then it is not counted. All work is bounded: `BudgetSpent` says that more may follow, and
whoever asks whether something matches takes that for a yes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta, tzinfo
from heapq import merge
from typing import NamedTuple

from appliance.objects.content_lines import Component
from appliance.objects.extents import Extent, Span, extent_of, period_end, touches
from appliance.objects.rule_starts import Budget, BudgetSpent, starts
from appliance.objects.rules import Rule, read_rule
from appliance.objects.values import (
    DAY,
    EARLIEST,
    LATEST,
    FindZone,
    Length,
    Moment,
    instant,
    local_time,
    moment_of,
    moments_of,
    moved,
    read_moment,
)

_SLACK = 2 * DAY
"""more than any two zones differ, for a window in local time"""
_ZERO = timedelta(0)


class Instance(NamedTuple):
    """One instance. `extent.component` describes it: the master, or an override.

    `local` is its start by the clock of `extent.start.zone`; `original` what RECURRENCE-ID says of it, None for
    what does not recur.
    """

    extent: Extent
    local: datetime | None
    span: Span
    original: Moment | None


class Series:
    """A recurrence set: the components of one UID and name, read once, floating times read in one zone."""

    def __init__(self, components: Sequence[Component], zones: FindZone, floating: tzinfo) -> None:
        self.components = components
        self.floating = floating
        masters = [component for component in components if component.first("RECURRENCE-ID") is None]
        self._masters = [_Master(component, zones, floating) for component in masters]
        frame = next((master for master in self._masters if master.extent.start is not None), None)
        self._overrides = [
            _Override.read(component, frame, zones)
            for component in components
            if component.first("RECURRENCE-ID") is not None
        ]
        self._replaced = {override.original: override for override in self._overrides if override.original}
        self._later = sorted(
            (
                override
                for override in self._overrides
                if override.and_future and override.original is not None and override.extent.start is not None
            ),
            key=lambda override: override.original or datetime.min,
        )
        self._reach = max((abs(override.shift) for override in self._later), default=_ZERO) // timedelta(microseconds=1)

    @property
    def extents(self) -> list[Extent]:
        """The extents of all components, masters first."""
        return [master.extent for master in self._masters] + [override.extent for override in self._overrides]

    @property
    def recurring(self) -> bool:
        """Whether there can be more than the components themselves."""
        return any(master.recurring for master in self._masters)

    @property
    def longest(self) -> int:
        """An upper bound of the microseconds of its longest instance."""
        spans = [extent.fixed for extent in self.extents if extent.fixed is not None]
        return max(
            [extent.longest for extent in self.extents]
            + [end - start for start, end in spans]
            + [master.longest_period for master in self._masters]
        )

    @property
    def disorder(self) -> int:
        """How many microseconds instances may start before one that was yielded earlier: zones change their offset."""
        return 2 * self._reach + DAY

    def instances(self, from_at: int, to_at: int, budget: Budget) -> Iterator[Instance]:
        """Yield the instances that touch the range: overrides, then the others by original start; BudgetSpent."""
        for override in self._overrides:
            instance = self._of_override(override)
            if instance is not None and touches(override.extent.widened(instance.span), from_at, to_at):
                yield instance
        for master in self._masters:
            yield from self._of_master(master, from_at, to_at, budget)

    def impacting(self, from_at: int, to_at: int) -> list[Component]:
        """Return the overrides that touch the range where they are, where they were, or by those after (9.6.6)."""
        found = []
        for override in self._overrides:
            extent, instance = override.extent, self._of_override(override)
            spans = [] if instance is None else [extent.widened(instance.span)]
            original = override.original
            if original is not None:
                masters = [master.extent for master in self._masters if master.extent.start is not None]
                spans += [master.widened(master.instance(original, self.floating)) for master in masters]
            if not self._masters and override.written is not None:
                spans.append(extent.instance(override.written.local, self.floating))
            touching = any(touches(span, from_at, to_at) for span in spans)
            if touching or (override.and_future and any(span[0] < to_at for span in spans)):
                found.append(extent.component)
        return found

    def hull(self) -> Span | None:
        """Return first start and last end of all instances, LATEST for a set without end; None: it never happens."""
        spans = [
            override.extent.widened(found.span)
            for override in self._overrides
            if (found := self._of_override(override))
        ]
        for master in self._masters:
            extent = master.extent
            if extent.start is None:
                spans += [extent.fixed] if extent.fixed is not None else []
                continue
            first, last = master.bounds()
            spans.append(extent.widened(extent.instance(first, self.floating)))
            spans.append(
                (spans[-1][0], LATEST) if last is None else extent.widened(extent.instance(last, self.floating))
            )
            spans += master.period_spans()
        if not spans:
            return None
        start, end = min(span[0] for span in spans), max(span[1] for span in spans)
        reach = self._reach + (self.longest if self._later else 0)
        return start - reach, end if end == LATEST else end + reach

    def _of_override(self, override: _Override) -> Instance | None:
        extent = override.extent
        if override.out:
            return None
        if extent.start is None:
            return None if extent.fixed is None else Instance(extent, None, extent.fixed, override.written)
        local = extent.start.local
        return Instance(extent, local, extent.instance(local, self.floating), override.written)

    def _of_master(self, master: _Master, from_at: int, to_at: int, budget: Budget) -> Iterator[Instance]:
        extent = master.extent
        if extent.start is None:
            if extent.fixed is not None and touches(extent.fixed, from_at, to_at):
                yield Instance(extent, None, extent.fixed, None)
            return
        reach = self.longest + self._reach + _SLACK
        window = (local_time(max(from_at - reach, EARLIEST)), local_time(min(to_at + reach, LATEST)))
        for original in master.originals(window, budget):
            if original in self._replaced:
                continue
            instance = self._described(master, original)
            if touches(instance.extent.widened(instance.span), from_at, to_at):
                yield instance

    def _described(self, master: _Master, original: datetime) -> Instance:
        """Return the instance of an original start, by the master or the last override that speaks of the future."""
        extent, local = master.extent, original
        for override in self._later:
            if override.original is not None and override.original < original:
                extent, local = override.extent, override.later(original, master, self.floating)
        span = extent.instance(local, self.floating)
        if master.periods and extent is master.extent and original in master.periods:
            span = span[0], max(span[0], master.periods[original])
        return Instance(extent, local, span, master.moment(original) if master.recurring else None)


class _Master:
    """The component that defines the set. Everything in it is held in the local time of its own DTSTART."""

    def __init__(self, component: Component, zones: FindZone, floating: tzinfo) -> None:
        self.extent = extent_of(component, zones)
        self._floating = floating
        self._component = component
        self.periods: dict[datetime, int] = {}
        self._rules: list[tuple[Rule, datetime | None]] = []
        self._dates: list[datetime] = []
        self._excluded: set[datetime] = set()
        self._excluded_days: set[date] = set()
        self._unknown_rule = False
        if self.extent.start is not None:
            self._read(component, zones)

    @property
    def recurring(self) -> bool:
        return bool(self._rules or self._dates or self._unknown_rule)

    @property
    def longest_period(self) -> int:
        return max((end - start for start, end in self.period_spans()), default=0)

    def period_spans(self) -> list[Span]:
        """Return the intervals of RDATE periods."""
        return [(self.extent.instance(local, self._floating)[0], end) for local, end in self.periods.items()]

    def moment(self, local: datetime) -> Moment:
        """Return a local time of this series as a Moment."""
        start = self._start
        return Moment(local, start.zone, start.whole_day)

    def into(self, moment: Moment) -> datetime:
        """Return any moment as local time of this series: a DATE of timed series at its time of day."""
        start = self._start
        if moment.zone == start.zone or moment.whole_day or moment.zone is None:
            local = moment.local
        else:
            local = local_time(moment.at(self._floating), start.zone or self._floating)
        if start.whole_day:
            return datetime.combine(local.date(), start.local.time())
        return datetime.combine(local.date(), start.local.time()) if moment.whole_day else local

    def excludes(self, local: datetime) -> bool:
        """Return whether EXDATE removes the instance of this original start."""
        return local in self._excluded or (bool(self._excluded_days) and local.date() in self._excluded_days)

    def originals(self, window: tuple[datetime, datetime], budget: Budget) -> Iterator[datetime]:
        """Yield the original starts in the window, in order, each once, EXDATE removed; BudgetSpent."""
        first = self._start.local
        sources: list[Iterator[datetime]] = [starts(rule, first, until, window, budget) for rule, until in self._rules]
        sources.append(start for start in self._dates if window[0] <= start <= window[1])
        if window[0] <= first <= window[1]:
            sources.append(iter((first,)))
        last: datetime | None = None
        for start in merge(*sources):
            if start != last and not self.excludes(start):
                yield start
            last = start
        if self._unknown_rule:
            raise BudgetSpent

    def bounds(self) -> tuple[datetime, datetime | None]:
        """Return the first and the last original start, None for no end; EXDATE is not looked at."""
        first = self._start.local
        lasts = [first, *self._dates]
        for rule, until in self._rules:
            if until is not None:
                lasts.append(until)
            elif rule.count is None:
                return min(first, *lasts), None
            else:
                try:
                    *_, last = (first, *starts(rule, first, None, (first, datetime.max), Budget()))
                except BudgetSpent:
                    return min(first, *lasts), None
                lasts.append(last)
        return min(first, *lasts), None if self._unknown_rule else max(lasts)

    @property
    def _start(self) -> Moment:
        assert self.extent.start is not None, "asked only of what has a start"
        return self.extent.start

    def _read(self, component: Component, zones: FindZone) -> None:
        for line in component.lines:
            if line.name == "RRULE":
                rule = read_rule(line.value)
                if rule is not None:
                    until = None if rule.until is None else self._until(rule.until)
                    self._rules.append((rule, until))
                elif "RSCALE" in line.value.upper():
                    self._unknown_rule = True
            elif line.name == "RDATE":
                self._read_dates(moments_of(line, zones))
            elif line.name == "EXDATE":
                for moment, _ in moments_of(line, zones):
                    if moment.whole_day and not self._start.whole_day:
                        self._excluded_days.add(moment.local.date())
                    else:
                        self._excluded.add(self.into(moment))
        self._dates.sort()

    def _read_dates(self, found: list[tuple[Moment, Moment | Length | None]]) -> None:
        for start, end in found:
            local = self.into(start)
            self._dates.append(local)
            end_at = period_end(start, end, self._floating)
            if end_at is not None:
                self.periods[local] = end_at

    def _until(self, until: Moment) -> datetime:
        """Return UNTIL as local time: of a day all of it, for a timed series (RFC 5545 3.3.10 wants the same type)."""
        if until.whole_day and not self._start.whole_day:
            return datetime.combine(until.local.date(), datetime.max.time())
        return self.into(until)


class _Override(NamedTuple):
    """A component with RECURRENCE-ID. `original` is that in local time of the master, `written` as it was sent."""

    extent: Extent
    original: datetime | None
    written: Moment | None
    shift: timedelta
    and_future: bool
    out: bool  # EXDATE removes it

    def later(self, original: datetime, master: _Master, floating: tzinfo) -> datetime:
        """Return the start of a later instance, moved as this one was, by the clock of this one's zone."""
        local = moved(original, self.shift)
        zone, master_zone = (extent.start.zone if extent.start else None for extent in (self.extent, master.extent))
        if zone == master_zone:
            return local
        return local_time(instant(local, master_zone or floating), zone or floating)

    @classmethod
    def read(cls, component: Component, frame: _Master | None, zones: FindZone) -> _Override:
        line = component.first("RECURRENCE-ID")
        assert line is not None, "asked only of what has one"
        written = moment_of(line, zones) or read_moment(line.value)
        extent = extent_of(component, zones)
        if written is not None and component.first("DTSTART") is None and component.first("DUE") is None:
            extent = extent._replace(start=written, fixed=None)  # moved nowhere
        if written is None or frame is None:
            return cls(extent, None, written, _ZERO, and_future=False, out=False)
        original = frame.into(written)
        shift = _ZERO if extent.start is None else frame.into(extent.start) - original
        and_future = (line.param("RANGE") or "").upper() == "THISANDFUTURE"
        return cls(extent, original, written, shift, and_future, frame.excludes(original))
