"""`gotgan doctor`: is everything well, and what deserves a look."""

from __future__ import annotations

import json
from pathlib import Path

import click

from appliance import errors
from appliance.cli import folder


@click.command()
@folder.data_option
@click.option("--json", "as_json", is_flag=True, help="For a program.")
def doctor(data: Path, as_json: bool) -> None:  # noqa: FBT001 - an option
    """Examine the data folder; exits 1 when something is damaged."""
    from appliance.cli.house import opened
    from appliance.household import checkup, devices, secrets

    with opened(data) as house:
        found = checkup.examine(house.database)
        damage = list(found.damage)
        try:
            secrets.device_key(house.settings.data, expected=devices.passwords_exist(house.database.connection()))
        except errors.NotPossible as error:
            damage.append(str(error))
    if as_json:
        counts = {"faulty_objects": found.faulty_objects, "refused_edits": found.refused_edits}
        click.echo(json.dumps({"damage": damage, **counts}, ensure_ascii=False))
    else:
        click.echo("The database is sound." if not found.damage else "The database is damaged.")
        click.echo(f"{found.faulty_objects} contacts or events are malformed, and served as they are.")
        click.echo(f"{found.refused_edits} refused edits are kept and wait to be looked at.")
    if damage:
        raise errors.NotPossible(" ".join(damage))
