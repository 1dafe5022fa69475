"""The rows of files: one function per row, each checks its answers and returns a block."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from urllib.parse import quote

from tests.bench import answers
from tests.bench.answers import Wrong, expect, multistatus
from tests.bench.figures import Block
from tests.bench.places import Place
from tests.bench.wire import Answer, Connection, Request, ask, in_parallel

SMALL_BODIES = tuple(random.Random(number).randbytes(4096 + number * 960) for number in range(64))
"""64 bodies of 4 to 64 KB"""
TREE_FOLDERS, TREE_FILES_EACH = 40, 25
LISTED = (
    f"{answers.OPENING}<propfind {answers.SPACES}><prop><resourcetype/><getetag/><getcontentlength/>"
    "<getlastmodified/></prop></propfind>"
)


def list_folder(place: Place) -> Block:
    """List the folder of many files, as a file app does."""
    request = Request("PROPFIND", place.href, LISTED.encode(), f"{answers.XML}Depth: 1\r\n")
    expected = {*place.members, place.href.rstrip("/").rpartition("/")[2]}

    def check(answer: Answer) -> None:
        found = set(multistatus(answer).rows)
        if found != expected:
            raise Wrong(f"{len(expected - found)} of {len(expected)} are missing, {len(found - expected)} too many")

    return place.series(lambda connection: connection.ask(request), check)


def first_byte(place: Place) -> Block:
    """Do the same, and stop the clock at the first octet."""
    request = Request("PROPFIND", place.href, LISTED.encode(), f"{answers.XML}Depth: 1\r\n")

    def step(connection: Connection) -> Answer:
        answer = connection.ask(request)
        return replace(answer, wall_s=answer.first_byte_s)

    return place.series(step, lambda answer: expect(answer, 207))


def put_small(place: Place) -> Block:
    """PUT new small files one after the other."""
    new = _small_files(place)
    block = place.series(lambda connection: connection.ask(next(new)), _expect_created)
    return _read_back(place, block)


def put_small_by_eight(place: Place) -> Block:
    """The same over 8 connections."""
    return _read_back(place, place.crowd(_small_files(place), 8, _expect_created))


def put_large(place: Place) -> Block:
    """PUT the large file, over the one of the round before."""

    def check(answer: Answer) -> None:
        expect(answer, 201, 204)
        told = ask(place.server.address, Request("HEAD", _large(place))).headers.get("content-length")
        if told != str(place.limits.large.stat().st_size):
            raise Wrong(f"the large file has {told} octets after its PUT")

    return place.series(lambda connection: connection.upload(_large(place), place.limits.large), check, most=1)


def get_large(place: Place) -> Block:
    """GET the large file."""
    size = place.limits.large.stat().st_size

    def check(answer: Answer) -> None:
        expect(answer, 200)
        if answer.body_bytes != size:
            raise Wrong(f"{answer.body_bytes} octets came, not {size}")

    with Connection(place.server.address) as connection:
        if connection.ask(Request("HEAD", _large(place))).status == 404:
            expect(connection.upload(_large(place), place.limits.large), 201)
    return place.series(lambda connection: connection.download(_large(place)), check, most=2)


def move_tree(place: Place) -> Block:
    """MOVE a tree of 1,000 files to another name, and back."""
    if "tree" not in place.notes:
        _make_tree(place)

    def step(connection: Connection) -> Answer:
        here = place.notes["tree"]
        there = "tree-b" if here == "tree-a" else "tree-a"
        place.notes["tree"] = there
        to = f"http://{place.server.address.host}:{place.server.address.port}{_home(place)}{there}/"
        return connection.ask(Request("MOVE", f"{_home(place)}{here}/", headers=f"Destination: {to}\r\n"))

    block = place.series(step, lambda answer: expect(answer, 201, 204), most=40)
    inside = f"{_home(place)}{place.notes['tree']}/{TREE_FOLDERS - 1:02d}/{TREE_FILES_EACH - 1:02d}.txt"
    expect(ask(place.server.address, Request("GET", inside)), 200)
    return block


def _make_tree(place: Place) -> None:
    place.notes["tree"] = "tree-a"
    root = f"{_home(place)}tree-a/"
    folders = [root, *(f"{root}{number:02d}/" for number in range(TREE_FOLDERS))]
    for folder in folders:
        expect(ask(place.server.address, Request("MKCOL", folder)), 201)
    files = (f"{folder}{number:02d}.txt" for folder in folders[1:] for number in range(TREE_FILES_EACH))
    for _, answer in in_parallel(place.server.address, (Request("PUT", file, b"leaf") for file in files), 8):
        expect(answer, 201)


def _small_files(place: Place) -> Iterator[Request]:
    """Yield PUTs of files that are not there yet, in a folder of this round's own."""
    number = len(place.notes)
    folder = f"{_home(place)}small-{number}/"
    place.notes[f"small-{number}"] = folder
    expect(ask(place.server.address, Request("MKCOL", folder)), 201)
    bodies = SMALL_BODIES
    return (Request("PUT", f"{folder}{quote(f'사진 {at}.jpg')}", bodies[at % len(bodies)]) for at in count())


def _read_back(place: Place, block: Block) -> Block:
    """Return the block when the last file of the newest folder is what was sent, else raise Wrong."""
    folder = next(reversed(place.notes.values()))
    last = block.operations - 1
    answer = ask(place.server.address, Request("GET", f"{folder}{quote(f'사진 {last}.jpg')}"))
    if expect(answer, 200).body != SMALL_BODIES[last % len(SMALL_BODIES)]:
        raise Wrong("a small file is not what was sent")
    return block


def _expect_created(answer: Answer) -> None:
    expect(answer, 201)


def _home(place: Place) -> str:
    return place.server.home("files")


def _large(place: Place) -> str:
    return f"{_home(place)}large.bin"
