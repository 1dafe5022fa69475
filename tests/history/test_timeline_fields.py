"""What a contact or an event gained, lost or has otherwise is told field by field."""

from __future__ import annotations

import pytest

from appliance.history.catalogue_en import ENGLISH
from appliance.objects.fields import WORDS
from appliance.store import objects, spans
from appliance.store.ledger import Body, member_at
from tests.history.test_timeline import newest
from tests.store.shelves import ANNA, Shelves

CARD = [
    "BEGIN:VCARD",
    "VERSION:3.0",
    "UID:A",
    "FN:Kim Minsu",
    "N:Kim;Minsu;;;",
    "TEL;TYPE=WORK,VOICE:02-123-4567",
    "TEL;TYPE=CELL:010-9999-0000",
    "EMAIL;TYPE=HOME:minsu@example.com",
    "NOTE:school",
    "END:VCARD",
]
EVENT = [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:x",
    "BEGIN:VEVENT",
    "UID:B",
    "DTSTAMP:20261101T000000Z",
    "DTSTART:20261120T100000Z",
    "DTEND:20261120T110000Z",
    "RRULE:FREQ=WEEKLY",
    "SUMMARY:Piano",
    "LOCATION:School",
    "END:VEVENT",
    "END:VCALENDAR",
]
OCCASION = [
    "BEGIN:VEVENT",
    "UID:B",
    "RECURRENCE-ID:20261127T100000Z",
    "DTSTART:20261127T120000Z",
    "DTEND:20261127T130000Z",
    "SUMMARY:Piano",
    "LOCATION:School",
    "END:VEVENT",
]
PHOTO = "PHOTO;ENCODING=b;TYPE=JPEG:" + "/9j/" * 400


def body(lines: list[str]) -> bytes:
    return "".join(f"{line}\r\n" for line in lines).encode()


def changed(lines: list[str], **changes: str) -> list[str]:
    """The lines with some replaced, by the name they begin with; an empty text takes one away."""
    return [
        text
        for line in lines
        if (text := next((new for name, new in changes.items() if line.startswith(name)), line)) != ""
    ]


def with_line(lines: list[str], *added: str) -> list[str]:
    return [*lines[:-1], *added, lines[-1]]


def put(shelves: Shelves, kind: str, lines: list[str]) -> None:
    facts = spans.Facts(kind, lines[2], title="Kim Minsu" if kind == "card" else "Piano")
    place = (shelves.book, "a.vcf") if kind == "card" else (shelves.calendar, "b.ics")
    objects.put(shelves.ledger, ANNA, *place, shelves.blobs.prepare(body(lines)), facts, check=lambda *_: None)


MOVED = changed(EVENT, DTSTART="DTSTART:20261120T140000Z", DTEND="DTEND:20261120T150000Z")
OTHER_OCCASION = changed(OCCASION, LOCATION="LOCATION:Home")

SAID = {
    "a work number less": (
        "card", CARD, [line for line in CARD if "WORK" not in line],
        "removed the work number of Kim Minsu (02-123-4567)", "‘Kim Minsu’의 직장 전화번호를 지웠습니다 (02-123-4567)",
    ),
    "another work number": (
        "card", CARD, [line.replace("02-123-4567", "02-765-4321") for line in CARD],
        "changed the work number of Kim Minsu from 02-123-4567 to 02-765-4321",
        "‘Kim Minsu’의 직장 전화번호를 02-123-4567에서 02-765-4321로 바꿨습니다",
    ),
    "a mail address more": (
        "card", CARD, with_line(CARD, "EMAIL;TYPE=WORK:kim@example.org"),
        "added the work mail address kim@example.org to Kim Minsu",
        "‘Kim Minsu’에 직장 메일 주소 ‘kim@example.org’를 추가했습니다",
    ),
    "a label of one's own": (
        "card", CARD, with_line(CARD, "item1.TEL:031-1", "item1.X-ABLABEL:주말농장"),
        "added the 주말농장 number 031-1 to Kim Minsu", "‘Kim Minsu’에 주말농장 전화번호 ‘031-1’을 추가했습니다",
    ),
    "two labels": (
        "card", CARD, with_line(CARD, "TEL;TYPE=CELL,WORK:010-1"),
        "added the mobile work number 010-1 to Kim Minsu", "‘Kim Minsu’에 휴대 직장 전화번호 ‘010-1’을 추가했습니다",
    ),
    "another name": (
        "card", CARD, changed(CARD, FN="FN:Kim Minsoo", **{"N:": "N:Kim;Minsoo;;;"}),
        "changed the name of Kim Minsu", "‘Kim Minsu’의 이름을 바꿨습니다",
    ),
    "a photo": (
        "card", CARD, with_line(CARD, PHOTO),
        "added the photo of Kim Minsu", "‘Kim Minsu’에 사진을 추가했습니다",
    ),
    "two things": (
        "card", CARD, changed(CARD, NOTE="", EMAIL="EMAIL;TYPE=HOME:new@example.com"),
        "changed the home mail address and the note of Kim Minsu", "‘Kim Minsu’의 집 메일 주소, 메모를 바꿨습니다",
    ),
    "many things": (
        "card", CARD, with_line(changed(CARD, NOTE="", EMAIL=""), "BDAY:2000-01-01", "TITLE:Cook", "ROLE:Chef"),
        "changed the home mail address, the note and the birthday and 2 more things of Kim Minsu",
        "‘Kim Minsu’의 집 메일 주소, 메모, 생일 외 2가지를 바꿨습니다",
    ),
    "another order of lines": (
        "card", CARD, [*CARD[:5], *reversed(CARD[5:-1]), CARD[-1]],
        "changed the contact Kim Minsu", "연락처 ‘Kim Minsu’를 바꿨습니다",
    ),
    "a later time": (
        "event", EVENT, MOVED,
        ("changed the time of Piano from 2026-11-20 10:00 UTC – 2026-11-20 11:00 UTC"
        " to 2026-11-20 14:00 UTC – 2026-11-20 15:00 UTC"),
        ("‘Piano’의 시간을 2026-11-20 10:00 UTC – 2026-11-20 11:00 UTC에서"
        " 2026-11-20 14:00 UTC – 2026-11-20 15:00 UTC로 바꿨습니다"),
    ),
    "another place": (
        "event", EVENT, changed(EVENT, LOCATION="LOCATION:Home"),
        "changed the place of Piano from School to Home", "‘Piano’의 장소를 School에서 Home으로 바꿨습니다",
    ),
    "an occasion of its own": (
        "event", EVENT, with_line(EVENT, *OCCASION),
        "added the occasion on 2026-11-27 of Piano", "‘Piano’에 2026-11-27 회차를 추가했습니다",
    ),
    "an occasion elsewhere": (
        "event", with_line(EVENT, *OCCASION), with_line(EVENT, *OTHER_OCCASION),
        "changed the place on 2026-11-27 of Piano from School to Home",
        "‘Piano’의 2026-11-27 회차의 장소를 School에서 Home으로 바꿨습니다",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SAID, ids=lambda case: case.replace(" ", "-"))
def test_a_changed_field_is_said_in_words(shelves: Shelves, case: str) -> None:
    kind, was, now, english, korean = SAID[case]
    put(shelves, kind, was)
    put(shelves, kind, now)
    assert newest(shelves) == (f"Anna's phone {english}", f"Anna's phone이 {korean}")


def test_a_field_that_was_set_back_is_said_to_be_so(shelves: Shelves) -> None:
    put(shelves, "card", CARD)
    first = shelves.row_of(body(CARD))
    assert first is not None
    put(shelves, "card", changed(CARD, NOTE="NOTE:work"))
    with shelves.ledger.write(ANNA) as page:
        card = member_at(page.writing, shelves.book, "a.vcf")
        assert card is not None
        page.put(card.place, Body(first.id, first.size, page.at), op="restore")
    assert newest(shelves) == (
        "Anna's phone set back the note of Kim Minsu",
        "Anna's phone이 ‘Kim Minsu’의 메모를 되돌렸습니다",
    )


@pytest.mark.parametrize(
    "odd", [b"", b"no card at all", b"BEGIN:VCARD\r\n", "BEGIN:VCARD\r\nFN:\xff".encode("latin-1")]
)
def test_a_body_that_nobody_can_read_is_told_without_its_fields(shelves: Shelves, odd: bytes) -> None:
    put(shelves, "card", CARD)
    facts = spans.Facts("card", "UID:A", title="Kim Minsu")
    prepared = shelves.blobs.prepare(odd)
    objects.put(shelves.ledger, ANNA, shelves.book, "a.vcf", prepared, facts, check=lambda *_: None)
    assert newest(shelves)[0].startswith("Anna's phone changed ")


def test_every_word_of_a_field_is_in_the_catalogues() -> None:
    wanted = {f"word.{word}" for word in [*WORDS.values(), "time", "alarm"]}
    assert wanted - ENGLISH.keys() == set()
