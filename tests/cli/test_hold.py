"""`gotgan doctor` on a household that was set back, or may have been: what it says, offers and does."""

from __future__ import annotations

from contextlib import closing

import pytest

from appliance.clock import SystemClock
from appliance.store import hold_rows
from appliance.store.database import Database
from appliance.store.epochs import Lost
from appliance.store.hold_rows import Shown
from appliance.store.ledger import Ledger
from appliance.store.past import locate
from tests.cli.calling import Shell

BOOK = "addressbooks/anna/contacts"


@pytest.fixture
def phone(shell: Shell) -> int:
    """Anna's phone, in a household that has just begun."""
    shell("person", "add", "anna", "--display-name", "Anna Kim")
    device_id: int = shell("device", "add", "anna", "Phone", "--json").json["device_id"]
    return device_id


def show(shell: Shell, device_id: int, *, proven: bool) -> None:
    """Let the phone show a state of its contacts that this household never had."""
    with closing(Database(shell.data / "gotgan.db")) as database:
        reading = database.connection()
        newest = reading.execute("SELECT max(seq) FROM version").fetchone()[0]
        book = locate(reading, BOOK.split("/"), seq=None).resource_id
        lost = Lost("zzzzzzzz", newest + 7, newest if proven else None)
        hold_rows.notice(Ledger(database, SystemClock()), Shown(lost, "token", device_id, book, BOOK))


def test_nothing_on_hold_is_nothing_to_release(shell: Shell, phone: int) -> None:
    assert shell("doctor", "--release").out == "Nothing is on hold.\n"
    assert shell("doctor", "--release", "keep").err == "Nothing is on hold.\n"
    assert shell("doctor", "--device", str(phone)).code == 2
    assert shell("doctor", BOOK).code == 2


def test_a_proven_hold_is_explained_and_each_choice_with_its_cost(shell: Shell, phone: int) -> None:
    show(shell, phone, proven=True)
    answer = shell("doctor")
    assert answer.code == 1
    assert "These know newer things: Phone (Anna Kim): addressbooks/anna/contacts." in answer.out
    offered = shell("doctor", "--release")
    assert (offered.code, "1 device is known to have newer" in offered.out) == (0, True)
    assert shell("doctor", "--json").json["holds"][0]["knows_newer"] == {"Phone (Anna Kim)": [BOOK]}
    assert shell("doctor", "--release", "accept", "calendars/anna/nowhere").code == 1
    assert shell("doctor", "--release", BOOK).out == "The hold is released: phones keep what only they have.\n"
    assert shell("doctor").code == 1, "the rest still waits"
    assert shell("doctor", "--release", "accept").out == "The hold is released: phones drop what is not here.\n"
    assert shell("doctor").code == 0
    assert shell("doctor", "--json").json["holds"][0]["choice"] == "accept"


def test_a_doubt_is_told_apart_and_released_by_name_alone(shell: Shell, phone: int) -> None:
    show(shell, phone, proven=False)
    answer = shell("doctor")
    assert (answer.code, "Phone (Anna Kim) shows a state of addressbooks/anna/contacts" in answer.out) == (1, True)
    assert f"--release keep --device {phone}" in shell("doctor", "--release").out
    refused = shell("doctor", "--release", "accept")
    assert refused.code == 1, "whoever reads a book could have forged it"
    assert f"gotgan doctor --release accept --device {phone}" in refused.err
    assert shell("doctor", "--release", "keep", "--device", "Phone").code == 0
    assert shell("doctor").code == 0
