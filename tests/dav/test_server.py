"""What is declared, what OPTIONS says, and what becomes of an error nobody foresaw."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Mapping
from typing import cast

import pytest
from lxml import etree

from appliance.dav import contracts
from appliance.dav.contracts import Kind
from appliance.dav.messages import Request, Response
from appliance.dav.names import caldav, calendarserver, carddav, dav, split
from appliance.dav.server import METHODS, Dav
from appliance.errors import Busy, NotFound, UnreadableToken
from tests.dav.shelf import Site

SECTION = re.compile(r"(RFC \d{4} [0-9A-Z.]+|[a-z-]+[ :].+)")
THUNDERBIRD = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Thunderbird/153.0"


@pytest.fixture(scope="module")
def server() -> Dav:
    return Dav()


class Failing(Site):
    """A site in which everything goes wrong in one way."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    def find(self, address: contracts.Address) -> object:  # type: ignore[override]  # it never returns
        raise self._error

    place = copy = move = lock = refresh = unlock = find


def ask(
    server: Dav,
    method: str,
    target: str = "/dav/files/anna/x",
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    error: Exception | None = None,
) -> Response:
    request = Request(method, target, headers or {}, io.BytesIO(body), len(body), host="box.local")
    return server.respond(request, cast("contracts.Site", Failing(error or NotFound("Nothing here."))))


def header(response: Response, name: str) -> str | None:
    found = [value for key, value in response.headers if key == name]
    assert len(found) <= 1
    return found[0] if found else None


def test_everything_declared_names_its_section(server: Dav) -> None:
    tables = server.tables
    sections = {name: declared.section for name, declared in tables.properties.items()}
    sections |= {name: declared.section for name, declared in tables.data.items()}
    sections |= {name: declared.section for name, declared in tables.reports.items()}
    for name, section in sections.items():
        assert SECTION.fullmatch(section), name
        assert all(split(name)), name


def test_no_property_that_may_be_set_is_computed_elsewhere_only(server: Dav) -> None:
    for declared in server.tables.properties.values():
        assert declared.settable <= frozenset(Kind)
        assert not (declared.settable and declared.name in (dav("getetag"), dav("resourcetype"), dav("sync-token")))


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (
            Kind.PRINCIPAL,
            {
                caldav("calendar-home-set"),
                carddav("addressbook-home-set"),
                caldav("calendar-user-address-set"),
                dav("displayname"),
                dav("principal-URL"),
                dav("principal-collection-set"),
                dav("supported-report-set"),
                calendarserver("email-address-set"),
                dav("resource-id"),
                dav("group-membership"),
                dav("current-user-principal"),
                dav("alternate-URI-set"),
                dav("group-member-set"),
            },
        ),
        (
            Kind.CALENDAR,
            {
                dav("resourcetype"),
                calendarserver("getctag"),
                dav("sync-token"),
                dav("current-user-privilege-set"),
                dav("supported-report-set"),
                caldav("supported-calendar-component-set"),
                caldav("supported-calendar-data"),
                caldav("schedule-calendar-transp"),
                dav("owner"),
                dav("quota-available-bytes"),
                dav("add-member"),
            },
        ),
        (
            Kind.ADDRESSBOOK,
            {
                carddav("addressbook-description"),
                carddav("supported-address-data"),
                carddav("max-resource-size"),
                calendarserver("getctag"),
                dav("sync-token"),
            },
        ),
        (
            Kind.FOLDER,
            {dav("quota-available-bytes"), dav("quota-used-bytes"), dav("lockdiscovery"), dav("supportedlock")},
        ),
        (
            Kind.FILE,
            {
                dav("getetag"),
                dav("getcontentlength"),
                dav("getlastmodified"),
                dav("getcontenttype"),
                dav("creationdate"),
                dav("acl"),
                dav("supported-privilege-set"),
                dav("acl-restrictions"),
                dav("inherited-acl-set"),
            },
        ),
    ],
)
def test_what_clients_ask_of_a_kind_is_declared(server: Dav, kind: Kind, names: set[str]) -> None:
    assert names <= {name for name, declared in server.tables.properties.items() if kind in declared.kinds}


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (Kind.ADDRESSBOOK, {dav("sync-collection"), carddav("addressbook-query"), carddav("addressbook-multiget")}),
        (
            Kind.CALENDAR,
            {
                dav("sync-collection"),
                caldav("calendar-query"),
                caldav("calendar-multiget"),
                caldav("free-busy-query"),
                dav("expand-property"),
            },
        ),
        (Kind.FOLDER, {dav("sync-collection"), dav("acl-principal-prop-set"), dav("principal-match")}),
        (Kind.ROOT, {dav("principal-property-search"), dav("principal-search-property-set"), dav("principal-match")}),
    ],
)
def test_the_reports_of_a_kind_are_declared(server: Dav, kind: Kind, names: set[str]) -> None:
    assert names <= {name for name, declared in server.tables.reports.items() if kind in declared.kinds}


def test_a_home_does_not_offer_sync(server: Dav) -> None:
    assert Kind.HOME not in server.tables.reports[dav("sync-collection")].kinds


@pytest.mark.parametrize(
    ("target", "classes"),
    [
        ("/", {"1", "2", "3"}),
        ("/dav/", {"1", "2", "3"}),
        ("/dav/files/anna/x", {"1", "2", "3"}),
        ("/dav/principals/anna/", {"1", "3"}),
        ("/dav/calendars/anna/", {"1", "3"}),
        ("/dav/calendars/anna/work/", {"1", "3"}),
        ("/dav/addressbooks/anna/contacts/x.vcf", {"1", "3"}),
        ("*", {"1", "2", "3"}),
    ],
)
def test_options_names_the_classes_and_the_features_everywhere(server: Dav, target: str, classes: set[str]) -> None:
    response = server.describe(Request("OPTIONS", target, {}, io.BytesIO()))
    announced = {word.strip() for word in (header(response, "DAV") or "").split(",")}
    assert response.status == 200
    assert announced & {"1", "2", "3"} == classes
    assert {"calendar-access", "addressbook", "access-control", "extended-mkcol"} <= announced
    assert {"PROPFIND", "REPORT"} <= {word.strip() for word in (header(response, "Allow") or "").split(",")}
    assert header(response, "MS-Author-Via") == "DAV"


def test_options_is_the_same_for_what_is_there_and_what_is_not(server: Dav) -> None:
    one = server.describe(Request("OPTIONS", "/dav/files/anna/there", {}, io.BytesIO()))
    other = server.describe(Request("OPTIONS", "/dav/files/nobody/", {}, io.BytesIO()))
    assert (one.status, one.headers) == (other.status, other.headers)


def test_every_method_that_an_address_allows_is_known(server: Dav) -> None:
    for target in ("/dav/", "/dav/files/a/", "/dav/calendars/a/b/", "/dav/addressbooks/a/b/", "/dav/calendars/a/b/c"):
        response = server.describe(Request("OPTIONS", target, {}, io.BytesIO()))
        assert {word.strip() for word in (header(response, "Allow") or "").split(",")} <= {*METHODS, "OPTIONS"}


@pytest.mark.parametrize(
    ("method", "status"),
    [("GET", 500), ("PUT", 500), ("DELETE", 500), ("PROPFIND", 503), ("REPORT", 503)],
)
def test_what_nobody_foresaw_is_logged_and_never_looks_like_an_empty_collection(
    server: Dav, caplog: pytest.LogCaptureFixture, method: str, status: int
) -> None:
    body = b'<D:sync-collection xmlns:D="DAV:"><D:sync-token/></D:sync-collection>' if method == "REPORT" else b""
    with caplog.at_level(logging.ERROR):
        response = ask(server, method, body=body, error=ZeroDivisionError("a secret"))
    assert response.status == status
    assert "ZeroDivisionError" in caplog.text
    assert isinstance(response.body, bytes)
    assert b"secret" not in response.body
    assert (header(response, "Retry-After") is not None) == (status == 503)


def test_an_unknown_method_is_501(server: Dav) -> None:
    assert ask(server, "BREW").status == 501


def test_a_passing_trouble_says_when_to_come_back(server: Dav) -> None:
    response = ask(server, "PUT", body=b"x", error=Busy("Wait."))
    assert (response.status, header(response, "Retry-After")) == (503, "30")


@pytest.mark.parametrize(("agent", "status"), [(None, 403), ("DAVx5/4.5", 403), (THUNDERBIRD, 400)])
def test_a_token_nobody_issued_is_answered_so_that_each_client_understands(
    server: Dav, agent: str | None, status: int
) -> None:
    body = b'<D:sync-collection xmlns:D="DAV:"><D:sync-token>x</D:sync-token></D:sync-collection>'
    response = ask(
        server,
        "REPORT",
        headers={} if agent is None else {"user-agent": agent},
        body=body,
        error=UnreadableToken("Nobody issued this token."),
    )
    assert response.status == status
    assert isinstance(response.body, bytes)
    assert etree.fromstring(response.body)[0].tag == dav("valid-sync-token")


@pytest.mark.parametrize(
    ("method", "headers", "body", "status"),
    [
        pytest.param("PROPFIND", {"depth": "2"}, b"", 400, id="depth"),
        pytest.param("PROPFIND", {}, b"<D:propfind xmlns:D='DAV:'/>", 400, id="propfind asks nothing"),
        pytest.param("PROPFIND", {}, b"<!DOCTYPE a><a/>", 400, id="doctype"),
        pytest.param("PROPFIND", {}, b" " * (1 << 20) + b"<a/>", 413, id="too large"),
        pytest.param("PROPPATCH", {}, b"", 400, id="proppatch without body"),
        pytest.param("PROPPATCH", {}, b"<D:propertyupdate xmlns:D='DAV:'/>", 400, id="proppatch of nothing"),
        pytest.param("REPORT", {}, b"", 400, id="report without body"),
        pytest.param("MKCOL", {"content-type": "text/plain"}, b"x", 415, id="mkcol with text"),
        pytest.param("MKCOL", {"content-type": "text/xml"}, b"<a/>", 415, id="mkcol of something else"),
        pytest.param("MKCALENDAR", {}, b"<a/>", 400, id="mkcalendar of something else"),
        pytest.param("COPY", {}, b"", 400, id="no destination"),
        pytest.param("COPY", {"destination": "http://elsewhere/dav/files/anna/y"}, b"", 502, id="foreign"),
        pytest.param("MOVE", {"destination": "/elsewhere"}, b"", 502, id="outside"),
        pytest.param("COPY", {"destination": "/dav/files/../x"}, b"", 400, id="dots"),
        pytest.param("COPY", {"destination": "/dav/files/anna/y", "depth": "1"}, b"", 400, id="copy depth 1"),
        pytest.param("COPY", {"destination": "/dav/files/anna/y", "overwrite": "?"}, b"", 400, id="overwrite"),
        pytest.param("PUT", {"content-range": "bytes 0-1/2"}, b"xy", 400, id="content-range"),
        pytest.param("LOCK", {}, b"", 400, id="refresh without if"),
        pytest.param("LOCK", {}, b"<a/>", 400, id="lock of something else"),
        pytest.param("UNLOCK", {}, b"", 400, id="unlock without token"),
        pytest.param("DELETE", {"depth": "x"}, b"", 400, id="delete depth"),
    ],
)
def test_a_request_that_cannot_be_meant_is_answered_clearly(
    server: Dav, method: str, headers: Mapping[str, str], body: bytes, status: int
) -> None:
    response = ask(server, method, headers=headers, body=body)
    assert response.status == status
    assert isinstance(response.body, bytes)
    assert response.body


def test_a_put_without_a_length_is_411(server: Dav) -> None:
    request = Request("PUT", "/dav/files/anna/x", {}, io.BytesIO(b"x"))
    assert server.respond(request, cast("contracts.Site", Failing(NotFound("x")))).status == 411


def test_a_refused_put_below_a_calendar_is_read_to_its_end(server: Dav) -> None:
    body = io.BytesIO(b"x" * 200_000)
    request = Request("PUT", "/dav/calendars/anna/work/x.ics", {"content-range": "bytes 0-1/2"}, body, 200_000)
    assert server.respond(request, cast("contracts.Site", Failing(NotFound("x")))).status == 400
    assert body.read() == b""


@pytest.mark.parametrize("method", ["GET", "HEAD", "PROPFIND", "REPORT"])
def test_nothing_is_cached_on_the_way(server: Dav, method: str) -> None:
    assert header(ask(server, method), "Cache-Control") == "private, no-cache"


def test_a_listing_varies_with_what_was_preferred(server: Dav) -> None:
    assert header(ask(server, "PROPFIND"), "Vary") == "Prefer, Brief"
