"""A file of contacts or events on its way into a collection: what it would do, and doing it as one batch."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from appliance import errors
from appliance.history.importing import Mode, Report
from appliance.objects import charsets, incoming
from appliance.store.ledger import Author
from appliance.tree.importing import ObjectImport
from appliance.tree.importing_batches import act_of, one_batch
from appliance.tree.object_collection import ObjectCollection
from web.rooms import rooms
from web.visitor import visitor


@dataclass(frozen=True, slots=True)
class Bringing:
    """Which file, what it was called, into what, and what happens to what is there and differs."""

    file: Path
    called: str
    into: str
    mode: Mode


def collection_at(address: str, author: Author | None = None) -> ObjectCollection:
    """Return the address book or calendar that the visitor may bring something into; NotFound, NotPermitted."""
    site = visitor().site if author is None else rooms().hall.site(author)
    found = site.find(tuple(address.split("/")))
    if not isinstance(found, ObjectCollection):
        raise errors.NotFound("There is nothing at this address.")
    if "bind" not in found.privileges:
        raise errors.NotPermitted("You may look at this, but not change it.", privilege="bind", href=found.href)
    return found


def read_mode(text: str) -> Mode:
    """Return what happens to what is there and differs; the file wins where nothing is said."""
    with suppress(ValueError):
        return Mode(text)
    return Mode.REPLACE


def foresee(bringing: Bringing) -> Report:
    """Return what would come of it; nothing is written."""
    report = Report()
    _bring(bringing, collection_at(bringing.into), report, dry_run=True)
    return report


def bring(bringing: Bringing) -> Report:
    """Bring it in as one batch, and return what came of it. The same file again goes on with what was cut off."""
    ledger, report = rooms().services.ledger, Report()
    into = bringing.into.split("/")
    told_apart = f"{bringing.file.name} {bringing.into} {bringing.mode}"
    about = act_of(visitor().reading, into, bringing.called)
    with one_batch(ledger, visitor().author, told_apart, about, report) as signed:
        _bring(bringing, collection_at(bringing.into, signed), report, dry_run=False)
    return report


def _bring(bringing: Bringing, collection: ObjectCollection, report: Report, *, dry_run: bool) -> None:
    work = ObjectImport(collection, rooms().hall.bodies, bringing.mode, report, dry_run=dry_run)
    with charsets.opened(bringing.file, rooms().services.settings.data) as file:
        if work.take(bringing.called, incoming.read(work.kind, file, work.limit_bytes)):
            work.finish()
