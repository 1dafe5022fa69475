"""The ledger against models that keep every state: what sync reports, what time travel sees, what is derived."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.store import content, queries, rebuild
from appliance.store.content import digest_of
from appliance.store.database import Reading
from appliance.store.ledger import Member
from appliance.store.queries import Gone
from tests.store.histories import CardHistory, FileHistory, Tree, applied, below, reports_since, walked
from tests.store.shelves import Shelves, TurnedClock, quick_folder

FILE_STEPS = 90
CARD_STEPS = 250


class Histories:
    """One history for each seed, made when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[int, FileHistory] = {}
        self._cards: dict[int, CardHistory] = {}

    def _shelves(self, name: str) -> Shelves:
        (self._folder / name).mkdir()
        return Shelves(self._folder / name, TurnedClock())

    def files(self, seed: int) -> FileHistory:
        if seed not in self._files:
            self._files[seed] = FileHistory(self._shelves(f"files {seed}"), random.Random(seed))
            self._files[seed].run(FILE_STEPS)
        return self._files[seed]

    def cards(self, seed: int) -> CardHistory:
        if seed not in self._cards:
            self._cards[seed] = CardHistory(self._shelves(f"cards {seed}"), random.Random(seed))
            self._cards[seed].run(CARD_STEPS)
        return self._cards[seed]

    def close(self) -> None:
        for shelves in (
            *(history.shelves for history in self._files.values()),
            *(history.shelves for history in self._cards.values()),
        ):
            shelves.close()


@pytest.fixture(scope="module")
def histories() -> Iterator[Histories]:
    with quick_folder() as folder:
        made = Histories(folder)
        yield made
        made.close()


@pytest.fixture(params=range(4))
def files(request: pytest.FixtureRequest, histories: Histories) -> FileHistory:
    return histories.files(request.param)


@pytest.fixture(params=range(4))
def cards(request: pytest.FixtureRequest, histories: Histories) -> CardHistory:
    return histories.cards(request.param)


def digests(tree: Tree) -> Tree:
    return {path: None if body is None else digest_of(body) for path, body in tree.items()}


def test_the_disk_has_what_the_model_has(files: FileHistory) -> None:
    assert files.shelves.tree() == files.tree
    assert files.shelves.leftovers() == []


def test_the_ledger_has_every_earlier_tree(files: FileHistory) -> None:
    home = files.shelves.home.collection_id
    assert home is not None
    for seq, tree in files.states.items():
        assert walked(files.shelves, home, seq) == digests(tree), seq
    assert walked(files.shelves, home, None) == digests(files.tree)


def test_a_report_from_any_earlier_state_leads_to_todays_paths(files: FileHistory) -> None:
    for since, then in files.states.items():
        report = reports_since(files.shelves, files.shelves.home, since)
        names = [change.names for change in report]
        assert len(names) == len(set(names)), since
        assert applied(report, then, files.tree) == files.tree, since


def test_a_report_about_one_folder_concerns_what_is_below_it(files: FileHistory) -> None:
    """Only where the folder had the same address then: another one has another token."""
    shelves = files.shelves
    for top in [path for path, body in files.tree.items() if body is None]:
        folder = shelves.folder(*top)
        now = {path[len(top) :]: files.tree[path] for path in below(files.tree, top) if path != top}
        for since, tree in files.states.items():
            address = address_at(shelves.reading, folder.collection_id or 0, since)
            if address is None:
                continue
            then = {path[len(address) :]: tree[path] for path in below(tree, address) if path != address}
            assert applied(reports_since(shelves, folder, since), then, now) == now, (top, since)


def address_at(reading: Reading, resource_id: int, seq: int) -> tuple[str, ...] | None:
    """Where a folder was below the home at `seq`; None: nowhere."""
    row = reading.execute(
        "SELECT collection_id, name, alive FROM version WHERE resource_id = ? AND seq <= ? ORDER BY seq DESC LIMIT 1",
        (resource_id, seq),
    ).fetchone()
    if row is None or not row["alive"]:
        return None
    kind = reading.execute("SELECT kind FROM collection WHERE id = ?", (row["collection_id"],)).fetchone()["kind"]
    if kind == "home":
        return (row["name"],)
    above = address_at(reading, row["collection_id"], seq)
    return None if above is None else (*above, row["name"])


def test_the_ledger_has_every_earlier_state_of_both_books(cards: CardHistory) -> None:
    for seq, books in cards.states.items():
        for book, names in books.items():
            assert bodies_at(cards.shelves.reading, book, seq) == names, (book, seq)


def bodies_at(reading: Reading, book: int, seq: int) -> dict[str, bytes]:
    return {
        member.name: reading.execute("SELECT body FROM content WHERE id = ?", (member.content_id,)).fetchone()[0]
        for member in queries.state_at(reading, book, seq)
    }


def test_paging_from_any_earlier_state_loses_nothing(cards: CardHistory) -> None:
    chosen = random.Random(1)
    for since, books in cards.states.items():
        for book, then in books.items():
            client = dict(then)
            for page in pages(cards.shelves.reading, book, since, chosen.randint(1, 8)):
                for row in page:
                    if isinstance(row, Gone):
                        client.pop(row.name, None)
                    else:
                        client[row.name] = cards.books[book][row.name]
            assert client == cards.books[book], (book, since)


def test_a_first_walk_in_pages_starts_with_living_members_only(cards: CardHistory) -> None:
    for book, names in cards.books.items():
        first, *others = pages(cards.shelves.reading, book, 0, 2)
        assert not any(isinstance(row, Gone) for row in first)
        met = {row.name for page in (first, *others) for row in page}
        assert names.keys() <= met


def pages(reading: Reading, book: int, since: int, limit: int) -> Iterator[list[Member | Gone]]:
    """The pages of one walk, as a client with a limit asks for them."""
    with_gone = since > 0
    while True:
        rows = queries.changes(reading, book, since, limit, with_gone=with_gone)
        yield rows[:limit]
        if len(rows) <= limit:
            return
        since, with_gone = rows[limit - 1].seq, True


def test_the_derived_tables_are_what_the_ledger_says(files: FileHistory) -> None:
    assert rebuild.differences(files.shelves.reading) == []


def test_the_derived_tables_of_books_are_what_the_ledger_says(cards: CardHistory) -> None:
    assert rebuild.differences(cards.shelves.reading) == []


@pytest.fixture(params=["files 0", "files 1", "files 2", "files 3", "cards 0", "cards 1"])
def reading(request: pytest.FixtureRequest, histories: Histories) -> Reading:
    kind, _, seed = request.param.partition(" ")
    if kind == "files":
        return histories.files(int(seed)).shelves.reading
    return histories.cards(int(seed)).shelves.reading


def test_a_resource_has_one_open_row_and_a_name_one_living_open_row(reading: Reading) -> None:
    twice = "SELECT count(*) FROM (SELECT 1 FROM version WHERE until_seq IS NULL {} HAVING count(*) > 1)"
    assert reading.execute(twice.format("GROUP BY resource_id")).fetchone()[0] == 0
    assert reading.execute(twice.format("AND alive = 1 GROUP BY collection_id, name")).fetchone()[0] == 0


def test_a_row_ends_with_the_next_row_of_its_resource(reading: Reading) -> None:
    wrong = reading.execute(
        "SELECT v.seq, v.until_seq FROM version v WHERE v.until_seq IS NOT"
        " (SELECT min(n.seq) FROM version n WHERE n.resource_id = v.resource_id AND n.seq > v.seq)"
    ).fetchall()
    assert [tuple(row) for row in wrong] == []


def test_no_member_has_a_body_that_is_nowhere(reading: Reading) -> None:
    missing = reading.execute(
        "SELECT m.name FROM member m LEFT JOIN content c ON c.id = m.content_id"
        " WHERE m.content_id IS NOT NULL AND (c.id IS NULL OR c.place = 'none')"
    ).fetchall()
    assert [tuple(row) for row in missing] == []


def test_every_version_of_a_file_can_be_read(files: FileHistory) -> None:
    """But for what was overwritten or removed behind our back, where the disk had the only copy."""
    rows = files.shelves.reading.execute("SELECT digest, place FROM content").fetchall()
    live = {digest_of(body) for body in files.tree.values() if body is not None}
    assert {row["digest"] for row in rows if row["place"] == "live"} <= live
    assert {row["digest"] for row in rows if row["place"] == "none"} <= {digest_of(body) for body in files.lost}
    kept = [row["digest"] for row in rows if row["place"] not in ("live", "none")]
    assert kept and all(is_readable(files.shelves, digest) for digest in kept)


def is_readable(shelves: Shelves, digest: bytes) -> bool:
    row = content.row_with(shelves.reading, digest)
    assert row is not None
    if row.place == "row":
        return digest_of(content.inline_body(shelves.reading, row.id) or b"") == digest
    return shelves.blobs.verify(row)


def test_spoiled_derived_tables_are_told_and_rebuilt(shelves: Shelves) -> None:
    FileHistory(shelves, random.Random(7)).run(25)
    before = dump(shelves.reading)
    with shelves.database.write() as writing:
        writing.execute("UPDATE member SET seq = seq - 1, nfc = 'x' WHERE kind = 'file'")
        writing.execute("DELETE FROM gone")
        writing.execute("UPDATE collection SET subtree_bytes = subtree_bytes + 1, member_seq = 0 WHERE kind = 'home'")
        writing.execute("UPDATE resource SET alive = 1 - alive WHERE kind <> 'root'")
    told = {difference.table for difference in rebuild.differences(shelves.reading)}
    assert told == {"member", "gone", "collection", "resource"}
    with shelves.database.write() as writing:
        rebuild.rebuild(writing)
    assert rebuild.differences(shelves.reading) == []
    assert dump(shelves.reading) == before


def dump(reading: Reading) -> dict[str, list[tuple[object, ...]]]:
    tables = ("member", "gone", "collection", "resource")
    return {table: sorted(map(tuple, reading.execute(f"SELECT * FROM {table}")), key=repr) for table in tables}
