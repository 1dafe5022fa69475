"""RFC 3744, access control: the read side; with RFC 5397's current-user-principal and RFC 3253's reports."""

from __future__ import annotations

import pytest

from tests.spec.desk import BOOK, CALENDAR, FILES, PREFIXES, TASKS, Desk, card, doc, named

ME = "/dav/principals/anna/"
BEN = "/dav/principals/ben/"
HOUSEHOLD = "/dav/principals/household/"
FAMILY_BOOK = "/dav/addressbooks/anna/family/"
ALL = {
    "D:read", "D:write", "D:write-content", "D:write-properties", "D:bind", "D:unbind",
    "D:read-current-user-privilege-set", "C:read-free-busy",
}  # fmt: skip


def privileges(desk: Desk, path: str, by: str = "anna") -> set[str]:
    element = desk.find(path, "D:current-user-privilege-set", by=by).only.found["D:current-user-privilege-set"]
    return {named(str(each[0].tag)) for each in element.iterchildren("{DAV:}privilege")}


def hrefs_in(desk: Desk, path: str, name: str, by: str = "anna") -> list[str]:
    return [str(href.text) for href in desk.find(path, name, by=by).only.found[name].iter("{DAV:}href")]


# --- 2, 4 principals --------------------------------------------------------------------------------


@pytest.mark.spec("RFC 3744 2", "a principal is a principal, with a name for people")
@pytest.mark.parametrize(("path", "name"), [(ME, "Anna Kim"), (BEN, "김벤"), (HOUSEHOLD, "Household")])
def test_a_principal_has_a_type_and_a_name(shelf: Desk, path: str, name: str) -> None:
    row = shelf.find(path, "D:resourcetype", "D:displayname").only
    assert (row.inside("D:resourcetype"), row.text("D:displayname")) == (["D:principal"], name)


@pytest.mark.spec("RFC 3744 4.1", "alternate-URI-set holds the mail address")
def test_alternate_uris(shelf: Desk) -> None:
    assert hrefs_in(shelf, ME, "D:alternate-URI-set") == ["mailto:anna@box.local"]


@pytest.mark.spec("RFC 3744 4.2", "principal-URL is the principal's own address")
@pytest.mark.parametrize("path", [ME, BEN, HOUSEHOLD])
def test_principal_url(shelf: Desk, path: str) -> None:
    assert hrefs_in(shelf, path, "D:principal-URL") == [path]


@pytest.mark.spec("RFC 3744 4.3", "the household's group-member-set is everybody, a person has none")
def test_group_members(shelf: Desk) -> None:
    assert hrefs_in(shelf, HOUSEHOLD, "D:group-member-set") == [ME, BEN]
    assert "D:group-member-set" in shelf.find(ME, "D:group-member-set").only.other


@pytest.mark.spec("RFC 3744 4.4", "group-membership of a person is the household")
def test_group_membership(shelf: Desk) -> None:
    assert hrefs_in(shelf, ME, "D:group-membership") == [HOUSEHOLD]
    assert hrefs_in(shelf, HOUSEHOLD, "D:group-membership") == []


@pytest.mark.spec("RFC 5397 3", "current-user-principal is told on every resource, for whoever asks")
@pytest.mark.parametrize("path", ["/", "/dav/", "/dav/principals/", ME, BEN, BOOK, CALENDAR, FILES])
def test_current_user_principal(shelf: Desk, path: str) -> None:
    assert hrefs_in(shelf, path, "D:current-user-principal") == [ME]


@pytest.mark.spec("RFC 5397 3", "current-user-principal is another one for another login")
def test_current_user_principal_of_another(shelf: Desk) -> None:
    assert hrefs_in(shelf, "/dav/", "D:current-user-principal", by="ben") == [BEN]
    assert hrefs_in(shelf, "/dav/", "D:current-user-principal", by="anna's tablet") == [ME]


@pytest.mark.spec(
    "RFC 6638 2.4.1", "calendar-user-address-set: the mail address first, then the urn:uuid and the principal"
)
@pytest.mark.parametrize("path", [ME, BEN])
def test_calendar_user_addresses(shelf: Desk, path: str) -> None:
    mail, uuid, principal = hrefs_in(shelf, path, "C:calendar-user-address-set")
    assert mail == f"mailto:{path.split('/')[3]}@box.local"
    assert uuid.startswith("urn:uuid:")
    assert principal == path


@pytest.mark.spec("RFC 3744 2", "everything that Apple asks of a principal is answered or a 404 propstat")
def test_what_apple_asks_of_a_principal(shelf: Desk) -> None:
    names = [
        "C:calendar-home-set", "CR:addressbook-home-set", "C:calendar-user-address-set", "D:displayname",
        "D:principal-URL", "D:principal-collection-set", "D:supported-report-set", "D:resource-id",
        "CS:email-address-set",
    ]  # fmt: skip
    unknown = [
        "C:schedule-inbox-URL",
        "C:schedule-outbox-URL",
        "CS:notification-URL",
        "CS:dropbox-home-URL",
        "CR:directory-gateway",
    ]
    row = shelf.find(ME, *names, *unknown).only
    assert (set(row.found), row.other) == (set(names), dict.fromkeys(unknown, 404))


# --- 5 properties -----------------------------------------------------------------------------------


@pytest.mark.spec("RFC 3744 5.1", "owner is the principal to whom it belongs")
@pytest.mark.parametrize(
    ("path", "owner"),
    [
        (BOOK, ME),
        (CALENDAR, ME),
        (TASKS, ME),
        (FILES, ME),
        (FAMILY_BOOK, HOUSEHOLD),
        (FILES + "Family/", HOUSEHOLD),
        (ME, ME),
    ],
)
def test_owner(shelf: Desk, path: str, owner: str) -> None:
    assert hrefs_in(shelf, path, "D:owner") == [owner]


@pytest.mark.spec("RFC 3744 5.3", "supported-privilege-set is a tree that holds every privilege that is ever told")
@pytest.mark.parametrize("path", [BOOK, CALENDAR, FILES])
def test_supported_privileges(shelf: Desk, path: str) -> None:
    tree = shelf.find(path, "D:supported-privilege-set").only.found["D:supported-privilege-set"]
    told = {named(str(each[0].tag)) for each in tree.iter("{DAV:}privilege")}
    assert told >= privileges(shelf, path) - {"C:read-free-busy"} | {"D:all"}
    assert ("C:read-free-busy" in told) is (path == CALENDAR)


@pytest.mark.spec(
    "RFC 3744 5.4", "one's own things: every privilege by name, flat, so that no client takes them as read-only"
)
@pytest.mark.parametrize("path", [BOOK, CALENDAR, TASKS, FILES, "/dav/calendars/anna/", "/dav/addressbooks/anna/"])
def test_own_things_may_be_written(shelf: Desk, path: str) -> None:
    assert privileges(shelf, path) >= ALL - {"C:read-free-busy"}


@pytest.mark.spec("RFC 3744 5.4", "what the family shares may be written, its home only looked at")
@pytest.mark.parametrize(
    ("path", "writable"),
    [
        (FAMILY_BOOK, True),
        ("/dav/calendars/anna/family/", True),
        (FILES + "Family/", True),
        ("/dav/addressbooks/household/", False),
    ],
)
def test_shared_things(shelf: Desk, path: str, writable: bool) -> None:
    held = privileges(shelf, path)
    assert "D:read" in held
    assert ("D:write" in held, "D:bind" in held) == (writable, writable)


@pytest.mark.spec("RFC 3744 5.5", "every ACE is protected, and nothing but the reader's own and the owner's is told")
@pytest.mark.parametrize(("path", "aces"), [(BOOK, 1), (FAMILY_BOOK, 2)])
def test_acl_is_computed(shelf: Desk, path: str, aces: int) -> None:
    told = shelf.find(path, "D:acl").only.found["D:acl"]
    assert len(told) == aces
    assert all(ace.find("{DAV:}protected") is not None and ace.find("{DAV:}grant") is not None for ace in told)
    assert [href.text for href in told.iter("{DAV:}href")] == [ME]


@pytest.mark.spec("RFC 3744 5.6", "acl-restrictions: grant-only, no-invert")
def test_acl_restrictions(shelf: Desk) -> None:
    assert shelf.find(BOOK, "D:acl-restrictions").only.inside("D:acl-restrictions") == ["D:grant-only", "D:no-invert"]


@pytest.mark.spec("RFC 3744 5.7", "inherited-acl-set is empty")
def test_inherited_acl_set(shelf: Desk) -> None:
    assert hrefs_in(shelf, BOOK, "D:inherited-acl-set") == []


@pytest.mark.spec("RFC 3744 5.8", "principal-collection-set says where the principals are")
@pytest.mark.parametrize("path", ["/dav/", ME, BOOK, CALENDAR, FILES])
def test_principal_collection_set(shelf: Desk, path: str) -> None:
    assert hrefs_in(shelf, path, "D:principal-collection-set") == ["/dav/principals/"]


# --- 7 refusals -------------------------------------------------------------------------------------


@pytest.mark.spec("RFC 3744 7.1.1", "readable and not writable is 403 need-privileges with resource and privilege")
@pytest.mark.parametrize(
    ("method", "path", "privilege"),
    [
        ("PUT", "/dav/addressbooks/anna/a.vcf", "D:bind"),
        ("DELETE", "/dav/calendars/household/family/", "D:unbind"),
        ("DELETE", ME, "D:unbind"),
        ("MKCOL", "/dav/files/household/new/", "D:bind"),
        ("PUT", "/dav/files/household/new.txt", "D:bind"),
    ],
)
def test_need_privileges_names_what_is_missing(shelf: Desk, method: str, path: str, privilege: str) -> None:
    answer = shelf.ask(method, path, card("a") if method == "PUT" else "")
    assert answer.refusal == (403, "D:need-privileges")
    assert named(str(answer.xml.find(".//{DAV:}privilege")[0].tag)) == privilege  # type: ignore[index]
    assert answer.error_hrefs


@pytest.mark.spec("RFC 3744 7.1.1", "what one may not read is 404 like what does not exist, for every method")
@pytest.mark.parametrize(
    "path",
    ["/dav/addressbooks/ben/", "/dav/addressbooks/ben/contacts/", "/dav/calendars/ben/calendar/", "/dav/files/ben/"],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "PROPFIND", "PROPPATCH", "DELETE", "REPORT", "COPY", "MOVE"])
def test_what_one_may_not_read_is_404(shelf: Desk, method: str, path: str) -> None:
    missing = path.replace("ben", "nobody")
    body = {
        "PROPPATCH": doc("D:propertyupdate", "<D:set><D:prop><X:a/></D:prop></D:set>"),
        "REPORT": doc("D:sync-collection", "<D:sync-token/><D:sync-level>1</D:sync-level><D:prop/>"),
    }.get(method, "")
    sent = (
        {"depth": "0", "destination": FILES + "z/"} if method not in ("COPY", "MOVE") else {"destination": FILES + "z/"}
    )
    told = [shelf.ask(method, each, body, **sent) for each in (path, missing)]
    assert [answer.status for answer in told] == [404, 404]
    assert told[0].octets == told[1].octets and told[0].headers == told[1].headers


@pytest.mark.spec("RFC 3744 7.1.1", "writing below what one may not read is 409, as below nothing")
@pytest.mark.parametrize(
    "path", ["/dav/addressbooks/ben/contacts/a.vcf", "/dav/files/ben/a.txt", "/dav/files/ben/a/b.txt"]
)
@pytest.mark.parametrize("method", ["PUT", "MKCOL", "LOCK"])
def test_writing_below_the_invisible_is_409(shelf: Desk, method: str, path: str) -> None:
    info = "<D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype>"
    body = {"LOCK": doc("D:lockinfo", info), "PUT": card("a")}.get(method, "")
    assert shelf.ask(method, path, body).status == 409


@pytest.mark.spec("RFC 3744 7.1.1", "one's own listing does not name other people's things")
@pytest.mark.parametrize("path", ["/dav/addressbooks/", "/dav/calendars/", "/dav/files/"])
def test_listings_do_not_name_others(shelf: Desk, path: str) -> None:
    assert sorted(shelf.find(path, "D:resourcetype", depth="1").hrefs) == [path, path + "anna/", path + "household/"]


# --- 8 the ACL method -------------------------------------------------------------------------------


@pytest.mark.spec("RFC 3744 8.1.1", "ACL is refused with no-protected-ace-conflict: every entry is computed")
@pytest.mark.parametrize("path", [BOOK, FILES, ME])
def test_the_acl_method_is_refused(shelf: Desk, path: str) -> None:
    inner = "<D:ace><D:principal><D:all/></D:principal><D:grant><D:privilege><D:read/></D:privilege></D:grant></D:ace>"
    assert shelf.ask("ACL", path, doc("D:acl", inner)).refusal == (403, "D:no-protected-ace-conflict")


# --- 9 reports --------------------------------------------------------------------------------------


@pytest.mark.spec("RFC 3744 9.3", "principal-match: self below the principals, and what one owns")
def test_principal_match_self(shelf: Desk) -> None:
    answer = shelf.report(
        "/dav/principals/", "D:principal-match", "<D:self/><D:prop><D:displayname/></D:prop>", depth="0"
    )
    assert ME in answer.hrefs and BEN not in answer.hrefs


@pytest.mark.spec("RFC 3744 9.4", "python-caldav's malformed search is answered with whom its sender can reach")
def test_a_malformed_search_of_python_caldav(desk: Desk) -> None:
    desk.join("minsu")
    body = (
        '<D:principal-property-search xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop/>'
        "<C:calendar-home-set/><D:displayname/></D:principal-property-search>"
    )
    found = desk.ask("REPORT", "/dav/", body, user_agent="python-caldav/3.6.0")
    # it takes a principal without a calendar home for a broken server; others' homes are nobody's business
    assert found.hrefs == ["/dav/principals/anna/", "/dav/principals/household/"]
    assert desk.ask("REPORT", "/dav/", body, user_agent="somebody/1").status == 400


@pytest.mark.spec("RFC 3744 9.4", "principal-property-search finds people by a part of their name, in any case")
@pytest.mark.parametrize(
    ("text", "found"), [("anna", [ME]), ("KIM", [ME]), ("김", [BEN]), ("nobody", []), ("house", [HOUSEHOLD])]
)
def test_principals_are_found_by_name(shelf: Desk, text: str, found: list[str]) -> None:
    inner = (
        f"<D:property-search><D:prop><D:displayname/></D:prop><D:match>{text}</D:match></D:property-search>"
        "<D:prop><D:displayname/><C:calendar-user-address-set/></D:prop>"
    )
    assert shelf.report("/dav/principals/", "D:principal-property-search", inner, depth="0").hrefs == found


@pytest.mark.spec("RFC 3744 9.5", "principal-search-property-set says by what one may search, displayname among it")
def test_what_may_be_searched(shelf: Desk) -> None:
    answer = shelf.report("/dav/principals/", "D:principal-search-property-set", "", depth="0")
    assert answer.status == 200
    assert answer.xml.find(".//{DAV:}prop/{DAV:}displayname") is not None


# --- RFC 3253 ---------------------------------------------------------------------------------------


@pytest.mark.spec("RFC 3253 3.1.5", "supported-report-set names exactly the reports that are answered")
@pytest.mark.parametrize(
    ("path", "known"),
    [
        (BOOK, {"CR:addressbook-query", "CR:addressbook-multiget", "D:sync-collection", "D:expand-property"}),
        (CALENDAR, {"C:calendar-query", "C:calendar-multiget", "C:free-busy-query", "D:sync-collection"}),
        (FILES, {"D:sync-collection", "D:expand-property"}),
        ("/dav/principals/", {"D:principal-property-search", "D:principal-search-property-set", "D:principal-match"}),
    ],
)
def test_reports_are_named(shelf: Desk, path: str, known: set[str]) -> None:
    told = shelf.find(path, "D:supported-report-set").only.found["D:supported-report-set"]
    names = {named(str(report[0].tag)) for report in told.iter("{DAV:}report")}
    assert known <= names
    foreign = {BOOK: "C:calendar-query", CALENDAR: "CR:addressbook-query", FILES: "C:calendar-query"}
    assert foreign.get(path, "D:sync-collection") not in names


@pytest.mark.spec("RFC 3253 3.6", "a report that is not known here is 403 supported-report, an empty one 400")
@pytest.mark.parametrize(
    ("path", "name"),
    [
        (BOOK, "C:calendar-query"),
        (CALENDAR, "CR:addressbook-query"),
        (FILES, "C:free-busy-query"),
        (BOOK, "X:tell-me"),
        (BOOK, "D:version-tree"),
    ],
)
def test_an_unknown_report(shelf: Desk, path: str, name: str) -> None:
    assert shelf.report(path, name, "").refusal == (403, "D:supported-report")
    assert shelf.ask("REPORT", path).status == 400


@pytest.mark.spec("RFC 3253 3.8", "expand-property follows hrefs and answers what is asked there")
def test_expand_property(shelf: Desk) -> None:
    inner = (
        '<D:property name="displayname"/><D:property name="group-membership"><D:property name="displayname"/>'
        '<D:property name="nothing" namespace="http://example.com/ns/"/></D:property>'
    )
    row = shelf.report(ME, "D:expand-property", inner, depth="0").only
    inside = row.found["D:group-membership"].find("{DAV:}response")
    assert inside is not None
    assert (row.text("D:displayname"), inside.findtext("{DAV:}href")) == ("Anna Kim", HOUSEHOLD)
    assert inside.findtext(".//{DAV:}displayname") == "Household"


@pytest.mark.spec("RFC 3253 3.8", "the delegates that macOS looks for are a 404 propstat, not an error")
def test_delegates_are_no_error(shelf: Desk) -> None:
    names = ["calendar-proxy-read-for", "calendar-proxy-write-for"]
    inner = "".join(
        f'<D:property name="{name}" namespace="{PREFIXES["CS"]}"><D:property name="displayname"/></D:property>'
        for name in names
    )
    row = shelf.report(ME, "D:expand-property", inner, depth="0").only
    assert row.other == {f"CS:{name}": 404 for name in names}
