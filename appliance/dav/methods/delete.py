"""DELETE: what is gone stays recoverable, so nothing is asked twice (RFC 4918 9.6)."""

from __future__ import annotations

from appliance.dav.headers import read_depth
from appliance.dav.kinds import is_collection
from appliance.dav.live import Call
from appliance.dav.messages import Response
from appliance.dav.reading import conditions_of
from appliance.errors import BadRequest


def delete(call: Call) -> Response:
    """Return 204. A collection goes with everything in it, whatever Depth would rather have (RFC 4918 9.6.1)."""
    depth = read_depth(call.request.header("depth"), default="infinity")
    resource = call.site.find(call.target.address)
    if is_collection(resource) and depth.levels != "infinity":
        raise BadRequest("A collection is deleted whole: the Depth header must be infinity or absent.")
    resource.delete(conditions_of(call.request))
    return Response(204)
