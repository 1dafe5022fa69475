"""What `gotgan --help` says of each command is a sentence, not the beginning of one."""

from __future__ import annotations

import pytest

from tests.cli.calling import Shell


@pytest.mark.parametrize(
    "group", [(), ("person",), ("device",), ("share",)], ids=lambda group: " ".join(group) or "gotgan"
)
def test_the_line_of_each_command_ends(shell: Shell, group: tuple[str, ...]) -> None:
    said = shell(*group, "--help")
    listed = said.out.partition("Commands:\n")[2].splitlines()
    assert said.code == 0
    assert listed
    assert [line for line in listed if not line.endswith(".") or line.endswith("...")] == []
