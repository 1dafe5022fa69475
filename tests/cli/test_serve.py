"""What `gotgan serve` finds out before it starts anything."""

from __future__ import annotations

import fcntl
import socket
from pathlib import Path

import pytest

from tests.cli.calling import Shell
from tests.cli.test_people_and_devices import make_newer


def test_a_taken_port_is_said(shell: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        answer = shell("serve", "--listen", f"127.0.0.1:{taken.getsockname()[1]}")
    assert answer.code == 1
    assert "already in use" in answer.err


def test_two_servers_do_not_share_a_data_folder(shell: Shell) -> None:
    shell.data.mkdir()
    with (shell.data / "serving").open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        answer = shell("serve", "--listen", "127.0.0.1:0")
    assert answer.code == 1
    assert "Another server" in answer.err


def test_data_of_a_newer_version_are_not_served(shell: Shell) -> None:
    shell("person", "add", "anna")
    make_newer(shell.data)
    answer = shell("serve", "--listen", "127.0.0.1:0")
    assert answer.code == 1
    assert "newer Gotgan" in answer.err


@pytest.mark.parametrize("listen", ["8080", "a b:80", "127.0.0.1:99999", ""])
def test_an_address_that_is_none_is_a_wrong_call(shell: Shell, listen: str) -> None:
    answer = shell("serve", "--listen", listen)
    assert answer.code == 2
    assert "0.0.0.0:8080" in answer.err


def test_a_folder_that_cannot_be_made_is_said(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    answer = shell("serve", "--data", str(tmp_path / "file" / "data"))
    assert answer.code == 1
    assert "cannot be made" in answer.err


def test_an_unknown_setting_stops_the_start(shell: Shell) -> None:
    shell.data.mkdir()
    (shell.data / "gotgan.toml").write_text("ports = 80\n")
    answer = shell("serve")
    assert answer.code == 1
    assert "`ports`" in answer.err
