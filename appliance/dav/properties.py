"""The live properties of RFC 4918 15."""

from __future__ import annotations

from appliance.dav.contracts import ActiveLock, Kind, Resource
from appliance.dav.headers import http_date
from appliance.dav.href import spell
from appliance.dav.live import BODIES, COLLECTIONS, Context, live
from appliance.dav.names import dav
from appliance.dav.writer import escape, href_element

_TYPES = {
    Kind.ROOT: "<D:collection/>",
    Kind.PRINCIPAL: "<D:principal/>",
    Kind.HOME: "<D:collection/>",
    Kind.ADDRESSBOOK: "<D:collection/><CR:addressbook/>",
    Kind.CALENDAR: "<D:collection/><C:calendar/>",
    Kind.FOLDER: "<D:collection/>",
}

_LOCK_ENTRIES = "".join(
    f"<D:lockentry><D:lockscope><D:{scope}/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockentry>"
    for scope in ("exclusive", "shared")
)


@live(dav("creationdate"), "RFC 4918 15.1", in_allprop=True)
def creationdate(resource: Resource, context: Context) -> str | None:
    """Return the moment it was first seen, as RFC 3339 with a Z."""
    moment = resource.created_at
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@live(dav("displayname"), "RFC 4918 15.2", in_allprop=True, protected=False)
def displayname(resource: Resource, context: Context) -> str | None:
    """Return its name for people."""
    name = resource.displayname
    return None if name is None else escape(name)


@live(dav("getcontentlength"), "RFC 4918 15.4", kinds=BODIES, in_allprop=True)
def getcontentlength(resource: Resource, context: Context) -> str | None:
    """Return the size of its body in bytes."""
    size_bytes = resource.size_bytes
    return None if size_bytes is None else str(size_bytes)


@live(dav("getcontenttype"), "RFC 4918 15.5", kinds=BODIES, in_allprop=True)
def getcontenttype(resource: Resource, context: Context) -> str | None:
    """Return the Content-Type that GET answers."""
    content_type = resource.content_type
    return None if content_type is None else escape(content_type)


@live(dav("getetag"), "RFC 4918 15.6", in_allprop=True)
def getetag(resource: Resource, context: Context) -> str | None:
    """Return the strong entity tag; we make them of ASCII letters, digits, hyphens and quotes."""
    return resource.etag


@live(dav("getlastmodified"), "RFC 4918 15.7", in_allprop=True, settable_on={Kind.FILE})
def getlastmodified(resource: Resource, context: Context) -> str | None:
    """Return the moment its body last changed. On a file it may be set, and is its mtime (protocol.md D3)."""
    moment = resource.modified_at
    return None if moment is None else http_date(moment)


@live(dav("resourcetype"), "RFC 4918 15.9", in_allprop=True)
def resourcetype(resource: Resource, context: Context) -> str | None:
    """Return what it is; empty for what has a body."""
    return _TYPES.get(resource.kind, "")


@live(dav("supportedlock"), "RFC 4918 15.10", kinds={Kind.FOLDER, Kind.FILE}, in_allprop=True)
def supportedlock(resource: Resource, context: Context) -> str | None:
    """Return the kinds of locks it takes; empty for homes (protocol.md D2)."""
    return _LOCK_ENTRIES if resource.lockable else ""


@live(dav("lockdiscovery"), "RFC 4918 15.8", kinds={Kind.FOLDER, Kind.FILE}, in_allprop=True)
def lockdiscovery(resource: Resource, context: Context) -> str | None:
    """Return the locks that cover it."""
    return "".join(active_lock(lock, resource) for lock in resource.locks)


def active_lock(lock: ActiveLock, covered: Resource) -> str:
    """Return a `D:activelock` (RFC 4918 14.1), its root in the reader's address space.

    A root above the covered resource is a collection; else it is the resource itself.
    """
    root = spell(lock.root, collection=lock.root != covered.address or covered.kind in COLLECTIONS)
    return (
        f"<D:activelock><D:locktype><D:write/></D:locktype><D:lockscope><D:{lock.scope}/></D:lockscope>"
        f"<D:depth>{lock.depth}</D:depth>{lock.owner or ''}<D:timeout>Second-{lock.remaining_seconds}</D:timeout>"
        f"<D:locktoken>{href_element(lock.token)}</D:locktoken><D:lockroot>{href_element(root)}</D:lockroot>"
        "</D:activelock>"
    )
