"""The properties of RFC 4331: Finder shows "0 bytes available" and Windows the space of drive C without them."""

from __future__ import annotations

from appliance.dav.contracts import Resource
from appliance.dav.kinds import collection
from appliance.dav.live import COLLECTIONS, Context, live
from appliance.dav.names import dav


@live(dav("quota-available-bytes"), "RFC 4331 3", kinds=COLLECTIONS)
def quota_available_bytes(resource: Resource, context: Context) -> str | None:
    """Return how many bytes may still be added; never negative."""
    quota = collection(resource).quota
    return None if quota is None else str(max(0, quota[1]))


@live(dav("quota-used-bytes"), "RFC 4331 4", kinds=COLLECTIONS)
def quota_used_bytes(resource: Resource, context: Context) -> str | None:
    """Return how many bytes are in use."""
    quota = collection(resource).quota
    return None if quota is None else str(max(0, quota[0]))
