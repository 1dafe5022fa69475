"""Files: folders of one's own, of the household and of others who share them, and one file in the drawer."""

from __future__ import annotations

from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from appliance import errors, korean
from appliance.dav.contracts import Address
from appliance.history import moments
from appliance.household import people
from appliance.store import past
from appliance.store.database import Reading
from appliance.store.ledger import Member
from appliance.tree.file import FileNode
from appliance.tree.folder import FolderNode
from appliance.tree.searching import Found, search
from web.drawer import Drawer, drawer, drawer_of_deleted
from web.rooms import rooms
from web.routes import Route
from web.shelf import Order, Shelf, Wish, shelf
from web.visitor import visitor


@dataclass(frozen=True, slots=True)
class Place:
    """A home that one can go to."""

    address: Address
    name: str


def show(path: str = "") -> ResponseReturnValue:
    """Show a folder, or a file of it in the drawer; of what was deleted, how it was."""
    parts = tuple(part for part in path.split("/") if part)
    if not parts:
        return redirect(url_for("files.show", path=visitor().member.name))
    address = ("files", *parts)
    try:
        found = visitor().site.find(address)
    except errors.NotFound:
        return _deleted(address)
    return _folder(found) if isinstance(found, FolderNode) else _file(found, address)


def _folder(folder: FolderNode) -> str:
    sought = request.args.get("q", "").strip()
    with rooms().services.ledger.database.read() as reading:
        if sought:
            hits = search(reading, folder, lambda name: korean.found(sought, name))
            return _page(folder.address, folder=folder, sought=sought, hits=hits)
        wish = Wish(_order(), "without" not in request.args, request.args.get("from", 0, type=int))
        return _page(folder.address, folder=folder, shelf=shelf(reading, folder, wish))


def _file(found: object, address: Address) -> str:
    if not isinstance(found, FileNode):
        raise errors.NotFound("There is nothing at this address.")
    with rooms().services.ledger.database.read() as reading:
        beside = shelf(reading, found.parent, Wish(_order(), holding=found.entry.name))
        return _page(address, folder=found.parent, shelf=beside, drawer=drawer(reading, found, _seq(reading)))


def _deleted(address: Address) -> ResponseReturnValue:
    """Show what was last at an address: a file in the drawer; a folder leads to what it was before it was deleted."""
    with rooms().services.ledger.database.read() as reading:
        last = _last(reading, address)
        if last.kind != "file":
            return redirect(url_for("past.show", moment=f"seq-{last.seq}", address="/".join(address)))
        told = drawer_of_deleted(reading, address, last, _seq(reading))
        folder = _living_folder(address[:-1])
        beside = None if folder is None else shelf(reading, folder, Wish(_order(), holding=address[-1]))
        return _page(address, folder=folder, shelf=beside, drawer=told)


def _last(reading: Reading, address: Address) -> Member:
    """Return what was last at an address; NotFound for what the reader may not know of."""
    try:
        last = past.last_at(reading, address)
    except errors.NotFound as error:
        raise errors.NotFound("There is nothing at this address.") from error
    inside = last.resource_id if last.kind == "folder" else last.collection_id
    if last.kind not in ("file", "folder") or not visitor().may_look(inside):
        raise errors.NotFound("There is nothing at this address.")
    return last


def _living_folder(address: Address) -> FolderNode | None:
    try:
        found = visitor().site.find(address)
    except errors.NotFound:
        return None
    return found if isinstance(found, FolderNode) else None


def _page(
    address: Address, *, folder: FolderNode | None, shelf: Shelf | None = None, drawer: Drawer | None = None,
    sought: str = "", hits: Found | None = None,
) -> str:  # fmt: skip
    return render_template(
        "files.html", address=address, folder=folder, shelf=shelf, drawer=drawer, sought=sought, hits=hits,
        order=_order(), places=_places(), home=_home_name(address[1]),
    )  # fmt: skip


def _places() -> list[Place]:
    """Return the homes that the reader may enter."""
    own, household = visitor().member, rooms().services.household.person
    return [Place(("files", each.name), each.display_name) for each in (own, household)]


def _home_name(slug: str) -> str:
    person = people.person_named(visitor().reading, slug)
    return slug if person is None else person.display_name


def _order() -> Order:
    asked = request.args.get("sort", Order.NAME)
    return Order(asked) if asked in list(Order) else Order.NAME


def _seq(reading: Reading) -> int | None:
    """Return the state that is asked for, None for the newest."""
    at = request.args.get("at")
    return None if not at else moments.seq_of(reading, at, zone=visitor().zone, now=visitor().now)


ROUTES = (
    Route("/files", show),
    Route("/files/", show),
    Route("/files/<path:path>", show),
)
