"""What the documents tell people to type exists, and a machine that lacks something is told so in one sentence."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.source import ROOT
from tests.serving import PATIENCE_SECONDS

SAID = {
    "sys.version_info = (3, 10, 14)": "Gotgan needs Python 3.11 or newer: install it first,",
    "sys.modules['ensurepip'] = None": "python3 has no venv or no pip: install them first,",
    "sys.modules['venv'] = None": "python3 has no venv or no pip: install them first,",
}


def make_targets() -> set[str]:
    """Return the targets that the Makefile declares as commands."""
    text = (ROOT / "Makefile").read_text("utf-8")
    return {name for line in re.findall(r"^\.PHONY:(.*)$", text, re.M) for name in line.split()}


def documents() -> list[Path]:
    """Return the documents in which commands stand."""
    return sorted(ROOT.glob("*.md"))


@pytest.mark.parametrize("document", documents(), ids=lambda path: path.name)
def test_every_make_target_in_the_documents_exists(document: Path) -> None:
    named = set(re.findall(r"(?:^|[`$ ])make ([a-z]+)(?=[`\s])", _code_in(document.read_text("utf-8")), re.M))
    assert named - make_targets() == set()


def _code_in(text: str) -> str:
    fenced = re.findall(r"^```[^\n]*\n(.*?)^```", text, re.M | re.S)
    return "\n".join([*fenced, *re.findall(r"`[^`\n]+`", text)])


@pytest.mark.parametrize("trouble", SAID, ids=["old", "no-pip", "no-venv"])
def test_a_python_that_will_not_do_is_refused_in_one_sentence(trouble: str, tmp_path: Path) -> None:
    python = tmp_path / "python3"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "import sys; {trouble}; exec(sys.argv[2])" "$@"\n')
    python.chmod(0o755)
    _refused(tmp_path, SAID[trouble])


def test_a_machine_without_python_is_told_in_one_sentence(tmp_path: Path) -> None:
    _refused(tmp_path, "Gotgan needs Python 3.11 or newer: install it first,")


def _refused(path: Path, said: str) -> None:
    make = shutil.which("make", path=os.defpath)
    assert make is not None, "make is missing"
    done = subprocess.run(
        [make, "-C", str(ROOT), "--no-print-directory", f"VENV={path}/venv", "serve"],
        env={"PATH": str(path), "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    lines = [line for line in done.stderr.splitlines() if not line.startswith("make: ***")]
    assert lines == [f"{said} on Debian with: apt install python3-venv"]
    assert (done.stdout, done.returncode) == ("", 2)
    assert not (path / "venv").exists()
