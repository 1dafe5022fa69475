"""What MKCOL, extended MKCOL and MKCALENDAR have in common: a wish read from XML, and the answer."""

from __future__ import annotations

from collections.abc import Sequence

from appliance.dav import writer
from appliance.dav.answers import xml
from appliance.dav.changing import Instruction, changes_of, is_protected, none_done
from appliance.dav.conditions import realm_of
from appliance.dav.contracts import Kind, NewCollection
from appliance.dav.live import Call
from appliance.dav.messages import Response
from appliance.dav.names import caldav, carddav, dav
from appliance.dav.reading import conditions_of
from appliance.dav.xml import Element, name_of
from appliance.errors import AlreadyThere, NotFound, PropertyRefused

COMPONENTS = caldav("supported-calendar-component-set")
_KINDS = {
    frozenset[str](): Kind.FOLDER,
    frozenset({carddav("addressbook")}): Kind.ADDRESSBOOK,
    frozenset({caldav("calendar")}): Kind.CALENDAR,
}


def make(call: Call, kind: Kind, instructions: Sequence[Instruction], *, answered_as: str) -> Response:
    """Make the collection and return 201; 403 with `answered_as` when one property fails all (RFC 5689 3)."""
    names = [instruction.name for instruction in instructions]
    try:
        _require_nothing_there(call)
        kind = _requested_kind(instructions, kind)
        wanted = _read(call, kind, instructions)
        parent, name = call.site.place(call.target.address)
        parent.make(name, wanted, conditions_of(call.request))
    except PropertyRefused as error:
        realm = realm_of(call.target.address)
        propstats = none_done(names, [error.name], error, realm=realm)
        return xml(403, writer.document(answered_as, propstats))
    return Response(201, [("Cache-Control", "no-cache")])  # RFC 4791 5.3.1


def _require_nothing_there(call: Call) -> None:
    """Raise AlreadyThere for a mapped address (RFC 4918 9.3.1), before anybody asks whether it could be made there."""
    try:
        call.site.find(call.target.address)
    except NotFound:
        return
    raise AlreadyThere("There is something at this address already.")


def _requested_kind(instructions: Sequence[Instruction], default: Kind) -> Kind:
    for instruction in instructions:
        if instruction.name == dav("resourcetype"):
            types = frozenset(name_of(element) for element in instruction.element) - {dav("collection")}
            if types not in _KINDS:
                raise PropertyRefused(
                    "Collections of this type are not kept here.",
                    name=dav("resourcetype"),
                    condition="valid-resourcetype",
                )
            return _KINDS[types] if types else default
    return default


def _read(call: Call, kind: Kind, instructions: Sequence[Instruction]) -> NewCollection:
    """Return the wish: computed properties that clients throw in are left out silently (protocol.md D7)."""
    kept = [each for each in instructions if not is_protected(each.name, kind, call.context.tables)]
    return NewCollection(
        kind,
        changes_of((each for each in kept if each.name != COMPONENTS), call.context.tables),
        _components(instructions),
    )


def _components(instructions: Sequence[Instruction]) -> frozenset[str] | None:
    for instruction in instructions:
        if instruction.name == COMPONENTS:
            return _named_components(instruction.element)
    return None


def _named_components(element: Element) -> frozenset[str] | None:
    """Return the component names in upper case; None for an empty set, which nobody can mean."""
    names = frozenset(comp.get("name", "").upper() for comp in element.iterchildren(caldav("comp"))) - {""}
    return names or None
