"""Reading XML that a stranger sent: no DTD, no entities, bounded in size and depth.

Nothing is written here but one property element on its way into the store; answers are `dav/writer.py`'s.
"""

from __future__ import annotations

from copy import deepcopy

from lxml import etree

from appliance.dav.messages import Request
from appliance.errors import BodyTooLarge, UnreadableXml

Element = etree._Element  # lxml has no public name for it

BODY_LIMIT_BYTES = 1 << 20
MULTIGET_LIMIT_BYTES = 8 << 20
DEPTH_LIMIT = 64

XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def read_body(request: Request, limit_bytes: int = BODY_LIMIT_BYTES) -> bytes:
    """Return the whole request body; BodyTooLarge above the limit, before anything is parsed."""
    if request.length_bytes is not None and request.length_bytes > limit_bytes:
        raise BodyTooLarge(f"The request is larger than {limit_bytes} bytes.")
    pieces: list[bytes] = []
    size_bytes = 0
    while piece := request.body.read(min(65536, limit_bytes + 1)):
        size_bytes += len(piece)
        if size_bytes > limit_bytes:
            raise BodyTooLarge(f"The request is larger than {limit_bytes} bytes.")
        pieces.append(piece)
    return b"".join(pieces)


def read_document(octets: bytes) -> Element:
    """Return the root element; UnreadableXml for what is not well-formed, has a DOCTYPE, or is nested too deeply.

    The settings refuse bombs and leave external entities alone; those would come back as literal text without an
    error, so a DOCTYPE is refused as such (RFC 4918 8.2, 20.6).
    """
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(octets, parser)
    except etree.XMLSyntaxError as error:
        raise UnreadableXml(f"The request body is no well-formed XML ({_first_line(error)}).") from error
    except (ValueError, LookupError) as error:  # an encoding that nobody knows
        raise UnreadableXml("The request body is no XML in an encoding that can be read.") from error
    if etree.ElementTree(root).docinfo.doctype:  # type: ignore[attr-defined]  # the stubs lack it
        raise UnreadableXml("The request body has a DOCTYPE, which is not accepted.")
    if _is_deeper_than(root, DEPTH_LIMIT):
        raise UnreadableXml(f"The request body is nested more than {DEPTH_LIMIT} elements deep.")
    return root


def read_request(request: Request, limit_bytes: int = BODY_LIMIT_BYTES) -> Element | None:
    """Return the root element of the request body, None when there is no body."""
    octets = read_body(request, limit_bytes)
    return read_document(octets) if octets.strip() else None


def name_of(element: Element) -> str:
    """Return `{namespace}local`, with empty braces for an element in no namespace."""
    tag = str(element.tag)
    return tag if tag.startswith("{") else "{}" + tag


def children(element: Element, name: str) -> list[Element]:
    """Return the child elements called `name` (Clark)."""
    return list(element.iterchildren(name))


def child(element: Element, name: str) -> Element | None:
    """Return the first child element called `name` (Clark), or None."""
    return next(element.iterchildren(name), None)


def text_of(element: Element | None) -> str:
    """Return the text directly inside an element, without white space around it; "" for None."""
    return "" if element is None else (element.text or "").strip()


def serialise(element: Element) -> str:
    """Return a property element as XML that stands alone, xml:lang in scope included (RFC 4918 4.3).

    Of the namespaces in scope those go along that names use, or that values may use: `xsi:type="xs:string"`.
    """
    alone = deepcopy(element)
    alone.tail = None
    language = _language_of(element)
    if language is not None and XML_LANG not in alone.attrib:
        alone.set(XML_LANG, language)
    attributes = (str(value) for each in alone.iter() for value in each.attrib.values())
    values = "\n".join([*map(str, alone.itertext()), *attributes])
    in_values = [prefix for prefix in alone.nsmap if prefix is not None and f"{prefix}:" in values]
    etree.cleanup_namespaces(alone, keep_ns_prefixes=in_values)
    return etree.tostring(alone, encoding="unicode")


def _language_of(element: Element) -> str | None:
    for scope in (element, *element.iterancestors()):
        language = scope.get(XML_LANG)
        if language is not None:
            return language
    return None


def _is_deeper_than(root: Element, limit: int) -> bool:
    return bool(root.xpath("boolean(" + "/*" * (limit + 1) + ")"))


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0].split(" (<string>")[0]
