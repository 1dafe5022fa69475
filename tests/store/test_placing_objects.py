"""A `Wanted` carried out for cards, events, books and mounts: what changes, what is refused, and what follows along."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from appliance import errors
from appliance.store import (
    batches,
    collections,
    content,
    mounts,
    objects,
    placing,
    placing_objects,
    properties,
    queries,
    rebuild,
    spans,
)
from appliance.store.ledger import Author, Member, member_at, member_of
from appliance.store.placing import Home, NewBody, Placed, Shown, Wanted
from appliance.store.placing_objects import Ready
from tests.store.histories import CardHistory
from tests.store.shelves import ANNA, Shelves

COLOUR = "{x:}colour"
RED, BLUE = "<x:colour>red</x:colour>", "<x:colour>blue</x:colour>"
THE_SHELL = Author(1, 9)


def ready(shelves: Shelves, body: bytes, uid: str, kind: str = "card") -> Ready:
    facts = spans.Facts(kind, uid, component="VEVENT", first_at=10, last_at=20, instances=((10, 20, "BUSY"),))
    return Ready(shelves.blobs.prepare(body), facts)


def wanted(
    member: Member, *, seen_seq: int, is_alive: bool = True, home: Home | None = None, body: NewBody | None = None,
    properties: tuple[tuple[str, str | None], ...] = (), shown: Shown | None = None,
) -> Wanted:  # fmt: skip
    return Wanted(member.resource_id, member.kind, seen_seq, is_alive, home, body, properties, shown)


def newest(shelves: Shelves, resource_id: int) -> int:
    return placing.standing_of(shelves.reading, resource_id).seq


def place(shelves: Shelves, what: Wanted, with_body: Ready | None = None) -> Placed:
    with shelves.ledger.write(THE_SHELL) as page:
        batch_id = batches.begin(page, "restore")
    return placing_objects.place(shelves.ledger, THE_SHELL, what, with_body, batch_id=batch_id, check=lambda *_: None)


def card(shelves: Shelves, name: str = "a.vcf", uid: str = "A", body: bytes = b"A 1") -> Member:
    shelves.put_card(name, body, uid)
    found = member_at(shelves.reading, shelves.book, name)
    assert found is not None
    return found


def end_of(shelves: Shelves, member: Member) -> Placed:
    return place(shelves, wanted(member, seen_seq=newest(shelves, member.resource_id), is_alive=False))


def rows_of(shelves: Shelves, resource_id: int) -> list[tuple[str, int]]:
    return [(op, alive) for op, alive, _ in shelves.versions(resource_id)]


# --- cards and events -------------------------------------------------------------------------------


def test_an_older_body_is_a_new_version_with_a_new_etag(shelves: Shelves) -> None:
    first = card(shelves)
    second = card(shelves, body=b"A 2")
    placed = place(shelves, wanted(first, seen_seq=second.seq, body=NewBody(first.content_id)),
                   ready(shelves, b"A 1", "A"))  # fmt: skip
    now = member_at(shelves.reading, shelves.book, "a.vcf")
    assert now is not None
    assert (now.content_id, now.seq, now.body_seq) == (first.content_id, placed.seq, placed.seq)
    assert now.body_seq not in (first.body_seq, second.body_seq)
    row = shelves.reading.execute("SELECT op, base_seq, device_id, batch_id FROM version ORDER BY seq DESC").fetchone()
    batch = shelves.reading.execute("SELECT id, first_seq, last_seq FROM batch").fetchone()
    assert tuple(row) == ("restore", second.body_seq, THE_SHELL.device_id, batch["id"])
    assert (batch["first_seq"], batch["last_seq"]) == (placed.seq, placed.seq)


def test_a_deleted_card_comes_back_under_its_old_id_with_its_properties(shelves: Shelves) -> None:
    gone = card(shelves)
    shelves.delete_card("a.vcf")
    token = queries.member_seq(shelves.reading, shelves.book)
    what = wanted(gone, seen_seq=newest(shelves, gone.resource_id), body=NewBody(gone.content_id),
                  properties=((COLOUR, RED),))  # fmt: skip
    placed = place(shelves, what, ready(shelves, b"A 1", "A"))
    now = member_at(shelves.reading, shelves.book, "a.vcf")
    assert now is not None and (now.resource_id, placed.name) == (gone.resource_id, "a.vcf")
    assert properties.of(shelves.reading, gone.resource_id) == {COLOUR: RED}
    changed = queries.changes(shelves.reading, shelves.book, token, None, with_gone=True)
    assert [row.name for row in changed] == ["a.vcf"]


def test_place_and_body_change_in_one_step(shelves: Shelves) -> None:
    first = card(shelves)
    second = card(shelves, body=b"A 2")
    home = Home(shelves.second_book, "b.vcf")
    placed = place(shelves, wanted(first, seen_seq=second.seq, home=home, body=NewBody(first.content_id)),
                   ready(shelves, b"A 1", "A"))  # fmt: skip
    now = member_of(shelves.reading, first.resource_id)
    assert now is not None and (now.collection_id, now.name, now.content_id) == (*vars_of(home), first.content_id)
    assert now.body_seq == placed.seq
    assert rows_of(shelves, first.resource_id)[-2:] == [("leave", 0), ("restore", 1)]


def vars_of(home: Home) -> tuple[int, str]:
    return home.collection_id, home.name


def test_a_move_alone_keeps_the_etag(shelves: Shelves) -> None:
    first = card(shelves)
    place(shelves, wanted(first, seen_seq=first.seq, home=Home(shelves.second_book, "a.vcf")))
    now = member_of(shelves.reading, first.resource_id)
    assert now is not None and (now.collection_id, now.body_seq) == (shelves.second_book, first.body_seq)


def test_an_end_is_recoverable_and_an_end_of_an_end_writes_nothing(shelves: Shelves) -> None:
    member = card(shelves)
    first = end_of(shelves, member)
    assert first.name is None and member_of(shelves.reading, member.resource_id) is None
    assert end_of(shelves, member) == first


def test_properties_alone_move_neither_etag_nor_token(shelves: Shelves) -> None:
    member = card(shelves)
    token = queries.member_seq(shelves.reading, shelves.book)
    place(shelves, wanted(member, seen_seq=member.seq, properties=((COLOUR, RED),)))
    assert properties.of(shelves.reading, member.resource_id) == {COLOUR: RED}
    seq = newest(shelves, member.resource_id)
    place(shelves, wanted(member, seen_seq=seq, properties=((COLOUR, None),)))
    assert properties.of(shelves.reading, member.resource_id) == {}
    assert member_of(shelves.reading, member.resource_id) == member
    assert queries.member_seq(shelves.reading, shelves.book) == token


SAME: dict[str, Callable[[Shelves, Member], Wanted]] = {
    "nothing asked": lambda _, member: wanted(member, seen_seq=1),
    "its place": lambda shelves, member: wanted(member, seen_seq=1, home=Home(shelves.book, "a.vcf")),
    "its body": lambda _, member: wanted(member, seen_seq=1, body=NewBody(member.content_id)),
    "no property": lambda _, member: wanted(member, seen_seq=1, properties=((COLOUR, None),)),
}


@pytest.mark.parametrize("same", SAME)
def test_what_is_so_already_writes_nothing_even_when_it_changed_meanwhile(shelves: Shelves, same: str) -> None:
    member = card(shelves)
    before = queries.newest_seq(shelves.reading)
    what = SAME[same](shelves, member)
    body = ready(shelves, b"A 1", "A") if what.body else None
    assert place(shelves, what, body) == Placed(member.seq, "a.vcf")
    assert queries.newest_seq(shelves.reading) == before


def other_name(shelves: Shelves, member: Member) -> Wanted:
    card(shelves, "b.vcf", "B", b"B 1")
    return wanted(member, seen_seq=member.seq, home=Home(shelves.book, "b.vcf"))


def other_uid(shelves: Shelves, member: Member) -> Wanted:
    shelves.put_card("other.vcf", b"A 9", "A", book=shelves.second_book)
    return wanted(member, seen_seq=member.seq, home=Home(shelves.second_book, "free.vcf"))


def changed_since(shelves: Shelves, member: Member) -> Wanted:
    card(shelves, body=b"A 7")
    return wanted(member, seen_seq=member.seq, is_alive=False)


def into_a_calendar(shelves: Shelves, member: Member) -> Wanted:
    return wanted(member, seen_seq=member.seq, home=Home(shelves.calendar, "a.vcf"))


def into_a_deleted_book(shelves: Shelves, member: Member) -> Wanted:
    end_of(shelves, book_member(shelves, shelves.second_book))
    return wanted(member, seen_seq=member.seq, home=Home(shelves.second_book, "a.vcf"))


def a_home_moved(shelves: Shelves, member: Member) -> Wanted:
    book = book_member(shelves, shelves.book)
    home = member_of(shelves.reading, book.collection_id)
    assert home is not None
    return wanted(home, seen_seq=home.seq, home=Home(home.collection_id, "other"))


@pytest.mark.parametrize(
    ("refused", "as_error"),
    [
        (other_name, errors.NameTaken),
        (other_uid, errors.UidTaken),
        (changed_since, errors.ChangedSince),
        (into_a_calendar, errors.WrongPlace),
        (into_a_deleted_book, errors.NoParent),
        (a_home_moved, errors.WrongPlace),
    ],
    ids=lambda one: one.__name__,
)
def test_a_refusal_changes_nothing(
    shelves: Shelves, refused: Callable[[Shelves, Member], Wanted], as_error: type[errors.GotganError]
) -> None:
    what = refused(shelves, card(shelves))
    before = queries.newest_seq(shelves.reading)
    with pytest.raises(as_error):
        place(shelves, what)
    assert queries.newest_seq(shelves.reading) == before
    assert rebuild.differences(shelves.reading) == []


def test_a_check_that_refuses_leaves_everything_as_it_was(shelves: Shelves) -> None:
    member = card(shelves)

    def refuse(*_: object) -> None:
        raise errors.NotPermitted("You may not.", privilege="unbind", href="/")

    with pytest.raises(errors.NotPermitted):
        placing_objects.place(
            shelves.ledger, THE_SHELL, wanted(member, seen_seq=member.seq, is_alive=False), None, batch_id=None,
            check=refuse,
        )  # fmt: skip
    assert member_of(shelves.reading, member.resource_id) == member


def test_the_index_of_a_calendar_follows(shelves: Shelves) -> None:
    event = ready(shelves, b"event", "E", "event")
    objects.put(shelves.ledger, ANNA, shelves.calendar, "e.ics", event.prepared, event.facts, check=lambda *_: None)
    member = member_at(shelves.reading, shelves.calendar, "e.ics")
    assert member is not None
    indexed = dump_index(shelves)
    end_of(shelves, member)
    assert dump_index(shelves) == ([], [])
    seen = newest(shelves, member.resource_id)
    place(shelves, wanted(member, seen_seq=seen, body=NewBody(member.content_id)), event)
    assert dump_index(shelves) == indexed
    seen = newest(shelves, member.resource_id)
    place(shelves, wanted(member, seen_seq=seen, home=Home(shelves.calendar, "f.ics")))
    assert dump_index(shelves) == indexed


def dump_index(shelves: Shelves) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    read = shelves.reading.execute
    return [tuple(r) for r in read("SELECT * FROM span")], [tuple(r) for r in read("SELECT * FROM instance")]


# --- books and mounts -------------------------------------------------------------------------------


def book_member(shelves: Shelves, book: int) -> Member:
    found = member_of(shelves.reading, book)
    assert found is not None
    return found


def test_a_deleted_book_comes_back_whole_with_its_id_colour_and_totals(shelves: Shelves) -> None:
    card(shelves)
    card(shelves, "b.vcf", "B", b"B and more")
    book = book_member(shelves, shelves.book)
    place(shelves, wanted(book, seen_seq=book.seq, properties=((COLOUR, RED),)))
    token, bytes_ = queries.member_seq(shelves.reading, shelves.book), home_bytes(shelves)
    end_of(shelves, book)
    assert home_bytes(shelves) == 0
    home = Home(book.collection_id, "contacts 2")
    placed = place(shelves, wanted(book, seen_seq=newest(shelves, book.resource_id), home=home))
    assert placed.name == "contacts 2"
    assert properties.of(shelves.reading, shelves.book) == {COLOUR: RED}
    assert home_bytes(shelves) == bytes_ > 0
    assert queries.member_seq(shelves.reading, shelves.book) == token
    assert queries.changes(shelves.reading, shelves.book, token, None, with_gone=True) == []
    assert rebuild.differences(shelves.reading) == []


def home_bytes(shelves: Shelves) -> int:
    home = shelves.reading.execute("SELECT collection_id FROM resource WHERE id = ?", (shelves.book,)).fetchone()[0]
    row = collections.row_of(shelves.reading, home)
    assert row is not None
    return row.subtree_bytes


def test_a_book_does_not_leave_its_home(shelves: Shelves) -> None:
    book, calendar = book_member(shelves, shelves.book), book_member(shelves, shelves.calendar)
    with pytest.raises(errors.WrongPlace):
        place(shelves, wanted(book, seen_seq=book.seq, home=Home(calendar.collection_id, "contacts")))


def test_a_mount_comes_back_with_its_right_and_can_be_given_another(shelves: Shelves) -> None:
    home_id = book_member(shelves, shelves.book).collection_id
    with shelves.ledger.write(ANNA) as page:
        mount_id = mounts.add(page, home_id, "shared", shelves.calendar, "read")
    mount = book_member(shelves, mount_id)
    end_of(shelves, mount)
    assert mounts.of(shelves.reading, mount_id) is None
    place(shelves, wanted(mount, seen_seq=newest(shelves, mount_id)))
    assert mounts.of(shelves.reading, mount_id) == mounts.Mount(mount_id, shelves.calendar, "read")
    shown = Shown(shelves.second_book, "write")
    seq = newest(shelves, mount_id)
    placed = place(shelves, wanted(mount, seen_seq=seq, shown=shown))
    assert mounts.of(shelves.reading, mount_id) == mounts.Mount(mount_id, shelves.second_book, "write")
    assert place(shelves, wanted(mount, seen_seq=seq, shown=shown)).seq == placed.seq
    with pytest.raises(errors.WrongPlace):
        place(shelves, wanted(mount, seen_seq=placed.seq, shown=Shown(home_id, "read")))
    assert rebuild.differences(shelves.reading) == []


# --- against the model ------------------------------------------------------------------------------


class RestoringHistory(CardHistory):
    """Cards as before, and now and then one is made to be as it was at some row, or ended."""

    def run(self, steps: int) -> None:
        super().run(steps // 2)
        for _ in range(steps // 2):
            self.chosen.choice([self.take_back] * 4 + [self.put, self.delete, self.move, self.rename])()
            self._remember()

    def take_back(self) -> None:
        row = self.chosen.choice(
            self.shelves.reading.execute(
                "SELECT v.resource_id, v.collection_id, v.name, v.alive, v.content_id, c.body FROM version v"
                " JOIN resource r ON r.id = v.resource_id LEFT JOIN content c ON c.id = v.content_id"
                " WHERE r.kind = 'card'"
            ).fetchall()
        )
        was = member_of(self.shelves.reading, row["resource_id"])  # the model knows names only
        own = None if was is None else Home(was.collection_id, was.name)
        seen = newest(self.shelves, row["resource_id"])
        if not row["alive"]:
            place(self.shelves, Wanted(row["resource_id"], "card", seen, is_alive=False))
            self._forget(own)
            return
        home, uid = Home(row["collection_id"], row["name"]), row["body"].split()[0].decode()
        what = Wanted(row["resource_id"], "card", seen, True, home, NewBody(row["content_id"]))
        if not self._is_free(home, uid, but=own):
            with pytest.raises((errors.NameTaken, errors.UidTaken)):
                place(self.shelves, what, ready(self.shelves, row["body"], uid))
            return
        place(self.shelves, what, ready(self.shelves, row["body"], uid))
        self._forget(own)
        self.books[home.collection_id][home.name] = row["body"]
        self.uids[home.collection_id][home.name] = uid

    def _is_free(self, home: Home, uid: str, *, but: Home | None) -> bool:
        book = home.collection_id
        held = {name: held for name, held in self.uids[book].items() if Home(book, name) != but}
        return home.name not in held and uid not in held.values()

    def _forget(self, own: Home | None) -> None:
        if own is not None:
            del self.books[own.collection_id][own.name], self.uids[own.collection_id][own.name]


@pytest.mark.parametrize("seed", range(4))
def test_random_takings_back_are_what_the_model_says(shelves: Shelves, seed: int) -> None:
    history = RestoringHistory(shelves, random.Random(seed))
    history.run(240)
    assert rebuild.differences(shelves.reading) == []
    for book, names in history.books.items():
        now = {
            member.name: content.inline_body(shelves.reading, member.content_id or 0)
            for member in queries.members_named(shelves.reading, book)
        }
        assert now == names
    for since, books in history.states.items():  # a client with any earlier state gets today's
        for book, then in books.items():
            client = dict(then)
            for row in queries.changes(shelves.reading, book, since, None, with_gone=True):
                if isinstance(row, queries.Gone):
                    client.pop(row.name, None)
                else:
                    client[row.name] = history.books[book][row.name]
            assert client == history.books[book], (book, since)
