"""What restore, rewind and undo have in common: the whole house, whose rows, the plan foretold, and carried out.

What is said of it is `plan_report`.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from appliance import errors

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from appliance.app import House
    from appliance.history.acts import Act
    from appliance.history.applying import Receipt
    from appliance.history.plans import Plan
    from appliance.history.previews import Preview
    from appliance.history.restore import Planner
    from appliance.household.people import Person
    from appliance.store.batches import Batch
    from appliance.store.database import Reading
    from appliance.store.ledger import Author

SHOWN = 40  # lines of a plan; the counts are always complete


@dataclass(frozen=True, slots=True)
class Asked:
    """How a command is to answer."""

    dry_run: bool
    as_json: bool


class _When(TypedDict):
    zone: ZoneInfo
    now: datetime


@contextlib.contextmanager
def whole_house(data: Path) -> Iterator[House]:
    """Give all rooms on a data folder, deleted folders taken in; NotPossible where there is no household."""
    from appliance import settings
    from appliance.app import furnish
    from appliance.cli import folder
    from appliance.cli.house import hand_over
    from appliance.clock import SystemClock
    from appliance.household.opening import clear_errors

    data = folder.checked(data)
    if not (data / settings.DATABASE_NAME).is_file():
        raise errors.NotPossible(f"There is no household in {data} yet; gotgan person add NAME founds one.")
    chosen = settings.load(data, os.environ)
    with clear_errors(chosen.database):
        house = furnish(chosen, SystemClock())
        try:
            house.background.duties.sweeper.sweep()
            yield house
            house.background.duties.sweeper.sweep()
        finally:
            house.services.ledger.database.close()
            hand_over(data)


def seq_of(house: House, reading: Reading, text: str) -> int:
    """Return the state that a moment, or `seq-1234`, names; WrongCall, NotFound."""
    from appliance.history import moments

    return moments.seq_of(reading, text, **_now(house))


def written_until(house: House, reading: Reading, text: str, seq: int) -> int:
    """Return the moment that a text names, microseconds since 1970; of `seq-1234` when that row was written."""
    from appliance.history import moments

    return moments.written_until(reading, text, seq, **_now(house))


def _now(house: House) -> _When:
    return {"zone": house.services.household.time_zone, "now": house.services.clock.now()}


def foresee(house: House, reading: Reading, plan: Plan, asked: Asked) -> Preview:
    """Return what a plan would do, told before it is done; all of it for a program, else the first lines."""
    from appliance.history.previews import Foreseer

    return Foreseer(reading, house.bodies).preview(plan, most=None if asked.as_json else SHOWN)


def planner(house: House, reading: Reading) -> Planner:
    """Return who makes plans in this snapshot."""
    from appliance.history.restore import Planner

    return Planner(reading, house.bodies)


def shell_of(house: House, person: Person) -> Author:
    """Return the command line as a device of a person."""
    from appliance.household import devices

    services = house.services
    return devices.own_author(
        services.ledger.database, person.id, "shell", label=services.household.words.shell, at=services.clock.now()
    )


def carry_out(
    house: House, author: Author, kind: str, plan: Plan, *, undoes: int | None = None, about: Act | None = None
) -> Receipt | None:
    """Carry out a plan and return the receipt; None where there is nothing to do."""
    from appliance.history import applying

    if plan.is_empty:
        return None
    batch_id = applying.begin(house.services.ledger, author, kind, plan, undoes=undoes, about=about)
    return go_on(house, author, batch_id)


def go_on(house: House, author: Author, batch_id: int) -> Receipt:
    """Carry out a planned batch from wherever it is."""
    from appliance.cli.progress import progress
    from appliance.history import applying

    ledger = house.services.ledger
    with progress("Putting back") as told:
        return applying.carry_out(
            ledger, house.writer(author), batch_id, progress=lambda done, all_: told(done / max(1, all_))
        )


def resume(house: House, batch: Batch, person: Person, asked: Asked) -> tuple[Preview, Receipt | None]:
    """Go on with a batch that was cut off, in a person's name; return what it still was to do, and the receipt."""
    from appliance.history.plan_texts import from_json

    plan = from_json(json.loads(batch.plan or "[]"))
    author = shell_of(house, person)
    with house.services.ledger.database.read() as reading:
        preview = foresee(house, reading, plan, asked)
    return preview, None if asked.dry_run else go_on(house, author, batch.id)


def resuming(batch: Batch) -> str:
    """Return what goes on with a batch that was cut off: an import or a copy needs what it was made of."""
    from appliance.store import importing

    if not importing.is_asked_again(batch):
        return f"gotgan undo {batch.id} --resume"
    return "the same gotgan import" if batch.kind == "import" else "the same gotgan restore --as"
