"""`gotgan share`: who is shown which address book, calendar, task list or folder of somebody else."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from appliance import errors
from appliance.cli import folder, taking_back

if TYPE_CHECKING:
    from appliance.app import House
    from appliance.household.people import Person
    from appliance.household.shares import Share
    from appliance.store.database import Reading
    from appliance.store.ledger import Author
    from appliance.store.mounts import Access

RIGHTS = {"read": "read only", "write": "read and write"}


@click.group()
def share() -> None:
    """What people share with each other."""


@share.command()
@folder.data_option
@click.argument("collection")
@click.argument("person")
@click.option("--read-only", is_flag=True, help="May look, but not change.")
@click.option("--json", "as_json", is_flag=True, help="For a program.")
def add(data: Path, collection: str, person: str, read_only: bool, as_json: bool) -> None:  # noqa: FBT001 - options
    """Show COLLECTION, such as files/anna/trip, to PERSON.

    It appears in PERSON's home under a name that is free there. Somebody who is shown it already gets the right that
    is asked for now. With `household` as PERSON it is shown to everybody, also to who joins later.
    """
    from appliance.household import shares

    access: Access = "read" if read_only else "write"
    with taking_back.whole_house(data) as house:
        reading = house.services.ledger.database.connection()
        receiver = _receiver(reading, person)
        target_id, author = _target(house, collection)
        wanted = shares.NewShare(target_id, receiver, access)
        batch_id = shares.share(house.services.ledger, house.services.settings.data, author, wanted)
        given = [each for each in shares.of_collection(reading, target_id) if each.receiver.id == receiver.id]
    path = "/".join(given[0].path) if given and not receiver.household else None
    if as_json:
        told = {"batch": batch_id, "collection": collection.strip("/"), "person": receiver.name, "access": access,
                "address": path}  # fmt: skip
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    where = "" if path is None else f" as {path}"
    if batch_id is None:
        click.echo(f"{_who(receiver)} had it already{where}, {RIGHTS[access]}.")
        return
    click.echo(f"{_who(receiver)} has it{where} now, {RIGHTS[access]}. gotgan undo {batch_id} takes that back.")


@share.command("list")
@folder.data_option
@click.argument("person", required=False)
@click.option("--json", "as_json", is_flag=True, help="For a program.")
def list_shares(data: Path, person: str | None, as_json: bool) -> None:  # noqa: FBT001 - an option
    """Show who shares what with whom; PERSON: their shares."""
    from appliance.cli.house import opened
    from appliance.household import shares

    with opened(data) as house, house.database.read() as reading:
        about = None if person is None else _receiver(reading, person)
        found = [each for each in shares.shares(reading) if about is None or about in (each.owner, each.receiver)]
    if as_json:
        click.echo(json.dumps([_as_json(each) for each in found], ensure_ascii=False))
        return
    for each in found:
        dark = "; deleted by its owner, so nothing is shown" if each.is_dark else ""
        click.echo(
            f"{'/'.join(each.target_path)}  {each.receiver.name}  {RIGHTS[each.access]}  as {'/'.join(each.path)}{dark}"
        )
    if not found:
        click.echo("Nothing is shared: gotgan share add COLLECTION PERSON")


@share.command()
@folder.data_option
@click.argument("collection")
@click.argument("person")
@click.option("--json", "as_json", is_flag=True, help="For a program.")
def remove(data: Path, collection: str, person: str, as_json: bool) -> None:  # noqa: FBT001 - an option
    """Show COLLECTION to PERSON no longer; nothing in it is deleted."""
    from appliance.household import shares

    with taking_back.whole_house(data) as house:
        receiver = _receiver(house.services.ledger.database.connection(), person)
        target_id, author = _target(house, collection)
        batch_id = shares.revoke(house.services.ledger, author, target_id, receiver)
    if as_json:
        click.echo(json.dumps({"batch": batch_id, "collection": collection.strip("/"), "person": receiver.name}))
        return
    said = "Nobody sees it" if receiver.household else f"{receiver.display_name} does not see it"
    click.echo(f"{said} any more; nothing was deleted. gotgan undo {batch_id} takes that back.")


def _who(receiver: Person) -> str:
    return "Everybody" if receiver.household else receiver.display_name


def _receiver(reading: Reading, slug: str) -> Person:
    """Return the person, or the household itself; NotPossible."""
    from appliance.household import people

    found = people.person_named(reading, slug)
    return found if found is not None and found.household else people.existing(reading, slug)


def _target(house: House, address: str) -> tuple[int, Author]:
    """Return the id of what is at an address, and its owner's command line: only the owner shares."""
    from appliance.household import people, shares
    from appliance.store import past

    reading = house.services.ledger.database.connection()
    segments = [segment for segment in address.split("/") if segment]
    if segments[:1] == ["files"] and len(segments) > 2:
        _look_at(house, segments[1:])
    found = past.last_at(reading, segments)
    if found.kind == "mount":
        raise errors.NotPossible(f"{address} is somebody else's; only the owner says with whom it is shared.")
    owner_id = shares.owner_of(reading, found.resource_id)
    owner = None if owner_id is None else people.person(reading, owner_id)
    if owner is None or found.kind not in shares.SHAREABLE:
        raise errors.NotPossible("Only address books, calendars, task lists and folders of a person can be shared.")
    return found.resource_id, taking_back.shell_of(house, owner)


def _look_at(house: House, path: list[str]) -> None:
    """Let the ledger know a folder that was made behind its back a moment ago."""
    from appliance.store.files import Folder

    with contextlib.suppress(errors.NotFound):
        house.services.writer.observer.adopt(Folder(tuple(path), None))


def _as_json(one: Share) -> dict[str, object]:
    return {
        "collection": "/".join(one.target_path), "kind": one.kind, "owner": one.owner.name,
        "person": one.receiver.name, "access": one.access, "address": "/".join(one.path), "deleted": one.is_dark,
    }  # fmt: skip
