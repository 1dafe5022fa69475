"""The whole promise on real disks: a running server, ten thousand real files, ordinary programs behind its back, and
every former state restored to the byte from the command line."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.loops import MAKERS, used_bytes
from tests.loops import mounted as on_a_loop
from tests.serving import House, serving, wait_until
from tests.soak.conftest import Note
from tests.soak.readings import in_mib
from tests.soak.soak_content import real_files

FILES = 10_000
LARGEST_BYTES = 8 << 20
DISK_BYTES = 12 << 30
PATIENCE_SECONDS = 900.0
QUIET_SECONDS = 8.0

Tree = dict[str, str]


@pytest.fixture(params=list(MAKERS))
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, House]]:
    with on_a_loop(request.param, tmp_path, size_bytes=DISK_BYTES) as place, serving(place / "data") as made:
        made.add_person("anna")
        yield request.param, made


def shell(script: str, folder: Path) -> None:
    """Run what somebody may type in a folder."""
    subprocess.run(["bash", "-euc", script], cwd=folder, check=True, capture_output=True)


def tree(folder: Path) -> Tree:
    """Every path with a digest of its octets; folders end in a slash."""
    found: Tree = {}
    for path in folder.rglob("*"):
        name = str(path.relative_to(folder))
        if path.is_dir():
            found[name + "/"] = ""
        elif not path.name.startswith(".gotgan"):
            found[name] = hashlib.blake2b(path.read_bytes()).hexdigest()
    return found


def newest(data: Path) -> int:
    with closing(sqlite3.connect(data / "gotgan.db")) as connection:
        return int(connection.execute("SELECT max(seq) FROM version").fetchone()[0])


def settled(house: House, count: Callable[[], int]) -> int:
    """Wait until the ledger knows as many files as are there, all are covered, and nothing comes any more."""
    last: list[tuple[int, float]] = [(0, time.monotonic())]

    def is_quiet() -> bool:
        seq = newest(house.data)
        if seq != last[0][0]:
            last[0] = (seq, time.monotonic())
        return time.monotonic() - last[0][1] > QUIET_SECONDS and uncovered(house.data) == (0, count())

    wait_until(is_quiet, "everything to be recorded and covered", seconds=PATIENCE_SECONDS)
    return newest(house.data)


def uncovered(data: Path) -> tuple[int, int]:
    """How many files are not covered, and how many there are."""
    with closing(sqlite3.connect(data / "gotgan.db")) as connection:
        row = connection.execute(
            "SELECT sum(d.covered = 0), count(*) FROM disk d JOIN resource r ON r.id = d.resource_id"
            " WHERE r.kind = 'file'"
        ).fetchone()
    return int(row[0] or 0), int(row[1])


def files_in(folder: Path) -> int:
    return sum(1 for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".gotgan"))


EDITS = {
    "rewritten, edited, renamed, deleted": (
        "cd tree; find . -type f | sort > ../../list;"
        " awk 'NR%9==0' ../../list | while read -r f; do echo spoilt > \"$f\"; done;"
        " awk 'NR%9==1' ../../list | xargs -d '\\n' sed -i '1s/^/edited /';"
        ' awk \'NR%9==2\' ../../list | while read -r f; do mv "$f" "$f.renamed"; done;'
        " awk 'NR%9==3' ../../list | xargs -d '\\n' rm"
    ),
    "folders moved, emptied, swapped, appended to": (
        "cd tree; mv 000 000.away; mv 001 000; mv 000.away 001; rm -r 002; mkdir 002; cp -r 003 004/inside;"
        ' mv 005 006/; find 007 -type f | while read -r f; do echo more >> "$f"; done;'
        ' find 008 -type f | while read -r f; do cp "$f" t; mv t "$f.copy"; done; touch 009/*'
    ),
}


def test_every_former_state_comes_back_to_the_byte(house: tuple[str, House], note: Note) -> None:
    kind, server = house
    home = server.data / "files" / "anna"
    before = used_bytes(server.data)
    began = time.monotonic()
    size = copy_real_files(home / "tree")
    copied = time.monotonic() - began
    states = {settled(server, lambda: files_in(home)): tree(home)}
    recorded = time.monotonic() - began - QUIET_SECONDS
    first_used = used_bytes(server.data) - before
    for script in EDITS.values():
        shell(script, home)
        states[settled(server, lambda: files_in(home))] = tree(home)
    last_used = used_bytes(server.data) - before
    live = sum(path.stat().st_blocks * 512 for path in home.rglob("*") if path.is_file())
    slowest = 0.0
    order = [*states, *reversed(states)]
    for seq in order:
        began = time.monotonic()
        call = ("restore", "files/anna", "--at", f"seq-{seq}", "--over-others", "--json")
        said = json.loads(server.call(*call, seconds=PATIENCE_SECONDS))
        slowest = max(slowest, time.monotonic() - began)
        assert said["refused"] == []
        assert tree(home) == states[seq], seq
    what = f"{FILES:,} real files, {in_mib(size)}"
    note(f"{kind}: recorded and covered", what, f"cp {copied:.0f} s, all safe {recorded:.0f} s after its begin")
    note(
        f"{kind}: disk", what,
        f"{in_mib(first_used)} with the first state, {in_mib(last_used)} with three, live tree {in_mib(live)}",
    )  # fmt: skip
    note(
        f"{kind}: every former state",
        f"{len(states)} states, {len(order)} restores",
        f"to the byte; slowest {slowest:.0f} s",
    )


def copy_real_files(target: Path) -> int:
    """Copy real files with cp, a hundred to a folder, and return their bytes."""
    size, chosen = 0, []
    for path in real_files():
        if path.stat().st_size <= LARGEST_BYTES:
            chosen.append(path)
            size += path.stat().st_size
        if len(chosen) == FILES:
            break
    for number in range(0, len(chosen), 100):
        folder = target / f"{number // 100:03}"
        folder.mkdir(parents=True)
        subprocess.run(["cp", "--backup=numbered", *map(str, chosen[number : number + 100]), str(folder)], check=True)
    return size
