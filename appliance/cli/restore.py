"""`gotgan restore`: something, everything below it, a person's things, or the household, as it was at a moment."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from appliance import errors
from appliance.cli import folder, taking_back

if TYPE_CHECKING:
    from appliance.app import House
    from appliance.history.plans import Plan
    from appliance.history.restore import Area, Side
    from appliance.household.people import Person
    from appliance.store.database import Reading
    from appliance.store.ledger import Member


@dataclass(frozen=True, slots=True)
class _Wish:
    """What was asked for."""

    address: str
    moment: str
    keys: tuple[str, ...]
    over_others: bool
    keep_new: bool
    for_person: str | None


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
    """Make ADDRESS what it was at a moment: a plan first, then a change that can be undone as a whole.

    ADDRESS is an address below /dav/, a person's name for all that is theirs, or nothing for the whole household.
    """
    wish = _Wish(address, moment, keys, over_others, keep_new, for_person)
    asked = taking_back.Asked(dry_run, as_json)
    with taking_back.whole_house(data) as house:
        if beside is not None:
            _beside(house, wish, beside, asked)
            return
        for owner in _owners(house, address):
            plan = _plan(house, owner, wish)
            done = (
                None if dry_run else taking_back.carry_out(house, taking_back.shell_of(house, owner), "restore", plan)
            )
            taking_back.tell(house, plan, done, asked)


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


def _plan(house: House, owner: Person, wish: _Wish) -> Plan:
    with house.services.ledger.database.read() as reading:
        since = taking_back.seq_of(house, reading, wish.moment)
        planner = taking_back.planner(house, reading)
        said = wish.address.strip().strip("/")
        if wish.keys:
            return planner.fields(_at(reading, said, since).resource_id, since, wish.keys)
        side = _side(house, owner, wish)
        area = _area(reading, owner, said, since)
        return planner.restore(area, since, side, keep_new=wish.keep_new, overturn=wish.over_others)


def _at(reading: Reading, said: str, since: int) -> Member:
    from appliance.store import past

    return past.locate(reading, said.split("/"), seq=since)


def _area(reading: Reading, owner: Person, said: str, since: int) -> Area:
    """Return what is meant: what was at the address then, and what is there now."""
    from appliance.history.restore import Area
    from appliance.store import mounts, past
    from appliance.store.ledger import COLLECTION_KINDS

    if "/" not in said:
        homes = owner.home_ids()
        return Area(collections=(homes.addressbook_id, homes.calendar_id, homes.files_id))
    found = [_at(reading, said, since)]
    with contextlib.suppress(errors.NotFound):
        found.append(past.locate(reading, said.split("/"), seq=None))
    collections: list[int] = []
    for member in found:
        mount = mounts.of(reading, member.resource_id) if member.kind == "mount" else None
        if mount is not None:
            collections.append(mount.target_id)
        elif member.kind in COLLECTION_KINDS:
            collections.append(member.resource_id)
    resources = [member.resource_id for member in found if member.kind not in ("home", "node")]
    return Area(tuple(dict.fromkeys(resources)), tuple(dict.fromkeys(collections)))


def _side(house: House, owner: Person, wish: _Wish) -> Side:
    """Return whose changes are taken back: the owner's, a named person's, everybody's in what the household owns."""
    from appliance.history.restore import Side
    from appliance.household import devices, people

    reading = house.services.ledger.database.connection()
    if wish.over_others or (owner.household and wish.for_person is None):
        return Side(everybody=True)
    person = owner if wish.for_person is None else people.person_named(reading, wish.for_person)
    if person is None:
        raise errors.NotFound(f"There is nobody called {wish.for_person}; gotgan person list shows who is there.")
    own = (each.id for each in devices.of_every_kind(reading) if each.person_id == person.id)
    return Side(frozenset(own), disk=person.id == owner.id)


def _beside(house: House, wish: _Wish, name: str, asked: taking_back.Asked) -> None:
    """Put a copy of what was there under another name beside it."""
    from appliance.tree.beside import put_beside

    if wish.keys:
        raise errors.WrongCall("A single field has no place beside; leave out --as or --field.")
    said = wish.address.strip().strip("/")
    (owner,) = _owners(house, said) if "/" in said else (None,)
    if owner is None:
        raise errors.WrongCall("--as needs the address of one thing, such as files/anna/trip.")
    with house.services.ledger.database.read() as reading:
        since = taking_back.seq_of(house, reading, wish.moment)
        was = _at(reading, said, since)
    target = (*said.split("/")[:-1], name)
    if asked.dry_run:
        click.echo(f"{said} would be copied, as it was, to {'/'.join(target)}.")
        return
    count = put_beside(house.site(taking_back.shell_of(house, owner)), house.bodies, was, since, target)
    click.echo(f"{said}, as it was, is at {'/'.join(target)} now: {count:,} {'entry' if count == 1 else 'entries'}.")
