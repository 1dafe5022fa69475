"""One spelling out, several in."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.dav.href import Target, locate, read_target, spell, spell_member
from appliance.errors import BadRequest, ForeignDestination, NotFound

names = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=60).filter(
    lambda name: name not in (".", "..")
)
file_addresses = st.lists(names, min_size=0, max_size=5).map(lambda rest: ("files", "anna", *rest))


@given(file_addresses, st.booleans())
def test_every_address_is_read_back_from_its_spelling(address: tuple[str, ...], collection: bool) -> None:
    assert read_target(spell(address, collection=collection)) == Target(address, slash=collection)


@given(file_addresses)
def test_a_spelling_is_a_path_of_unreserved_characters_and_upper_case_hex(address: tuple[str, ...]) -> None:
    href = spell(address)
    assert href.isascii()
    assert urlsplit(href).path == href
    for segment, sent in zip(address, href.split("/")[2:], strict=True):
        assert sent == quote(segment, safe="-._~")


@given(names, st.booleans())
def test_a_member_is_spelled_like_its_whole_address(name: str, collection: bool) -> None:
    whole = spell(("files", "anna", name), collection=collection)
    assert spell_member("/dav/files/anna/", name, collection=collection) == whole


@given(st.lists(names, min_size=2, max_size=3).map("/".join))
def test_an_object_keeps_the_slashes_in_its_name_in_both_forms(name: str) -> None:
    address = ("calendars", "anna", "work", name)
    if any(part in (".", "..") for part in name.split("/")):
        return
    assert read_target(spell(address)).address == address
    assert read_target("/dav/calendars/anna/work/" + quote(name, safe="/")).address == address


@pytest.mark.parametrize(
    ("raw", "address", "slash"),
    [
        ("/", (), True),
        ("/dav", (), False),
        ("/dav/", (), True),
        ("/dav/principals/anna/", ("principals", "anna"), True),
        ("/dav/files/anna/a%2fb", None, None),
        ("/dav/files/anna/%e3%84%b1", ("files", "anna", "ㄱ"), False),
        ("/dav/files/anna/가족", ("files", "anna", "가족"), False),
        ("/dav/files/anna/%61%7E%40", ("files", "anna", "a~@"), False),
        ("/dav/files/anna/a@b+c,d", ("files", "anna", "a@b+c,d"), False),
        ("/dav/files/anna/100%25", ("files", "anna", "100%"), False),
        ("/dav/files/anna/100%", ("files", "anna", "100%"), False),
        ("  /dav/files/anna/x\n", ("files", "anna", "x"), False),
        ("http://box.local/dav/files/anna/", ("files", "anna"), True),
        ("HTTPS://Box.Local:8443/dav/files/anna/", ("files", "anna"), True),
        ("http://box.local", (), True),
    ],
)
def test_a_target_is_read_in_any_encoding(raw: str, address: tuple[str, ...] | None, slash: bool | None) -> None:
    if address is None:
        with pytest.raises(BadRequest):
            read_target(raw, host="box.local:8080")
        return
    assert read_target(raw, host="box.local:8080") == Target(address, bool(slash))


@pytest.mark.parametrize(
    "raw",
    [
        "/dav/files/anna/../bert/",
        "/dav/files/anna/%2e%2E/bert",
        "/dav/files/anna/./x",
        "/dav/files//anna",
        "/dav/files/anna//",
        "/dav//",
        "/dav/files/anna/a%00b",
        "/dav/files/anna/%ff",
        "/dav/files/anna/x?y",
        "/dav/files/anna/x#y",
        "/dav/files/anna/" + "x" * 256,
        "/dav/files/anna/" + "%EA%B0%80" * 86,
        "/dav/files/anna/" + "x" * 5000,
        "/dav/files/anna" + "/" + "/".join(["abcdefghi"] * 500),
        "/dav/calendars/anna/work/" + "x" * 5000,
        "/dav/calendars/anna/work/a%2F..%2Fb",
        "/dav/calendars/anna/work/a//b",
        "/dav/calendars/an%2Fna/work",
        "",
        "dav/files",
        "ftp://box.local/dav/",
        "http://[::1/dav/",
        "//box.local/dav/",
    ],
)
def test_what_cannot_be_an_address_is_refused_with_a_sentence(raw: str) -> None:
    with pytest.raises(BadRequest, match=r"\.$"):
        read_target(raw, host="box.local")
    assert locate(raw, host="box.local") is None


def test_a_name_of_255_bytes_is_an_address() -> None:
    assert read_target("/dav/files/anna/" + "%EA%B0%80" * 85).address[-1] == "가" * 85


def test_another_host_is_foreign_and_another_path_is_nothing() -> None:
    with pytest.raises(ForeignDestination):
        read_target("http://elsewhere/dav/files/anna/", host="box.local")
    with pytest.raises(NotFound):
        read_target("/index.html")
    assert locate("http://elsewhere/dav/", host="box.local") is None
    assert locate("/index.html", host="box.local") is None


@given(st.text(max_size=80))
def test_no_text_gets_a_traceback(raw: str) -> None:
    locate(raw, host=raw)
    locate("/dav/" + raw, host="box.local")
    locate("http://" + raw, host="box.local")
