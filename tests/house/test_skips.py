"""No skip is hidden, and the order is repeated, in one process and in several.

Only a missing program of others excuses a skip, and in CI nothing does.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.source import ROOT

SKIPPING = """
import pytest
from tests.programs import missing

def test_waits_for_a_program():
    missing("litmus")

def test_has_no_mood():
    pytest.skip("no mood")

@pytest.mark.skip(reason="some day")
def test_is_put_off():
    pass

def test_works():
    pass
"""


@pytest.mark.parametrize(
    ("environment", "processes", "outcome"),
    [
        pytest.param({}, "-n0", "1 failed, 1 passed, 1 skipped, 1 error", id="at-home"),
        pytest.param({}, "-n2", "1 failed, 1 passed, 1 skipped, 1 error", id="at-home-in-two-processes"),
        pytest.param({"CI": "true"}, "-n2", "2 failed, 1 passed, 1 error", id="ci-in-two-processes"),
    ],
)
def test_a_skip_without_a_missing_program_fails(
    environment: dict[str, str], processes: str, outcome: str, tmp_path: Path
) -> None:
    said = _run(SKIPPING, environment, tmp_path, processes)
    assert re.sub(r" in [\d.]+s", "", said.splitlines()[-1].strip("= ")) == outcome


def test_the_order_is_repeated_by_its_seed_in_several_processes_and_in_one(tmp_path: Path) -> None:
    many = "\n".join(f"def test_{number}(): pass" for number in range(40))
    first = _run(many, {}, tmp_path, "-v", "-n2")
    seed = re.search(r"^order: (--order \d+)$", first, re.M)
    assert seed is not None, first
    words = seed[1].split()
    assert _order(first) == _order(_run(many, {}, tmp_path, "-v", "-n0", *words))
    other = _order(_run(many, {}, tmp_path, "-v", "-n0", "--order", f"{int(words[1]) + 1}"))
    assert _order(first) != other
    assert sorted(_order(first)) == sorted(other)


def _order(said: str) -> list[str]:
    return re.findall(r"::(test_\d+)\b", "\n".join(line for line in said.splitlines() if "PASSED" in line))


def _run(text: str, environment: dict[str, str], folder: Path, *words: str) -> str:
    (folder / "test_elsewhere.py").write_text(text)
    bare = {name: value for name, value in os.environ.items() if name not in {"CI", "GOTGAN_TEST_PROGRAMS"}}
    call = ["-p", "tests.conftest", "-p", "no:cacheprovider", "-c", str(ROOT / "pyproject.toml"), f"--rootdir={folder}"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *call, *words, str(folder / "test_elsewhere.py")],
        cwd=ROOT,
        env=bare | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    ).stdout
