"""The properties of RFC 6578 4, and the ctag that Apple's calendar server had before it."""

from __future__ import annotations

from appliance.dav.contracts import Resource
from appliance.dav.href import is_read_only
from appliance.dav.kinds import sync_collection
from appliance.dav.live import SYNCABLE, Context, live
from appliance.dav.names import calendarserver, dav
from appliance.dav.writer import escape


@live(dav("sync-token"), "RFC 6578 4", kinds=SYNCABLE)
def sync_token(resource: Resource, context: Context) -> str | None:
    """Return the token of the collection's present state; what never changes has none."""
    if is_read_only(resource.address):
        return None
    return escape(sync_collection(resource).sync_token)


@live(calendarserver("getctag"), "calendarserver-ctag 4.1", kinds=SYNCABLE)
def getctag(resource: Resource, context: Context) -> str | None:
    """Return the same string (protocol.md A1): Evolution polls this and nothing else."""
    if is_read_only(resource.address):
        return None
    return escape(sync_collection(resource).sync_token)
