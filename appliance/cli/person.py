"""`gotgan person`: who belongs to the household."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import click

from appliance.cli import folder

LONGEST_LINE_BYTES = 8192


@click.group()
def person() -> None:
    """People of the household."""


@person.command()
@folder.data_option
@click.argument("name")
@click.option("--display-name", help="What people and phones read; anything, in any script.")
@click.option("--admin", is_flag=True, help="May change the household on its pages.")
@click.option("--password-stdin", is_flag=True, help="Read a password for the pages from standard input.")
def add(data: Path, name: str, display_name: str | None, admin: bool, password_stdin: bool) -> None:  # noqa: FBT001 - options
    """Add NAME with contacts, a calendar, tasks and a folder."""
    from appliance.cli.house import founded
    from appliance.household import homes, passwords, people

    password_hash = None
    if password_stdin:
        checked = passwords.checked_password(_first_line(), name, *filter(None, (display_name,)))
        password_hash = passwords.hash_password(checked)
    with founded(data) as house:
        household, author = house.household, house.shell()
        words: homes.Words = household.words
        joining = people.NewPerson(name, display_name, admin, password_hash, house.settings.quota_bytes)
        added = people.add(
            house.ledger, house.settings.data, author, joining=joining, shared=household.shared, words=words
        )
    click.echo(
        f"{added.display_name} belongs to the household now, with contacts, a calendar, tasks and a folder,"
        f" and shares {words.family}. Connect a phone: gotgan device add {added.name} LABEL"
    )


def _first_line() -> str:
    return sys.stdin.buffer.readline(LONGEST_LINE_BYTES).decode("utf-8", "replace").rstrip("\r\n")


@person.command("list")
@folder.data_option
@click.option("--json", "as_json", is_flag=True, help="For a program.")
def list_people(data: Path, as_json: bool) -> None:  # noqa: FBT001 - an option
    """Show who belongs to the household."""
    from appliance.cli.house import opened
    from appliance.household import devices, people

    with opened(data) as house, house.database.read() as reading:
        members = [known for known in people.people(reading) if not known.household]
        counts = {
            known.id: sum(device.revoked_at is None for device in devices.devices(reading, known.id))
            for known in members
        }
    if as_json:
        rows = [
            {
                "name": known.name,
                "display_name": known.display_name,
                "admin": known.admin,
                "disabled": known.disabled_at is not None,
                "devices": counts[known.id],
            }
            for known in members
        ]
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for known in members:
        notes = ["administrates"] * known.admin + ["disabled"] * (known.disabled_at is not None)
        devices_word = "1 device" if counts[known.id] == 1 else f"{counts[known.id]} devices"
        click.echo(f"{known.name}  {known.display_name}  {', '.join([devices_word, *notes])}")
    if not members:
        click.echo("Nobody belongs to the household yet: gotgan person add NAME")


@person.command()
@folder.data_option
@click.argument("name")
def disable(data: Path, name: str) -> None:
    """Shut out NAME with all devices; everything is kept."""
    from appliance.cli.house import opened
    from appliance.household import people

    with opened(data) as house:
        changed = people.disable(house.database, name, at=house.now(), by=house.shell())
    click.echo(f"{changed.display_name} is shut out with all devices and browsers; nothing was removed.")


@person.command()
@folder.data_option
@click.argument("name")
def enable(data: Path, name: str) -> None:
    """Let NAME in again."""
    from appliance.cli.house import opened
    from appliance.household import people

    with opened(data) as house:
        changed = people.enable(house.database, name, at=house.now(), by=house.shell())
    click.echo(f"{changed.display_name} may sign in again, with the devices that were not revoked.")


@person.command()
@folder.data_option
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="Read it from standard input instead of asking.")
def password(data: Path, name: str, password_stdin: bool) -> None:  # noqa: FBT001 - an option
    """Give NAME another password and sign all browsers out."""
    from appliance.cli.house import opened
    from appliance.household import people
    from appliance.household.passwords import Passwords
    from appliance.household.throttle import Throttle

    with opened(data) as house:
        found = people.existing(house.database.connection(), name)
        chosen = _first_line() if password_stdin else _asked()
        passwords = Passwords(house.database, Throttle(time.monotonic))
        passwords.set(found, chosen, by=house.shell(), at=house.now())
    click.echo(f"{found.display_name} signs in to the pages with the new password; all browsers were signed out.")


def _asked() -> str:
    return str(click.prompt("New password", hide_input=True, confirmation_prompt="Once more", err=True))


@person.command()
@folder.data_option
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="For a program.")
def invite(data: Path, name: str, as_json: bool) -> None:  # noqa: FBT001 - an option
    """Show a link by which NAME chooses a password, once."""
    from appliance.cli.house import opened
    from appliance.household import invitations, people

    with opened(data) as house:
        found = people.existing(house.database.connection(), name)
        invited = invitations.invite(house.database, found, by=house.shell(), at=house.now())
        link = f"{house.settings.address}join/{invited.token}"
        until = house.shown(invited.invitation.expires_at)
    if as_json:
        click.echo(json.dumps({"link": link, "expires_at": invited.invitation.expires_at.isoformat()}))
        return
    click.echo(f"With this link {found.display_name} chooses a password, once, until {until}:\n\n  {link}")
