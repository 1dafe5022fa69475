"""`gotgan prune`: let old versions of files go, as the settings say, and tell what leaves when."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from appliance.cli import folder

if TYPE_CHECKING:
    from appliance.history.pruning import Outlook
    from appliance.history.retention import Departure

SHOWN_DAYS = 3


@click.command()
@folder.data_option
@click.option("--dry-run", is_flag=True, help="Only say what would be let go.")
@click.option("--json", "as_json", is_flag=True, help="For a program.")
def prune(data: Path, dry_run: bool, as_json: bool) -> None:  # noqa: FBT001 - options
    """Let old versions of files go, as the settings say.

    Contacts and events, and the newest version of each file, always stay.
    """
    from appliance.cli.house import opened
    from appliance.cli.progress import progress
    from appliance.history.pruning import Pruner, chosen_policy

    with opened(data) as house:
        pruner = Pruner(house.ledger, chosen_policy(house.settings, house.household.time_zone))
        with progress("Reading the ledger") as told:
            found = pruner.outlook(told) if dry_run else pruner.prune(told)
    if as_json:
        click.echo(json.dumps({"dry_run": dry_run, **_as_json(found)}))
        return
    click.echo(_due(found, dry_run=dry_run))
    for sentence in departures(found.departures):
        click.echo(sentence)


def _due(found: Outlook, *, dry_run: bool) -> str:
    from appliance.history.phrases import size

    if not found.due.contents:
        return "Nothing is old enough to be let go."
    amount = f"{versions(found.due.contents)} ({size(found.due.size_bytes)})"
    if dry_run:
        return f"{amount} would be let go."
    return f"{amount} let go; the room on the disk is free after a day."


def departures(found: Sequence[Departure]) -> list[str]:
    """Return what leaves later, a sentence for each of the next days: no deadline without a warning."""
    from appliance.history.phrases import size

    said = [
        f"{versions(each.versions)} ({size(each.size_bytes)}) {'leaves' if each.versions == 1 else 'leave'}"
        f" on {each.day.day} {each.day:%B %Y}."
        for each in found[:SHOWN_DAYS]
    ]
    rest = sum(each.versions for each in found[SHOWN_DAYS:])
    if rest:
        said.append(f"{versions(rest)} more until {found[-1].day.day} {found[-1].day:%B %Y}.")
    return said


def versions(count: int) -> str:
    """Return so many versions in words."""
    return "1 version" if count == 1 else f"{count:,} versions"


def _as_json(found: Outlook) -> dict[str, object]:
    return {
        "versions": found.due.contents,
        "size_bytes": found.due.size_bytes,
        "departures": [
            {"day": each.day.isoformat(), "versions": each.versions, "size_bytes": each.size_bytes}
            for each in found.departures
        ],
    }
