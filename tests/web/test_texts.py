"""Text files: decoded whatever wrote them, never a picture taken for text; differences told whole and bounded."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.endings import OCTETS, PLAIN, Shown, ending_of, icon_of
from web.texts import Line, compared, read_text


@pytest.mark.parametrize(
    ("octets", "is_cut", "text"),
    [
        pytest.param("가나다\r\n라".encode(), False, "가나다\n라", id="utf-8"),
        pytest.param(b"\xef\xbb\xbfa", False, "a", id="a-byte-order-mark"),
        pytest.param("가나다".encode("cp949"), False, "가나다", id="an-old-korean-program"),
        pytest.param("café".encode("cp1252"), False, "café", id="an-old-western-program"),
        pytest.param("가나".encode("utf-16"), False, "가나", id="windows-notepad"),
        pytest.param("가나다".encode()[:-1], True, "가나", id="cut-within-a-syllable"),
        pytest.param("가나다".encode("cp949")[:-1], True, "가나", id="cut-within-an-old-syllable"),
        pytest.param(b"", False, "", id="nothing"),
        pytest.param(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", False, None, id="a-picture"),
        pytest.param(bytes(range(1, 32)) * 9, False, None, id="controls"),
    ],
)
def test_octets_are_read_as_text(octets: bytes, is_cut: bool, text: str | None) -> None:
    assert read_text(octets, is_cut=is_cut) == text


@given(st.binary(max_size=200), st.booleans())
def test_whatever_is_read_can_be_shown(octets: bytes, is_cut: bool) -> None:
    text = read_text(octets, is_cut=is_cut)
    assert text is None or text.encode("utf-8", "strict") is not None


def test_a_changed_line_stands_between_those_around_it() -> None:
    was = "\n".join(f"line {n}" for n in range(20))
    found = compared(was, was.replace("line 10", "line ten"))
    assert found is not None
    assert [(line.kind, line.text) for line in found] == [
        ("gap", "7"), ("same", "line 7"), ("same", "line 8"), ("same", "line 9"),
        ("was", "line 10"), ("now", "line ten"),
        ("same", "line 11"), ("same", "line 12"), ("same", "line 13"), ("gap", "6"),
    ]  # fmt: skip


def test_texts_that_are_alike_have_no_difference() -> None:
    assert compared("a\nb", "a\nb") == []


LINES = st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=12)


@given(LINES, LINES)
def test_a_comparison_tells_both_texts_whole(was: list[str], now: list[str]) -> None:
    found = compared("\n".join(was), "\n".join(now))
    assert found is not None
    before, after = "\n".join(was).splitlines(), "\n".join(now).splitlines()
    told = (_count(found, "was"), _count(found, "now"))
    assert told == ((0, 0) if before == after else (len(before), len(after)))


def _count(lines: list[Line], side: str) -> int:
    return sum(int(line.text) if line.kind == "gap" else line.kind in ("same", side) for line in lines)


def test_what_differs_altogether_is_not_compared() -> None:
    began = time.process_time()
    assert compared("\n".join(map(str, range(5000))), "\n".join(map(str, range(9000, 19000)))) is None
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("name", "shown", "content_type", "icon"),
    [
        ("a.JPG", Shown.PICTURE, "image/jpeg", "picture"), ("page.html", Shown.TEXT, PLAIN, "text"),
        ("b.svg", Shown.PICTURE, "image/svg+xml", "picture"), ("c.heic", Shown.NOT, OCTETS, "picture"),
        ("d.exe", Shown.NOT, OCTETS, "file"), ("README", Shown.TEXT, PLAIN, "text"),
        (".profile", Shown.NOT, OCTETS, "file"), ("e.xhtml", Shown.TEXT, PLAIN, "text"),
        ("f.pdf", Shown.PDF, "application/pdf", "text"), ("", Shown.NOT, OCTETS, "file"),
    ],
)  # fmt: skip
def test_an_ending_promises_nothing_that_runs(name: str, shown: Shown, content_type: str, icon: str) -> None:
    assert (ending_of(name).shown, ending_of(name).content_type, icon_of(name)) == (shown, content_type, icon)
