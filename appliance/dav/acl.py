"""The read side of RFC 3744 5. Nothing is stored: access follows from shares, and these properties show the result.

Every ACE is protected, so the ACL method is refused (`dav/methods/acl.py`). Only what the reader may know is told:
the reader's own privileges, and who owns it.
"""

from __future__ import annotations

from collections.abc import Collection as Container

from appliance.dav.contracts import Kind, Resource
from appliance.dav.href import spell
from appliance.dav.live import Context, live
from appliance.dav.names import dav
from appliance.dav.writer import href_element

PRINCIPALS_HREF = "/dav/principals/"

_FREE_BUSY = "read-free-busy"
_FREE_BUSY_KINDS = frozenset({Kind.CALENDAR, Kind.HOME})

_ORDER = (
    "read",
    "write",
    "write-content",
    "write-properties",
    "bind",
    "unbind",
    "read-current-user-privilege-set",
    _FREE_BUSY,
)
_DESCRIPTIONS = {
    "read": "Read",
    "write": "Change everything",
    "write-content": "Change contents",
    "write-properties": "Change properties",
    "bind": "Add members",
    "unbind": "Remove members",
    "read-current-user-privilege-set": "See one's own privileges",
    _FREE_BUSY: "See when somebody is busy",
}


@live(dav("owner"), "RFC 3744 5.1")
def owner(resource: Resource, context: Context) -> str | None:
    """Return the principal that owns it; empty when there is none, or none the reader may know."""
    address = resource.owner
    return "" if address is None else href_element(spell(address, collection=True))


@live(dav("supported-privilege-set"), "RFC 3744 5.3")
def supported_privilege_set(resource: Resource, context: Context) -> str | None:
    """Return the tree of privileges: `read` holds read-free-busy (RFC 4791 6.1.1), `write` its four parts."""
    in_read = [_FREE_BUSY] if resource.kind in _FREE_BUSY_KINDS else []
    in_write = ["write-content", "write-properties", "bind", "unbind"]
    return _supported(
        "all",
        "Everything",
        _supported("read", _DESCRIPTIONS["read"], _leaves(in_read))
        + _supported("write", _DESCRIPTIONS["write"], _leaves(in_write))
        + _leaves(["read-current-user-privilege-set"]),
    )


@live(dav("current-user-privilege-set"), "RFC 3744 5.4")
def current_user_privilege_set(resource: Resource, context: Context) -> str | None:
    """Return what the reader may do, flat: clients look for `write`, or for its parts, by name (protocol.md D6)."""
    held = resource.privileges
    if context.quirks.properties_mean_contents and "write" not in held:
        held -= {"write-properties"}
    return _privileges(held)


@live(dav("acl"), "RFC 3744 5.5")
def acl(resource: Resource, context: Context) -> str | None:
    """Return the computed list: the reader's ACE, and the owner's when that is somebody else."""
    reader = context.site.principal
    aces = [_ace(href_element(reader.href), _privileges(resource.privileges))]
    if resource.owner is not None and resource.owner != reader.address:
        aces.append(_ace("<D:property><D:owner/></D:property>", "<D:privilege><D:all/></D:privilege>"))
    return "".join(aces)


@live(dav("acl-restrictions"), "RFC 3744 5.6")
def acl_restrictions(resource: Resource, context: Context) -> str | None:
    """Return that privileges are only ever granted."""
    return "<D:grant-only/><D:no-invert/>"


@live(dav("inherited-acl-set"), "RFC 3744 5.7")
def inherited_acl_set(resource: Resource, context: Context) -> str | None:
    """Return nothing: every resource's list is computed for itself."""
    return ""


@live(dav("principal-collection-set"), "RFC 3744 5.8")
def principal_collection_set(resource: Resource, context: Context) -> str | None:
    """Return where all principals are."""
    return href_element(PRINCIPALS_HREF)


def _privileges(held: Container[str]) -> str:
    return "".join(f"<D:privilege><{_tag(name)}/></D:privilege>" for name in _ORDER if name in held)


def _ace(principal: str, privileges: str) -> str:
    return (
        f"<D:ace><D:principal>{principal}</D:principal><D:grant>{privileges}</D:grant><D:protected/></D:ace>"
        if privileges
        else ""
    )


def _leaves(names: Container[str]) -> str:
    return "".join(_supported(name, _DESCRIPTIONS[name], "") for name in _ORDER if name in names)


def _supported(name: str, description: str, parts: str) -> str:
    return (
        f"<D:supported-privilege><D:privilege><{_tag(name)}/></D:privilege>"
        f'<D:description xml:lang="en">{description}</D:description>{parts}</D:supported-privilege>'
    )


def _tag(name: str) -> str:
    return ("C:" if name == _FREE_BUSY else "D:") + name
