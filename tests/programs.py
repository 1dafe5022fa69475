"""Programs of others, as the tests call them: found or said to be missing, run with a limit, never through a shell.

Refuses to hide a skip: where `GOTGAN_TEST_PROGRAMS=required` is set, as in CI, a missing program is a failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

REQUIRED = "GOTGAN_TEST_PROGRAMS"
PLACES = (str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin")


def missing(what: str) -> None:
    """Skip the test because `what` is missing here; fail it where everything must be there."""
    if os.environ.get(REQUIRED) == "required":
        pytest.fail(f"{what} is missing, and {REQUIRED}=required says that it must be here", pytrace=False)
    pytest.skip(f"{what} is not installed")


def require_program(name: str) -> str:
    """Return the path of the program `name`, from the virtual environment or the system."""
    path = shutil.which(name, path=os.pathsep.join(PLACES))
    if path is None:
        missing(name)
    assert path is not None
    return path


def run(
    call: Sequence[str],
    *,
    stdin: str = "",
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    seconds: float = 300,
    succeed: bool = True,
) -> subprocess.CompletedProcess[str]:
    """Run a program in a bare environment and return what it said; with `succeed`, any other exit than 0 fails."""
    surroundings = {
        "PATH": os.pathsep.join(PLACES),
        "LANG": "C.UTF-8",
        "HOME": str(cwd or "/nonexistent"),
        **(env or {}),
    }
    done = subprocess.run(
        list(call),
        input=stdin,
        env=surroundings,
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
        errors="replace",
    )
    if succeed and done.returncode != 0:
        pytest.fail(f"{call[0]} exited {done.returncode}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}", pytrace=False)
    return done
