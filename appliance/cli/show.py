"""`gotgan show`: the bytes of something, or a listing, as it was."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from appliance import errors
from appliance.cli import folder, taking_back

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.store.ledger import Member


@click.command()
@folder.data_option
@click.argument("address")
@click.option("--at", "moment", required=True, metavar="MOMENT", help="Such as: yesterday 14:00, 2026-11-17, now.")
@click.option("--json", "as_json", is_flag=True, help="A listing for a program.")
def show(data: Path, address: str, moment: str, as_json: bool) -> None:  # noqa: FBT001 - an option
    """Write what was at ADDRESS at a moment.

    A file, a contact or an event is written as its bytes, anything else as a listing.

    MOMENT means what was recorded by then: what changed on the disk itself while the server was off counts from the
    start after that.
    """
    from appliance.store import mounts, past
    from appliance.store.ledger import COLLECTION_KINDS

    path = [segment for segment in address.split("/") if segment]
    with taking_back.whole_house(data) as house, house.services.ledger.database.read() as reading:
        seq = taking_back.seq_of(house, reading, moment)
        found = past.locate(reading, path, seq=seq)
        mount = mounts.of(reading, found.resource_id) if found.kind == "mount" else None
        if mount is not None or found.kind in COLLECTION_KINDS or found.kind == "node":
            holder = found.resource_id if mount is None else mount.target_id
            _list(past.members_at(reading, holder, seq), as_json=as_json)
            return
        if found.content_id is None:
            raise errors.ContentMissing("The ledger names no content for this.")
        for piece in house.bodies.read(reading, found.content_id, of=found.resource_id):
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()


def _list(members: Sequence[Member], *, as_json: bool) -> None:
    if as_json:
        rows = [{"name": each.name, "kind": each.kind, "size_bytes": each.size, "seq": each.seq} for each in members]
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    from appliance.history.phrases import on_one_line

    for each in members:
        size = "" if each.size is None else f"{each.size:,}"
        click.echo(f"{each.kind:<12}{size:>15}  {on_one_line(each.name)}")
