"""A file that the account of the server may not read."""

from __future__ import annotations

import pytest

from appliance import errors
from tests.store.forbidden import as_nobody
from tests.store.shelves import Shelves


def test_a_file_that_the_server_may_not_read_is_refused_before_an_answer_begins(shelves: Shelves) -> None:
    """Seen with a file that root had put there: its GET was 500, because nobody looked before the headers were out."""
    path = shelves.path("secret")
    path.write_bytes(b"secret")
    path.chmod(0)
    shelves.data.chmod(0o755)  # as_nobody() has to get there
    entry = shelves.there("secret")
    with as_nobody(), pytest.raises(errors.DiskRefused):
        shelves.files.open(shelves.home, entry)
    path.chmod(0o644)
    entry = shelves.there("secret")
    with as_nobody():
        assert b"".join(shelves.files.open(shelves.home, entry).chunks(0, 6)) == b"secret"


def test_a_file_that_the_server_may_not_read_is_not_said_to_be_changing(shelves: Shelves) -> None:
    """Seen: DELETE of it was 503 and "try again in a moment", for ever, because nothing of it could be kept."""
    path = shelves.path("secret")
    path.write_bytes(b"secret")
    path.chmod(0)
    shelves.data.chmod(0o755)
    with as_nobody(), pytest.raises(errors.DiskRefused):
        shelves.delete("secret")
    assert path.exists()
    path.chmod(0o644)
    shelves.delete("secret")
    assert not path.exists()
