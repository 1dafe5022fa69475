"""cadaver, the command line client on neon: a session of every command it has for files, locks and properties."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.programs import require_program, run
from tests.serving import Device


@dataclass(frozen=True, slots=True)
class Cadaver:
    """One signed-in cadaver; its home holds nothing but the password."""

    home: Path
    url: str

    def __call__(self, *commands: str) -> str:
        script = "\n".join([*commands, "quit", ""])
        done = run([require_program("cadaver"), self.url], stdin=script, cwd=self.home)
        return done.stdout + done.stderr


@pytest.fixture
def cadaver(tmp_path: Path, device: Device) -> Cadaver:
    host = urlsplit(device.files_url).hostname
    netrc = tmp_path / ".netrc"
    netrc.write_text(f"machine {host}\nlogin {device.user}\npassword {device.password}\n")
    netrc.chmod(0o600)
    return Cadaver(tmp_path, device.files_url)


def test_a_file_goes_up_and_down_moves_and_is_copied(cadaver: Cadaver) -> None:
    (cadaver.home / "note.txt").write_bytes("할머니 전화\n".encode())
    said = cadaver(
        "mkcol drawer", "cd drawer", "put note.txt", "copy note.txt copy.txt", "move note.txt moved.txt", "ls",
        "get moved.txt back.txt", "cd ..",
    )  # fmt: skip
    assert "failed" not in said
    assert (cadaver.home / "back.txt").read_bytes() == (cadaver.home / "note.txt").read_bytes()
    assert {"copy.txt", "moved.txt"} <= set(said[said.index("Listing collection") :].split())
    assert "failed" not in cadaver("delete drawer/copy.txt", "rmcol drawer")
    assert "drawer" not in cadaver("ls")


def test_a_lock_is_shown_guards_and_is_given_back(cadaver: Cadaver) -> None:
    (cadaver.home / "letter.txt").write_bytes(b"Dear Ms Kim,\n")
    said = cadaver("put letter.txt", "lock letter.txt", "showlocks", "discover letter.txt", "put letter.txt")
    assert "failed" not in said
    held, found = re.findall(r"Lock token <([^>]+)>", said)
    assert held == found
    stranger = cadaver("put letter.txt")  # a new session holds no token
    assert "423" in stranger
    assert "failed" not in cadaver("steal letter.txt", "put letter.txt", "unlock letter.txt")
    assert "failed" not in cadaver("put letter.txt", "delete letter.txt")


def test_a_property_of_ones_own_is_kept(cadaver: Cadaver) -> None:
    (cadaver.home / "song.txt").write_bytes(b"la la\n")
    said = cadaver(
        "set namespace http://example.org/ours/", "put song.txt", "propset song.txt mood 즐거움",
        "propget song.txt mood", "move song.txt tune.txt", "propget tune.txt mood", "propdel tune.txt mood",
        "propnames tune.txt", "delete tune.txt",
    )  # fmt: skip
    assert said.count("즐거움") >= 2
    assert "failed" not in said
