"""What old phones, desktops and other clouds export, made fit to be kept: encodings, vCard 2.1, missing UIDs."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.objects import charsets
from appliance.objects.content_lines import parse, text_of
from appliance.objects.differences import differences
from appliance.objects.identities import made_uid, with_uid
from appliance.objects.incoming import CONVERTED, TWICE, UID_MADE, UID_OF_ANOTHER, Incoming, read
from appliance.objects.property_tree import ObjectKind
from appliance.objects.streams import Trouble
from appliance.objects.vcard import read_card, structured
from appliance.objects.vcard21 import as_version_3

LIMIT = 1_000_000
KOREAN_PHONE = (
    b"BEGIN:VCARD\r\nVERSION:2.1\r\n"
    b"N;CHARSET=EUC-KR;ENCODING=QUOTED-PRINTABLE:=B1=E8;=B9=CE=BC=F6;;;\r\n"
    b"TEL;CELL;PREF:010-1234-5678\r\nTEL;HOME;VOICE:02-1\r\n"
    b"ADR;WORK;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:;;=EC=A2=85=EB=A1=9C, 1;=EC=84=9C=EC=9A=B8;;;\r\n"
    b"NOTE;ENCODING=QUOTED-PRINTABLE:one=\r\n two;three=0D=0Afour\\five\r\n"
    b"X-ANDROID-CUSTOM:vnd.android.cursor.item/nickname;Min;1;;\r\n"
    b"PHOTO;JPEG;ENCODING=BASE64:\r\n /9j/4AAQ\r\n SkZJRg==\r\n\r\nEND:VCARD\r\n"
)


def entries(kind: ObjectKind, octets: bytes, **named: str) -> list[Incoming]:
    found = list(read(kind, io.BytesIO(octets), LIMIT, **named))
    assert not any(isinstance(one, Trouble) for one in found)
    return [one for one in found if isinstance(one, Incoming)]


def card(*lines: str) -> bytes:
    return "\r\n".join(["BEGIN:VCARD", "VERSION:3.0", *lines, "END:VCARD", ""]).encode()


# --- encodings --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "encoding", "read_as"),
    [
        pytest.param("김치 담그기", "utf-8", None, id="utf-8"),
        pytest.param("김치 담그기", "euc-kr", "cp949", id="korean-phone"),
        pytest.param("똠방각하", "cp949", "cp949", id="korean-windows"),
        pytest.param("Grüße, Jürgen Weiß", "latin-1", "cp1252", id="western"),
        pytest.param("“quoted” – café", "cp1252", "cp1252", id="windows"),
    ],
)
def test_octets_are_read_as_they_were_meant(text: str, encoding: str, read_as: str | None) -> None:
    found = charsets.decoded(text.encode(encoding))
    assert (found.octets.decode(), found.charset) == (text, read_as)


@given(st.binary(max_size=40))
def test_no_octets_are_lost_whatever_they_are(octets: bytes) -> None:
    found = charsets.decoded(octets)
    assert found.octets.decode().encode(found.charset or "utf-8") == octets


def test_a_declared_charset_goes_before_a_guess() -> None:
    octets = "BEGIN:VCARD\r\nNOTE;CHARSET=SHIFT_JIS:日本\r\nEND:VCARD\r\n".encode("shift_jis")
    assert "日本" in charsets.decoded(octets).octets.decode()


def test_a_named_encoding_goes_before_all() -> None:
    assert charsets.decoded("Ärzte".encode("latin-1"), "latin-1").octets.decode() == "Ärzte"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_file_in_any_unicode_is_opened_as_utf_8(encoding: str, tmp_path: Path) -> None:
    text = "BEGIN:VCARD\r\nFN:김민수 🥟\r\nEND:VCARD\r\n"
    (tmp_path / "a.vcf").write_bytes(text.encode(encoding))
    with charsets.opened(tmp_path / "a.vcf", tmp_path) as file:
        assert file.read() == text.encode()
    assert [path.name for path in tmp_path.iterdir()] == ["a.vcf"]


@pytest.mark.parametrize(("name", "known"), [("cp949", True), ("utf-16", False), ("rot13", False), ("nonsense", False)])
def test_an_encoding_that_moves_line_breaks_is_none(name: str, known: bool) -> None:
    assert charsets.is_encoding(name) is known


# --- vCard 2.1 --------------------------------------------------------------------------------------


def test_a_card_of_an_old_korean_phone_is_written_as_3_0() -> None:
    (found,) = entries("card", KOREAN_PHONE)
    assert found.remarks == (CONVERTED, UID_MADE)
    facts = read_card(found.octets)
    assert (facts.version, facts.title, facts.fault) == ("3.0", "김민수", None)
    read_back = parse(found.octets)
    assert [line.param("TYPE") for line in read_back.all("TEL")] == ["CELL", "HOME"]
    adr, note = read_back.first("ADR"), read_back.first("NOTE")
    assert adr is not None
    assert structured(adr) == ["", "", "종로, 1", "서울", "", "", ""]
    assert note is not None
    assert text_of(note) == "one two;three\nfour\\five"
    photo = read_back.first("PHOTO")
    assert photo is not None
    assert (photo.value, photo.param("ENCODING")) == ("/9j/4AAQSkZJRg==", "b")
    nickname = read_back.first("X-ANDROID-CUSTOM")
    assert nickname is not None
    assert nickname.value == "vnd.android.cursor.item/nickname;Min;1;;"


TEXT = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp")) | st.just("\n"), max_size=40)


@given(TEXT, st.lists(TEXT, min_size=5, max_size=5))
def test_what_a_2_1_card_says_it_says_in_3_0(note: str, name: list[str]) -> None:
    def quoted(text: str) -> str:
        return "".join(f"={octet:02X}" for octet in text.replace("\n", "\r\n").encode())

    octets = (
        "BEGIN:VCARD\r\nVERSION:2.1\r\n"
        f"NOTE;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:{quoted(note)}\r\n"
        f"N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:{';'.join(map(quoted, name))}\r\nEND:VCARD\r\n"
    ).encode()
    converted = as_version_3(octets)
    assert converted is not None
    read_back = parse(converted)
    found_note, found_name = read_back.first("NOTE"), read_back.first("N")
    assert found_note is not None and found_name is not None
    assert text_of(found_note) == _meant(note)
    assert structured(found_name) == [_meant(part) for part in name]


def _meant(text: str) -> str:
    r"""vCard 2.1 has `\;` too, so a backslash before one of these is no text."""
    for one in "\\;,:":
        text = text.replace("\\" + one, one) if one != "\\" else text
    return text


def test_a_card_that_holds_a_card_stays_as_it_is() -> None:
    octets = b"BEGIN:VCARD\r\nVERSION:2.1\r\nN:a\r\nAGENT:\r\nBEGIN:VCARD\r\nN:b\r\nEND:VCARD\r\nUID:1\r\nEND:VCARD\r\n"
    (found,) = entries("card", octets)
    assert found.octets == octets


# --- UIDs -------------------------------------------------------------------------------------------


def test_what_needs_nothing_stays_as_it_was_sent() -> None:
    octets = b"BEGIN:VCARD\nversion:4.0\nUID: a \nX-ODD;;:\xec\x84\x9c\n folded\nEND:VCARD\n"
    (found,) = entries("card", octets)
    assert (found.octets, found.uid, found.remarks) == (octets, "a", ())


def test_a_made_uid_is_the_same_next_time_and_for_ever() -> None:
    once = entries("card", card("FN:Kim", "TEL:1", "REV:20260101T000000Z"))[0]
    again = entries("card", card("TEL:1", "REV:20270101T000000Z", "FN:K\r\n im"))[0]
    assert once.uid == again.uid == "5e455050-e963-59d1-a698-cc6f4f14a2fd"
    assert once.uid != entries("card", card("FN:Kim", "TEL:2"))[0].uid
    assert differences("card", once.octets, with_uid(card("FN:Kim", "TEL:1"), once.uid or "")) == []


@pytest.mark.parametrize("uid", ["", "UID:", "UID:   "])
def test_a_card_without_a_uid_gets_one_and_is_else_the_same(uid: str) -> None:
    octets = card("FN:Kim", *([uid] if uid else []))
    (found,) = entries("card", octets)
    assert found.remarks == (UID_MADE,)
    assert read_card(found.octets).uid == found.uid
    assert b"".join(line for line in found.octets.splitlines(keepends=True) if not line.startswith(b"UID")) == card(
        "FN:Kim"
    )


def test_contacts_that_share_a_uid_are_all_there_again_and_again() -> None:
    octets = card("UID:0", "FN:Kim") + card("UID:0", "FN:Lee") + card("UID:0", "FN:Kim") + card("UID:0", "FN:Lee")
    found = entries("card", octets)
    assert [one.remarks for one in found] == [(), (UID_OF_ANOTHER,), (TWICE,), (TWICE,)]
    assert found[0].uid == "0"
    assert found[1].uid == read_card(found[1].octets).uid == entries("card", octets)[1].uid
    assert [one.uid for one in found[2:]] == [None, None]


def test_a_date_that_is_described_twice_is_two_entries_unless_it_says_the_same() -> None:
    def event(title: str, stamp: str) -> str:
        return f"BEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:{stamp}\r\nSUMMARY:{title}\r\nEND:VEVENT\r\n"

    parts = event("tea", "20260101T000000Z") + event("tea", "20260202T000000Z") + event("coffee", "20260101T000000Z")
    octets = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{parts}END:VCALENDAR\r\n".encode()
    tea, coffee = entries("event", octets)
    assert tea.uid == "1"
    assert tea.octets.count(b"BEGIN:VEVENT") == coffee.octets.count(b"BEGIN:VEVENT") == 1
    assert b"coffee" in coffee.octets
    assert coffee.remarks == (UID_OF_ANOTHER,)


def test_an_event_without_a_uid_gets_one_in_each_of_its_parts() -> None:
    octets = b"BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nSUMMARY:x\nEND:VEVENT\nEND:VCALENDAR\n"
    (found,) = entries("event", octets)
    assert parse(found.octets).components[0].all("UID")[0].value == found.uid == made_uid(octets)


@given(st.binary(max_size=200), st.sampled_from([b"BEGIN:VCARD\n%b\nEND:VCARD\n", b"%b"]))
def test_hostile_files_are_read_to_their_end(octets: bytes, around: bytes) -> None:
    for kind in ("card", "event"):
        found = list(read("card" if kind == "card" else "event", io.BytesIO(around % octets), LIMIT))
        assert all(isinstance(one, Trouble) or parse(one.octets).name for one in found)
