"""Fields of cards and events: what differs, what is taken from another version, what stays octet for octet."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance import errors
from appliance.objects.content_lines import Malformed
from appliance.objects.differences import differences
from appliance.objects.fields import fields
from appliance.objects.merging import WHOLE, merge, take_field
from appliance.objects.property_tree import ObjectKind
from tests.household import contacts, events, tasks

CARD = b"""BEGIN:VCARD\r
VERSION:3.0\r
UID:1\r
FN:Kim Minsu\r
N:Kim;Minsu;;;\r
TEL;TYPE=WORK,VOICE:+82 2 123\r
TEL;TYPE=cell:+82 10 111\r
item1.EMAIL;type=INTERNET:minsu@example.org\r
item1.X-ABLabel:_$!<School>!$_\r
X-ODD;x=1:kept\r
NOTE:first\\nsecond\r
REV:2026-01-01T00:00:00Z\r
END:VCARD\r
"""
EVENT = b"""BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//one//EN\r
BEGIN:VTIMEZONE\r
TZID:Asia/Seoul\r
BEGIN:STANDARD\r
DTSTART:19700101T000000\r
TZOFFSETFROM:+0900\r
TZOFFSETTO:+0900\r
END:STANDARD\r
END:VTIMEZONE\r
BEGIN:VEVENT\r
UID:e1\r
DTSTAMP:20260101T000000Z\r
DTSTART;TZID=Asia/Seoul:20261120T100000\r
DTEND;TZID=Asia/Seoul:20261120T110000\r
RRULE:FREQ=WEEKLY;COUNT=5\r
SUMMARY:Choir\r
BEGIN:VALARM\r
ACTION:DISPLAY\r
TRIGGER:-PT15M\r
END:VALARM\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:e1\r
RECURRENCE-ID;TZID=Asia/Seoul:20261127T100000\r
DTSTART;TZID=Asia/Seoul:20261127T120000\r
DTEND;TZID=Asia/Seoul:20261127T130000\r
SUMMARY:Choir\\, later\r
END:VEVENT\r
END:VCALENDAR\r
"""


def changed(kind: ObjectKind, was: bytes, now: bytes) -> dict[str, tuple[str | None, str | None]]:
    """What differs: key to what was and is shown."""
    return {
        each.key: (None if each.was is None else each.was.shown, None if each.now is None else each.now.shown)
        for each in differences(kind, was, now)
    }


SAME = {
    "order": lambda body: body.replace(b"FN:Kim Minsu\r\n", b"").replace(b"NOTE:", b"FN:Kim Minsu\r\nNOTE:"),
    "folding": lambda body: body.replace(b"NOTE:first", b"NOTE:fi\r\n rst"),
    "line ends": lambda body: body.replace(b"\r\n", b"\n"),
    "case of names": lambda body: body.replace(b"TEL;TYPE=WORK", b"tel;type=work"),
    "order of types": lambda body: body.replace(b"TYPE=WORK,VOICE", b"TYPE=VOICE;TYPE=WORK"),
    "group numbers": lambda body: body.replace(b"item1.", b"item7."),
    "stamps": lambda body: body.replace(b"REV:2026-01-01T00:00:00Z", b"REV:2027-01-01T00:00:00Z\r\nPRODID:x"),
    "empty parts of a name": lambda body: body.replace(b"N:Kim;Minsu;;;", b"N:Kim;Minsu"),
}


@pytest.mark.parametrize("change", SAME.values(), ids=list(SAME))
def test_what_only_looks_different_is_no_difference(change: Callable[[bytes], bytes]) -> None:
    other = change(CARD)
    assert other != CARD
    assert differences("card", CARD, other) == []


def test_a_changed_number_is_one_changed_field() -> None:
    now = CARD.replace(b"+82 2 123", b"+82 2 999")
    assert changed("card", CARD, now) == {"tel:+822123": ("+82 2 123", "+82 2 999")}


def test_a_removed_number_is_gone_and_a_new_one_is_new() -> None:
    now = CARD.replace(b"TEL;TYPE=WORK,VOICE:+82 2 123\r\n", b"").replace(b"NOTE:", b"URL:https://a.example\r\nNOTE:")
    assert changed("card", CARD, now) == {
        "tel:+822123": ("+82 2 123", None),
        "url:https://a.example": (None, "https://a.example"),
    }


def test_a_label_belongs_to_its_address() -> None:
    now = CARD.replace(b"<School>", b"<Home>")
    (difference,) = differences("card", CARD, now)
    assert difference.key == "email:minsu@example.org"
    assert difference.was is not None
    assert (difference.was.word, difference.was.label) == ("mail", "school")
    assert difference.now is not None
    assert difference.now.label == "home"


def test_an_event_differs_by_time_alarm_and_changed_dates() -> None:
    now = EVENT.replace(b"DTEND;TZID=Asia/Seoul:20261120T110000", b"DURATION:PT30M")
    now = now.replace(b"-PT15M", b"-PT5M").replace(b"Choir\\, later", b"Late choir")
    assert set(changed("event", EVENT, now)) == {
        "event/time", "event/alarm:display -PT15M", "event@20261127T100000[Asia/Seoul]/summary",
    }  # fmt: skip


def test_a_changed_date_comes_back_whole() -> None:
    start = EVENT.index(b"BEGIN:VEVENT", EVENT.index(b"RECURRENCE-ID") - 40)
    without = EVENT[:start] + b"END:VCALENDAR\r\n"
    assert set(changed("event", EVENT, without)) == {"event@20261127T100000[Asia/Seoul]"}
    back = take_field("event", without, EVENT, "event@20261127T100000[Asia/Seoul]")
    assert differences("event", EVENT, back) == []
    assert take_field("event", EVENT, without, "event@20261127T100000[Asia/Seoul]") == without


def test_a_zone_follows_what_needs_it() -> None:
    plain = re.sub(rb"BEGIN:VTIMEZONE.*END:VTIMEZONE\r\n", b"", EVENT, flags=re.DOTALL)
    plain = plain.replace(b";TZID=Asia/Seoul:20261120T100000", b":20261120T010000Z").replace(
        b";TZID=Asia/Seoul:20261120T110000", b":20261120T020000Z"
    )
    assert plain.count(b"TZID") == 3  # fmt: skip  # in the changed date only
    taken = take_field("event", plain, EVENT, "event/time")
    assert taken.count(b"BEGIN:VTIMEZONE") == 1
    assert differences("event", EVENT, taken) == []


def test_one_field_of_another_version_changes_only_that_field() -> None:
    now = CARD.replace(b"TEL;TYPE=WORK,VOICE:+82 2 123\r\n", b"").replace(b"FN:Kim Minsu", b"FN:Kim M.")
    taken = take_field("card", now, CARD, "tel:+822123")
    assert taken == now.replace(b"item1.EMAIL", b"TEL;TYPE=WORK,VOICE:+82 2 123\r\nitem1.EMAIL")
    assert take_field("card", now, CARD, "fn") == now.replace(b"FN:Kim M.", b"FN:Kim Minsu")


def test_a_label_finds_a_free_group() -> None:
    now = CARD.replace(b"item1.EMAIL;type=INTERNET:minsu@example.org", b"item1.URL:https://b.example")
    taken = take_field("card", now, CARD, "email:minsu@example.org")
    assert b"item2.EMAIL;type=INTERNET:minsu@example.org\r\nitem2.X-ABLabel:_$!<School>!$_\r\n" in taken
    assert b"item1.URL:https://b.example\r\nitem1.X-ABLabel" in taken


def test_line_ends_are_those_of_the_version_that_stays() -> None:
    now = CARD.replace(b"TEL;TYPE=WORK,VOICE:+82 2 123\r\n", b"").replace(b"\r\n", b"\n")
    assert b"\r" not in take_field("card", now, CARD, "tel:+822123")


def test_a_field_that_this_version_of_vcard_cannot_say_is_refused() -> None:
    four = CARD.replace(b"VERSION:3.0", b"VERSION:4.0").replace(b"NOTE:", b"ANNIVERSARY:20090501\r\nNOTE:")
    with pytest.raises(errors.NotPossible):
        take_field("card", CARD, four, "anniversary")
    merged = merge("card", CARD.replace(b"VERSION:3.0", b"VERSION:4.0"), CARD, four)
    assert (merged.body, merged.conflicts) == (CARD, ("anniversary",))


def test_no_such_field_is_said_so() -> None:
    with pytest.raises(errors.NotFound):
        take_field("card", CARD, CARD, "tel:nobody")


def test_a_merge_keeps_what_both_changed_as_ours() -> None:
    ours = CARD.replace(b"FN:Kim Minsu", b"FN:Ours").replace(b"X-ODD;x=1:kept", b"X-ODD;x=1:mine")
    theirs = CARD.replace(b"FN:Kim Minsu", b"FN:Theirs").replace(b"+82 2 123", b"+82 2 999")
    merged = merge("card", CARD, ours, theirs)
    assert merged.body == ours.replace(b"+82 2 123", b"+82 2 999")
    assert (merged.taken, merged.conflicts) == (("tel:+822123",), ("fn",))


def test_a_conflict_can_be_decided_for_theirs() -> None:
    ours = CARD.replace(b"+82 2 123", b"+82 2 555")
    theirs = CARD.replace(b"+82 2 123", b"+82 2 999")
    assert merge("card", CARD, ours, theirs).conflicts == ("tel:+822123",)
    assert merge("card", CARD, ours, theirs, yielding=["tel:+822123"]).body == theirs


def test_a_change_of_what_ours_removed_is_a_conflict() -> None:
    ours = CARD.replace(b"TEL;TYPE=WORK,VOICE:+82 2 123\r\n", b"")
    merged = merge("card", CARD, ours, CARD.replace(b"+82 2 123", b"+82 2 999"))
    assert (merged.body, merged.conflicts) == (ours, ("tel:+822123",))


def test_a_version_that_cannot_be_read_stays_whole() -> None:
    assert merge("card", CARD, b"rubbish", CARD.replace(b"Kim", b"Lee")).conflicts == (WHOLE,)
    assert merge("card", b"rubbish", b"rubbish", CARD).body == CARD
    with pytest.raises(Malformed):
        differences("card", CARD, b"rubbish")


# --- laws -------------------------------------------------------------------------------------------

CARDS = [contact.body for contact in contacts(60, seed=3)]
EVENTS = [event.body for event in [*events(60, seed=3), *tasks(20, seed=3)]]


def edited(body: bytes, chance: random.Random) -> bytes:
    """A version that some client may have made: lines lost, changed, moved, added."""
    lines = re.sub(rb"\r?\n[ \t]", b"", body).split(b"\r\n")
    inside = [
        n
        for n, line in enumerate(lines)
        if re.match(rb"(?i)(item\d+\.)?(TEL|EMAIL|NOTE|FN|SUMMARY|LOCATION|URL|DESC|X-|ORG|TITLE)", line)
    ]
    for _ in range(chance.randint(1, 4)):
        if not inside:
            break
        at = chance.choice(inside)
        act = chance.randrange(4)
        if act == 0 and lines[at]:
            lines[at] = b""
        elif act == 1 and lines[at]:
            lines[at] += b" %d" % chance.randrange(100)
        elif act == 2:
            lines.insert(at + 1, b"X-NEW-%d:%d" % (chance.randrange(9), chance.randrange(9)))
            inside = [n if n <= at else n + 1 for n in inside]
        elif lines[at]:
            other = chance.choice(inside)
            if lines[other] and b"BEGIN" not in b"".join(lines[min(at, other) : max(at, other) + 1]):
                lines[at], lines[other] = lines[other], lines[at]
    return b"\r\n".join(line for line in lines if line) + b"\r\n"


@pytest.fixture(params=[("card", CARDS), ("event", EVENTS)], ids=["card", "event"])
def kept(request: pytest.FixtureRequest) -> tuple[ObjectKind, list[bytes]]:
    return request.param  # type: ignore[no-any-return]


@pytest.mark.parametrize("seed", range(40))
def test_the_laws_of_merging_hold(kept: tuple[ObjectKind, list[bytes]], seed: int) -> None:
    kind, bodies = kept
    chance = random.Random(seed)
    base = chance.choice(bodies)
    ours, theirs = edited(base, chance), edited(base, chance)
    assert differences(kind, base, base) == []
    assert merge(kind, base, base, theirs).body == theirs
    assert merge(kind, base, ours, base).body == ours
    assert merge(kind, base, theirs, theirs).body == theirs
    merged = merge(kind, base, ours, theirs)
    again = merge(kind, base, merged.body, theirs)
    assert again.body == merged.body, "what was taken is there"
    wanted = {each.key for each in differences(kind, base, theirs)}
    assert set(merged.taken) | set(merged.conflicts) <= wanted
    if set(merged.taken) == wanted:  # not where both made the same change: that is ours as well
        back = merge(kind, theirs, merged.body, base)
        assert differences(kind, back.body, ours) == [] or back.conflicts


@pytest.mark.parametrize("seed", range(40))
def test_taking_every_field_makes_the_other_version(kept: tuple[ObjectKind, list[bytes]], seed: int) -> None:
    kind, bodies = kept
    chance = random.Random(1000 + seed)
    source = chance.choice(bodies)
    body = edited(source, chance)
    for _ in range(50):
        left = differences(kind, body, source)
        if not left:
            break
        body = take_field(kind, body, source, left[0].key)
    assert differences(kind, body, source) == []
    for line in re.sub(rb"\r?\n[ \t]", b"", source).split(b"\r\n"):
        if line.startswith(b"X-") and not line.startswith((b"X-AB", b"X-MOZ-")):
            assert line in re.sub(rb"\r?\n[ \t]", b"", body)


@given(st.binary(max_size=400), st.binary(max_size=400))
@settings(max_examples=300)
def test_no_octets_break_it(one: bytes, other: bytes) -> None:
    card = b"BEGIN:VCARD\r\n" + one + b"\r\nEND:VCARD\r\n"
    event = b"BEGIN:VCALENDAR\nBEGIN:VEVENT\n" + other + b"\nEND:VEVENT"
    cases: list[tuple[ObjectKind, bytes, bytes]] = [
        ("card", CARD, card),
        ("card", card, event),
        ("event", EVENT, event),
    ]
    for kind, was, now in cases:
        differences(kind, was, now)
        merge(kind, was, now, CARD)
        merge(kind, now, was, event)
    fields("card", card)
