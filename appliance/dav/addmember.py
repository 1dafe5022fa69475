"""The property of RFC 5995 3.2.1: where to POST new members, which is the collection itself."""

from __future__ import annotations

from appliance.dav.contracts import Kind, Resource
from appliance.dav.href import is_read_only
from appliance.dav.live import Context, live
from appliance.dav.names import dav
from appliance.dav.writer import href_element


@live(dav("add-member"), "RFC 5995 3.2.1", kinds={Kind.ADDRESSBOOK, Kind.CALENDAR})
def add_member(resource: Resource, context: Context) -> str | None:
    """Return the collection's own address; there is none where nothing can be added."""
    return None if is_read_only(resource.address) else href_element(resource.href)
