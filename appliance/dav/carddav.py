"""What CardDAV adds to a resource (RFC 6352): live properties and address-data.

Stored and given back as sent, with no code here: anything a client sets that is not declared. Not defined:
`principal-address` (7.1.2), for we do not know which card, if any, describes a person; `directory-gateway`
(RFC 6352 does not know it, iOS asks).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from appliance.dav.contracts import Kind, Resource
from appliance.dav.href import spell
from appliance.dav.kinds import object_collection, principal
from appliance.dav.live import Context, data, live
from appliance.dav.names import CARDDAV, carddav
from appliance.dav.parts import check_size, in_namespace, prop_wanted
from appliance.dav.shaping import shaped
from appliance.dav.writer import escape_octets, href_element
from appliance.dav.xml import Element, name_of
from appliance.errors import BadRequest, UnsupportedConversion
from appliance.match.collations import supported
from appliance.objects.partial import shape_card
from appliance.objects.selection import PropWanted

BOOKS = frozenset({Kind.ADDRESSBOOK})

_VERSION_4 = re.compile(rb"^VERSION:4\.0[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)


@live(carddav("addressbook-home-set"), "RFC 6352 7.1.1", kinds={Kind.PRINCIPAL})
def addressbook_home_set(resource: Resource, context: Context) -> str | None:
    """Return the href of the home that holds this principal's address books."""
    home = principal(resource).addressbook_home
    return None if home is None else href_element(spell(home, collection=True))


@live(carddav("addressbook-description"), "RFC 6352 6.2.1", kinds=BOOKS, protected=False)
def addressbook_description(resource: Resource, context: Context) -> str | None:
    """Return nothing: there is a description when somebody has set one."""
    return None


@live(carddav("supported-address-data"), "RFC 6352 6.2.2", kinds=BOOKS)
def supported_address_data(resource: Resource, context: Context) -> str | None:
    """Return 3.0 only: DAVx5 writes 4.0 as soon as it is named, and nothing converts it for an iPhone (protocol.md B4).

    Cards of version 4.0 are accepted and served as they are all the same.
    """
    return '<CR:address-data-type content-type="text/vcard" version="3.0"/>'


@live(carddav("max-resource-size"), "RFC 6352 6.2.3", kinds=BOOKS)
def max_resource_size(resource: Resource, context: Context) -> str | None:
    """Return the largest card, in octets, that this book takes."""
    return str(object_collection(resource).max_resource_bytes)


@live(carddav("supported-collation-set"), "RFC 6352 8.3.1", kinds={Kind.ADDRESSBOOK, Kind.CARD, Kind.HOME})
def supported_collation_set(resource: Resource, context: Context) -> str | None:
    """Return the collations that a text-match of addressbook-query may name."""
    return "".join(f"<CR:supported-collation>{name}</CR:supported-collation>" for name in supported())


@data(carddav("address-data"), "RFC 6352 10.4", kind=Kind.CARD)
def address_data(wanted: Element, context: Context) -> Callable[[Resource, bytes], str]:
    """Return what gives a card as asked for; one that asks for no part gets the stored octets, unread.

    Errors: UnsupportedConversion for what is no vCard of ours, BadRequest for a selection that breaks the grammar.
    """
    give = _stored_as_4 if _version_asked(wanted) == "4.0" else _stored
    props = read_card_wanted(wanted)
    if not props:
        return give
    return lambda card, octets: give(card, shaped(lambda: shape_card(octets, props)))


def read_card_wanted(element: Element) -> tuple[PropWanted, ...]:
    """Return the properties that an address-data element names, none for all of them; BadRequest."""
    check_size(element)
    parts = in_namespace(element, CARDDAV, ("allprop", "prop"))
    props = [part for part in parts if name_of(part) == carddav("prop")]
    if props and len(props) < len(parts):
        raise BadRequest("address-data names properties, or all of them, not both.")
    return tuple(prop_wanted(prop) for prop in props)


def _version_asked(wanted: Element) -> str:
    """Return 3.0 or 4.0. By the DTD, nothing said means 3.0: all the same such cards are given as stored for now."""
    content_type = wanted.get("content-type", "text/vcard").split(";")[0].strip().lower()
    version = wanted.get("version", "3.0").strip()
    if content_type != "text/vcard" or version not in ("3.0", "4.0"):
        raise UnsupportedConversion(
            f"Cards are given as text/vcard, not as {content_type[:50]!r} {version[:20]!r}.",
            condition="supported-address-data",
        )
    return version


def _stored(card: Resource, octets: bytes) -> str:
    return f"<CR:address-data>{escape_octets(octets)}</CR:address-data>"


def _stored_as_4(card: Resource, octets: bytes) -> str:
    """RFC 6352 5.1.1: named explicitly, 4.0 is kept to."""
    if not _VERSION_4.search(octets):
        raise UnsupportedConversion(
            "This card is vCard 3.0 and is not converted to 4.0.", condition="supported-address-data-conversion"
        )
    return f'<CR:address-data content-type="text/vcard" version="4.0">{escape_octets(octets)}</CR:address-data>'
