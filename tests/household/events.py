"""A household's events, tasks and notes, each written the way one of four clients writes it.

Same seed, same octets, whatever the count. Only well-formed objects come from here.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from tests.household import words
from tests.household.lines import escaped, uuid_of, written
from tests.household.plans import UTC_ZONE, Override, Plan, in_utc, plan
from tests.household.zones import vtimezone

RECURRING_SHARE = 0.10
OPAQUE, TRANSPARENT = "OPAQUE", "TRANSPARENT"


@dataclass(frozen=True)
class CalendarObject:
    """One calendar object: name, UID, component, when it happens (None: a task or note), and its octets."""

    name: str
    uid: str
    component: str
    plan: Plan | None
    busy: bool
    """whether its first component counts for free-busy: opaque and not cancelled"""
    body: bytes

    @property
    def recurring(self) -> bool:
        """Whether it happens more than once."""
        return self.plan is not None and bool(self.plan.rule)


@dataclass(frozen=True)
class Style:
    """How one client writes: product, UID and name, and whether it is Apple's, Mozilla's or Google's dialect."""

    prodid: str
    dialect: str
    weight: int


STYLES = (
    Style("-//Apple Inc.//iOS 18.1//EN", "apple", 30),
    Style("-//Apple Inc.//macOS 15.1//EN", "apple", 10),
    Style("DAVx5/4.4.9-ose ical4j/3.2.19", "davx5", 30),
    Style("-//Mozilla.org/NONSGML Mozilla Calendar V1.1//EN", "mozilla", 15),
    Style("-//Google Inc//Google Calendar 70.9054//EN", "google", 15),
)


def events(count: int, seed: int = 1, *, recurring: float = RECURRING_SHARE) -> Iterator[CalendarObject]:
    """Yield `count` objects of VEVENTs, that share of them recurring."""
    for number in range(count):
        chance = random.Random(f"event {seed} {number}")
        style = _style(chance)
        uid, name = _identity(chance, style)
        when = plan(chance, recurring=chance.random() < recurring)
        status = _status(chance, style)
        opaque = chance.random() > (0.5 if when.all_day else 0.08)
        lines = _opening(style, when)
        lines += _event(chance, style, uid, when, opaque=opaque)
        for override in when.overrides:
            lines += _overriding(chance, style, uid, when, override, opaque=opaque)
        lines[lines.index("END:VEVENT") : lines.index("END:VEVENT")] = status
        lines.append("END:VCALENDAR")
        busy = opaque and status != ["STATUS:CANCELLED"]
        yield CalendarObject(name=name, uid=uid, component="VEVENT", plan=when, busy=busy, body=written(lines))


def tasks(count: int, seed: int = 1) -> Iterator[CalendarObject]:
    """Yield `count` objects of VTODOs: with and without a day, some done, some with alarms."""
    for number in range(count):
        chance = random.Random(f"task {seed} {number}")
        style = _style(chance)
        uid, name = _identity(chance, style)
        due = datetime.combine(date(2026, 1, 1) + timedelta(days=chance.randrange(365)), time(18))
        lines = [*_opening(style, None), "BEGIN:VTODO", f"UID:{uid}", f"DTSTAMP:{_stamp(chance)}"]
        lines.append(f"SUMMARY:{escaped(chance.choice(words.CHORES))}")
        if chance.random() < 0.6:
            lines.append(f"DUE:{due:%Y%m%dT%H%M%S}" if chance.random() < 0.5 else f"DUE;VALUE=DATE:{due:%Y%m%d}")
        if chance.random() < 0.4:
            lines += ["STATUS:COMPLETED", f"COMPLETED:{due:%Y%m%dT%H%M%S}Z", "PERCENT-COMPLETE:100"]
        else:
            lines.append("STATUS:NEEDS-ACTION")
        if chance.random() < 0.3:
            lines.append(f"PRIORITY:{chance.choice((1, 5, 9))}")
        lines += ["END:VTODO", "END:VCALENDAR"]
        yield CalendarObject(name=name, uid=uid, component="VTODO", plan=None, busy=False, body=written(lines))


def journals(count: int, seed: int = 1) -> Iterator[CalendarObject]:
    """Yield `count` objects of VJOURNALs: a day, a title, a long text."""
    for number in range(count):
        chance = random.Random(f"journal {seed} {number}")
        style = _style(chance)
        uid, name = _identity(chance, style)
        day = date(2025, 1, 1) + timedelta(days=chance.randrange(690))
        text = "\n".join(chance.choice(words.SENTENCES) for _ in range(chance.randint(3, 30)))
        lines = [*_opening(style, None), "BEGIN:VJOURNAL", f"UID:{uid}", f"DTSTAMP:{_stamp(chance)}"]
        lines += [f"DTSTART;VALUE=DATE:{day:%Y%m%d}", f"SUMMARY:{escaped(chance.choice(words.DIARY))}"]
        lines += [f"DESCRIPTION:{escaped(text)}", "END:VJOURNAL", "END:VCALENDAR"]
        yield CalendarObject(name=name, uid=uid, component="VJOURNAL", plan=None, busy=False, body=written(lines))


# --- whose ------------------------------------------------------------------------------------------


def _style(chance: random.Random) -> Style:
    return chance.choices(STYLES, weights=tuple(style.weight for style in STYLES))[0]


def _identity(chance: random.Random, style: Style) -> tuple[str, str]:
    """Return UID and name of the member as that client chooses them."""
    uuid = uuid_of(chance)
    if style.dialect == "apple":
        return uuid.upper(), f"{uuid.upper()}.ics"
    if style.dialect == "google":
        uid = f"{uuid.replace('-', '')[:26]}@google.com"
        return uid, f"{uid}.ics"
    return uuid, f"{uuid}.ics"


def _opening(style: Style, when: Plan | None) -> list[str]:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{style.prodid}"]
    if style.dialect in ("apple", "google"):
        lines.append("CALSCALE:GREGORIAN")
    if when is not None and when.zone not in (None, UTC_ZONE):
        lines += vtimezone(str(when.zone), apple=style.dialect == "apple")
    return lines


# --- what -------------------------------------------------------------------------------------------


def _event(chance: random.Random, style: Style, uid: str, when: Plan, *, opaque: bool) -> list[str]:
    lines = ["BEGIN:VEVENT", f"UID:{uid}", f"DTSTAMP:{_stamp(chance)}", f"CREATED:{_stamp(chance)}"]
    lines += [f"DTSTART{_written_time(when, when.start)}", *_end(chance, when, when.start)]
    if when.rule:
        lines.append(f"RRULE:{when.rule}{_until(when)}")
    lines += [f"EXDATE{_written_time(when, start)}" for start in when.left_out]
    lines += [f"RDATE{_written_time(when, start)}" for start in when.added]
    lines += [f"SUMMARY:{escaped(_title(chance, when))}", *_details(chance, style)]
    lines += _people(chance, style)
    if not opaque:
        lines.append(f"TRANSP:{TRANSPARENT}")
    elif style.dialect in ("apple", "google"):
        lines.append(f"TRANSP:{OPAQUE}")
    lines += [*_trimmings(chance, style), *_alarms(chance, style), "END:VEVENT"]
    return lines


def _overriding(
    chance: random.Random, style: Style, uid: str, when: Plan, override: Override, *, opaque: bool
) -> list[str]:
    lines = ["BEGIN:VEVENT", f"UID:{uid}", f"RECURRENCE-ID{_written_time(when, override.instead_of)}"]
    lines += [f"DTSTAMP:{_stamp(chance)}", f"DTSTART{_written_time(when, override.start)}"]
    lines += [*_end(chance, when, override.start), f"SUMMARY:{escaped(_title(chance, when))} (변경)"]
    if not opaque:
        lines.append(f"TRANSP:{TRANSPARENT}")
    return [*lines, *_trimmings(chance, style), "END:VEVENT"]


def _written_time(when: Plan, local: datetime) -> str:
    """Return parameters, colon and value of a time in the form of the plan: date, floating, UTC or with TZID."""
    if when.all_day:
        return f";VALUE=DATE:{local:%Y%m%d}"
    if when.zone is None:
        return f":{local:%Y%m%dT%H%M%S}"
    if when.zone == UTC_ZONE:
        return f":{local:%Y%m%dT%H%M%S}Z"
    return f";TZID={when.zone}:{local:%Y%m%dT%H%M%S}"


def _until(when: Plan) -> str:
    """Return the UNTIL part: a date, a local time, or UTC, as the start is (RFC 5545 3.3.10)."""
    if when.until is None:
        return ""
    if when.all_day:
        return f";UNTIL={when.until:%Y%m%d}"
    if when.zone is None:
        return f";UNTIL={when.until:%Y%m%dT%H%M%S}"
    return f";UNTIL={in_utc(when, when.until):%Y%m%dT%H%M%S}Z"


def _end(chance: random.Random, when: Plan, start: datetime) -> list[str]:
    """Return DTEND, or DURATION, or for one day nothing: all three occur."""
    if when.all_day and when.length == timedelta(days=1) and chance.random() < 0.2:
        return []
    if not when.all_day and chance.random() < 0.1:
        return [f"DURATION:PT{when.length // timedelta(minutes=1)}M"]
    return [f"DTEND{_written_time(when, start + when.length)}"]


def _title(chance: random.Random, when: Plan) -> str:
    if when.rule == "FREQ=YEARLY":
        return f"{chance.choice(words.KOREAN_FAMILY)}{chance.choice(words.KOREAN_GIVEN)} 생일 🎂"
    if when.all_day and chance.random() < 0.2:
        return chance.choice(words.HOLIDAYS)
    return chance.choice(words.TITLES)


def _details(chance: random.Random, style: Style) -> list[str]:
    lines = []
    place = chance.choice(words.PLACES)
    if place and chance.random() < 0.5:
        lines.append(f"LOCATION:{escaped(place)}")
        if style.dialect == "apple" and chance.random() < 0.4:
            title = f'X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-APPLE-RADIUS=70;X-TITLE="{place}"'
            lines.append(f"{title}:geo:37.566{chance.randint(100, 999)},126.977{chance.randint(100, 999)}")
    if chance.random() < 0.3:
        text = "\n".join(chance.choice(words.SENTENCES) for _ in range(chance.randint(1, 8)))
        lines.append(f"DESCRIPTION:{escaped(text)}")
    if chance.random() < 0.1:
        lines.append(f"CATEGORIES:{escaped(chance.choice(words.CATEGORIES))}")
    return lines


def _status(chance: random.Random, style: Style) -> list[str]:
    if chance.random() < 0.03:
        return ["STATUS:CANCELLED"]
    return ["STATUS:CONFIRMED"] if style.dialect == "google" else []


def _people(chance: random.Random, style: Style) -> list[str]:
    if chance.random() > 0.15:
        return []
    lines = ["ORGANIZER;CN=김민수:mailto:minsu@example.com"]
    email = ";EMAIL=minsu@example.com" if style.dialect == "apple" else ""
    lines.append(f"ATTENDEE;CN=김민수;CUTYPE=INDIVIDUAL{email};PARTSTAT=ACCEPTED;ROLE=CHAIR:mailto:minsu@example.com")
    for number in range(chance.randint(1, 5)):
        name = f"{chance.choice(words.KOREAN_FAMILY)}{chance.choice(words.KOREAN_GIVEN)}"
        state = chance.choice(("ACCEPTED", "TENTATIVE", "NEEDS-ACTION", "DECLINED"))
        lines.append(f'ATTENDEE;CN="{name}";PARTSTAT={state};ROLE=REQ-PARTICIPANT:mailto:guest{number}@example.com')
    return lines


def _trimmings(chance: random.Random, style: Style) -> list[str]:
    """Return what only this client adds."""
    if style.dialect == "apple":
        return ["SEQUENCE:0", f"LAST-MODIFIED:{_stamp(chance)}", "X-APPLE-TRAVEL-ADVISORY-BEHAVIOR:AUTOMATIC"]
    if style.dialect == "mozilla":
        return [f"LAST-MODIFIED:{_stamp(chance)}", f"X-MOZ-GENERATION:{chance.randint(1, 9)}"]
    if style.dialect == "google":
        return [f"LAST-MODIFIED:{_stamp(chance)}", "SEQUENCE:1"]
    return ["COLOR:seagreen"] if chance.random() < 0.1 else []


def _alarms(chance: random.Random, style: Style) -> list[str]:
    lines: list[str] = []
    count = chance.choices((0, 1, 2), weights=(55, 38, 7))[0]
    for _ in range(count):
        trigger = chance.choice(("-PT15M", "-PT30M", "-PT1H", "-P1D", "PT0S"))
        lines += ["BEGIN:VALARM", "ACTION:DISPLAY", f"TRIGGER:{trigger}", "DESCRIPTION:알림"]
        if style.dialect == "apple":
            uid = uuid_of(chance).upper()
            lines += [f"UID:{uid}", f"X-WR-ALARMUID:{uid}"]
        lines.append("END:VALARM")
    return lines


def _stamp(chance: random.Random) -> str:
    moment = datetime.combine(date(2026, 1, 1), time()) + timedelta(seconds=chance.randrange(28_000_000))
    return f"{moment:%Y%m%dT%H%M%S}Z"
