"""`gotgan scrub` and what `gotgan doctor` says of coverage, through the command line."""

from __future__ import annotations

from pathlib import Path

from appliance import settings
from appliance.store.covering import Coverer
from appliance.store.scrub import turn
from appliance.watch import background
from tests.cli.calling import Shell
from tests.cli.test_prune import put, served
from tests.store.shelves import TurnedClock, much_later
from tests.store.test_scrub import rot

OLD = b"an old version " * 10_000


def a_house(shell: Shell) -> None:
    """Anna's home with a file of two versions, and a small one."""
    shell("person", "add", "anna")
    with served(shell, TurnedClock()) as house:
        put(house, "large.bin", OLD)
        put(house, "large.bin", b"new")
        put(house, "small.txt", b"small")


def covered(shell: Shell, limit_bytes: int) -> None:
    with served(shell, TurnedClock()) as house:
        coverer = Coverer(house.services.files, limit_bytes=limit_bytes, now_ns=much_later)
        while coverer.cover_some():
            pass


def blob(shell: Shell) -> Path:
    (path,) = (path for path in (shell.data / "store").rglob("*") if path.is_file())
    return path


def test_a_sound_house_is_said_to_be_sound(shell: Shell) -> None:
    a_house(shell)
    said = shell("scrub")
    assert said.code == 0
    assert said.out.splitlines()[-1] == "Nothing is damaged."
    assert shell("scrub", "--json").json["damage"] == []


def test_damage_that_stays_is_an_exit_of_1_and_told_by_the_doctor(shell: Shell) -> None:
    a_house(shell)
    rot(blob(shell))
    said = shell("scrub", "--json")
    assert (said.code, said.json["repaired"]) == (1, [])
    (sentence,) = said.json["damage"]
    assert "large.bin" in sentence and sentence in said.err
    assert sentence in shell("doctor").out


def test_damage_that_was_repaired_is_told_once(shell: Shell) -> None:
    a_house(shell)
    with served(shell, TurnedClock()) as house:
        put(house, "again.bin", OLD)
    rot(blob(shell))
    said = shell("scrub")
    assert said.code == 0
    assert "a new copy is made" in said.out and said.out.splitlines()[-1] == "Nothing is damaged any more."
    assert shell("scrub").out.splitlines()[-1] == "Nothing is damaged."


def test_only_one_process_reads_at_a_time(shell: Shell) -> None:
    a_house(shell)
    held = turn(shell.data)
    assert held is not None
    with held:
        said = shell("scrub")
    assert said.code == 1 and "being read again already" in said.err
    assert shell("scrub").code == 0


def test_a_missing_disk_is_no_damage(shell: Shell) -> None:
    a_house(shell)
    (shell.data / "files" / ".gotgan-marker").unlink()
    said = shell("scrub")
    assert said.code == 1 and "Mount their disk" in said.err


def test_the_doctor_says_how_many_files_are_covered(shell: Shell) -> None:
    a_house(shell)
    told = shell("doctor").out
    assert "0 of 2 files are covered" in told
    assert "2 wait for a copy, which is made when nothing else is due and the disk has 268 MB to spare." in told
    covered(shell, 64 << 20)
    told = shell("doctor").out
    assert "2 of 2 files are covered" in told
    assert "for a copy" not in told
    assert shell("doctor", "--json").json["covered_files"] == 2


def test_the_doctor_says_which_files_are_too_large_to_be_covered(shell: Shell) -> None:
    a_house(shell)
    with served(shell, TurnedClock()) as house:
        put(house, "film.bin", OLD + b"another")
    (shell.data / "gotgan.toml").write_text("covered_file_limit_bytes = 100_000\n")
    said = shell("doctor").out
    assert "1 of the others is larger than 100 KB" in said and "covered_file_limit_bytes" in said


def test_files_of_the_store_are_unlinked_at_night(shell: Shell) -> None:
    a_house(shell)
    chosen = settings.load(shell.data, {})
    with served(shell, TurnedClock()) as house:
        name = blob(shell).name
        with house.services.ledger.database.write() as writing:
            writing.execute("UPDATE content SET place = 'none', blob_name = NULL WHERE place = 'blob'")
            writing.execute("INSERT INTO leaving (blob_name, removed_at) VALUES (?, 0)", (name,))
        behind = background.furnish(chosen, house.services.ledger, house.services.household.time_zone)
        assert True in {step() for step in behind.duties.nightly}
        assert {step() for step in behind.duties.nightly} == {False}
    assert list((shell.data / "store").rglob(name)) == []
