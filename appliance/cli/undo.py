"""`gotgan undo`: take back a batch, a restore, a rewind, an import, a move of a tree; without a number, list them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from appliance import errors
from appliance.cli import folder, taking_back

if TYPE_CHECKING:
    from appliance.app import House
    from appliance.history.plans import Plan
    from appliance.household.people import Person
    from appliance.store.batches import Batch
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

    Exactly what the batch did is taken back; what others wrote after it stays. Without BATCH, the newest are listed.
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
        with house.services.ledger.database.read() as snapshot:
            plan = taking_back.planner(house, snapshot).undo(batch)
        done = None if dry_run else taking_back.carry_out(house, author, "undo", plan, undoes=batch)
        if done is None and not dry_run:
            _remember(house, author, plan, batch)
        if not dry_run and found.state != "done" and (done is None or done.stopped is None):
            batches.become(house.services.ledger, batch, "done")  # taken back, so nothing of it is to go on
        taking_back.tell(house, plan, done, asked)


def _remember(house: House, author: Author, plan: Plan, batch_id: int) -> None:
    """Keep that a batch was taken back though nothing could be done: another one may have been in its way."""
    from appliance.history import applying

    ledger = house.services.ledger
    undone_by = applying.begin(ledger, author, "undo", plan, undoes=batch_id)
    applying.carry_out(ledger, house.writer(author), undone_by)


def _resume(house: House, batch: Batch, asked: taking_back.Asked) -> None:
    from appliance.history.plan_texts import from_json

    if batch.kind == "import" and batch.plan is not None:
        raise errors.NotPossible(
            f"Batch {batch.id} was not brought to its end; {taking_back.resuming(batch)} goes on with it."
        )
    if batch.plan is None:
        raise errors.NotPossible(f"Batch {batch.id} is done; there is nothing left to go on with.")
    plan = from_json(json.loads(batch.plan))
    author = taking_back.shell_of(house, _person(house, batch))
    done = None if asked.dry_run else taking_back.go_on(house, author, batch.id)
    taking_back.tell(house, plan, done, asked)


def _person(house: House, batch: Batch) -> Person:
    from appliance.household import people

    reading = house.services.ledger.database.connection()
    found = None if batch.person_id is None else people.person(reading, batch.person_id)
    return found or house.services.household.person


def _list(house: House, found: list[Batch], *, as_json: bool) -> None:
    from appliance.clock import from_micros

    zone = house.services.household.time_zone
    if as_json:
        rows = [
            {"batch": each.id, "kind": each.kind, "at": from_micros(each.at).isoformat(), "state": each.state,
             "undoes": each.undoes, "first_seq": each.first_seq, "last_seq": each.last_seq}
            for each in found
        ]  # fmt: skip
        click.echo(json.dumps(rows))
        return
    for each in found:
        at = from_micros(each.at).astimezone(zone).strftime("%Y-%m-%d %H:%M")
        tail = "" if each.undoes is None else f", takes back {each.undoes}"
        unfinished = "" if each.state == "done" else f" – not finished: {taking_back.resuming(each)} goes on"
        click.echo(f"{each.id:>6}  {at}  {each.kind}{tail}{unfinished}")
    if not found:
        click.echo("There is no batch yet.")
