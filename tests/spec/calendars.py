"""Questions about calendars in short: filters, reports and the texts of time zones.

`comp("VEVENT", between("20260102T000000Z"))` is a comp-filter inside VCALENDAR; `query` asks for it.
"""

from __future__ import annotations

from tests.spec.desk import CALENDAR, Answer, Desk, calendar, component

HOME = "/dav/calendars/anna/"
FAMILY = HOME + "family/"
ABSENT = "<C:is-not-defined/>"

NEW_YORK = """BEGIN:VTIMEZONE
TZID:America/New_York
BEGIN:STANDARD
DTSTART:20071104T020000
RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
TZNAME:EST
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:20070311T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
TZNAME:EDT
END:DAYLIGHT
END:VTIMEZONE""".replace("\n", "\r\n")
NEW_YORK_BODY = calendar(NEW_YORK)


def between(start: str = "", end: str = "") -> str:
    """Return a time-range; an empty end is left out."""
    ends = [f'{name}="{value}"' for name, value in (("start", start), ("end", end)) if value]
    return f"<C:time-range {' '.join(ends)}/>"


def day(date: str) -> str:
    """Return the time-range of one day of UTC, `20260102`."""
    return between(f"{date}T000000Z", f"{date}T235959Z")


def comp(name: str, inner: str = "") -> str:
    """Return a comp-filter."""
    return f'<C:comp-filter name="{name}">{inner}</C:comp-filter>'


def where(name: str, inner: str = "") -> str:
    """Return a prop-filter."""
    return f'<C:prop-filter name="{name}">{inner}</C:prop-filter>'


def param(name: str, inner: str = "") -> str:
    """Return a param-filter."""
    return f'<C:param-filter name="{name}">{inner}</C:param-filter>'


def text(value: str, attributes: str = "") -> str:
    """Return a text-match."""
    return f"<C:text-match {attributes}>{value}</C:text-match>"


def query(
    desk: Desk, inner: str = "", path: str = CALENDAR, *, data: str = "", zone: str = "", **headers: str
) -> Answer:
    """Send a calendar-query with what is inside the comp-filter of VCALENDAR; `data` stands beside getetag."""
    asked = f"<D:prop><D:getetag/>{data}</D:prop><C:filter>{comp('VCALENDAR', inner)}</C:filter>{zone}"
    return desk.report(path, "C:calendar-query", asked, **{"depth": "1", **headers})


def multiget(desk: Desk, path: str, *hrefs: str, data: str = "<C:calendar-data/>", **headers: str) -> Answer:
    """Send a calendar-multiget."""
    asked = "".join(f"<D:href>{href}</D:href>" for href in hrefs)
    return desk.report(path, "C:calendar-multiget", f"<D:prop><D:getetag/>{data}</D:prop>{asked}", **headers)


def busy(desk: Desk, start: str, end: str, path: str = CALENDAR, **headers: str) -> Answer:
    """Send a free-busy-query."""
    return desk.report(path, "C:free-busy-query", between(start, end), **{"depth": "1", **headers})


def zoned(uid: str, *lines: str) -> str:
    """Return an object with one VEVENT that may name America/New_York."""
    return calendar(NEW_YORK, component("VEVENT", uid, *lines))
