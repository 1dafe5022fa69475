"""From TZID to zone, from zone to VTIMEZONE and back (RFC 5545 3.6.5, RFC 7809).

A name that IANA knows wins over the VTIMEZONE beside it: clients cut theirs short. Then Windows' names, names
behind a vendor's prefix (`/freeassociation.sourceforge.net/Asia/Seoul`), the VTIMEZONE of the body, an offset
in the name (`(UTC+09:00) Seoul`). What nobody knows is None: the time floats and the object is flagged.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from itertools import pairwise
from zoneinfo import ZoneInfo

from appliance.objects.content_lines import Component, Malformed, parse_all
from appliance.objects.values import read_offset
from appliance.objects.windows_zones import IANA_NAMES
from appliance.objects.written_zones import WrittenZone

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]{0,40}(?:/[A-Za-z0-9_+-]{1,40}){0,3}")
_OFFSET_IN_NAME = re.compile(r"\(?(?:UTC|GMT) ?([+-]\d\d?):?(\d\d)?\)?", re.ASCII)
_ALWAYS_IANA = frozenset({"UTC", "GMT"})
_SAMPLE_YEARS = (2020, 2026)


class Zones:
    """The zones of one calendar object; each TZID is resolved once. `unknown` are those that nobody knows."""

    def __init__(self, calendar: Component) -> None:
        self.unknown: set[str] = set()
        self._known: dict[str, tzinfo | None] = {}
        self._written: dict[str, Component] = {}
        for component in calendar.components:
            if component.name == "VTIMEZONE":
                tzid = component.first("TZID")
                if tzid is not None:
                    self._written.setdefault(tzid.value.strip(), component)

    def find(self, tzid: str) -> tzinfo | None:
        """Return the zone of a TZID, None when it floats."""
        try:
            return self._known[tzid]
        except KeyError:
            zone = self._known[tzid] = self._resolve(tzid.strip())
            if zone is None:
                self.unknown.add(tzid)
            return zone

    def _resolve(self, tzid: str) -> tzinfo | None:
        written = self._written.get(tzid)
        if written is None or goes_by_name(tzid):
            name = iana_name(tzid)
            if name is not None:
                return ZoneInfo(name)
        if written is not None:
            zone = WrittenZone.read(written)
            if zone is not None:
                return zone
        return _offset_in(tzid)


def goes_by_name(tzid: str) -> bool:
    """Return whether a TZID that is known means the zone of its name, whatever VTIMEZONE stands beside it.

    A bare abbreviation (EST) means what the body says; with a slash, or in Windows' table, it is a name.
    """
    return "/" in tzid or tzid in _ALWAYS_IANA or tzid in IANA_NAMES


def zone_named(name: str) -> ZoneInfo | None:
    """Return the zone of an IANA name exactly as written; None when there is none."""
    if not _NAME.fullmatch(name):
        return None
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):  # LookupError: ZoneInfoNotFoundError; OSError: "Asia", a folder
        return None


def iana_name(tzid: str) -> str | None:
    """Return the IANA name that a TZID means: itself, a Windows name, or what stands behind a vendor's prefix."""
    tzid = tzid.strip().strip('"')
    if zone_named(tzid) is not None:
        return tzid
    if tzid in IANA_NAMES:
        return IANA_NAMES[tzid]
    parts = tzid.strip("/").split("/")[-4:]
    for length in range(len(parts), 0, -1):
        name = "/".join(parts[-length:])
        if length < 2 <= len(parts):
            return None  # `/vendor/Seoul` is no name of a zone, though `EST` alone may be
        for spelled in (name, name.replace(" ", "_"), name.title()):
            if zone_named(spelled) is not None:
                return spelled
    return None


def _offset_in(tzid: str) -> tzinfo | None:
    found = _OFFSET_IN_NAME.match(tzid)
    if found is None:
        return None
    offset = read_offset(f"{found[1][0]}{found[1][1:].zfill(2)}{found[2] or '00'}")
    return None if offset is None else timezone(offset)


def zone_name_of(body: bytes, likely: str = "UTC") -> str | None:
    """Return the IANA name of the first VTIMEZONE in a body (calendar-timezone), None when there is none that fits.

    A VTIMEZONE under a name of its own is compared with the zones of Windows' table, `likely` first.
    """
    try:
        roots = parse_all(body).roots
    except Malformed:
        return None
    found = [component for root in roots for component in (root, *root.components) if component.name == "VTIMEZONE"]
    if not found:
        return None
    for property_name in ("TZID", "X-LIC-LOCATION", "X-TZID"):
        line = found[0].first(property_name)
        name = None if line is None else iana_name(line.value)
        if name is not None:
            return name
    zone = WrittenZone.read(found[0])
    return None if zone is None else _alike(zone, likely)


def _alike(zone: tzinfo, likely: str) -> str | None:
    """Return the zone that has the same offset at every month of the sample years, None when there is none.

    Of several it is the one whose clocks change at the same hours: New York is not Havana. Then the first.
    """
    moments = [datetime(year, month, 15, 12) for year in _SAMPLE_YEARS for month in range(1, 13)]
    wanted = [zone.utcoffset(moment) for moment in moments]
    names = dict.fromkeys((likely, "UTC", *IANA_NAMES.values()))
    known = [each for name in names if (each := zone_named(name)) is not None]
    alike = [each for each in known if [each.utcoffset(moment) for moment in moments] == wanted]
    hours = _around_changes(zone)
    best = max(alike, key=lambda each: sum(each.utcoffset(at) == zone.utcoffset(at) for at in hours), default=None)
    return None if best is None else best.key


def _around_changes(zone: tzinfo) -> list[datetime]:
    """Return the half-hours, by the clock on the wall, of the days on which clocks change."""
    days = [datetime(_SAMPLE_YEARS[-1], 1, 1) + timedelta(days=number) for number in range(366)]
    changing = [day for day, after in pairwise(days) if zone.utcoffset(day) != zone.utcoffset(after)]
    return [day + timedelta(minutes=30 * number) for day in changing for number in range(-1, 49)]


def vtimezone(name: str, year: int) -> bytes | None:
    """Return a VCALENDAR with the VTIMEZONE of an IANA name as its rules are in `year`; None for no such zone.

    Not icalendar's: that lists single days until 2038 and gives DAYLIGHT an hour too late (7.3.0).
    """
    zone = zone_named(name)
    if zone is None:
        return None
    changes = _changes(zone, year)
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Gotgan//EN", "BEGIN:VTIMEZONE", f"TZID:{name}"]
    if len(changes) == 2:
        for change in changes:
            lines += _observance(zone, change)
    else:  # none, or days that no rule gives (Morocco's Ramadan): the offset at the year's end
        lines += _steady(zone, datetime(year, 12, 31, tzinfo=UTC))
    lines += ["END:VTIMEZONE", "END:VCALENDAR", ""]
    return "\r\n".join(lines).encode()


def _changes(zone: ZoneInfo, year: int) -> list[datetime]:
    """Return the instants of the year, to the minute, at which the offset changes."""
    found = []
    begin = datetime(year, 1, 1, tzinfo=UTC)
    for day in range(366):
        early, late = begin + timedelta(days=day), begin + timedelta(days=day + 1)
        if _offset(zone, early) == _offset(zone, late):
            continue
        while late - early > timedelta(minutes=1):
            middle = early + (late - early) // 2
            early, late = (early, middle) if _offset(zone, middle) != _offset(zone, early) else (middle, late)
        found.append(late.replace(second=0, microsecond=0))
    return found


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta(0)


def _observance(zone: ZoneInfo, change: datetime) -> list[str]:
    """Return the DAYLIGHT or STANDARD that begins at the change, as a yearly rule: the nth or the last weekday."""
    before, after = _offset(zone, change - timedelta(minutes=1)), _offset(zone, change)
    local = (change + before).replace(tzinfo=None)
    last = (local + timedelta(days=7)).month != local.month
    nth = f"{-1 if last else (local.day - 1) // 7 + 1}{('MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU')[local.weekday()]}"
    kind = "DAYLIGHT" if change.astimezone(zone).dst() else "STANDARD"
    return [
        f"BEGIN:{kind}", f"DTSTART:{local:%Y%m%dT%H%M%S}", f"RRULE:FREQ=YEARLY;BYMONTH={local.month};BYDAY={nth}",
        f"TZNAME:{change.tzname() if zone.key == 'UTC' else change.astimezone(zone).tzname()}",
        f"TZOFFSETFROM:{_written_offset(before)}", f"TZOFFSETTO:{_written_offset(after)}", f"END:{kind}",
    ]  # fmt: skip


def _steady(zone: ZoneInfo, at: datetime) -> list[str]:
    offset = _written_offset(_offset(zone, at))
    return [
        "BEGIN:STANDARD", "DTSTART:19700101T000000", f"TZNAME:{at.astimezone(zone).tzname()}",
        f"TZOFFSETFROM:{offset}", f"TZOFFSETTO:{offset}", "END:STANDARD",
    ]  # fmt: skip


def _written_offset(offset: timedelta) -> str:
    sign, seconds = ("-" if offset < timedelta(0) else "+"), abs(int(offset.total_seconds()))
    return f"{sign}{seconds // 3600:02}{seconds // 60 % 60:02}"
