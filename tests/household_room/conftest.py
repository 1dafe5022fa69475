"""A founded household in a temporary folder, and a clock that tests turn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appliance.household import people
from appliance.household.opening import Household, open_household
from appliance.settings import Settings
from appliance.store.database import Database
from appliance.store.ledger import Author, Ledger
from appliance.store.migrations import migrate


@dataclass
class TurnedClock:
    """The time that a test says it is; also counts seconds, as a throttle wants them."""

    moment: datetime = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    seconds: float = 1000.0

    def now(self) -> datetime:
        return self.moment

    def turn(self, by: timedelta) -> None:
        self.moment += by
        self.seconds += by.total_seconds()


@dataclass
class House:
    """A household, opened."""

    settings: Settings
    clock: TurnedClock
    database: Database
    ledger: Ledger = field(init=False)
    household: Household = field(init=False)

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.database, self.clock)
        self.household = open_household(self.ledger, self.settings)

    def join(self, name: str, display_name: str | None = None) -> people.Person:
        return people.add(
            self.ledger,
            self.settings.data,
            Author(1, 1),
            joining=people.NewPerson(name, display_name),
            shared=self.household.shared,
            words=self.household.words,
        )


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, time_zone="Asia/Seoul", language="ko", box_name="gotgan.local")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    migrate(tmp_path / "gotgan.db")
    opened = Database(tmp_path / "gotgan.db")
    yield opened
    opened.close()


@pytest.fixture
def house(settings: Settings, clock: TurnedClock, database: Database) -> House:
    return House(settings, clock, database)
