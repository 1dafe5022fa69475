"""`gotgan watch`: record what changes among the files, in a process of its own beside the server.

For a box on which the server shall not wait for a large copy to be read. One process watches; the settings say which.
"""

from __future__ import annotations

import logging
import signal
import threading
from pathlib import Path

import click

from appliance import errors
from appliance.cli import folder


@click.command()
@folder.data_option
def watch(data: Path) -> None:
    """Record what changes among the files until stopped.

    For a process beside the server, which leaves it to this one where the setting says watch = "apart".
    """
    from appliance.cli.house import opened
    from appliance.watch import background

    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    with opened(data) as house:
        if house.settings.watch != "apart":
            raise errors.NotPossible(
                'The server watches the files itself. Write watch = "apart" into gotgan.toml and start the server'
                " again to leave it to this command."
            )
        behind = background.furnish(house.settings, house.ledger, house.household.time_zone)
        if not behind.watch():
            raise errors.NotPossible(f"Another process watches the files in {house.settings.data} already.")
        try:
            click.echo(f"The files in {house.settings.data} are watched. Ctrl-C stops it.")
            stopped.wait()
        finally:
            behind.close()
