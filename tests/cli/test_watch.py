"""`gotgan watch`: a process of its own records what changes, where the settings leave it to one."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.serving import PATIENCE_SECONDS, ROOT, House, serving, wait_until

LONG_AGO = (1_700_000_000, 1_700_000_000)
READY = "are watched"


@contextmanager
def watching(data: Path) -> Iterator[subprocess.Popen[str]]:
    """Give a process that watches a data folder; it is stopped at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "appliance.cli", "watch", "--data", str(data)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE_SECONDS)


def refused(data: Path) -> str:
    """What `gotgan watch` says when it cannot."""
    done = subprocess.run(
        [sys.executable, "-m", "appliance.cli", "watch", "--data", str(data)],
        cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    return done.stderr.strip()


def is_recorded(house: House, name: str) -> bool:
    with closing(sqlite3.connect(f"file:{house.data}/gotgan.db?mode=ro", uri=True)) as database:
        return database.execute("SELECT 1 FROM member WHERE name = ?", (name,)).fetchone() is not None


def write(house: House, name: str) -> None:
    path = house.data / "files" / "anna" / name
    path.write_bytes(name.encode())
    os.utime(path, LONG_AGO)


@pytest.fixture
def apart(tmp_path: Path) -> Iterator[House]:
    """A server that leaves the watch to another process."""
    (tmp_path / "gotgan.toml").write_text('watch = "apart"\n', encoding="utf-8")
    with serving(tmp_path) as house:
        house.add_person("anna")
        yield house


def test_the_server_watches_by_itself(tmp_path: Path) -> None:
    with serving(tmp_path) as house:
        house.add_person("anna")
        write(house, "photo.jpg")
        wait_until(lambda: is_recorded(house, "photo.jpg"), "the version")
        assert 'watch = "apart"' in refused(tmp_path)


def test_a_process_apart_watches_beside_the_server(apart: House) -> None:
    with watching(apart.data) as process:
        assert process.stdout is not None
        assert READY in process.stdout.readline()
        write(apart, "photo.jpg")
        wait_until(lambda: is_recorded(apart, "photo.jpg"), "the version")
        assert "Another process watches" in refused(apart.data)
    assert process.returncode == 0


def test_a_process_that_was_killed_leaves_the_watch_to_the_next(apart: House) -> None:
    with watching(apart.data) as first:
        assert first.stdout is not None
        assert READY in first.stdout.readline()
        first.kill()
        first.wait(timeout=PATIENCE_SECONDS)
    write(apart, "while nobody watched.jpg")
    with watching(apart.data):
        wait_until(lambda: is_recorded(apart, "while nobody watched.jpg"), "the version")
