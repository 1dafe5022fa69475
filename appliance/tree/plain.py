"""Stored properties are XML elements; here they become the text inside, and text becomes an element."""

from __future__ import annotations

from xml.sax.saxutils import escape

from lxml import etree


def text_of(xml: str) -> str:
    """Return all text inside a stored element."""
    try:
        return "".join(str(piece) for piece in etree.fromstring(xml, _parser()).itertext())
    except etree.XMLSyntaxError:
        return ""


def names_in(xml: str, attribute: str = "name") -> frozenset[str]:
    """Return the `name` attributes of an element's children: the components of a calendar."""
    try:
        return frozenset(child.get(attribute) or "" for child in etree.fromstring(xml, _parser()))
    except etree.XMLSyntaxError:
        return frozenset()


def element(namespace: str, local: str, text: str) -> str:
    """Return an element with text."""
    return f'<X:{local} xmlns:X="{namespace}">{escape(text)}</X:{local}>'


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
