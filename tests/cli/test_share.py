"""`gotgan share`: shown under a free name, listed, taken back; who cannot share is told why in one sentence."""

from __future__ import annotations

import pytest

from tests.cli.calling import Shell

ANNAS = "addressbooks/anna/contacts"


@pytest.fixture
def family(shell: Shell) -> Shell:
    """Anna, who has a folder that nobody has looked at yet, and Ben."""
    shell("person", "add", "anna", "--display-name", "Anna Kim")
    shell("person", "add", "ben", "--display-name", "김벤")
    (shell.data / "files" / "anna" / "trip").mkdir()
    return shell


def shares(shell: Shell, *arguments: str) -> list[tuple[str, str, str, str]]:
    """(collection, person, right, address) of what people share, without what the household shows everybody."""
    return [
        (row["collection"], row["person"], row["access"], row["address"])
        for row in shell("share", "list", *arguments, "--json").json
        if row["owner"] != "household"
    ]


def test_a_share_is_told_listed_and_taken_back(family: Shell) -> None:
    added = family("share", "add", "files/anna/trip", "ben", "--read-only")
    assert added.out == ("김벤 has it as files/ben/trip now, read only. gotgan undo 1 takes that back.\n")
    assert shares(family) == [("files/anna/trip", "ben", "read", "files/ben/trip")]
    assert "files/anna/trip  ben  read only  as files/ben/trip" in family("share", "list", "ben").out
    assert family("undo", "1").code == 0
    assert shares(family) == []


def test_sharing_again_changes_the_right(family: Shell) -> None:
    first = family("share", "add", ANNAS, "ben", "--read-only", "--json").json
    assert first == {
        "batch": first["batch"], "collection": ANNAS, "person": "ben", "access": "read",
        "address": "addressbooks/ben/contacts-anna",
    }  # fmt: skip
    assert family("share", "add", ANNAS, "ben", "--json").json["access"] == "write"
    assert family("share", "add", ANNAS, "ben", "--json").json["batch"] is None
    assert "had it already" in family("share", "add", ANNAS, "ben").out
    assert shares(family) == [(ANNAS, "ben", "write", "addressbooks/ben/contacts-anna")]


def test_everybody_is_shown_what_the_household_is(family: Shell) -> None:
    assert family("share", "add", "calendars/anna/tasks", "household").out.startswith("Everybody has it now")
    family("person", "add", "mina")
    assert [row[1] for row in shares(family)] == ["household", "ben", "mina"]
    assert [row[1] for row in shares(family, "mina")] == ["mina"]
    removed = family("share", "remove", "calendars/anna/tasks", "household")
    assert removed.out.startswith("Nobody sees it any more; nothing was deleted.")
    assert shares(family) == []


def test_what_the_household_has_is_taken_from_one_and_given_back(family: Shell) -> None:
    assert family("share", "remove", "calendars/household/family", "ben").code == 0
    seen = [row["address"] for row in family("share", "list", "ben", "--json").json]
    assert "calendars/ben/family" not in seen
    assert (
        family("share", "add", "calendars/household/family", "ben", "--json").json["address"] == "calendars/ben/family"
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(("add", "files/anna/nothing", "ben"), "Nothing has ever been at", id="nothing there"),
        pytest.param(("add", "files/anna", "ben"), "A whole home cannot be shared", id="a home"),
        pytest.param(("add", "addressbooks/ben/family", "ben"), "only the owner", id="a mount"),
        pytest.param(("add", ANNAS, "nobody"), 'nobody called "nobody"', id="nobody"),
        pytest.param(("add", ANNAS, "anna"), "it is theirs", id="its owner"),
        pytest.param(("remove", ANNAS, "ben"), "not shared with 김벤", id="not shared"),
    ],
)
def test_what_cannot_be_is_said(family: Shell, arguments: tuple[str, ...], said: str) -> None:
    answer = family("share", *arguments)
    assert (answer.code, said in answer.err) == (1, True), answer.err
    assert shares(family) == []


def test_no_share_is_said_so(shell: Shell) -> None:
    assert shell("share", "list").code == 1
    shell("person", "add", "anna")
    for row in shell("share", "list", "--json").json:
        assert shell("share", "remove", row["collection"], "anna").code == 0
    assert shell("share", "list", "anna").out.startswith("Nothing is shared")


def test_the_history_of_a_collection_tells_with_whom_it_was_shared(family: Shell) -> None:
    family("share", "add", "files/anna/trip", "household")
    family("share", "add", "files/anna/trip", "ben", "--read-only")
    family("share", "remove", "files/anna/trip", "household")
    lines = family("history", "files/anna/trip").out.splitlines()
    assert [line.partition(" files/")[2] for line in lines[:3]] == [
        "ben에서 공유 ‘trip’을 뺐습니다 (다른 1곳에서도) [되돌리기 3]",
        "ben의 공유 ‘trip’을 읽기만 할 수 있게 했습니다 [되돌리기 2]",
        "ben에 공유 ‘trip’을 놓았습니다 (다른 1곳에서도) [되돌리기 1]",
    ]
