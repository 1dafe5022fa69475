"""`gotgan restore`: something, everything below it, a person's things, or the household, as it was at a moment."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from appliance import errors
from appliance.cli import folder, plan_report, taking_back
from appliance.cli.words import counted

if TYPE_CHECKING:
    from appliance.app import House
    from appliance.history.acts import Act
    from appliance.history.plans import Plan
    from appliance.history.restore import Planner, Side
    from appliance.household.people import Person
    from appliance.store.batches import Batch
    from appliance.store.database import Reading
    from appliance.store.ledger import Member
    from appliance.tree.beside import Copy


@dataclass(frozen=True, slots=True)
class _Wish:
    """What was asked for."""

    address: str
    moment: str
    keys: tuple[str, ...]
    over_others: bool
    keep_new: bool
    for_person: str | None

    @property
    def how(self) -> str | None:
        """What was chosen with it, None for nothing."""
        chosen = ["--over-others"] * self.over_others + ["--keep-new"] * self.keep_new
        chosen += [] if self.for_person is None else [f"--for {self.for_person}"]
        return " ".join(chosen) or None


@click.command()
@folder.data_option
@click.argument("address", default="")
@click.option(
    "--at", "moment", required=True, metavar="MOMENT", help="Such as: yesterday 14:00, 2026-11-17, 3 days ago."
)
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--as", "beside", metavar="NAME", help="Beside what is there now, under this name, instead of over it.")
@click.option(
    "--field", "keys", multiple=True, metavar="KEY", help="Only this field of a contact or event; repeatable."
)
@click.option("--over-others", is_flag=True, help="Take back what others changed since, too.")
@click.option("--keep-new", is_flag=True, help="Leave alone what has come since.")
@click.option("--for", "for_person", metavar="PERSON", help="Take back what this person changed; else the owner.")
@click.option("--json", "as_json", is_flag=True, help="For a program.")
def restore(
    data: Path, address: str, moment: str, dry_run: bool, beside: str | None, keys: tuple[str, ...],  # noqa: FBT001
    over_others: bool, keep_new: bool, for_person: str | None, as_json: bool,  # noqa: FBT001
) -> None:  # fmt: skip
    """Make ADDRESS what it was at a moment.

    A plan first, then a change that can be undone as a whole. What others changed later stays.

    ADDRESS is an address below /dav/, a person's name for all that is theirs, or nothing for the whole household.

    MOMENT means what was recorded by then: what changed on the disk itself while the server was off counts from the
    start after that.
    """
    wish = _Wish(address, moment, keys, over_others, keep_new, for_person)
    asked = taking_back.Asked(dry_run, as_json)
    with taking_back.whole_house(data) as house:
        if beside is not None:
            _beside(house, wish, beside, asked)
            return
        plan_report.tell_each(house, _outcomes(house, wish, asked), asked)


def _outcomes(house: House, wish: _Wish, asked: taking_back.Asked) -> Iterator[plan_report.Outcome]:
    """Carry it out for one owner after another; what is refused to one does not hold up the others."""
    owners = _owners(house, wish.address)
    for owner in owners:
        person = owner if len(owners) > 1 else None
        cut_off = None if asked.dry_run else _cut_off(house, owner, wish)
        if cut_off is not None:
            preview, done = taking_back.resume(house, cut_off, owner, asked)
            yield plan_report.Outcome(preview, done, person)
            if done is not None and done.stopped:
                continue
        with house.services.ledger.database.read() as reading:
            plan, about = _plan(house, reading, owner, wish)
            preview = taking_back.foresee(house, reading, plan, asked)
        if cut_off is not None and plan.is_empty:
            continue  # nothing came to it since
        author = taking_back.shell_of(house, owner)
        done = None if asked.dry_run else taking_back.carry_out(house, author, "restore", plan, about=about)
        yield plan_report.Outcome(preview, done, person)


def _cut_off(house: House, owner: Person, wish: _Wish) -> Batch | None:
    """Return the batch of the same restore that was cut off, None: there is none, or somebody is taking it back."""
    from appliance.history.acts import Act
    from appliance.store import batches

    author = taking_back.shell_of(house, owner)
    with house.services.ledger.database.read() as reading:
        unfinished = batches.unfinished(reading)
        if not unfinished:
            return None
        _, about = _plan(house, reading, owner, wish)
    taken_back = {each.undoes for each in unfinished}
    mine = [each for each in unfinished if each.kind == "restore" and each.device_id == author.device_id]
    acts = [(each, Act.from_json(each.about)) for each in mine if each.id not in taken_back]
    return next((each for each, act in acts if act is not None and act.is_asked_again_by(about)), None)


def _owners(house: House, address: str) -> list[Person]:
    """Return whose things are concerned: each of them is restored with their own rights, in a batch of its own."""
    from appliance.household import people

    reading = house.services.ledger.database.connection()
    said = address.strip().strip("/")
    if said in ("", "household"):
        return list(people.people(reading))
    parts = said.split("/")
    slug = parts[0] if len(parts) == 1 else parts[1]
    owner = people.person_named(reading, slug)
    if owner is None or (len(parts) > 1 and parts[0] not in ("addressbooks", "calendars", "files")):
        raise errors.NotFound(f"There is nothing at {said}; an address looks like addressbooks/anna/contacts.")
    return [owner]


def _plan(house: House, reading: Reading, owner: Person, wish: _Wish) -> tuple[Plan, Act]:
    from appliance.tree import returning

    since = taking_back.seq_of(house, reading, wish.moment)
    planner = taking_back.planner(house, reading)
    said = wish.address.strip().strip("/")
    at = taking_back.written_until(house, reading, wish.moment, since)
    with _said_where_it_was(reading, said, since):
        about = returning.act_of(reading, owner, said, since, at)
    about = replace(about, how=wish.how)
    if wish.keys:
        plan = _fields(house, planner, reading, returning.at(reading, said, since), since, wish.keys)
        return plan, replace(about, fields=wish.keys)
    side = _side(house, owner, wish)
    area = returning.area_of(reading, owner, said, since)
    return planner.restore(area, since, side, keep_new=wish.keep_new, overturn=wish.over_others), about


@contextlib.contextmanager
def _said_where_it_was(reading: Reading, said: str, since: int) -> Iterator[None]:
    """Say of what came to an address later where it was at that moment."""
    from appliance.store import past

    try:
        yield
    except errors.NotFound as error:
        try:
            now = past.locate(reading, said.split("/"), seq=None)
        except errors.NotFound:
            raise error from None
        if past.member_of_at(reading, now.resource_id, since) is None:
            raise
        was = "/".join(past.path_of(reading, now.resource_id, seq=since))
        raise errors.NotFound(f"{error} What is there now was at {was} then.") from error


def _fields(
    house: House, planner: Planner, reading: Reading, was: Member, since: int, keys: tuple[str, ...]
) -> Plan:  # fmt: skip
    from appliance.objects.fields import fields

    try:
        return planner.fields(was.resource_id, since, keys)
    except errors.NotFound as error:
        kind: Literal["card", "event"] = "card" if was.kind == "card" else "event"
        there = [each.key for each in fields(kind, house.bodies.whole(reading, was.content_id or 0))]
        raise errors.NotFound(f"{error} It had: {', '.join(there)}.") from error


def _side(house: House, owner: Person, wish: _Wish) -> Side:
    """Return whose changes are taken back: the owner's, a named person's, everybody's in what the household owns."""
    from appliance.history.restore import Side
    from appliance.household import people
    from appliance.tree import returning

    reading = house.services.ledger.database.connection()
    if wish.over_others or (owner.household and wish.for_person is None):
        return Side(everybody=True)
    person = owner if wish.for_person is None else people.person_named(reading, wish.for_person)
    if person is None:
        raise errors.NotFound(f"There is nobody called {wish.for_person}; gotgan person list shows who is there.")
    return returning.side_of(reading, person, with_disk=person.id == owner.id)


def _beside(house: House, wish: _Wish, name: str, asked: taking_back.Asked) -> None:
    """Put a copy of what was there under another name beside it, as a batch."""
    from appliance.tree import returning
    from appliance.tree.beside import Copy

    if wish.keys:
        raise errors.WrongCall("A single field has no place beside; leave out --as or --field.")
    said = wish.address.strip().strip("/")
    (owner,) = _owners(house, said) if "/" in said else (None,)
    if owner is None:
        raise errors.WrongCall("--as needs the address of one thing, such as files/anna/trip.")
    with house.services.ledger.database.read() as reading:
        since = taking_back.seq_of(house, reading, wish.moment)
        with _said_where_it_was(reading, said, since):
            was = returning.at(reading, said, since)
        until = taking_back.written_until(house, reading, wish.moment, since)
        about = returning.act_of(reading, owner, said, since, until)
    target = (*said.split("/")[:-1], name)
    copy = Copy(was, since, target, about)
    batch_id, count = (None, 0) if asked.dry_run else _put_beside(house, owner, copy)
    if asked.as_json:
        click.echo(json.dumps(
            {"dry_run": asked.dry_run, "batch": batch_id, "address": "/".join(target), "copied": count},
            ensure_ascii=False,
        ))  # fmt: skip
    elif asked.dry_run:
        click.echo(f"{said} would be copied, as it was, to {'/'.join(target)}.")
    else:
        click.echo(f"{said}, as it was, is at {'/'.join(target)} now: {counted(count, 'entry', 'entries')}.")
        click.echo(f"Done as batch {batch_id}; gotgan undo {batch_id} takes it back.")


def _put_beside(house: House, owner: Person, copy: Copy) -> tuple[int, int]:
    """Copy something and return the batch and how many there are; a part of a copy is taken back like a whole one.

    Cut off in the middle, the same call goes on with it.
    """
    from appliance.store import batches
    from appliance.tree.beside import begin_beside, go_on_beside

    ledger, author = house.services.ledger, taking_back.shell_of(house, owner)
    batch_id = begin_beside(ledger, author, copy)
    try:
        return batch_id, go_on_beside(house.hall, author, batch_id, copy)
    except errors.GotganError as error:
        if batches.of(ledger.database.connection(), batch_id).first_seq is None:
            raise
        raise errors.NotPossible(f"{error} gotgan undo {batch_id} takes back what was copied before.") from error
