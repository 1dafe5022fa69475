"""LOCK: take a write lock, or renew one (RFC 4918 9.10)."""

from __future__ import annotations

from appliance.dav import conditions, writer
from appliance.dav.answers import multistatus, xml
from appliance.dav.contracts import ActiveLock, LockRequest
from appliance.dav.headers import LOCK_LIMIT_SECONDS, read_depth, read_timeout
from appliance.dav.href import spell
from appliance.dav.live import Call
from appliance.dav.messages import Response
from appliance.dav.names import DAV, dav
from appliance.dav.properties import active_lock
from appliance.dav.reading import conditions_of
from appliance.dav.xml import Element, child, name_of, read_request, serialise
from appliance.errors import BadRequest, LockConflict, LockTokenUnknown

OWNER_LIMIT_BYTES = 4096


def lock(call: Call) -> Response:
    """Return 200, or 201 when an empty file was made, with the lock; a body-less request renews (RFC 4918 9.10.2)."""
    root = read_request(call.request)
    timeout_seconds = read_timeout(call.request.header("timeout"))
    if root is None:
        return _refresh(call, timeout_seconds)
    wanted = _read(root, call, LOCK_LIMIT_SECONDS if timeout_seconds is None else timeout_seconds)
    try:
        taken, created = call.site.lock(call.target.address, wanted, conditions_of(call.request))
    except LockConflict as error:
        below = [href for href in error.lock_roots if _is_below(href, call)]
        if not below:
            raise
        return _conflict_below(below, call)
    return _granted(call, taken, 201 if created else 200, [("Lock-Token", f"<{taken.token}>")])


def _refresh(call: Call, timeout_seconds: int | None) -> Response:
    if call.request.header("if") is None:
        raise BadRequest("To renew a lock, the If header must name it; to take one, the body must describe it.")
    try:
        renewed = call.site.refresh(call.target.address, timeout_seconds, conditions_of(call.request))
    except LockTokenUnknown as error:  # RFC 4918 9.10.6: 412 here, 409 for UNLOCK
        return conditions.answer(error, realm=DAV, status=412)
    return _granted(call, renewed, 200, [])


def _read(root: Element, call: Call, timeout_seconds: int) -> LockRequest:
    """Return what `lockinfo` asks for (RFC 4918 14.11)."""
    depth = read_depth(call.request.header("depth"), default="infinity")
    if depth.levels == "1":
        raise BadRequest("LOCK knows the depths 0 and infinity.")  # RFC 4918 9.10.3
    scope = child(root, dav("lockscope"))
    kind = child(root, dav("locktype"))
    if name_of(root) != dav("lockinfo") or scope is None or kind is None or child(kind, dav("write")) is None:
        raise BadRequest("The body is no lockinfo for a write lock.")
    is_exclusive = child(scope, dav("exclusive")) is not None
    if is_exclusive == (child(scope, dav("shared")) is not None):
        raise BadRequest("A lock is either exclusive or shared.")
    return LockRequest(
        "exclusive" if is_exclusive else "shared",
        "0" if depth.levels == "0" else "infinity",
        _owner(root),
        timeout_seconds,
    )


def _owner(root: Element) -> str | None:
    owner = child(root, dav("owner"))
    if owner is None:
        return None
    xml_text = serialise(owner)
    if len(xml_text.encode()) > OWNER_LIMIT_BYTES:
        raise BadRequest(f"The owner of a lock is described in more than {OWNER_LIMIT_BYTES} bytes.")
    return xml_text


def _granted(call: Call, taken: ActiveLock, status: int, headers: list[tuple[str, str]]) -> Response:
    """Return the body of a successful LOCK: `lockdiscovery` with this lock (RFC 4918 9.10.1)."""
    discovery = writer.element(dav("lockdiscovery"), active_lock(taken, call.site.find(call.target.address)))
    return xml(status, writer.document(dav("prop"), discovery), headers)


def _is_below(href: str, call: Call) -> bool:
    return href.startswith(spell(call.target.address) + "/") and href.rstrip("/") != spell(call.target.address)


def _conflict_below(below: list[str], call: Call) -> Response:
    """Return 207: 423 for the members that are locked, 424 for the collection; nothing was locked (RFC 4918 9.10.9)."""
    rows = [writer.status_response(href, 423) for href in below]
    rows.append(writer.status_response(spell(call.target.address, collection=True), 424))
    return multistatus(rows, call)
