"""OPTIONS: what this address knows. Apple and DAVx5 drop an account whose principal does not say calendar-access."""

from __future__ import annotations

from appliance.dav.allowed import classes_at, methods_at
from appliance.dav.contracts import Address
from appliance.dav.messages import Response


def describe(address: Address) -> Response:
    """Return Allow and the DAV classes (RFC 4918 10.1); MS-Author-Via is what Windows' redirector looks for."""
    return Response(
        200,
        [
            ("Allow", ", ".join(methods_at(address))),
            ("DAV", classes_at(address)),
            ("MS-Author-Via", "DAV"),
            ("Accept-Ranges", "bytes"),
        ],
    )
