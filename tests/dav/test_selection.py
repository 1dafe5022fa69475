"""What a client asked of a resource, and what it gets."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import ModuleType
from typing import cast

import pytest
from lxml import etree

from appliance.dav import contracts, properties, writer
from appliance.dav.contracts import ActiveLock, Kind
from appliance.dav.live import BODIES, Context, Tables, assemble, live
from appliance.dav.messages import Request
from appliance.dav.names import dav
from appliance.dav.quirks import Quirks
from appliance.dav.selection import ALLPROP, Selection, Wanted, property_of, read_wanted
from appliance.dav.xml import read_document
from appliance.errors import BadRequest
from tests.dav.shelf import Member, Shelf, Site, shelf

COLOR = "{http://apple.com/ns/ical/}calendar-color"
STORED_COLOR = '<A:calendar-color xmlns:A="http://apple.com/ns/ical/" symbolic-color="red">#FF2968FF</A:calendar-color>'
NOTE = "{urn:x}note"


@dataclass
class File(Member):
    """A file with stored properties and locks."""

    kept: dict[str, str] = field(default_factory=dict)

    def stored(self) -> Mapping[str, str]:
        return self.kept


def file_at(name: str = "a & b.txt", kept: dict[str, str] | None = None) -> File:
    found = File(("files", "anna", name), Kind.FILE, b"hello", content_type="text/plain", kept=kept or {})
    found.modified_at = found.created_at = datetime(2026, 11, 24, 6, 0, 1, tzinfo=UTC)
    found.displayname = name
    return found


def context(tables: Tables | None = None) -> Context:
    request = Request("PROPFIND", "/", {}, io.BytesIO())
    return Context(request, cast("contracts.Site", Site()), tables or assemble([properties]), Quirks())


def asked(wanted: Wanted, resource: Member | Shelf, *, minimal: bool = False) -> dict[int, dict[str, etree._Element]]:
    """Return status → name → element."""
    row = Selection(wanted, context(), minimal=minimal).row(cast("contracts.Resource", resource))
    document = b"".join(writer.multistatus([row]))
    return {
        int((propstat.findtext("{DAV:}status") or "").split()[1]): {
            str(prop.tag): prop for prop in propstat.iterfind("{DAV:}prop/*")
        }
        for propstat in etree.fromstring(document).iterfind("{DAV:}response/{DAV:}propstat")
    }


def named(*names: str) -> Wanted:
    return Wanted("prop", names)


def test_the_properties_of_a_listing_are_given() -> None:
    found = asked(
        named(*map(dav, ("resourcetype", "getetag", "getlastmodified", "getcontentlength", "getcontenttype"))),
        file_at(),
    )
    assert {name: element.text for name, element in found[200].items()} == {
        dav("resourcetype"): None,
        dav("getetag"): file_at().etag,
        dav("getlastmodified"): "Tue, 24 Nov 2026 06:00:01 GMT",
        dav("getcontentlength"): "5",
        dav("getcontenttype"): "text/plain",
    }
    assert list(found) == [200]


def test_what_is_not_there_is_404_and_nothing_at_all_for_a_minimal_answer() -> None:
    wanted = named(dav("getetag"), NOTE, "{}bare")
    assert set(asked(wanted, file_at())[404]) == {NOTE, "bare"}
    assert set(asked(wanted, file_at(), minimal=True)) == {200}


def test_a_minimal_answer_with_nothing_left_is_an_empty_200() -> None:
    assert asked(named(NOTE), file_at(), minimal=True) == {200: {}}
    assert set(asked(named(NOTE), file_at())) == {404}


def test_a_dead_property_comes_back_with_its_attributes() -> None:
    found = asked(named(COLOR), file_at(kept={COLOR: STORED_COLOR}))[200][COLOR]
    assert (found.text, found.get("symbolic-color")) == ("#FF2968FF", "red")


def test_a_settable_property_prefers_what_was_set() -> None:
    kept = {dav("displayname"): '<D:displayname xmlns:D="DAV:" xml:lang="ko">가족</D:displayname>'}
    assert asked(named(dav("displayname")), file_at(kept=kept))[200][dav("displayname")].text == "가족"
    assert asked(named(dav("displayname")), file_at())[200][dav("displayname")].text == "a & b.txt"


def test_a_protected_property_is_never_what_somebody_stored() -> None:
    kept = {dav("getetag"): '<D:getetag xmlns:D="DAV:">"forged"</D:getetag>'}
    assert asked(named(dav("getetag")), file_at(kept=kept))[200][dav("getetag")].text == file_at().etag
    assert asked(ALLPROP, file_at(kept=kept))[200][dav("getetag")].text == file_at().etag


def test_allprop_gives_live_and_dead_ones_and_no_404() -> None:
    found = asked(ALLPROP, file_at(kept={COLOR: STORED_COLOR}))
    assert set(found) == {200}
    assert {dav("getetag"), dav("resourcetype"), dav("creationdate"), dav("supportedlock"), COLOR} <= set(found[200])


def test_allprop_adds_what_include_names() -> None:
    body = read_document(b'<D:propfind xmlns:D="DAV:"><D:allprop/><D:include><D:owner/></D:include></D:propfind>')
    wanted = read_wanted(body)
    assert wanted == Wanted("allprop", (dav("owner"),), {dav("owner"): body[1][0]})


def test_propname_gives_empty_elements_of_all() -> None:
    found = asked(Wanted("propname"), file_at(kept={COLOR: STORED_COLOR}))[200]
    assert {dav("getetag"), COLOR} <= set(found)
    assert all(element.text is None and len(element) == 0 for element in found.values())


def test_a_property_asked_twice_is_given_once() -> None:
    wanted = read_wanted(read_document(b'<D:a xmlns:D="DAV:"><D:prop><D:getetag/><D:getetag/></D:prop></D:a>'))
    assert wanted is not None
    assert wanted.names == (dav("getetag"),)


def test_a_request_for_more_than_a_thousand_properties_is_refused() -> None:
    many = "".join(f"<p{number}/>" for number in range(1001))
    with pytest.raises(BadRequest):
        read_wanted(read_document(f'<D:a xmlns:D="DAV:"><D:prop>{many}</D:prop></D:a>'.encode()))


def test_a_body_that_asks_for_nothing_is_none() -> None:
    assert read_wanted(read_document(b'<D:a xmlns:D="DAV:"/>')) is None


def test_address_data_is_not_there_in_a_propfind() -> None:
    assert set(asked(named("{urn:ietf:params:xml:ns:carddav}address-data"), file_at())) == {404}


def test_a_calendar_says_that_it_is_one() -> None:
    calendar = shelf(Kind.CALENDAR, "calendars/anna/work", {})
    types = asked(named(dav("resourcetype")), calendar)[200][dav("resourcetype")]
    assert [each.tag for each in types] == ["{DAV:}collection", "{urn:ietf:params:xml:ns:caldav}calendar"]


def test_a_lock_is_shown_with_the_root_that_the_reader_sees() -> None:
    found = file_at()
    owner = '<D:owner xmlns:D="DAV:">Anna</D:owner>'
    found.lockable = True
    found.locks = [ActiveLock("urn:uuid:1", "exclusive", "infinity", owner, 600, ("files", "anna"))]
    discovery = asked(named(dav("lockdiscovery"), dav("supportedlock")), found)[200]
    active = discovery[dav("lockdiscovery")][0]
    assert active.findtext("{DAV:}lockroot/{DAV:}href") == "/dav/files/anna/"
    assert active.findtext("{DAV:}locktoken/{DAV:}href") == "urn:uuid:1"
    assert active.findtext("{DAV:}timeout") == "Second-600"
    assert active.findtext("{DAV:}owner") == "Anna"
    assert active.find("{DAV:}lockscope/{DAV:}exclusive") is not None
    assert len(discovery[dav("supportedlock")]) == 2


def test_a_lock_of_the_file_itself_has_no_slash_at_its_root() -> None:
    found = file_at("x")
    found.locks = [ActiveLock("urn:uuid:1", "shared", "infinity", None, 600, ("files", "anna", "x"))]
    active = asked(named(dav("lockdiscovery")), found)[200][dav("lockdiscovery")][0]
    assert active.findtext("{DAV:}lockroot/{DAV:}href") == "/dav/files/anna/x"


@pytest.mark.parametrize("name", [dav("getetag"), dav("displayname"), COLOR, NOTE])
def test_one_property_alone_is_the_same_as_in_a_row(name: str) -> None:
    resource = file_at(kept={COLOR: STORED_COLOR})
    alone = property_of(cast("contracts.Resource", resource), name, context())
    in_row = asked(named(name), resource).get(200, {}).get(name)
    assert (alone is None) == (in_row is None)


def test_a_property_declared_twice_is_a_mistake() -> None:
    module = ModuleType("twice")
    vars(module)["one"] = live(dav("x"), "RFC 1", kinds=BODIES)(lambda resource, context: "1")
    vars(module)["two"] = live(dav("x"), "RFC 1", kinds=BODIES)(lambda resource, context: "2")
    with pytest.raises(RuntimeError, match="twice"):
        assemble([module])
