"""A hundred hostile recurrence rules: what fires each second for ever, what never does, what fires once in decades.

Each lies in a calendar of its own, so that the slowest has a name. The truth comes from dateutil, as far as it gets
within a second; beyond that, and where the server's own bound was spent, an event too many is allowed and counted,
and an event too few is not.
"""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType

from dateutil.rrule import rrulestr

from tests.bench import answers
from tests.bench.wire import Address, Answer, Connection, Request
from tests.newcomers import newcomer
from tests.serving import serving
from tests.soak.conftest import Note

FREQUENCIES = ("SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY")
SUBDAILY = FREQUENCIES[:3]
STARTS = (datetime(1970, 1, 1, 12, tzinfo=UTC), datetime(2026, 1, 31, 23, 59, 59, tzinfo=UTC))
MONTHS = tuple(datetime(*month, 1, tzinfo=UTC) for month in ((1969, 12), (2026, 11), (2028, 2), (2099, 12)))
LENGTH = timedelta(minutes=30)
PATIENCE_S = 1.0
ALL_60 = ",".join(map(str, range(60)))
NEVER = ("BYMONTH=2;BYMONTHDAY=30", "BYMONTH=4,6,9,11;BYMONTHDAY=31", "BYMONTH=2;BYMONTHDAY=-30")
PARTS = (
    "", *NEVER,
    "BYMONTH=2;BYMONTHDAY=29;BYDAY=MO",
    "BYMONTHDAY=13;BYDAY=FR",
    "BYYEARDAY=366",
    "BYYEARDAY=-366;BYDAY=SU",
    "BYWEEKNO=53;BYDAY=SU",
    "INTERVAL=999999",
    "INTERVAL=97",
    "COUNT=2000000000",
    "COUNT=3",
    "UNTIL=99991231T235959Z",
    f"BYHOUR={','.join(map(str, range(24)))};BYMINUTE={ALL_60};BYSECOND={ALL_60}",
    f"BYMINUTE={ALL_60};BYSECOND={ALL_60};BYSETPOS=-1",
    "BYMONTHDAY=31;BYHOUR=23;BYMINUTE=59;BYSECOND=58",
)  # fmt: skip
UNFIT = {  # what a frequency may not be joined with (RFC 5545 3.3.10)
    "BYWEEKNO": set(FREQUENCIES) - {"YEARLY"},
    "BYYEARDAY": {"DAILY", "WEEKLY", "MONTHLY"},
    "BYMONTHDAY": {"WEEKLY"},
}
COUNT = 100


@dataclass(frozen=True)
class Hostile:
    """One event with its rule."""

    rule: str
    start: datetime
    never: bool

    @property
    def body(self) -> bytes:
        lines = [
            "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Gotgan//tests//EN", "BEGIN:VEVENT", "UID:hostile",
            "DTSTAMP:20261124T000000Z", f"DTSTART:{self.start:%Y%m%dT%H%M%SZ}",
            f"DTEND:{self.start + LENGTH:%Y%m%dT%H%M%SZ}", f"RRULE:{self.rule}", "SUMMARY:적", "END:VEVENT",
            "END:VCALENDAR", "",
        ]  # fmt: skip
        return "\r\n".join(lines).encode()

    def happens(self, start: datetime, end: datetime) -> bool | None:
        """Return whether an instance touches the time between two moments; None: nobody knows."""
        if self.start < end and self.start + LENGTH > start:
            return True
        if self.never or end <= self.start:
            return False
        first = self.start
        frequency = self.rule.partition(";")[0].removeprefix("FREQ=")
        if frequency in SUBDAILY and not any(word in self.rule for word in ("INTERVAL", "COUNT", "SETPOS")):
            first = max(first, (start - timedelta(days=1)).replace(minute=first.minute, second=first.second))
        if "COUNT=2000000000" in self.rule:
            return None if frequency == "SECONDLY" else _found(self.rule.partition(";COUNT")[0], first, start, end)
        return _found(self.rule, first, start, end)


def hostile() -> list[Hostile]:
    """Return the rules: every part with every frequency that it may be joined with, from an early and a late start."""
    found: list[Hostile] = []
    for number, part in enumerate(PARTS):
        for frequency in FREQUENCIES:
            if not any(word in part and frequency in unfit for word, unfit in UNFIT.items()):
                rule = f"FREQ={frequency};{part}".rstrip(";")
                found.append(Hostile(rule, STARTS[(number + len(found)) % len(STARTS)], part in NEVER))
    assert len(found) >= COUNT
    return found


def _found(rule: str, first: datetime, start: datetime, end: datetime) -> bool | None:
    def give_up(number: int, frame: FrameType | None) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE_S)
    try:
        found = rrulestr(rule, dtstart=first).after(start - LENGTH)
        return found is not None and found < end
    except TimeoutError:
        return None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@dataclass
class Tally:
    """What came of the questions."""

    slowest: dict[str, tuple[float, str]] = field(default_factory=dict)
    answers: Counter[str] = field(default_factory=Counter)
    expanded: Counter[int] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)

    def took(self, what: str, answer: Answer, rule: str) -> None:
        self.slowest[what] = max(self.slowest.get(what, (0.0, "")), (answer.wall_s, rule))

    def judge(self, found: bool, truth: bool | None, why: str) -> None:
        """Take down one answer."""
        if truth is True and not found:
            self.missed.append(why)
        word = "beyond dateutil" if truth is None else "right" if found is truth else "too many" if found else "MISSED"
        self.answers[word] += 1


def test_no_hostile_rule_is_missed_or_holds_the_server_up(tmp_path: Path, note: Note) -> None:
    tally, rules = Tally(), hostile()
    with serving(tmp_path / "data") as house:
        device = newcomer(house, "anna")
        with Connection(Address("127.0.0.1", house.running.port, device.user, device.password)) as connection:
            for number, rule in enumerate(rules):
                href = f"/dav/calendars/anna/hostile-{number}/"
                answers.expect(connection.ask(Request("MKCALENDAR", href)), 201)
                ask_about(connection, href, rule, tally)
    for what, (seconds, slowest) in sorted(tally.slowest.items()):
        shown = slowest if len(slowest) < 60 else f"{slowest[:57]}..."
        note(f"hostile rules: {what}", f"{len(rules)} rules", f"slowest {seconds * 1000:.0f} ms, {shown}")
    for what, tallied in (("answers", tally.answers), ("expanded weeks", tally.expanded)):
        seen = ", ".join(f"{count} {word}" for word, count in sorted(tallied.items()))
        note(f"hostile rules: {what}", f"{len(rules) * len(MONTHS)}", seen)
    assert tally.missed == []


def ask_about(connection: Connection, href: str, event: Hostile, tally: Tally) -> None:
    """PUT one rule and ask for months, free-busy times and its instances."""
    put = Request("PUT", f"{href}hostile.ics", event.body, "Content-Type: text/calendar\r\n")
    answer = answers.expect(connection.ask(put), 201)
    tally.took("PUT", answer, event.rule)
    for start, end in windows():
        why = f"{event.rule} from {event.start} is missed in {start:%Y-%m}"
        truth = event.happens(start, end)
        answer = connection.ask(answers.in_window(href, start, end))
        tally.took("query", answer, event.rule)
        tally.judge("hostile.ics" in answers.multistatus(answer).rows, truth, why)
        answer = connection.ask(answers.free_busy(href, start, end))
        tally.took("free-busy", answer, event.rule)
        if truth is True and not answers.busy_periods(answer):
            tally.missed.append(f"{why}, by free-busy")
        answer = connection.ask(expanded(href, start, start + timedelta(days=7)))
        tally.took("expand", answer, event.rule)
        assert answer.status in (207, 403, 507), answer.body[:500]
        tally.expanded[answer.status] += 1


def windows() -> Iterator[tuple[datetime, datetime]]:
    """Yield the months that are asked for."""
    for start in MONTHS:
        yield start, (start + timedelta(days=32)).replace(day=1)


def expanded(href: str, start: datetime, end: datetime) -> Request:
    """Return a calendar-query that wants the instances of a week (RFC 4791 9.6.5)."""
    window = f'start="{start:%Y%m%dT%H%M%S}Z" end="{end:%Y%m%dT%H%M%S}Z"'
    return answers.report(
        href,
        "C:calendar-query",
        f"<prop><C:calendar-data><C:expand {window}/></C:calendar-data></prop><C:filter>"
        f'<C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"><C:time-range {window}/></C:comp-filter>'
        "</C:comp-filter></C:filter>",
    )
