"""What of the made-up calendar happens in which month: the answer that servers' answers are compared with.

Floating and all-day events lie in whatever zone the server takes for them; what that could move into or out of a
window is possible, not certain.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.household import CalendarObject
from tests.household.plans import in_utc, occurrences

FIRST = datetime(2023, 1, 1)
AFTER = datetime(2027, 1, 1)
MONTHS = 48
ZONE_SLACK = timedelta(hours=14)


@dataclass(frozen=True)
class Span:
    """One occurrence in UTC; `slack` is by how much another zone could move it."""

    start: datetime
    end: datetime
    slack: timedelta


def month(number: int) -> tuple[datetime, datetime]:
    """Return the first moments of month `number` of the 48 from January 2023, and of the next."""
    year, index = divmod(number % MONTHS, 12)
    start = FIRST.replace(year=FIRST.year + year, month=index + 1)
    return start, (start + timedelta(days=32)).replace(day=1)


class Almanac:
    """The occurrences of objects, worked out once each."""

    def __init__(self) -> None:
        self._spans: dict[str, list[Span]] = {}

    def certain_and_possible(
        self, members: dict[str, CalendarObject], start: datetime, end: datetime
    ) -> tuple[set[str], set[str]]:
        """Return the names that must, and those that may, be found between two moments."""
        certain, possible = set(), set()
        for name, member in members.items():
            spans = self.spans(member)
            if any(span.start + span.slack < end and span.end - span.slack > start for span in spans):
                certain.add(name)
            if any(span.start - span.slack < end and span.end + span.slack > start for span in spans):
                possible.add(name)
        return certain, possible

    def certainly_busy(
        self, members: dict[str, CalendarObject], start: datetime, end: datetime
    ) -> list[tuple[datetime, datetime]]:
        """Return what must be covered by free-busy between two moments, cut to them."""
        spans = (span for member in members.values() if member.busy for span in self.spans(member))
        inside = (span for span in spans if not span.slack and span.start < end and span.end > start)
        return [(max(span.start, start), min(span.end, end)) for span in inside]

    def spans(self, member: CalendarObject) -> list[Span]:
        """Return its occurrences from 2023 to 2026."""
        if member.uid not in self._spans:
            self._spans[member.uid] = _spans(member)
        return self._spans[member.uid]


def _spans(member: CalendarObject) -> list[Span]:
    if member.plan is None:
        return []
    slack = ZONE_SLACK if member.plan.zone is None else timedelta()
    return [
        Span(in_utc(member.plan, start, "UTC"), in_utc(member.plan, end, "UTC"), slack)
        for start, end in occurrences(member.plan, AFTER + timedelta(days=2))
    ]
