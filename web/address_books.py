"""What the pages of contacts show: the books of a person, one book as a list, one card.

Everything is asked through the visitor's address space, so nothing is shown that was not shared with them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from appliance import errors, korean
from appliance.clock import from_micros
from appliance.history.actors import Actors
from appliance.household import people
from appliance.household.people import Person
from appliance.objects.faces import glimpse, name_in, reached_by
from appliance.store import objects, queries, summaries
from appliance.store.ended import Ended, ended_count, ended_in
from appliance.tree.actors import actors
from appliance.tree.address_book import AddressBook
from appliance.tree.homes import Home
from appliance.tree.object_collection import ObjectCollection
from appliance.tree.object_member import ObjectMember
from web import card_lists
from web.card_lists import Entry, Letter
from web.doers import doer_of
from web.visitor import visitor

NODE = "addressbooks"


@dataclass(frozen=True, slots=True)
class Book:
    """A book as a list of books shows it."""

    address: str
    name: str
    count: int
    owner: Person | None  # None: the visitor
    may_write: bool = True
    deleted_at: datetime | None = None
    deleted_by: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One contact in a list; `book` is named where several are searched. `deleted_at` None: it is there."""

    address: str
    title: str
    reach: str
    has_photo: bool
    book: str = ""
    deleted_at: datetime | None = None
    deleted_by: str = ""
    is_kept: bool = True  # False: deleted, and its octets are not kept any more


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list. `first` is the number of its first entry among `found`."""

    rows: list[Row]
    letters: list[Letter]
    first: int
    found: int
    deleted: int = 0

    @property
    def letter(self) -> Letter | None:
        """The letter of the index that the first entry stands under."""
        return next((each for each in reversed(self.letters) if each.first <= self.first), None)

    @property
    def next_first(self) -> int | None:
        """The number of the entry after the last one that is shown; None: there is none."""
        return self.first + card_lists.WINDOW if self.first + card_lists.WINDOW < self.found else None

    @property
    def former_first(self) -> int | None:
        """The number of the first entry of the page before; None: this is the first."""
        return max(0, self.first - card_lists.WINDOW) if self.first else None


# --- books ------------------------------------------------------------------------------------------


def living() -> list[AddressBook]:
    """Return all books that the visitor may look at, each once: their own home first, then the household's."""
    found: dict[int, AddressBook] = {}
    for slug in (visitor().member.name, people.HOUSEHOLD_SLUG):
        for book in visitor().site.home((NODE, slug)).members():
            if isinstance(book, AddressBook):
                found.setdefault(book.collection_id, book)
    return list(found.values())


def told(book: AddressBook) -> Book:
    """Return a book as a list of books shows it."""
    row = book.row
    owner = None if row.owner_id == visitor().member.id else book.visit.person_of(row.owner_id)
    count = queries.member_count(visitor().reading, book.collection_id)
    return Book("/".join(book.address), name_of(book), count, owner, book.access.may_write)


def name_of(book: ObjectCollection) -> str:
    """Return what a book or a calendar is called."""
    return book.displayname or book.address[-1]


def deleted() -> list[Book]:
    """Return the visitor's own books that were deleted, the newest first."""
    reading, home = visitor().reading, visitor().site.home((NODE, visitor().member.name))
    known = actors(reading)
    ended = sorted(ended_in(reading, home.home_id), key=lambda each: -each.seq)
    return [
        Book(
            f"{NODE}/{visitor().member.name}/{each.name}",
            summaries.called(reading, each.resource_id) or each.name,
            queries.member_count(reading, each.resource_id), None,
            deleted_at=from_micros(each.at), deleted_by=doer_of(known, each.device_id),
        )
        for each in ended
        if each.kind == "addressbook"
    ]  # fmt: skip


def book_at(person: str, book: str) -> AddressBook:
    """Return a book; NotFound."""
    found = visitor().site.find((NODE, person, book))
    if not isinstance(found, AddressBook):
        raise errors.NotFound("There is nothing at this address.")
    return found


def home_of(book: AddressBook) -> Home:
    """Return the home that a book is shown in."""
    return visitor().site.home(book.address[:2])


# --- a book as a list -------------------------------------------------------------------------------


def page_of(books: Sequence[AddressBook], sought: str, first: int) -> Page:
    """Return a part of what some books hold, all of it or what a search finds; several books only with a search."""
    with visitor().rooms.services.ledger.database.read() as reading:
        of_book: dict[int, AddressBook] = {}
        found: list[Entry] = []
        for book in books:
            ended = ended_in(reading, book.collection_id)
            here = list(card_lists.entries(objects.titles(reading, book.collection_id), ended))
            here = _sought(book, here, sought.strip()) if sought.strip() else here
            of_book.update((entry.resource_id, book) for entry in here)
            found += here
    ordered = card_lists.in_order(found, hangul_first=visitor().language == "ko")
    first = first if 0 <= first < len(ordered) else 0
    rows = _rows(ordered[first : first + card_lists.WINDOW], of_book, with_book=len(books) > 1)
    gone = sum(entry.ended is not None for entry in ordered)
    return Page(rows, card_lists.index(ordered), first, len(ordered), gone)


def deleted_count(book: AddressBook) -> int:
    """Return how many cards of a book were deleted and have not come back."""
    return ended_count(visitor().reading, book.collection_id)


def _sought(book: AddressBook, found: list[Entry], sought: str) -> list[Entry]:
    by_name = {entry.resource_id for entry in found if korean.found(sought, entry.title)}
    wanted = card_lists.reach_sought(sought)
    if wanted is not None:
        by_name |= {
            member.member.resource_id
            for member, body in book.looked_through(book.members())
            if isinstance(member, ObjectMember) and body is not None and card_lists.is_reached(wanted, reached_by(body))
        }
    return [entry for entry in found if entry.resource_id in by_name]


def _rows(shown: list[Entry], of_book: dict[int, AddressBook], *, with_book: bool) -> list[Row]:
    known = actors(visitor().reading)
    living: dict[int, list[int]] = {}
    for entry in shown:
        if entry.ended is None:
            living.setdefault(of_book[entry.resource_id].collection_id, []).append(entry.resource_id)
    books = {book.collection_id: book for book in of_book.values()}
    read = {id_: seen for book_id, ids in living.items() for id_, seen in _read(books[book_id], ids)}
    rows = []
    for entry in shown:
        book = of_book[entry.resource_id]
        called, above = name_of(book) if with_book else "", "/".join(book.address)
        if entry.ended is not None:
            rows.append(_deleted(entry.ended, above, called, known))
        elif entry.resource_id in read:  # else it went while it was looked at
            seen = read[entry.resource_id]
            rows.append(Row(f"{above}/{seen.name}", entry.title or seen.title, seen.reach, seen.has_photo, called))
    return rows


def _deleted(ended: Ended, above: str, called: str, known: Actors) -> Row:
    return Row(
        f"{above}/{ended.name}", ended.title or "", "", has_photo=False, book=called, deleted_at=from_micros(ended.at),
        deleted_by=doer_of(known, ended.device_id), is_kept=ended.place != "none",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is read of a card for its row."""

    name: str
    title: str
    reach: str
    has_photo: bool


def _read(book: AddressBook, ids: list[int]) -> Iterator[tuple[int, _Seen]]:
    """Yield what is seen of cards by id."""
    reading = visitor().reading
    etag = book.visit.ledger.epochs(reading).etag
    members = queries.members_by_id(reading, book.collection_id, ids)
    resources = [book.member_resource(member, etag(member.body_seq)) for member in members]
    for member, body in book.looked_through(resources):
        assert isinstance(member, ObjectMember)
        seen = glimpse(body or b"")
        yield member.member.resource_id, _Seen(member.member.name, name_in(body or b""), seen.reach, seen.has_photo)
