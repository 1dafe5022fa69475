"""Ending a hold: all of it or nothing, whatever is cut; and only what was meant."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from appliance import errors, settings
from appliance.clock import SystemClock
from appliance.household import held, opening
from appliance.household.release import Part, release
from appliance.store import hold_rows, witness
from appliance.store.epochs import Lost
from appliance.store.hold_rows import Shown
from appliance.store.holds import Sign, Verdict
from appliance.store.ledger import Author, Ledger, member_at
from appliance.store.witness import Mark
from tests.cutting import cut_everywhere

SHELL = Author(1, 1)
HELD = "calendars/household/holidays"


def opened(data: Path) -> Ledger:
    chosen = settings.load(data, {})
    ledger = opening.open_ledger(chosen, SystemClock())
    opening.open_household(ledger, chosen)
    return ledger


def calendar_home(ledger: Ledger) -> int:
    home = member_at(ledger.database.connection(), 1, "calendars")
    assert home is not None
    own = member_at(ledger.database.connection(), home.resource_id, "household")
    assert own is not None
    return own.resource_id


def hold(ledger: Ledger) -> int:
    """Begin a proven hold under which a calendar was asked for."""
    with ledger.database.write() as writing:
        hold_id = hold_rows.begin(writing, 5, address="addressbooks/anna/contacts", at=1)
        hold_rows.record(writing, Sign(hold_id, 1, HELD, "", "missing", 0, calendar_home(ledger), 1, 1))
    return hold_id


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A household on hold, closed."""
    made = tmp_path / "data"
    made.mkdir()
    with closing(opened(made).database) as database:
        hold(Ledger(database, SystemClock()))
    return made


def test_a_release_is_whole_or_not_at_all(data: Path, tmp_path: Path) -> None:
    def act(folder: Path) -> None:
        ledger = opened(folder)
        release(ledger, SHELL, "keep", Part())

    (tmp_path / "cut").mkdir()
    outcomes = set()
    for calls, folder in cut_everywhere(data, tmp_path / "cut", act):
        with closing(opened(folder).database) as database:
            reading = database.connection()
            (report,) = held.reports(reading)
            reasons = [row[0] for row in reading.execute("SELECT reason FROM epoch WHERE reason = 'released'")]
            anew = member_at(reading, calendar_home(Ledger(database, SystemClock())), "holidays") is not None
            outcomes.add((report.is_open, bool(reasons), anew))
            assert len({not report.is_open, bool(reasons), anew}) == 1, f"half a release after {calls} calls"
    assert outcomes == {(True, False, False), (False, True, True)}


def test_a_sign_is_noted_whole_or_not_at_all(data: Path, tmp_path: Path) -> None:
    shown = Shown(Lost("zzzzzzzz", 9, None), "token", 3, None, "addressbooks/anna/contacts")

    def act(folder: Path) -> None:
        assert hold_rows.notice(opened(folder), shown).verdict is Verdict.HELD

    (tmp_path / "cut").mkdir()
    for _, folder in cut_everywhere(data, tmp_path / "cut", act):
        with closing(opened(folder).database) as database:
            hold_ids = {each.id for each in hold_rows.every_hold(database.connection())}
            assert {sign.hold_id for sign in hold_rows.signs(database.connection())} <= hold_ids


def test_a_decided_hold_is_decided_anew_and_an_open_one_first(data: Path) -> None:
    ledger = opened(data)
    assert release(ledger, SHELL, "keep", Part()).anew == (HELD,)
    assert release(ledger, SHELL, "accept", Part()).holds == 1
    second = hold(ledger)
    assert release(ledger, SHELL, "keep", Part()).anew == ()
    newest, first = held.reports(ledger.database.connection())
    assert (newest.hold.id, [each.choice for each in newest.decisions]) == (second, ["keep"])
    assert [each.choice for each in first.decisions] == ["accept", "keep"]
    ledger.database.close()


def test_a_lost_calendar_is_let_go_by_name(data: Path) -> None:
    ledger = opened(data)
    release(ledger, SHELL, "accept", Part(missing=HELD))
    (report,) = held.reports(ledger.database.connection())
    assert (report.missing, report.is_open) == ((), True)
    assert member_at(ledger.database.connection(), calendar_home(ledger), "holidays") is None
    assert hold_rows.was_ever_named(ledger.database.connection(), calendar_home(ledger), "holidays")
    ledger.database.close()


def test_nothing_on_hold_is_said(tmp_path: Path) -> None:
    (tmp_path / "fresh").mkdir()
    ledger = opened(tmp_path / "fresh")
    with pytest.raises(errors.NotPossible, match="Nothing is on hold"):
        release(ledger, SHELL, "keep", Part())
    ledger.database.close()


def test_the_mark_that_was_ahead_is_noted_with_the_decision(data: Path, tmp_path: Path) -> None:
    ledger, mark = opened(data), tmp_path / "gotgan.witness"
    household = ledger.epochs(ledger.database.connection()).household
    assert household is not None
    witness.write(mark, Mark(household, "zzzzzzzz", 999))
    release(ledger, SHELL, "keep", Part(), mark=mark)
    witness.compare(ledger, mark)
    assert len(hold_rows.every_hold(ledger.database.connection())) == 1
    ledger.database.close()
