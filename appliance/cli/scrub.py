"""`gotgan scrub`: read everything again, and repair what is damaged from another copy where there is one."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from appliance import errors
from appliance.cli import folder
from appliance.cli.words import counted

NICE = 10  # the server goes first


@click.command()
@folder.data_option
@click.option("--json", "as_json", is_flag=True, help="For a program.")
def scrub(data: Path, as_json: bool) -> None:  # noqa: FBT001 - an option
    """Read everything again, and repair what is damaged.

    What is kept is compared with its digest, and repaired where there is another copy. Exits 1 when damage stays. It
    goes on where it was stopped.
    """
    from appliance.cli.house import opened
    from appliance.cli.progress import progress
    from appliance.history.phrases import size
    from appliance.store.file_writes import FileWriter
    from appliance.store.scrub import Scrub, damage, turn
    from appliance.watch import background

    os.nice(NICE)
    with opened(data) as house:
        behind = background.furnish(house.settings, house.ledger, house.household.time_zone)
        behind.observer.require_there()
        held = turn(house.settings.data)
        if held is None:
            raise errors.NotPossible("Everything is being read again already.")
        scrub = Scrub(FileWriter(behind.files, behind.observer, house.settings.data / "aside"))
        if scrub.goes_on and not as_json:
            click.echo("Going on where the last scrub was stopped.")
        with held, progress("Reading everything") as told:
            while scrub.step():
                told(scrub.share())
        stays = damage(house.database.connection())
    read = scrub.position
    if as_json:
        click.echo(
            json.dumps(
                {
                    "read_files": read.read_files,
                    "read_bytes": read.read_bytes,
                    "given_up": read.strays,
                    "repaired": [found.sentence for found in scrub.found if found.repaired],
                    "damage": [alarm.sentence for alarm in stays],
                },
                ensure_ascii=False,
            )
        )
    else:
        bodies = counted(read.read_files, "body or file was", "bodies and files were")
        click.echo(f"{bodies} read ({size(read.read_bytes)}).")
        for found in scrub.found:
            if found.repaired:
                click.echo(found.sentence)
        if not stays:
            click.echo("Nothing is damaged." if not scrub.found else "Nothing is damaged any more.")
    if stays:
        raise errors.NotPossible(" ".join(alarm.sentence for alarm in stays))
