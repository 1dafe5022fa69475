"""XML that means harm, and properties that have to stand alone."""

from __future__ import annotations

import io

import pytest
from lxml import etree

from appliance.dav.messages import Request
from appliance.dav.names import dav
from appliance.dav.xml import DEPTH_LIMIT, child, name_of, read_body, read_document, read_request, serialise
from appliance.errors import BodyTooLarge, UnreadableXml

BOMB = b"<!DOCTYPE a [" + b'<!ENTITY b "ha">' + b"]><a>&b;</a>"


def request_of(body: bytes, length_bytes: int | None = None) -> Request:
    return Request("PROPFIND", "/dav/", {}, io.BytesIO(body), length_bytes)


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(b"<!DOCTYPE a><a/>", id="doctype"),
        pytest.param(BOMB, id="entity"),
        pytest.param(b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>', id="external entity"),
        pytest.param(b'<!DOCTYPE a SYSTEM "http://127.0.0.1:1/x.dtd"><a/>', id="external DTD"),
        pytest.param(b"<a>&x;</a>", id="undefined entity"),
        pytest.param(b"<a>" * (DEPTH_LIMIT + 1) + b"</a>" * (DEPTH_LIMIT + 1), id="too deep"),
        pytest.param(b"<a>" * 200_000, id="much too deep"),
        pytest.param(b"<a><b></a>", id="not well-formed"),
        pytest.param(b"<D:a/>", id="undeclared prefix"),
        pytest.param(b'<?xml version="1.0" encoding="klingon"?><a/>', id="unknown encoding"),
        pytest.param(b"\xff\xfe\x00", id="noise"),
        pytest.param("<a>\ud7ff</a>".encode() + b"\xff", id="not UTF-8"),
        pytest.param(b"hello", id="no XML"),
    ],
)
def test_a_body_that_is_no_honest_xml_is_refused_with_a_sentence(octets: bytes) -> None:
    with pytest.raises(UnreadableXml, match=r"\.$"):
        read_document(octets)


def test_the_deepest_body_allowed_is_read() -> None:
    assert read_document(b"<a>" * DEPTH_LIMIT + b"</a>" * DEPTH_LIMIT).tag == "a"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-8-sig"])
def test_a_body_is_read_in_the_encoding_that_it_declares(encoding: str) -> None:
    assert read_document("<a>가족</a>".encode(encoding)).text == "가족"


def test_a_body_above_its_limit_is_refused_before_it_is_read() -> None:
    unread = io.BytesIO(b"x" * 10)
    with pytest.raises(BodyTooLarge):
        read_body(Request("PROPFIND", "/dav/", {}, unread, 11), limit_bytes=10)
    assert unread.tell() == 0


def test_a_chunked_body_above_its_limit_is_refused_while_it_is_read() -> None:
    with pytest.raises(BodyTooLarge):
        read_body(request_of(b"x" * 11), limit_bytes=10)
    assert read_body(request_of(b"x" * 10), limit_bytes=10) == b"x" * 10


def test_no_body_and_a_blank_body_are_no_document() -> None:
    assert read_request(request_of(b"")) is None
    assert read_request(request_of(b" \r\n")) is None


def test_an_element_in_no_namespace_has_empty_braces() -> None:
    root = read_document(b'<D:a xmlns:D="DAV:"><b/></D:a>')
    assert name_of(root) == dav("a")
    assert name_of(root[0]) == "{}b"


def test_a_property_takes_its_namespaces_and_its_language_along() -> None:
    root = read_document(
        b'<D:prop xmlns:D="DAV:" xmlns:X="urn:x" xml:lang="ko">'
        b'<X:note a="X:b">\xea\xb0\x80&#13;<X:y/></X:note></D:prop>'
    )
    note = child(root, "{urn:x}note")
    assert note is not None
    alone = etree.fromstring(serialise(note))
    assert alone.tag == "{urn:x}note"
    assert alone.get("{http://www.w3.org/XML/1998/namespace}lang") == "ko"
    assert alone.get("a") == "X:b"
    assert alone.nsmap["X"] == "urn:x"
    assert alone.text == "가\r"


def test_a_property_keeps_its_own_language_and_leaves_its_tail_behind() -> None:
    root = read_document(b'<p xml:lang="ko"><q xml:lang="de">x</q>tail</p>')
    assert serialise(root[0]) == '<q xml:lang="de">x</q>'


def test_a_property_leaves_behind_the_namespaces_that_it_does_not_use() -> None:
    root = read_document(b'<D:prop xmlns:D="DAV:" xmlns:X="urn:x" xmlns:Y="urn:y"><X:note>a</X:note></D:prop>')
    assert serialise(root[0]) == '<X:note xmlns:X="urn:x">a</X:note>'
