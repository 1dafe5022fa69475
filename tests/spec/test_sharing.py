"""Shares between people: what each side sees, may do, and is told, over DAV (RFC 3744, protocol C1 to C6)."""

from __future__ import annotations

import threading

import pytest

from appliance import errors
from appliance.history import applying, restore
from appliance.household import people
from appliance.store import rebuild
from appliance.store.mounts import Access
from tests.spec.desk import BOOK, CALENDAR, FILES, TASKS, Desk, calendar, card, component, doc, event, named
from tests.spec.sharing import Sharing

TRIP = FILES + "trip/"
LOCK = doc("D:lockinfo", "<D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype>")
READING = {"D:read", "D:read-current-user-privilege-set"}
WRITING = {"D:write", "D:write-content", "D:write-properties", "D:bind", "D:unbind"}

# what anna has: its address, a member in it with its octets, and where ben finds it
KINDS = {
    "book": (BOOK, "a.vcf", card("a"), "/dav/addressbooks/ben/contacts-anna/"),
    "calendar": (CALENDAR, "a.ics", event("a", "DTSTART:20261124T100000Z"), "/dav/calendars/ben/calendar-anna/"),
    "tasks": (TASKS, "a.ics", calendar(component("VTODO", "a", "DUE:20261124T100000Z")),
              "/dav/calendars/ben/tasks-anna/"),
    "folder": (TRIP, "a.txt", "one", "/dav/files/ben/trip/"),
}  # fmt: skip
OBJECTS = {name: KINDS[name] for name in ("book", "calendar", "tasks")}
each_kind = pytest.mark.parametrize(("path", "name", "body", "shown"), KINDS.values(), ids=KINDS.keys())
each_object_kind = pytest.mark.parametrize(("path", "name", "body", "shown"), OBJECTS.values(), ids=OBJECTS.keys())


@pytest.fixture
def sharing(desk: Desk) -> Sharing:
    """Anna has a member in each of her collections."""
    assert desk.ask("MKCOL", TRIP).status == 201
    for path, name, body, _ in KINDS.values():
        desk.put(path + name, body)
    return Sharing(desk)


def privileges(desk: Desk, path: str, *, by: str = "ben") -> set[str]:
    inside = desk.find(path, "D:current-user-privilege-set", by=by).only.found["D:current-user-privilege-set"]
    return {named(str(privilege[0].tag)) for privilege in inside} - {"C:read-free-busy"}


def listed(desk: Desk, path: str, *, by: str = "ben") -> list[str]:
    found = desk.find(path, "D:resourcetype", depth="1", by=by).hrefs[1:]
    return [href.rstrip("/").rpartition("/")[2] for href in found]


def home_of(shown: str) -> str:
    return shown.rstrip("/").rpartition("/")[0] + "/"


def moved(name: str) -> str:
    return "b." + name.partition(".")[2]


def require_sound(desk: Desk) -> None:
    assert rebuild.differences(desk.services.ledger.database.connection()) == []


# --- what is shown ----------------------------------------------------------------------------------


@pytest.mark.spec("Gotgan 9", "what is not shared looks like what is not there, and appears once it is shared")
@each_kind
def test_what_is_shared_appears(sharing: Sharing, path: str, name: str, body: str, shown: str) -> None:
    desk = sharing.desk
    assert desk.find(shown, "D:displayname", by="ben").status == 404
    before = desk.find(home_of(shown), "D:resourcetype", depth="1", by="ben").hrefs
    sharing.give(path, "ben")
    assert set(desk.find(home_of(shown), "D:resourcetype", depth="1", by="ben").hrefs) - set(before) == {shown}
    assert desk.get(shown + name, by="ben") == body.encode()
    assert desk.find(path, "D:displayname", by="ben").status == 404  # the owner's address stays the owner's


@pytest.mark.spec("Gotgan C2", "owner and receiver hear the same token, worth the same at either address")
@each_kind
def test_one_token_for_all(sharing: Sharing, path: str, name: str, body: str, shown: str) -> None:
    desk = sharing.desk
    sharing.give(path, "ben")
    token = desk.sync(path).token
    assert desk.sync(shown, by="ben").token == token
    assert desk.ask("DELETE", shown + name, by="ben").status == 204
    for at, by in ((path, "anna"), (shown, "ben")):
        answer = desk.sync(at, token, by=by)
        assert [(row.href, row.status) for row in answer.rows] == [(at + name, 404)]


@pytest.mark.spec(
    "Gotgan C2", "a right that changes moves no token, and a share that comes back finds its old one valid"
)
@each_kind
def test_tokens_outlive_the_share(sharing: Sharing, path: str, name: str, body: str, shown: str) -> None:
    desk = sharing.desk
    sharing.give(path, "ben")
    token = desk.sync(shown, by="ben").token
    sharing.give(path, "ben", "read")
    assert desk.sync(shown, token, by="ben").rows == []
    sharing.end(path, "ben")
    assert desk.sync(shown, token, by="ben").status == 404
    desk.put(path + moved(name), body.replace("UID:a", "UID:b"))
    sharing.give(path, "ben")
    assert desk.sync(shown, token, by="ben").names == [moved(name)]


@pytest.mark.spec("RFC 6578 3.2", "the home of files tells that a shared folder came, and that it went")
def test_the_home_of_files_tells_of_mounts(sharing: Sharing) -> None:
    desk, home = sharing.desk, "/dav/files/ben/"
    token = desk.sync(home, by="ben").token
    sharing.give(TRIP, "ben")
    came = desk.sync(home, token, by="ben")
    assert [(row.href, row.status) for row in came.rows] == [(home + "trip/", None)]
    sharing.end(TRIP, "ben")
    gone = desk.sync(home, came.token, by="ben")
    assert [(row.href.rstrip("/"), row.status) for row in gone.rows] == [(home + "trip", 404)]


@pytest.mark.spec(
    "RFC 6578 3.5.1", "the home of files tells that a shared folder went with its owner's, and came back with it"
)
@pytest.mark.parametrize("level", ["1", "infinite"])
def test_the_home_of_files_tells_of_what_turns_dark(sharing: Sharing, level: str) -> None:
    desk, home = sharing.desk, "/dav/files/ben/"
    assert desk.ask("MKCOL", TRIP + "in/").status == 201
    sharing.give(TRIP + "in/", "ben")
    token = desk.sync(home, by="ben", level=level).token
    assert desk.value(home, "D:sync-token", by="ben") == token
    with desk.services.ledger.database.read() as reading:
        then = reading.execute("SELECT max(seq) FROM version").fetchone()[0]
    assert desk.ask("DELETE", TRIP).status == 204
    desk.house.background.duties.sweeper.sweep()
    gone = desk.sync(home, token, by="ben", level=level)
    assert [row.href.rstrip("/") for row in gone.rows if row.status == 404] == [home + "in"]
    assert gone.token == desk.value(home, "D:sync-token", by="ben") != token
    assert [row for row in desk.sync(home, gone.token, by="ben", level=level).rows if row.status != 403] == []
    assert home + "in/" not in desk.sync(home, by="ben", level=level).hrefs
    restore_to(sharing, TRIP, then)
    back = desk.sync(home, gone.token, by="ben", level=level)
    assert (home + "in/", None) in [(row.href, row.status) for row in back.rows]
    assert [row for row in desk.sync(home, back.token, by="ben", level=level).rows if row.status != 403] == []


@pytest.mark.spec("Gotgan C4", "a name that is taken in the receiver's home gets a suffix, on disk as well")
def test_names_that_are_taken(sharing: Sharing) -> None:
    desk = sharing.desk
    (desk.data / "files" / "ben" / "Trip").mkdir()  # a person, and Windows, takes them for one
    desk.join("mina", "Mina/Kim")
    assert desk.ask("MKCOL", "/dav/files/mina/trip/", by="mina").status == 201
    sharing.give(TRIP, "ben")
    sharing.give("/dav/files/mina/trip/", "ben", by="mina")
    sharing.give(BOOK, "ben")
    assert set(sharing.seen_by("ben")) == {
        "files/ben/trip (Anna Kim)", "files/ben/trip (Mina Kim)", "addressbooks/ben/contacts-anna"
    }  # fmt: skip
    assert desk.get("/dav/files/ben/trip%20%28Anna%20Kim%29/a.txt", by="ben") == b"one"
    assert desk.value("/dav/addressbooks/ben/contacts-anna/", "D:displayname", by="ben") == "Contacts (Anna Kim)"


@pytest.mark.spec(
    "Gotgan C5", "what is shared with the household is everybody's, and stands in its home, as what is one's own"
)
@each_kind
def test_sharing_with_everybody(sharing: Sharing, path: str, name: str, body: str, shown: str) -> None:
    desk = sharing.desk
    sharing.give(path, "household", "read")
    desk.join("mina")
    root = path.split("/")[2]
    last = shown.rstrip("/").rpartition("/")[2]
    theirs = f"/dav/{root}/mina/{last}/"
    common = f"/dav/{root}/household/{path.rstrip('/').rpartition('/')[2]}/"
    for by, at in (("ben", shown), ("mina", theirs), ("ben", common), ("mina", common)):
        assert desk.get(at + name, by=by) == body.encode()
        assert privileges(desk, at + name, by=by) == READING
    assert common.split("/")[-2] not in listed(desk, home_of(common), by="anna")  # she has it in her own home
    assert desk.ask("DELETE", theirs, by="mina").status == 204
    assert desk.ask("GET", common + name, by="mina").status == 404
    assert desk.get(shown + name, by="ben") == body.encode()
    sharing.end(path, "household")
    assert desk.ask("GET", shown + name, by="ben").status == 404
    desk.join("dora")
    assert sharing.seen_by("dora") == {}
    require_sound(desk)


# --- who may do what --------------------------------------------------------------------------------


@pytest.mark.spec("RFC 3744 5.4", "current-user-privilege-set of a share is what the owner gave, of members as well")
@each_kind
@pytest.mark.parametrize("access", ["read", "write"])
def test_privileges_follow(sharing: Sharing, path: str, name: str, body: str, shown: str, access: Access) -> None:
    desk = sharing.desk
    sharing.give(path, "ben", access)
    held = READING | (WRITING if access == "write" else set())
    assert privileges(desk, shown) == held | {"D:write-properties"}  # name and colour are the receiver's own
    assert privileges(desk, shown + name) == held
    sharing.give(path, "ben", "read" if access == "write" else "write")
    assert ("D:bind" in privileges(desk, shown)) is (access == "read")


@pytest.mark.spec(
    "RFC 3744 5.4", "Thunderbird is not told that it may set the properties of a share that it may only read"
)
@each_kind
def test_thunderbird_sees_what_is_read_only(sharing: Sharing, path: str, name: str, body: str, shown: str) -> None:
    """It takes any of write, write-content, write-properties and all for the right to change events."""
    sharing.give(path, "ben", "read")
    thunderbird = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Thunderbird/153.7.0"
    told = sharing.desk.find(shown, "D:current-user-privilege-set", by="ben", user_agent=thunderbird).only.found
    names = {named(str(one[0].tag)) for one in told["D:current-user-privilege-set"]}
    assert names.isdisjoint(WRITING | {"D:all"}) and "D:read" in names
    assert sharing.desk.set_(shown, "<X:mine>1</X:mine>", by="ben", user_agent=thunderbird).only.other == {}


@pytest.mark.spec(
    "RFC 3744 5.1", "owner of a share is its owner, and its acl tells the reader's own entry and the owner's"
)
@each_kind
def test_owner_and_acl(sharing: Sharing, path: str, name: str, body: str, shown: str) -> None:
    desk = sharing.desk
    sharing.give(path, "ben", "read")
    sharing.give(path, "household")
    for at in (shown, shown + name):
        found = desk.find(at, "D:owner", "D:acl", by="ben").only.found
        assert [href.text for href in found["D:owner"]] == ["/dav/principals/anna/"]
        assert [href.text for href in found["D:acl"].iter("{DAV:}href")] == ["/dav/principals/ben/"]
        assert len(found["D:acl"]) == 2
    mine = desk.find(path, "D:acl").only.found["D:acl"]
    assert [href.text for href in mine.iter("{DAV:}href")] == ["/dav/principals/anna/"]


@pytest.mark.spec("RFC 3744 7.1.1", "whatever changes a read-only share is 403 need-privileges, and changes nothing")
@each_kind
def test_a_reader_changes_nothing(sharing: Sharing, path: str, name: str, body: str, shown: str) -> None:
    desk = sharing.desk
    sharing.give(path, "ben", "read")
    token, etag = desk.sync(path).token, desk.ask("GET", path + name).etag
    own = home_of(shown) + "other"
    attempts = [
        desk.ask("PUT", shown + name, body, by="ben", if_match=etag),
        desk.ask("PUT", shown + moved(name), body.replace("UID:a", "UID:b"), by="ben", if_none_match="*"),
        desk.ask("MOVE", shown + name, by="ben", destination=shown + moved(name)),
        desk.ask("COPY", shown + name, by="ben", destination=shown + moved(name)),
    ]
    if path == TRIP:
        attempts += [
            desk.ask("MKCOL", shown + "new/", by="ben"), desk.ask("LOCK", shown + name, LOCK, by="ben"),
            desk.ask("LOCK", shown, LOCK, by="ben"), desk.ask("LOCK", shown + "free", LOCK, by="ben"),
            desk.ask("MOVE", shown + name, by="ben", destination=own),
        ]  # fmt: skip
    else:
        attempts.append(desk.ask("POST", shown, body.replace("UID:a", "UID:b"), by="ben"))
    assert {attempt.refusal for attempt in attempts} == {(403, "D:need-privileges")}
    assert all(attempt.error_hrefs[0].startswith(shown) for attempt in attempts)  # in the reader's own space (C1)
    patched = desk.set_(shown + name, "<X:a>b</X:a>", by="ben").only
    assert (patched.other, patched.conditions) == ({"X:a": 403}, ["D:need-privileges"])
    assert desk.sync(path, token).rows == []
    assert desk.ask("DELETE", shown + name, by="ben").refusal == (403, "D:need-privileges")
    assert desk.get(path + name) == body.encode()


@pytest.mark.spec("Gotgan 5", "an edit that a reader may not make is kept, and a refused deletion is announced again")
@each_object_kind
def test_refused_edits_of_a_reader(sharing: Sharing, path: str, name: str, body: str, shown: str) -> None:
    desk = sharing.desk
    sharing.give(path, "ben", "read")
    edit = body.replace("END:V", "X-MINE:1\r\nEND:V", 1)
    token = desk.sync(shown, by="ben").token
    assert desk.ask("PUT", shown + name, edit, by="ben").status == 403
    assert desk.ask("DELETE", shown + name, by="ben").status == 403
    assert desk.refused() == [(name, "PUT", 403, edit.encode()), (name, "DELETE", 403, None)]
    assert desk.sync(shown, token, by="ben").names == [name]


@pytest.mark.spec(
    "Gotgan 5", "an edit that comes after the share ended is 409, kept for its sender and nobody else's business"
)
@each_object_kind
@pytest.mark.parametrize("how", ["revoked", "left", "deleted"])
def test_edits_that_come_too_late(sharing: Sharing, path: str, name: str, body: str, shown: str, how: str) -> None:
    desk = sharing.desk
    sharing.give(path, "ben")
    if how == "revoked":
        sharing.end(path, "ben")
    else:
        desk.ask("DELETE", shown if how == "left" else path, by="ben" if how == "left" else "anna")
    edit = body.replace("END:V", "X-MINE:1\r\nEND:V", 1)
    assert desk.ask("PUT", shown + name, edit, by="ben", if_match='"old"').status == 409
    kept_as = f"{shown.rstrip('/').rpartition('/')[2]}/{name}"
    assert desk.refused() == [(kept_as, "PUT", 409, edit.encode())]
    (row,) = desk.services.ledger.database.connection().execute("SELECT collection_id FROM refused").fetchall()
    assert row["collection_id"] == sharing.collection_id(home_of(shown))
    assert desk.ask("PUT", home_of(shown) + "never/x", edit, by="ben").status == 409
    assert len(desk.refused()) == 1


@pytest.mark.spec("Gotgan 5", "an edit of one's own calendar that another phone deleted meanwhile is kept")
@each_object_kind
def test_edits_of_a_deleted_collection(sharing: Sharing, path: str, name: str, body: str, shown: str) -> None:
    desk = sharing.desk
    assert desk.ask("DELETE", path).status == 204
    assert desk.ask("PUT", path + name, body, by="anna's tablet").status == 409
    assert desk.refused() == [(name, "PUT", 409, body.encode())]
    assert desk.ask("MOVE", FILES + "trip/a.txt", destination=path + name).status == 409


@pytest.mark.spec(
    "Gotgan 9", "a receiver cannot share on, nor can a stranger, and nobody shares a home or with its owner"
)
def test_who_may_share(sharing: Sharing) -> None:
    sharing.desk.join("mina")
    for path in (BOOK, TRIP):
        with pytest.raises(errors.NotFound):
            sharing.give(path, "mina", by="ben")
        sharing.give(path, "ben")
        with pytest.raises(errors.NotPermitted):
            sharing.give(path, "mina", by="ben")
        with pytest.raises(errors.NotPermitted):
            sharing.end(path, "ben", by="ben")
        with pytest.raises(errors.WrongPlace):
            sharing.give(path, "anna")
    with pytest.raises(errors.NotPermitted):
        sharing.end("/dav/calendars/household/family/", "mina", by="ben")
    for home in ("/dav/files/anna/", "/dav/addressbooks/anna/", "/dav/calendars/anna/"):
        with pytest.raises(errors.WrongPlace):
            sharing.give(home, "ben")
    with pytest.raises(errors.NotPossible):
        sharing.end(TASKS, "ben")
    assert sharing.seen_by("mina") == {}


@pytest.mark.spec("Gotgan 9", "a deleted collection cannot be shared until it is back")
def test_sharing_what_was_deleted(sharing: Sharing) -> None:
    sharing.desk.ask("DELETE", CALENDAR)
    with pytest.raises(errors.NotPossible):
        sharing.give(CALENDAR, "ben")


@pytest.mark.spec(
    "RFC 3744 5.4", "a folder in a read-only share that is shared to be written may be written, at either address"
)
def test_a_folder_shared_twice(sharing: Sharing) -> None:
    desk = sharing.desk
    assert desk.ask("MKCOL", TRIP + "in/").status == 201
    sharing.give(TRIP, "ben", "read")
    sharing.give(TRIP + "in/", "ben", "write")
    for path, writable in (("trip/", False), ("trip/in/", True), ("in/", True)):
        at = f"/dav/files/ben/{path}"
        assert ("D:bind" in privileges(desk, at)) is writable
        assert desk.ask("PUT", at + "x.txt", "x", by="ben").status in ((201, 204) if writable else (403,))
        assert desk.ask("LOCK", at, LOCK, by="ben").status == (200 if writable else 403)
        for lock in desk.find(at, "D:lockdiscovery", by="ben").only.found["D:lockdiscovery"].iter("{DAV:}locktoken"):
            desk.ask("UNLOCK", at, by="ben", lock_token=f"<{lock[0].text}>")


# --- the receiver's own -----------------------------------------------------------------------------


@pytest.mark.spec(
    "Gotgan C3",
    "name, colour and order are the receiver's own, on a read-only share too; the description is the owner's",
)
@pytest.mark.parametrize(("access", "described"), [("read", False), ("write", True)])
def test_properties_of_a_mount(sharing: Sharing, access: Access, described: bool) -> None:
    desk, shown = sharing.desk, "/dav/calendars/ben/calendar-anna/"
    sharing.give(CALENDAR, "ben", access)
    mine = ("<D:displayname>Hers</D:displayname>", "<A:calendar-color>#ff0000ff</A:calendar-color>",
            "<A:calendar-order>7</A:calendar-order>")  # fmt: skip
    answer = desk.set_(shown, *mine, by="ben")
    assert (answer.status, answer.only.other) == (207, {})
    assert desk.value(shown, "D:displayname", by="ben") == "Hers"
    assert desk.value(CALENDAR, "D:displayname") == "Calendar"
    answer = desk.set_(shown, "<C:calendar-description>x</C:calendar-description>", by="ben")
    assert answer.only.other == ({} if described else {"C:calendar-description": 403})


@pytest.mark.spec(
    "Gotgan C4", "one DELETE of a mount leaves the share, deletes nothing, and is a batch that can be undone"
)
@each_kind
@pytest.mark.parametrize("access", ["read", "write"])
def test_leaving(sharing: Sharing, path: str, name: str, body: str, shown: str, access: Access) -> None:
    desk = sharing.desk
    sharing.give(path, "ben", access)
    desk.set_(shown, "<X:mine>1</X:mine>", by="ben")
    assert desk.ask("DELETE", shown, by="ben").status == 204
    assert desk.find(shown, "D:displayname", by="ben").status == 404
    assert desk.get(path + name) == body.encode()
    left = sharing.newest_batch()
    assert (left.kind, left.person_id) == ("leave", sharing.person("ben").id)
    receipt = sharing.undo(left.id, by="ben")
    assert receipt is not None and receipt.refused == ()
    assert desk.get(shown + name, by="ben") == body.encode()
    assert desk.value(shown, "X:mine", by="ben") == "1"
    assert sharing.seen_by("ben") == {shown.removeprefix("/dav/").rstrip("/"): access}
    require_sound(desk)


@pytest.mark.spec("Gotgan C4", "who left cannot come back by themselves once the owner has withdrawn the share")
@each_kind
def test_leaving_and_then_withdrawn(sharing: Sharing, path: str, name: str, body: str, shown: str) -> None:
    desk = sharing.desk
    sharing.give(path, "ben")
    desk.ask("DELETE", shown, by="ben")
    left = sharing.newest_batch()
    withdrawn = sharing.end(path, "ben")
    require_sound(desk)
    receipt = sharing.undo(left.id, by="ben")
    assert receipt is None or len(receipt.refused) == 1
    assert desk.ask("GET", shown + name, by="ben").status == 404
    sharing.undo(withdrawn, by="anna")
    assert desk.ask("GET", shown + name, by="ben").status == 404
    sharing.give(path, "ben", "read")
    assert desk.get(shown + name, by="ben") == body.encode()


@pytest.mark.spec(
    "Gotgan C4", "a mount is renamed for its receiver only, stays in the home, and gives its name to nothing else"
)
@each_kind
def test_renaming(sharing: Sharing, path: str, name: str, body: str, shown: str) -> None:
    desk = sharing.desk
    sharing.give(path, "ben", "read")
    token = desk.sync(shown, by="ben").token
    ours = home_of(shown) + "ours/"
    assert desk.ask("MOVE", shown, by="ben", destination=ours).status == 201
    assert desk.get(ours + name, by="ben") == body.encode()
    assert desk.sync(ours, token, by="ben").rows == []
    assert desk.ask("GET", shown + name, by="ben").status == 404
    assert desk.get(path + name) == body.encode()
    family = next(each for each in listed(desk, home_of(shown)) if each.casefold() == "family")
    for destination in (home_of(shown) + family + "/", home_of(path) + "ours/", home_of(shown) + family + "/in/"):
        assert desk.ask("MOVE", ours, by="ben", destination=destination).status in (403, 409)
    assert desk.get(ours + name, by="ben") == body.encode()
    require_sound(desk)


@pytest.mark.spec(
    "Gotgan C4", "members that a program deletes first, one by one, are gone for all, and are in the ledger"
)
@each_kind
def test_members_deleted_one_by_one(sharing: Sharing, path: str, name: str, body: str, shown: str) -> None:
    desk = sharing.desk
    sharing.give(path, "ben")
    assert [desk.ask("DELETE", at, by="ben").status for at in (shown + name, shown)] == [204, 204]
    assert desk.ask("GET", path + name).status == 404
    row = (
        desk.services.ledger.database.connection()
        .execute(
            "SELECT d.person_id FROM version v JOIN device d ON d.id = v.device_id"
            " WHERE v.name = ? AND v.op = 'delete'",
            (name,),
        )
        .fetchone()
    )
    assert row["person_id"] == sharing.person("ben").id


# --- the owner's ------------------------------------------------------------------------------------


@pytest.mark.spec("Gotgan C6", "what its owner deletes is 404 at every mount, and comes back with the same rights")
@each_kind
@pytest.mark.parametrize("access", ["read", "write"])
def test_deleted_by_the_owner(sharing: Sharing, path: str, name: str, body: str, shown: str, access: Access) -> None:
    desk = sharing.desk
    sharing.give(path, "ben", access)
    was, there = sharing.collection_id(path), listed(desk, home_of(shown))
    with desk.services.ledger.database.read() as reading:
        then = reading.execute("SELECT max(seq) FROM version").fetchone()[0]
    assert desk.ask("DELETE", path).status == 204
    desk.house.background.duties.sweeper.sweep()
    assert desk.find(shown, "D:displayname", by="ben").status == 404
    assert desk.ask("GET", shown + name, by="ben").status == 404
    gone = shown.rstrip("/").rpartition("/")[2]
    assert listed(desk, home_of(shown)) == [each for each in there if each != gone]
    methods = {"addressbooks": (), "calendars": ("MKCALENDAR",), "files": ("MKCOL", "PUT", "LOCK")}
    for method in methods[path.split("/")[2]]:  # the name waits for what had it
        assert desk.ask(method, shown.rstrip("/"), LOCK if method == "LOCK" else "", by="ben").status == 403
    restore_to(sharing, path, then)
    assert sharing.collection_id(path) == was
    assert desk.get(shown + name, by="ben") == body.encode()
    assert ("D:bind" in privileges(desk, shown)) is (access == "write")
    require_sound(desk)


def restore_to(sharing: Sharing, path: str, seq: int) -> None:
    desk, author = sharing.desk, sharing.author("anna")
    ledger = desk.services.ledger
    home = sharing.collection_id(home_of(path))
    with ledger.database.read() as reading:
        plan = restore.Planner(reading, desk.house.bodies).restore(
            restore.Area(collections=(home,)), seq, restore.Side(everybody=True)
        )
    receipt = applying.carry_out(ledger, desk.house.writer(author), applying.begin(ledger, author, "restore", plan))
    assert receipt.refused == ()


@pytest.mark.spec("Gotgan 4", "each act of sharing is a batch of the owner's, and is undone with its right")
@each_kind
def test_acts_are_undone(sharing: Sharing, path: str, name: str, body: str, shown: str) -> None:
    key = shown.removeprefix("/dav/").rstrip("/")
    given = sharing.give(path, "ben", "read")
    assert sharing.give(path, "ben", "read") is None
    widened = sharing.give(path, "ben", "write")
    assert given is not None and widened is not None
    sharing.undo(widened, by="anna")
    assert sharing.seen_by("ben") == {key: "read"}
    ended = sharing.end(path, "ben")
    sharing.undo(ended, by="anna")
    assert sharing.seen_by("ben") == {key: "read"}
    sharing.undo(given, by="anna")
    assert sharing.seen_by("ben") == {}
    require_sound(sharing.desk)


@pytest.mark.spec("Gotgan 4", "sharing with everybody is undone for everybody, and so is its end")
def test_a_share_with_everybody_is_undone(sharing: Sharing) -> None:
    sharing.desk.join("mina")
    given = sharing.give(TRIP, "household")
    ended = sharing.end(TRIP, "household")
    sharing.undo(ended, by="anna")
    assert sharing.seen_by("ben") == {"files/ben/trip": "write"}
    assert sharing.seen_by("mina") == {"files/mina/trip": "write"}
    assert given is not None
    sharing.undo(given, by="anna")
    sharing.desk.join("dora")
    assert [sharing.seen_by(name) for name in ("ben", "mina", "dora", "household")] == [{}] * 4


# --- files ------------------------------------------------------------------------------------------


@pytest.mark.spec("RFC 4331 2", "what a receiver stores in a share counts for its owner")
def test_the_owners_quota(sharing: Sharing) -> None:
    desk = sharing.desk
    desk.join("mina", quota_bytes=10_000)
    desk.ask("MKCOL", "/dav/files/mina/small/", by="mina")
    sharing.give("/dav/files/mina/small/", "ben", by="mina")
    at = "/dav/files/ben/small/"
    assert desk.ask("PUT", at + "x", "x" * 20_000, by="ben").refusal == (507, "D:quota-not-exceeded")
    used = [int(desk.value(*where, by=by)) for where, by in (((at, "D:quota-used-bytes"), "ben"),
            (("/dav/files/mina/", "D:quota-used-bytes"), "mina"))]  # fmt: skip
    assert used[0] == used[1]


@pytest.mark.spec(
    "RFC 4918 9.9", "files go from a share into one's own folders and back as one resource, where one may write"
)
def test_moving_between_a_share_and_ones_own(sharing: Sharing) -> None:
    desk, at = sharing.desk, "/dav/files/ben/trip/"
    sharing.give(TRIP, "ben")
    was = sharing.collection_id(TRIP + "a.txt")
    assert desk.ask("MOVE", at + "a.txt", by="ben", destination="/dav/files/ben/mine.txt").status == 201
    assert desk.ask("GET", TRIP + "a.txt").status == 404
    assert (desk.data / "files" / "ben" / "mine.txt").read_text() == "one"
    assert desk.ask("MOVE", "/dav/files/ben/mine.txt", by="ben", destination=at + "back.txt").status == 201
    assert sharing.collection_id(TRIP + "back.txt") == was
    assert (desk.data / "files" / "anna" / "trip" / "back.txt").read_text() == "one"
    assert desk.ask("COPY", at, by="ben", destination="/dav/files/ben/copy/").status == 201
    assert desk.get("/dav/files/ben/copy/back.txt", by="ben") == b"one"
    assert desk.ask("COPY", at + "back.txt", by="ben", destination=at.rstrip("/")).status in (403, 409)


@pytest.mark.spec("Gotgan 9", "a folder with shares in it does not change hands: its next owner never gave them")
def test_shares_do_not_change_hands(sharing: Sharing) -> None:
    desk = sharing.desk
    desk.join("mina")
    desk.ask("MKCOL", TRIP + "in/")
    sharing.give(TRIP, "ben")
    sharing.give(TRIP + "in/", "mina")
    move = {"by": "ben", "destination": "/dav/files/ben/in/"}
    assert desk.ask("MOVE", "/dav/files/ben/trip/in/", **move).refusal == (403, "D:need-privileges")
    sharing.end(TRIP + "in/", "mina")
    assert desk.ask("MOVE", "/dav/files/ben/trip/in/", **move).status == 201
    assert desk.ask("MOVE", TRIP, destination=FILES + "voyage/").status == 201  # within the home nothing changes
    assert desk.get("/dav/files/ben/trip/a.txt", by="ben") == b"one"


@pytest.mark.spec("RFC 4918 6.1", "owner and receiver meet the same locks, each with roots in their own space")
def test_locks_are_shared(sharing: Sharing) -> None:
    desk = sharing.desk
    sharing.give(TRIP, "ben")
    assert desk.ask("LOCK", TRIP + "a.txt", LOCK).status == 200
    refused = desk.ask("PUT", "/dav/files/ben/trip/a.txt", "ben", by="ben")
    assert refused.refusal == (423, "D:lock-token-submitted")
    assert refused.error_hrefs == ["/dav/files/ben/trip/a.txt"]


@pytest.mark.spec("RFC 4918 6.4", "who may not write any more holds no lock either: nobody else could end it")
@pytest.mark.parametrize("how", ["narrowed", "revoked", "left"])
def test_locks_end_with_the_right(sharing: Sharing, how: str) -> None:
    desk, shown = sharing.desk, "/dav/files/ben/trip/"
    sharing.give(TRIP, "ben")
    desk.ask("LOCK", shown, LOCK, by="ben")
    assert desk.ask("PUT", TRIP + "a.txt", "anna").status == 423
    if how == "left":
        assert desk.ask("DELETE", shown, by="ben").status == 204
    elif how == "revoked":
        sharing.end(TRIP, "ben")
    else:
        sharing.give(TRIP, "ben", "read")
    desk.put(TRIP + "a.txt", "anna")


@pytest.mark.spec("Gotgan 9", "who left cannot come back into what has another owner since")
def test_nobody_returns_to_another_owner(sharing: Sharing) -> None:
    desk = sharing.desk
    sharing.give(TRIP, "ben")
    desk.ask("DELETE", "/dav/files/ben/trip/", by="ben")
    left = sharing.newest_batch()
    assert desk.ask("MOVE", TRIP, destination=FILES + "Family/trip/").status == 201
    receipt = sharing.undo(left.id, by="ben")
    assert receipt is not None and len(receipt.refused) == 1
    assert sharing.seen_by("ben") == {}


@pytest.mark.spec(
    "Gotgan 9", "what somebody shared stays shared when their devices are shut out, and with whom is let in again"
)
def test_people_who_are_shut_out(sharing: Sharing) -> None:
    desk = sharing.desk
    database = desk.services.ledger.database
    sharing.give(TRIP, "ben")
    people.disable(database, "anna", at=desk.clock.now())
    assert desk.ask("GET", TRIP + "a.txt").status == 401
    assert desk.get("/dav/files/ben/trip/a.txt", by="ben") == b"one"
    desk.put("/dav/files/ben/trip/b.txt", "ben", by="ben")
    people.disable(database, "ben", at=desk.clock.now())
    assert desk.ask("GET", "/dav/files/ben/trip/a.txt", by="ben").status == 401
    people.enable(database, "ben", at=desk.clock.now())
    assert desk.get("/dav/files/ben/trip/b.txt", by="ben") == b"ben"


@pytest.mark.spec("Gotgan C4", "a share and a file that come at the same time get two names, or the file is refused")
def test_a_share_and_a_file_of_one_name_at_once(sharing: Sharing) -> None:
    desk, answers = sharing.desk, dict[str, int]()
    names = [f"n{number}" for number in range(12)]
    for name in names:
        assert desk.ask("MKCOL", f"{FILES}{name}/").status == 201
    start = threading.Barrier(2)

    def put() -> None:
        try:
            for name in names:
                start.wait(30)
                answers[name] = desk.ask("PUT", f"/dav/files/ben/{name}", "ben", by="ben").status
        finally:
            desk.services.ledger.database.close_thread()

    thread = threading.Thread(target=put)
    thread.start()
    for name in names:
        start.wait(30)
        sharing.give(f"{FILES}{name}/", "ben")
    thread.join(60)
    shown = {path.rpartition("/")[2] for path in sharing.seen_by("ben")}
    for name, status in answers.items():
        is_there = (desk.data / "files" / "ben" / name).exists()
        assert (status, is_there) in ((201, True), (403, False))
        assert (f"{name} (Anna Kim)" if is_there else name) in shown
    require_sound(desk)
