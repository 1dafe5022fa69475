"""An import ended before any of its calls to the disk or to SQLite: the same import brings the rest, undo takes it all.

A sample of the calls, another one each time.
"""

from __future__ import annotations

import contextlib
import io
import json
import random
from pathlib import Path

import pytest

from appliance.cli import gotgan
from appliance.store import rebuild
from appliance.store.database import Database
from tests.cli.test_import import BOOK, card
from tests.cutting import count_calls, cut_at
from tests.store.shelves import quick_folder

SAMPLE = 5
CARDS = 1203  # three commits
PHOTO = "PHOTO;ENCODING=b:" + "A" * 70_000  # too large for a row


def call(data: Path, *words: str) -> str:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        gotgan.main(args=[*words, "--data", str(data)], standalone_mode=False)
    return said.getvalue()


def make_cards(folder: Path) -> Path:
    source = folder / "in.vcf"
    made = [card(f"u{number:04}", *([PHOTO, f"X-N:{number}"] if number % 300 == 0 else [])) for number in range(CARDS)]
    source.write_text("".join(made), newline="")
    return source


def make_tree(folder: Path) -> Path:
    root = folder / "in"
    (root / "deep" / "er").mkdir(parents=True)
    for number, path in enumerate((root / "a.txt", root / "deep" / "b.bin", root / "deep" / "er" / "c.txt")):
        path.write_bytes(b"x" * (70_000 if path.suffix == ".bin" else number))
    return root


@pytest.mark.parametrize(
    ("make", "into", "all_of_it"),
    [pytest.param(make_cards, BOOK, CARDS, id="cards"), pytest.param(make_tree, "files/anna/in", 3, id="tree")],
)
def test_an_import_that_was_cut_off_is_gone_on_with(make: object, into: str, all_of_it: int) -> None:
    assert callable(make)
    with quick_folder() as folder:
        prepared = folder / "prepared"
        call(prepared, "person", "add", "anna")
        words = ("import", str(make(folder)), "--into", into, "--json")
        calls = count_calls(prepared, folder, lambda data: call(data, *words))
        for cut, data in cut_at(
            prepared, folder, lambda data: call(data, *words), random.sample(range(calls), min(SAMPLE, calls))
        ):
            kept = _count(data)
            report = json.loads(call(data, *words))
            counts = report["counts"]
            assert counts["new"] + counts["same"] == all_of_it, cut
            assert counts["changed"] == report["left_out"]["count"] == 0, cut
            assert counts["same"] == kept, cut
            assert json.loads(call(data, *words))["counts"]["same"] == all_of_it
            _require_one_batch(data, cut)
            call(data, "undo", str(_batches(data)[-1]))
            assert _count(data) == 0, cut
            assert [path for path in (data / "files" / "anna").rglob("*") if path.is_file()] == [], cut


def _count(data: Path) -> int:
    database = Database(data / "gotgan.db")
    try:
        assert rebuild.differences(database.connection()) == []
        row = database.connection().execute("SELECT count(*) FROM member WHERE kind IN ('card', 'file')")
        return int(row.fetchone()[0])
    finally:
        database.close()


def _batches(data: Path) -> list[int]:
    database = Database(data / "gotgan.db")
    try:
        rows = database.connection().execute("SELECT DISTINCT batch_id FROM version WHERE batch_id IS NOT NULL")
        return [row[0] for row in rows]
    finally:
        database.close()


def _require_one_batch(data: Path, cut: int) -> None:
    """Both halves of an import are one batch, unless the first had no time to write anything."""
    assert len(_batches(data)) == 1, cut
