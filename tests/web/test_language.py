"""Words: the Korean catalogue is complete and says the same, dates are said as people say them, particles fit."""

from __future__ import annotations

import ast
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance import korean
from tests.house.source import sources
from tests.web.sentences import Sentence, sentences
from web.language import ago, best_language, full, read_catalogue, short, size, weekday

SEOUL = ZoneInfo("Asia/Seoul")
NOW = datetime(2026, 11, 23, 9, 42, tzinfo=UTC)
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


def test_every_sentence_is_translated() -> None:
    catalogue = read_catalogue("ko")
    missing = [each for each in sentences() if not _said(catalogue.get(_id(each)))]
    assert missing == []


def test_no_translation_is_left_over() -> None:
    said = {_id(each) for each in sentences()}
    raised = _raised()
    left_over = [
        message.id
        for message in read_catalogue("ko")
        if message.id and (message.id[0] if isinstance(message.id, tuple) else message.id) not in said
        and message.id not in raised
    ]  # fmt: skip
    assert left_over == []


def test_a_translation_names_what_the_sentence_names() -> None:
    for message in read_catalogue("ko"):
        wanted = {name for text in _texts(message.id) for name in PLACEHOLDER.findall(text)} - {"num"}
        for text in _texts(message.string):
            assert set(PLACEHOLDER.findall(text)) - {"num"} == wanted, message.id


def _texts(said: object) -> tuple[str, ...]:
    return tuple(map(str, said)) if isinstance(said, (tuple, list)) else (str(said),)


def _raised() -> set[str]:
    """Every constant sentence that a room raises: pages show it in the reader's language where it is translated."""
    found: set[str] = set()
    for source in sources():
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("errors.") and node.args:
                said = node.args[0]
                if isinstance(said, ast.Constant) and isinstance(said.value, str):
                    found.add(said.value)
    return found


def _id(sentence: Sentence) -> str:
    return sentence.english if isinstance(sentence.english, str) else sentence.english[0]


def _said(message: object) -> bool:
    string = getattr(message, "string", "")
    return all(string) if isinstance(string, tuple) else bool(string)


# --- moments ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "said"),
    [
        pytest.param("en", "23 November 2026, 18:42", id="english"),
        pytest.param("ko", "2026년 11월 23일 18:42", id="korean"),
    ],
)
def test_a_moment_is_said_in_full(language: str, said: str) -> None:
    assert full(NOW, SEOUL, language) == said


@pytest.mark.parametrize(
    ("back", "english", "korean_said"),
    [
        pytest.param(timedelta(hours=4), "14:42", "14:42", id="today"),
        pytest.param(timedelta(days=14), "9 Nov 18:42", "11월 9일 18:42", id="this-year"),
        pytest.param(timedelta(days=400), "19 Oct 2025", "2025년 10월 19일", id="before"),
    ],
)
def test_a_moment_is_as_short_as_it_stays_clear(back: timedelta, english: str, korean_said: str) -> None:
    assert short(NOW - back, SEOUL, "en", now=NOW) == english
    assert short(NOW - back, SEOUL, "ko", now=NOW) == korean_said


@pytest.mark.parametrize(
    ("back", "english", "korean_said"),
    [
        pytest.param(timedelta(seconds=20), "just now", "방금", id="now"),
        pytest.param(timedelta(minutes=3), "3 minutes ago", "3분 전", id="minutes"),
        pytest.param(timedelta(hours=2), "2 hours ago", "2시간 전", id="hours"),
        pytest.param(timedelta(days=6), "17 Nov 18:42", "11월 17일 18:42", id="days"),
        pytest.param(-timedelta(hours=2), "20:42", "20:42", id="a-clock-that-was-set"),
    ],
)
def test_below_a_day_it_is_told_how_long_ago(back: timedelta, english: str, korean_said: str) -> None:
    assert ago(NOW - back, SEOUL, "en", now=NOW) == english
    assert ago(NOW - back, SEOUL, "ko", now=NOW) == korean_said


def test_a_day_is_said_with_its_weekday() -> None:
    assert weekday(NOW, "en") == "Monday 23 November 2026"
    assert weekday(NOW, "ko") == "2026년 11월 23일 월요일"


@pytest.mark.parametrize(
    ("size_bytes", "said"),
    [(0, "0 bytes"), (812, "812 bytes"), (3_440_000, "3.4 MB"), (214_000_000_000, "214 GB"), (5 * 10**15, "5000 TB")],
)
def test_a_size_is_said_as_disks_are_sold(size_bytes: int, said: str) -> None:
    assert size(size_bytes) == said.replace(" ", "\N{NO-BREAK SPACE}")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [(["ko-KR", "en"], "ko"), (["de", "en-US"], "en"), (["fr"], "ko"), ([], "ko")],
)
def test_a_guest_is_spoken_to_as_the_browser_wants(wanted: list[str], found: str) -> None:
    assert best_language(wanted, "ko") == found


# --- Korean -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "pair", "said"),
    [
        ("민아", "이/가", "민아가"), ("하준", "이/가", "하준이"),
        ("갤럭시", "을/를", "갤럭시를"), ("아이폰", "은/는", "아이폰은"),
        ("서울", "으로/로", "서울로"), ("집", "으로/로", "집으로"),
        ("Galaxy S26", "이/가", "Galaxy S26이"), ("iPhone 17", "으로/로", "iPhone 17로"),
        ("folder", "을/를", "folder를"), ("R", "을/를", "R을"), ("a.tar", "으로/로", "a.tar로"),
        ("Anna's phone", "이/가", "Anna's phone이"), ("Home", "으로/로", "Home으로"), ("file", "으로/로", "file로"),
        ("trip", "을/를", "trip을"), ("a.png", "을/를", "a.png를"), ("MacBook", "은/는", "MacBook은"),
        ("note", "을/를", "note를"),
        ("박하늘 (유치원)", "과/와", "박하늘 (유치원)과"), ("", "이/가", "가"),
    ],
)  # fmt: skip
def test_a_particle_follows_the_last_sound(text: str, pair: str, said: str) -> None:
    assert korean.particle(text, pair) == said


@pytest.mark.parametrize(
    ("sought", "name", "is_found"),
    [
        ("ㄱㅊㅅ", "김철수", True), ("ㅊㅅ", "김철수", True), ("ㄱㅅ", "김철수", False),
        ("철수", "김철수", True), ("kim", "KIM Cheolsu", True), ("김", "\u1100\u1175\u11b7철수", True),
        ("ㄲ", "까치", True), ("ㄱ", "까치", False), ("남궁", "김철수", False),
    ],
)  # fmt: skip
def test_a_search_finds_by_syllables_and_by_initial_consonants(sought: str, name: str, is_found: bool) -> None:
    assert korean.found(sought, name) is is_found


@given(st.text(max_size=40))
def test_every_name_is_found_by_itself_and_by_its_initials(name: str) -> None:
    if name.strip():
        assert korean.found(name.strip(), name)
    if korean.is_initials(korean.initials(name).strip()):
        assert korean.found(korean.initials(name).strip(), name)
