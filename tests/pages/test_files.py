"""Files in a browser: folders with what was deleted in its place, one file in the drawer, and places in the past."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from playwright import sync_api

from appliance.household import people
from appliance.store import queries
from tests.pages.browsing import DESK, PHONE, Browser, Seen
from tests.pages.family import Family, Phone, card
from tests.serving import House, serving

SEOUL = ZoneInfo("Asia/Seoul")
TRIP = "2026 가을, 할머니 댁"
RECIPE = "\n".join(f"{number}. 고추장 한 숟갈" for number in range(1, 30))
SCRIPT = "<script>document.title = 'owned'</script>"
EVIL = f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">{SCRIPT}<rect width="9" height="9"/></svg>'


@dataclass(frozen=True, slots=True)
class Weeks:
    """What was written before the house was opened. `then` and `seq`: before anything was deleted or changed."""

    then: datetime
    seq: int
    phone: Phone


@pytest.fixture(scope="module")
def weeks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, Weeks]]:
    """Mina reads Korean, Dad and Hajun English; each had the same trip, and lost and changed some of it."""
    family = Family(tmp_path_factory.mktemp("weeks") / "data", days_ago=12)
    people.choose(family.house.services.ledger.database, family.people["mina"].id, language="ko", theme=None)
    phones = [family.phone(slug, "갤럭시") for slug in ("mina", "dad", "hajun")]
    for phone in phones:
        _fill(phone, f"files/{phone.user}/{TRIP}")
    family.clock.forward(hours=1)
    then, seq = family.clock.now(), queries.newest_seq(family.house.services.ledger.database.connection())
    family.clock.forward(days=3)
    for phone in phones:
        _change(phone, f"files/{phone.user}/{TRIP}")
    family.clock.forward(days=1)
    family.close()
    with serving(family.data) as house:
        yield house, Weeks(then, seq, phones[0])


def _fill(phone: Phone, trip: str) -> None:
    assert phone.ask("MKCOL", trip) == 201
    assert phone.ask("MKCOL", f"{trip}/김장 준비") == 201
    phone.put(f"{trip}/장독대.png", _picture(b"\x5b\x3a\x26")).put(f"{trip}/뒷모습.png", _picture(b"\x11\x22\x33"))
    phone.put(f"{trip}/고추장.txt", RECIPE).put(f"{trip}/page.html", SCRIPT).put(f"{trip}/evil.svg", EVIL)
    phone.put(f"{trip}/sound.m4a", b"\0" * 20_000).put(f"{trip}/film.mp4", b"\0" * 20_000)
    phone.put(f"{trip}/letter.pdf", SCRIPT).put(f"{trip}/감나무.heic", b"x" * 3000)
    phone.put(f"{trip}/남궁하늘별님구름햇살로.md", "one").put(
        f"addressbooks/{phone.user}/contacts/a.vcf", card("a", "강나루")
    )


def _change(phone: Phone, trip: str) -> None:
    phone.delete(f"{trip}/뒷모습.png").put(f"{trip}/장독대.png", _picture(b"\x88\x88\x88"))
    phone.put(f"{trip}/고추장.txt", RECIPE.replace("7. 고추장 한 숟갈", "7. 고추장 두 숟갈"))
    phone.put(f"{trip}/later.md", "# later").delete(f"addressbooks/{phone.user}/contacts/a.vcf")


def _picture(colour: bytes) -> bytes:
    def chunk(kind: bytes, octets: bytes) -> bytes:
        return struct.pack(">I", len(octets)) + kind + octets + struct.pack(">I", zlib.crc32(kind + octets))

    head = struct.pack(">IIBBBBB", 64, 40, 8, 2, 0, 0, 0)
    rows = zlib.compress((b"\0" + colour * 64) * 40)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.fixture
def browser(chrome: sync_api.Browser, weeks: tuple[House, Weeks]) -> Browser:
    return Browser(chrome, weeks[0].url)


def trip(seen: Seen, slug: str, name: str = "", query: str = "") -> Seen:
    path = f"/files/{slug}/{TRIP}" + (f"/{name}" if name else "")
    return seen.visit(quote(path) + query)


# --- how it looks -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slug", "size", "theme"),
    [
        pytest.param("mina", PHONE, "dark", id="phone-ko-dark"),
        pytest.param("dad", DESK, "light", id="desk-en-light"),
    ],
)
def test_every_page_of_files_can_be_read(
    browser: Browser, weeks: tuple[House, Weeks], slug: str, size: tuple[int, int], theme: Literal["light", "dark"]
) -> None:
    seq = weeks[1].seq
    with browser.open(size=size, theme=theme) as seen:
        seen.sign_in(slug)
        seen.visit("/files").check()
        trip(seen, slug).check()
        assert seen.heading == TRIP
        for name in ("장독대.png", "고추장.txt", "sound.m4a", "film.mp4", "감나무.heic", "evil.svg", "뒷모습.png"):
            trip(seen, slug, name).check()
            assert seen.heading == name
        for name in ("장독대.png", "고추장.txt"):
            trip(seen, slug, name, f"?at=seq-{seq}").check()
        trip(seen, slug, query=f"?q={quote('ㄴㄱㅎㄴ')}").check()
        assert seen.page.locator(".list .name").all_inner_texts() == ["남궁하늘별님구름햇살로.md"]
        for place in (f"files/{slug}/{TRIP}", f"files/{slug}", f"addressbooks/{slug}/contacts", f"calendars/{slug}"):
            seen.visit(quote(f"/at/seq-{seq}/{place}")).check()
            assert seen.page.locator("body.then .band").count() == 1


def test_what_was_deleted_stands_in_its_place_and_can_be_left_out(browser: Browser) -> None:
    with browser.open() as seen:
        seen.sign_in("hajun")
        names = trip(seen, "hajun").page.locator(".list .name").all_inner_texts()
        assert names[:2] == ["김장 준비", "evil.svg"]
        assert names.index("뒷모습.png") == names.index("남궁하늘별님구름햇살로.md") + 1
        seen.page.get_by_text("More…").click()
        seen.page.get_by_role("link", name="Without what was deleted").click()
        assert "뒷모습.png" not in seen.page.locator(".list .name").all_inner_texts()


def test_the_slider_shows_more_or_less_of_the_former_picture(browser: Browser, weeks: tuple[House, Weeks]) -> None:
    with browser.open() as seen:
        seen.sign_in("hajun")
        trip(seen, "hajun", "장독대.png", f"?at=seq-{weeks[1].seq}")
        seen.page.locator(".slider input").fill("20")
        assert seen.page.locator(".was-now").evaluate("each => each.style.getPropertyValue('--cut')") == "20%"
        seen.check()


def test_a_text_shows_the_line_that_differs(browser: Browser, weeks: tuple[House, Weeks]) -> None:
    with browser.open() as seen:
        seen.sign_in("hajun")
        trip(seen, "hajun", "고추장.txt", f"?at=seq-{weeks[1].seq}")
        assert "한 숟갈" in seen.page.locator(".lines .was").first.inner_text()
        assert "두 숟갈" in seen.page.locator(".lines .now").first.inner_text()


# --- taking back ------------------------------------------------------------------------------------


def test_the_history_of_a_file_is_its_drawer_with_then_and_now(browser: Browser, weeks: tuple[House, Weeks]) -> None:
    with browser.open(script=False) as seen:
        seen.sign_in("dad")
        seen.visit(f"/history/files/dad/{TRIP}/고추장.txt")  # the state before the present one is chosen
        assert "/files/dad/" in seen.page.url and "at=seq-" in seen.page.url
        assert seen.page.locator(".strip [aria-current]").count() == 1
        assert seen.page.locator(".drawer").get_by_role("button", name="Bring this one back").count() == 1
        seen.check()
        seen.visit(f"/history/files/dad/{TRIP}/감나무.heic?at=seq-{weeks[1].seq}")
        assert f"at=seq-{weeks[1].seq}" in seen.page.url
        seen.visit(f"/timeline?address={quote(f'files/dad/{TRIP}/고추장.txt')}")
        seen.page.get_by_role("link", name="Was and now").first.click()
        assert "at=seq-" in seen.page.url and seen.heading == "고추장.txt"
        seen.visit(f"/timeline?address={quote(f'files/dad/{TRIP}/고추장.txt')}")
        seen.page.get_by_role("link", name="Was and now").last.click()  # when it came, nothing was before
        assert seen.heading == "고추장.txt"
        answer = seen.page.goto(f"{seen.url}history/files/mina/{quote(TRIP)}/고추장.txt")
        assert answer is not None and answer.status == 404


def test_a_deleted_file_comes_back_by_one_click_without_script(browser: Browser) -> None:
    with browser.open(script=False) as seen:
        seen.sign_in("mina")
        trip(seen, "mina").page.locator(".deleted button").click()
        assert "/receipt/" in seen.page.url
        assert trip(seen, "mina").page.locator(".deleted").count() == 0
        assert seen.page.request.get(_bytes(seen, f"files/mina/{TRIP}/뒷모습.png")).body() == _picture(b"\x11\x22\x33")


def test_a_former_picture_comes_back_by_two_clicks_and_the_present_one_stays(browser: Browser) -> None:
    with browser.open(script=False) as seen:
        seen.sign_in("mina")
        trip(seen, "mina", "장독대.png").page.locator(".strip a.laid").click()
        assert seen.page.locator(".picture").count() == 2  # without script both are there
        seen.page.locator(".drawer .act.return").click()
        assert "/receipt/" in seen.page.url
        assert seen.page.request.get(_bytes(seen, f"files/mina/{TRIP}/장독대.png")).body() == _picture(b"\x5b\x3a\x26")
        assert trip(seen, "mina", "장독대.png").page.locator(".strip li").count() == 3


def test_a_former_text_is_put_beside(browser: Browser) -> None:
    with browser.open() as seen:
        seen.sign_in("hajun")
        trip(seen, "hajun", "고추장.txt").page.locator(".strip a.laid").click()
        seen.page.get_by_role("button", name="Put it beside").click()
        seen.page.wait_for_url("**/receipt/*")
        beside = [
            name for name in trip(seen, "hajun").page.locator(".list .name").all_inner_texts() if "고추장" in name
        ]
        assert len(beside) == 2
        assert all(name.endswith(".txt") for name in beside)


def test_a_folder_goes_to_a_moment_in_four_clicks_but_for_what_was_unticked(
    browser: Browser, weeks: tuple[House, Weeks]
) -> None:
    with browser.open(script=False) as seen:
        seen.sign_in("dad")
        trip(seen, "dad").page.locator(".when-menu summary").click()  # 1
        seen.page.locator("#moment").fill(f"{weeks[1].then.astimezone(SEOUL):%Y-%m-%dT%H:%M}")
        seen.page.locator(".when-menu button").click()  # 2
        assert seen.page.locator(".band .moment").count() == 1
        seen.page.get_by_role("checkbox", name="장독대.png").uncheck()
        seen.page.locator(".bar .act.return").click()  # 3
        seen.page.locator("#outcome .act.return").click()  # 4
        assert "/receipt/" in seen.page.url
        names = trip(seen, "dad").page.locator(".list li:not(.deleted) .name").all_inner_texts()
        assert {"뒷모습.png", "later.md"} <= set(names)  # what came later stays
        present = {name: seen.page.request.get(_bytes(seen, f"files/dad/{TRIP}/{name}")).body() for name in names[1:]}
        assert present["고추장.txt"].decode() == RECIPE
        assert present["장독대.png"] == _picture(b"\x88\x88\x88")


def test_the_arrows_lead_from_change_to_change_and_escape_to_now(browser: Browser, weeks: tuple[House, Weeks]) -> None:
    with browser.open() as seen:
        seen.sign_in("hajun")
        seen.visit(quote(f"/at/seq-{weeks[1].seq}/addressbooks/hajun/contacts"))
        assert seen.page.get_by_role("checkbox", name="강나루").is_checked()
        seen.page.keyboard.press("ArrowRight")
        seen.page.wait_for_url(lambda url: f"seq-{weeks[1].seq}/" not in url)
        assert seen.page.locator("body.then .tick").count() == 0
        seen.page.keyboard.press("Escape")
        seen.page.wait_for_url("**/contacts/hajun/contacts")


# --- octets -----------------------------------------------------------------------------------------


def _bytes(seen: Seen, address: str, query: str = "") -> str:
    return seen.url + quote(f"bytes/{address}") + query


@pytest.mark.parametrize(
    ("name", "content_type", "is_kept"),
    [
        pytest.param("page.html", "text/plain; charset=utf-8", False, id="a-page-is-text"),
        pytest.param("evil.svg", "image/svg+xml", False, id="a-drawing-is-sealed"),
        pytest.param("letter.pdf", "application/octet-stream", True, id="what-is-no-pdf-is-not-sent-as-one"),
        pytest.param("감나무.heic", "application/octet-stream", True, id="what-nobody-shows-is-kept"),
    ],
)
def test_nothing_of_a_strangers_file_runs(browser: Browser, name: str, content_type: str, is_kept: bool) -> None:
    with browser.open() as seen:
        seen.sign_in("hajun")
        answer = seen.page.request.get(_bytes(seen, f"files/hajun/{TRIP}/{name}"))
        assert answer.headers["content-type"] == content_type
        assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers.get("content-disposition", "").startswith("attachment") is is_kept
        if not is_kept:
            seen.page.goto(_bytes(seen, f"files/hajun/{TRIP}/{name}"))
            assert seen.page.title() != "owned"


def test_a_film_is_sent_in_parts_and_a_picture_once(browser: Browser) -> None:
    with browser.open() as seen:
        seen.sign_in("hajun")
        film = _bytes(seen, f"files/hajun/{TRIP}/film.mp4")
        part = seen.page.request.get(film, headers={"Range": "bytes=100-199"})
        assert (part.status, part.headers["content-range"], len(part.body())) == (206, "bytes 100-199/20000", 100)
        assert seen.page.request.get(film, headers={"Range": "bytes=20000-"}).status == 416
        whole = seen.page.request.get(_bytes(seen, f"files/hajun/{TRIP}/evil.svg", "?download=1"))
        assert whole.headers["content-disposition"].startswith("attachment")
        again = seen.page.request.get(film, headers={"If-None-Match": part.headers["etag"]})
        assert (again.status, again.body()) == (304, b"")


def test_a_folder_is_fetched_as_it_is_and_as_it_was(browser: Browser, weeks: tuple[House, Weeks]) -> None:
    with browser.open() as seen:
        seen.sign_in("hajun")
        now = _zip(seen, f"zip/files/hajun/{TRIP}")
        assert "later.md" in now.namelist()
        assert "두 숟갈" in now.read("고추장.txt").decode()
        was = _zip(seen, f"taken/seq-{weeks[1].seq}/files/hajun/{TRIP}")
        assert {"뒷모습.png", "김장 준비/"} <= set(was.namelist())
        assert "later.md" not in was.namelist()
        assert was.read("고추장.txt").decode() == RECIPE
        book = seen.page.request.get(f"{seen.url}taken/seq-{weeks[1].seq}/addressbooks/hajun/contacts")
        assert "강나루" in book.text()


def _zip(seen: Seen, path: str) -> zipfile.ZipFile:
    answer = seen.page.request.get(seen.url + quote(path))
    assert answer.status == 200
    archive = zipfile.ZipFile(io.BytesIO(answer.body()))
    assert archive.testzip() is None
    return archive


# --- what strangers ask -----------------------------------------------------------------------------


def test_nobody_sees_what_was_not_shared_with_them(browser: Browser, weeks: tuple[House, Weeks]) -> None:
    seq = weeks[1].seq
    with browser.open() as seen:
        seen.sign_in("hajun")
        theirs = f"files/dad/{TRIP}"
        for path in (
            "files/dad", theirs, f"{theirs}/뒷모습.png", f"{theirs}/film.mp4", f"bytes/{theirs}/film.mp4",
            f"zip/{theirs}",
            f"bytes/at/seq-{seq}/{theirs}/film.mp4", f"zip/at/seq-{seq}/{theirs}", f"at/seq-{seq}/{theirs}",
            f"at/seq-{seq}/addressbooks/dad/contacts", f"taken/seq-{seq}/{theirs}", "bytes/versions/1/1",
            "files/hajun/nothing.txt", "files/hajun/../dad", f"zip/files/hajun/{TRIP}/film.mp4", "files/nobody",
        ):  # fmt: skip
            answer = seen.page.request.get(seen.url + quote(path))
            assert answer.status == 404, path
            assert "장독대" not in answer.text(), path
        others = [f"{seen.url}bytes/versions/{number}/{other}" for number in (20, 40) for other in range(1, seq, 9)]
        assert {seen.page.request.get(address).status for address in others} == {404}


def test_a_moment_that_nobody_can_read_is_said_in_a_sentence(browser: Browser) -> None:
    with browser.open() as seen:
        seen.sign_in("hajun")
        for moment, status in (("soonish", 400), ("2199-01-01", 404), ("1999-01-01", 404), ("seq-99999999", 404)):
            answer = seen.page.request.get(quote(f"{seen.url}at/{moment}/files/hajun", safe=":/"))
            assert answer.status == status, moment
            assert "<h1>" in answer.text()


def test_an_hour_is_not_lost_between_a_form_and_the_ledger(browser: Browser, weeks: tuple[House, Weeks]) -> None:
    with browser.open() as seen:
        seen.sign_in("hajun")
        moment = (weeks[1].then + timedelta(minutes=1)).astimezone(SEOUL)
        seen.visit(f"/at?address=files/hajun&moment={moment:%Y-%m-%dT%H:%M}")
        assert f"{moment:%H:%M}" in seen.page.locator(".band .moment").inner_text()
