"""Instructions of PROPPATCH, MKCOL and MKCALENDAR."""

from __future__ import annotations

import pytest
from lxml import etree

from appliance.dav import properties, sync, writer
from appliance.dav.changing import changes_of, is_protected, none_done, protected_error, read_instructions
from appliance.dav.contracts import Kind
from appliance.dav.live import Tables, assemble
from appliance.dav.names import dav
from appliance.dav.xml import read_document
from appliance.errors import BadRequest, NotPermitted, PropertyRefused

NOTHING_DECLARED = Tables({}, {}, {})
TABLES = assemble([properties, sync])
COLOR = "{http://apple.com/ns/ical/}calendar-color"


def update(inner: str) -> etree._Element:
    return read_document(
        f'<D:propertyupdate xmlns:D="DAV:" xmlns:A="http://apple.com/ns/ical/">{inner}</D:propertyupdate>'.encode()
    )


def test_instructions_are_in_document_order() -> None:
    root = update(
        "<D:set><D:prop><A:a>1</A:a><A:b/></D:prop></D:set>"
        "<D:remove><D:prop><A:a/></D:prop></D:remove>"
        "<D:set><D:prop><A:a>2</A:a></D:prop></D:set>"
    )
    changes = changes_of(read_instructions(root), NOTHING_DECLARED)
    assert [(change.name.rpartition("}")[2], change.xml is None) for change in changes] == [
        ("a", False),
        ("b", False),
        ("a", True),
        ("a", False),
    ]


def test_a_colour_keeps_its_symbolic_name() -> None:
    root = update('<D:set><D:prop><A:calendar-color symbolic-color="red">#FF2968FF</A:calendar-color></D:prop></D:set>')
    (change,) = changes_of(read_instructions(root), NOTHING_DECLARED)
    assert change.name == COLOR
    kept = etree.fromstring(change.xml or "")
    assert (kept.tag, kept.text, kept.get("symbolic-color")) == (COLOR, "#FF2968FF", "red")


def test_a_property_above_64_kib_is_refused_by_name() -> None:
    root = update(f"<D:set><D:prop><A:a>{'x' * 65536}</A:a></D:prop></D:set>")
    with pytest.raises(PropertyRefused) as refused:
        changes_of(read_instructions(root), NOTHING_DECLARED)
    assert refused.value.name == "{http://apple.com/ns/ical/}a"


def test_more_than_a_thousand_changes_are_refused() -> None:
    with pytest.raises(BadRequest):
        read_instructions(update("<D:set><D:prop>" + "<A:a/>" * 1001 + "</D:prop></D:set>"))


@pytest.mark.parametrize(
    ("name", "kind", "protected"),
    [
        (dav("getetag"), Kind.FILE, True),
        (dav("resourcetype"), Kind.CALENDAR, True),
        (dav("sync-token"), Kind.CALENDAR, True),
        (dav("getcontentlength"), Kind.FOLDER, True),
        (dav("getlastmodified"), Kind.FILE, False),
        (dav("getlastmodified"), Kind.CARD, True),
        (dav("displayname"), Kind.CALENDAR, False),
        (COLOR, Kind.CALENDAR, False),
        ("{urn:schemas-microsoft-com:}Win32FileAttributes", Kind.FILE, False),
    ],
)
def test_only_what_is_computed_is_protected(name: str, kind: Kind, protected: bool) -> None:
    assert is_protected(name, kind, TABLES) is protected


def statuses(propstats: str) -> dict[str, tuple[str, list[str]]]:
    document = b"".join(writer.multistatus([writer.response("/dav/", propstats)]))
    return {
        str(prop.tag): (
            (propstat.findtext("{DAV:}status") or "").split()[1],
            [str(condition.tag) for condition in propstat.iterfind("{DAV:}error/*")],
        )
        for propstat in etree.fromstring(document).iterfind("{DAV:}response/{DAV:}propstat")
        for prop in propstat.iterfind("{DAV:}prop/*")
    }


def test_one_refused_property_fails_all_others_with_424() -> None:
    found = statuses(none_done([COLOR, dav("getetag")], [dav("getetag")], protected_error(dav("getetag"))))
    assert found == {
        dav("getetag"): ("403", [dav("cannot-modify-protected-property")]),
        COLOR: ("424", []),
    }


def test_a_missing_privilege_is_said_of_each_property() -> None:
    error = NotPermitted("Read only.", privilege="write-properties", href="/dav/")
    assert statuses(none_done([COLOR], [COLOR], error)) == {COLOR: ("403", [dav("need-privileges")])}
