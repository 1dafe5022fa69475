"""Giving back: a preview of how something becomes what it was, which counts, and the act.

The plan that is carried out is the one that was shown: where somebody has written meanwhile, it is shown again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from appliance import errors
from appliance.history.restore import NOTHING_CHOSEN, Side
from appliance.store import summaries
from appliance.store.ledger import Member
from appliance.tree import returning
from appliance.tree.as_new import put_as_new
from appliance.tree.beside import Copy, begin_beside, go_on_beside
from web.asked import ALL, MINE, Asked, last_there, planned, read_asked
from web.carrying import PATIENCE_SECONDS, carry_out
from web.piles import chosen, mark, piles, windows
from web.rooms import rooms
from web.routes import Route
from web.visitor import visitor


def preview(address: str, *, changed: bool = False) -> str:
    """Show what would happen if something became what it was at a moment; nothing happens yet."""
    wish = chosen(request.values)
    with rooms().services.ledger.database.read() as reading:
        asked = read_asked(reading, address, request.values)
        plan, whose = planned(reading, asked, NOTHING_CHOSEN)
        asked = replace(asked, whose=whose)
        wished = plan if wish == NOTHING_CHOSEN else planned(reading, asked, wish)[0]
        told = piles(reading, plan, wished, wish, windows(request.values))
    return render_template(
        "returning.html", piles=told, asked=asked, changed=changed, hidden=_hidden(asked), ways=_ways(asked)
    )


def apply(address: str) -> ResponseReturnValue:
    """Make something what it was, as it was shown."""
    seen = request.form.get("seen")
    with rooms().services.ledger.database.read() as reading:
        asked = read_asked(reading, address, request.form)
        if seen is None and not asked.is_one:
            return redirect(url_for("returning.preview", address=asked.address, **_hidden(asked)), 303)
        shown, whose = planned(reading, asked, NOTHING_CHOSEN)
        wish = chosen(request.form)
        plan = shown if wish == NOTHING_CHOSEN else planned(reading, replace(asked, whose=whose), wish)[0]
    if seen is not None and seen != mark(shown):
        return preview(address, changed=True), 409
    return carry_out("restore", plan, about=asked.about)


def undelete(address: str) -> ResponseReturnValue:
    """Bring something back that was deleted, as it was just before, with all that it held."""
    with rooms().services.ledger.database.read() as reading:
        member = last_there(reading, address.strip("/"))
        since = returning.ended_at(reading, member)
        plan = visitor().planner(reading).restore(
            returning.area_around(reading, [member]), since, Side(everybody=True)
        )  # fmt: skip
        ended_at = summaries.times_of(reading, [since + 1])[since + 1]
        about = returning.act_about(reading, member, address.strip("/"), ended_at)
    return carry_out("restore", plan, about=about)


def beside(address: str) -> ResponseReturnValue:
    """Put a copy of something, as it was, under another name beside what is there now."""
    with rooms().services.ledger.database.read() as reading:
        asked = read_asked(reading, address, request.form)
    if asked.was is None:
        raise errors.NotPossible("Only a single thing can be put beside.")
    if asked.was.kind in ("card", "event"):
        return _as_new(asked, asked.was)
    name = request.form.get("name", "").strip()
    if not name or "/" in name:
        raise errors.WrongCall("A name is needed, without a slash.")
    path = asked.address.split("/")
    copy = Copy(asked.was, asked.moment.seq, (*path[:-1], name), asked.about)
    batch_id = begin_beside(rooms().services.ledger, visitor().author, copy)
    author, hall = visitor().author, rooms().hall
    rooms().carrier.work(
        batch_id, lambda _told: go_on_beside(hall, author, batch_id, copy), patience_seconds=PATIENCE_SECONDS
    )
    return redirect(url_for("receipts.show", batch_id=batch_id), 303)


def _as_new(asked: Asked, was: Member) -> ResponseReturnValue:
    """Put a contact or event beside as one of its own: two with one UID cannot be in one collection."""
    octets = rooms().hall.bodies.whole(visitor().reading, was.content_id or 0, of=was.resource_id)
    holder = tuple(asked.address.split("/")[:3])
    batch_id = put_as_new(rooms().hall, visitor().author, octets, holder, asked.about)
    return redirect(url_for("receipts.show", batch_id=batch_id), 303)


def _hidden(asked: Asked) -> dict[str, Any]:
    """Return what a request carries along so that it means the same."""
    said = {"at": asked.moment.text, "whose": asked.whose or "", "keep": "1" if asked.keep_new else ""}
    return {name: value for name, value in said.items() if value}


def _ways(asked: Asked) -> list[tuple[str, str, bool]]:
    """Return the ways to ask otherwise: (label, address, whether it is this one)."""
    if asked.is_one:
        return []

    def way(label: str, *, is_this: bool, **changes: str) -> tuple[str, str, bool]:
        said: dict[str, Any] = {name: value for name, value in {**_hidden(asked), **changes}.items() if value}
        return label, url_for("returning.preview", address=asked.address, **said), is_this

    return [
        way(gettext("What anyone changed"), is_this=asked.whose == ALL, whose=ALL),
        way(gettext("Only what I changed"), is_this=asked.whose == MINE, whose=MINE),
        way(gettext("Keep what is new"), is_this=asked.keep_new, keep="" if asked.keep_new else "1"),
    ]


ROUTES = (
    Route("/return/<path:address>", preview),
    Route("/return/<path:address>", apply, ("POST",)),
    Route("/undelete/<path:address>", undelete, ("POST",)),
    Route("/beside/<path:address>", beside, ("POST",)),
)
