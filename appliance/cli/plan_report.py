"""What is said of a plan and of what became of it, to people and to programs.

A preview counts after it lists: what comes back, what changes, what is kept and why, what disappears, even when that is
nothing. Exit 1 when something that was asked for could not be done.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from appliance import errors
from appliance.cli.words import counted

if TYPE_CHECKING:
    from appliance.app import House
    from appliance.cli.taking_back import Asked
    from appliance.history.actors import Actors
    from appliance.history.applying import Receipt
    from appliance.history.preview_words import Speaker
    from appliance.history.previews import Deed, Line, Preview
    from appliance.household.people import Person
    from appliance.objects.differences import Difference


@dataclass(frozen=True, slots=True)
class Outcome:
    """A plan told and what became of it. `receipt` None: nothing was carried out; `person` None: it is no list."""

    preview: Preview
    receipt: Receipt | None
    person: Person | None = None


@dataclass(frozen=True, slots=True)
class _Told:
    """Who says it, and who is who."""

    speaker: Speaker
    actors: Actors
    language: str


def tell(house: House, preview: Preview, receipt: Receipt | None, asked: Asked) -> None:
    """Say what would be done, or was; raise NotPossible when something was refused or the batch stopped."""
    tell_each(house, [Outcome(preview, receipt)], asked)


def tell_each(house: House, outcomes: Iterable[Outcome], asked: Asked) -> None:
    """Say it for one after another, as they come; what was refused anywhere is said at the end, as NotPossible.

    For a program: an object, or a list of them where they are people's.
    """
    by = _told(house)
    rows: list[dict[str, Any]] = []
    receipts: list[Receipt] = []
    for outcome in outcomes:
        if asked.as_json:
            rows.append(_as_json(outcome, by, asked))
        else:
            _say(outcome, by, asked)
        if outcome.receipt is not None:
            receipts.append(outcome.receipt)
    if asked.as_json:
        is_one = len(rows) == 1 and rows[0]["person"] is None
        click.echo(json.dumps(rows[0] if is_one else rows, ensure_ascii=False))
    complaints = [sentence for receipt in receipts for sentence in _complaints(receipt)]
    if complaints:
        raise errors.NotPossible(" ".join(complaints))


def _told(house: House) -> _Told:
    from appliance.history.preview_words import Speaker
    from appliance.tree.actors import actors

    household = house.services.household
    known = actors(house.services.ledger.database.connection())
    return _Told(Speaker(known, household.time_zone), known, household.language)


def _say(outcome: Outcome, by: _Told, asked: Asked) -> None:
    from appliance.history.phrases import sentence

    if outcome.person is not None:
        click.echo(f"{outcome.person.display_name}:")
    preview = outcome.preview
    for line in preview.lines:
        click.echo(f"  {sentence(by.speaker.line(line), by.language)}")
    if preview.more:
        click.echo(f"  … and {preview.more:,} more")
    click.echo(sentence(by.speaker.counts(preview.counts), by.language))
    if asked.dry_run:
        click.echo("Nothing has changed yet; without --dry-run it is done.")
    if outcome.receipt is not None:
        batch_id = outcome.receipt.batch_id
        click.echo(f"Done as batch {batch_id}; gotgan undo {batch_id} takes it back.")


def _complaints(receipt: Receipt) -> Iterator[str]:
    if receipt.stopped is not None:
        done = counted(receipt.done, "step is", "steps are")
        yield f"{receipt.stopped} {done} done; gotgan undo {receipt.batch_id} --resume goes on."
    elif receipt.refused:
        first = receipt.refused[0]
        more = f" and {len(receipt.refused) - 1:,} more" if len(receipt.refused) > 1 else ""
        yield f"Left as it is: {first.entry.address}{more}. {first.sentence}"


# --- for a program ----------------------------------------------------------------------------------


def _as_json(outcome: Outcome, by: _Told, asked: Asked) -> dict[str, Any]:
    from appliance.history.phrases import sentence

    receipt, counts = outcome.receipt, outcome.preview.counts
    refused: Sequence[Any] = () if receipt is None else receipt.refused
    return {
        "person": None if outcome.person is None else outcome.person.name,
        "dry_run": asked.dry_run,
        "batch": None if receipt is None else receipt.batch_id,
        "done": 0 if receipt is None else receipt.done,
        "counts": {pile.value: number for pile, number in counts.piles.items()},
        "kept": [
            {
                "reason": None if each.reason is None else each.reason.value, "count": each.count,
                **_who(each.device_id, by, is_known=each.reason is not None),
            }
            for each in counts.kept
        ],
        "sentence": sentence(by.speaker.counts(counts), by.language),
        "entries": [_line_as_json(line, by) for line in outcome.preview.lines],
        "refused": [{"address": one.entry.address, "sentence": one.sentence} for one in refused],
        "stopped": None if receipt is None else receipt.stopped,
    }  # fmt: skip


def _line_as_json(line: Line, by: _Told) -> dict[str, Any]:
    from appliance.history.phrases import sentence

    later = None if line.later is None else _deed_as_json(line.later, by)
    return {
        "pile": line.pile.value, "kind": line.kind, "name": line.name, "address": line.address,
        "resource_id": line.resource_id, "moves_from": line.moves_from, "renamed_from": line.beside,
        "fields": [_field_as_json(each) for each in line.fields],
        "now_bytes": None if line.sizes is None else line.sizes[0],
        "then_bytes": None if line.sizes is None else line.sizes[1],
        "with_entries": line.entries, "properties": list(line.properties), "access": line.access,
        "undone": [_deed_as_json(deed, by) for deed in line.undone], "later": later,
        "reason": None if line.reason is None else line.reason.value,
        "by_device": line.by, "by": None if line.by is None else _who(line.by, by)["device"],
        "contested": [_field_as_json(each) for each in line.contested],
        "conflicts": list(line.conflicts),
        "sentence": sentence(by.speaker.line(line), by.language),
    }  # fmt: skip


def _field_as_json(difference: Difference) -> dict[str, Any]:
    now, then = difference.was, difference.now
    field = now or then
    return {
        "key": difference.key, "word": None if field is None else field.word,
        "label": None if field is None else field.label,
        "now": None if now is None else now.shown, "then": None if then is None else then.shown,
    }  # fmt: skip


def _deed_as_json(deed: Deed, by: _Told) -> dict[str, Any]:
    return {**_who(deed.device_id, by), "did": list(deed.verbs), "at": deed.at.isoformat(), "seq": deed.seq}


def _who(device_id: int | None, by: _Told, *, is_known: bool = True) -> dict[str, Any]:
    actor = None if device_id is None else by.actors(device_id)
    return {
        "device_id": device_id, "device": None if actor is None else actor.label,
        "person": None if actor is None else actor.person,
        "on_disk": is_known and device_id is None,
    }  # fmt: skip
