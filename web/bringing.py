"""A file of contacts or events on its way into a collection: what it would do, and doing it as one batch.

Both take as long as the file is large, so both go on behind the answer (`tree/carrying.py`), and pages ask how far they
are. What a look has found is told once: whoever asks again has it looked at anew.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from appliance import errors
from appliance.history.importing import Mode, Report
from appliance.store import importing
from appliance.store.batches import Batch
from appliance.store.ledger import Author
from appliance.tree.carrying import Told
from appliance.tree.hall import Hall
from appliance.tree.importing import ObjectImport
from appliance.tree.importing_batches import act_of, going_on
from appliance.tree.object_collection import ObjectCollection
from web import uploads
from web.carrying import PATIENCE_SECONDS
from web.rooms import rooms
from web.visitor import visitor

PARTS = 1000  # in which the progress of a file is told


@dataclass(frozen=True, slots=True)
class Bringing:
    """Which file, what it was called, into what, and what happens to what is there and differs."""

    file: Path
    called: str
    into: str
    mode: Mode

    @property
    def told_apart(self) -> str:
        """By what it is found again when it was cut off."""
        return json.dumps([self.file.name, self.called, self.into, self.mode.value], ensure_ascii=False)


def collection_at(address: str) -> ObjectCollection:
    """Return the address book or calendar that the visitor may bring something into; NotFound, NotPermitted."""
    return _collection(rooms().hall, address, visitor().author)


def _collection(hall: Hall, address: str, author: Author) -> ObjectCollection:
    found = hall.site(author).find(tuple(address.split("/")))
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


def foresee(bringing: Bringing) -> Report | tuple[int, int]:
    """Return what would come of it, or how far the look is, (0, 0) at first; nothing is written."""
    house, author, looks, name = rooms(), visitor().author, rooms().looks, f"look {bringing.told_apart}"
    going = house.carrier.progress(name)
    if going is None:
        found = looks.take(name)
        if found is not None:
            return found
        collection_at(bringing.into)
        hall = house.hall

        def look(told: Told) -> None:
            report = Report()
            try:
                _bring(hall, bringing, author, report, told, dry_run=True)
            except errors.GotganError as error:
                report.stopped = str(error)
            looks.keep(name, report)

        house.carrier.work(name, look, patience_seconds=PATIENCE_SECONDS)
        going = house.carrier.progress(name)
    return looks.take(name) or going or (0, 0)


def bring(bringing: Bringing) -> int | Report:
    """Bring it in as one batch, and return its number, or what came of it where nothing had to be written.

    It goes on behind the answer, and is found again where it was cut off.
    """
    collection_at(bringing.into)
    house, author = rooms(), visitor().author
    about = act_of(visitor().reading, bringing.into.split("/"), bringing.called)
    ledger, hall, report = house.services.ledger, house.hall, Report()
    batch_id = importing.begin(ledger, author, bringing.told_apart, about=about.to_json())
    finished = threading.Event()

    def work(told: Told) -> None:
        with going_on(ledger, author, batch_id, report) as signed:
            _bring(hall, bringing, signed, report, told, dry_run=False)
        if report.stopped is None and report.batch_id is not None:
            bringing.file.unlink(missing_ok=True)
        finished.set()

    house.carrier.work(batch_id, work, patience_seconds=PATIENCE_SECONDS)
    return report if finished.is_set() and report.batch_id is None else batch_id


def cut_off(batch: Batch) -> Bringing | None:
    """Return what goes on with a batch that the visitor's page began, None: its file is not here any more."""
    if batch.kind != "import" or batch.state == "done" or batch.device_id != visitor().author.device_id:
        return None
    with suppress(errors.GotganError, ValueError, TypeError):
        name, called, into, mode = json.loads(importing.source_of(batch) or "")
        return Bringing(uploads.of(rooms().services.settings.data, name), called, into, Mode(mode))
    return None


def _bring(
    hall: Hall, bringing: Bringing, author: Author, report: Report, told: Told, *, dry_run: bool
) -> None:  # fmt: skip
    collection = _collection(hall, bringing.into, author)
    work = ObjectImport(collection, hall.bodies, bringing.mode, report, dry_run=dry_run)
    heard = _heard(told, bringing.file.stat().st_size * work.passes)
    if work.take_file(bringing.called, bringing.file, hall.services.settings.data, heard):
        work.finish()


def _heard(told: Told, all_bytes: int) -> Callable[[int], None]:
    """Return who hears how much was read, and tells it in parts, never as the whole: the last ones wait then."""
    return lambda read_bytes: told(min(PARTS * read_bytes // max(all_bytes, 1), PARTS - 1), PARTS)
