"""Reads C:filter and C:time-range of both RFCs from XML into the values of `match.filters`.

Strict: what breaks the grammar is UnreadableFilter (valid-filter), what is well-formed but not looked at
here is UnsupportedFilter (supported-filter). A condition is never skipped, for then the answer would be
"everything". Names of components, properties and parameters that nobody uses are simply no match.
Evaluates nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar, cast

from lxml.etree import QName

from appliance.dav.names import CALDAV, CARDDAV
from appliance.dav.xml import Element
from appliance.errors import UnreadableFilter, UnsupportedFilter
from appliance.match.collations import ASCII_CASEMAP, UNICODE_CASEMAP, resolve
from appliance.match.filters import (
    CardFilter,
    CompFilter,
    MatchType,
    ParamFilter,
    PropFilter,
    Test,
    TextMatch,
    TimeRange,
)

MAX_ELEMENTS = 500
MAX_COMPONENT_DEPTH = 5  # VCALENDAR, VEVENT, VALARM, and what RFC 9073 nests below
MAX_TEXT = 4096  # characters

_UTC = re.compile(r"[0-9]{8}T[0-9]{6}Z")
_TOP_COMPONENTS = frozenset({"VCALENDAR", "VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VTIMEZONE", "VAVAILABILITY"})
_TIMED_COMPONENTS = frozenset({"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VALARM"})  # RFC 4791 9.9
_TIMED_PROPERTIES = frozenset({"COMPLETED", "CREATED", "DTEND", "DTSTAMP", "DTSTART", "DUE", "LAST-MODIFIED"})
_ALARM_OWNERS = frozenset({"VEVENT", "VTODO"})

_One = TypeVar("_One")


def read_card_filter(element: Element) -> CardFilter:
    """Return a CARDDAV:filter (RFC 6352 10.5); UnreadableFilter, UnsupportedFilter, UnsupportedCollation."""
    _check_size(element)
    parts = _children(element, CARDDAV, ("prop-filter",))
    test = _choice(element, "test", ("anyof", "allof"))
    return CardFilter(cast(Test, test), tuple(_card_property(part) for part in parts))


def read_calendar_filter(element: Element) -> CompFilter:
    """Return a CALDAV:filter (RFC 4791 9.7); UnreadableFilter, UnsupportedFilter, UnsupportedCollation."""
    _check_size(element)
    outermost = _only(_children(element, CALDAV, ("comp-filter",)), "comp-filter")
    if outermost is None or _name(outermost) != "VCALENDAR":
        raise UnreadableFilter("A filter holds exactly one comp-filter, and its name is VCALENDAR.")
    return _component(outermost, ())


def read_time_range(element: Element) -> TimeRange:
    """Return a CALDAV:time-range (RFC 4791 9.9): UTC, one end may be missing, never empty; UnreadableFilter."""
    start_at, end_at = (_utc(element, name) for name in ("start", "end"))
    if start_at is None and end_at is None:
        raise UnreadableFilter("A time-range has a start, an end, or both.")
    if start_at is not None and end_at is not None and end_at <= start_at:
        raise UnreadableFilter("The end of a time-range lies after its start.")
    return TimeRange(start_at, end_at)


# --- CardDAV ----------------------------------------------------------------------------------------


def _card_property(element: Element) -> PropFilter:
    """RFC 6352 10.5.1."""
    parts = _children(element, CARDDAV, ("is-not-defined", "text-match", "param-filter"))
    texts = _named(parts, "text-match")
    return PropFilter(
        name=_name(element),
        absent=_absent(parts),
        test=cast(Test, _choice(element, "test", ("anyof", "allof"))),
        texts=tuple(_card_text(text) for text in texts),
        params=tuple(_param(param, CARDDAV, _card_text) for param in _named(parts, "param-filter")),
    )


def _card_text(element: Element) -> TextMatch:
    """RFC 6352 10.5.4."""
    match_type = _choice(element, "match-type", ("contains", "equals", "starts-with", "ends-with"))
    return TextMatch(
        text=_text(element),
        collation=resolve(element.get("collation"), default=UNICODE_CASEMAP),
        match_type=cast(MatchType, match_type),
        negate=_negated(element),
    )


# --- CalDAV -----------------------------------------------------------------------------------------


def _component(element: Element, outer: tuple[str, ...]) -> CompFilter:
    """RFC 4791 9.7.1. `outer` are the names around it, the outermost first."""
    name = _name(element)
    _check_nesting(name, outer)
    parts = _children(element, CALDAV, ("is-not-defined", "time-range", "prop-filter", "comp-filter"))
    time_range = _only(_named(parts, "time-range"), "time-range")
    if time_range is not None and name not in _TIMED_COMPONENTS:
        raise UnreadableFilter(f"A time-range says nothing about a {name[:50]}.")
    return CompFilter(
        name=name,
        absent=_absent(parts),
        time_range=None if time_range is None else read_time_range(time_range),
        props=tuple(_calendar_property(prop) for prop in _named(parts, "prop-filter")),
        comps=tuple(_component(comp, (*outer, name)) for comp in _named(parts, "comp-filter")),
    )


def _check_nesting(name: str, outer: tuple[str, ...]) -> None:
    """RFC 4791 7.8: a filter cannot nest a VEVENT in a VTODO."""
    if len(outer) >= MAX_COMPONENT_DEPTH:
        raise UnsupportedFilter(f"Filters look into {MAX_COMPONENT_DEPTH} levels of components, not deeper.")
    if (outer and name == "VCALENDAR") or (len(outer) > 1 and name in _TOP_COMPONENTS):
        raise UnreadableFilter(f"A {name} is never inside a {outer[-1][:50]}.")
    if name == "VALARM" and outer and outer[-1] not in _ALARM_OWNERS:
        raise UnreadableFilter("A VALARM is inside a VEVENT or a VTODO.")


def _calendar_property(element: Element) -> PropFilter:
    """RFC 4791 9.7.2."""
    name = _name(element)
    parts = _children(element, CALDAV, ("is-not-defined", "time-range", "text-match", "param-filter"))
    time_range = _only(_named(parts, "time-range"), "time-range")
    text = _only(_named(parts, "text-match"), "text-match")
    if time_range is not None and text is not None:
        raise UnreadableFilter("A prop-filter has a time-range or a text-match, not both.")
    if time_range is not None and name not in _TIMED_PROPERTIES:
        raise UnreadableFilter(f"A time-range says nothing about {name[:50]}.")
    return PropFilter(
        name=name,
        absent=_absent(parts),
        test="allof",
        texts=() if text is None else (_calendar_text(text),),
        params=tuple(_param(param, CALDAV, _calendar_text) for param in _named(parts, "param-filter")),
        time_range=None if time_range is None else read_time_range(time_range),
    )


def _calendar_text(element: Element) -> TextMatch:
    """RFC 4791 9.7.5: always a substring."""
    return TextMatch(
        text=_text(element),
        collation=resolve(element.get("collation"), default=ASCII_CASEMAP),
        negate=_negated(element),
    )


def _utc(element: Element, attribute: str) -> datetime | None:
    value = element.get(attribute)
    if value is None:
        return None
    if not _UTC.fullmatch(value):
        raise UnreadableFilter(f"The {attribute} of a time range is UTC, like 20061104T000000Z, not {value[:50]!r}.")
    try:
        return datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise UnreadableFilter(f"There is no such time as {value!r}.") from None


# --- both -------------------------------------------------------------------------------------------


def _param(element: Element, namespace: str, read_text: Callable[[Element], TextMatch]) -> ParamFilter:
    """RFC 6352 10.5.2, RFC 4791 9.7.3."""
    parts = _children(element, namespace, ("is-not-defined", "text-match"))
    text = _only(_named(parts, "text-match"), "text-match")
    return ParamFilter(_name(element), _absent(parts), None if text is None else read_text(text))


def _check_size(element: Element) -> None:
    for count, _ in enumerate(element.iter()):
        if count > MAX_ELEMENTS:
            raise UnsupportedFilter(f"A filter has at most {MAX_ELEMENTS} elements.")


def _children(element: Element, namespace: str, known: Sequence[str]) -> list[Element]:
    """Return the child elements; one that we do not know is never passed over (unlike RFC 4918 17)."""
    children = [child for child in element if isinstance(child.tag, str)]
    for child in children:
        name = QName(child)
        if name.namespace != namespace:
            raise UnsupportedFilter(f"{name.localname[:50]!r} is no condition of a filter here.")
        if name.localname not in known:
            raise UnreadableFilter(f"{name.localname[:50]!r} does not belong into {QName(element).localname!r}.")
    return children


def _named(parts: Sequence[Element], name: str) -> list[Element]:
    return [part for part in parts if QName(part).localname == name]


def _only(parts: Sequence[_One], name: str) -> _One | None:
    if len(parts) > 1:
        raise UnreadableFilter(f"There is at most one {name} at this place.")
    return parts[0] if parts else None


def _absent(parts: Sequence[Element]) -> bool:
    """Return whether is-not-defined is there; then it is alone."""
    absent = bool(_named(parts, "is-not-defined"))
    if absent and len(parts) > 1:
        raise UnreadableFilter("What is not defined has no other conditions.")
    return absent


def _name(element: Element) -> str:
    name = (element.get("name") or "").strip()
    if not name:
        raise UnreadableFilter(f"A {QName(element).localname} has a name.")
    return name.upper()


def _choice(element: Element, attribute: str, choices: Sequence[str]) -> str:
    """Return the attribute's value; the first choice is its default."""
    value = element.get(attribute, choices[0])
    if value not in choices:
        raise UnreadableFilter(f"{attribute} is one of {', '.join(choices)}, not {value[:50]!r}.")
    return value


def _negated(element: Element) -> bool:
    return _choice(element, "negate-condition", ("no", "yes")) == "yes"


def _text(element: Element) -> str:
    if any(isinstance(child.tag, str) for child in element):
        raise UnreadableFilter("A text-match holds text, no elements.")
    text = str(element.xpath("string()"))  # comments inside do not count
    if len(text) > MAX_TEXT:
        raise UnsupportedFilter(f"Texts to look for have at most {MAX_TEXT} characters.")
    return text
