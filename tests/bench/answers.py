"""Request bodies of the benchmark, and its reading of the answers: strict where a wrong answer would look fast."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote, unquote

from lxml import etree

from tests.bench.wire import Answer, Request

D = "{DAV:}"
CS = "{http://calendarserver.org/ns/}"
CARD = "{urn:ietf:params:xml:ns:carddav}"
CAL = "{urn:ietf:params:xml:ns:caldav}"
OPENING = '<?xml version="1.0" encoding="utf-8"?>'
SPACES = (
    'xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:A="urn:ietf:params:xml:ns:carddav" '
    'xmlns:S="http://calendarserver.org/ns/"'
)
XML = "Content-Type: text/xml; charset=utf-8\r\n"


class Wrong(Exception):
    """A server answered, but not what it should have."""


@dataclass(frozen=True)
class Row:
    """One response of a multistatus: its status if it is gone, its ETag, whether it carried the object."""

    gone: bool
    etag: str
    with_body: bool


@dataclass(frozen=True)
class Multistatus:
    """What a multistatus says: rows by the last segment of their href, decoded; token, ctag."""

    rows: dict[str, Row]
    token: str
    ctag: str


def expect(answer: Answer, *statuses: int) -> Answer:
    """Return the answer, or raise Wrong when its status is none of these."""
    if answer.status not in statuses:
        raise Wrong(f"answered {answer.status}, not {' or '.join(map(str, statuses))}: {answer.body[:160]!r}")
    return answer


def multistatus(answer: Answer) -> Multistatus:
    """Return the parsed answer to a PROPFIND or REPORT; Wrong when it is none."""
    expect(answer, 207)
    try:
        root = etree.fromstring(answer.body, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    except etree.XMLSyntaxError as error:
        raise Wrong(f"no XML: {error}") from error
    rows = dict(_row(response) for response in root.iter(f"{D}response"))
    token = root.findtext(f"{D}sync-token") or root.findtext(f".//{D}prop/{D}sync-token") or ""
    return Multistatus(rows=rows, token=token.strip(), ctag=(root.findtext(f".//{CS}getctag") or "").strip())


def _row(response: etree._Element) -> tuple[str, Row]:
    name = unquote((response.findtext(f"{D}href") or "").rstrip("/").rpartition("/")[2])
    etag = response.findtext(f".//{D}prop/{D}getetag") or ""
    bodies = (response.findtext(f".//{D}prop/{space}") for space in (f"{CARD}address-data", f"{CAL}calendar-data"))
    status = response.findtext(f"{D}status") or ""
    return name, Row(gone=" 404" in status, etag=etag, with_body=any(body for body in bodies))


def sync_collection(href: str, token: str) -> Request:
    """Return a sync-collection report (RFC 6578 3.2) for ETags."""
    body = f"<sync-token>{token}</sync-token><sync-level>1</sync-level><prop><getetag/></prop>"
    return report(href, "sync-collection", body, depth="0")


def ctag_and_token(href: str) -> Request:
    """Return the PROPFIND by which phones find out whether anything changed."""
    body = f"{OPENING}<propfind {SPACES}><prop><S:getctag/><sync-token/></prop></propfind>"
    return Request("PROPFIND", href, body.encode(), f"{XML}Depth: 0\r\n")


def multiget(kind: str, href: str, names: list[str]) -> Request:
    """Return a multiget of those members, with their objects."""
    prefix, datum = ("A:addressbook", "A:address-data") if kind == "cards" else ("C:calendar", "C:calendar-data")
    hrefs = "".join(f"<href>{href}{quote(name)}</href>" for name in names)
    return report(href, f"{prefix}-multiget", f"<prop><getetag/><{datum}/></prop>{hrefs}")


def fn_contains(href: str, text: str) -> Request:
    """Return an addressbook-query for ETags of cards whose FN contains `text`."""
    match = f'<A:text-match collation="i;unicode-casemap" match-type="contains">{text}</A:text-match>'
    body = f'<prop><getetag/></prop><A:filter><A:prop-filter name="FN">{match}</A:prop-filter></A:filter>'
    return report(href, "A:addressbook-query", body)


def in_window(href: str, start: datetime, end: datetime) -> Request:
    """Return a calendar-query for ETags of events between two moments in UTC."""
    window = f'<C:time-range start="{start:%Y%m%dT%H%M%S}Z" end="{end:%Y%m%dT%H%M%S}Z"/>'
    event = f'<C:comp-filter name="VEVENT">{window}</C:comp-filter>'
    inner = f'<prop><getetag/></prop><C:filter><C:comp-filter name="VCALENDAR">{event}</C:comp-filter></C:filter>'
    return report(href, "C:calendar-query", inner)


def free_busy(href: str, start: datetime, end: datetime) -> Request:
    """Return a free-busy-query (RFC 4791 7.10)."""
    window = f'<C:time-range start="{start:%Y%m%dT%H%M%S}Z" end="{end:%Y%m%dT%H%M%S}Z"/>'
    return report(href, "C:free-busy-query", window)


def report(href: str, name: str, inner: str, *, depth: str = "1") -> Request:
    """Return a REPORT of that element."""
    body = f"{OPENING}<{name} {SPACES}>{inner}</{name}>"
    return Request("REPORT", href, body.encode(), f"{XML}Depth: {depth}\r\n")


def busy_periods(answer: Answer) -> list[tuple[datetime, datetime]]:
    """Return the FREEBUSY periods of a free-busy answer, naive in UTC, sorted and merged."""
    expect(answer, 200)
    text = re.sub(r"\r?\n[ \t]", "", answer.body.decode())
    if "BEGIN:VFREEBUSY" not in text:
        raise Wrong("no VFREEBUSY in the answer")
    lines = re.findall(r"^FREEBUSY[^:\r\n]*:([^\r\n]+)", text, re.MULTILINE)
    return merged([_period(period) for line in lines for period in line.split(",")])


def merged(periods: list[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Return the periods sorted, those that touch joined."""
    joined: list[tuple[datetime, datetime]] = []
    for start, end in sorted(periods):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _period(text: str) -> tuple[datetime, datetime]:
    start_text, _, end_text = text.partition("/")
    start = datetime.fromisoformat(start_text).replace(tzinfo=None)
    if not end_text.startswith("P"):
        return start, datetime.fromisoformat(end_text).replace(tzinfo=None)
    found = re.fullmatch(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", end_text)
    if found is None:
        raise Wrong(f"no period: {text}")
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return start, start + timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
