"""What is answered where a device stands otherwise than usual: table A2 of protocol.md, and what follows it (A4).

A server that was set back to an older state lacks what phones have. A listing without it, or a 404, would delete it
there: both become 503 until the household's owner has decided, and what arrives is taken. Where the site says so, and
why, is not known here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from appliance.dav.contracts import Address, Standing
from appliance.dav.headers import read_depth
from appliance.dav.href import locate
from appliance.dav.live import Call, Report
from appliance.dav.messages import Response
from appliance.dav.reading import conditions_of
from appliance.errors import NoParent, NotFound, OnHold

STOPPED = frozenset({"MOVE", "COPY", "DELETE", "MKCOL", "MKCALENDAR"})
CONDITIONS = ("if", "if-match", "if-none-match")
COLLECTION_DEPTH = 3  # segments of an address book's or calendar's address


def answer(call: Call, method: Callable[[Call], Response]) -> Response:
    """Return what `method` answers, or the 503 that stands for it; OnHold."""
    if any(call.request.header(name) is not None for name in CONDITIONS):
        call.site.weigh(call.target.address, conditions_of(call.request))
    standing = call.site.standing(call.target.address)
    if standing is Standing.HELD or _reaches_held(call):
        _require_harmless(call)
    if standing is Standing.NORMAL:
        return method(call)
    if standing is Standing.KEPT:
        _require_no_listing(call)
    try:
        return method(call)
    except (NotFound, NoParent) as error:
        if call.request.method == "DELETE" and standing is not Standing.HELD:
            return Response(204)  # it is gone here, and now there as well (protocol.md A4)
        if standing is Standing.KEPT:
            raise
        turn_away(call, error)


def require_told(call: Call, report: Report) -> None:
    """Raise OnHold for a report whose answer would be taken for everything that there is, `report` known here."""
    if report.lists == "nothing":
        return
    standing = call.site.standing(call.target.address)
    if standing is Standing.HELD or (standing is Standing.KEPT and report.lists == "members"):
        turn_away(call)


def missing_status(call: Call, address: Address) -> int:
    """Return the status of a member that a multiget asks for and that is not here: 404, or 503 on hold."""
    held = call.site.standing(address) in (Standing.HELD, Standing.LOST)
    return 503 if held else 404


def turn_away(call: Call, error: Exception | None = None) -> NoReturn:
    """Raise OnHold, noticed by the site."""
    call.site.turned_away(call.target.address)
    raise OnHold("This server may lack what the device has; the household's owner has to decide.") from error


def _require_harmless(call: Call) -> None:
    """Raise OnHold for what ends, moves or lists members."""
    if call.request.method in STOPPED:
        raise OnHold("The server is on hold: nothing is moved or deleted until the household's owner has decided.")
    _require_no_listing(call)


def _require_no_listing(call: Call) -> None:
    if call.request.method != "PROPFIND" or len(call.target.address) > COLLECTION_DEPTH:
        return
    if read_depth(call.request.header("depth"), default="infinity").levels != "0":
        turn_away(call)


def _reaches_held(call: Call) -> bool:
    """Return whether COPY or MOVE goes to where the device is on hold."""
    destination = call.request.header("destination") if call.request.method in ("COPY", "MOVE") else None
    address = None if destination is None else locate(destination, host=call.request.host)
    return address is not None and call.site.standing(address) is Standing.HELD
