"""ACL: refused. Every entry is computed from shares, and sharing is done on the pages (protocol.md D6)."""

from __future__ import annotations

from appliance.dav.live import Call
from appliance.dav.messages import Response
from appliance.errors import AclProtected


def acl(call: Call) -> Response:
    """Raise AclProtected for whatever is there, NotFound for what is not (RFC 3744 8.1.1)."""
    call.site.find(call.target.address)
    raise AclProtected("Who may do what is decided on the household's pages, not by the ACL method.")
