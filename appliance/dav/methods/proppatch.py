"""PROPPATCH: set and remove properties, all or none (RFC 4918 9.2).

As little as possible is refused, because one refusal fails all others (protocol.md D3): only what we compute is
protected, and a property that nobody knows is kept as it was sent.
"""

from __future__ import annotations

from appliance.dav import writer
from appliance.dav.answers import content_location, multistatus
from appliance.dav.changing import all_done, changes_of, is_protected, none_done, protected_error, read_instructions
from appliance.dav.conditions import realm_of
from appliance.dav.contracts import Resource
from appliance.dav.live import Call
from appliance.dav.messages import Response
from appliance.dav.names import dav
from appliance.dav.reading import conditions_of
from appliance.dav.xml import name_of, read_request
from appliance.errors import BadRequest, NotPermitted, PropertyRefused


def proppatch(call: Call) -> Response:
    """Return 207 with a status per property, also when the privilege is missing: iOS repeats a plain 403 for ever."""
    root = read_request(call.request)
    if root is None or name_of(root) != dav("propertyupdate"):
        raise BadRequest("The body is no propertyupdate.")
    instructions = read_instructions(root)
    if not instructions:
        raise BadRequest("The propertyupdate names no property.")
    resource = call.site.find(call.target.address)
    names = [instruction.name for instruction in instructions]
    protected = [name for name in names if is_protected(name, resource.kind, call.context.tables)]
    if protected:
        return _answer(call, resource, none_done(names, protected, protected_error(protected[0])))
    try:
        changes = changes_of(instructions, call.context.tables)
        resource.patch(changes, conditions_of(call.request))
    except PropertyRefused as error:
        realm = realm_of(call.target.address)
        return _answer(call, resource, none_done(names, [error.name], error, realm=realm))
    except NotPermitted as error:
        return _answer(call, resource, none_done(names, names, error))
    if call.preferences.minimal:
        return Response(200, [("Preference-Applied", "return=minimal")])  # RFC 8144 2.2
    return _answer(call, resource, all_done(names))


def _answer(call: Call, resource: Resource, propstats: str) -> Response:
    answer = multistatus([writer.response(resource.href, propstats)], call)
    answer.headers += content_location(call, resource)
    return answer
