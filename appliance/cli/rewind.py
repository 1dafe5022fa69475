"""`gotgan rewind`: undo what one device did since a moment, and keep what others changed later."""

from __future__ import annotations

from pathlib import Path

import click

from appliance import errors
from appliance.cli import folder, plan_report, taking_back


@click.command()
@folder.data_option
@click.argument("device")
@click.option(
    "--since", "moment", required=True, metavar="MOMENT", help="Such as: today 14:05, yesterday, 3 hours ago."
)
@click.option("--dry-run", is_flag=True, help="Only say what would be undone.")
@click.option(
    "--take",
    "taken",
    multiple=True,
    metavar="ADDRESS",
    help="Undo this one as well, though others changed it later; repeatable.",
)
@click.option("--json", "as_json", is_flag=True, help="For a program.")
def rewind(
    data: Path, device: str, moment: str, dry_run: bool, taken: tuple[str, ...], as_json: bool,  # noqa: FBT001
) -> None:  # fmt: skip
    """Undo what DEVICE did since a moment.

    DEVICE is its number or its label. What others changed later stays; the rewind itself can be undone as a whole.

    MOMENT means what was recorded by then: what changed on the disk itself while the server was off counts from the
    start after that.
    """
    from appliance.history.acts import Act
    from appliance.history.restore import Chosen
    from appliance.household import people
    from appliance.store import past
    from appliance.tree.scopes import read_device

    asked = taking_back.Asked(dry_run, as_json)
    with taking_back.whole_house(data) as house:
        with house.services.ledger.database.read() as reading:
            found = read_device(reading, device)
            owner = people.person(reading, found.person_id)
            if owner is None:
                raise errors.NotFound("Nobody has this device.")
            since = taking_back.seq_of(house, reading, moment)
            overturned = frozenset(
                past.locate(reading, address.strip("/").split("/"), seq=None).resource_id for address in taken
            )
            plan = taking_back.planner(house, reading).rewind(found.id, since, chosen=Chosen(overturned))
            preview = taking_back.foresee(house, reading, plan, asked)
            about = Act(device_id=found.id, at=taking_back.written_until(house, reading, moment, since))
        author = taking_back.shell_of(house, owner)
        done = None if dry_run else taking_back.carry_out(house, author, "rewind", plan, about=about)
        plan_report.tell(house, preview, done, asked)
