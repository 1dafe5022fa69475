"""Who may make a step of a restore, and what refuses it; what phones hear of it over DAV."""

from __future__ import annotations

import pytest

from appliance import errors
from appliance.history.contracts import Writer
from appliance.household import people
from appliance.store import mounts, placing, rebuild
from appliance.store.ledger import Author, Member, member_at, member_of
from appliance.store.placing import Home, NewBody, Placed, Shown, Wanted
from tests.spec.desk import BOOK, CALENDAR, FILES, TASKS, Desk, calendar, card, component, doc, event

SHELL = 1  # any device: what it may do is what its person may


def at(desk: Desk, path: str) -> Member:
    """What is at an address now."""
    current = 1
    found: Member | None = None
    for name in path.strip("/").split("/")[1:]:
        found = member_at(desk.services.ledger.database.connection(), current, name)
        assert found is not None, path
        current = found.resource_id
    assert found is not None
    return found


def wanted(
    desk: Desk, what: Member, *, is_alive: bool = True, home: Home | None = None, body: NewBody | None = None,
    properties: tuple[tuple[str, str | None], ...] = (), shown: Shown | None = None,
) -> Wanted:  # fmt: skip
    seen = placing.standing_of(desk.services.ledger.database.connection(), what.resource_id).seq
    return Wanted(what.resource_id, what.kind, seen, is_alive, home, body, properties, shown)


def place(desk: Desk, what: Wanted, *, by: str = "anna", device_id: int = SHELL) -> Placed:
    person = people.person_named(desk.services.ledger.database.connection(), by)
    assert person is not None
    writer: Writer = desk.house.writer(Author(person.id, device_id))
    return writer.place(what, batch_id=1)


def share(desk: Desk, path: str, access: mounts.Access, *, name: str = "annas") -> int:
    """Show something of anna's to ben, signed by anna's phone."""
    target = at(desk, path)
    home = at(desk, f"/dav/{path.split('/')[2]}/ben")
    with desk.services.ledger.write(Author(2, desk._ids["anna"][1])) as page:
        return mounts.add(page, home.resource_id, name, target.resource_id, access)


# --- over DAV ---------------------------------------------------------------------------------------


def test_a_deleted_book_comes_back_and_its_old_token_is_worth_what_it_was(desk: Desk) -> None:
    desk.put(BOOK + "a.vcf", card("a"))
    desk.put(BOOK + "b.vcf", card("b"))
    book = at(desk, BOOK)
    token = desk.sync(BOOK).token
    etag = desk.ask("GET", BOOK + "a.vcf").etag
    assert desk.ask("DELETE", BOOK).status == 204
    assert desk.sync(BOOK, token).status == 404
    place(desk, wanted(desk, book))
    again = desk.sync(BOOK, token, by="anna's tablet")
    assert (again.status, again.rows, again.token) == (207, [], token)
    assert desk.ask("GET", BOOK + "a.vcf").etag == etag
    desk.put(BOOK + "c.vcf", card("c"))
    assert desk.sync(BOOK, token).names == ["c.vcf"]


def test_a_restored_tree_is_told_at_every_level(desk: Desk) -> None:
    for path in ("top/", "top/in/"):
        assert desk.ask("MKCOL", FILES + path).status == 201
    desk.put(FILES + "top/a.txt", "a")
    desk.put(FILES + "top/in/b.txt", "b")
    lost = [at(desk, FILES + path) for path in ("top", "top/a.txt", "top/in", "top/in/b.txt")]
    token = desk.sync(FILES, level="infinite").token
    assert desk.ask("DELETE", FILES + "top/").status == 204
    desk.house.background.duties.sweeper.sweep()
    after = desk.sync(FILES, token, level="infinite").token
    for one in lost:
        place(desk, wanted(desk, one))
    paths = {"top/", "top/a.txt", "top/in/", "top/in/b.txt"}
    for since in (token, after):
        rows = desk.sync(FILES, since, level="infinite").rows
        assert {row.href.removeprefix(FILES) for row in rows if row.status is None} == paths
    assert (desk.get(FILES + "top/a.txt"), desk.get(FILES + "top/in/b.txt")) == (b"a", b"b")
    assert rebuild.differences(desk.services.ledger.database.connection()) == []


def test_an_event_that_comes_back_is_found_by_its_time(desk: Desk) -> None:
    desk.put(CALENDAR + "a.ics", event("a", "DTSTART:20261124T100000Z", "DTEND:20261124T110000Z"))
    what = at(desk, CALENDAR + "a.ics")
    desk.ask("DELETE", CALENDAR + "a.ics")
    inner = (
        '<D:prop><D:getetag/></D:prop><C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">'
        '<C:time-range start="20261124T000000Z" end="20261125T000000Z"/></C:comp-filter></C:comp-filter></C:filter>'
    )
    assert desk.report(CALENDAR, "C:calendar-query", inner, depth="1").names == []
    place(desk, wanted(desk, what))
    assert desk.report(CALENDAR, "C:calendar-query", inner, depth="1").names == ["a.ics"]


# --- who may ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [BOOK + "a.vcf", FILES + "folder/a.vcf"], ids=["card", "file"])
@pytest.mark.parametrize(
    ("access", "refusal"),
    [(None, errors.NotFound), ("read", errors.NotPermitted), ("write", None)],
    ids=["a stranger", "a reader", "a writer"],
)
def test_a_step_needs_the_right_to_write_there(
    desk: Desk, path: str, access: mounts.Access | None, refusal: type[errors.GotganError] | None
) -> None:
    if path.startswith(FILES):
        desk.ask("MKCOL", FILES + "folder/")
    desk.put(path, card("a"))
    first = at(desk, path)
    desk.put(path, card("a", "NOTE:2"))
    if access is not None:
        share(desk, path.rpartition("/")[0], access)
    steps = [wanted(desk, first, body=NewBody(first.content_id)), wanted(desk, first, is_alive=False),
             wanted(desk, first, properties=(("{x:}y", "<y xmlns='x:'/>"),)),
             wanted(desk, first, home=Home(first.collection_id, "b.vcf"))]  # fmt: skip
    if refusal is None:
        place(desk, steps[0], by="ben")
        assert desk.get(path) == card("a").encode()
        return
    for step in steps:
        with pytest.raises(refusal):
            place(desk, step, by="ben")
    desk.ask("DELETE", path)
    with pytest.raises(refusal):
        place(desk, wanted(desk, first), by="ben")


@pytest.mark.parametrize("access", ["read", "write", None])
def test_only_the_owner_ends_moves_or_brings_back_a_book(desk: Desk, access: mounts.Access | None) -> None:
    book = at(desk, BOOK)
    if access is not None:
        share(desk, BOOK, access)
    refusal = errors.NotFound if access is None else errors.NotPermitted
    for step in (wanted(desk, book, is_alive=False), wanted(desk, book, home=Home(book.collection_id, "other"))):
        with pytest.raises(refusal):
            place(desk, step, by="ben")
    desk.ask("DELETE", BOOK)
    with pytest.raises(refusal):
        place(desk, wanted(desk, book), by="ben")


def test_a_receiver_takes_back_a_share_that_they_removed(desk: Desk) -> None:
    mount = mounted(desk, share(desk, BOOK, "read"))
    bens = desk._ids["ben"][1]
    place(desk, wanted(desk, mount, is_alive=False), by="ben", device_id=bens)
    assert desk.find("/dav/addressbooks/ben/annas/", "D:displayname").status == 404
    with pytest.raises(errors.NotPermitted):
        place(desk, wanted(desk, mount, shown=Shown(at(desk, BOOK).resource_id, "write")), by="ben", device_id=bens)
    place(desk, wanted(desk, mount), by="ben", device_id=bens)
    assert desk.find("/dav/addressbooks/ben/annas/", "D:displayname", by="ben").status == 207


def test_a_receiver_does_not_take_back_what_was_withdrawn(desk: Desk) -> None:
    mount = mounted(desk, share(desk, BOOK, "write"))
    place(desk, wanted(desk, mount, is_alive=False), by="anna", device_id=desk._ids["anna"][1])
    with pytest.raises(errors.NotPermitted):
        place(desk, wanted(desk, mount), by="ben", device_id=desk._ids["ben"][1])
    place(desk, wanted(desk, mount), by="anna")
    assert desk.find("/dav/addressbooks/ben/annas/", "D:displayname", by="ben").status == 207


def test_a_receiver_may_not_give_themselves_another_right(desk: Desk) -> None:
    mount = mounted(desk, share(desk, BOOK, "read"))
    with pytest.raises(errors.NotPermitted):
        place(desk, wanted(desk, mount, shown=Shown(at(desk, BOOK).resource_id, "write")), by="ben")
    place(desk, wanted(desk, mount, home=Home(mount.collection_id, "renamed")), by="ben")
    assert mounted(desk, mount.resource_id).name == "renamed"


def mounted(desk: Desk, mount_id: int) -> Member:
    found = member_of(desk.services.ledger.database.connection(), mount_id)
    assert found is not None
    return found


def test_a_mount_does_not_come_where_the_disk_has_its_name(desk: Desk) -> None:
    desk.ask("MKCOL", FILES + "folder/")
    mount = mounted(desk, share(desk, FILES + "folder", "write"))
    place(desk, wanted(desk, mount, is_alive=False), by="ben", device_id=desk._ids["ben"][1])
    (desk.data / "files" / "ben" / "annas").mkdir()
    with pytest.raises(errors.NameTaken):
        place(desk, wanted(desk, mount))


# --- locks, room, what a calendar keeps -------------------------------------------------------------

LOCK = doc("D:lockinfo", "<D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype>")


@pytest.mark.parametrize("locked", ["folder/a.txt", "folder/"])
def test_a_locked_file_stays_as_it_is_and_says_by_whom(desk: Desk, locked: str) -> None:
    desk.ask("MKCOL", FILES + "folder/")
    desk.put(FILES + "folder/a.txt", "one")
    first = at(desk, FILES + "folder/a.txt")
    desk.put(FILES + "folder/a.txt", "two")
    assert desk.ask("LOCK", FILES + locked, LOCK, depth="infinity").status in (200, 201)
    folder = at(desk, FILES + "folder")
    for step in (
        wanted(desk, first, body=NewBody(first.content_id)), wanted(desk, first, is_alive=False),
        wanted(desk, first, home=Home(first.collection_id, "b.txt")), wanted(desk, folder, is_alive=False),
    ):  # fmt: skip
        with pytest.raises(errors.Locked) as raised:
            place(desk, step)
        assert "Anna Kim" in str(raised.value)
        assert raised.value.lock_roots in ((FILES + locked,), (FILES + locked.rstrip("/"),))
    assert desk.get(FILES + "folder/a.txt") == b"two"


@pytest.mark.parametrize("path", ["/dav/addressbooks/mina/contacts/a.vcf", "/dav/files/mina/a.txt"])
def test_what_comes_back_counts_against_the_quota(desk: Desk, path: str) -> None:
    desk.join("mina", quota_bytes=100_000)
    desk.put(path, card("a", "NOTE:" + "x" * 60_000), by="mina")
    large = at(desk, path)
    desk.put(path, card("a"), by="mina")
    desk.put("/dav/files/mina/b.txt", "y" * 80_000, by="mina")
    with pytest.raises(errors.OverQuota):
        place(desk, wanted(desk, large, body=NewBody(large.content_id)), by="mina")
    assert desk.get(path, by="mina") == card("a").encode()
    desk.ask("DELETE", "/dav/files/mina/b.txt", by="mina")
    place(desk, wanted(desk, large, body=NewBody(large.content_id)), by="mina")


def test_a_deleted_book_that_comes_back_counts_against_the_quota(desk: Desk) -> None:
    desk.join("mina", quota_bytes=100_000)
    path = "/dav/addressbooks/mina/contacts/"
    desk.put(path + "a.vcf", card("a", "NOTE:" + "x" * 60_000), by="mina")
    book = at(desk, path)
    desk.ask("DELETE", path, by="mina")
    desk.put("/dav/files/mina/b.txt", "y" * 80_000, by="mina")
    with pytest.raises(errors.OverQuota):
        place(desk, wanted(desk, book), by="mina")


def test_a_uid_that_lives_elsewhere_there_is_named(desk: Desk) -> None:
    desk.put(BOOK + "a.vcf", card("u"))
    what = at(desk, BOOK + "a.vcf")
    desk.ask("MOVE", BOOK + "a.vcf", destination=BOOK + "b.vcf")
    desk.ask("DELETE", BOOK + "b.vcf")
    other = "/dav/addressbooks/anna/family/"
    desk.put(other + "c.vcf", card("u"))
    family = at(desk, "/dav/addressbooks/household/family")
    with pytest.raises(errors.UidTaken) as raised:
        place(desk, wanted(desk, what, home=Home(family.resource_id, "d.vcf")))
    assert raised.value.href == other + "c.vcf"


def test_an_event_does_not_come_into_a_task_list(desk: Desk) -> None:
    desk.put(CALENDAR + "a.ics", event("a", "DTSTART:20261124T100000Z"))
    what = at(desk, CALENDAR + "a.ics")
    home = Home(at(desk, TASKS).resource_id, "a.ics")
    with pytest.raises(errors.ComponentNotKept):
        place(desk, wanted(desk, what, home=home))
    desk.ask("DELETE", CALENDAR + "a.ics")
    with pytest.raises(errors.ComponentNotKept):
        place(desk, wanted(desk, what, home=home))
    task = calendar(component("VTODO", "a", "DUE:20261124T100000Z"))
    place(desk, wanted(desk, what, home=home, body=NewBody(octets=task.encode())))
    assert desk.get(TASKS + "a.ics") == task.encode()


def test_merged_octets_are_checked_as_those_of_a_put(desk: Desk) -> None:
    desk.put(BOOK + "a.vcf", card("a"))
    what = at(desk, BOOK + "a.vcf")
    with pytest.raises(errors.NotACard):
        place(desk, wanted(desk, what, body=NewBody(octets=b"no card")))
    merged = card("a", "NOTE:merged").encode()
    place(desk, wanted(desk, what, body=NewBody(octets=merged)))
    assert desk.get(BOOK + "a.vcf") == merged
