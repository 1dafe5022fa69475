"""UNLOCK (RFC 4918 9.11)."""

from __future__ import annotations

from appliance.dav.headers import read_lock_token
from appliance.dav.live import Call
from appliance.dav.messages import Response


def unlock(call: Call) -> Response:
    """Return 204 once the lock is gone from every resource that it covered."""
    call.site.unlock(call.target.address, read_lock_token(call.request.header("lock-token")))
    return Response(204)
