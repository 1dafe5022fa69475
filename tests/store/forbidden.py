"""Folders and files that the account of the tests may not touch, as an administrator leaves them behind."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from tests.programs import require_program, run

NOBODY = 65534


@contextlib.contextmanager
def forbidden(folder: Path) -> Iterator[None]:
    """Let nobody, root included, make, rename or remove a name in a folder."""
    if os.geteuid() != 0:
        folder.chmod(0o555)
        yield
        folder.chmod(0o755)
        return
    run([require_program("chattr"), "+i", str(folder)])
    try:
        yield
    finally:
        run([require_program("chattr"), "-i", str(folder)])


@contextlib.contextmanager
def as_nobody() -> Iterator[None]:
    """Give up being root for a while; somebody else stays who they are."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
