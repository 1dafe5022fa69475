"""Everything is built once, in app.py, and passed down: no module-level state, no import side effects."""

from __future__ import annotations

import ast

import pytest

from tests.house.source import Source, sources

DISPLAYS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
CONTAINERS = {"list", "dict", "set", "defaultdict", "OrderedDict", "deque", "Counter", "WeakValueDictionary"}
LIVING = {
    "Lock",
    "RLock",
    "Condition",
    "Event",
    "Semaphore",
    "local",
    "Thread",
    "ContextVar",
    "Flask",
    "open",
    "connect",
}
CHANGES = {"append", "add", "update", "setdefault", "pop", "popitem", "clear", "extend", "remove", "discard", "insert"}


def complaints(source: Source) -> list[str]:
    """Return one sentence for each piece of state or side effect at module level."""
    found = []
    tables = set()
    for node in source.tree.body:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            found.append(f"{source.module}:{node.lineno} does something when it is imported")
        if not isinstance(node, (ast.Assign, ast.AnnAssign)) or node.value is None:
            continue
        called = ast.unparse(node.value.func).rpartition(".")[2] if isinstance(node.value, ast.Call) else ""
        names = [target.id for target in _targets(node) if isinstance(target, ast.Name)]
        if called in LIVING:
            found.append(f"{source.module}:{node.lineno} holds a {called}")
        elif isinstance(node.value, DISPLAYS) or called in CONTAINERS:
            tables.update(names)
            found += [
                f"{source.module}:{node.lineno} {name} is no constant's name"
                for name in names
                if name.upper() != name and not name.startswith("__")
            ]
    return found + [f"{source.module}:{line} changes {name}" for line, name in _changes(source.tree, tables)]


def _targets(node: ast.Assign | ast.AnnAssign) -> list[ast.expr]:
    return node.targets if isinstance(node, ast.Assign) else [node.target]


def _changes(tree: ast.Module, tables: set[str]) -> list[tuple[int, str]]:
    found, shared = [], set(tables)
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            found += [(node.lineno, name) for name in node.names]
            shared.update(node.names)
        elif isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
            found.append((node.lineno, ast.unparse(node.value)))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGES:
            found.append((node.lineno, ast.unparse(node.func.value)))
    return [(line, name) for line, name in found if name in shared]


def test_no_module_holds_state() -> None:
    assert [complaint for source in sources() for complaint in complaints(source)] == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("cache = {}", id="lower-case"),
        pytest.param("SEEN = set()\ndef f(): SEEN.add(1)", id="changed"),
        pytest.param("ROWS = {}\ndef f(): ROWS[1] = 2", id="entered"),
        pytest.param("x = 1\ndef f():\n  global x\n  x = 2", id="global"),
        pytest.param("import threading\nL = threading.Lock()", id="lock"),
        pytest.param("import logging\nlogging.basicConfig()", id="side-effect"),
    ],
)
def test_state_is_seen(text: str) -> None:
    assert len(complaints(Source("appliance.store.box", text))) == 1


def test_a_table_of_constants_is_no_state() -> None:
    text = 'ROWS = {"a": 1}\n__all__ = ["ROWS"]\ndef f():\n  seen = {}\n  seen["a"] = ROWS["a"]\n  return seen'
    assert complaints(Source("appliance.store.box", text)) == []
