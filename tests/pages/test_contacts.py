"""Contacts in a browser: books, a list with what was deleted in its place, a search, a card, a file brought in."""

from __future__ import annotations

import base64
import contextlib
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright import sync_api

from tests.pages.browsing import DESK, PHONE, Browser, Seen
from tests.pages.family import Family, card
from tests.serving import House, serving

BOOK = "addressbooks/mina/contacts"
VIEWS = [
    pytest.param(PHONE, "ko", "dark", id="phone-ko-dark"),
    pytest.param(DESK, "en", "light", id="desk-en-light"),
]
PEOPLE = ["강나루", "고은별 (유치원)", "김미숙", "남궁하늘별님구름햇살로", "Anna Smith", "하준 친구"]
NEW_BOOK = (
    b'<D:mkcol xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><D:set><D:prop><D:resourcetype><D:collection/>'
    b"<C:addressbook/></D:resourcetype><D:displayname>Club</D:displayname></D:prop></D:set></D:mkcol>"
)


def png(size: int = 16) -> bytes:
    """A square of one colour."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = b"".join(b"\0" + bytes((143, 167, 164)) * size for _ in range(size))
    head = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Mina's contacts, one of them deleted by each device; a deleted book; Dad's own."""
    data = tmp_path_factory.mktemp("contacts") / "data"
    family = Family(data)
    mina, dad = family.phone("mina", "민아 갤럭시"), family.phone("dad", "재호 아이폰")
    for number, name in enumerate(PEOPLE):
        mina.put(f"{BOOK}/p{number}.vcf", card(f"p{number}", name, tel=f"010-33{number:02}-7725"))
    photo = base64.b64encode(png()).decode()
    full = card("full", "김철수", email="kim@example.com", note="현관\\n4711", bday="1980-05-04").replace(
        "END:", f"TEL;TYPE=WORK:02-555-0100\r\nPHOTO;ENCODING=b;TYPE=PNG:{photo}\r\nX-KAKAO:kim.cs\r\nEND:"
    )
    mina.put(f"{BOOK}/full.vcf", full)
    mina.delete(f"{BOOK}/p1.vcf").delete(f"{BOOK}/p5.vcf")
    assert mina.ask("MKCOL", "addressbooks/mina/club", NEW_BOOK, {"content-type": "application/xml"}) == 201
    mina.put("addressbooks/mina/club/a.vcf", card("a", "Club One")).delete("addressbooks/mina/club")
    dad.put("addressbooks/dad/contacts/secret.vcf", card("secret", "Secret"))
    family.close()
    with serving(data) as running:
        yield running


@contextlib.contextmanager
def speaking(seen: Seen, language: str) -> Iterator[None]:
    """Let the pages speak a language to who is signed in, and as the household does afterwards."""

    def choose(value: str) -> None:
        seen.visit("/you").page.locator(f".chip:has([name=language][value='{value}'])").click()
        seen.page.locator("form[action='/you'] button").click()
        seen.page.wait_for_load_state("load")

    choose(language)
    try:
        yield
    finally:
        choose("")


def names(seen: Seen) -> list[str]:
    """The names of a list, in order."""
    return [each.strip() for each in seen.page.locator(".list .name").all_inner_texts()]


@pytest.mark.parametrize(("size", "language", "theme"), VIEWS)
def test_books_a_list_and_a_card_are_shown(
    browser: Browser, size: tuple[int, int], language: Literal["en", "ko"], theme: Literal["light", "dark"]
) -> None:
    with browser.open(size=size, language=language, theme=theme) as seen:
        seen.sign_in("mina")
        with speaking(seen, language):
            seen.visit("/contacts").check()
            seen.page.locator("a.row[href='/contacts/mina/contacts']").click()
            seen.check()
            hangul = ["강나루", "고은별 (유치원)", "김미숙", "김철수", "남궁하늘별님구름햇살로"]
            expected = (
                [*hangul, "하준 친구", "Anna Smith"] if language == "ko" else ["Anna Smith", *hangul, "하준 친구"]
            )
            assert [name for name in names(seen) if name in expected] == expected  # other tests leave traces
            assert "고은별 (유치원)" in seen.page.locator(".list .deleted .name").all_inner_texts()
            seen.page.locator("a.row", has_text="김철수").click()
            seen.page.wait_for_url("**/full.vcf")
            seen.check()
            assert seen.heading == "김철수"
            said = seen.page.locator(".says").first.inner_text()
            assert {"en": "Work number", "ko": "직장 전화번호"}[language] in said
            assert {"en": "4 May 1980", "ko": "1980년 5월 4일"}[language] in said
            assert "kim.cs" not in said
            seen.page.wait_for_function("document.querySelector('img.face').naturalWidth === 16")


def test_a_deleted_contact_comes_back_with_one_click_and_a_receipt(browser: Browser) -> None:
    with browser.open(script=False) as seen:
        seen.sign_in("mina").visit("/contacts/mina/contacts")
        seen.page.locator(".deleted", has_text="하준 친구").locator("button").click()
        assert "/receipt/" in seen.page.url
        seen.visit("/contacts/mina/contacts")
        assert "하준 친구" in names(seen)
        assert "하준 친구" not in seen.page.locator(".deleted .name").all_inner_texts()


def test_a_deleted_book_comes_back_with_everything_in_two_clicks(browser: Browser) -> None:
    with browser.open() as seen:
        seen.sign_in("mina")
        seen.page.get_by_role("link", name="Contacts").click()
        seen.page.locator(".deleted", has_text="Club").locator("button").click()
        seen.page.wait_for_url("**/receipt/*")
        seen.visit("/contacts/mina/club")
        assert (seen.heading, names(seen)) == ("Club", ["Club One"])


@pytest.mark.parametrize(
    ("sought", "found"),
    [
        ("ㄱㅊㅅ", ["김철수"]), ("하늘", ["남궁하늘별님구름햇살로"]), ("은별", ["고은별 (유치원)"]),
        ("555-01", ["김철수"]), ("kim@exa", ["김철수"]), ("anna", ["Anna Smith"]), ("zzz", []),
    ],
)  # fmt: skip
def test_people_are_found_by_syllables_initials_numbers_and_mail(
    browser: Browser, sought: str, found: list[str]
) -> None:
    with browser.open() as seen:
        seen.sign_in("mina").visit("/contacts")
        seen.page.keyboard.press("/")
        seen.page.keyboard.type(sought)
        seen.page.keyboard.press("Enter")
        seen.page.wait_for_url("**?q=*")
        assert names(seen) == found
        seen.check()


def test_a_file_is_looked_at_counted_brought_in_and_undone(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "옛 전화기.vcf"
    entries = [card("new1", "새 사람"), card("p0", "강나루", tel="010-3300-7725"), card("p2", "김미숙", tel="010-1-1")]
    file.write_text("".join(entries) + "BEGIN:VCARD\r\nVERSION:3.0\r\nrubbish\r\n", encoding="utf-8")
    with browser.open(script=False) as seen:
        seen.sign_in("mina").visit(f"/bring/{BOOK}").check()
        seen.page.set_input_files("input[type=file]", file)
        seen.page.locator("form.sheet-form button").click()
        seen.check()
        assert seen.page.locator(".counts b").all_inner_texts() == ["1", "1", "1", "1"]
        assert "END:VCARD" in seen.page.locator(".list", has_text="line").inner_text()
        seen.page.get_by_role("link", name="Leave what is there").click()
        assert seen.page.locator(".counts b").all_inner_texts() == ["1", "0", "2", "1"]
        seen.page.get_by_role("link", name="The file wins").click()
        seen.page.get_by_role("button", name="Bring 2 in").click()
        assert "/receipt/" in seen.page.url
        assert "옛 전화기.vcf" in seen.page.locator("main").inner_text()
        receipt = seen.page.url
        seen.visit("/contacts/mina/contacts?q=새 사람")
        assert names(seen) == ["새 사람"]
        seen.page.goto(receipt)
        seen.page.locator("button", has_text="Undo").click()
        seen.visit("/contacts/mina/contacts?q=010-1-1")
        assert names(seen) == []


def test_what_is_chosen_without_a_file_is_asked_again(browser: Browser) -> None:
    with browser.open(script=False) as seen:
        seen.sign_in("mina").visit(f"/bring/{BOOK}")
        seen.page.locator("input[type=file]").evaluate("field => field.removeAttribute('required')")
        seen.page.locator("form.sheet-form button").click()
        assert "choose a file" in seen.page.get_by_role("alert").inner_text()


def test_cards_are_downloaded_as_they_were_sent_and_never_shown_in_place(browser: Browser) -> None:
    with browser.open() as seen:
        seen.sign_in("mina")
        one = seen.page.request.get(f"{seen.url}contact-file/{BOOK}/full.vcf")
        assert one.headers["content-type"] == "text/vcard; charset=utf-8"
        assert one.headers["content-disposition"].startswith("attachment;")
        assert "sandbox" in one.headers["content-security-policy"]
        assert b"X-KAKAO:kim.cs" in one.body()
        whole = seen.page.request.get(f"{seen.url}contact-file/{BOOK}").body()
        assert whole.count(b"BEGIN:VCARD") == whole.count(b"END:VCARD") >= 5
        photo = seen.page.request.get(f"{seen.url}contact-photo/{BOOK}/full.vcf")
        assert (photo.headers["content-type"], photo.body()) == ("image/png", png())
        assert photo.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        "contacts/dad/contacts", "contacts/dad/contacts/secret.vcf", "contact-file/addressbooks/dad/contacts",
        "contact-photo/addressbooks/dad/contacts/secret.vcf", "contact-photo/addressbooks/mina/contacts/p0.vcf",
        "bring/addressbooks/dad/contacts", "contacts/mina/nothing", "brought/0123/addressbooks/mina/contacts",
        "contact-photo/addressbooks/mina/contacts/full.vcf?at=seq-999999999", "contact-file/addressbooks/mina",
        "contact-file/principals/mina/contacts",
    ],
)  # fmt: skip
def test_what_is_not_there_and_what_is_somebody_elses_look_alike(browser: Browser, path: str) -> None:
    with browser.open() as seen:
        seen.sign_in("mina")
        assert seen.page.request.get(seen.url + path).status == 404


def test_a_file_of_one_visit_is_not_found_in_another(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "a.vcf"
    file.write_text(card("other", "Other"), encoding="utf-8")
    with browser.open() as here, browser.open() as there:
        here.sign_in("mina").visit(f"/bring/{BOOK}")
        here.page.set_input_files("input[type=file]", file)
        here.page.locator("form.sheet-form button").click()
        here.page.wait_for_url("**/brought/**")
        there.sign_in("mina")
        assert there.page.request.get(here.page.url).status == 404
        assert here.page.request.get(here.page.url).status == 200


def test_a_form_without_its_key_brings_nothing_in(browser: Browser) -> None:
    with browser.open() as seen:
        seen.sign_in("mina")
        sent: dict[str, str | float | bool | bytes | sync_api.FilePayload] = {
            "file": {"name": "a.vcf", "mimeType": "text/vcard", "buffer": card("x", "X").encode()}
        }
        assert seen.page.request.post(f"{seen.url}bring/{BOOK}", multipart=sent).status == 403
