"""`gotgan prune`: what it lets go, what it only says, and the bar that it shows."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from appliance import settings
from appliance.app import House, furnish
from appliance.cli.progress import progress
from appliance.household import people
from appliance.store import content
from appliance.store.arriving import Arrival
from appliance.store.files import Folder
from appliance.store.ledger import Author
from tests.cli.calling import Shell
from tests.store.shelves import TurnedClock, allow


@contextmanager
def served(shell: Shell, clock: TurnedClock) -> Iterator[House]:
    """The rooms of a server on the same folder, on another day."""
    house = furnish(settings.load(shell.data, {}), clock)
    yield house
    house.services.ledger.database.close()


def put(house: House, name: str, body: bytes) -> None:
    anna = people.person_named(house.services.ledger.database.connection(), "anna")
    assert anna is not None
    house.services.writer.put(
        Author(anna.id, 1), Folder(("anna",), anna.files_home_id), name,
        Arrival(io.BytesIO(body), len(body), None, None, None),
        check=allow, announced_bytes=len(body), refused=allow,
    )  # fmt: skip


@pytest.fixture
def old_versions(shell: Shell) -> None:
    """Three versions of one file of forty days ago: the last of them is the file."""
    shell("person", "add", "anna")
    noon = (datetime.now(UTC) - timedelta(days=40)).replace(hour=3, minute=0)  # in Seoul
    clock = TurnedClock(noon)
    with served(shell, clock) as house:
        for body in (b"one", b"three", b"newest"):
            put(house, "a.txt", body)
            clock.turn(timedelta(minutes=1))


def places(shell: Shell) -> list[str]:
    with served(shell, TurnedClock(datetime.now(UTC))) as house:
        reading = house.services.ledger.database.connection()
        rows = [content.row_with(reading, content.digest_of(body)) for body in (b"one", b"three", b"newest")]
        return ["" if row is None else row.place for row in rows]


def test_it_says_what_would_leave_and_lets_nothing_go(shell: Shell, old_versions: None) -> None:
    before = places(shell)
    said = shell("prune", "--dry-run")
    assert (said.code, said.out) == (0, "2 versions (8 bytes) would be let go.\n")
    assert places(shell) == before
    assert "none" not in before


def test_it_lets_go_and_says_so(shell: Shell, old_versions: None) -> None:
    said = shell("prune")
    assert (said.code, said.out) == (0, "2 versions (8 bytes) let go; the room on the disk is free after a day.\n")
    assert places(shell)[:2] == ["none", "none"]
    assert places(shell)[2] != "none"
    assert shell("prune").out == "Nothing is old enough to be let go.\n"


def test_a_program_can_read_it(shell: Shell, old_versions: None) -> None:
    with served(shell, TurnedClock(datetime.now(UTC) - timedelta(days=10))) as house:
        put(house, "a.txt", b"a newer one")
    said = shell("prune", "--dry-run", "--json").json
    assert (said["dry_run"], said["versions"], said["size_bytes"]) == (True, 2, 8)
    assert sum(each["versions"] for each in said["departures"]) <= 1


def test_it_says_what_leaves_next(shell: Shell) -> None:
    shell("person", "add", "anna")
    now = datetime.now(UTC)
    with served(shell, TurnedClock(now)) as house:
        for body in (b"one", b"three"):
            put(house, "a.txt", body)
    day = (now + timedelta(days=30, hours=9)).date()  # Seoul is nine hours ahead
    sentence = f"1 version (3 bytes) leaves on {day.day} {day:%B %Y}.\n"
    assert shell("prune").out == f"Nothing is old enough to be let go.\n{sentence}"


def test_settings_say_for_how_long(shell: Shell, old_versions: None) -> None:
    (shell.data / settings.FILE_NAME).write_text("retention_days_all = 60\n")
    assert shell("prune").out.startswith("Nothing is old enough")
    (shell.data / settings.FILE_NAME).write_text("retention_days_all = 0\n")
    assert shell("prune").code == 1


def test_where_there_is_no_household_nothing_is_founded(shell: Shell) -> None:
    said = shell("prune")
    assert said.code == 1
    assert not (shell.data / settings.DATABASE_NAME).exists()


@pytest.mark.parametrize(("seconds", "is_drawn"), [(0.5, False), (1.0, True)], ids=["quick", "slow"])
def test_a_bar_is_drawn_on_a_terminal_after_a_second(
    monkeypatch: pytest.MonkeyPatch, seconds: float, is_drawn: bool
) -> None:
    terminal, ours = os.openpty()
    now = iter([0.0, seconds, seconds, seconds])
    with open(ours, "w") as stderr, monkeypatch.context() as patched:
        patched.setattr(sys, "stderr", stderr)
        with progress("Reading", clock=lambda: next(now)) as told:
            told(0.5)
            told(1.0)
        stderr.write("the end")
        stderr.flush()
        drawn = ""
        while not drawn.endswith("the end"):  # a terminal gives what has arrived so far
            drawn += os.read(terminal, 10_000).decode()
    os.close(terminal)
    assert ("Reading" in drawn and "100%" in drawn) is is_drawn


def test_the_server_does_it_at_night_by_itself(shell: Shell, old_versions: None) -> None:
    clock = TurnedClock(datetime.now(UTC).replace(hour=18, minute=10))  # ten past three in Seoul
    with served(shell, clock) as house:
        for _ in range(2):  # the first night only remembers the date
            clock.turn(timedelta(days=1))
            for step in house.background.duties.nightly:
                while step():
                    pass
    assert places(shell)[:2] == ["none", "none"]
