"""What we write is XML that gives back what was put in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from appliance.dav import writer
from appliance.dav.names import DECLARATIONS, PREFIXES

xml_text = st.text(
    st.characters(
        exclude_categories=["Cs"], exclude_characters=[*map(chr, (*range(9), 11, 12, *range(14, 32)))]
    ).filter(lambda character: character not in "\ufffe\uffff"),
    max_size=200,
)


def parsed(inner: str) -> etree._Element:
    return etree.fromstring(f"<a {DECLARATIONS}>{inner}</a>".encode())


@given(xml_text)
def test_text_survives_escaping(text: str) -> None:
    assert (parsed(writer.escape(text)).text or "") == text


@given(xml_text)
def test_octets_survive_escaping_carriage_returns_and_all(text: str) -> None:
    assert (parsed(writer.escape_octets(text.encode())).text or "") == text


@given(st.binary(max_size=200))
def test_any_octets_become_well_formed_xml(octets: bytes) -> None:
    text = octets.decode("utf-8", "replace")
    assert len(parsed(writer.escape_octets(octets)).text or "") == len(text)


@given(st.text(max_size=200))
def test_any_text_becomes_well_formed_xml_of_the_same_length(text: str) -> None:
    assert len(parsed(writer.escape(text)).text or "") == len(text)


@pytest.mark.parametrize("forbidden", ["\x00", "\x0b", "\x1f", "\ufffe", "\uffff"])
def test_one_vertical_tab_does_not_break_a_multiget(forbidden: str) -> None:
    octets = f"NOTE:a{forbidden}b\r\n".encode()
    assert parsed(writer.escape_octets(octets)).text == "NOTE:a\N{REPLACEMENT CHARACTER}b\r\n"
    assert parsed(writer.escape(f"a{forbidden}b")).text == "a\N{REPLACEMENT CHARACTER}b"


@given(st.from_regex(r"urn:[a-z0-9/&'=-]{1,30}", fullmatch=True))
def test_a_foreign_namespace_is_declared_where_it_is_used(namespace: str) -> None:
    found = parsed(writer.element(f"{{{namespace}}}x", "y"))[0]
    assert etree.QName(found).namespace == (namespace or None)
    assert (etree.QName(found).localname, found.text) == ("x", "y")


@pytest.mark.parametrize("namespace", [*PREFIXES, "urn:other", ""])
@pytest.mark.parametrize("inner", ["", "text"])
def test_an_element_is_written_in_its_namespace(namespace: str, inner: str) -> None:
    found = parsed(writer.element(f"{{{namespace}}}local", inner))[0]
    assert etree.QName(found) == etree.QName(namespace or None, "local")
    assert (found.text or "") == inner


def test_a_multistatus_comes_in_pieces_of_64_kib() -> None:
    row = writer.status_response("/dav/files/anna/" + "x" * 1000, 404)
    pieces = list(writer.multistatus([row] * 300, tail="<D:sync-token>t</D:sync-token>"))
    assert all(writer.PIECE_BYTES <= len(piece) < writer.PIECE_BYTES + 2000 for piece in pieces[:-1])
    root = etree.fromstring(b"".join(pieces))
    assert len(root.findall("{DAV:}response")) == 300
    assert root[-1].tag == "{DAV:}sync-token"


def test_an_empty_multistatus_is_one_piece() -> None:
    (only,) = writer.multistatus([])
    assert etree.fromstring(only).tag == "{DAV:}multistatus"


def test_a_multistatus_that_breaks_off_never_looks_finished() -> None:
    row = writer.status_response("/dav/", 200)

    def rows() -> Iterator[str]:
        yield from [row] * 2000
        raise OSError("the disk went away")

    sent: list[bytes] = []
    with pytest.raises(OSError, match="went away"):
        sent.extend(writer.multistatus(rows()))
    assert sent
    with pytest.raises(etree.XMLSyntaxError):
        etree.fromstring(b"".join(sent))
