"""MOVE: the same resource under another address (RFC 4918 9.9)."""

from __future__ import annotations

from appliance.dav.headers import read_depth, read_overwrite
from appliance.dav.href import spell
from appliance.dav.kinds import is_collection
from appliance.dav.live import Call
from appliance.dav.messages import Response
from appliance.dav.reading import conditions_of, destination_of
from appliance.errors import BadRequest


def move(call: Call) -> Response:
    """Return 201 where nothing was, 204 where something was replaced."""
    destination = destination_of(call.request)
    depth = read_depth(call.request.header("depth"), default="infinity")
    if depth.levels != "infinity" and is_collection(call.site.find(call.target.address)):
        raise BadRequest("A collection is moved whole: the Depth header must be infinity or absent.")  # RFC 4918 9.9.2
    created = call.site.move(
        call.target.address,
        destination.address,
        overwrite=read_overwrite(call.request.header("overwrite")),
        conditions=conditions_of(call.request),
    )
    return Response(201, [("Location", spell(destination.address))]) if created else Response(204)
