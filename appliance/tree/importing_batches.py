"""An import as one batch: what it is called, which rows are its own, and what becomes of it when it is cut off.

The command line and the pages begin and end imports here; `importing.py` and `importing_files.py` bring things in.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import replace

from appliance import errors
from appliance.history.acts import Act
from appliance.history.importing import Report
from appliance.store import batches, importing, past, summaries
from appliance.store.database import Reading
from appliance.store.ledger import Author, Ledger

KINDS = {"addressbooks": "addressbook", "calendars": "calendar"}


def act_of(reading: Reading, into: Sequence[str], source: str) -> Act:
    """Return what is asked for: the file or the folder by its name, and what it comes into as it is called."""
    kind, name = KINDS.get(into[0], "folder"), into[-1]
    with contextlib.suppress(errors.NotFound):  # a folder that the import makes
        there = past.locate(reading, list(into), seq=None)
        kind, name = there.kind, summaries.called(reading, there.resource_id) or there.name
    return Act(kind=kind, name=name, address="/".join(into), source=source)


@contextlib.contextmanager
def one_batch(ledger: Ledger, author: Author, told_apart: str, about: Act, report: Report) -> Iterator[Author]:
    """Give the author of an import that is one batch; `told_apart` finds it again when it is asked for once more.

    What was stopped waits to be asked again, what wrote nothing is no batch: `report.batch_id` stays None.
    """
    batch_id = importing.begin(ledger, author, told_apart, about=about.to_json())
    with going_on(ledger, author, batch_id, report) as signed:
        yield signed


@contextlib.contextmanager
def going_on(ledger: Ledger, author: Author, batch_id: int, report: Report) -> Iterator[Author]:
    """The same for a batch that was begun already."""
    try:
        yield replace(author, batch_id=batch_id)
    except errors.GotganError:
        batches.become(ledger, batch_id, "stopped" if _wrote(ledger, batch_id) else "done")
        raise
    batches.become(ledger, batch_id, "done" if report.stopped is None else "stopped")
    report.batch_id = batch_id if _wrote(ledger, batch_id) else None


def _wrote(ledger: Ledger, batch_id: int) -> bool:
    return batches.of(ledger.database.connection(), batch_id).first_seq is not None
