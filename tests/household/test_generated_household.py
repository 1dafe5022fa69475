"""The made-up household is valid, varied, and the same each time."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import icalendar
import pytest
import recurring_ical_events
import vobject

from tests.household import CalendarObject, contacts, events, journals, tasks, tree
from tests.household.__main__ import main
from tests.household.lines import FOLD_OCTETS, folded
from tests.household.plans import in_utc, occurrences

SOME = 150
WINDOW = (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))


def _calendar_objects() -> list[CalendarObject]:
    return [*events(SOME, seed=3), *tasks(60, seed=3), *journals(30, seed=3)]


def test_the_same_seed_gives_the_same_octets_whatever_the_count() -> None:
    assert list(contacts(70, seed=5)) == list(islice(contacts(130, seed=5), 70))
    assert list(events(70, seed=5)) == list(islice(events(130, seed=5), 70))
    assert [file.body() for file in tree(30, seed=5)] == [file.body() for file in tree(30, seed=5)]
    assert list(contacts(5, seed=5)) != list(contacts(5, seed=6))


def test_names_and_uids_are_unique() -> None:
    for members in (list(contacts(3000)), list(events(3000)), list(tasks(300)), list(journals(300))):
        assert len({member.uid for member in members}) == len(members)
        assert len({member.name for member in members}) == len(members)


def test_each_card_is_read_by_vobject_with_its_uid_and_formatted_name() -> None:
    for contact in contacts(SOME):
        card = vobject.readOne(contact.body.decode())
        assert (card.uid.value, card.fn.value) == (contact.uid, contact.fn)


def test_cards_come_with_photos_groups_and_several_scripts() -> None:
    cards = list(contacts(1500))
    assert 20 < sum(b"\r\nPHOTO" in card.body for card in cards) < 90
    groups = [card for card in cards if b"\r\nX-ADDRESSBOOKSERVER-KIND:group\r\n" in card.body]
    assert len(groups) == 25
    assert {card.body.split(b"\r\n")[1] for card in cards} == {b"VERSION:3.0", b"VERSION:4.0"}
    names = "".join(card.fn for card in cards)
    scripts = {unicodedata.name(letter, "?").split(" ")[0] for letter in names}
    assert {"HANGUL", "CJK", "HIRAGANA", "KATAKANA", "CYRILLIC", "ARABIC", "LATIN"} <= scripts
    assert "🎂" in names


def test_the_members_of_a_group_are_cards_of_the_same_book() -> None:
    cards = list(contacts(60))
    members = [line for line in cards[59].body.decode().split("\r\n") if "-MEMBER:" in line]
    assert members
    assert {line.rpartition(":")[2] for line in members} <= {card.uid for card in cards}


def test_each_calendar_object_is_read_by_icalendar() -> None:
    for member in _calendar_objects():
        calendar = icalendar.Calendar.from_ical(member.body)
        components = [part for part in calendar.subcomponents if part.name != "VTIMEZONE"]
        assert {(part.name, str(part["UID"])) for part in components} == {(member.component, member.uid)}
        assert not [part.errors for part in calendar.walk() if part.errors]


def test_a_tenth_of_the_events_recur_and_all_kinds_of_exception_occur() -> None:
    members = list(events(3000))
    assert 240 < sum(member.recurring for member in members) < 360
    octets = b"".join(member.body for member in members)
    for line in (
        b"COUNT=",
        b"UNTIL=",
        b"EXDATE",
        b"RDATE",
        b"RECURRENCE-ID",
        b"BEGIN:VALARM",
        b"ATTENDEE",
        b"DURATION:",
    ):
        assert line in octets


def test_the_generators_own_word_on_its_rules_is_that_of_recurring_ical_events() -> None:
    first, after = (moment.replace(tzinfo=None) for moment in WINDOW)
    for member in events(80, seed=9, recurring=1.0):
        assert member.plan is not None
        found = recurring_ical_events.of(icalendar.Calendar.from_ical(member.body)).between(*WINDOW)
        theirs = {_instant(event["DTSTART"].dt) for event in found}
        # A floating or all-day time is read in UTC by that library, when the window is in UTC.
        spans = ((in_utc(member.plan, at, "UTC"), length) for at, length in _spans(member, after + timedelta(days=1)))
        ours = {start for start, length in spans if start < after and start + length > first}
        assert ours == theirs, member.body.decode()


def _spans(member: CalendarObject, until: datetime) -> list[tuple[datetime, timedelta]]:
    assert member.plan is not None
    return [(start, end - start) for start, end in occurrences(member.plan, until)]


def _instant(moment: object) -> datetime:
    if not isinstance(moment, datetime):
        return datetime.fromisoformat(f"{moment}T00:00:00")
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


@pytest.mark.parametrize("members", [list(contacts(SOME)), _calendar_objects()], ids=["cards", "calendar objects"])
def test_lines_are_folded_at_75_octets_and_ended_by_crlf(members: list[CalendarObject]) -> None:
    for member in members:
        lines = member.body.split(b"\r\n")
        assert lines[-1] == b""
        assert not [line for line in lines if b"\n" in line or len(line) > FOLD_OCTETS]


@pytest.mark.parametrize("line", ["N:" + "가" * 80, "X:" + "a" * 300, "NOTE:" + "👩‍👩‍👧‍👦é" * 30])
def test_folding_never_cuts_a_character_and_is_undone_by_unfolding(line: str) -> None:
    assert folded(line).replace("\r\n ", "") == line


def test_a_tree_has_the_names_and_sizes_that_trip_servers_up() -> None:
    files = list(tree(1000))
    paths = [file.path for file in files]
    assert len({unicodedata.normalize("NFC", path) for path in paths}) == len(paths)
    assert [path for path in paths if unicodedata.is_normalized("NFD", path) and not path.isascii()]
    for sign in (" ", "#", "%", "&", "+", "🎉"):
        assert [path for path in paths if sign in path]
    assert {file.size_bytes for file in files} >= {0}
    assert 1 << 20 < max(file.size_bytes for file in files) <= 4 << 20
    assert all(len(file.body()) == file.size_bytes for file in files[:100])
    folders = {path.rpartition("/")[0] for path in paths}
    assert not folders & set(paths)


def test_the_command_writes_what_it_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(
        ["--into", str(tmp_path), "--contacts", "5", "--events", "4", "--tasks", "3", "--journals", "2", "--files", "6"]
    )
    assert capsys.readouterr().out.endswith("5 contacts, 4 events, 3 tasks, 2 journals, 6 files\n")
    assert len(list((tmp_path / "contacts").glob("*.vcf"))) == 5
    assert sum(path.is_file() for path in (tmp_path / "files").rglob("*")) == 6
