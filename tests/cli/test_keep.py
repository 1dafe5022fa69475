"""`gotgan keep`: what it says, and that `prune` then leaves what was kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.calling import Shell
from tests.cli.test_prune import old_versions as old_versions


def test_what_would_leave_is_kept_until_it_is_forgotten(shell: Shell, old_versions: None) -> None:
    assert shell("prune", "--dry-run").out == "2 versions (8 bytes) would be let go.\n"
    assert shell("keep", "files/anna/a.txt", "--all").out == "3 versions (14 bytes) kept for good.\n"
    assert shell("prune", "--dry-run").out == "Nothing is old enough to be let go.\n"
    assert shell("keep", "files/anna", "--all").out == "3 versions were kept already.\n"
    said = shell("keep", "files/anna/a.txt", "--forget")
    assert (said.code, said.out) == (0, "1 version (6 bytes) left to the rules again.\n")
    assert shell("prune", "--dry-run").out == "Nothing is old enough to be let go.\n"
    said = shell("keep", "files/anna/a.txt", "--all", "--forget")
    assert said.out == "2 versions (8 bytes) left to the rules again. 1 version was not kept anyway.\n"
    assert shell("prune", "--dry-run").out == "2 versions (8 bytes) would be let go.\n"


def test_the_version_of_a_moment_is_kept(shell: Shell, old_versions: None) -> None:
    rows = shell("history", "files/anna/a.txt", "--json").json
    second = sorted(row["seq"] for row in rows)[1]
    assert shell("keep", "files/anna", "--at", f"seq-{second}").out == "1 version (5 bytes) kept for good.\n"
    assert shell("prune").out.startswith("1 version (3 bytes) let go")
    said = shell("keep", "files/anna/a.txt", "--all")
    assert said.out == (
        "1 version (6 bytes) kept for good. 1 version was kept already."
        " 1 version had been let go before; what was in there is not here any more.\n"
    )
    assert shell("show", "files/anna/a.txt", "--at", f"seq-{second}").out == "three"


def test_a_program_can_read_it(shell: Shell, old_versions: None) -> None:
    said = shell("keep", "files/anna/a.txt", "--json").json
    assert said == {"forget": False, "versions": 1, "size_bytes": 6, "before": 0, "let_go": 0, "always_kept": 0}


def test_contacts_are_kept_anyway(shell: Shell, old_versions: None, tmp_path: Path) -> None:
    card = tmp_path / "mina.vcf"
    card.write_text("BEGIN:VCARD\r\nVERSION:3.0\r\nUID:mina\r\nFN:Mina\r\nN:Mina;;;;\r\nEND:VCARD\r\n")
    assert shell("import", str(card), "--into", "addressbooks/anna/contacts").code == 0
    assert shell("keep", "addressbooks/anna/contacts").out == "Contacts and events are kept for good anyway.\n"
    assert shell("keep", "calendars/anna").out == "There is no version of a file.\n"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("files/anna/nothing",), 1), (("files/anna", "--at", "tomorrowish"), 2), (("files", "--at", "now", "--all"), 2)],
    ids=["nothing was there", "no moment", "both"],
)
def test_what_cannot_be_meant_is_refused(
    shell: Shell, old_versions: None, arguments: tuple[str, ...], code: int
) -> None:
    said = shell("keep", *arguments)
    assert (said.code, said.out) == (code, "")
