"""Tokens and ETags that tell whether this box was set back, and a clock that steps."""

from __future__ import annotations

import random
import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from appliance import errors
from appliance.store import epochs, queries
from appliance.store.epochs import Judged, Verdict
from tests.store.shelves import ANNA, Shelves, TurnedClock

UNKNOWN = {Verdict.SET_BACK, Verdict.UNPROVEN}


def token(shelves: Shelves) -> str:
    return shelves.epochs.token(shelves.book, queries.member_seq(shelves.reading, shelves.book))


def judge(shelves: Shelves, presented: str, book: int | None = None) -> Judged:
    return epochs.judge_token(
        presented,
        shelves.epochs,
        collection_id=shelves.book if book is None else book,
        newest_seq=queries.newest_seq(shelves.reading),
    )


@dataclass
class Writer:
    """Puts cards, restarts now and then, and notes every token and ETag that it gave out."""

    folder: Path
    chosen: random.Random
    count: int = 0

    def write(self, rounds: int) -> tuple[list[str], list[str]]:
        tokens, etags = [], []
        shelves = Shelves(self.folder, TurnedClock())
        for _ in range(rounds):
            if self.chosen.random() < 0.2:
                shelves.close()
                shelves = Shelves(self.folder, TurnedClock())
            self.count += 1
            book = self.chosen.choice([shelves.book, shelves.second_book])
            stored = shelves.put_card(f"{self.chosen.randrange(9)}.vcf", b"%d" % self.count, None, book=book)
            etags.append(stored.etag)
            tokens.append(token(shelves))
        shelves.close()
        return tokens, etags


@pytest.mark.parametrize("seed", range(6))
def test_a_set_back_box_knows_every_token_that_is_newer_than_its_copy(quick_disk: Path, seed: int) -> None:
    """Also after it has written more than was lost, when its numbers look like those of the lost history."""
    chosen = random.Random(seed)
    writer = Writer(quick_disk, chosen)
    kept_tokens, kept_etags = writer.write(chosen.randint(1, 12))
    shutil.copy(quick_disk / "gotgan.db", quick_disk / "copy.db")
    lost_tokens, lost_etags = writer.write(chosen.randint(1, 12))
    lost_tokens = [lost for lost in lost_tokens if lost not in kept_tokens]
    for name in ("gotgan.db-wal", "gotgan.db-shm"):
        (quick_disk / name).unlink(missing_ok=True)
    shutil.copy(quick_disk / "copy.db", quick_disk / "gotgan.db")
    for new_rounds in (0, 3, 30):
        new_tokens, new_etags = writer.write(new_rounds) if new_rounds else ([], [])
        shelves = Shelves(quick_disk, TurnedClock())
        newest = queries.newest_seq(shelves.reading)
        assert {judge(shelves, presented).verdict for presented in lost_tokens} <= UNKNOWN
        assert {epochs.judge_etag(etag, shelves.epochs, newest_seq=newest).verdict for etag in lost_etags} <= UNKNOWN
        assert {judge(shelves, presented).verdict for presented in (*kept_tokens, *new_tokens)} == {Verdict.VALID}
        given_out = (*kept_etags, *new_etags)
        verdicts = {epochs.judge_etag(etag, shelves.epochs, newest_seq=newest).verdict for etag in given_out}
        assert verdicts == {Verdict.VALID}
        assert not {*kept_etags, *new_etags} & set(lost_etags)
        shelves.close()


def test_a_token_stays_put_at_a_restart_and_while_others_change(quick_disk: Path) -> None:
    shelves = Shelves(quick_disk, TurnedClock())
    shelves.put_card("1.vcf", b"one", "1")
    before, etag = token(shelves), shelves.epochs.etag(queries.newest_seq(shelves.reading))
    shelves.close()
    shelves = Shelves(quick_disk, TurnedClock())
    assert token(shelves) == before
    shelves.put_card("2.vcf", b"two", "2", book=shelves.second_book)
    assert token(shelves) == before
    assert judge(shelves, before).verdict is Verdict.VALID
    assert etag in {shelves.epochs.etag(m.body_seq) for m in queries.members_named(shelves.reading, shelves.book)}
    shelves.close()


def test_a_start_that_writes_nothing_opens_no_epoch(quick_disk: Path) -> None:
    Shelves(quick_disk, TurnedClock()).close()
    for _ in range(3):
        shelves = Shelves(quick_disk, TurnedClock())
        with shelves.database.write():
            pass
        shelves.close()
    shelves = Shelves(quick_disk, TurnedClock())
    assert shelves.reading.execute("SELECT reason FROM epoch").fetchall()[0]["reason"] == "new"
    shelves.put_card("1.vcf", b"one", "1")
    assert [row["reason"] for row in shelves.reading.execute("SELECT reason FROM epoch ORDER BY rowid")] == [
        "new",
        "start",
    ]
    shelves.close()


def test_a_write_that_fails_opens_no_epoch(quick_disk: Path) -> None:
    Shelves(quick_disk, TurnedClock()).close()
    shelves = Shelves(quick_disk, TurnedClock())

    def refuse(*_: object) -> None:
        raise errors.PreconditionFailed("It was changed in the meantime.")

    with pytest.raises(errors.PreconditionFailed):
        shelves.put_card("1.vcf", b"one", "1", check=refuse)
    assert shelves.reading.execute("SELECT count(*) FROM epoch").fetchone()[0] == 1
    shelves.put_card("1.vcf", b"one", "1")
    assert shelves.reading.execute("SELECT count(*) FROM epoch").fetchone()[0] == 2
    shelves.close()


def test_an_epoch_in_which_nothing_was_written_hides_no_other(quick_disk: Path) -> None:
    """It begins at the same number as the next one."""
    Shelves(quick_disk, TurnedClock()).close()
    for _ in range(2):
        shelves = Shelves(quick_disk, TurnedClock())
        with shelves.ledger.write(ANNA) as page:
            assert page.at > 0
        shelves.close()
    shelves = Shelves(quick_disk, TurnedClock())
    stored = shelves.put_card("1.vcf", b"one", "1")
    opened = shelves.epochs.open
    assert opened is not None and opened.last_seq is None
    assert opened.id in stored.etag and opened.id in token(shelves)
    assert judge(shelves, token(shelves)).verdict is Verdict.VALID
    shelves.close()


GARBAGE = {
    "a bare UUID, as macOS sends it": "6A9F5A5E-7D6E-4A0C-9B2B-0C6E2F1F8D11",
    "another scheme": "http://sabre.io/ns/sync/12",
    "text": "everything, please",
    "no epoch": "urn:gotgan:sync:3:12",
    "upper case": "urn:gotgan:sync:3:ABCDEFGH-12",
    "a negative number": "urn:gotgan:sync:3:abcdefgh--1",
    "a number without end": "urn:gotgan:sync:3:abcdefgh-" + "9" * 40,
    "more behind it": "urn:gotgan:sync:3:abcdefgh-12 and more",
    "a line break in it": "urn:gotgan:sync:3:abcd\nefgh-12",
    "other digits": "urn:gotgan:sync:3:abcdefgh-١٢",
    "NUL": "\0",
}


@pytest.mark.parametrize("presented", GARBAGE.values(), ids=GARBAGE.keys())
def test_garbage_is_no_evidence(shelves: Shelves, presented: str) -> None:
    assert judge(shelves, presented).verdict is Verdict.GARBAGE


def test_every_line_of_the_token_table(shelves: Shelves) -> None:
    """Protocol A1."""
    shelves.put_card("1.vcf", b"one", "1")
    opened = shelves.epochs.open
    assert opened is not None
    newest, book = queries.newest_seq(shelves.reading), shelves.book

    def form(collection: int, epoch: str, seq: int) -> str:
        return f"urn:gotgan:sync:{collection}:{epoch}-{seq}"

    expected: dict[str, Verdict] = {
        "": Verdict.INITIAL,
        "  ": Verdict.INITIAL,
        token(shelves): Verdict.VALID,
        f" {token(shelves)}\n": Verdict.VALID,
        form(book, opened.id, newest + 1): Verdict.SET_BACK,
        form(99, opened.id, newest + 1): Verdict.SET_BACK,
        form(book, "zzzzzzzz", 1): Verdict.UNPROVEN,
        form(shelves.second_book, opened.id, newest): Verdict.GARBAGE,
        form(book, opened.id, 0): Verdict.GARBAGE,
    }
    assert {presented: judge(shelves, presented).verdict for presented in expected} == expected


@pytest.mark.parametrize("etag", ['"d-0123456789abcdef01234567"', "*", "", '"abc"', 'W/"abcdefgh-1"', "abcdefgh-1"])
def test_an_etag_that_is_not_of_our_form_is_no_evidence(shelves: Shelves, etag: str) -> None:
    assert epochs.judge_etag(etag, shelves.epochs, newest_seq=1).verdict is Verdict.GARBAGE
    assert epochs.etags_in(etag) == []


# --- the clock --------------------------------------------------------------------------------------

STEPS: dict[str, tuple[timedelta, bool]] = {
    "half a second back": (timedelta(seconds=-0.5), False),
    "two seconds back": (timedelta(seconds=-2), False),
    "three seconds back": (timedelta(seconds=-3), True),
    "an hour back": (timedelta(hours=-1), True),
    "70 years back": (timedelta(days=-70 * 365), True),
    "an hour forward": (timedelta(hours=1), False),
    "70 years forward": (timedelta(days=70 * 365), False),
}


def last_at(shelves: Shelves) -> int:
    return int(shelves.reading.execute("SELECT at FROM version ORDER BY seq DESC LIMIT 1").fetchone()["at"])


@pytest.mark.parametrize(("step", "opens"), STEPS.values(), ids=STEPS.keys())
def test_a_step_of_the_clock_opens_an_epoch_only_backwards(shelves: Shelves, step: timedelta, opens: bool) -> None:
    shelves.put_card("1.vcf", b"one", "1")
    before, at, held = token(shelves), last_at(shelves), shelves.epochs.open
    shelves.clock.turn(step)
    shelves.put_card("2.vcf", b"two", "2")
    reason = shelves.reading.execute("SELECT reason FROM epoch WHERE last_seq IS NULL").fetchone()["reason"]
    assert (shelves.epochs.open != held) is opens
    assert reason == ("clock" if opens else "new")
    assert last_at(shelves) == at + max(step // timedelta(microseconds=1), 0 if not opens else -(1 << 60))
    assert judge(shelves, before).verdict is Verdict.VALID


def test_time_never_runs_backwards_within_an_epoch(shelves: Shelves) -> None:
    chosen = random.Random(3)
    for number in range(60):
        shelves.clock.turn(timedelta(seconds=chosen.choice([0, 1, -1, -1.5, 5, -5, -3600, 86400])))
        shelves.put_card(f"{number}.vcf", b"%d" % number, str(number))
    rows = shelves.reading.execute("SELECT seq, at FROM version ORDER BY seq").fetchall()
    by_epoch: dict[str, list[int]] = {}
    for row in rows:
        by_epoch.setdefault(shelves.epochs.of(row["seq"]), []).append(row["at"])
    assert len(by_epoch) > 3
    assert all(times == sorted(times) for times in by_epoch.values())


def test_a_refusal_noted_while_the_clock_is_behind_opens_one_epoch(shelves: Shelves) -> None:
    shelves.clock.turn(timedelta(hours=-1))
    for _ in range(3):
        with shelves.ledger.write(ANNA) as page:
            assert page.at > 0
    shelves.put_card("1.vcf", b"one", "1")
    opened = shelves.epochs.open
    assert opened is not None
    assert judge(shelves, token(shelves)).verdict is Verdict.VALID
    assert shelves.reading.execute("SELECT count(*) FROM epoch WHERE last_seq IS NULL").fetchone()[0] == 1


def test_epochs_follow_each_other_without_a_gap(quick_disk: Path) -> None:
    writer = Writer(quick_disk, random.Random(5))
    writer.write(30)
    shelves = Shelves(quick_disk, TurnedClock())
    rows = shelves.reading.execute("SELECT first_seq, last_seq FROM epoch ORDER BY first_seq, rowid").fetchall()
    assert len(rows) > 2
    assert [row["first_seq"] for row in rows[1:]] == [row["last_seq"] + 1 for row in rows[:-1]]
    shelves.close()
