"""`gotgan history`: who did what, when, in words, newest first."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from appliance.cli import folder

if TYPE_CHECKING:
    from appliance.cli.house import House
    from appliance.history.timeline import Actors, Entry, Window
    from appliance.store.database import Reading
    from appliance.store.timelines import Scope

NEWEST_LINES = 100


@click.command()
@folder.data_option
@click.argument("address", default="")
@click.option("--since", metavar="MOMENT", help="Only what happened after it, such as: yesterday 14:00.")
@click.option(
    "--limit", type=click.IntRange(min=1), default=NEWEST_LINES, show_default=True, help="At most so many lines."
)
@click.option("--json", "as_json", is_flag=True, help="For a program.")
def history(data: Path, address: str, since: str | None, limit: int, as_json: bool) -> None:  # noqa: FBT001
    """Tell what happened at ADDRESS, newest first.

    ADDRESS is an address below /dav/ (addressbooks/anna/contacts/9F3C.vcf), with everything below it; a person's name
    for all that is theirs; person:NAME or device:ID (or its label) for what they did; nothing for the whole household.
    """
    from appliance.cli.house import opened
    from appliance.cli.scopes import read_scope

    with opened(data) as house, house.database.read() as reading:
        scope = read_scope(reading, address)
        window = _window(house, reading, since, limit)
        found = _told(house, reading, scope, window)
        if as_json:
            language = house.household.language
            click.echo(json.dumps([_as_json(entry, language) for entry in found], ensure_ascii=False))
            return
        for entry in found:
            click.echo(f"{house.shown(entry.at)}  {entry.sentence(house.household.language)}")
        if not found:
            click.echo("Nothing happened there." if since is None else "Nothing happened there since then.")


def _window(house: House, reading: Reading, since: str | None, limit: int) -> Window:
    from appliance.history.moments import read_moment
    from appliance.history.timeline import Window, seq_since

    if since is None:
        return Window(limit=limit)
    moment = read_moment(since, zone=house.household.time_zone, now=house.now())
    return Window(after_seq=seq_since(reading, moment, now=house.now()), limit=limit)


def _told(house: House, reading: Reading, scope: Scope, window: Window) -> list[Entry]:
    from appliance.history.timeline import Teller

    teller = Teller(_actors(reading), house.bodies(), house.household.time_zone)
    return teller.timeline(reading, scope, window)


def _actors(reading: Reading) -> Actors:
    from appliance.history.timeline import Actor
    from appliance.household import devices, people

    everybody = {person.id: person for person in people.people(reading)}
    known: Mapping[int, Actor] = {
        each.id: Actor(each.id, each.label, each.kind, owner.name, owner.display_name)
        for each in devices.of_every_kind(reading)
        if (owner := everybody.get(each.person_id)) is not None
    }
    return known.get


def _as_json(entry: Entry, language: str) -> dict[str, object]:
    actor = entry.actor
    return {
        "seq": entry.seq,
        "at": entry.at.isoformat(),
        "person": None if actor is None else actor.person,
        "device_id": None if actor is None else actor.device_id,
        "device": None if actor is None else actor.label,
        "door": entry.door,
        "kind": entry.kind,
        "name": entry.name,
        "what": entry.what.id,
        "sentence": entry.sentence(language),
        "resource_id": entry.resource_id,
        "size_bytes": entry.size_bytes,
        "batch": entry.batch_id,
        "fault": entry.fault,
        "let_go_at": None if entry.let_go_at is None else entry.let_go_at.isoformat(),
    }
