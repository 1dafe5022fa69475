"""Octets of files on their way into a browser: pictures, texts, sound, films, whatever is downloaded, folders as zips.

They may be a stranger's. So they are sent as what their name promises from a short list, or as octets to be kept; a
browser neither guesses nor runs anything of them, and nobody else's page may show them.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, request, stream_with_context
from flask_babel import gettext, ngettext

from appliance import errors
from appliance.dav.contracts import Conditions, Content, Kind, Resource
from appliance.dav.kinds import collection
from appliance.dav.sending import sent
from appliance.tree.archive import Missing, zipped
from appliance.tree.past.member import PastMember
from web.endings import OCTETS, Shown, ending_of
from web.rooms import rooms
from web.routes import Route
from web.sending import attachment
from web.visitor import visitor

SANDBOX = (
    "sandbox; default-src 'none'; img-src 'self' data:; media-src 'self'; style-src 'unsafe-inline';"
    " form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)
# The viewers of browsers show nothing in a sandbox. They run no script of a PDF with our pages' rights, and octets
# that do not begin as a PDF are never sent as one.
FOR_PDF = SANDBOX.removeprefix("sandbox; ")
PDF = b"%PDF-"


def octets(address: str) -> Response:
    """Send a file, or a part of it, to be shown or, with `download`, to be kept; a state of the past as well."""
    found = visitor().site.find(tuple(address.split("/")))
    try:
        content = found.read(Conditions(if_none_match=request.headers.get("If-None-Match")))
    except errors.NotModified as error:
        return Response(status=304, headers={"ETag": error.etag})
    told = sent(content, wanted=request.headers.get("Range"), if_range=request.headers.get("If-Range"))
    response = Response(told.body, told.status, told.headers, direct_passthrough=True)
    if told.length_bytes is not None:
        response.headers["Content-Length"] = str(told.length_bytes)
    _seal(response, _name_of(found), content)
    response.headers["Cache-Control"] = "private, no-cache"  # it is asked each time whether one may see it still
    return response


def folder(address: str) -> Response:
    """Send a folder with everything below as a zip, as it is or as it was."""
    found = visitor().site.find(tuple(address.split("/")))
    if found.kind is not Kind.FOLDER:
        raise errors.NotFound("There is no folder at this address.")
    give_back = rooms().zips.take()
    pieces = zipped(collection(found), zone=visitor().zone, farewell=_farewell)
    response = Response(stream_with_context(pieces), mimetype="application/zip")  # passed through, it hears of no close
    response.call_on_close(give_back)
    response.headers["Content-Disposition"] = attachment(f"{found.address[-1]}.zip")
    return response


def _seal(response: Response, name: str, content: Content) -> None:
    """Say what the octets are, and that nothing in them may run."""
    ending = ending_of(name)
    is_pdf = ending.shown is Shown.PDF and next(iter(content.chunks(0, len(PDF))), b"") == PDF
    shown = ending.shown is not Shown.NOT and (is_pdf or ending.shown is not Shown.PDF)
    response.headers["Content-Type"] = ending.content_type if shown else OCTETS
    response.headers["Content-Security-Policy"] = FOR_PDF if is_pdf else SANDBOX
    if "download" in request.args or not shown:
        response.headers["Content-Disposition"] = attachment(name)


def _name_of(found: Resource) -> str:
    """Return the name of a file; a former state has an address of numbers, and a name all the same."""
    return found.member.name if isinstance(found, PastMember) else found.address[-1]


def _farewell(missing: Sequence[Missing], count: int) -> tuple[str, str]:
    """Return the last file of a zip, which tells what is not in it."""
    head = ngettext("%(num)d thing is not in this zip:", "%(num)d things are not in this zip:", count)
    lines = [f"{'/'.join(each.path)}: {gettext(each.sentence)}" for each in missing]
    more = [] if count == len(lines) else [gettext("… and more")]
    return f"{gettext('Not in here')}.txt", "\n".join([head, "", *lines, *more, ""])


ROUTES = (
    Route("/bytes/<path:address>", octets),
    Route("/zip/<path:address>", folder),
)
