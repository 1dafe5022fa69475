"""What a timeline says, sentence by sentence, in both languages."""

from __future__ import annotations

import re
import string
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from appliance import errors
from appliance.history.actors import Actor
from appliance.history.catalogue_en import ENGLISH
from appliance.history.catalogue_ko import KOREAN
from appliance.history.phrases import LONGEST, Phrase, render, shortened, size
from appliance.history.pruning import Pruner
from appliance.history.retention import Policy
from appliance.history.timeline import Entry, Teller, Window, activity, seq_since
from appliance.household import shares
from appliance.store import batches, mounts, objects, properties, queries, refused
from appliance.store.bodies import Bodies
from appliance.store.ledger import Author, Body, Member, Page, Place, member_at
from appliance.store.thinning import CLOCK_NOT_SET
from appliance.store.timelines import Scope, Visible
from tests.store.shelves import ANNA, Shelves

SEOUL = ZoneInfo("Asia/Seoul")
MINA = Author(2, 6)
ACTORS = {
    1: Actor(1, "Command line", "shell", "anna", "Anna Kim"),
    5: Actor(5, "Anna's phone", "phone", "anna", "Anna Kim"),
    6: Actor(6, "Web pages", "pages", "mina", "Mina"),
}
EVERYBODY = Scope(devices=(5, 6))


def entries(
    shelves: Shelves, scope: Scope = EVERYBODY, window: Window | None = None, visible: Visible = lambda _: True
) -> list[Entry]:
    teller = Teller(ACTORS.get, Bodies(shelves.files), SEOUL)
    with shelves.database.read() as reading:
        return teller.timeline(reading, scope, window or Window(), visible=visible)


def newest(shelves: Shelves, scope: Scope = EVERYBODY) -> tuple[str, str]:
    entry = entries(shelves, scope)[0]
    return entry.sentence("en"), entry.sentence("ko")


def home(shelves: Shelves) -> int:
    assert shelves.home.collection_id is not None
    return shelves.home.collection_id


# --- one sentence for each thing that happens ---------------------------------------------------------


def some_things(shelves: Shelves) -> None:
    shelves.put("a.txt", b"one")
    shelves.put("inner.txt", b"two", folder=shelves.make("folder"))
    shelves.put_card("a.vcf", b"card one", "A")
    shelves.clock.turn(timedelta(hours=2))


def file_added(shelves: Shelves) -> None:
    shelves.put("new.txt", b"x" * 2500)


def file_changed(shelves: Shelves) -> None:
    shelves.put("a.txt", b"three")


def file_filled(shelves: Shelves) -> None:
    shelves.put("new.txt", b"")
    shelves.put("new.txt", b"three")


def file_deleted(shelves: Shelves) -> None:
    shelves.delete("a.txt")


def file_added_again(shelves: Shelves) -> None:
    shelves.delete("a.txt")
    shelves.put("a.txt", b"again")


def file_renamed(shelves: Shelves) -> None:
    shelves.move(("a.txt",), ("b.txt",))


def file_moved(shelves: Shelves) -> None:
    shelves.move(("a.txt",), ("folder", "a.txt"))


def file_moved_and_renamed(shelves: Shelves) -> None:
    shelves.move(("a.txt",), ("folder", "b.txt"))


def file_moved_over(shelves: Shelves) -> None:
    shelves.move(("a.txt",), ("folder", "inner.txt"), author=MINA)


def file_copied(shelves: Shelves) -> None:
    shelves.copy(("a.txt",), ("b.txt",))


def file_copied_over(shelves: Shelves) -> None:
    shelves.copy(("a.txt",), ("folder", "inner.txt"))


def folder_made(shelves: Shelves) -> None:
    shelves.make("new")


def folder_renamed(shelves: Shelves) -> None:
    shelves.move(("folder",), ("Photos",))


def folder_deleted(shelves: Shelves) -> None:
    shelves.put("second.txt", b"x", folder=shelves.folder("folder"))
    shelves.delete("folder")
    shelves.sweeper.sweep()


def folder_deleted_not_swept(shelves: Shelves) -> None:
    shelves.make("empty")
    shelves.delete("empty")


def card_changed(shelves: Shelves) -> None:
    shelves.put_card("a.vcf", b"card two", "A")


def card_deleted(shelves: Shelves) -> None:
    shelves.delete_card("a.vcf")


def card_moved(shelves: Shelves) -> None:
    transfer = objects.Transfer(shelves.book, "a.vcf", shelves.second_book, "b.vcf", overwrite=False)
    objects.move(shelves.ledger, ANNA, transfer, check=lambda *_: None)


def on_the_card(shelves: Shelves, act: Callable[[Page, Member], object]) -> None:
    with shelves.ledger.write(ANNA) as page:
        member = member_at(page.writing, shelves.book, "a.vcf")
        assert member is not None
        act(page, member)


def on_the_book(shelves: Shelves, changes: list[tuple[str, str | None]]) -> None:
    with shelves.ledger.write(ANNA) as page:
        row = page.writing.execute("SELECT collection_id, name FROM member WHERE resource_id = ?", (shelves.book,))
        book = member_at(page.writing, *row.fetchone())
        assert book is not None
        properties.change(page.writing, book.resource_id, page.props(book), changes)


def delete_refused(shelves: Shelves) -> None:
    on_the_card(shelves, lambda page, member: page.announce(member))


def card_restored(shelves: Shelves) -> None:
    row = shelves.row_of(b"card one")
    assert row is not None
    card_deleted(shelves)
    dead = shelves.reading.execute("SELECT id FROM resource WHERE uid = 'A'").fetchone()["id"]
    with shelves.ledger.write(ANNA) as page:
        page.bring_back(Place(shelves.book, "a.vcf", dead, "card"), Body(row.id, row.size, page.at))


def card_set_back(shelves: Shelves) -> None:
    card_changed(shelves)
    row = shelves.row_of(b"card one")
    assert row is not None
    on_the_card(shelves, lambda page, card: page.put(card.place, Body(row.id, row.size, page.at), op="restore"))


def card_saved_again(shelves: Shelves) -> None:
    on_the_card(shelves, lambda page, card: page.put(card.place, card.body, op="put"))


def book_called(shelves: Shelves) -> None:
    on_the_book(shelves, [("{DAV:}displayname", '<displayname xmlns="DAV:">Kim &amp; Lee</displayname>')])


def book_coloured(shelves: Shelves) -> None:
    on_the_book(shelves, [("{http://apple.com/ns/ical/}calendar-color", "<c>#FF0000FF</c>")])


def book_given_two_things(shelves: Shelves) -> None:
    on_the_book(
        shelves,
        [
            ("{http://apple.com/ns/ical/}calendar-order", "<o>3</o>"),
            ("{DAV:}displayname", "<n>A</n>"),
            ("{x}y", "<y/>"),
        ],
    )


def book_given_something(shelves: Shelves) -> None:
    on_the_book(shelves, [("{x}y", "<y/>")])


def book_shared(shelves: Shelves) -> None:
    with shelves.ledger.write(ANNA) as page:
        mounts.add(page, home(shelves), "family", shelves.book, "read")


def book_no_longer_shared(shelves: Shelves) -> None:
    book_shared(shelves)
    with shelves.ledger.write(ANNA) as page:
        mount = member_at(page.writing, home(shelves), "family")
        assert mount is not None
        mounts.remove(page, mount)


def book_left(shelves: Shelves) -> None:
    book_shared(shelves)
    with shelves.ledger.write(ANNA) as page:
        mount = member_at(page.writing, home(shelves), "family")
        assert mount is not None
        shares.leave(page, mount)


def book_shared_to_be_changed(shelves: Shelves) -> None:
    book_shared(shelves)
    with shelves.ledger.write(ANNA) as page:
        mount = member_at(page.writing, home(shelves), "family")
        assert mount is not None
        mounts.show(page.writing, mount.resource_id, page.props(mount), shelves.book, "write")


def imported(shelves: Shelves) -> None:
    with shelves.ledger.write(MINA) as page:
        batches.begin(page, "import")
        for name in ("a.vcf",):
            member = member_at(page.writing, shelves.book, name)
            assert member is not None
            page.announce(member)
        page.props(queries.members_named(page.writing.connection, home(shelves))[0])


def edit_refused(shelves: Shelves) -> None:
    attempt = refused.Attempt(shelves.book, "a.vcf", "PUT", 412, "Somebody was quicker.")
    reserve = refused.Reserve(shelves.data / "reserve", 0)
    for _ in range(3):
        refused.keep(shelves.ledger, shelves.blobs, reserve, ANNA, attempt, b"lost")


def edit_refused_without_a_body(shelves: Shelves) -> None:
    attempt = refused.Attempt(shelves.book, "a.vcf", "PUT", 507, "The disk is full.")
    refused.keep(shelves.ledger, shelves.blobs, refused.Reserve(shelves.data / "reserve", 0), ANNA, attempt, None)


def delete_of_a_card_refused(shelves: Shelves) -> None:
    attempt = refused.Attempt(shelves.book, "a.vcf", "DELETE", 403, "You may only read here.")
    with shelves.ledger.write(ANNA) as page:
        refused.note(page, attempt)


SAID: list[tuple[Callable[[Shelves], None], str, str]] = [
    (
        file_added,
        "Anna's phone added the file new.txt (2.5 KB)",
        "Anna's phone이 파일 ‘new.txt’를 추가했습니다 (2.5 KB)",
    ),
    (
        file_changed,
        "Anna's phone changed the file a.txt (5 bytes, was 3 bytes)",
        "Anna's phone이 파일 ‘a.txt’를 바꿨습니다 (3바이트 → 5바이트)",
    ),
    (
        file_filled,
        "Anna's phone added the file new.txt (5 bytes)",
        "Anna's phone이 파일 ‘new.txt’를 추가했습니다 (5바이트)",
    ),
    (file_deleted, "Anna's phone deleted the file a.txt", "Anna's phone이 파일 ‘a.txt’를 지웠습니다"),
    (file_added_again, "Anna's phone added the file a.txt again", "Anna's phone이 파일 ‘a.txt’를 다시 추가했습니다"),
    (
        file_renamed,
        "Anna's phone renamed the file a.txt to b.txt",
        "Anna's phone이 파일 ‘a.txt’의 이름을 ‘b.txt’로 바꿨습니다",
    ),
    (
        file_moved,
        "Anna's phone moved the file a.txt from files/anna to files/anna/folder",
        "Anna's phone이 파일 ‘a.txt’를 files/anna에서 files/anna/folder로 옮겼습니다",
    ),
    (
        file_moved_and_renamed,
        "Anna's phone moved the file a.txt from files/anna to files/anna/folder as b.txt",
        "Anna's phone이 파일 ‘a.txt’를 files/anna에서 files/anna/folder로 옮기고 이름을 ‘b.txt’로 바꿨습니다",
    ),
    (
        file_moved_over,
        (
            "Mina, in the pages, moved the file a.txt from files/anna to files/anna/folder as inner.txt,"
            " over what was there [undo 1]"
        ),
        (
            "웹 페이지에서 Mina가 파일 ‘a.txt’를 files/anna에서 files/anna/folder로 옮기고"
            " 이름을 ‘inner.txt’로 바꿨습니다 (있던 것 위에) [되돌리기 1]"
        ),
    ),
    (file_copied, "Anna's phone made the file b.txt as a copy", "Anna's phone이 파일 ‘b.txt’를 복사해서 만들었습니다"),
    (
        file_copied_over,
        "Anna's phone replaced the file inner.txt with a copy",
        "Anna's phone이 파일 ‘inner.txt’를 사본으로 바꿨습니다",
    ),
    (folder_made, "Anna's phone added the folder new", "Anna's phone이 폴더 ‘new’를 추가했습니다"),
    (
        folder_renamed,
        "Anna's phone renamed the folder folder to Photos [undo 1]",
        "Anna's phone이 폴더 ‘folder’의 이름을 ‘Photos’로 바꿨습니다 [되돌리기 1]",
    ),
    (
        folder_deleted,
        "Anna's phone deleted the folder folder with 2 files [undo 1]",
        "Anna's phone이 폴더 ‘folder’를 지웠습니다 (파일 2개 포함) [되돌리기 1]",
    ),
    (folder_deleted_not_swept, "Anna's phone deleted the folder empty", "Anna's phone이 폴더 ‘empty’를 지웠습니다"),
    (card_changed, "Anna's phone changed the contact a.vcf", "Anna's phone이 연락처 ‘a.vcf’를 바꿨습니다"),
    (card_deleted, "Anna's phone deleted the contact a.vcf", "Anna's phone이 연락처 ‘a.vcf’를 지웠습니다"),
    (
        card_moved,
        "Anna's phone moved the contact a.vcf from addressbooks/anna/contacts to addressbooks/anna/work",
        "Anna's phone이 연락처 ‘a.vcf’를 addressbooks/anna/contacts에서 addressbooks/anna/work로 옮겼습니다",
    ),
    (
        delete_refused,
        "Anna's phone tried to delete the contact a.vcf, which may not be changed; it stays",
        "Anna's phone이 연락처 ‘a.vcf’를 지우려 했지만, 바꿀 수 없는 것이라 그대로 두었습니다",
    ),
    (card_restored, "Anna's phone brought back the contact a.vcf", "Anna's phone이 연락처 ‘a.vcf’를 되찾았습니다"),
    (
        card_set_back,
        "Anna's phone set back the contact a.vcf",
        "Anna's phone이 연락처 ‘a.vcf’를 예전 내용으로 되돌렸습니다",
    ),
    (
        card_saved_again,
        "Anna's phone saved the contact a.vcf again, with the same content",
        "Anna's phone이 연락처 ‘a.vcf’를 같은 내용으로 다시 저장했습니다",
    ),
    (
        book_called,
        "Anna's phone gave the address book contacts the name Kim & Lee",
        "Anna's phone이 주소록 ‘contacts’의 이름을 ‘Kim & Lee’로 정했습니다",
    ),
    (
        book_coloured,
        "Anna's phone gave the address book contacts the colour #FF0000FF",
        "Anna's phone이 주소록 ‘contacts’의 색을 #FF0000FF로 바꿨습니다",
    ),
    (
        book_given_two_things,
        "Anna's phone changed the name and the order of the address book contacts",
        "Anna's phone이 주소록 ‘contacts’의 이름, 순서를 바꿨습니다",
    ),
    (
        book_given_something,
        "Anna's phone changed a property of the address book contacts",
        "Anna's phone이 주소록 ‘contacts’의 속성을 바꿨습니다",
    ),
    (
        book_shared,
        "Anna's phone put the shared family into files/anna",
        "Anna's phone이 files/anna에 공유 ‘family’를 놓았습니다",
    ),
    (
        book_no_longer_shared,
        "Anna's phone took the shared family out of files/anna",
        "Anna's phone이 files/anna에서 공유 ‘family’를 뺐습니다",
    ),
    (
        book_left,
        "Anna's phone left the shared family in files/anna [undo 1]",
        "Anna's phone이 files/anna의 공유 ‘family’에서 나갔습니다 [되돌리기 1]",
    ),
    (
        book_shared_to_be_changed,
        "Anna's phone made the shared family in files/anna changeable",
        "Anna's phone이 files/anna의 공유 ‘family’를 바꿀 수 있게 했습니다",
    ),
    (
        imported,
        "Mina, in the pages, imported 2 things [undo 1]",
        "웹 페이지에서 Mina가 2개를 들여왔습니다 [되돌리기 1]",
    ),
    (
        edit_refused,
        "Anna's phone could not change a.vcf; what was sent is kept (4 bytes): Somebody was quicker. [tried 3 times]",
        (
            "Anna's phone이 ‘a.vcf’를 바꾸지 못했고, 보낸 내용은 보관하고 있습니다"
            " (4바이트): Somebody was quicker. [3번 시도]"
        ),
    ),
    (
        edit_refused_without_a_body,
        "Anna's phone could not change a.vcf: The disk is full.",
        "Anna's phone이 ‘a.vcf’를 바꾸지 못했습니다: The disk is full.",
    ),
    (
        delete_of_a_card_refused,
        "Anna's phone could not delete a.vcf: You may only read here.",
        "Anna's phone이 ‘a.vcf’를 지우지 못했습니다: You may only read here.",
    ),
]


@pytest.mark.parametrize(("act", "english", "korean"), SAID, ids=[act.__name__ for act, *_ in SAID])
def test_what_happened_is_said_in_words(
    shelves: Shelves, act: Callable[[Shelves], None], english: str, korean: str
) -> None:
    some_things(shelves)
    act(shelves)
    assert newest(shelves) == (english, korean)


# --- who, when, and what there is to say beside -------------------------------------------------------


def test_a_change_behind_our_back_was_made_on_the_disk(shelves: Shelves) -> None:
    some_things(shelves)
    shelves.path("a.txt").write_bytes(b"behind")
    shelves.scan()
    english, korean = newest(shelves, Scope(collections=(home(shelves),)))
    assert english == "Somebody, on the disk itself, changed the file a.txt (6 bytes, was 3 bytes)"
    assert korean == "디스크에서 누군가가 파일 ‘a.txt’를 바꿨습니다 (3바이트 → 6바이트)"
    (entry, *_) = entries(shelves, Scope(collections=(home(shelves),)))
    assert (entry.door, entry.actor) == ("disk", None)


def test_a_device_that_nobody_knows_is_said_to_be_unknown(shelves: Shelves) -> None:
    shelves.make("folder")
    shelves.move(("folder",), ("other",), author=Author(9, 99))
    assert newest(shelves, Scope(devices=(99,)))[0].startswith("A device that is not known any more renamed")


def test_a_malformed_contact_is_marked(shelves: Shelves) -> None:
    some_things(shelves)
    with shelves.database.write() as writing:
        writing.execute("UPDATE fact SET fault = 'it has two names', title = 'Kim Minsu'")
    assert newest(shelves)[0] == "Anna's phone added the contact Kim Minsu [malformed: it has two names]"


def test_a_row_of_before_the_clock_was_set_is_marked(shelves: Shelves) -> None:
    some_things(shelves)
    with shelves.database.write() as writing:
        writing.execute("UPDATE version SET note = ? WHERE name = 'a.vcf'", (CLOCK_NOT_SET,))
    assert newest(shelves)[0] == "Anna's phone added the contact a.vcf [before the clock was set]"


def test_content_that_was_let_go_is_marked_and_its_line_stays(shelves: Shelves) -> None:
    shelves.clock.moment = datetime(2027, 1, 5, 3, tzinfo=UTC)
    for body in (b"one", b"three", b"newest"):
        shelves.put("a.txt", body)
    before = [entry.sentence("en") for entry in entries(shelves)]
    shelves.clock.turn(timedelta(days=40))
    Pruner(shelves.ledger, Policy(SEOUL)).prune()
    mark = " [content let go on 2027-02-14]"
    after = entries(shelves)
    assert [entry.sentence("en") for entry in after] == [before[0], before[1] + mark, before[2] + mark]
    assert [entry.let_go_at for entry in after] == [None, shelves.clock.now(), shelves.clock.now()]


def test_the_history_of_one_file_follows_it_under_all_its_names(shelves: Shelves) -> None:
    some_things(shelves)
    file_moved_over(shelves)
    shelves.delete("inner.txt", folder=shelves.folder("folder"))
    resource = shelves.reading.execute("SELECT resource_id FROM version WHERE name = 'a.txt'").fetchone()[0]
    assert [entry.sentence("en") for entry in entries(shelves, Scope(resources=(resource,)))] == [
        "Anna's phone deleted the file inner.txt",
        "Mina, in the pages, moved the file a.txt from files/anna to files/anna/folder as inner.txt [undo 1]",
        "Anna's phone added the file a.txt (3 bytes)",
    ]


def test_at_most_so_many_lines_and_only_since_a_moment(shelves: Shelves) -> None:
    some_things(shelves)
    before = shelves.clock.now()
    shelves.clock.turn(timedelta(hours=1))
    file_changed(shelves)
    file_deleted(shelves)
    now = shelves.clock.now()
    after = seq_since(shelves.reading, before, now=now)
    assert [entry.what.id for entry in entries(shelves, window=Window(after_seq=after))] == ["deleted", "changed.sized"]
    assert [entry.what.id for entry in entries(shelves, window=Window(limit=1))] == ["deleted"]
    page = Window(before_seq=entries(shelves)[0].seq, limit=1)
    assert [entry.what.id for entry in entries(shelves, window=page)] == ["changed.sized"]
    assert seq_since(shelves.reading, datetime(1990, 1, 1, tzinfo=UTC), now=now) == 0
    with pytest.raises(errors.NotFound):
        seq_since(shelves.reading, now + timedelta(days=1), now=now)


def test_a_batch_tells_nothing_of_a_place_that_may_not_be_seen(shelves: Shelves) -> None:
    some_things(shelves)
    folder = shelves.there("folder").resource_id
    folder_deleted(shelves)
    (entry, *_) = entries(shelves, visible=lambda id_: id_ == folder)
    things = Phrase("things.file", {"count": 2}), Phrase("things.folder", {"count": 1})
    assert (entry.what, entry.name) == (Phrase("batch.deleted.many", {"things": things}), "")


def test_activity_shows_a_burst(shelves: Shelves) -> None:
    some_things(shelves)
    began = shelves.clock.now()
    shelves.clock.turn(timedelta(minutes=90))
    for number in range(5):
        shelves.put("a.txt", f"burst {number}".encode())
    now = shelves.clock.now()
    until = began + timedelta(hours=4)
    assert activity(shelves.reading, EVERYBODY, began, until, 4, now=now) == [0, 5, 0, 0]


# --- the catalogues -----------------------------------------------------------------------------------


def places(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_both_catalogues_say_everything_with_the_same_parameters() -> None:
    assert ENGLISH.keys() == KOREAN.keys()
    assert {key for key in ENGLISH if places(ENGLISH[key]) != places(KOREAN[key])} == set()


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_sentence_can_be_rendered(language: str) -> None:
    parameters = {name: "x" for key in ENGLISH for name in places(ENGLISH[key])}
    for key in ENGLISH:
        for count in (1, 2):
            said = render(Phrase(key, {**parameters, "count": count}), language)
            assert said and "{" not in said and "|" not in said


@pytest.mark.parametrize("key", [key for key in ENGLISH if "count" in places(ENGLISH[key])])
def test_one_of_something_is_never_said_as_many(key: str) -> None:
    """A plan said "1 changes", a change of five fields "and 1 more things"."""
    said = render(Phrase(key, {**dict.fromkeys(places(ENGLISH[key]), "x"), "count": 1}), "en")
    many = "things|fields|files|folders|contacts|events|homes|times|changes|are|have|wait"
    assert not re.search(rf"\b1 (more )?({many})\b", said)


@pytest.mark.parametrize(
    ("size_bytes", "shown"),
    [(0, "0 bytes"), (1, "1 byte"), (999, "999 bytes"),
     (1000, "1.0 KB"), (2_345, "2.3 KB"), (9_960, "10 KB"), (999_600, "1.0 MB"),
     (12_345_678, "12 MB"), (5 * 10**9, "5.0 GB"), (10**16, "10000 TB")],
)  # fmt: skip
def test_a_size_is_said_as_people_say_it(size_bytes: int, shown: str) -> None:
    assert size(size_bytes) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("Kim\r\nMinsu", "Kim Minsu", id="one-line"),
        pytest.param("\x1b[31mred\x1b[0m", "[31mred [0m", id="no-orders-to-a-terminal"),
        pytest.param("가" * 80, "가" * (LONGEST - 1) + "…", id="short"),
        pytest.param("{who} {0}", "{who} {0}", id="braces"),
    ],
)
def test_a_name_cannot_disturb_a_sentence(text: str, shown: str) -> None:
    assert shortened(text) == shown
    assert render(Phrase("thing.other", {"name": text}), "en") == shown
