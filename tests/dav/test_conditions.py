"""Every error has its status, and its element where an RFC names one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from lxml import etree

from appliance import errors
from appliance.dav import conditions
from appliance.dav.messages import Response
from appliance.dav.names import CALDAV, CARDDAV, DAV


def error_classes(root: type[errors.GotganError] = errors.GotganError) -> Iterator[type[errors.GotganError]]:
    for found in root.__subclasses__():
        yield found
        yield from error_classes(found)


def condition_in(response: Response) -> etree._Element:
    assert isinstance(response.body, bytes)
    root = etree.fromstring(response.body)
    assert root.tag == "{DAV:}error"
    return root[0]


@pytest.mark.parametrize("found", sorted(set(error_classes()), key=str))
def test_every_error_has_its_row(found: type[errors.GotganError]) -> None:
    assert 300 <= conditions.ROWS[found].status < 600


def test_no_row_is_for_an_error_that_is_gone() -> None:
    assert set(conditions.ROWS) == set(error_classes())


@pytest.mark.parametrize(
    ("error", "realm", "status", "element"),
    [
        (errors.UidTaken("Taken.", href="/dav/x"), CARDDAV, 409, f"{{{CARDDAV}}}no-uid-conflict"),
        (errors.UidTaken("Taken.", href="/dav/x"), CALDAV, 409, f"{{{CALDAV}}}no-uid-conflict"),
        (errors.ResourceTooLarge("Large."), CARDDAV, 403, f"{{{CARDDAV}}}max-resource-size"),
        (errors.NotACard("No."), CARDDAV, 403, f"{{{CARDDAV}}}valid-address-data"),
        (errors.NotACalendar("No."), CALDAV, 403, f"{{{CALDAV}}}valid-calendar-data"),
        (errors.ComponentNotKept("No."), CALDAV, 403, f"{{{CALDAV}}}supported-calendar-component"),
        (errors.AlreadyThere("There."), DAV, 405, "{DAV:}resource-must-be-null"),
        (errors.UnreadableToken("No."), CALDAV, 403, "{DAV:}valid-sync-token"),
        (errors.DepthRefused("No."), DAV, 403, "{DAV:}propfind-finite-depth"),
        (errors.UnsupportedReport("No."), DAV, 403, "{DAV:}supported-report"),
        (errors.OverQuota("Full."), DAV, 507, "{DAV:}quota-not-exceeded"),
        (errors.DiskFull("Full."), DAV, 507, "{DAV:}sufficient-disk-space"),
        (errors.AclProtected("No."), DAV, 403, "{DAV:}no-protected-ace-conflict"),
        (
            errors.UnsupportedMediaType("No.", condition="supported-address-data"),
            CARDDAV,
            415,
            f"{{{CARDDAV}}}supported-address-data",
        ),
        (
            errors.WrongPlace("No.", condition="calendar-collection-location-ok"),
            CALDAV,
            403,
            f"{{{CALDAV}}}calendar-collection-location-ok",
        ),
        (errors.TraversalRefused("No."), DAV, 403, "{DAV:}sync-traversal-supported"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_an_error_is_answered_with_its_condition(
    error: errors.GotganError, realm: str, status: int, element: str
) -> None:
    response = conditions.answer(error, realm=realm)
    assert response.status == status
    assert condition_in(response).tag == element


def test_a_missing_privilege_is_named_with_the_resource() -> None:
    error = errors.NotPermitted("Read only.", privilege="write-content", href="/dav/files/anna/a%26b")
    need = condition_in(conditions.answer(error, realm=DAV))
    assert need.findtext("{DAV:}resource/{DAV:}href") == "/dav/files/anna/a%26b"
    assert need.find("{DAV:}resource/{DAV:}privilege/{DAV:}write-content") is not None


def test_free_busy_is_a_privilege_of_caldav() -> None:
    error = errors.NotPermitted("No.", privilege="read-free-busy", href="/dav/")
    need = condition_in(conditions.answer(error, realm=CALDAV))
    assert need.find(f"{{DAV:}}resource/{{DAV:}}privilege/{{{CALDAV}}}read-free-busy") is not None


def test_a_locked_resource_names_the_roots_of_its_locks() -> None:
    error = errors.Locked("Locked.", lock_roots=["/dav/files/anna/x", "/dav/files/anna/"])
    response = conditions.answer(error, realm=DAV)
    assert response.status == 423
    submitted = condition_in(response)
    assert submitted.tag == "{DAV:}lock-token-submitted"
    assert [href.text for href in submitted] == ["/dav/files/anna/x", "/dav/files/anna/"]


def test_a_sentence_goes_along_escaped() -> None:
    response = conditions.answer(errors.UnreadableToken("<no> & never"), realm=DAV)
    assert isinstance(response.body, bytes)
    assert etree.fromstring(response.body).findtext("{urn:gotgan:dav}sentence") == "<no> & never"


@pytest.mark.parametrize(
    ("error", "header"),
    [
        (errors.NotSignedIn("Who?"), ("WWW-Authenticate", 'Basic realm="Gotgan", charset="UTF-8"')),
        (errors.OnHold("Wait."), ("Retry-After", "900")),
        (errors.Busy("Wait."), ("Retry-After", "30")),
        (errors.TooManyAttempts("Wait.", retry_after_seconds=7), ("Retry-After", "7")),
        (errors.MethodRefused("No.", allowed=("GET", "HEAD")), ("Allow", "GET, HEAD")),
        (errors.NotModified(etag='"1-2"'), ("ETag", '"1-2"')),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_an_error_brings_its_header(error: errors.GotganError, header: tuple[str, str]) -> None:
    assert header in conditions.answer(error, realm=DAV).headers


def test_not_modified_has_no_body() -> None:
    response = conditions.answer(errors.NotModified(etag='"1-2"'), realm=DAV)
    assert (response.status, response.body) == (304, b"")
