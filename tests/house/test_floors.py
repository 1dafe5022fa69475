"""Imports go downwards only, rooms on one floor do not import each other, and a library has its rooms."""

from __future__ import annotations

import ast
import re

import pytest

from tests.house.source import Source, sources

FLOORS = (
    {"objects", "errors", "match", "clock", "korean", "settings"},
    {"dav", "store"},
    {"household", "history"},
    {"tree"},
    {"endpoints", "web", "watch", "remote"},
    {"app", "cli"},
)
FLOOR_OF = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}

# Two steps sideways are meant: errors are the words in which every room complains, so the rest of the foundation
# stands on them; and the roof has no higher place that could hand what app built to the command line.
SIDEWAYS = {("objects", "errors"), ("match", "errors"), ("settings", "errors"), ("cli", "app")}

DOORS = {"app", "endpoints", "web"}
ROOMS_OF = {
    "flask": DOORS,
    "flask_babel": DOORS,
    "werkzeug": DOORS,
    "jinja2": {"web"},
    "sqlite3": {"store", "household"},
    "sqlite_utils": {"store", "household"},
    "vobject": {"objects"},
    "icalendar": {"objects"},
    "recurring_ical_events": {"objects"},
    "argon2": {"household"},
    "watchdog": {"watch"},
    "webdav4": {"remote"},
    "fsspec": {"remote"},
    "granian": {"app", "cli"},
    "click": {"cli"},
    "tests": set(),
}
STATEMENT = re.compile(
    r"^\s*(SELECT\s.*\sFROM\s|INSERT\s+(OR\s+\w+\s+)?INTO\s|DELETE\s+FROM\s|UPDATE\s+\w+\s+SET\s)", re.S
)


def complaints(source: Source) -> list[str]:
    """Return one sentence for each import that the floors forbid."""
    found = []
    if source.room and source.room not in FLOOR_OF:
        found.append(f"{source.module} lies in no room of the house")
    for line, name in source.imports():
        package, _, rest = name.partition(".")
        if package in {"appliance", "web"}:
            found += _climbing(source, line, "web" if package == "web" else rest.partition(".")[0])
        elif source.room not in ROOMS_OF.get(package, {source.room}):
            found.append(f"{source.module}:{line} imports {package}, which belongs to {sorted(ROOMS_OF[package])}")
    return found


def _climbing(source: Source, line: int, room: str) -> list[str]:
    if room not in FLOOR_OF or room == source.room or (source.room, room) in SIDEWAYS:
        return []
    if FLOOR_OF.get(source.room, -1) > FLOOR_OF[room]:
        return []
    return [f"{source.module}:{line} imports {room}, which is not below"]


def test_imports_go_downwards_only() -> None:
    assert [complaint for source in sources() for complaint in complaints(source)] == []


def test_sql_is_spoken_in_store_and_household_only() -> None:
    spoken = [
        f"{source.module}:{node.lineno}"
        for source in sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and STATEMENT.match(node.value)
    ]
    assert any(place.startswith("appliance.store.") for place in spoken)
    assert [place for place in spoken if not place.startswith(("appliance.store.", "appliance.household."))] == []


@pytest.mark.parametrize(
    ("module", "text", "said"),
    [
        pytest.param(
            "appliance.dav.get", "from appliance.store import files", "store, which is not below", id="sibling"
        ),
        pytest.param("appliance.store.files", "import appliance.tree.home", "tree, which is not below", id="upwards"),
        pytest.param(
            "appliance.match.cards", "from appliance import clock", "clock, which is not below", id="foundation"
        ),
        pytest.param(
            "appliance.dav.get", "def f():\n  from flask import g", "flask, which belongs", id="in-a-function"
        ),
        pytest.param("appliance.tree.home", "from ..endpoints import dav", "endpoints, which is not", id="relative"),
        pytest.param("appliance.tree.home", "import_module('sqlite3')", "sqlite3, which belongs", id="by-name"),
        pytest.param("appliance.tree.home", "import web.views", "web, which is not below", id="pages"),
        pytest.param("appliance.attic.box", "", "lies in no room", id="no-room"),
    ],
)
def test_a_forbidden_import_is_seen(module: str, text: str, said: str) -> None:
    found = complaints(Source(module, text))
    assert len(found) == 1
    assert said in found[0]


def test_what_lies_below_may_be_imported() -> None:
    text = "from appliance import __version__, errors\nfrom appliance.dav.names import dav\nfrom . import kinds"
    assert complaints(Source("appliance.tree.home", text)) == []
