"""Bringing a file of contacts or events in: choose it, see what would happen, entry by entry, then do it."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from appliance.history.importing import Report, Verdict
from web import bringing, uploads
from web.address_books import name_of
from web.bringing import Bringing
from web.rooms import rooms
from web.routes import Route
from web.visitor import visitor

MOST_BYTES = 64 << 20
LONGEST_NAME = 120


def show(address: str) -> ResponseReturnValue:
    """Ask for a file."""
    return _asked(address, "")


def keep(address: str) -> ResponseReturnValue:
    """Keep the file, and lead to what it would do."""
    bringing.collection_at(address)
    file = request.files.get("file")
    if file is None or not file.filename:
        return _asked(address, gettext("Please choose a file first.")), 409
    key = uploads.keep(rooms().services.settings.data, visitor().visit.id, file)
    called = file.filename.replace("\\", "/").rpartition("/")[2][-LONGEST_NAME:]
    return redirect(url_for("bringing.look", address=address, key=key, called=called), 303)


def look(address: str, key: str) -> ResponseReturnValue:
    """Show what would come of it; nothing has changed yet."""
    wish = _wish(address, key)
    found = bringing.foresee(wish)
    return _page(wish, key, found, "") if isinstance(found, Report) else _going(wish, key, found)


def bring(address: str, key: str) -> ResponseReturnValue:
    """Bring it in, and lead to the receipt."""
    wish = _wish(address, key)
    came = bringing.bring(wish)
    if isinstance(came, int):
        return redirect(url_for("receipts.show", batch_id=came), 303)
    return _page(wish, key, came, "" if came.stopped else gettext("Nothing is different: nothing was changed.")), 409


def _wish(address: str, key: str) -> Bringing:
    file = uploads.kept(rooms().services.settings.data, visitor().visit.id, key)
    called = request.values.get("called", "")[-LONGEST_NAME:] or gettext("A file")
    return Bringing(file, called, address, bringing.read_mode(request.values.get("mode", "")))


def _asked(address: str, trouble: str) -> str:
    there = bringing.collection_at(address)
    return render_template("bringing.html", address=address, name=name_of(there), is_book=_is_book(address),
                           trouble=trouble)  # fmt: skip


def _page(wish: Bringing, key: str, report: Report, said: str) -> str:
    there = bringing.collection_at(wish.into)
    return render_template(
        "brought.html", wish=wish, key=key, report=report, name=name_of(there), is_book=_is_book(wish.into),
        counts={verdict.value: report.counts[verdict] for verdict in Verdict}, said=said,
    )  # fmt: skip


def _going(wish: Bringing, key: str, progress: tuple[int, int]) -> str:
    """Say how far the look at a large file is."""
    there = bringing.collection_at(wish.into)
    return render_template(
        "brought_going.html", wish=wish, key=key, done=progress[0], whole=progress[1] or 1, name=name_of(there),
        is_book=_is_book(wish.into),
    )  # fmt: skip


def _is_book(address: str) -> bool:
    return address.startswith("addressbooks/")


ROUTES = (
    Route("/bring/<path:address>", show),
    Route("/bring/<path:address>", keep, ("POST",), most_bytes=MOST_BYTES),
    Route("/brought/<key>/<path:address>", look),
    Route("/brought/<key>/<path:address>", bring, ("POST",)),
)
