"""What one press of a button did, in words: a batch as an act of somebody's, with what it was about and came to.

A batch whose request was kept (`acts`) is told by it, another by what its rows say. It refuses to look anything up but
what `Known` gives.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Protocol

from appliance.history.acts import Act
from appliance.history.catalogue_en import ENGLISH
from appliance.history.folding import Line
from appliance.history.phrases import Parameter, Phrase
from appliance.history.wording import Known, describe, event_thing, named_thing
from appliance.store.summaries import BatchSummary

BATCHES: Mapping[str, str] = {"import": "imported", "restore": "restored", "rewind": "rewound", "undo": "undone"}
DEEPEST = 3  # of undos of undos that are told in one sentence


class Records(Known, Protocol):
    """What the words need beside the batch."""

    def who(self, device_id: int | None) -> Phrase:
        """Return who it was; None: the disk itself."""
        ...

    def local(self, micros: int) -> datetime:
        """Return a moment of the ledger in the zone in which it is to be read."""
        ...

    def summary(self, batch_id: int) -> BatchSummary | None:
        """Return another batch in numbers; None: there is none, or it has no rows, or it may not be seen."""
        ...


def describe_batch(batch: BatchSummary, known: Records) -> Phrase:
    """Return what a batch did and what came of it, without who did it."""
    act = describe_act(batch, known)
    if act is None:
        return _of_rows(batch, known)
    return Phrase("batch.acted", {"act": act, "parts": tuple(_parts(batch))})


def describe_act(batch: BatchSummary, known: Records, depth: int = DEEPEST) -> Phrase | None:
    """Return what was asked for; None where that was not kept."""
    act = Act.from_json(batch.about)
    if batch.kind == "undo" and batch.undoes is not None:
        undone = known.summary(batch.undoes) if depth > 0 else None
        if undone is None:
            return None
        was = describe_act(undone, known, depth - 1) or _of_rows(undone, known)
        return Phrase("act.undo", {"who": known.who(undone.device_id), "at": known.local(undone.at), "act": was})
    if act is None:
        return None
    if batch.kind == "rewind" and act.at is not None:
        return Phrase("act.rewind", {"who": known.who(act.device_id), "at": known.local(act.at)})
    if act.name is None or act.kind is None:
        return None
    thing = named_thing(act.kind, act.name)
    if batch.kind == "import" and act.source is not None:
        return Phrase("act.import", {"source": act.source, "thing": thing})
    return None if batch.kind != "restore" or act.at is None else _restore(act, thing, known.local(act.at))


def _restore(act: Act, thing: Phrase, at: datetime) -> Phrase:
    said: dict[str, Parameter] = {"thing": thing, "at": at}
    if act.beside is not None:
        return Phrase("act.restore.beside", {**said, "to": act.beside})
    if act.fields:
        return Phrase("act.restore.fields", {**said, "count": len(act.fields)})
    return Phrase("act.restore", said)


def _parts(batch: BatchSummary) -> Iterator[Phrase]:
    """Yield what became of the things of a batch, as far as there were any."""
    came = batch.outcome
    counted = [
        ("new" if batch.kind == "import" else "came", came.came),
        ("changed.count", came.changed),
        ("ended", came.ended),
    ]
    yield from (Phrase(id_, {"count": count}) for id_, count in counted if count)
    if not any(count for _, count in counted):
        yield Phrase("nothing")


def _of_rows(batch: BatchSummary, known: Records) -> Phrase:
    """Return what the rows of a batch say that it did."""
    files = sum(rows for (op, kind), rows in batch.counts.items() if op == batch.kind and kind == "file")
    root = batch.root
    if root is not None and batch.kind == "delete" and batch.tops == 1:
        with_files = Phrase("batch.deleted", {"thing": event_thing(root), "count": files})
        return with_files if files and root.kind == "folder" else describe(Line(root), known)
    if batch.kind == "delete":
        return Phrase("batch.deleted.many", {"things": tuple(_things(batch))})
    if root is not None and batch.kind == "copy" and root.kind == "folder":
        return Phrase("batch.copied", {"thing": event_thing(root), "count": files})
    if root is not None and batch.kind == "copy":
        return Phrase("copied.over", {"thing": event_thing(root)})
    if root is not None and batch.kind == "move":
        return Phrase("moved.over", {"moved": describe(Line(root), known)})
    if root is not None and batch.kind in ("share", "unshare", "leave"):
        did = describe(Line(root, batch), known)
        return did if batch.resources == 1 else Phrase("others", {"did": did, "count": batch.resources - 1})
    return Phrase(f"batch.{BATCHES.get(batch.kind, 'other')}", {"count": batch.resources})


def _things(batch: BatchSummary) -> Iterator[Phrase]:
    """Yield how many of each kind a batch ended."""
    ended: Counter[str] = Counter()
    for (op, kind), rows in batch.counts.items():
        if op == "delete":
            ended[kind if f"things.{kind}" in ENGLISH else "other"] += rows
    yield from (Phrase(f"things.{kind}", {"count": count}) for kind, count in ended.most_common())
