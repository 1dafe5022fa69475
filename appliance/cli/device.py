"""`gotgan device`: what may sign in, one password each."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from appliance.cli import folder

if TYPE_CHECKING:
    from appliance.household.connecting import Connection
    from appliance.household.devices import Device
    from appliance.household.people import Person


@click.group()
def device() -> None:
    """Devices of the people."""


@device.command()
@folder.data_option
@click.argument("person")
@click.argument("label")
@click.option("--json", "as_json", is_flag=True, help="For a program.")
def add(data: Path, person: str, label: str, as_json: bool) -> None:  # noqa: FBT001 - an option
    """Add a device of PERSON called LABEL and show its password, once."""
    from appliance.cli.house import opened
    from appliance.household import devices, people, secrets
    from appliance.household.connecting import Connection, davx5_link

    with opened(data) as house:
        reading = house.database.connection()
        owner = people.existing(reading, person)
        key = secrets.device_key(house.settings.data, expected=devices.passwords_exist(reading))
        added = devices.add(house.database, key, owner, label, at=house.now(), by=house.shell())
        connection = Connection(house.settings.address, owner.name, added.password)
        told = _as_promised(connection, added.device.id)
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    click.echo(f"{added.device.label} may sign in for {owner.display_name} (device {added.device.id}).\n")
    for title, key_of in (
        ("user name", "user"), ("password", "password"), ("address", "dav_url"), ("contacts", "addressbook_home"),
        ("calendars", "calendar_home"), ("files", "files_url"),
    ):  # fmt: skip
        click.echo(f"  {title:<10} {told[key_of]}")
    click.echo("\nThe password is shown only now. DAVx5 takes everything from this code:\n")
    _show_code(davx5_link(connection))
    if connection.port is not None:
        click.echo(f"\nDAVx5 loses the port of a scanned address: add :{connection.port} behind the host there.")


def _as_promised(connection: Connection, device_id: int) -> dict[str, str | int]:
    """Return what a client needs, under the names that `device add --json` promises."""
    return {
        "device_id": device_id,
        "user": connection.user,
        "password": connection.password,
        "dav_url": connection.dav_url,
        "files_url": connection.files_url,
        "calendar_home": connection.calendar_home,
        "addressbook_home": connection.addressbook_home,
    }


def _show_code(text: str) -> None:
    import segno

    segno.make(text, error="l").terminal(out=sys.stdout, compact=True)


@device.command("list")
@folder.data_option
@click.argument("person", required=False)
@click.option("--json", "as_json", is_flag=True, help="For a program.")
def list_devices(data: Path, person: str | None, as_json: bool) -> None:  # noqa: FBT001 - an option
    """Show the devices of PERSON, or of everybody."""
    from appliance.cli.house import opened
    from appliance.household import devices, people

    with opened(data) as house, house.database.read() as reading:
        owner = None if person is None else people.existing(reading, person)
        found = devices.devices(reading, None if owner is None else owner.id)
        owners = {known.id: known for known in people.people(reading)}
        if as_json:
            click.echo(json.dumps([_as_json(each, owners[each.person_id]) for each in found], ensure_ascii=False))
            return
        for each in found:
            seen = f"last seen {house.shown(each.last_seen_at)}"
            state = f"revoked {house.shown(each.revoked_at)}" if each.revoked_at is not None else seen
            where = " ".join(filter(None, (each.last_address, each.last_agent)))
            line = f"{each.id}  {owners[each.person_id].name}  {each.label}  {each.prefix}-…  {state}  {where}"
            click.echo(line.rstrip())
        if not found:
            click.echo("There are no devices yet: gotgan device add PERSON LABEL")


def _as_json(each: Device, owner: Person) -> dict[str, str | int | None]:
    return {
        "device_id": each.id,
        "user": owner.name,
        "label": each.label,
        "prefix": each.prefix,
        "created_at": each.created_at.isoformat(),
        "revoked_at": None if each.revoked_at is None else each.revoked_at.isoformat(),
        "last_seen_at": None if each.last_seen_at is None else each.last_seen_at.isoformat(),
        "last_address": each.last_address,
        "last_agent": each.last_agent,
    }


@device.command()
@folder.data_option
@click.argument("device_id", metavar="ID", type=click.IntRange(1, 2**63 - 1))
def revoke(data: Path, device_id: int) -> None:
    """Shut out the device with this ID; what it wrote is kept."""
    from appliance.cli.house import opened
    from appliance.household import devices

    with opened(data) as house:
        revoked = devices.revoke(house.database, device_id, at=house.now(), by=house.shell())
    click.echo(f"{revoked.label} (device {revoked.id}) cannot sign in any more.")


@device.command()
@folder.data_option
@click.argument("device_id", metavar="ID", type=click.IntRange(1, 2**63 - 1))
def lost(data: Path, device_id: int) -> None:
    """Shut out the lost device with this ID and the browsers on it."""
    from appliance.cli.house import opened
    from appliance.household import lost as losing

    with opened(data) as house:
        gone = losing.lose(house.database, device_id, by=house.shell(), at=house.now())
    browsers = "1 browser was" if gone.sessions_ended == 1 else f"{gone.sessions_ended} browsers were"
    click.echo(
        f"{gone.device.label} (device {device_id}) cannot get in from this moment; {browsers} signed out with it."
        f" Nothing is deleted here.\nWhat it changed can be undone: gotgan rewind {device_id} --since MOMENT --dry-run"
    )
