"""`gotgan export`: a collection or a person into files that need no program of ours."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from appliance import errors
from appliance.cli import folder, taking_back
from appliance.cli.words import counted

if TYPE_CHECKING:
    from appliance.app import House
    from appliance.history.export_targets import Target
    from appliance.history.exporting import Exported, Exporter
    from appliance.history.exporting_past import Who
    from appliance.household.people import Person
    from appliance.store.database import Reading
    from appliance.store.ledger import Member

SHOWN = 20
AS_ONE_FILE = {"addressbook": (".vcf", ".vcard"), "calendar": (".ics", ".ical")}


@dataclass(frozen=True, slots=True)
class _Wish:
    """What was asked for."""

    address: str
    to: Path
    with_history: bool
    overwrite: bool


@click.command()
@folder.data_option
@click.argument("address", metavar="ADDRESS|PERSON")
@click.option("--to", "target", required=True, type=click.Path(path_type=Path), metavar="FILE|DIR|ZIP")
@click.option("--at", "moment", default="now", metavar="MOMENT", help="As of a moment, such as: yesterday 14:00.")
@click.option("--with-history", is_flag=True, help="Every former version as well, and who changed what when.")
@click.option("--overwrite", is_flag=True, help="Replace the file, or the export, that is there.")
@click.option("--json", "as_json", is_flag=True, help="For a program.")
def export(
    data: Path, address: str, target: Path, moment: str, with_history: bool, overwrite: bool, as_json: bool,  # noqa: FBT001
) -> None:  # fmt: skip
    """Write a collection, or all that a person has, to files.

    An address book becomes one .vcf file, a calendar one .ics file, or a folder of single ones; a folder of files a
    folder or a .zip; a person a folder with all of it. README.txt in it says what is what.
    """
    from appliance.cli.progress import progress
    from appliance.history.exporting import Exported, Exporter
    from appliance.store import queries

    wish = _Wish(address.strip().strip("/"), target.absolute(), with_history, overwrite)
    report = Exported()
    with taking_back.whole_house(data) as house:
        database = house.services.ledger.database
        if moment == "now":
            _look_at_the_disk(house, wish.address)
        with database.read() as reading:
            seq = taking_back.seq_of(house, reading, moment)
        owner = _person(house, wish.address)
        found = None if owner is not None else _located(database.connection(), wish.address, seq)
        ids = _ids(owner) if owner is not None else [found.resource_id] if found is not None else []
        all_bytes = queries.live_bytes(database.connection(), ids) or 1
        with progress("Exporting") as told:
            exporter = Exporter(database, house.bodies, seq, report, reached=lambda done: told(done / all_bytes))
            if found is not None:
                _one(house, exporter, wish, found)
            elif owner is not None:
                _homes(house, exporter, wish, owner)
    _tell(report, wish, seq, as_json=as_json)


def _look_at_the_disk(house: House, address: str) -> None:
    """Bring the ledger up to what lies on the disk, where files are to be exported."""
    from appliance.household import people
    from appliance.store.files import Folder

    parts = address.split("/")
    slug = parts[0] if len(parts) == 1 else parts[1]
    if len(parts) == 1 or parts[0] == "files":
        owner = people.person_named(house.services.ledger.database.connection(), slug)
        if owner is not None:
            house.services.writer.observer.scan(Folder((owner.name,), owner.files_home_id))


def _person(house: House, address: str) -> Person | None:
    from appliance.household import people

    if "/" in address:
        return None
    found = people.person_named(house.services.ledger.database.connection(), address)
    if found is None:
        raise errors.NotFound(f'There is nobody called "{address}"; an address looks like addressbooks/anna/contacts.')
    return found


def _homes(house: House, exporter: Exporter, wish: _Wish, owner: Person) -> None:
    from appliance.history import export_targets

    ids = _ids(owner)
    head = {"person": owner.name, "display_name": owner.display_name}
    zone = house.services.household.time_zone
    with export_targets.opened(wish.to, zone, of=wish.address, overwrite=wish.overwrite) as target:
        exporter.homes(target, ids, head)
        _past(house, exporter, wish, target, ids)


def _ids(owner: Person) -> list[int]:
    homes = owner.home_ids()
    return [homes.addressbook_id, homes.calendar_id, homes.files_id]


def _one(house: House, exporter: Exporter, wish: _Wish, found: Member) -> None:
    from appliance.history import export_targets

    if found.kind not in ("addressbook", "calendar", "folder", "home"):
        _single(exporter, wish, found)
        return
    suffix = wish.to.suffix.lower()
    if suffix in AS_ONE_FILE.get(found.kind, ()) and not wish.with_history:
        _as_one_file(exporter, wish, found)
        return
    if any(suffix in suffixes for suffixes in AS_ONE_FILE.values()):
        raise errors.WrongCall(f"{wish.to.name} cannot hold this; name a folder or a .zip file.")
    zone = house.services.household.time_zone
    with export_targets.opened(wish.to, zone, of=wish.address, overwrite=wish.overwrite) as target:
        _collection(exporter, wish, target, found)
        _past(house, exporter, wish, target, [found.resource_id])


def _located(reading: Reading, address: str, seq: int) -> Member:
    """Return what was at an address, or what the mount there shows; NotFound."""
    from appliance.store import mounts, past

    found = past.locate(reading, address.split("/"), seq=seq)
    mount = mounts.of(reading, found.resource_id) if found.kind == "mount" else None
    shown = None if mount is None else past.member_of_at(reading, mount.target_id, seq)
    return found if shown is None else shown


def _collection(exporter: Exporter, wish: _Wish, target: Target, found: Member) -> None:
    head = {"of": wish.address}
    if found.kind == "home" and not wish.address.startswith("files/"):
        exporter.homes(target, [found.resource_id], head)
    elif wish.with_history:
        exporter.one(target, found, head)
    elif found.kind in AS_ONE_FILE:
        exporter.each(target, (), found.resource_id)
    else:
        exporter.tree(target, (), found.resource_id)


def _past(house: House, exporter: Exporter, wish: _Wish, target: Target, ids: list[int]) -> None:
    from appliance.history.exporting_past import PastExporter

    if wish.with_history:
        PastExporter(exporter, _everybody(house)).write(target, ids)


def _everybody(house: House) -> dict[int, Who]:
    from appliance.history.exporting_past import Who
    from appliance.household import devices, people

    reading = house.services.ledger.database.connection()
    names = {person.id: person.name for person in people.people(reading)}
    names[house.services.household.person.id] = house.services.household.person.name
    return {device.id: Who(names.get(device.person_id, ""), device.label) for device in devices.of_every_kind(reading)}


def _as_one_file(exporter: Exporter, wish: _Wish, found: Member) -> None:
    from appliance.history import export_targets

    read = exporter.cards if found.kind == "addressbook" else exporter.calendar
    with export_targets.opened_file(wish.to, overwrite=wish.overwrite) as file:
        file.writelines(read(found.resource_id, wish.address))


def _single(exporter: Exporter, wish: _Wish, found: Member) -> None:
    from appliance.history import export_targets

    if found.content_id is None:
        raise errors.WrongCall(f"{wish.address} holds nothing of its own; name what is in it.")
    with export_targets.opened_file(wish.to, overwrite=wish.overwrite) as file:
        file.writelines(exporter.pieces(found.content_id, of=found.resource_id))
    exporter.report.entries += 1


# --- in words ---------------------------------------------------------------------------------------


def _tell(report: Exported, wish: _Wish, seq: int, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(_as_json(report, wish, seq), ensure_ascii=False))
    else:
        for one in report.left[:SHOWN]:
            click.echo(f"  left out: {one.where}: {one.reason}")
        if report.left_count > SHOWN:
            click.echo(f"  … and {report.left_count - SHOWN:,} more left out")
        entries = counted(report.entries, "entry", "entries")
        click.echo(f"{wish.address} is in {wish.to}: {entries}, {counted(report.size_bytes, 'byte', 'bytes')}.")
    if report.left_count:
        raise errors.NotPossible(f"{report.left_count:,} could not be exported; the rest is there.")


def _as_json(report: Exported, wish: _Wish, seq: int) -> dict[str, Any]:
    return {
        "of": wish.address, "to": str(wish.to), "seq": seq, "entries": report.entries,
        "size_bytes": report.size_bytes,
        "left_out": {
            "count": report.left_count,
            "entries": [{"where": one.where, "reason": one.reason} for one in report.left],
        },
    }  # fmt: skip
