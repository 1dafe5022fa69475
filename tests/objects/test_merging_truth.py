"""vobject and icalendar as the truth: what they write again is no difference, and one edit of theirs is exactly one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import icalendar
import pytest
import vobject
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.objects.differences import Difference, differences
from appliance.objects.merging import merge, take_field
from tests.household import contacts, events, journals, tasks

CARDS = [contact.body for contact in contacts(240, seed=9)]
EVENTS = [one.body for one in (*events(200, seed=9), *tasks(40, seed=9), *journals(20, seed=9))]
LATER = datetime(2027, 5, 6, 7, 8, tzinfo=UTC)

Said = tuple[str, bool, bool]
"""The word of a field, whether it was there, whether it is there now."""
CardEdit = Callable[[vobject.base.Component], Said | None]
EventEdit = Callable[[icalendar.Calendar], Said | None]
"""They edit and return what is to differ; None where there is nothing to edit."""


def said(difference: Difference) -> Said:
    field = difference.now or difference.was
    assert field is not None
    return field.word, difference.was is not None, difference.now is not None


# --- cards ------------------------------------------------------------------------------------------


def _call(card: vobject.base.Component) -> Said:
    card.fn.value += " 2"
    return "name", True, True


def _note(card: vobject.base.Component) -> Said:
    was = hasattr(card, "note")
    (card.note if was else card.add("note")).value = "세 줄;\\ one,\ntwo\n three"
    return "note", was, True


def _number(card: vobject.base.Component) -> Said:
    card.add("tel").value = "+82 2 555 01"
    return "phone", False, True


def _no_number(card: vobject.base.Component) -> Said | None:
    numbers = card.contents.get("tel", [])
    if not numbers:
        return None
    gone = numbers[0]
    for line in [line for lines in list(card.contents.values()) for line in lines]:
        if line is gone or (gone.group and line.group == gone.group):
            card.remove(line)
    return "phone", True, False


def _mail(card: vobject.base.Component) -> Said | None:
    if not hasattr(card, "email"):
        return None
    card.email.value = "other@example.org"
    return "mail", True, True


def _category(card: vobject.base.Component) -> Said:
    if hasattr(card, "categories"):
        card.categories.value = [*card.categories.value, "ski, boat"]
    else:
        card.add("categories").value = ["ski, boat"]
    return "categories", False, True


def _no_photo(card: vobject.base.Component) -> Said | None:
    if not hasattr(card, "photo"):
        return None
    card.remove(card.photo)
    return "photo", True, False


CARD_EDITS: dict[str, CardEdit] = {
    "the name": _call, "the note": _note, "a number more": _number, "a number less": _no_number,
    "another mail address": _mail, "a category more": _category, "no photo": _no_photo,
}  # fmt: skip


def test_a_card_that_vobject_writes_again_is_no_difference() -> None:
    for body in CARDS:
        assert differences("card", body, vobject.readOne(body.decode()).serialize().encode()) == []


@pytest.mark.parametrize("edit", CARD_EDITS.values(), ids=list(CARD_EDITS))
def test_an_edit_of_vobject_is_one_difference(edit: CardEdit) -> None:
    done = 0
    for body in CARDS:
        card = vobject.readOne(body.decode())
        wanted = edit(card)
        if wanted is None:
            continue
        now = card.serialize().encode()
        assert [said(each) for each in differences("card", body, now)] == [wanted], body.decode()
        done += 1
    assert done >= 2


# --- events -----------------------------------------------------------------------------------------


def _main(calendar: icalendar.Calendar) -> icalendar.Component:
    kept = [one for one in calendar.subcomponents if one.name in ("VEVENT", "VTODO", "VJOURNAL")]
    return next((one for one in kept if "RECURRENCE-ID" not in one), kept[0])


def _put(one: icalendar.Component, name: str, value: object) -> bool:
    was = name in one
    one.pop(name, None)
    one.add(name, value)
    return was


def _title(calendar: icalendar.Calendar) -> Said:
    return "title", _put(_main(calendar), "SUMMARY", "새 제목; with, all"), True


def _place(calendar: icalendar.Calendar) -> Said:
    return "place", _put(_main(calendar), "LOCATION", "Hall\nsecond floor"), True


def _no_description(calendar: icalendar.Calendar) -> Said | None:
    return ("description", True, False) if _main(calendar).pop("DESCRIPTION", None) is not None else None


def _time(calendar: icalendar.Calendar) -> Said:
    main = _main(calendar)
    was = any(name in main for name in ("DTSTART", "DTEND", "DURATION", "DUE"))
    for name in ("DTEND", "DURATION", "DUE"):
        main.pop(name, None)
    _put(main, "DTSTART", LATER)
    return "time", was, True


def _left_out(calendar: icalendar.Calendar) -> Said | None:
    if "RRULE" not in _main(calendar):
        return None
    _main(calendar).add("EXDATE", [LATER])
    return "left out date", False, True


def _guest(calendar: icalendar.Calendar) -> Said:
    _main(calendar).add("ATTENDEE", "mailto:guest@example.org", parameters={"PARTSTAT": "TENTATIVE"})
    return "guest", False, True


def _alarm(calendar: icalendar.Calendar) -> Said:
    alarm = icalendar.Alarm()
    alarm.add("ACTION", "DISPLAY")
    alarm.add("TRIGGER", timedelta(minutes=-77))
    _main(calendar).add_component(alarm)
    return "alarm", False, True


def _no_alarm(calendar: icalendar.Calendar) -> Said | None:
    main = _main(calendar)
    alarms = [one for one in main.subcomponents if one.name == "VALARM"]
    if not alarms:
        return None
    main.subcomponents.remove(alarms[0])
    return "alarm", True, False


def _no_occasion(calendar: icalendar.Calendar) -> Said | None:
    changed = [one for one in calendar.subcomponents if "RECURRENCE-ID" in one]
    if not changed or len(changed) == len([one for one in calendar.subcomponents if one.name == changed[0].name]):
        return None
    calendar.subcomponents.remove(changed[0])
    return str(changed[0].name).removeprefix("V").lower(), True, False


EVENT_EDITS: dict[str, EventEdit] = {
    "the title": _title, "the place": _place, "no description": _no_description, "another time": _time,
    "a date left out": _left_out, "a guest": _guest, "an alarm": _alarm, "no alarm": _no_alarm,
    "a changed date less": _no_occasion,
}  # fmt: skip


def test_an_event_that_icalendar_writes_again_is_no_difference() -> None:
    for body in EVENTS:
        assert differences("event", body, icalendar.Calendar.from_ical(body).to_ical()) == []


@pytest.mark.parametrize("edit", EVENT_EDITS.values(), ids=list(EVENT_EDITS))
def test_an_edit_of_icalendar_is_one_difference(edit: EventEdit) -> None:
    done = 0
    for body in EVENTS:
        calendar = icalendar.Calendar.from_ical(body)
        wanted = edit(calendar)
        if wanted is None:
            continue
        assert [said(each) for each in differences("event", body, calendar.to_ical())] == [wanted], body.decode()
        done += 1
    assert done >= 2


# --- what is merged, they read ----------------------------------------------------------------------


@given(st.sampled_from(CARDS), st.sampled_from(list(CARD_EDITS.values())), st.sampled_from(list(CARD_EDITS.values())))
@settings(max_examples=60)
def test_vobject_reads_two_edits_that_were_merged(body: bytes, mine: CardEdit, theirs: CardEdit) -> None:
    edited = []
    for edit in (mine, theirs):
        card = vobject.readOne(body.decode())
        edit(card)
        edited.append(card.serialize().encode())
    both = vobject.readOne(edited[0].decode())
    if mine is not theirs:
        theirs(both)
    merged = merge("card", body, edited[0], edited[1])
    assert merged.conflicts == ()
    again = vobject.readOne(merged.body.decode()).serialize().encode()
    assert differences("card", again, both.serialize().encode()) == []


@given(st.sampled_from(EVENTS), st.sampled_from(list(EVENT_EDITS.values())))
@settings(max_examples=60)
def test_icalendar_reads_an_edit_that_was_taken(body: bytes, edit: EventEdit) -> None:
    calendar = icalendar.Calendar.from_ical(body)
    edit(calendar)
    now = calendar.to_ical()
    for difference in differences("event", body, now):
        taken = take_field("event", body, now, difference.key)
        assert icalendar.Calendar.from_ical(taken).to_ical() != icalendar.Calendar.from_ical(body).to_ical()
        assert differences("event", icalendar.Calendar.from_ical(taken).to_ical(), now) == []
