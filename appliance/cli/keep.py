"""`gotgan keep`: say that versions of files are to stay, whatever the rules of retention let go."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from appliance import errors
from appliance.cli import folder, taking_back
from appliance.cli.prune import versions

if TYPE_CHECKING:
    from appliance.app import House
    from appliance.history.keeping import Chosen
    from appliance.store.kept import Changed


@click.command()
@folder.data_option
@click.argument("address")
@click.option(
    "--at", "moment", metavar="MOMENT", help="The versions of then, such as: yesterday 14:00; else the newest."
)
@click.option("--all", "every", is_flag=True, help="All versions, of what was deleted there as well.")
@click.option("--forget", is_flag=True, help="Take it back: leave them to the rules again.")
@click.option("--json", "as_json", is_flag=True, help="For a program.")
def keep(data: Path, address: str, moment: str | None, every: bool, forget: bool, as_json: bool) -> None:  # noqa: FBT001
    """Keep versions of ADDRESS for good.

    Of a file, or of each file in a folder, the version of a moment or all of them stay, whatever the rules in the
    settings let go. Contacts and events always stay.
    """
    from appliance.history import keeping

    if every and moment is not None:
        raise errors.WrongCall("Either --at or --all: all versions are those of every moment.")
    with taking_back.whole_house(data) as house:
        chosen = _chosen(house, [segment for segment in address.split("/") if segment], moment, every=every)
        found = keeping.forget(house.services.ledger.database, chosen) if forget else _kept(house, chosen)
    if as_json:
        click.echo(json.dumps({"forget": forget, **_as_json(found, chosen)}))
        return
    click.echo(_said(found, chosen, forget=forget))


def _chosen(house: House, path: list[str], moment: str | None, *, every: bool) -> Chosen:
    from appliance.history import keeping
    from appliance.store import past

    with house.services.ledger.database.read() as reading:
        if every:
            return keeping.every_version_of(reading, past.last_at(reading, path))
        if moment is None:
            return keeping.state_of(reading, past.last_at(reading, path))
        seq = taking_back.seq_of(house, reading, moment)
        return keeping.state_of(reading, past.locate(reading, path, seq=seq), seq)


def _kept(house: House, chosen: Chosen) -> Changed:
    from appliance.history import keeping

    ledger, author = house.services.ledger, taking_back.shell_of(house, house.services.household.person)
    return keeping.keep(ledger.database, chosen, at=ledger.now_micros(), device_id=author.device_id)


def _said(found: Changed, chosen: Chosen, *, forget: bool) -> str:
    from appliance.history.phrases import size

    if not chosen.seqs:
        return (
            "Contacts and events are kept for good anyway." if chosen.always_kept else "There is no version of a file."
        )
    said = []
    if found.versions:
        amount = f"{versions(found.versions)} ({size(found.size_bytes)})"
        said.append(f"{amount} left to the rules again." if forget else f"{amount} kept for good.")
    if found.before:
        state = "not kept anyway" if forget else "kept already"
        said.append(f"{versions(found.before)} {'was' if found.before == 1 else 'were'} {state}.")
    if found.let_go:
        said.append(f"{versions(found.let_go)} had been let go before; what was in there is not here any more.")
    return " ".join(said)


def _as_json(found: Changed, chosen: Chosen) -> dict[str, int]:
    return {
        "versions": found.versions,
        "size_bytes": found.size_bytes,
        "before": found.before,
        "let_go": found.let_go,
        "always_kept": chosen.always_kept,
    }
