"""Random histories, and the plain dictionaries that they are held against.

`FileHistory` writes files and folders through our own doors, behind our back and by the sweeper; its model is a path
to octets, nothing of the ledger. `CardHistory` does the same with the cards of two address books.
"""

from __future__ import annotations

import os
import random
from dataclasses import dataclass, field

from appliance.store import objects, queries, subtree
from appliance.store.database import Reading
from appliance.store.files import Folder
from appliance.store.ledger import Author, Member
from tests.store.shelves import ANNA, Shelves, digest_of

Path = tuple[str, ...]
Tree = dict[Path, bytes | None]

NAMES = ("a", "b", "c", "가족")
THE_OTHER_PHONE = Author(1, 6)


def below(tree: Tree, top: Path) -> list[Path]:
    """The paths at and below `top`."""
    return [path for path in tree if path[: len(top)] == top]


@dataclass
class FileHistory:
    """Changes below a home. `states` holds the whole tree at each seq that a token may have named."""

    shelves: Shelves
    chosen: random.Random
    tree: Tree = field(default_factory=dict)
    states: dict[int, Tree] = field(default_factory=dict)
    written: int = 0
    lost: set[bytes] = field(default_factory=set)  # what the disk alone had when somebody took it away

    def run(self, steps: int) -> None:
        self._remember()
        acts = [self.put] * 5 + [self.make] * 3 + [self.delete] * 2 + [self.move] * 6 + [self.copy] + [self.swap] * 2
        acts += [self.edit_behind, self.remove_behind, self.sweep, self.there_and_back]
        for _ in range(steps):
            self.chosen.choice(acts)()
            self._remember()
        self.shelves.sweeper.sweep()

    def _remember(self) -> None:
        self.states[queries.newest_seq(self.shelves.reading)] = dict(self.tree)

    def _folders(self) -> list[Path]:
        return [(), *(path for path, body in self.tree.items() if body is None)]

    def _some_folder(self) -> Path:
        return self.chosen.choice([path for path in self._folders() if len(path) < 4])

    def _some_path(self) -> Path:
        return (*self._some_folder(), self.chosen.choice(NAMES))

    def _body(self) -> bytes:
        self.written += 1
        return self.chosen.choice([b"", b"the same everywhere", f"body {self.written}".encode()])

    def _forget(self, top: Path) -> None:
        for path in below(self.tree, top):
            del self.tree[path]

    def put(self) -> None:
        path, body = self._some_path(), self._body()
        if self.tree.get(path, b"") is not None:
            self.shelves.put(path[-1], body, folder=self.shelves.folder(*path[:-1]))
            self.tree[path] = body

    def make(self) -> None:
        path = self._some_path()
        if path not in self.tree:
            self.shelves.make(path[-1], folder=self.shelves.folder(*path[:-1]))
            self.tree[path] = None

    def delete(self) -> None:
        if self.tree:
            path = self.chosen.choice(sorted(self.tree))
            self.shelves.delete(path[-1], folder=self.shelves.folder(*path[:-1]))
            self._forget(path)

    def move(self) -> None:
        if self.tree:
            self._move(self.chosen.choice(sorted(self.tree)), self._some_path())

    def _move(self, source: Path, target: Path) -> None:
        if target[: len(source)] == source or source[: len(target)] == target:
            return
        author = self.chosen.choice([ANNA, THE_OTHER_PHONE])
        self.shelves.move(source, target, author=author)
        self._forget(target)
        for path in below(self.tree, source):
            self.tree[(*target, *path[len(source) :])] = self.tree.pop(path)

    def copy(self) -> None:
        if self.tree:
            source, target = self.chosen.choice(sorted(self.tree)), self._some_path()
            if target[: len(source)] == source or source[: len(target)] == target or len(self.tree) > 60:
                return
            self.shelves.copy(source, target)
            self._forget(target)
            self.tree |= {(*target, *path[len(source) :]): self.tree[path] for path in below(self.tree, source)}

    def swap(self) -> None:
        """Two names are exchanged by way of a third, as people do it with folders."""
        if len(self.tree) > 1:
            one, other = self.chosen.sample(sorted(self.tree), 2)
            if one[: len(other)] != other and other[: len(one)] != one:
                self._move(one, ("between",))
                self._move(other, one)
                self._move(("between",), other)

    def there_and_back(self) -> None:
        if self.tree:
            path = self.chosen.choice(sorted(self.tree))
            self._move(path, ("away",))
            if ("away",) in self.tree and path not in self.tree:
                self._move(("away",), path)

    def edit_behind(self) -> None:
        files = sorted(path for path, body in self.tree.items() if body is not None)
        if files:
            path, body = self.chosen.choice(files), self._body()
            self.lost.add(self.tree[path] or b"")
            self.shelves.path(*path).write_bytes(body)
            self.tree[path] = body
        self._add_behind()
        self.shelves.scan()

    def _add_behind(self) -> None:
        path, body = self._some_path(), self._body()
        if path not in self.tree:
            self.shelves.path(*path).write_bytes(body)
            self.tree[path] = body

    def remove_behind(self) -> None:
        files = sorted(path for path, body in self.tree.items() if body is not None)
        if files:
            path = self.chosen.choice(files)
            os.unlink(self.shelves.path(*path))
            self.lost.add(self.tree.pop(path) or b"")
            if self.chosen.random() < 0.5:
                self.tree[path] = self._body()
                self.shelves.put(path[-1], self.tree[path] or b"", folder=self.shelves.folder(*path[:-1]))
        self.shelves.scan()

    def sweep(self) -> None:
        self.shelves.sweeper.sweep()


@dataclass
class CardHistory:
    """Changes of cards. The model is, for each book, name to octets."""

    shelves: Shelves
    chosen: random.Random
    books: dict[int, dict[str, bytes]] = field(default_factory=dict)
    uids: dict[int, dict[str, str]] = field(default_factory=dict)
    states: dict[int, dict[int, dict[str, bytes]]] = field(default_factory=dict)
    written: int = 0

    def run(self, steps: int) -> None:
        for book in (self.shelves.book, self.shelves.second_book):
            self.books[book], self.uids[book] = {}, {}
        self._remember()
        acts = [self.put] * 5 + [self.delete] * 2 + [self.move] * 2 + [self.rename] * 2 + [self.copy, self.announce]
        for _ in range(steps):
            self.chosen.choice(acts)()
            self._remember()

    def _remember(self) -> None:
        seq = queries.newest_seq(self.shelves.reading)
        self.states[seq] = {book: dict(names) for book, names in self.books.items()}

    def _some(self) -> tuple[int, str] | None:
        book = self.chosen.choice(list(self.books))
        names = sorted(self.books[book])
        return (book, self.chosen.choice(names)) if names else None

    def _free_name(self, book: int) -> str | None:
        free = [f"{n}.vcf" for n in range(8) if f"{n}.vcf" not in self.books[book]]
        return self.chosen.choice(free) if free else None

    def put(self) -> None:
        book = self.chosen.choice(list(self.books))
        name = f"{self.chosen.randrange(8)}.vcf"
        uid = self.uids[book].get(name)
        if uid is None:
            free = [u for u in "PQRSTUVWX" if u not in self.uids[book].values()]
            uid = self.chosen.choice(free)
        self.written += 1
        body = f"{uid} {self.written // 2}".encode()
        self.shelves.put_card(name, body, uid, book=book)
        self.books[book][name], self.uids[book][name] = body, uid

    def delete(self) -> None:
        some = self._some()
        if some is not None:
            self.shelves.delete_card(some[1], book=some[0])
            del self.books[some[0]][some[1]], self.uids[some[0]][some[1]]

    def rename(self) -> None:
        some = self._some()
        name = None if some is None else self._free_name(some[0])
        if some is not None and name is not None:
            self._transfer(some, (some[0], name), moved=True)

    def move(self) -> None:
        self._to_the_other_book(moved=True)

    def copy(self) -> None:
        self._to_the_other_book(moved=False)

    def _to_the_other_book(self, *, moved: bool) -> None:
        some = self._some()
        if some is None:
            return
        (other,) = self.books.keys() - {some[0]}
        uid = self.uids[some[0]][some[1]]
        held = [name for name, held_uid in self.uids[other].items() if held_uid == uid]
        name = held[0] if held else self._free_name(other)
        if name is not None:
            self._transfer(some, (other, name), moved=moved)

    def _transfer(self, source: tuple[int, str], target: tuple[int, str], *, moved: bool) -> None:
        act = objects.move if moved else objects.copy
        transfer = objects.Transfer(source[0], source[1], target[0], target[1], overwrite=True)
        act(self.shelves.ledger, ANNA, transfer, check=lambda *_: None)
        body, uid = self.books[source[0]][source[1]], self.uids[source[0]][source[1]]
        if moved:
            del self.books[source[0]][source[1]], self.uids[source[0]][source[1]]
        self.books[target[0]][target[1]], self.uids[target[0]][target[1]] = body, uid

    def announce(self) -> None:
        some = self._some()
        if some is not None:
            with self.shelves.ledger.write(ANNA) as page:
                member = queries.members_named(page.writing.connection, some[0])[0]
                page.announce(member)


def walked(shelves: Shelves, folder_id: int, seq: int | None) -> Tree:
    """The paths below a folder as the ledger has them now, or had them at `seq`; a body is its digest."""
    found: Tree = {}

    def walk(reading: Reading, id_: int, above: Path) -> None:
        members: list[Member]
        members = queries.members_named(reading, id_) if seq is None else queries.state_at(reading, id_, seq)
        for member in members:
            path = (*above, member.name)
            found[path] = None if member.kind == "folder" else digest_of(reading, member)
            if member.kind == "folder":
                walk(reading, member.resource_id, path)

    with shelves.database.read() as reading:
        walk(reading, folder_id, ())
    return found


def applied(report: list[subtree.Change], then: Tree, now: Tree) -> Tree:
    """What a client has that had `then`, takes the report, and fetches what is reported as changed."""
    client = dict(then)
    for change in (change for change in report if change.is_gone):
        for path in below(client, change.names):
            del client[path]
    for change in (change for change in report if not change.is_gone):
        body = now[change.names]
        assert change.is_folder is (body is None), change
        if body is not None or client.get(change.names, b"") is not None:
            for path in below(client, change.names):
                del client[path]  # another kind of thing has this name now
        client[change.names] = body
    return client


def reports_since(shelves: Shelves, folder: Folder, since: int) -> list[subtree.Change]:
    assert folder.collection_id is not None
    with shelves.database.read() as reading:
        return subtree.everything_since(reading, folder.collection_id, since, with_gone=True)
