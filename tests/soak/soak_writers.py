"""Eight devices write into one address book for a minute: every acknowledged write is there, and nobody starves."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import median

from tests.clients.wire import CARD, D, Wire
from tests.journeys.killing import make_collections
from tests.journeys.ledger import faults
from tests.journeys.writing import card
from tests.newcomers import another_device, newcomer
from tests.serving import Device, House, serving
from tests.soak.conftest import Note

WRITERS = 8
SECONDS = 60.0
AT_ONCE = 50  # members in a multiget


@dataclass
class Writer:
    """One device: what was acknowledged to it, and how long it waited each time."""

    wire: Wire
    collection: str
    number: int
    acknowledged: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    waits: list[float] = field(default_factory=list)

    def write_until(self, moment: float) -> None:
        """PUT new cards and over its own old ones, one after the other."""
        chance, count = Random(self.number), 0
        while (began := time.monotonic()) < moment:
            name = f"{self.number}-{count if chance.random() < 0.7 else chance.randrange(count + 1)}"
            count += 1
            body = card(name, count)
            href = f"{self.collection}{name}.vcf"
            answer = self.wire.ask("PUT", href, headers={"Content-Type": "text/vcard"}, body=body)
            assert answer.status in (201, 204), answer.body[:500]
            self.acknowledged[href] = (str(answer.header("ETag")), body)
            self.waits.append(time.monotonic() - began)


def test_eight_writers_on_one_book_lose_nothing_and_none_waits_for_ever(tmp_path: Path, note: Note) -> None:
    data = tmp_path / "data"
    with serving(data) as house, ExitStack() as opened:
        first = newcomer(house, "anna")
        devices = [first, *(another_device(house, "anna", f"device {number}") for number in range(1, WRITERS))]
        wires = [opened.enter_context(_connected(house, device)) for device in devices]
        make_collections(wires[0], "anna")
        collection = "/dav/addressbooks/anna/kept/"
        writers = [Writer(wire, collection, number) for number, wire in enumerate(wires)]
        until = time.monotonic() + SECONDS
        with ThreadPoolExecutor(WRITERS) as pool:
            list(pool.map(lambda writer: writer.write_until(until), writers))
        acknowledged = {href: kept for writer in writers for href, kept in writer.acknowledged.items()}
        found = dict(there(wires[0], collection))
        assert found.keys() == acknowledged.keys()
        assert [href for href, kept in acknowledged.items() if found[href] != kept] == []
    assert faults(data / "gotgan.db") == {}
    waits = [wait for writer in writers for wait in writer.waits]
    counts = [len(writer.waits) for writer in writers]
    note(
        "8 writers on one book",
        f"{WRITERS} devices, {SECONDS:.0f} s",
        f"{len(waits):,} PUTs, none lost; waits {median(waits) * 1000:.1f} ms in the middle,"
        f" {max(waits) * 1000:.0f} ms at most; {min(counts):,} to {max(counts):,} a device",
    )


def there(wire: Wire, collection: str) -> Iterator[tuple[str, tuple[str, bytes]]]:
    """Yield href, ETag and octets of every member."""
    report = '<sync-collection xmlns="DAV:"><sync-token/><sync-level>1</sync-level><prop><getetag/></prop>'
    asked = wire.ask("REPORT", collection, headers={"Content-Type": "text/xml"}, body=f"{report}</sync-collection>")
    hrefs = list(asked.members)
    for start in range(0, len(hrefs), AT_ONCE):
        inside = "".join(f"<D:href>{href}</D:href>" for href in hrefs[start : start + AT_ONCE])
        body = (
            f'<X:addressbook-multiget xmlns:X="{CARD[1:-1]}" xmlns:D="DAV:"><D:prop><D:getetag/><X:address-data/>'
            f"</D:prop>{inside}</X:addressbook-multiget>"
        )
        headers = {"Content-Type": "text/xml", "Depth": "1"}
        for href, member in wire.ask("REPORT", collection, headers=headers, body=body).members.items():
            yield href, (member.text(f"{D}getetag"), member.text(f"{CARD}address-data").encode())


def _connected(house: House, device: Device) -> Wire:
    return Wire(house.url, user=device.user, password=device.password)
