"""What a card shows of itself: whole texts, addresses as they are written, pictures told by their octets."""

from __future__ import annotations

import base64

import pytest

from appliance.objects.faces import glimpse, name_in, picture_in, picture_type, reached_by, sayings

JPEG = b"\xff\xd8\xff\xe0rest"
BODY = (
    "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:x\r\nFN:김철수\r\nN:김;철수;;;\r\n"
    "TEL;TYPE=CELL:010-9876-5432\r\nitem1.TEL:02-555-0100\r\nitem1.X-ABLabel:_$!<Work>!$_\r\n"
    "EMAIL;TYPE=HOME:kim\r\n @example.com\r\nNOTE:one\\ntwo " + "x" * 400 + "\r\nX-KAKAO:kim.cs\r\n{more}END:VCARD\r\n"
)


def card(more: str = "") -> bytes:
    return BODY.replace("{more}", more).encode()


def said(body: bytes, word: str) -> list[str]:
    return [each.text for each in sayings(body) if each.field.word == word]


def test_a_note_is_whole_and_keeps_its_lines() -> None:
    assert said(card(), "note") == ["one\ntwo " + "x" * 400]


def test_numbers_and_addresses_lead_to_whom_they_name() -> None:
    links = {each.field.label: each.link for each in sayings(card()) if each.link}
    assert links == {"cell": "tel:01098765432", "work": "tel:025550100", "home": "mailto:kim@example.com"}


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "ftp://example.com"])
def test_a_web_page_that_is_none_leads_nowhere(url: str) -> None:
    assert [each.link for each in sayings(card(f"URL:{url}\r\n")) if each.field.word == "web page"] == [None]


def test_what_nobody_has_a_word_for_is_told_apart() -> None:
    assert [each.field.word for each in sayings(card()) if not each.is_known] == ["x-kakao"]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (";;월드컵북로 400;마포구;서울특별시;03925;", "(03925) 서울특별시 마포구 월드컵북로 400"),
        (";;12 High St;London;;SW1;UK", "12 High St\nSW1 London\nUK"),
        ("a\\;b", "a;b"),
    ],
)
def test_an_address_is_written_as_people_write_it(written: str, read: str) -> None:
    assert said(card(f"ADR:{written}\r\n"), "address") == [read]


def test_a_list_shows_the_first_number_else_the_first_mail_address() -> None:
    assert glimpse(card()).reach == "010-9876-5432"
    without = b"".join(line for line in card().splitlines(keepends=True) if b"TEL" not in line)
    assert glimpse(without).reach == "kim@example.com"
    assert set(reached_by(card())) == {"010-9876-5432", "02-555-0100", "kim@example.com"}


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (f"PHOTO;ENCODING=b;TYPE=PNG:{base64.b64encode(JPEG).decode()}\r\n", "image/jpeg"),
        (f"PHOTO:data:image/svg+xml;base64,{base64.b64encode(JPEG).decode()}\r\n", "image/jpeg"),
        (f"PHOTO;ENCODING=b:{base64.b64encode(b'<svg onload=alert(1)>').decode()}\r\n", None),
        ("PHOTO;VALUE=uri:https://example.com/a.jpg\r\n", None),
        ("PHOTO;ENCODING=b:!!!\r\n", None),
    ],
)
def test_a_picture_is_what_its_octets_are(line: str, kind: str | None) -> None:
    found = picture_in(card(line))
    assert (None if found is None else found.media_type) == kind
    assert found is None or found.octets == JPEG


def test_pictures_are_known_by_their_first_octets() -> None:
    assert picture_type(b"RIFF\0\0\0\0WEBPVP8 ") == "image/webp"
    assert picture_type(b"<!doctype html>") is None


def test_what_is_no_card_has_no_name() -> None:
    assert (name_in(b"hello"), picture_in(b"hello"), glimpse(b"hello").reach) == ("", None, "")
