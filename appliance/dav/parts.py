"""Reading which parts of an object a report wants: what calendar-data and address-data have in common.

Strict as filters are: an element we do not know is never passed over, since then more would be left out or
given than was meant. What breaks the grammar is a BadRequest; no RFC names a condition for it.
"""

from __future__ import annotations

from collections.abc import Sequence

from appliance.dav.names import split
from appliance.dav.xml import Element, name_of
from appliance.errors import BadRequest
from appliance.objects.selection import PropWanted

MAX_ELEMENTS = 500


def check_size(element: Element) -> None:
    """Raise BadRequest for a selection of more elements than anybody can mean."""
    for count, _ in enumerate(element.iter()):
        if count > MAX_ELEMENTS:
            raise BadRequest(f"A selection of parts has at most {MAX_ELEMENTS} elements.")


def in_namespace(element: Element, namespace: str, known: Sequence[str]) -> list[Element]:
    """Return the child elements; BadRequest for one that is none of `known`."""
    parts = [child for child in element if isinstance(child.tag, str)]
    for part in parts:
        found, local = split(name_of(part))
        if found != namespace or local not in known:
            raise BadRequest(f"{local[:50]!r} does not belong into {split(name_of(element))[1]!r}.")
    return parts


def name_attribute(element: Element) -> str:
    """Return the name that an element carries, in upper case; BadRequest without one."""
    name = element.get("name", "").strip().upper()
    if not name:
        raise BadRequest(f"A {split(name_of(element))[1]} has a name.")
    return name


def prop_wanted(element: Element) -> PropWanted:
    """Return a `prop` element (RFC 4791 9.6.4, RFC 6352 10.4.2)."""
    novalue = element.get("novalue", "no")
    if novalue not in ("yes", "no"):
        raise BadRequest(f"novalue is yes or no, not {novalue[:50]!r}.")
    return PropWanted(name_attribute(element), novalue=novalue == "yes")
