"""COPY: a second resource with the same body and the same dead properties (RFC 4918 9.8)."""

from __future__ import annotations

from appliance.dav.headers import read_depth, read_overwrite
from appliance.dav.href import spell
from appliance.dav.live import Call
from appliance.dav.messages import Response
from appliance.dav.reading import conditions_of, destination_of
from appliance.errors import BadRequest


def copy(call: Call) -> Response:
    """Return 201 where nothing was, 204 where something was replaced."""
    destination = destination_of(call.request)
    depth = read_depth(call.request.header("depth"), default="infinity")
    if depth.levels == "1":
        raise BadRequest("COPY knows the depths 0 and infinity.")  # RFC 4918 9.8.3
    created = call.site.copy(
        call.target.address,
        destination.address,
        overwrite=read_overwrite(call.request.header("overwrite")),
        deep=depth.levels == "infinity",
        conditions=conditions_of(call.request),
    )
    return Response(201, [("Location", spell(destination.address))]) if created else Response(204)
