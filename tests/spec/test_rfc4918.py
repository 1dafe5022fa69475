"""RFC 4918, WebDAV: each method's table of answers, in the order of the RFC."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.spec.desk import BOOK, CALENDAR, FILES, Desk, card, doc, event, prop

CONTACT = BOOK + "a.vcf"
EVENT = CALENDAR + "a.ics"
FILE = FILES + "a.txt"
FOLDER = FILES + "box/"
APPOINTMENT = event("a", "DTSTART:20261124T100000Z")


@pytest.fixture
def filled(desk: Desk) -> Desk:
    """A file, a folder with a file and a folder in it, a contact, an event."""
    desk.put(FILE, "first")
    for folder in ("box/", "box/inner/"):
        assert desk.ask("MKCOL", FILES + folder).status == 201
    desk.put(FOLDER + "b.txt", "second")
    desk.put(FOLDER + "inner/c.txt", "third")
    desk.put(CONTACT, card("a"))
    desk.put(EVENT, APPOINTMENT)
    return desk


# --- 4 properties -----------------------------------------------------------------------------------


@pytest.mark.spec("RFC 4918 4.3", "a dead property comes back with its attributes, namespaces and language")
def test_a_dead_property_keeps_attributes_and_language(filled: Desk) -> None:
    sent = '<X:title xml:lang="ko" kind="main">가족 <X:b>사진</X:b> &amp; 🎂</X:title>'
    assert filled.set_(FILE, sent).only.inside("X:title") == []
    element = filled.find(FILE, "X:title").only.found["X:title"]
    assert element.get("{http://www.w3.org/XML/1998/namespace}lang") == "ko"
    assert element.get("kind") == "main"
    assert "".join(map(str, element.itertext())) == "가족 사진 & 🎂"


@pytest.mark.spec("RFC 4918 4.3", "white space inside a dead property's value is kept")
def test_white_space_in_a_value_is_kept(filled: Desk) -> None:
    filled.set_(FILE, "<X:title>  two\n lines\t</X:title>")
    assert filled.value(FILE, "X:title") == "  two\n lines\t"


@pytest.mark.spec("RFC 4918 4.3", "a property without a namespace is kept as such")
def test_a_property_without_a_namespace_is_kept(filled: Desk) -> None:
    body = (
        '<?xml version="1.0"?><propertyupdate xmlns="DAV:"><set><prop><v xmlns="">1</v></prop></set></propertyupdate>'
    )
    assert filled.ask("PROPPATCH", FILE, body).status == 207
    asked = '<?xml version="1.0"?><propfind xmlns="DAV:"><prop><v xmlns=""/></prop></propfind>'
    assert filled.ask("PROPFIND", FILE, asked, depth="0").only.text("{}v") == "1"


# --- 5 collections, 8 general -----------------------------------------------------------------------


@pytest.mark.spec("RFC 4918 5.2", "a collection asked without its slash answers, and tells the address with it")
@pytest.mark.parametrize("path", [BOOK, CALENDAR, FOLDER, "/dav/calendars/anna/", "/dav/"])
def test_a_collection_without_its_slash_is_answered(filled: Desk, path: str) -> None:
    answer = filled.find(path.rstrip("/"), "D:resourcetype")
    assert answer.status == 207
    assert answer.only.href == path == answer.headers["content-location"]


@pytest.mark.spec("RFC 4918 8.3", "hrefs are spelled one way, whatever the spelling of the request")
@pytest.mark.parametrize("path", ["/dav/files/anna/%61.txt", "/dav/files/anna/a.txt", "/dav/%66iles/anna/a.txt"])
def test_hrefs_have_one_spelling(filled: Desk, path: str) -> None:
    assert filled.find(path, "D:getetag").only.href == FILE


@pytest.mark.spec("RFC 4918 8.3", "names keep their spelling to the byte: NFC, NFD, '#', '%', '?', spaces")
@pytest.mark.parametrize(
    "name",
    ["%EA%B0%80", "%E1%84%80%E1%85%A1", "a%23b", "a%25b", "a%3Fb", "a%20b", "a%2Bb", "%F0%9F%8E%82", "a%26b%3Cc"],
    ids=["nfc", "nfd", "hash", "percent", "question", "space", "plus", "emoji", "xml"],
)
@pytest.mark.parametrize("parent", [FILES, BOOK], ids=["files", "book"])
def test_names_are_kept_to_the_byte(desk: Desk, name: str, parent: str) -> None:
    desk.put(parent + name, card("n"))
    assert parent + name in desk.find(parent, "D:getetag", depth="1").hrefs
    assert desk.get(parent + name) == card("n").encode()


# --- 9.1 PROPFIND -----------------------------------------------------------------------------------

LIVE_ON_FILES = {
    "D:creationdate", "D:displayname", "D:getcontentlength", "D:getcontenttype", "D:getetag", "D:getlastmodified",
    "D:resourcetype", "D:supportedlock", "D:lockdiscovery",
}  # fmt: skip


@pytest.mark.spec("RFC 4918 9.1", "no body means allprop, as Windows asks")
@pytest.mark.parametrize("body", ["", doc("D:propfind", "<D:allprop/>")], ids=["no-body", "allprop"])
def test_allprop_has_the_live_ones_of_the_rfc_and_the_dead_ones(filled: Desk, body: str) -> None:
    filled.set_(FILE, "<X:title>t</X:title>")
    row = filled.ask("PROPFIND", FILE, body, depth="0").only
    assert set(row.found) - {"D:displayname"} == LIVE_ON_FILES - {"D:displayname"} | {"X:title"}
    assert dict(row.other) == {}


@pytest.mark.spec("RFC 4918 9.1", "allprop leaves out what is costly: no bodies, no ACL, no quota, no tokens")
@pytest.mark.parametrize("path", [BOOK, CONTACT, EVENT, FOLDER])
def test_allprop_leaves_out_what_is_costly(filled: Desk, path: str) -> None:
    found = set(filled.ask("PROPFIND", path, depth="0").only.found)
    costly = {"CR:address-data", "C:calendar-data", "D:acl", "D:quota-available-bytes", "D:sync-token", "CS:getctag"}
    assert not found & costly


@pytest.mark.spec("RFC 4918 9.1", "allprop with include adds what is named")
def test_include_adds_to_allprop(filled: Desk) -> None:
    inner = "<D:allprop/><D:include><D:quota-used-bytes/><D:owner/></D:include>"
    found = filled.ask("PROPFIND", FOLDER, doc("D:propfind", inner), depth="0").only.found
    assert {"D:quota-used-bytes", "D:owner", "D:resourcetype"} <= set(found)


@pytest.mark.spec("RFC 4918 9.1", "propname gives the names of all properties and no value")
@pytest.mark.parametrize("path", [FILE, FOLDER, BOOK, CONTACT, EVENT, "/dav/principals/anna/"])
def test_propname_gives_names_without_values(filled: Desk, path: str) -> None:
    filled.set_(FILE, "<X:title>t</X:title>")
    row = filled.ask("PROPFIND", path, doc("D:propfind", "<D:propname/>"), depth="0").only
    assert {"D:resourcetype", "D:current-user-privilege-set"} <= set(row.found)
    assert ("X:title" in row.found) is (path == FILE)
    assert all(len(element) == 0 and not element.text for element in row.found.values())


@pytest.mark.spec("RFC 4918 9.1", "a property that is not there is a 404 propstat beside the others")
def test_a_missing_property_is_404_beside_the_others(filled: Desk) -> None:
    row = filled.find(FILE, "D:getetag", "X:nobody", "C:calendar-data").only
    assert (set(row.found), dict(row.other)) == ({"D:getetag"}, {"X:nobody": 404, "C:calendar-data": 404})


@pytest.mark.spec("RFC 4918 9.1", "macOS may ask 40 properties of which many are unknown")
def test_many_unknown_properties_are_no_error(filled: Desk) -> None:
    unknown = [f"X:p{number}" for number in range(60)]
    assert len(filled.find(CALENDAR, *unknown, "CS:getctag").only.other) == 60


@pytest.mark.spec("RFC 4918 9.1", "Depth 0 is the resource, 1 its members too, each once, the collection first")
@pytest.mark.parametrize(
    ("path", "inside"),
    [
        (FOLDER, ["b.txt", "inner/"]),
        (BOOK, ["a.vcf"]),
        (CALENDAR, ["a.ics"]),
        ("/dav/", ["addressbooks/", "calendars/", "files/", "principals/"]),
        ("/dav/principals/", ["anna/", "ben/", "household/"]),
    ],
    ids=["folder", "book", "calendar", "root", "principals"],
)
def test_depth_0_and_1(filled: Desk, path: str, inside: list[str]) -> None:
    assert filled.find(path, "D:resourcetype", depth="0").hrefs == [path]
    listed = filled.find(path, "D:resourcetype", depth="1")
    assert listed.hrefs[0] == path
    assert sorted(listed.hrefs[1:]) == [path + name for name in inside]
    assert len(listed.by_href) == len(inside) + 1


@pytest.mark.spec("RFC 4918 9.1", "Depth infinity lists folders to the bottom; no Depth header means the same")
@pytest.mark.parametrize(
    "headers", [{"depth": "infinity"}, {"depth": "Infinity"}, {}], ids=["infinity", "case", "none"]
)
def test_depth_infinity_on_folders(filled: Desk, headers: dict[str, str]) -> None:
    answer = filled.ask("PROPFIND", FOLDER, doc("D:propfind", prop("D:getetag")), **headers)
    assert sorted(answer.hrefs) == [FOLDER, FOLDER + "b.txt", FOLDER + "inner/", FOLDER + "inner/c.txt"]


@pytest.mark.spec(
    "RFC 4918 9.1.1", "Depth infinity on roots, homes, books and calendars is refused with propfind-finite-depth"
)
@pytest.mark.parametrize(
    "path", ["/dav/", "/dav/principals/", "/dav/calendars/anna/", "/dav/addressbooks/anna/", BOOK, CALENDAR]
)
@pytest.mark.parametrize("headers", [{"depth": "infinity"}, {}], ids=["infinity", "none"])
def test_depth_infinity_is_refused_where_it_is_for_nothing(shelf: Desk, path: str, headers: dict[str, str]) -> None:
    answer = shelf.ask("PROPFIND", path, doc("D:propfind", prop("D:getetag")), **headers)
    assert answer.refusal == (403, "D:propfind-finite-depth")


@pytest.mark.spec("RFC 4918 9.1", "Depth 1,noroot leaves the collection itself out")
@pytest.mark.parametrize("depth", ["1,noroot", "1, noroot"])
def test_noroot_leaves_the_collection_out(filled: Desk, depth: str) -> None:
    assert sorted(filled.find(FOLDER, "D:getetag", depth=depth).hrefs) == [FOLDER + "b.txt", FOLDER + "inner/"]


@pytest.mark.spec("RFC 4918 9.1", "PROPFIND of nothing is 404")
@pytest.mark.parametrize(
    "path", [FILES + "no", FILES + "no/", FILES + "no/no", BOOK + "no.vcf", "/dav/addressbooks/anna/no/"]
)
@pytest.mark.parametrize("depth", ["0", "1"])
def test_propfind_of_nothing_is_404(shelf: Desk, path: str, depth: str) -> None:
    assert shelf.find(path, "D:getetag", depth=depth).status == 404


@pytest.mark.spec("RFC 4918 9.1", "a listing below /dav/ is nobody's to keep")
def test_a_listing_is_not_to_be_cached(shelf: Desk) -> None:
    answer = shelf.find(BOOK, "D:getetag")
    assert answer.headers["cache-control"] == "private, no-cache"


@pytest.mark.spec("RFC 4918 9.1", "every listed member has a quoted ETag, the one of HEAD, GET and PUT")
@pytest.mark.parametrize("path", [FILE, CONTACT, EVENT])
def test_one_etag_everywhere(desk: Desk, path: str) -> None:
    body = {"txt": "x", "vcf": card("a"), "ics": APPOINTMENT}[path[-3:]]
    put = desk.put(path, body)
    parent = path.rpartition("/")[0] + "/"
    listed = desk.find(parent, "D:getetag", "D:getcontentlength", "D:getlastmodified", depth="1").by_href[path]
    head, get = desk.ask("HEAD", path), desk.ask("GET", path)
    assert listed.text("D:getetag") == put.etag == head.etag == get.etag
    assert put.etag.startswith('"') and put.etag.endswith('"')
    assert listed.text("D:getcontentlength") == str(len(body)) == str(len(get.octets))
    assert listed.text("D:getlastmodified") == head.headers["last-modified"] == get.headers["last-modified"]


# --- 9.2 PROPPATCH ----------------------------------------------------------------------------------


@pytest.mark.spec("RFC 4918 9.2", "PROPPATCH answers 207 with a status per property, and what was set is there")
@pytest.mark.parametrize(
    "path", [FILE, FOLDER, BOOK, CONTACT, CALENDAR, EVENT, "/dav/calendars/anna/", "/dav/addressbooks/anna/"]
)
def test_properties_are_kept_everywhere(filled: Desk, path: str) -> None:
    answer = filled.set_(path, "<X:one>1</X:one>", "<X:two><X:deep/></X:two>")
    assert (answer.only.href, set(answer.only.found)) == (path, {"X:one", "X:two"})
    row = filled.find(path, "X:one", "X:two").only
    assert (row.text("X:one"), row.inside("X:two")) == ("1", ["X:deep"])


@pytest.mark.spec(
    "RFC 4918 9.2", "one protected property refuses them all: 403 for it, 424 for the others, nothing is set"
)
@pytest.mark.parametrize(
    "name", ["D:getetag", "D:resourcetype", "D:getcontentlength", "D:lockdiscovery", "D:owner", "D:acl"]
)
def test_all_or_nothing(filled: Desk, name: str) -> None:
    row = filled.set_(FILE, "<X:one>1</X:one>", f"<{name}>x</{name}>", "<X:two>2</X:two>").only
    assert dict(row.other) == {"X:one": 424, name: 403, "X:two": 424}
    assert list(row.conditions) == ["D:cannot-modify-protected-property"]
    assert set(filled.find(FILE, "X:one", "X:two").only.other) == {"X:one", "X:two"}


@pytest.mark.spec("RFC 4918 9.2", "set and remove are done in document order")
def test_instructions_are_done_in_their_order(filled: Desk) -> None:
    put, drop = "<D:set><D:prop><X:a>1</X:a></D:prop></D:set>", "<D:remove><D:prop><X:a/></D:prop></D:remove>"
    filled.patch(FILE, put + drop)
    assert "X:a" in filled.find(FILE, "X:a").only.other
    filled.patch(FILE, put + drop + put)
    assert filled.value(FILE, "X:a") == "1"


@pytest.mark.spec("RFC 4918 9.2", "removing what is not there is no error")
def test_removing_what_is_not_there_succeeds(filled: Desk) -> None:
    row = filled.patch(FILE, "<D:remove><D:prop><X:never/></D:prop></D:remove>").only
    assert (set(row.found), dict(row.other)) == ({"X:never"}, {})


@pytest.mark.spec("RFC 4918 9.2", "displayname may be set, in any script, and removed again")
@pytest.mark.parametrize("path", [BOOK, CALENDAR, FOLDER, FILE])
def test_displayname_may_be_set(filled: Desk, path: str) -> None:
    assert filled.set_(path, "<D:displayname>우리 &lt;가족&gt; 🎂</D:displayname>").status == 207
    assert filled.value(path, "D:displayname") == "우리 <가족> 🎂"
    filled.patch(path, "<D:remove><D:prop><D:displayname/></D:prop></D:remove>")
    row = filled.find(path, "D:displayname").only
    if path == FILE:
        assert row.other == {"D:displayname": 404}
    else:
        assert row.text("D:displayname") == path.rstrip("/").rpartition("/")[2]


@pytest.mark.spec("RFC 4918 9.2", "Windows' four times are kept as sent and answered in their namespace")
def test_windows_times_are_kept(filled: Desk) -> None:
    names = ["Win32CreationTime", "Win32LastAccessTime", "Win32LastModifiedTime"]
    sent = [f"<W:{name}>Tue, 24 Nov 2026 09:00:00 GMT</W:{name}>" for name in names]
    row = filled.set_(FILE, *sent, "<W:Win32FileAttributes>00000020</W:Win32FileAttributes>").only
    assert set(row.found) == {f"W:{name}" for name in [*names, "Win32FileAttributes"]}
    assert filled.value(FILE, "W:Win32FileAttributes") == "00000020"


@pytest.mark.spec("RFC 4918 9.2", "getlastmodified of a file may be set, and is what GET says; its ETag stays")
def test_the_date_of_a_file_may_be_set(filled: Desk) -> None:
    etag, date = filled.ask("HEAD", FILE).etag, "Sun, 06 Nov 1994 08:49:37 GMT"
    assert filled.set_(FILE, f"<D:getlastmodified>{date}</D:getlastmodified>").only.other == {}
    head = filled.ask("HEAD", FILE)
    assert (head.headers["last-modified"], head.etag) == (date, etag)


@pytest.mark.spec("RFC 4918 9.2", "PROPPATCH changes no ETag and no date of the body")
@pytest.mark.parametrize("path", [FILE, CONTACT, EVENT])
def test_properties_change_no_etag(filled: Desk, path: str) -> None:
    before = filled.ask("HEAD", path)
    filled.set_(path, "<X:a>1</X:a>")
    after = filled.ask("HEAD", path)
    assert (after.etag, after.headers["last-modified"]) == (before.etag, before.headers["last-modified"])


@pytest.mark.spec("RFC 4918 9.2", "a property larger than 64 KiB is refused, a large one below is kept")
@pytest.mark.parametrize(("size", "kept"), [(60_000, True), (70_000, False)])
def test_the_size_of_a_property_is_limited(filled: Desk, size: int, kept: bool) -> None:
    row = filled.set_(FILE, f"<X:a>{'x' * size}</X:a>").only
    assert ("X:a" in row.found) is kept
    assert kept or row.other == {"X:a": 403}


@pytest.mark.spec("RFC 4918 9.2", "PROPPATCH of nothing is 404, an empty or foreign body 400")
def test_proppatch_of_nothing_and_of_no_body(filled: Desk) -> None:
    assert filled.set_(FILES + "no", "<X:a/>").status == 404
    assert filled.ask("PROPPATCH", FILE).status == 400
    assert filled.ask("PROPPATCH", FILE, doc("D:propfind", "<D:allprop/>")).status == 400
    assert filled.patch(FILE, "").status == 400


# --- 9.3 MKCOL --------------------------------------------------------------------------------------


@pytest.mark.spec("RFC 4918 9.3", "MKCOL makes a folder, with and without a slash: 201")
@pytest.mark.parametrize("path", [FILES + "new/", FILES + "new", FILES + "%EA%B0%80/"])
def test_mkcol_makes_a_folder(desk: Desk, path: str) -> None:
    assert desk.ask("MKCOL", path).status == 201
    row = desk.find(path, "D:resourcetype").only
    assert (row.href, row.inside("D:resourcetype")) == (path.rstrip("/") + "/", ["D:collection"])


@pytest.mark.spec("RFC 4918 9.3.1", "MKCOL on something is 405 with what is allowed, whatever it is")
@pytest.mark.parametrize("path", [FOLDER, FILE, FILES, BOOK, CALENDAR, CONTACT, "/dav/", "/dav/files/"])
def test_mkcol_on_something_is_405(filled: Desk, path: str) -> None:
    answer = filled.ask("MKCOL", path)
    assert answer.refusal == (405, "D:resource-must-be-null")
    assert answer.headers["allow"]


@pytest.mark.spec("RFC 4918 9.3.1", "MKCOL below nothing, or below a file, is 409")
@pytest.mark.parametrize("path", [FILES + "no/new/", FILE + "/new/", "/dav/files/ben/new/", "/dav/nothing/here/new/"])
def test_mkcol_below_nothing_is_409(filled: Desk, path: str) -> None:
    assert filled.ask("MKCOL", path).status == 409


@pytest.mark.spec("RFC 4918 9.3.1", "MKCOL with a body that is not understood is 415, and nothing is made")
@pytest.mark.parametrize(
    ("body", "content_type"),
    [("hello", "text/plain"), ("{}", "application/json"), (doc("D:propfind"), "application/xml")],
    ids=["text", "json", "other-xml"],
)
def test_mkcol_with_a_foreign_body_is_415(desk: Desk, body: str, content_type: str) -> None:
    assert desk.ask("MKCOL", FILES + "new/", body, content_type=content_type).status == 415
    assert desk.find(FILES + "new/", "D:resourcetype").status == 404


# --- 9.4 GET and 9.5 HEAD of collections ------------------------------------------------------------


@pytest.mark.spec("RFC 4918 9.4", "HEAD and GET of a collection are 200: some clients know a folder by that")
@pytest.mark.parametrize("path", [FOLDER, FILES, BOOK, CALENDAR, "/dav/calendars/anna/", "/dav/"])
@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_collections_answer_head_and_get(filled: Desk, path: str, method: str) -> None:
    assert filled.ask(method, path).status == 200


# --- 9.6 DELETE -------------------------------------------------------------------------------------


@pytest.mark.spec("RFC 4918 9.6", "DELETE is 204 and then 404; a folder goes with all below it")
@pytest.mark.parametrize("path", [FILE, FOLDER, FOLDER.rstrip("/"), CONTACT, EVENT, BOOK, CALENDAR])
def test_delete_deletes(filled: Desk, path: str) -> None:
    assert filled.ask("DELETE", path).status == 204
    assert filled.find(path, "D:resourcetype").status == 404
    assert filled.ask("DELETE", path).status == 404
    if path == FOLDER:
        assert filled.ask("GET", FOLDER + "inner/c.txt").status == 404


@pytest.mark.spec("RFC 4918 9.6", "homes, principals and roots cannot be deleted: 403 with the privilege")
@pytest.mark.parametrize(
    "path", ["/dav/", "/dav/files/", FILES, "/dav/calendars/anna/", "/dav/addressbooks/anna/", "/dav/principals/anna/"]
)
def test_homes_and_roots_stay(shelf: Desk, path: str) -> None:
    assert shelf.ask("DELETE", path).refusal == (403, "D:need-privileges")
    assert shelf.find(path, "D:resourcetype").status == 207


@pytest.mark.spec("RFC 4918 9.6.1", "DELETE of a collection knows no other Depth than infinity")
@pytest.mark.parametrize(("depth", "status"), [("infinity", 204), ("0", 400), ("1", 400)])
def test_a_collection_is_deleted_whole_or_not_at_all(filled: Desk, depth: str, status: int) -> None:
    assert filled.ask("DELETE", FOLDER, depth=depth).status == status


@pytest.mark.spec("RFC 4918 9.6", "deleting a mounted folder or calendar takes it out of the home and deletes nothing")
@pytest.mark.parametrize(
    ("mine", "theirs", "name"),
    [
        (FILES + "Family/", "/dav/files/ben/Family/", "x.txt"),
        ("/dav/addressbooks/anna/family/", "/dav/addressbooks/ben/family/", "x.vcf"),
        ("/dav/calendars/anna/family/", "/dav/calendars/ben/family/", "x.ics"),
    ],
    ids=["folder", "book", "calendar"],
)
def test_deleting_a_mount_deletes_nothing(desk: Desk, mine: str, theirs: str, name: str) -> None:
    desk.put(mine + name, {"x.txt": "x", "x.vcf": card("x"), "x.ics": APPOINTMENT}[name])
    assert desk.ask("DELETE", mine).status == 204
    assert desk.find(mine, "D:resourcetype").status == 404
    assert desk.ask("GET", theirs + name, by="ben").status == 200


# --- 9.7 PUT ----------------------------------------------------------------------------------------


@pytest.mark.spec("RFC 4918 9.7.1", "PUT is 201 for something new and 204 for a new version, with its strong ETag")
@pytest.mark.parametrize(
    ("path", "first", "second"),
    [(FILE, "1", "2"), (CONTACT, card("a"), card("a", name="B")), (EVENT, APPOINTMENT, event("a", "DTSTART:20261125"))],
    ids=["file", "contact", "event"],
)
def test_put_is_201_then_204(desk: Desk, path: str, first: str, second: str) -> None:
    made = desk.put(path, first)
    changed = desk.put(path, second)
    assert (made.status, changed.status) == (201, 204)
    assert made.etag != changed.etag
    assert not changed.etag.startswith("W/")
    assert desk.get(path) == second.encode()


@pytest.mark.spec("RFC 4918 9.7.1", "PUT below nothing is 409; apps make the folders on that code")
@pytest.mark.parametrize(
    "path", [FILES + "no/a.txt", "/dav/addressbooks/anna/no/a.vcf", "/dav/calendars/anna/no/a.ics"]
)
def test_put_below_nothing_is_409(shelf: Desk, path: str) -> None:
    assert shelf.ask("PUT", path, card("a")).status == 409


@pytest.mark.spec("RFC 4918 9.7.2", "PUT on a collection is 405")
@pytest.mark.parametrize("path", [FOLDER, FOLDER.rstrip("/"), FILES + "new/"])
def test_put_on_a_collection_is_405(filled: Desk, path: str) -> None:
    answer = filled.ask("PUT", path, "x")
    assert answer.status == 405
    assert "PROPFIND" in answer.headers["allow"]


@pytest.mark.spec("RFC 4918 9.7.1", "a chunked PUT without Content-Length is kept whole")
@pytest.mark.parametrize("path", [FILE, CONTACT])
def test_a_chunked_put_is_kept_whole(desk: Desk, path: str) -> None:
    body = card("a", "NOTE:" + "x" * 100_000)
    assert desk.ask("PUT", path, body, transfer_encoding="chunked").status == 201
    assert desk.get(path) == body.encode()


@pytest.mark.spec("RFC 4918 9.7.1", "a body shorter than X-Expected-Entity-Length replaces nothing")
@pytest.mark.parametrize("path", [FILE, CONTACT])
def test_a_short_body_replaces_nothing(desk: Desk, path: str) -> None:
    body = card("a")
    desk.put(path, body)
    sent = {"transfer_encoding": "chunked", "x_expected_entity_length": str(len(body) + 1)}
    assert desk.ask("PUT", path, card("a", name="Short"), **sent).status == 400
    assert desk.get(path) == body.encode()


@pytest.mark.spec("RFC 4918 9.7.1", "an empty file is a file")
def test_an_empty_file_is_kept(desk: Desk) -> None:
    assert desk.ask("PUT", FILE, b"").status == 201
    assert desk.get(FILE) == b""
    assert desk.value(FILE, "D:getcontentlength") == "0"


@pytest.mark.spec("RFC 4918 9.7.1", "X-OC-Mtime sets the date of the file, fractions included, and is confirmed")
@pytest.mark.parametrize("seconds", ["784111777", "784111777.5"])
def test_the_date_of_a_photo_is_kept(desk: Desk, seconds: str) -> None:
    answer = desk.put(FILE, "x", x_oc_mtime=seconds)
    assert answer.headers["x-oc-mtime"] == "accepted"
    assert desk.ask("HEAD", FILE).headers["last-modified"] == "Sun, 06 Nov 1994 08:49:37 GMT"


# --- 9.8 COPY, 9.9 MOVE -----------------------------------------------------------------------------


@pytest.mark.spec("RFC 4918 9.8.5", "COPY and MOVE are 201 to a free name and 204 over something")
@pytest.mark.parametrize("method", ["COPY", "MOVE"])
@pytest.mark.parametrize("path", [FILE, FOLDER, CONTACT, EVENT])
def test_to_a_free_name_and_over_something(filled: Desk, method: str, path: str) -> None:
    target = {FILE: FILES + "z.txt", FOLDER: FILES + "z/", CONTACT: "/dav/addressbooks/anna/family/a.vcf",
              EVENT: "/dav/calendars/anna/family/a.ics"}[path]  # fmt: skip
    assert filled.ask(method, path, destination=target).status == 201
    assert filled.find(target, "D:resourcetype").status == 207
    assert filled.find(path, "D:resourcetype").status == (207 if method == "COPY" else 404)
    if method == "COPY":
        assert filled.ask(method, path, destination=target).status == 204


@pytest.mark.spec("RFC 4918 9.8.4", "with Overwrite F a destination in use is 412 and stays as it is")
@pytest.mark.parametrize("method", ["COPY", "MOVE"])
def test_overwrite_f_keeps_what_is_there(filled: Desk, method: str) -> None:
    filled.put(FILES + "z.txt", "stays")
    assert filled.ask(method, FILE, destination=FILES + "z.txt", overwrite="F").status == 412
    assert filled.get(FILES + "z.txt") == b"stays"
    assert filled.get(FILE) == b"first"


@pytest.mark.spec("RFC 4918 9.8.4", "overwriting a folder replaces all of it")
@pytest.mark.parametrize("method", ["COPY", "MOVE"])
def test_overwriting_a_folder_replaces_all_of_it(filled: Desk, method: str) -> None:
    assert filled.ask("MKCOL", FILES + "other/").status == 201
    filled.put(FILES + "other/only.txt", "x")
    assert filled.ask(method, FILES + "other/", destination=FOLDER).status == 204
    assert filled.find(FOLDER, "D:getetag", depth="1").names == ["box", "only.txt"]


@pytest.mark.spec("RFC 4918 9.8.3", "COPY of a folder with Depth 0 takes the folder alone, infinity and none all of it")
@pytest.mark.parametrize(("headers", "deep"), [({"depth": "0"}, False), ({"depth": "infinity"}, True), ({}, True)])
def test_copy_honours_depth(filled: Desk, headers: dict[str, str], deep: bool) -> None:
    assert filled.ask("COPY", FOLDER, destination=FILES + "z/", **headers).status == 201
    assert (filled.ask("GET", FILES + "z/inner/c.txt").status == 200) is deep
    assert len(filled.find(FILES + "z/", "D:getetag", depth="1").rows) == (3 if deep else 1)


@pytest.mark.spec("RFC 4918 9.8.3", "COPY with Depth 1 and MOVE of a collection with 0 or 1 are refused")
@pytest.mark.parametrize(("method", "depth"), [("COPY", "1"), ("MOVE", "0"), ("MOVE", "1")])
def test_other_depths_are_refused(filled: Desk, method: str, depth: str) -> None:
    assert filled.ask(method, FOLDER, destination=FILES + "z/", depth=depth).status == 400


@pytest.mark.spec("RFC 4918 9.8.5", "onto itself, and a folder into itself, is 403")
@pytest.mark.parametrize("method", ["COPY", "MOVE"])
@pytest.mark.parametrize(
    ("source", "target"), [(FILE, FILE), (FOLDER, FOLDER), (FOLDER, FOLDER + "inner/z/"), (CONTACT, CONTACT)]
)
def test_onto_itself_is_403(filled: Desk, method: str, source: str, target: str) -> None:
    assert filled.ask(method, source, destination=target).status == 403
    assert filled.get(FOLDER + "inner/c.txt") == b"third"


@pytest.mark.spec("RFC 4918 9.8.5", "a destination below nothing is 409, a source that is not there 404")
@pytest.mark.parametrize("method", ["COPY", "MOVE"])
def test_below_nothing_and_of_nothing(filled: Desk, method: str) -> None:
    assert filled.ask(method, FILE, destination=FILES + "no/z.txt").status == 409
    assert filled.ask(method, FILES + "no.txt", destination=FILES + "z.txt").status == 404
    assert filled.ask(method, FILE, destination="/dav/files/ben/z.txt").status == 409, (
        "an invisible parent looks the same"
    )


@pytest.mark.spec(
    "RFC 4918 10.3", "Destination is a path or a URL of ours; another server's is 502, none or nonsense 400"
)
@pytest.mark.parametrize(
    ("destination", "status"),
    [
        ("/dav/files/anna/z.txt", 201),
        ("http://box.local:8080/dav/files/anna/z.txt", 201),
        ("https://box.local/dav/files/anna/z.txt", 201),
        ("http://BOX.local:8080/dav/files/anna/%7A.txt", 201),
        ("http://elsewhere.example/dav/files/anna/z.txt", 502),
        ("", 400),
        ("z.txt", 400),
        ("ftp://box.local/dav/files/anna/z.txt", 400),
        ("http://[box/dav/", 400),
        ("/dav/files/anna/../ben/z.txt", 400),
    ],
)
@pytest.mark.parametrize("method", ["COPY", "MOVE"])
def test_destination_is_read(filled: Desk, method: str, destination: str, status: int) -> None:
    assert filled.ask(method, FILE, destination=destination).status == status


@pytest.mark.spec("RFC 4918 10.3", "COPY and MOVE without Destination are 400")
@pytest.mark.parametrize("method", ["COPY", "MOVE"])
def test_without_destination_is_400(filled: Desk, method: str) -> None:
    assert filled.ask(method, FILE).status == 400


@pytest.mark.spec("RFC 4918 9.8.2", "dead properties go along with COPY and MOVE")
@pytest.mark.parametrize("method", ["COPY", "MOVE"])
@pytest.mark.parametrize(
    ("path", "target"),
    [(FILE, FILES + "z.txt"), (FOLDER, FILES + "z/"), (CONTACT, "/dav/addressbooks/anna/family/a.vcf")],
    ids=["file", "folder", "contact"],
)
def test_dead_properties_go_along(filled: Desk, method: str, path: str, target: str) -> None:
    filled.set_(path, "<X:a>1</X:a>")
    assert filled.ask(method, path, destination=target).status == 201
    assert filled.value(target, "X:a") == "1"


@pytest.mark.spec("RFC 4918 9.9", "MOVE keeps the identity and the ETag of a file; COPY makes a new one")
def test_move_keeps_the_identity(filled: Desk) -> None:
    before = filled.find(FILE, "D:resource-id", "D:getetag").only
    assert filled.ask("COPY", FILE, destination=FILES + "copy.txt").status == 201
    assert filled.ask("MOVE", FILE, destination=FILES + "moved.txt").status == 201
    moved = filled.find(FILES + "moved.txt", "D:resource-id", "D:getetag").only
    assert (moved.text("D:resource-id"), moved.text("D:getetag")) == (
        before.text("D:resource-id"),
        before.text("D:getetag"),
    )
    assert filled.value(FILES + "copy.txt", "D:resource-id") != before.text("D:resource-id")


CLUB = "/dav/addressbooks/anna/club/"
WORK = "/dav/calendars/anna/work/"


@pytest.mark.spec("RFC 4918 9.8.5", "what may be copied and moved where (protocol C8)")
@pytest.mark.parametrize(
    ("method", "source", "target", "refusal"),
    [
        ("COPY", CONTACT, BOOK + "b.vcf", (409, "CR:no-uid-conflict")),
        ("COPY", EVENT, CALENDAR + "b.ics", (409, "C:no-uid-conflict")),
        ("MOVE", CONTACT, BOOK + "b.vcf", (201, None)),
        ("MOVE", CONTACT, CALENDAR + "a.vcf", (403, None)),
        ("COPY", EVENT, BOOK + "a.ics", (403, None)),
        ("COPY", EVENT, "/dav/calendars/anna/tasks/a.ics", (403, "C:supported-calendar-component")),
        ("COPY", CONTACT, FILES + "a.vcf", (403, None)),
        ("COPY", EVENT, FILES + "a.ics", (403, None)),
        ("MOVE", CONTACT, FILES + "a.vcf", (403, None)),
        ("MOVE", FILE, BOOK + "a.txt", (403, None)),
        ("COPY", BOOK, CLUB, (201, None)),
        ("MOVE", BOOK, CLUB, (201, None)),
        ("MOVE", CALENDAR, WORK, (201, None)),
        ("COPY", CALENDAR, WORK, (201, None)),
        ("MOVE", BOOK, "/dav/addressbooks/household/club/", (403, "CR:addressbook-collection-location-ok")),
        ("MOVE", CALENDAR, "/dav/calendars/household/work/", (403, "C:calendar-collection-location-ok")),
        ("COPY", BOOK, "/dav/calendars/anna/club/", (403, "CR:addressbook-collection-location-ok")),
        ("COPY", BOOK, FILES + "club/", (403, "CR:addressbook-collection-location-ok")),
        ("MOVE", CALENDAR, FILES + "work/", (403, "C:calendar-collection-location-ok")),
        ("MOVE", FOLDER, "/dav/calendars/anna/box/", (403, None)),
        ("COPY", FILES, FILES + "all/", (403, None)),
        ("MOVE", FILES, "/dav/files/other/", (403, None)),
        ("MOVE", "/dav/calendars/anna/", "/dav/calendars/other/", (403, "D:need-privileges")),
        ("MOVE", "/dav/principals/anna/", FILES + "me/", (403, "D:need-privileges")),
    ],
)  # fmt: skip
def test_what_goes_where(filled: Desk, method: str, source: str, target: str, refusal: tuple[int, str | None]) -> None:
    answer = filled.ask(method, source, destination=target)
    status, condition = refusal
    assert answer.status == status
    if condition is not None:
        assert answer.condition == condition
    if status >= 400:
        assert filled.find(source, "D:resourcetype").status == 207


@pytest.mark.spec("RFC 4918 9.8", "a calendar file copied into a calendar becomes an event, as by PUT")
def test_a_file_copied_into_a_calendar_is_an_event(filled: Desk) -> None:
    body = event("from-file", "DTSTART:20261201T090000Z")
    filled.put(FILES + "e.ics", body)
    assert filled.ask("COPY", FILES + "e.ics", destination=CALENDAR + "e.ics").status == 201
    assert filled.get(CALENDAR + "e.ics") == body.encode()
    assert filled.ask("COPY", FILE, destination=CALENDAR + "f.ics").refusal == (403, "C:valid-calendar-data")


@pytest.mark.spec("RFC 4918 9.9", "a mounted folder may be renamed in its home, and not moved out of it")
def test_a_mount_may_be_renamed_and_stays_in_the_home(filled: Desk) -> None:
    mount = FILES + "Family/"
    assert filled.ask("MOVE", mount, destination=FOLDER + "Family/").refusal == (403, "D:need-privileges")
    assert filled.ask("MOVE", mount, destination=FILES + "Ours/").status == 201
    assert filled.find(FILES + "Ours/", "D:resourcetype").status == 207
    assert filled.find("/dav/files/ben/Family/", "D:resourcetype", by="ben").status == 207


@pytest.mark.spec("RFC 4918 9.8", "nothing is copied or moved over a mounted folder, and no folder takes its name")
@pytest.mark.parametrize("method", ["COPY", "MOVE"])
def test_nothing_goes_over_a_mount(filled: Desk, method: str) -> None:
    assert filled.ask(method, FOLDER, destination=FILES + "Family/", overwrite="T").refusal == (
        403,
        "D:need-privileges",
    )
    assert filled.ask("MKCOL", FILES + "Family/").status == 405


# --- 9.10 LOCK, 9.11 UNLOCK, 6 and 7 ----------------------------------------------------------------


def lockinfo(scope: str = "exclusive", owner: str = "<D:href>mailto:anna@box.local</D:href>") -> str:
    described = f"<D:owner>{owner}</D:owner>" if owner else ""
    return doc("D:lockinfo", f"<D:lockscope><D:{scope}/></D:lockscope><D:locktype><D:write/></D:locktype>{described}")


def take(desk: Desk, path: str, scope: str = "exclusive", by: str = "anna", **headers: str) -> str:
    """Lock and return the token."""
    answer = desk.ask("LOCK", path, lockinfo(scope), by=by, **headers)
    assert answer.status in (200, 201), (answer.status, answer.octets)
    return answer.headers["lock-token"].strip("<>")


def active(desk: Desk, path: str, by: str = "anna") -> list[dict[str, str]]:
    """Return what lockdiscovery says, a dictionary for each lock."""
    discovery = desk.find(path, "D:lockdiscovery", by=by).only.found["D:lockdiscovery"]
    return [
        {
            "scope": lock.find("{DAV:}lockscope")[0].tag.removeprefix("{DAV:}"),  # type: ignore[index]
            "depth": lock.findtext("{DAV:}depth") or "",
            "timeout": lock.findtext("{DAV:}timeout") or "",
            "token": lock.findtext("{DAV:}locktoken/{DAV:}href") or "",
            "root": lock.findtext("{DAV:}lockroot/{DAV:}href") or "",
            "owner": "".join(map(str, lock.find("{DAV:}owner").itertext())),  # type: ignore[union-attr]
        }
        for lock in discovery
    ]


@pytest.mark.spec(
    "RFC 4918 9.10.1", "LOCK answers 200 with Lock-Token and lockdiscovery, and lockdiscovery tells it from then on"
)
@pytest.mark.parametrize("scope", ["exclusive", "shared"])
@pytest.mark.parametrize("path", [FILE, FOLDER])
def test_a_lock_is_taken_and_told(filled: Desk, path: str, scope: str) -> None:
    answer = filled.ask("LOCK", path, lockinfo(scope), depth="0", timeout="Second-600")
    assert answer.status == 200
    token = answer.headers["lock-token"]
    assert token.startswith("<urn:uuid:") and token.endswith(">")
    assert answer.xml.findtext(".//{DAV:}locktoken/{DAV:}href") == token.strip("<>")
    (told,) = active(filled, path)
    assert (told["scope"], told["depth"], told["token"], told["root"]) == (scope, "0", token.strip("<>"), path)
    assert told["owner"] == "mailto:anna@box.local"
    assert 590 <= int(told["timeout"].removeprefix("Second-")) <= 600


@pytest.mark.spec("RFC 4918 9.10.3", "LOCK without Depth is of depth infinity, as Windows sends it; Depth 1 is refused")
def test_depth_of_a_lock(filled: Desk) -> None:
    take(filled, FOLDER)
    assert active(filled, FOLDER)[0]["depth"] == "infinity"
    assert filled.ask("LOCK", FILE, lockinfo(), depth="1").status == 400
    take(filled, FILE)


@pytest.mark.spec("RFC 4918 9.10.4", "LOCK on a new name makes an empty file, 201, which stays after the lock")
def test_lock_on_a_new_name_makes_an_empty_file(desk: Desk) -> None:
    answer = desk.ask("LOCK", FILES + "new.txt", lockinfo())
    assert answer.status == 201
    assert desk.get(FILES + "new.txt") == b""
    assert desk.ask("UNLOCK", FILES + "new.txt", lock_token=answer.headers["lock-token"]).status == 204
    assert desk.get(FILES + "new.txt") == b""


@pytest.mark.spec("RFC 4918 9.10.6", "LOCK below nothing is 409")
def test_lock_below_nothing_is_409(shelf: Desk) -> None:
    assert shelf.ask("LOCK", FILES + "no/new.txt", lockinfo()).status == 409


@pytest.mark.spec("RFC 4918 9.10", "homes, principals, address books and calendars cannot be locked")
@pytest.mark.parametrize(
    "path", [FILES, "/dav/", "/dav/principals/anna/", BOOK, CALENDAR, CONTACT, "/dav/calendars/anna/"]
)
def test_what_cannot_be_locked(filled: Desk, path: str) -> None:
    assert filled.ask("LOCK", path, lockinfo(), depth="0").status == 403


WRITES = {
    "PUT": lambda desk, **h: desk.ask("PUT", FILE, "changed", **h),
    "DELETE": lambda desk, **h: desk.ask("DELETE", FILE, **h),
    "MOVE": lambda desk, **h: desk.ask("MOVE", FILE, destination=FILES + "z.txt", **h),
    "MOVE-onto": lambda desk, **h: desk.ask("MOVE", FOLDER + "b.txt", destination=FILE, **h),
    "COPY-onto": lambda desk, **h: desk.ask("COPY", FOLDER + "b.txt", destination=FILE, **h),
    "PROPPATCH": lambda desk, **h: desk.set_(FILE, "<X:a>1</X:a>", **h),
}


@pytest.mark.spec("RFC 4918 7", "every write of a locked file without its token is 423 with the root of the lock")
@pytest.mark.parametrize("name", WRITES)
def test_a_locked_file_is_not_written_without_the_token(filled: Desk, name: str) -> None:
    take(filled, FILE)
    answer = WRITES[name](filled)
    assert answer.refusal == (423, "D:lock-token-submitted")
    assert answer.error_hrefs == [FILE]
    assert filled.get(FILE) == b"first"


@pytest.mark.spec("RFC 4918 7", "with the token in the If header the write goes through")
@pytest.mark.parametrize("name", WRITES)
def test_a_locked_file_is_written_with_the_token(filled: Desk, name: str) -> None:
    token = take(filled, FILE)
    tagged = name.endswith("-onto") or name == "MOVE"
    condition = f"<{FILE}> (<{token}>)" if tagged else f"(<{token}>)"
    answer = WRITES[name](filled, if_=condition)
    assert answer.status in (201, 204, 207)
    if answer.status == 207:
        assert set(answer.only.found) == {"X:a"}


@pytest.mark.spec("RFC 4918 7", "reading, copying from and listing a locked file needs no token")
def test_reading_needs_no_token(filled: Desk) -> None:
    take(filled, FILE)
    assert filled.get(FILE) == b"first"
    assert filled.ask("COPY", FILE, destination=FILES + "z.txt").status == 201
    assert filled.find(FILE, "D:getetag").status == 207
    assert active(filled, FILES + "z.txt") == [], "locks never go along"


@pytest.mark.spec(
    "RFC 4918 6.4", "a lock belongs to the person: another device of theirs may use the token, another person not"
)
def test_a_lock_belongs_to_the_person(desk: Desk) -> None:
    mine, theirs = FILES + "Family/a.txt", "/dav/files/ben/Family/a.txt"
    desk.put(mine, "first")
    token = take(desk, mine)
    assert desk.ask("PUT", mine, "second", by="anna's tablet", if_=f"(<{token}>)").status == 204
    answer = desk.ask("PUT", theirs, "third", by="ben")
    assert answer.refusal == (423, "D:lock-token-submitted")
    assert answer.error_hrefs == [theirs], "the root in the reader's address space"
    assert desk.ask("PUT", theirs, "third", by="ben", if_=f"(<{token}>)").status == 423
    assert desk.ask("UNLOCK", theirs, by="ben", lock_token=f"<{token}>").status == 403
    assert active(desk, theirs, by="ben")[0]["root"] == theirs
    assert desk.get(mine) == b"second"


@pytest.mark.spec("RFC 4918 7.4", "a lock of depth infinity covers what is below and what is added later")
def test_a_deep_lock_covers_all_below(filled: Desk) -> None:
    token = take(filled, FOLDER)
    assert filled.ask("PUT", FOLDER + "inner/c.txt", "x").status == 423
    assert filled.ask("PUT", FOLDER + "new.txt", "x").status == 423
    assert filled.ask("MKCOL", FOLDER + "more/").status == 423
    assert filled.ask("PUT", FOLDER + "new.txt", "x", if_=f"<{FOLDER}> (<{token}>)").status == 201
    assert filled.ask("PUT", FOLDER + "new.txt", "y").status == 423
    assert active(filled, FOLDER + "new.txt")[0]["root"] == FOLDER


@pytest.mark.spec("RFC 4918 7.4", "a lock of depth 0 on a folder guards its list of members, not their contents")
def test_a_shallow_lock_guards_the_member_list(filled: Desk) -> None:
    token = take(filled, FOLDER, depth="0")
    assert filled.ask("PUT", FOLDER + "b.txt", "changed").status == 204
    assert filled.ask("PUT", FOLDER + "new.txt", "x").status == 423
    assert filled.ask("DELETE", FOLDER + "b.txt").status == 423
    assert filled.ask("MOVE", FOLDER + "b.txt", destination=FILES + "z.txt").status == 423
    assert filled.ask("MOVE", FILE, destination=FOLDER + "z.txt").status == 423
    assert filled.ask("PUT", FOLDER + "new.txt", "x", if_=f"<{FOLDER}> (<{token}>)").status == 201


@pytest.mark.spec("RFC 4918 9.6.1", "a folder with a locked file in it is not deleted without that token")
def test_a_folder_with_a_locked_file_stays(filled: Desk) -> None:
    token = take(filled, FOLDER + "inner/c.txt")
    assert filled.ask("DELETE", FOLDER).refusal == (423, "D:lock-token-submitted")
    assert filled.get(FOLDER + "b.txt") == b"second", "all or nothing"
    assert filled.ask("DELETE", FOLDER, if_=f"<{FOLDER}inner/c.txt> (<{token}>)").status == 204


@pytest.mark.spec("RFC 4918 6.2", "exclusive excludes all others, shared excludes exclusive ones only")
@pytest.mark.parametrize(
    ("first", "second", "status"),
    [
        ("exclusive", "exclusive", 423),
        ("exclusive", "shared", 423),
        ("shared", "exclusive", 423),
        ("shared", "shared", 200),
    ],
)
def test_which_locks_go_together(filled: Desk, first: str, second: str, status: int) -> None:
    take(filled, FILE, first)
    answer = filled.ask("LOCK", FILE, lockinfo(second))
    assert answer.status == status
    if status == 423:
        assert (answer.condition, answer.error_hrefs) == ("D:no-conflicting-lock", [FILE])
    else:
        assert len(active(filled, FILE)) == 2


@pytest.mark.spec(
    "RFC 4918 9.10.9", "a lock below in the way: 207 with 423 for it and 424 for the folder, nothing is locked"
)
def test_a_lock_below_in_the_way(filled: Desk) -> None:
    take(filled, FOLDER + "inner/c.txt")
    answer = filled.ask("LOCK", FOLDER, lockinfo(), depth="infinity")
    assert {row.href: row.status for row in answer.rows} == {FOLDER + "inner/c.txt": 423, FOLDER: 424}
    assert active(filled, FOLDER) == []


@pytest.mark.spec("RFC 4918 9.10.2", "LOCK without a body renews the one lock of the If header")
def test_a_lock_is_renewed(filled: Desk) -> None:
    token = take(filled, FILE, timeout="Second-100")
    answer = filled.ask("LOCK", FILE, if_=f"(<{token}>)", timeout="Second-900")
    assert (answer.status, "lock-token" in answer.headers) == (200, False)
    assert int(active(filled, FILE)[0]["timeout"].removeprefix("Second-")) > 800


@pytest.mark.spec("RFC 4918 9.10.6", "renewing what is no lock here is 412, without an If header 400")
def test_renewing_nothing(filled: Desk) -> None:
    stranger = "urn:uuid:11111111-1111-4111-8111-111111111111"
    assert filled.ask("LOCK", FILE, if_=f"(<{stranger}>)").status == 412
    assert filled.ask("LOCK", FILE).status == 400
    token = take(filled, FILE)
    assert filled.ask("LOCK", FOLDER + "b.txt", if_=f"(<{token}>)").status == 412


@pytest.mark.spec("RFC 4918 10.7", "a timeout is at most an hour; what cannot be read is as if absent")
@pytest.mark.parametrize(
    "timeout", ["Infinite", "Second-4100000000", "Infinite, Second-4100000000", "soon", "Second-", ""]
)
def test_a_timeout_is_at_most_an_hour(filled: Desk, timeout: str) -> None:
    take(filled, FILE, timeout=timeout)
    assert 3590 <= int(active(filled, FILE)[0]["timeout"].removeprefix("Second-")) <= 3600


@pytest.mark.spec("RFC 4918 6.6", "a lock that ran out is gone")
def test_a_lock_runs_out(filled: Desk) -> None:
    take(filled, FILE, timeout="Second-60")
    filled.clock.ahead = timedelta(seconds=61)
    assert active(filled, FILE) == []
    assert filled.ask("PUT", FILE, "changed").status == 204


@pytest.mark.spec("RFC 4918 9.11", "UNLOCK is 204 and the lock is gone; a token of another resource is 409, none 400")
def test_unlock(filled: Desk) -> None:
    token = take(filled, FILE)
    assert filled.ask("UNLOCK", FILE).status == 400
    assert filled.ask("UNLOCK", FOLDER + "b.txt", lock_token=f"<{token}>").refusal == (
        409,
        "D:lock-token-matches-request-uri",
    )
    assert filled.ask("UNLOCK", FILE, lock_token=f"<{token}>").status == 204
    assert filled.ask("UNLOCK", FILE, lock_token=f"<{token}>").status == 409
    assert filled.ask("PUT", FILE, "changed").status == 204


@pytest.mark.spec("RFC 4918 9.11", "UNLOCK of a file below a deep lock removes the whole lock")
def test_unlock_from_below(filled: Desk) -> None:
    token = take(filled, FOLDER)
    assert filled.ask("UNLOCK", FOLDER + "inner/c.txt", lock_token=f"<{token}>").status == 204
    assert active(filled, FOLDER) == []


@pytest.mark.spec("RFC 4918 9.10", "a LOCK body that is none is refused and locks nothing")
@pytest.mark.parametrize(
    "inner",
    [
        "", "<D:lockscope><D:exclusive/></D:lockscope>", "<D:locktype><D:write/></D:locktype>",
        "<D:lockscope><D:exclusive/><D:shared/></D:lockscope><D:locktype><D:write/></D:locktype>",
        "<D:lockscope><D:exclusive/></D:lockscope><D:locktype><X:read/></D:locktype>",
    ],
    ids=["empty", "no-type", "no-scope", "both", "foreign-type"],
)  # fmt: skip
def test_a_lockinfo_that_is_none(filled: Desk, inner: str) -> None:
    assert filled.ask("LOCK", FILE, doc("D:lockinfo", inner)).status == 400
    assert active(filled, FILE) == []


@pytest.mark.spec("RFC 4918 9.9", "a moved file leaves its lock behind")
def test_a_moved_file_leaves_its_lock_behind(filled: Desk) -> None:
    token = take(filled, FILE)
    assert filled.ask("MOVE", FILE, destination=FILES + "z.txt", if_=f"(<{token}>)").status == 201
    assert active(filled, FILES + "z.txt") == []


@pytest.mark.spec("RFC 4918 7.3", "what Windows does to copy a file in")
def test_what_windows_does(desk: Desk) -> None:
    path = FILES + "photo.jpg"
    assert desk.ask("PROPFIND", path, depth="0").status == 404
    assert desk.ask("PUT", path, b"").status == 201
    token = take(desk, path, timeout="Second-3600")
    assert desk.set_(path, "<W:Win32FileAttributes>20</W:Win32FileAttributes>", if_=f"(<{token}>)").status == 207
    assert desk.ask("HEAD", path).status == 200
    assert desk.ask("PUT", path, b"octets", if_=f"(<{token}>)").status == 204
    assert desk.ask("UNLOCK", path, lock_token=f"<{token}>").status == 204
    assert desk.get(path) == b"octets"


# --- 10.1 DAV, 10.2 Depth ---------------------------------------------------------------------------


@pytest.mark.spec("RFC 4918 10.1", "OPTIONS names the classes: 2 for files and the roots, 1 and 3 everywhere")
@pytest.mark.parametrize(
    ("path", "lockable"),
    [
        ("/", True),
        ("/dav/", True),
        (FILES, True),
        (FILE, True),
        (BOOK, False),
        (CALENDAR, False),
        ("/dav/principals/anna/", False),
    ],
)
def test_the_classes_are_named(shelf: Desk, path: str, lockable: bool) -> None:
    classes = {word.strip() for word in shelf.ask("OPTIONS", path).headers["dav"].split(",")}
    assert {
        "1",
        "3",
        "access-control",
        "calendar-access",
        "addressbook",
        "extended-mkcol",
        "sync-collection",
    } <= classes
    assert ("2" in classes) is lockable
    assert "calendar-auto-schedule" not in classes and "version-control" not in classes


@pytest.mark.spec("RFC 4918 10.1", "OPTIONS answers without a login, and the same for what is there and what is not")
def test_options_tells_nothing_of_what_is_there(filled: Desk) -> None:
    there, nothing = filled.ask("OPTIONS", FILE, by=""), filled.ask("OPTIONS", FILES + "no.txt", by="")
    assert there.status == 200
    assert (there.status, there.headers, there.octets) == (nothing.status, nothing.headers, nothing.octets)


@pytest.mark.spec(
    "RFC 4918 10.1", "Allow names what the address knows; a method it does not know is 405 with the same list"
)
@pytest.mark.parametrize(
    ("path", "method"),
    [(FILE, "MKCALENDAR"), (BOOK, "MKCALENDAR"), (FILE, "POST"), ("/dav/", "POST"), (CONTACT, "POST")],
)
def test_a_method_that_is_not_for_here(filled: Desk, path: str, method: str) -> None:
    answer = filled.ask(method, path)
    assert answer.status == 405
    assert method not in answer.headers["allow"].split(", ")


@pytest.mark.spec("RFC 4918 10.2", "a Depth that cannot be read is 400, for every method that reads it")
@pytest.mark.parametrize("depth", ["2", "-1", "many", "0,1", "", "1,noroot,x", "infinity infinity"])
@pytest.mark.parametrize("method", ["PROPFIND", "COPY", "MOVE", "LOCK", "DELETE"])
def test_an_unreadable_depth_is_400(filled: Desk, method: str, depth: str) -> None:
    body = {"LOCK": lockinfo()}.get(method, "")
    assert filled.ask(method, FOLDER, body, depth=depth, destination=FILES + "z/").status == 400
    assert filled.get(FOLDER + "b.txt") == b"second"


@pytest.mark.spec("RFC 4918 10.6", "an Overwrite that is neither T nor F is 400")
def test_an_unreadable_overwrite_is_400(filled: Desk) -> None:
    assert filled.ask("COPY", FILE, destination=FILES + "z.txt", overwrite="perhaps").status == 400


# --- 10.4 the If header -----------------------------------------------------------------------------

STRANGER = "urn:uuid:11111111-1111-4111-8111-111111111111"


@pytest.mark.spec("RFC 4918 10.4", "the If header: lists joined by OR, conditions by AND, tags for other resources")
@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ("([{etag}])", 204),
        ('(["other"])', 412),
        ('(["other"]) ([{etag}])', 204),
        ('([{etag}] ["other"])', 412),
        ('([{etag}] Not ["other"])', 204),
        ("(Not [{etag}])", 412),
        ("(Not <DAV:no-lock>)", 204),
        ("(<DAV:no-lock>)", 412),
        ("(<{stranger}>)", 412),
        ("(<{stranger}>) (Not <DAV:no-lock>)", 204),
        ("([W/{etag}])", 412),
        ("<{file}> ([{etag}])", 204),
        ("<http://box.local:8080{file}> ([{etag}])", 204),
        ("<{other}> ([{etag}])", 412),
        ("<{other}> ([{etag_of_other}])", 204),
        ("<{nothing}> (Not <DAV:no-lock>)", 204),
        ("<{nothing}> ([{etag}])", 412),
        ("<http://elsewhere.example/x> (Not <DAV:no-lock>)", 204),
        ("<{other}> ([{etag}]) <{file}> ([{etag}])", 204),
        ("nonsense", 400),
        ("(", 400),
        ("()", 400),
        ("([{etag}]", 400),
        ("([{etag}]) <{file}> ([{etag}])", 400),
        ("<{file}>", 400),
        ("(<>)", 400),
    ],
)
def test_the_if_header(filled: Desk, condition: str, status: int) -> None:
    other = FOLDER + "b.txt"
    sent = condition.format(
        etag=filled.ask("HEAD", FILE).etag, etag_of_other=filled.ask("HEAD", other).etag, file=FILE, other=other,
        stranger=STRANGER, nothing=FILES + "nothing",
    )  # fmt: skip
    assert filled.ask("PUT", FILE, "changed", if_=sent).status == status
    assert filled.get(FILE) == (b"changed" if status == 204 else b"first")


@pytest.mark.spec(
    "RFC 4918 10.4.1", "a false condition is 412 also when the file is locked; a token submitted in a false list counts"
)
def test_truth_and_submission_are_two_things(filled: Desk) -> None:
    token = take(filled, FILE)
    assert filled.ask("PUT", FILE, "changed", if_=f'(<{token}> ["other"])').status == 412
    assert filled.ask("PUT", FILE, "changed", if_="(Not <DAV:no-lock>)").refusal == (423, "D:lock-token-submitted")
    submitted = f'(<{token}> ["other"]) (Not <DAV:no-lock>)'
    assert filled.ask("PUT", FILE, "changed", if_=submitted).status == 204


@pytest.mark.spec("RFC 4918 10.4", "If, If-Match and If-None-Match must all hold")
def test_all_conditional_headers_must_hold(filled: Desk) -> None:
    etag = filled.ask("HEAD", FILE).etag
    assert filled.ask("PUT", FILE, "x", if_=f"([{etag}])", if_match='"other"').status == 412
    assert filled.ask("PUT", FILE, "x", if_='(["other"])', if_match=etag).status == 412
    assert filled.ask("PUT", FILE, "x", if_=f"([{etag}])", if_match=etag).status == 204


@pytest.mark.spec("RFC 4918 10.4", "conditions of contacts and events are judged in the same way")
@pytest.mark.parametrize("path", [CONTACT, EVENT])
def test_the_if_header_on_objects(filled: Desk, path: str) -> None:
    etag = filled.ask("HEAD", path).etag
    assert filled.ask("DELETE", path, if_='(["other"])').status == 412
    assert filled.ask("DELETE", path, if_=f"([{etag}])").status == 204
