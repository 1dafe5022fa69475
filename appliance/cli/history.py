"""`gotgan history`: who did what, when, in words, newest first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from appliance.cli import folder

if TYPE_CHECKING:
    from appliance.cli.house import House
    from appliance.history.timeline import Entry, Window
    from appliance.store.database import Reading
    from appliance.store.summaries import BatchSummary
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

    MOMENT means what was recorded by then: what changed on the disk itself while the server was off counts from the
    start after that.
    """
    from appliance.cli.house import opened
    from appliance.tree.scopes import read_scope

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
    from appliance.tree.actors import actors

    teller = Teller(actors(reading), house.bodies(), house.household.time_zone)
    return teller.timeline(reading, scope, window)


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
        "name": entry.name or None,
        "what": entry.what.id,
        "sentence": entry.sentence(language),
        "resource_id": entry.resource_id,
        "size_bytes": entry.size_bytes,
        "batch": entry.batch_id,
        "act": None if entry.batch is None else batch_as_json(entry.batch),
        "fields": [
            {
                "key": each.key, "word": field.word, "label": field.label,
                "was": None if each.was is None else each.was.shown,
                "now": None if each.now is None else each.now.shown,
            }
            for each in entry.fields
            if (field := each.now or each.was) is not None
        ],
        "moved_from": entry.moved_from,
        "moved_to": entry.moved_to,
        "fault": entry.fault,
        "let_go_at": None if entry.let_go_at is None else entry.let_go_at.isoformat(),
    }  # fmt: skip


def batch_as_json(batch: BatchSummary) -> dict[str, object]:
    """Return what a batch was asked for and came to, for a program; moments as microseconds since 1970."""
    return {
        "kind": batch.kind,
        "state": batch.state,
        "about": None if batch.about is None else dict(batch.about),
        "things": batch.resources,
        "came": batch.outcome.came,
        "changed": batch.outcome.changed,
        "ended": batch.outcome.ended,
        "faults": batch.faults,
        "undoes": batch.undoes,
        "undone_by": batch.undone_by,
    }
