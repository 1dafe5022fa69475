"""Taking back what a device did, by the command line, beside the running server: what no other server can do."""

from __future__ import annotations

import random
import resource
import subprocess
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import quote

from tests.bench.answers import Wrong, expect
from tests.bench.figures import Block
from tests.bench.places import Place, put
from tests.bench.servers import GOTGAN
from tests.bench.wire import Request, ask, in_parallel

MISHAP = 1000
"""so many members are changed, and changed back"""
FILE_BYTES = 4096


def rewind_cards(place: Place) -> Block:
    """Rewind the device after it has given 1,000 cards another note."""
    bodies = {name: card.body for name, card in list(place.contacts().items())[:MISHAP]}
    spoilt = ((name, body.replace(b"\nEND:VCARD", b"\nX-MISHAP:1\r\nEND:VCARD")) for name, body in bodies.items())
    return _rewound(place, bodies, spoilt)


def rewind_files(place: Place) -> Block:
    """Rewind the device after it has overwritten 1,000 small files."""
    chance = random.Random(place.rounds)
    names = [f"mishap {number}.jpg" for number in range(MISHAP)]
    if place.rounds == 0 or "mishap" not in place.notes:
        place.notes["mishap"] = "made"
        _put_all(place, ((name, chance.randbytes(FILE_BYTES)) for name in names))
    bodies = {name: ask(place.server.address, Request("GET", f"{place.href}{quote(name)}")).body for name in names}
    return _rewound(place, bodies, ((name, chance.randbytes(FILE_BYTES)) for name in names))


def _rewound(place: Place, bodies: dict[str, bytes], spoilt: Iterable[tuple[str, bytes]]) -> Block:
    """Let the device spoil members, rewind it, and compare; the wall time of one is its share of the command."""
    time.sleep(1.1)  # a moment is said in seconds
    then = datetime.now(UTC)
    time.sleep(1.1)
    _put_all(place, spoilt)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    since = then.strftime("%Y%m%dT%H%M%SZ")
    asked = [*GOTGAN, "rewind", "benchmark", "--since", since, "--data", str(place.server.folder / "data")]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    wall_s = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        raise Wrong(f"the rewind ended with {done.returncode}: {done.stderr.strip()[-200:]}")
    for name, body in random.Random(0).sample(sorted(bodies.items()), min(20, len(bodies))):
        if expect(ask(place.server.address, Request("GET", f"{place.href}{quote(name)}")), 200).body != body:
            raise Wrong(f"{name} is not what it was")
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Block([wall_s / len(bodies)], cpu_s, len(bodies))


def _put_all(place: Place, members: Iterable[tuple[str, bytes]]) -> None:
    for _, answer in in_parallel(place.server.address, (put(place, name, body) for name, body in members), 8):
        expect(answer, 201, 204)
