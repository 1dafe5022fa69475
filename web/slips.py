"""What a receipt says: who did what, how many things came, changed and went, which of them, and what was refused.

Everything that has a name is judged before it is shown: a receipt tells nobody of what was not shared with them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext, ngettext

from appliance import errors
from appliance.history.acts import Act
from appliance.history.phrases import Phrase, sentence
from appliance.history.timeline import Acts
from appliance.household.devices import Device
from appliance.household.reached import reached
from appliance.store import batches, importing, past, summaries
from appliance.store.batches import Batch
from appliance.store.database import Reading
from appliance.store.summaries import BatchSummary, Outcome, Thing
from web.bringing import cut_off
from web.rooms import rooms
from web.showing import number
from web.visitor import Visitor, visitor

LINES = 100
GIVING_BACK = frozenset({"restore", "rewind", "undo"})


@dataclass(frozen=True, slots=True)
class Line:
    """One thing of a batch, as people call it. `became`: came, changed or ended."""

    name: str
    kind: str
    address: str
    became: str


@dataclass(frozen=True, slots=True)
class Refused:
    """What was left as it is, and why; `name` None: the visitor may not know of it."""

    name: str | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Slip:
    """A receipt. `progress`: it goes on just now. `left` of `whole` are not done yet where it is not finished."""

    batch: Batch
    voice: str
    sentence: str
    outcome: Outcome
    lines: tuple[Line, ...]
    hidden: int
    next_seq: int | None
    refused: tuple[Refused, ...]
    refused_count: int
    progress: tuple[int, int] | None
    left: int
    whole: int
    undone_by: int | None
    reached: tuple[tuple[Device, bool], ...]

    @property
    def is_done(self) -> bool:
        """Whether there is nothing left to go on with."""
        return self.progress is None and self.batch.state == "done"

    @property
    def may_go_on(self) -> bool:
        """Whether it goes on from here: not an import or a copy whose file is not here any more."""
        return not importing.is_asked_again(self.batch) or cut_off(self.batch) is not None


def require_visible(reading: Reading, batch: Batch) -> None:
    """Raise NotFound for a batch that the visitor may not know of: not theirs, and about nothing that they see."""
    here = visitor()
    if here.member.id == batch.person_id or here.author.device_id == batch.device_id:
        return
    act = Act.from_json(batch.about)
    if act is not None and act.collection_id is not None and here.may_look(act.collection_id):
        return
    if not any(here.may_look(thing.collection_id) for thing in _things(reading, batch, 0)):
        raise errors.NotFound("There is no such receipt.")


def slip(reading: Reading, batch: Batch, after_seq: int) -> Slip:
    """Return the receipt of a batch; of what it did, the things from `after_seq` on."""
    progress = rooms().carrier.progress(batch.id)
    if progress is not None:
        return _under_way(batch, progress)
    summary = summaries.batch_summary(reading, batch.id)
    things = _things(reading, batch, after_seq)
    shown = _seen(things)
    outcome = Outcome() if summary is None else summary.outcome
    refused, refused_count = batches.refused_of(batch)
    whole = len(_steps(batch))
    left = max(0, whole - (0 if summary is None else summary.resources))
    return Slip(
        batch=batch,
        voice=_voice(batch, summary, left=left, whole=whole),
        sentence=_sentence(reading, batch, summary),
        outcome=outcome,
        lines=tuple(_line(reading, thing) for thing in shown),
        hidden=len(things) - len(shown),
        next_seq=things[-1].seq if len(things) == LINES else None,
        refused=tuple(_refused(reading, *each) for each in refused),
        refused_count=refused_count,
        progress=None,
        left=left,
        whole=whole,
        undone_by=batches.undone_by(reading, batch.id),
        reached=_reached(reading, batch, things if visitor().member.admin else shown),
    )


def _under_way(batch: Batch, progress: tuple[int, int]) -> Slip:
    """Return what is said while it goes on: it is asked every second, so nothing is counted."""
    return Slip(
        batch=batch, voice=_under_way_voice(batch), sentence="", outcome=Outcome(), lines=(),
        hidden=0, next_seq=None, refused=(), refused_count=0, progress=progress, left=0, whole=progress[1],
        undone_by=None, reached=(),
    )  # fmt: skip


def _under_way_voice(batch: Batch) -> str:
    return str(gettext("It is being brought in.") if batch.kind == "import" else gettext("It is being brought back."))


def _things(reading: Reading, batch: Batch, after_seq: int) -> list[Thing]:
    if batch.first_seq is None or batch.last_seq is None:
        return []
    return summaries.things_of(
        reading, batch.id, first_seq=batch.first_seq, last_seq=batch.last_seq, after_seq=after_seq, limit=LINES
    )


def _seen(things: list[Thing]) -> list[Thing]:
    here = visitor()
    seen = {collection_id: here.may_look(collection_id) for collection_id in {each.collection_id for each in things}}
    return [each for each in things if seen[each.collection_id]]


def _steps(batch: Batch) -> list[Mapping[str, object]]:
    steps = [] if batch.plan is None else json.loads(batch.plan)
    return [each for each in steps if each.get("wanted") is not None and not each.get("passing")]


def _line(reading: Reading, thing: Thing) -> Line:
    became = "ended" if not thing.alive else "changed" if thing.was_alive else "came"
    name = summaries.called(reading, thing.resource_id) or thing.name
    address = "/".join((*past.path_of(reading, thing.collection_id), thing.name))
    return Line(name, thing.kind, address, became)


def _refused(reading: Reading, resource_id: int, sentence: str) -> Refused:
    last = past.member_of_at(reading, resource_id, 1 << 62)
    home = past.ancestry(reading, last.collection_id) if last is not None else []
    may = bool(home) and visitor().may_look(home[0].id)
    name = summaries.called(reading, resource_id) or (None if last is None else last.name)
    return Refused(name if may else None, gettext(sentence))


def _reached(reading: Reading, batch: Batch, things: list[Thing]) -> tuple[tuple[Device, bool], ...]:
    """Return which phones have what a batch did to these things; devices are an administrator's to see."""
    if batch.last_seq is None or batch.state != "done":
        return ()
    return tuple(reached(reading, batch, dict.fromkeys(thing.collection_id for thing in things)))


# --- words ------------------------------------------------------------------------------------------


def _sentence(reading: Reading, batch: Batch, summary: BatchSummary | None) -> str:
    """Return who did what; without the names of what the visitor may not know of."""
    here: Visitor = visitor()
    act = Act.from_json(batch.about)
    if act is not None and act.collection_id is not None and not here.may_look(act.collection_id):
        return ""
    if summary is None:
        return ""
    entry = Acts(reading, here.teller(reading)).summed(summary)
    asked = entry.what.parameters.get("act")  # the receipt counts by itself what came of it
    return sentence(
        Phrase("line", {"who": entry.who, "what": asked if asked is not None else entry.what}), here.language
    )


def _voice(batch: Batch, summary: BatchSummary | None, *, left: int, whole: int) -> str:
    """Return the one sentence of the receipt."""
    if batch.state != "done" and whole:
        said = {"left": number(left), "whole": number(whole)}
        return str(
            ngettext("%(left)s of %(whole)s is not back yet.", "%(left)s of %(whole)s are not back yet.", left, **said)
        )
    if batch.state != "done" and batch.kind == "import":
        return str(gettext("It is not all in yet."))
    if summary is None:
        return str(gettext("Nothing had to change."))
    kinds = {kind for _, kind in summary.counts}
    kind = kinds.pop() if len(kinds) == 1 else "other"
    came = summary.outcome
    if batch.kind == "import" and (came.came or came.changed):
        return _brought(kind, came.came) if came.came else _changed(kind, came.changed)
    if batch.kind not in GIVING_BACK:
        return str(gettext("This was done at once."))
    most = max(came.came, came.changed, came.ended)
    if not most:
        return str(gettext("Nothing had to change."))
    if came.came == most:
        return _back(kind, most)
    return _as_it_was(kind, most) if came.changed == most else _gone(kind, most)


def _brought(kind: str, count: int) -> str:
    said = number(count)
    if kind == "card":
        return str(ngettext("%(count)s contact came in.", "%(count)s contacts came in.", count, count=said))
    if kind == "event":
        return str(ngettext("%(count)s event came in.", "%(count)s events came in.", count, count=said))
    return str(ngettext("%(count)s thing came in.", "%(count)s things came in.", count, count=said))


def _changed(kind: str, count: int) -> str:
    said = number(count)
    if kind == "card":
        return str(ngettext("%(count)s contact changed.", "%(count)s contacts changed.", count, count=said))
    if kind == "event":
        return str(ngettext("%(count)s event changed.", "%(count)s events changed.", count, count=said))
    return str(ngettext("%(count)s thing changed.", "%(count)s things changed.", count, count=said))


def _back(kind: str, count: int) -> str:
    said = number(count)
    if kind == "card":
        return str(ngettext("%(count)s contact is back.", "%(count)s contacts are back.", count, count=said))
    if kind == "event":
        return str(ngettext("%(count)s event is back.", "%(count)s events are back.", count, count=said))
    if kind == "file":
        return str(ngettext("%(count)s file is back.", "%(count)s files are back.", count, count=said))
    return str(ngettext("%(count)s thing is back.", "%(count)s things are back.", count, count=said))


def _as_it_was(kind: str, count: int) -> str:
    said = number(count)
    if kind == "card":
        return str(
            ngettext("%(count)s contact is as it was.", "%(count)s contacts are as they were.", count, count=said)
        )
    if kind == "event":
        return str(ngettext("%(count)s event is as it was.", "%(count)s events are as they were.", count, count=said))
    if kind == "file":
        return str(ngettext("%(count)s file is as it was.", "%(count)s files are as they were.", count, count=said))
    return str(ngettext("%(count)s thing is as it was.", "%(count)s things are as they were.", count, count=said))


def _gone(kind: str, count: int) -> str:
    said = number(count)
    if kind == "card":
        return str(
            ngettext("%(count)s contact is gone again.", "%(count)s contacts are gone again.", count, count=said)
        )
    if kind == "event":
        return str(ngettext("%(count)s event is gone again.", "%(count)s events are gone again.", count, count=said))
    if kind == "file":
        return str(ngettext("%(count)s file is gone again.", "%(count)s files are gone again.", count, count=said))
    return str(ngettext("%(count)s thing is gone again.", "%(count)s things are gone again.", count, count=said))
