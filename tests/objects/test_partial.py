"""Parts of objects: what is kept is byte for byte what was sent, what is expanded has no rules and no zones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.errors import TooManyMatches
from appliance.objects.content_lines import Malformed, octet_lines, parse
from appliance.objects.octets import Octets, folded
from appliance.objects.partial import shape_calendar, shape_card
from appliance.objects.selection import CalendarWanted, CompWanted, PropWanted
from tests.household.contacts import contacts
from tests.household.events import events
from tests.household.zones import vtimezone
from tests.objects.calendars import calendar, event, utc

NOVEMBER = utc("20261101T0000"), utc("20261201T0000")
ZONE = "\n".join(vtimezone("Europe/Berlin", apple=False)[1:-1])
BERLIN = "DTSTART;TZID=Europe/Berlin:20261005T090000\nDTEND;TZID=Europe/Berlin:20261005T100000\n"


def lines_of(body: bytes, component: str = "VEVENT") -> list[list[str]]:
    """The lines of each component of this name, unfolded."""
    return [
        [
            ":".join([";".join([line.name, *(f"{n}={','.join(v)}" for n, v in line.params)]), line.value])
            for line in found.lines
        ]
        for found in parse(body).components
        if found.name == component
    ]


# --- selection --------------------------------------------------------------------------------------


def props(*names: str) -> tuple[PropWanted, ...]:
    return tuple(PropWanted(name) for name in names)


def test_a_selection_of_everything_is_the_object_itself() -> None:
    for member in events(40, recurring=0.5):
        assert shape_calendar(member.body, CalendarWanted(comp=CompWanted("VCALENDAR")), "UTC") == member.body


def test_evolutions_selection_gives_the_uid_and_nothing_else() -> None:
    wanted = CalendarWanted(comp=CompWanted("VCALENDAR", (), (CompWanted("VEVENT", props("UID"), ()),)))
    body = calendar("VTIMEZONE\n" + ZONE, "VEVENT\nUID:u-1\n" + BERLIN + "BEGIN:VALARM\nTRIGGER:PT0S\nEND:VALARM")
    assert shape_calendar(body, wanted, "UTC").split(b"\r\n") == [
        b"BEGIN:VCALENDAR", b"BEGIN:VEVENT", b"UID:u-1", b"END:VEVENT", b"END:VCALENDAR", b"",
    ]  # fmt: skip


def test_a_zone_stays_while_a_kept_line_names_it() -> None:
    wanted = CalendarWanted(comp=CompWanted("VCALENDAR", props("VERSION"), (CompWanted("VEVENT", props("DTSTART")),)))
    body = calendar("VTIMEZONE\n" + ZONE, "VEVENT\nUID:u-1\n" + BERLIN)
    shaped = parse(shape_calendar(body, wanted, "UTC"))
    assert [component.name for component in shaped.components] == ["VTIMEZONE", "VEVENT"]
    assert shaped.components[0].lines and shaped.components[0].components


def test_inner_components_are_kept_as_asked() -> None:
    body = event("DTSTART:20261105T090000Z\nBEGIN:VALARM\nTRIGGER:PT0S\nACTION:AUDIO\nEND:VALARM")
    asked = CompWanted("VEVENT", props("UID"), (CompWanted("VALARM", props("ACTION")),))
    shaped = parse(shape_calendar(body, CalendarWanted(comp=CompWanted("VCALENDAR", (), (asked,))), "UTC"))
    assert [line.name for line in shaped.components[0].components[0].lines] == ["ACTION"]


def test_kept_lines_are_byte_for_byte_those_that_were_sent() -> None:
    long = b'summary;x="a:b":' + "가".encode() * 30
    odd = (
        b"BEGIN:vcalendar\r\nBegin:VEVENT\r\nUID:u-1\r\n"
        + long[:61]
        + b"\r\n\t"
        + long[61:]
        + b"\r\nX:1\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    wanted = CalendarWanted(comp=CompWanted("VCALENDAR", (), (CompWanted("VEVENT", props("SUMMARY")),)))
    assert shape_calendar(odd, wanted, "UTC") == odd.replace(b"UID:u-1\r\n", b"").replace(b"X:1\r\n", b"")


def test_novalue_gives_name_and_parameters_only() -> None:
    comp = CompWanted("VCALENDAR", (), (CompWanted("VEVENT", (PropWanted("ATTENDEE", novalue=True),)),))
    body = event('ATTENDEE;CN="Kim: Mina";ROLE=CHAIR:mailto:mina@example.com')
    assert b'\r\nATTENDEE;CN="Kim: Mina";ROLE=CHAIR:\r\n' in shape_calendar(body, CalendarWanted(comp=comp), "UTC")


def test_known_zones_are_left_out_for_who_looks_them_up() -> None:
    own = ZONE.replace("Europe/Berlin", "Mine")
    body = calendar("VTIMEZONE\n" + ZONE, "VTIMEZONE\n" + own, "VEVENT\nUID:u-1\n" + BERLIN)
    shaped = shape_calendar(body, CalendarWanted(timezones=False), "UTC")
    assert [lines[0] for lines in lines_of(shaped, "VTIMEZONE")] == ["TZID:Mine"]
    assert lines_of(shaped) == lines_of(body)


@pytest.mark.parametrize(
    ("wanted", "left"),
    [
        (props("TEL"), [b"VERSION:3.0", b"UID:u-1", b"FN:Mina", b"TEL:1", b"item1.TEL:2"]),
        (props("ITEM1.TEL"), [b"VERSION:3.0", b"UID:u-1", b"FN:Mina", b"item1.TEL:2"]),
        (props("NOTE"), [b"VERSION:3.0", b"UID:u-1", b"FN:Mina", b"NOTE:a\r\n b"]),
        ((PropWanted("NOTE", novalue=True),), [b"VERSION:3.0", b"UID:u-1", b"FN:Mina", b"NOTE:"]),
        (props("X-NONE"), [b"VERSION:3.0", b"UID:u-1", b"FN:Mina"]),
    ],
)
def test_a_card_keeps_what_makes_it_a_card(wanted: tuple[PropWanted, ...], left: list[bytes]) -> None:
    body = b"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:u-1\r\nFN:Mina\r\nTEL:1\r\nitem1.TEL:2\r\nNOTE:a\r\n b\r\nEND:VCARD\r\n"
    assert shape_card(body, wanted) == b"\r\n".join([b"BEGIN:VCARD", *left, b"END:VCARD", b""])


def test_a_card_of_which_nothing_special_is_wanted_stays_whole() -> None:
    for contact in contacts(10):
        assert shape_card(contact.body, ()) == contact.body


# --- expand -----------------------------------------------------------------------------------------


def expand(body: bytes, window: tuple[str, str] = ("20261101T0000", "20261201T0000")) -> bytes:
    return shape_calendar(body, CalendarWanted(expand=(utc(window[0]), utc(window[1]))), "Asia/Seoul")


def test_expanded_instances_are_in_utc_and_have_no_rules_and_no_zones() -> None:
    body = calendar(
        "VTIMEZONE\n" + ZONE,
        "VEVENT\nUID:u-1\n"
        + BERLIN
        + "RRULE:FREQ=WEEKLY;COUNT=6\nEXDATE;TZID=Europe/Berlin:20261102T090000\nSUMMARY:x",
    )
    shaped = expand(body, ("20261015T0000", "20261201T0000"))
    assert [component.name for component in parse(shaped).components] == ["VEVENT"] * 3
    assert lines_of(shaped) == [
        ["UID:u-1", f"DTSTART:{start}", f"DTEND:{end}", "SUMMARY:x", f"RECURRENCE-ID:{start}"]
        for start, end in [
            ("20261019T070000Z", "20261019T080000Z"),
            ("20261026T080000Z", "20261026T090000Z"),
            ("20261109T080000Z", "20261109T090000Z"),
        ]
    ]


def test_expanded_days_and_floating_times_stay_what_they_are() -> None:
    days = expand(event("DTSTART;VALUE=DATE:20261101\nDTEND;VALUE=DATE:20261103\nRRULE:FREQ=MONTHLY;COUNT=1"))
    assert lines_of(days) == [
        [
            "UID:u-1", "DTSTART;VALUE=DATE:20261101", "DTEND;VALUE=DATE:20261103", "RECURRENCE-ID;VALUE=DATE:20261101",
        ],
    ]  # fmt: skip
    floating = expand(event("DTSTART:20261101T100000\nDURATION:PT1H\nRRULE:FREQ=MONTHLY"))
    assert lines_of(floating) == [
        ["UID:u-1", "DTSTART:20261101T100000", "DURATION:PT1H", "RECURRENCE-ID:20261101T100000"]
    ]


def test_an_override_stands_in_its_place_and_one_moved_into_the_range_is_there() -> None:
    body = calendar(
        "VEVENT\nUID:u-1\nDTSTART:20261005T090000Z\nRRULE:FREQ=MONTHLY;COUNT=3\nSUMMARY:master",
        "VEVENT\nUID:u-1\nRECURRENCE-ID:20261205T090000Z\nDTSTART;TZID=Asia/Seoul:20261106T100000\nSUMMARY:moved",
    )
    assert lines_of(expand(body)) == [
        ["UID:u-1", "DTSTART:20261105T090000Z", "SUMMARY:master", "RECURRENCE-ID:20261105T090000Z"],
        ["UID:u-1", "RECURRENCE-ID:20261205T090000Z", "DTSTART:20261106T010000Z", "SUMMARY:moved"],
    ]


def test_what_does_not_recur_has_no_recurrence_id_and_keeps_its_alarm() -> None:
    body = event("DTSTART;TZID=Asia/Seoul:20261105T090000\nBEGIN:VALARM\nTRIGGER:-PT5M\nEND:VALARM")
    shaped = expand(body)
    assert lines_of(shaped) == [["UID:u-1", "DTSTART:20261105T000000Z"]]
    assert b"BEGIN:VALARM\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\n" in shaped


def test_an_rdate_period_has_its_own_end() -> None:
    body = event("DTSTART:20261005T090000Z\nDURATION:PT1H\nRDATE;VALUE=PERIOD:20261105T090000Z/PT3H")
    assert lines_of(expand(body)) == [
        ["UID:u-1", "DTSTART:20261105T090000Z", "DTEND:20261105T120000Z", "RECURRENCE-ID:20261105T090000Z"]
    ]


def test_a_task_is_expanded_by_its_due() -> None:
    body = calendar("VTODO\nUID:u-1\nDTSTART:20261001T090000Z\nDUE:20261001T100000Z\nRRULE:FREQ=MONTHLY\nSUMMARY:x")
    assert lines_of(expand(body), "VTODO") == [
        ["UID:u-1", "DTSTART:20261101T090000Z", "DUE:20261101T100000Z", "SUMMARY:x", "RECURRENCE-ID:20261101T090000Z"]
    ]


@pytest.mark.parametrize("rule", ["FREQ=MINUTELY", "FREQ=SECONDLY", "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30"])
def test_more_instances_than_an_answer_holds_are_refused(rule: str) -> None:
    with pytest.raises(TooManyMatches):
        expand(event(f"DTSTART:20261005T090000Z\nRRULE:{rule}"), ("20260101T0000", "20661201T0000"))


# --- limits -----------------------------------------------------------------------------------------


def override(recurrence_id: str, start: str, more: str = "") -> str:
    return f"VEVENT\nUID:u-1\nRECURRENCE-ID{more}:{recurrence_id}T090000Z\nDTSTART:{start}T090000Z"


@pytest.mark.parametrize(
    ("component", "kept"),
    [
        (override("20261105", "20261105"), True),
        (override("20261105", "20270105"), True),
        (override("20270105", "20261106"), True),
        (override("20270105", "20270106"), False),
        (override("20261005", "20261006"), False),
        (override("20261005", "20261006", ";RANGE=THISANDFUTURE"), True),
        (override("20270105", "20270106", ";RANGE=THISANDFUTURE"), False),
    ],
)
def test_overrides_that_do_not_touch_the_range_are_left_out(component: str, kept: bool) -> None:
    master = "VEVENT\nUID:u-1\nDTSTART:20260105T090000Z\nRRULE:FREQ=MONTHLY"
    shaped = shape_calendar(calendar(master, component), CalendarWanted(limit_recurrence=NOVEMBER), "UTC")
    assert shaped == calendar(master, *([component] if kept else []))


def test_periods_that_do_not_touch_the_range_are_left_out() -> None:
    body = calendar(
        "VFREEBUSY\nUID:u-1\nFREEBUSY;FBTYPE=BUSY:20261005T090000Z/PT1H,20261105T090000Z/PT1H\n"
        "FREEBUSY:20261205T090000Z/PT1H\nFREEBUSY:20261106T090000Z/PT1H,nonsense"
    )
    shaped = shape_calendar(body, CalendarWanted(limit_freebusy=NOVEMBER), "UTC")
    assert lines_of(shaped, "VFREEBUSY") == [
        ["UID:u-1", "FREEBUSY;FBTYPE=BUSY:20261105T090000Z/PT1H", "FREEBUSY:20261106T090000Z/PT1H,nonsense"]
    ]


# --- octets -----------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [b"BEGIN:VCALENDAR", b"END:VCALENDAR", b"BEGIN:VEVENT", b"END:VEVENT", b"\r\n", b"\n", b"\r", b" ", b"\t", b":",
     b"UID:1", b"NOTE;ENCODING=QUOTED-PRINTABLE:x=", b"\xff", b'"', b"DTSTART:20261105T090000Z", b"RRULE:FREQ=DAILY"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=40).map(b"".join))
def test_lines_and_octets_are_counted_alike(body: bytes) -> None:
    try:
        root = parse(body)
    except Malformed:
        return
    octets = Octets(body, root)
    everything = octets.joined(octets.whole(root), {})
    assert everything in body
    for line in root.lines:
        assert line.name.encode() in octets.head(line).upper() or "\ufffd" in line.name
    assert len(octet_lines(body)) > root.begin
    shape_calendar(body, CalendarWanted(expand=NOVEMBER), "UTC")
    shape_calendar(body, CalendarWanted(limit_recurrence=NOVEMBER, comp=CompWanted("VCALENDAR", props("UID"))), "UTC")


@given(st.text(max_size=300))
def test_a_folded_line_is_short_and_unfolds_to_itself(text: str) -> None:
    written = ("X:" + text.replace("\r", "").replace("\n", "")).encode()
    lines = folded(written).split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    assert b"".join([lines[0], *(line[1:] for line in lines[1:-1])]) == written
    for line in lines:
        line.decode()
