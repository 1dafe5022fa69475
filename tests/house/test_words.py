"""Names say what a thing is, and nothing in the repository depends on one developer's machine."""

from __future__ import annotations

import ast
import re

from tests.house.source import ROOT, committed_files, sources

EMPTY_WORDS = {"manager", "helper", "helpers", "util", "utils", "common", "backend", "misc", "do"}

# Spelled in halves, so that this file does not name what it forbids.
LOCAL = re.compile(
    "|".join([r"(?<![\w.-])/wo" + r"rk/", r"\.lib" + r"rary\b", r"(?<![\w.])/ro" + r"ot/", r"file:///" + r"opt"])
)


def test_no_file_names_a_developers_machine() -> None:
    found = []
    for path in committed_files():
        text = path.read_bytes().decode("utf-8", "replace")
        found += [f"{path.relative_to(ROOT)}: {match[0]}" for match in LOCAL.finditer(text)]
    assert found == []


def test_no_name_is_an_empty_word() -> None:
    found = []
    for source in sources():
        names = [source.module.rpartition(".")[2]]
        names += [node.name for node in ast.walk(source.tree) if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
        for name in names:
            words = {word.lower() for word in re.findall(r"[A-Z]?[a-z]+", name)}
            if words & EMPTY_WORDS:
                found.append(f"{source.module}: {name}")
    assert found == []
