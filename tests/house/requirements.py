"""The lock and the requirements exported from it, as plain values to compare."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.house.source import ROOT

PIN = re.compile(r"^(?P<name>[a-z0-9-]+)(?:\[[a-z0-9,-]+\])?==(?P<version>\S+)")
REQUIREMENT = re.compile(r"^(?P<name>[A-Za-z0-9._-]+(?:\[[a-z0-9,-]+\])?)(?P<range>.*)$")


@dataclass(frozen=True)
class Pin:
    """One version of one distribution and every digest that may be installed."""

    name: str
    version: str
    hashes: frozenset[str]


def read_toml(name: str) -> dict[str, Any]:
    """Return a TOML file of the checkout."""
    return tomllib.loads((ROOT / name).read_text("utf-8"))


def exported(name: str) -> set[Pin]:
    """Return what an exported requirements file pins."""
    pins = set()
    for entry in (ROOT / name).read_text("utf-8").replace("\\\n", " ").splitlines():
        match = PIN.match(entry)
        assert match is not None, f"{name} has a line that pins nothing: {entry}"
        pins.add(Pin(match["name"], match["version"], frozenset(re.findall(r"--hash=(sha256:[0-9a-f]{64})", entry))))
    return pins


def locked(groups: Iterable[str], *, runtime: bool) -> set[Pin]:
    """Return what uv.lock pins for these dependency groups, with or without what the server itself needs."""
    packages = {package["name"]: package for package in read_toml("uv.lock")["package"]}
    ours = packages["gotgan"]
    wanted = [*(ours["dependencies"] if runtime else [])]
    for group in groups:
        wanted += ours["dev-dependencies"][group]
    reached: set[str] = set()
    seen: set[tuple[str, tuple[str, ...]]] = set()
    while wanted:
        requirement = wanted.pop()
        key = (requirement["name"], tuple(requirement.get("extra", [])))
        if key in seen:
            continue
        seen.add(key)
        reached.add(requirement["name"])
        package = packages[requirement["name"]]
        wanted += package.get("dependencies", [])
        for extra in requirement.get("extra", []):
            wanted += package["optional-dependencies"][extra]
    return {_pin(packages[name]) for name in reached}


def _pin(package: Mapping[str, Any]) -> Pin:
    files = [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
    return Pin(package["name"], package["version"], frozenset(file["hash"] for file in files))


def ranges(requirements: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return name with extras, spelled as in the lock, and version range of requirements of pyproject.toml."""
    found = {}
    for requirement in requirements:
        match = REQUIREMENT.match(requirement.partition(";")[0])  # the marker is uv's to keep
        assert match is not None, requirement
        found[re.sub(r"[-_.]+", "-", match["name"]).lower()] = frozenset(match["range"].replace(" ", "").split(","))
    return found
