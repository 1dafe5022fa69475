"""`gotgan doctor`: is everything well, and what deserves a look."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from appliance import errors
from appliance.cli import folder

if TYPE_CHECKING:
    from appliance.store.covering import Coverage


@click.command()
@folder.data_option
@click.option("--json", "as_json", is_flag=True, help="For a program.")
def doctor(data: Path, as_json: bool) -> None:  # noqa: FBT001 - an option
    """Examine the data folder; exits 1 when something is damaged."""
    from appliance.cli.house import opened
    from appliance.household import checkup, devices, secrets
    from appliance.store.alarms import alarms

    with opened(data) as house:
        limit_bytes = house.settings.covered_file_limit_bytes
        found = checkup.examine(house.database, covered_file_limit_bytes=limit_bytes)
        damage = list(found.damage)
        alarmed = alarms(house.database.connection())
        try:
            secrets.device_key(house.settings.data, expected=devices.passwords_exist(house.database.connection()))
        except errors.NotPossible as error:
            damage.append(str(error))
    if as_json:
        counts = {
            "faulty_objects": found.faulty_objects,
            "refused_edits": found.refused_edits,
            "files": found.coverage.files,
            "covered_files": found.coverage.covered,
        }
        told = [{"kind": alarm.kind, "subject": alarm.subject, "sentence": alarm.sentence} for alarm in alarmed]
        click.echo(json.dumps({"damage": damage, **counts, "alarms": told}, ensure_ascii=False))
    else:
        click.echo("The database is sound." if not found.damage else "The database is damaged.")
        click.echo(f"{found.faulty_objects} contacts or events are malformed, and served as they are.")
        click.echo(f"{found.refused_edits} refused edits are kept and wait to be looked at.")
        for sentence in covered(found.coverage, limit_bytes):
            click.echo(sentence)
        for alarm in alarmed:
            click.echo(alarm.sentence)
    if damage:
        raise errors.NotPossible(" ".join(damage))


def covered(found: Coverage, limit_bytes: int) -> list[str]:
    """Return what is said of the files whose content is, and is not, in the store."""
    from appliance.history.phrases import size

    said = [f"{found.covered:,} of {found.files:,} files are covered: no change on the disk itself can lose them."]
    if found.large:
        said.append(
            f"{found.large:,} of the others {'is' if found.large == 1 else 'are'} larger than {size(limit_bytes)}, and"
            " no copy is made of those (covered_file_limit_bytes): safe when they are replaced or deleted, not when"
            " they are changed in place on the disk itself."
        )
    return said
