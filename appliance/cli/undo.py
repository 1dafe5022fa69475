"""`gotgan undo`: take back a batch, a restore, a rewind, an import, a move of a tree; without a number, list them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from appliance import errors
from appliance.cli import folder, plan_report, taking_back

if TYPE_CHECKING:
    from appliance.app import House
    from appliance.history.plans import Plan
    from appliance.history.timeline import Acts, Entry
    from appliance.household.people import Person
    from appliance.store.batches import Batch
    from appliance.store.database import Reading
    from appliance.store.ledger import Author

LISTED = 20


@click.command()
@folder.data_option
@click.argument("batch", type=click.IntRange(min=1), required=False)
@click.option("--dry-run", is_flag=True, help="Only say what would be taken back.")
@click.option("--resume", is_flag=True, help="Go on with a batch that was cut off, instead of taking it back.")
@click.option("--json", "as_json", is_flag=True, help="For a program.")
def undo(data: Path, batch: int | None, dry_run: bool, resume: bool, as_json: bool) -> None:  # noqa: FBT001
    """Take back what BATCH did, or list the batches.

    Exactly what the batch did is taken back; what others wrote after it stays. Cut off in the middle, the same call
    goes on. Without BATCH, the newest are listed.
    """
    from appliance.store import batches

    asked = taking_back.Asked(dry_run, as_json)
    with taking_back.whole_house(data) as house:
        reading = house.services.ledger.database.connection()
        if batch is None:
            _list(house, batches.recent(reading, LISTED), as_json=as_json)
            return
        found = batches.of(reading, batch)
        author = taking_back.shell_of(house, _person(house, found))
        if resume:
            _resume(house, found, asked)
            return
        begun = next((each for each in batches.unfinished(reading) if each.undoes == batch), None)
        if begun is not None:
            _resume(house, begun, asked)
            return
        with house.services.ledger.database.read() as snapshot:
            plan = taking_back.planner(house, snapshot).undo(batch)
            preview = taking_back.foresee(house, snapshot, plan, asked)
        done = None if dry_run else taking_back.carry_out(house, author, "undo", plan, undoes=batch)
        if done is None and not dry_run:
            _remember(house, author, plan, batch)
        plan_report.tell(house, preview, done, asked)


def _remember(house: House, author: Author, plan: Plan, batch_id: int) -> None:
    """Keep that a batch was taken back though nothing could be done: another one may have been in its way."""
    from appliance.history import applying

    ledger = house.services.ledger
    undone_by = applying.begin(ledger, author, "undo", plan, undoes=batch_id)
    applying.carry_out(ledger, house.writer(author), undone_by)


def _resume(house: House, batch: Batch, asked: taking_back.Asked) -> None:
    from appliance.store import importing

    if importing.is_asked_again(batch):
        raise errors.NotPossible(
            f"Batch {batch.id} was not brought to its end; {taking_back.resuming(batch)} goes on with it."
        )
    if batch.plan is None:
        raise errors.NotPossible(f"Batch {batch.id} is done; there is nothing left to go on with.")
    plan_report.tell(house, *taking_back.resume(house, batch, _person(house, batch), asked), asked)


def _person(house: House, batch: Batch) -> Person:
    from appliance.household import people

    reading = house.services.ledger.database.connection()
    found = None if batch.person_id is None else people.person(reading, batch.person_id)
    return found or house.services.household.person


def _list(house: House, found: list[Batch], *, as_json: bool) -> None:
    """Say of each batch when it was, what it did, by whom, to how many things, and whether it was taken back."""
    from appliance.clock import from_micros

    household = house.services.household
    with house.services.ledger.database.read() as reading:
        acts = _acts(house, reading)
        told = [(each, acts.act(each.id)) for each in found]
    if as_json:
        rows = [_as_json(each, act, household.language) for each, act in told]
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for each, act in told:
        at = from_micros(each.at).astimezone(household.time_zone).strftime("%Y-%m-%d %H:%M")
        said = f"{each.kind}: nothing yet" if act is None else act.sentence(household.language)
        click.echo(f"{each.id:>6}  {at}  {said}{_standing(each, act)}")
    click.echo("gotgan undo NUMBER takes one back; --dry-run says first what that does." if found else
               "There is no batch yet.")  # fmt: skip


def _acts(house: House, reading: Reading) -> Acts:
    from appliance.history.timeline import Acts, Teller
    from appliance.tree.actors import actors

    return Acts(reading, Teller(actors(reading), house.bodies, house.services.household.time_zone))


def _standing(batch: Batch, act: Entry | None) -> str:
    if batch.state != "done":
        return f"; not finished: {taking_back.resuming(batch)} goes on"
    undone_by = None if act is None or act.batch is None else act.batch.undone_by
    return "" if undone_by is None else f"; taken back with {undone_by}"


def _as_json(batch: Batch, act: Entry | None, language: str) -> dict[str, object]:
    from appliance.cli.history import batch_as_json
    from appliance.clock import from_micros

    actor = None if act is None else act.actor
    told = {} if act is None or act.batch is None else batch_as_json(act.batch)
    return {
        "batch": batch.id, "kind": batch.kind, "at": from_micros(batch.at).isoformat(), "state": batch.state,
        "undoes": batch.undoes, "undone_by": None, "first_seq": batch.first_seq, "last_seq": batch.last_seq,
        "things": 0, "about": None if batch.about is None else dict(batch.about),
        "device_id": batch.device_id,
        "device": None if actor is None else actor.label, "person": None if actor is None else actor.person,
        "sentence": None if act is None else act.sentence(language),
    } | told  # fmt: skip
