"""Sharing: who sees which address book, calendar or folder, and with which right; what others show, and leaving it.

Each act is a batch of the ledger: its receipt takes it back. It refuses to know the rules: `household/shares.py` does.
"""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from appliance import errors
from appliance.dav.contracts import Conditions
from appliance.household import people, shares
from appliance.household.people import Person
from appliance.store import batches
from appliance.store.mounts import Access
from web import shared_things
from web.rooms import rooms
from web.routes import Route
from web.visitor import visitor

RIGHTS: dict[str, Access] = {"read": "read", "write": "write"}


def show() -> ResponseReturnValue:
    """Show what is the visitor's to share, and what others show them."""
    reading, here = visitor().reading, visitor().member
    theirs = [each for each in shares.given_to(reading, here.id) if not each.is_dark]
    return render_template(
        "sharing.html", own=shared_things.own(reading), theirs=shared_things.received(reading, theirs)
    )  # fmt: skip


def one(address: str) -> ResponseReturnValue:
    """Show who sees one thing: to its owner with the acts, to others by whom it is shared."""
    reading, here = visitor().reading, visitor().member
    found = shared_things.at(address)
    may_share = shares.may_share(reading, here.id, found.collection_id)
    owner_id = shares.owner_of(reading, found.collection_id)
    shown = shares.of_collection(reading, found.collection_id) if may_share else []
    mine = found.mount is not None and found.mount.target_id == found.collection_id
    return render_template(
        "sharing_one.html", found=found, may_share=may_share, shown=shown, may_leave=mine,
        owner=None if owner_id is None else people.person(reading, owner_id),
        left=shared_things.receivers_left(reading, owner_id, shown) if may_share else [],
    )  # fmt: skip


def give(address: str) -> ResponseReturnValue:
    """Show something to somebody, or change the right that they have."""
    found, receiver = shared_things.at(address), _receiver()
    access = RIGHTS.get(request.form.get("access", ""))
    if access is None:
        raise errors.WrongCall("Choose whether it may be changed or only be read.")
    services = rooms().services
    wanted = shares.NewShare(found.collection_id, receiver, access)
    batch_id = shares.share(services.ledger, services.settings.data, visitor().author, wanted)
    if batch_id is None:
        return redirect(url_for("sharing.one", address=found.address), 303)
    return redirect(url_for("receipts.show", batch_id=batch_id), 303)


def take(address: str) -> ResponseReturnValue:
    """Show something to somebody no longer; nothing in it is touched."""
    found, receiver = shared_things.at(address), _receiver()
    batch_id = shares.revoke(rooms().services.ledger, visitor().author, found.collection_id, receiver)
    return redirect(url_for("receipts.show", batch_id=batch_id), 303)


def leave(address: str) -> ResponseReturnValue:
    """Take what somebody else shares out of the visitor's home, as a phone's DELETE does; it stays where it is."""
    found = shared_things.at(address)
    if found.mount is None or found.mount.target_id != found.collection_id:
        raise errors.NotPossible("It is not shared by somebody else, so nobody can leave it.")
    visitor().site.find(tuple(found.address.split("/"))).delete(Conditions())
    batch_id = batches.newest_of(visitor().reading, found.mount.resource_id)
    if batch_id is None:
        return redirect(url_for("sharing.show"), 303)
    return redirect(url_for("receipts.show", batch_id=batch_id), 303)


def _receiver() -> Person:
    found = people.person_named(visitor().reading, request.form.get("person", ""))
    if found is None:
        raise errors.NotFound("There is nobody of this name in this house.")
    return found


ROUTES = (
    Route("/sharing", show),
    Route("/sharing/<path:address>", one),
    Route("/share/<path:address>", give, ("POST",)),
    Route("/share-no-more/<path:address>", take, ("POST",)),
    Route("/leave/<path:address>", leave, ("POST",)),
)
