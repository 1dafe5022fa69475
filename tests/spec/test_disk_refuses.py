"""What belongs to somebody else on the disk itself, because an administrator copied it there say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.spec.desk import FILES, Desk
from tests.store.forbidden import forbidden

REFUSED = "The disk does not let the server do this; give it the file or folder (chown, chmod) first."


@pytest.fixture
def foreign(desk: Desk) -> Iterator[Path]:
    """A folder of anna's with a file in it, in which the server may write nothing."""
    assert desk.ask("MKCOL", f"{FILES}foreign/").status == 201
    assert desk.put(f"{FILES}foreign/a", b"one").status == 201
    assert desk.put(f"{FILES}b", b"two").status == 201
    folder = desk.services.settings.data / "files" / "anna" / "foreign"
    with forbidden(folder):
        yield folder


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        pytest.param("PUT", "foreign/new", {}, id="a new file"),
        pytest.param("PUT", "foreign/a", {}, id="another version"),
        pytest.param("DELETE", "foreign/a", {}, id="delete"),
        pytest.param("MKCOL", "foreign/folder/", {}, id="a folder"),
        pytest.param("MOVE", "foreign/a", {"destination": f"{FILES}c"}, id="move out"),
        pytest.param("MOVE", "b", {"destination": f"{FILES}foreign/b"}, id="move in"),
        pytest.param("COPY", "b", {"destination": f"{FILES}foreign/b"}, id="copy in"),
    ],
)
def test_what_the_disk_refuses_is_403_in_words(
    desk: Desk, foreign: Path, method: str, path: str, headers: dict[str, str]
) -> None:
    """Seen with files that root had copied: 500, "Something went wrong here", and a traceback in the log."""
    answer = desk.ask(method, f"{FILES}{path}", b"body" if method == "PUT" else b"", **headers)
    assert (answer.status, answer.octets.decode().strip()) == (403, REFUSED)
    assert {each.name: each.read_bytes() for each in foreign.iterdir()} == {"a": b"one"}
    assert desk.ask("GET", f"{FILES}foreign/a").status == 200
    assert desk.ask("GET", f"{FILES}b").status == 200
