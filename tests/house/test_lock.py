"""uv.lock, the requirements exported from it and pyproject.toml say the same (`make lock` writes the first two)."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.house.requirements import exported, locked, ranges, read_toml
from tests.house.source import ROOT

EXPORTS = {
    "requirements.txt": ([], True),
    "requirements-build.txt": (["build"], False),
    "requirements-test.txt": (["test"], True),
    "requirements-dev.txt": (["dev"], True),
}


@pytest.mark.parametrize("name", EXPORTS)
def test_the_exported_requirements_are_those_of_the_lock(name: str) -> None:
    groups, runtime = EXPORTS[name]
    assert exported(name) == locked(groups, runtime=runtime)


@pytest.mark.parametrize("name", EXPORTS)
def test_every_pin_has_a_digest(name: str) -> None:
    assert [pin.name for pin in exported(name) if not pin.hashes] == []


def test_the_lock_was_made_from_these_requirements() -> None:
    project = read_toml("pyproject.toml")
    metadata = next(package for package in read_toml("uv.lock")["package"] if package["name"] == "gotgan")["metadata"]
    assert _locked_ranges(metadata["requires-dist"]) == ranges(project["project"]["dependencies"])
    groups = project["dependency-groups"]
    assert {group: _locked_ranges(rows) for group, rows in metadata["requires-dev"].items()} == {
        group: ranges(_flat(group, groups)) for group in groups
    }


def test_the_lock_names_the_public_index_only() -> None:
    for name in ["uv.lock", *EXPORTS]:
        hosts = set(re.findall(r"\w+://([^/\"\s]*)", (ROOT / name).read_text("utf-8")))
        assert hosts <= {"pypi.org", "files.pythonhosted.org"}, name


def _locked_ranges(rows: list[dict[str, Any]]) -> dict[str, frozenset[str]]:
    extras = {row["name"]: f"[{','.join(row['extras'])}]" for row in rows if "extras" in row}
    return {row["name"] + extras.get(row["name"], ""): frozenset(row["specifier"].split(",")) for row in rows}


def _flat(group: str, groups: dict[str, Any]) -> list[str]:
    found: list[str] = []
    for entry in groups[group]:
        found += [entry] if isinstance(entry, str) else _flat(entry["include-group"], groups)
    return found
