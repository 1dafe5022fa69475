"""Dates, times, durations and periods (RFC 5545 3.3), read leniently: None for what cannot be read, never an error.

A `Moment` keeps what was written, a local time and its zone; it becomes an instant, microseconds since 1970
in UTC, only when somebody says in which zone floating times are to be read.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import NamedTuple, Protocol

from appliance.objects.content_lines import ContentLine

SECOND = 1_000_000
DAY = 86_400 * SECOND
LATEST = (1 << 62) - 1  # for ever; fits the store's integers with room to add
EARLIEST = -LATEST

_EPOCH = datetime(1970, 1, 1)
_MICROSECOND = timedelta(microseconds=1)
_MOMENT = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)(?:[T ](\d\d):?(\d\d)(?::?(\d\d)(?:[.,]\d*)?)?(Z|[+-]\d\d:?\d\d)?)?",
    re.ASCII | re.IGNORECASE,
)
_DURATION = re.compile(
    r"([+-]?)P(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?",
    re.ASCII | re.IGNORECASE,
)
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d):?(\d\d)?", re.ASCII)


class FindZone(Protocol):
    """What resolves a TZID: the zones of one calendar object."""

    def find(self, tzid: str) -> tzinfo | None:
        """Return the zone, or None when nobody knows it: the time then floats."""
        ...


class Moment(NamedTuple):
    """A time as written. `zone` None: it floats. `whole_day`: a DATE, `local` is its midnight."""

    local: datetime
    zone: tzinfo | None
    whole_day: bool

    def at(self, floating: tzinfo) -> int:
        """Return the instant, floating times read in `floating`."""
        return instant(self.local, self.zone or floating)


class Length(NamedTuple):
    """A DURATION: days are nominal, the rest is exact (RFC 5545 3.3.6). Both may be negative."""

    days: int
    micros: int

    def after(self, local: datetime, zone: tzinfo) -> int:
        """Return the instant this long after a local time."""
        return instant(moved(local, timedelta(days=self.days)), zone) + self.micros

    @property
    def total(self) -> int:
        """The microseconds of it, days counted as 24 hours."""
        return self.days * DAY + self.micros


def instant(local: datetime, zone: tzinfo) -> int:
    """Return the microseconds of a local time. In a gap the offset before it holds (RFC 5545 3.3.5)."""
    ago = zone.utcoffset(local)
    since = local - _EPOCH if ago is None else local - _EPOCH - ago
    return since // _MICROSECOND


def local_time(at: int, zone: tzinfo = UTC) -> datetime:
    """Return an instant as local time of the zone, held within the years a datetime knows."""
    try:
        utc = _EPOCH + timedelta(microseconds=at)
        if zone is UTC:
            return utc
        return utc.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
    except (OverflowError, ValueError):
        return datetime.min if at < 0 else datetime.max


def moved(local: datetime, by: timedelta) -> datetime:
    """Return `local + by`, held within the years a datetime knows."""
    try:
        return local + by
    except OverflowError:
        return datetime.max if by > timedelta(0) else datetime.min


def read_moment(written: str, zone: tzinfo | None = None) -> Moment | None:
    """Return a DATE or DATE-TIME; `zone` is that of its TZID. A leap second is the second before."""
    found = _MOMENT.fullmatch(written.strip())
    if found is None:
        return None
    year, month, day, hour, minute, second, suffix = found.groups()
    try:
        if hour is None:
            return Moment(datetime(int(year), int(month), int(day)), None, whole_day=True)
        local = datetime(int(year), int(month), int(day), int(hour), int(minute), min(int(second or 0), 59))
    except ValueError:
        return None
    if suffix in ("Z", "z"):
        zone = UTC
    elif suffix:
        offset = read_offset(suffix)
        zone = None if offset is None else timezone(offset)
    return Moment(local, zone, whole_day=False)


def line_zone(line: ContentLine, zones: FindZone) -> tzinfo | None:
    """Return the zone that the line's TZID names; None: none, or one that nobody knows."""
    for name, values in line.params:
        if name == "TZID" and values:
            return zones.find(values[0])
    return None


def moment_of(line: ContentLine, zones: FindZone) -> Moment | None:
    """Return the one date or time of a line."""
    return read_moment(line.value, line_zone(line, zones))


def moments_of(line: ContentLine, zones: FindZone) -> list[tuple[Moment, Moment | Length | None]]:
    """Return each date, time or period of a list (RDATE, EXDATE, FREEBUSY): start, and end or length of a period."""
    zone = line_zone(line, zones)
    found: list[tuple[Moment, Moment | Length | None]] = []
    for written in line.value.split(","):
        first, slash, second = written.partition("/")
        start = read_moment(first, zone)
        if start is None:
            continue
        end = (read_duration(second) or read_moment(second, zone)) if slash else None
        found.append((start, end))
    return found


def read_duration(written: str) -> Length | None:
    """Return a DURATION (RFC 5545 3.3.6)."""
    found = _DURATION.fullmatch(written.strip())
    if found is None:
        return None
    sign, *numbers = found.groups()
    weeks, days, hours, minutes, seconds = (int(number or 0) for number in numbers)
    factor = -1 if sign == "-" else 1
    exact = ((hours * 60 + minutes) * 60 + seconds) * SECOND
    return Length(factor * (weeks * 7 + days), factor * exact)


def read_offset(written: str) -> timedelta | None:
    """Return a UTC-OFFSET (RFC 5545 3.3.14), less than a day."""
    found = _OFFSET.fullmatch(written.strip())
    if found is None:
        return None
    sign, hours, minutes, seconds = found.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes), seconds=int(seconds or 0))
    if offset >= timedelta(days=1):
        return None
    return -offset if sign == "-" else offset


def written_utc(at: int) -> str:
    """Return an instant as DATE-TIME in UTC."""
    return written_local(local_time(at), whole_day=False) + "Z"


def written_local(local: datetime, *, whole_day: bool) -> str:
    """Return a floating DATE-TIME, or a DATE."""
    return written_date(local) if whole_day else f"{written_date(local)}T{local:%H%M%S}"


def written_date(day: date) -> str:
    """Return a DATE."""
    return f"{day.year:04}{day.month:02}{day.day:02}"
