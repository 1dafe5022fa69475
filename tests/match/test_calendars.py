"""Filters of calendar-query (RFC 4791 9.7), on the calendar of its Appendix B where it fits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from appliance.match.calendars import matches, recurrence_sets
from appliance.match.filters import CompFilter, ParamFilter, PropFilter, TextMatch, TimeRange
from appliance.match.lines import Component
from tests.match.written import WrittenComponent, component

EVENT_2 = component(
    """
    BEGIN:VCALENDAR
    VERSION:2.0
    BEGIN:VTIMEZONE
    TZID:US/Eastern
    BEGIN:STANDARD
    TZNAME:EST
    END:STANDARD
    END:VTIMEZONE
    BEGIN:VEVENT
    DTSTART:20060102T120000Z
    DURATION:PT1H
    RRULE:FREQ=DAILY;COUNT=5
    SUMMARY:Event #2
    UID:00959BC664CA650E933C892C@example.com
    END:VEVENT
    BEGIN:VEVENT
    DTSTART:20060104T140000Z
    DURATION:PT1H
    RECURRENCE-ID:20060104T120000Z
    SUMMARY:Event #2 bis
    LOCATION:Room\\, upstairs
    UID:00959BC664CA650E933C892C@example.com
    END:VEVENT
    END:VCALENDAR
    """
)

EVENT_3 = component(
    """
    BEGIN:VCALENDAR
    BEGIN:VEVENT
    ATTENDEE;PARTSTAT=ACCEPTED;ROLE=CHAIR:mailto:cyrus@example.com
    ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:lisa@example.com
    DTSTART:20060104T100000Z
    STATUS:TENTATIVE
    SUMMARY:Event #3
    UID:DC6C50A017428C5216A2F1CD@example.com
    BEGIN:VALARM
    ACTION:DISPLAY
    TRIGGER:20060104T094500Z
    END:VALARM
    END:VEVENT
    END:VCALENDAR
    """
)

TODO_5 = component(
    """
    BEGIN:VCALENDAR
    BEGIN:VTODO
    DUE:20060106T100000Z
    STATUS:NEEDS-ACTION
    SUMMARY:Task #2
    UID:E10BA47467C5C69BB74E8720@example.com
    BEGIN:VALARM
    TRIGGER:20060106T090000Z
    END:VALARM
    END:VTODO
    END:VCALENDAR
    """
)


class StartsAt:
    """Time ranges by the first UTC time of a line: enough to see which components are asked about."""

    def component(self, recurrence_set: Sequence[Component], wanted: TimeRange) -> bool:
        return any(_within(_time(member, "DTSTART") or _time(member, "DUE"), wanted) for member in recurrence_set)

    def alarm(self, recurrence_set: Sequence[Component], owner: Component, alarm: Component, wanted: TimeRange) -> bool:
        assert owner in recurrence_set and alarm in owner.components
        return _within(_time(alarm, "TRIGGER"), wanted)

    def property(self, recurrence_set: Sequence[Component], owner: Component, name: str, wanted: TimeRange) -> bool:
        assert owner in recurrence_set
        return _within(_time(owner, name), wanted)


def _time(one: Component, name: str) -> datetime | None:
    value = next((line.value for line in one.lines if line.name == name), None)
    return datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) if value else None


def _within(moment: datetime | None, wanted: TimeRange) -> bool:
    first, last = wanted.start_at or datetime.min.replace(tzinfo=UTC), wanted.end_at or datetime.max.replace(tzinfo=UTC)
    return moment is not None and first <= moment < last


def calendar(*comps: CompFilter, **more: object) -> CompFilter:
    return CompFilter("VCALENDAR", comps=comps, **more)  # type: ignore[arg-type]


def event(*props: PropFilter, **more: object) -> CompFilter:
    return calendar(CompFilter("VEVENT", props=props, **more))  # type: ignore[arg-type]


def prop(name: str, text: str | None = None, **more: object) -> PropFilter:
    texts = () if text is None else (TextMatch(text, collation="i;ascii-casemap"),)
    return PropFilter(name, test="allof", texts=texts, **more)  # type: ignore[arg-type]


def days(start: int | None, end: int | None) -> TimeRange:
    return TimeRange(
        datetime(2006, 1, start, tzinfo=UTC) if start else None, datetime(2006, 1, end, tzinfo=UTC) if end else None
    )


NOT_CANCELLED = PropFilter("STATUS", test="allof", texts=(TextMatch("CANCELLED", "i;ascii-casemap", negate=True),))
DECLINED = ParamFilter("PARTSTAT", text=TextMatch("NEEDS-ACTION", "i;ascii-casemap"))
ALARM_ON_6 = CompFilter("VALARM", time_range=days(6, 7))

CASES = [
    pytest.param(calendar(), EVENT_2, True, id="any calendar object"),
    pytest.param(CompFilter("VCARD"), EVENT_2, False, id="the outermost name must fit"),
    pytest.param(CompFilter("VCALENDAR", absent=True), EVENT_2, False, id="VCALENDAR is never absent"),
    pytest.param(event(), EVENT_2, True, id="RFC 4791 7.8.8 events only"),
    pytest.param(event(), TODO_5, False, id="RFC 4791 7.8.8 no to-dos"),
    pytest.param(calendar(CompFilter("VEVENT", absent=True)), TODO_5, True, id="component absent"),
    pytest.param(calendar(CompFilter("VEVENT", absent=True)), EVENT_2, False, id="component not absent"),
    pytest.param(calendar(CompFilter("X-THING")), EVENT_2, False, id="an unknown component"),
    pytest.param(calendar(CompFilter("VEVENT"), CompFilter("VTODO")), EVENT_2, False, id="inner filters are all meant"),
    pytest.param(calendar(props=(prop("VERSION", "2.0"),)), EVENT_2, True, id="a property of VCALENDAR"),
    pytest.param(calendar(props=(prop("METHOD", absent=True),)), EVENT_2, True, id="a property VCALENDAR lacks"),
    pytest.param(event(prop("UID", "DC6C50A017428C5216A2F1CD@example.com")), EVENT_3, True, id="RFC 4791 7.8.6 UID"),
    pytest.param(event(prop("UID", "DC6C50A017428C5216A2F1CD@example.com")), EVENT_2, False, id="another UID"),
    pytest.param(event(prop("SUMMARY", "event #2 B")), EVENT_2, True, id="the text of an override"),
    pytest.param(event(prop("LOCATION", "room, up")), EVENT_2, True, id="unescaped"),
    pytest.param(event(prop("SUMMARY", "bis"), prop("RRULE")), EVENT_2, False, id="one component fulfils all"),
    pytest.param(event(prop("X-ABC-GUID", "ABC")), EVENT_2, False, id="RFC 4791 7.8.10 is just no match here"),
    pytest.param(event(NOT_CANCELLED), EVENT_3, True, id="negate"),
    pytest.param(event(NOT_CANCELLED), EVENT_2, False, id="negate needs the property"),
    pytest.param(event(prop("STATUS", absent=True)), EVENT_2, True, id="property absent"),
    pytest.param(event(prop("STATUS", absent=True)), EVENT_3, False, id="property not absent"),
    pytest.param(
        event(prop("ATTENDEE", "mailto:lisa@example.com", params=(DECLINED,))), EVENT_3, True, id="RFC 4791 7.8.7"
    ),
    pytest.param(
        event(prop("ATTENDEE", "mailto:cyrus@example.com", params=(DECLINED,))),
        EVENT_3,
        False,
        id="parameter and text on the same line",
    ),
    pytest.param(
        event(prop("ATTENDEE", params=(ParamFilter("ROLE", absent=True),))), EVENT_3, True, id="parameter absent"
    ),
    pytest.param(event(time_range=days(4, 5)), EVENT_3, True, id="RFC 4791 7.8.1 time range"),
    pytest.param(event(time_range=days(5, 6)), EVENT_3, False, id="outside the time range"),
    pytest.param(event(time_range=days(4, None)), EVENT_2, True, id="an override in the range"),
    pytest.param(
        event(prop("RRULE"), time_range=days(4, 5)), EVENT_2, True, id="the set's time, the master's property"
    ),
    pytest.param(event(prop("DTSTART", time_range=days(4, 5))), EVENT_2, True, id="time range of a property"),
    pytest.param(event(prop("DTSTART", time_range=days(5, 6))), EVENT_2, False, id="property outside the range"),
    pytest.param(event(prop("COMPLETED", time_range=days(1, 9))), EVENT_2, False, id="a date that is not there"),
    pytest.param(calendar(CompFilter("VTODO", comps=(ALARM_ON_6,))), TODO_5, True, id="RFC 4791 7.8.5 alarm"),
    pytest.param(event(comps=(ALARM_ON_6,)), EVENT_3, False, id="alarm at another time"),
    pytest.param(event(comps=(CompFilter("VALARM"),)), EVENT_3, True, id="has an alarm"),
    pytest.param(event(comps=(CompFilter("VALARM", absent=True),)), EVENT_2, True, id="has no alarm"),
    pytest.param(event(comps=(CompFilter("VALARM", absent=True),)), EVENT_3, False, id="has one"),
    pytest.param(
        event(comps=(CompFilter("VALARM", props=(prop("ACTION", "display"),)),)), EVENT_3, True, id="alarm's property"
    ),
    pytest.param(
        calendar(CompFilter("VTODO", props=(prop("COMPLETED", absent=True), NOT_CANCELLED))),
        TODO_5,
        True,
        id="RFC 4791 7.8.9 pending to-dos",
    ),
    pytest.param(
        calendar(CompFilter("VTIMEZONE", comps=(CompFilter("STANDARD"),))), EVENT_2, True, id="inside a time zone"
    ),
]


@pytest.mark.parametrize(("wanted", "calendar_object", "found"), CASES)
def test_a_comp_filter_finds_what_the_rfc_says(
    wanted: CompFilter, calendar_object: WrittenComponent, found: bool
) -> None:
    assert matches(wanted, calendar_object, StartsAt()) is found


def test_master_and_overrides_are_one_set_and_strangers_are_not() -> None:
    both = [*EVENT_2.components, *EVENT_3.components]
    events = [one for one in both if one.name == "VEVENT"]
    assert [len(members) for members in recurrence_sets(events)] == [2, 1]


def test_components_without_a_uid_stand_alone() -> None:
    nameless = component("BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VEVENT\nBEGIN:VEVENT\nEND:VEVENT\nEND:VCALENDAR")
    assert [len(members) for members in recurrence_sets(nameless.components)] == [1, 1]
