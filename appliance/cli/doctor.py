"""`gotgan doctor`: is everything well, what deserves a look, and how a server that was set back goes on."""

from __future__ import annotations

import contextlib
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from appliance import errors
from appliance.cli import folder
from appliance.cli.words import counted
from appliance.clock import SOFTWARE_AT, from_micros

if TYPE_CHECKING:
    from appliance.cli.house import House
    from appliance.household.checkup import Checkup
    from appliance.household.held import Report
    from appliance.store.alarms import Alarm
    from appliance.store.batches import Batch
    from appliance.store.covering import Coverage


CLOCK_TOLERANCE = timedelta(minutes=1)


@click.command()
@folder.data_option
@click.option("--json", "as_json", is_flag=True, help="For a program.")
@click.option(
    "--release", is_flag=False, flag_value="", metavar="[keep|accept]",
    help="End a hold: keep (phones keep what only they have) or accept (they drop it); alone it lists the choices.",
)  # fmt: skip
@click.option("--device", metavar="ID", help="With --release: for this device alone.")
@click.option(
    "--acknowledge", type=click.IntRange(min=1), metavar="NUMBER",
    help="Say that you know of this alarm; it is not told again while it stays the same.",
)  # fmt: skip
@click.argument("collections", nargs=-1, metavar="[COLLECTION]...")
def doctor(
    data: Path, as_json: bool, release: str | None, device: str | None, acknowledge: int | None,  # noqa: FBT001 - options
    collections: tuple[str, ...],
) -> None:  # fmt: skip
    """Say whether all is well, acknowledge an alarm, and end a hold.

    Exits 1 when something is damaged or on hold. --release concerns each COLLECTION that is named, such as
    addressbooks/anna/contacts, else all that is on hold.
    """
    from appliance.cli import hold
    from appliance.cli.house import opened

    if release is None and (collections or device is not None):
        raise errors.WrongCall("A collection or a device is named to release it: gotgan doctor --release keep …")
    if release is not None and acknowledge is not None:
        raise errors.WrongCall("--release and --acknowledge are two things; call gotgan doctor for each.")
    with opened(data) as house:
        if acknowledge is not None:
            _acknowledge(house, acknowledge, as_json=as_json)
        elif release is None:
            _examine(house, as_json=as_json)
        elif release == "" and not collections and device is None:
            from appliance.household import held

            _say(hold.choices(held.reports(house.database.connection())), as_json=as_json)
        else:
            choice, addresses = hold.choice_of(release or "keep", collections)
            _say(hold.end(house, choice, addresses, device), as_json=as_json)


def _say(sentences: list[str], *, as_json: bool) -> None:
    click.echo(json.dumps(sentences, ensure_ascii=False) if as_json else "\n".join(sentences))


def _acknowledge(house: House, alarm_id: int, *, as_json: bool) -> None:
    from appliance.clock import to_micros
    from appliance.household import devices
    from appliance.store import alarms

    household = house.household
    author = devices.own_author(
        house.database, household.person.id, "shell", label=household.words.shell, at=house.now()
    )
    assert author.device_id is not None
    known = alarms.acknowledge(house.database, alarm_id, at=to_micros(house.now()), device_id=author.device_id)
    _say([f"Alarm {known.id} is known and not told again while it stays the same: {known.sentence}"], as_json=as_json)


def _examine(house: House, *, as_json: bool) -> None:
    from appliance.cli import hold
    from appliance.household import checkup, devices, secrets

    _look_for_watcher(house)
    limit_bytes = house.settings.covered_file_limit_bytes
    found = checkup.examine(house.database, covered_file_limit_bytes=limit_bytes)
    damage = list(found.damage)
    try:
        secrets.device_key(house.settings.data, expected=devices.passwords_exist(house.database.connection()))
    except errors.NotPossible as error:
        damage.append(str(error))
    clock = unset_clock(found.newest_at, house.now(), house.household.time_zone)
    if as_json:
        click.echo(json.dumps({**as_told(found, damage), "clock": clock}, ensure_ascii=False))
    else:
        click.echo("The database is sound." if not found.damage else "The database is damaged.")
        click.echo(
            counted(found.faulty_objects, "contact or event is", "contacts or events are")
            + " malformed, and served as they are."
        )
        click.echo(
            counted(found.refused_edits, "refused edit is kept and waits", "refused edits are kept and wait")
            + " to be looked at."
        )
        for sentence in (*covered(found.coverage, limit_bytes), *unfinished(found.unfinished)):
            click.echo(sentence)
        for sentence in (*([clock] if clock else []), *alarming(found)):
            click.echo(sentence)
        for sentence in hold.told(house, found.holds):
            click.echo(sentence)
    if found.is_held:
        damage.append("Something is on hold; gotgan doctor --release lists the choices.")
    if damage:
        raise errors.NotPossible(" ".join(damage))


def as_told(found: Checkup, damage: list[str]) -> dict[str, object]:
    """Return the findings for a program; acknowledged alarms are among them."""
    return {
        "damage": damage,
        "faulty_objects": found.faulty_objects,
        "refused_edits": found.refused_edits,
        "files": found.coverage.files,
        "covered_files": found.coverage.covered,
        "alarms": [_alarm_as_told(alarm) for alarm in (*found.alarms, *found.acknowledged)],
        "unfinished": [{"batch": each.id, "kind": each.kind, "state": each.state} for each in found.unfinished],
        "holds": [_hold_as_told(report) for report in found.holds],
    }


def _alarm_as_told(alarm: Alarm) -> dict[str, object]:
    known_at = alarm.acknowledged_at
    return {
        "id": alarm.id, "kind": alarm.kind, "subject": alarm.subject, "sentence": alarm.sentence, "times": alarm.times,
        "first_at": from_micros(alarm.first_at).isoformat(), "last_at": from_micros(alarm.last_at).isoformat(),
        "acknowledged_at": None if known_at is None else from_micros(known_at).isoformat(),
        "acknowledged_by": alarm.acknowledged_by,
    }  # fmt: skip


def _hold_as_told(report: Report) -> dict[str, object]:
    return {
        "open": report.is_open,
        "device_id": report.hold.device_id,
        "address": report.hold.address,
        "since_micros": report.hold.since_at,
        "common_seq": report.hold.common_seq,
        "by_witness": report.by_witness,
        "choice": report.decisions[0].choice if report.decisions and not report.is_open else None,
        "knows_newer": {knower.name: list(knower.addresses) for knower in report.knowers},
        "waits": {knower.name: list(knower.addresses) for knower in report.waiting},
        "missing": [sign.address for sign in report.missing],
    }


def unfinished(found: tuple[Batch, ...]) -> list[str]:
    """Return what is said of restores, rewinds, undos and imports that have not come to their end."""
    from appliance.cli.taking_back import resuming

    return [
        f"Batch {each.id} ({each.kind}) has not come to its end: {resuming(each)} goes on with it, and gotgan undo"
        f" {each.id} takes back what it did."
        for each in found
    ]


def alarming(found: Checkup) -> list[str]:
    """Return what is said of the alarms that wait, each with its number, and how many are known."""
    said = [f"Alarm {alarm.id}: {alarm.sentence}" for alarm in found.alarms]
    if found.alarms:
        said.append(f"gotgan doctor --acknowledge {found.alarms[0].id} says that you know of it.")
    if found.acknowledged:
        said.append(counted(len(found.acknowledged), "alarm is", "alarms are") + " known already; --json shows them.")
    return said


def unset_clock(newest_at: int | None, now: datetime, zone: ZoneInfo) -> str | None:
    """Return what is said of a clock that cannot be right, None where it can; `newest_at` is in microseconds."""
    shown = now.astimezone(zone).strftime("%Y-%m-%d %H:%M")
    cure = "Set the date and time (timedatectl shows whether the network sets it); until then changes get wrong times."
    if now < SOFTWARE_AT:
        return f"The clock is not set: it says {shown}, and this software is younger than that. {cure}"
    newest = None if newest_at is None else from_micros(newest_at)
    if newest is not None and newest - now > CLOCK_TOLERANCE:
        recorded = newest.astimezone(zone).strftime("%Y-%m-%d %H:%M")
        return f"The clock is not set: it says {shown}, and the newest change was recorded at {recorded}. {cure}"
    return None


def _look_for_watcher(house: House) -> None:
    """Raise the alarm that nobody watches, or take it back; where there is no room for it, it waits."""
    from appliance.store import alarms
    from appliance.watch import alone

    with contextlib.suppress(errors.DiskFull, errors.Busy):
        if house.settings.watch == "apart":
            alone.look(house.settings.data, house.database, house.now())
        else:
            alarms.settle(house.database, alone.ALARM)


def covered(found: Coverage, limit_bytes: int) -> list[str]:
    """Return what is said of the files whose content is, and is not, in the store."""
    from appliance.history.phrases import size
    from appliance.store.covering import SPARE_BYTES

    files = counted(found.files, "file", "files")
    are, them = ("is", "it") if found.covered == 1 else ("are", "them")
    said = [f"{found.covered:,} of {files} {are} covered: no change on the disk itself can lose {them}."]
    if found.large:
        said.append(
            f"{found.large:,} of the others {'is' if found.large == 1 else 'are'} larger than {size(limit_bytes)}, and"
            " no copy is made (covered_file_limit_bytes): safe when replaced or deleted, not when changed in place on"
            " the disk itself."
        )
    waiting = found.files - found.covered - found.large
    if waiting:
        said.append(
            f"{waiting:,} {'waits' if waiting == 1 else 'wait'} for a copy, which is made when nothing else is due and"
            f" the disk has {size(SPARE_BYTES)} to spare."
        )
    return said
