"""POST: a new member under a name of the server's choice (RFC 5995)."""

from __future__ import annotations

from appliance.dav.href import spell
from appliance.dav.kinds import collection
from appliance.dav.live import Call
from appliance.dav.messages import Response
from appliance.dav.methods.put import written_headers
from appliance.dav.reading import conditions_of, upload_of


def post(call: Call) -> Response:
    """Return 201 with the Location of the new member, path only (RFC 5995 3.2)."""
    parent = collection(call.site.find(call.target.address))
    written = parent.add(upload_of(call.request), conditions_of(call.request))
    return Response(201, [("Location", spell(written.address)), *written_headers(call.request, written)])
