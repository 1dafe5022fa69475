"""What a plan asks of the ledger for each thing, counted in statements: previews of thousands are made at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.history.rooms import PHONE, TABLET, Rooms, card
from tests.store.shelves import quick_folder

BOOK = "addressbooks/anna/contacts"


@pytest.fixture
def folder() -> Iterator[Path]:
    with quick_folder() as path:
        yield path


def statements(folder: Path, cards: int) -> int:
    """Let the tablet change so many cards, and count the statements of its rewind's plan."""
    folder.mkdir()
    rooms = Rooms(folder)
    for number in range(cards):
        rooms.put(f"{BOOK}/{number}.vcf", card(str(number)), PHONE)
    since = rooms.seq
    for number in range(cards):
        rooms.put(f"{BOOK}/{number}.vcf", card(str(number), NOTE="spoilt"), TABLET)
    asked: list[str] = []
    rooms.reading.set_trace_callback(asked.append)
    plan = rooms.planner.rewind(TABLET, since)
    rooms.reading.set_trace_callback(None)
    assert len(plan.entries) == cards
    rooms.close()
    return len(asked)


def test_one_more_thing_is_one_more_statement_and_a_little(folder: Path) -> None:
    few, many = (statements(folder / str(cards), cards) for cards in (20, 120))
    assert many - few <= 100 * 1.1, "whether its octets are kept; all else is asked for hundreds at once"
