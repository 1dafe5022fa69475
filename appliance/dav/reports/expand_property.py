"""The report expand-property (RFC 3253 3.8): follow the hrefs inside properties. macOS looks for delegates with it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape

from appliance.dav import answers
from appliance.dav.contracts import Resource
from appliance.dav.href import locate
from appliance.dav.live import EVERYWHERE, Call, report
from appliance.dav.messages import Response
from appliance.dav.names import DAV, dav
from appliance.dav.selection import NAMES_LIMIT, property_of
from appliance.dav.writer import propstat, response, status_response, tags
from appliance.dav.xml import Element, children
from appliance.errors import BadRequest, NotFound, TooManyMatches

RESPONSES_LIMIT = 500

_LOCAL = re.compile("[A-Za-z_][A-Za-z0-9_.-]*")
_NAMESPACE = re.compile(r"[A-Za-z0-9_.~:/?#@!$&'()*+,;=-]*")
_HREF = re.compile("<D:href>([^<]*)</D:href>")  # as our own properties spell it; stored ones are not followed


@dataclass(frozen=True, slots=True)
class Wish:
    """A property, and what is wanted of the resources that its hrefs name."""

    name: str
    inside: tuple[Wish, ...]


@report(dav("expand-property"), "RFC 3253 3.8", kinds=EVERYWHERE)
def expand_property(body: Element, resource: Resource, call: Call) -> Response:
    """Answer the resource with its properties, each href in them replaced by a response when more is asked there."""
    wishes = _read(body)
    if sum(1 for _ in body.iter(dav("property"))) > NAMES_LIMIT:
        raise BadRequest(f"The report names more than {NAMES_LIMIT} properties.")
    expansion = _Expansion(call)
    return answers.multistatus([expansion.row(resource, wishes)], call)


def _read(parent: Element) -> tuple[Wish, ...]:
    wishes = []
    for wanted in children(parent, dav("property")):
        local, namespace = wanted.get("name", ""), wanted.get("namespace", DAV)
        if not _LOCAL.fullmatch(local) or not _NAMESPACE.fullmatch(namespace):  # they become XML of ours
            raise BadRequest("A property of the report has no name that can be one.")
        wishes.append(Wish(f"{{{namespace}}}{local}", _read(wanted)))
    return tuple(wishes)


class _Expansion:
    """One report's walk along hrefs; it ends after RESPONSES_LIMIT of them."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._left = RESPONSES_LIMIT

    def row(self, resource: Resource, wishes: Sequence[Wish]) -> str:
        found: list[str] = []
        missing: list[str] = []
        for wish in wishes:
            xml = property_of(resource, wish.name, self._call.context)
            if xml is None:
                missing.append(tags(wish.name)[2])
            else:
                found.append(self._followed(xml, wish.inside) if wish.inside else xml)
        absent = propstat("".join(missing), 404) if missing and not self._call.preferences.minimal else ""
        present = propstat("".join(found), 200) if found or not absent else ""
        return response(resource.href, present + absent)

    def _followed(self, xml: str, wishes: Sequence[Wish]) -> str:
        return _HREF.sub(lambda href: self._at(unescape(href[1]), href[0], wishes), xml)

    def _at(self, href: str, as_it_was: str, wishes: Sequence[Wish]) -> str:
        address = locate(href)
        if address is None:  # mailto: and urn: name no resource of ours
            return as_it_was
        self._left -= 1
        if self._left < 0:
            raise TooManyMatches(f"The report would follow more than {RESPONSES_LIMIT} addresses.")
        try:
            return self.row(self._call.site.find(address), wishes)
        except NotFound:
            return status_response(href, 404)
