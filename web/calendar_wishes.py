"""What the address of the calendar's page asks for: which month and day, as a sheet or a list, without which calendars.

Everything that was chosen stands in the address, so a page can be kept, sent and gone back to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask import url_for
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from appliance import errors
from web import month as months

MOST_HIDDEN = 200
LIST = "list"


@dataclass(frozen=True, slots=True)
class Wish:
    """One such address. `month` and `day` None: today's; `first`: the number of the first line of a list."""

    month: date | None
    day: date | None
    as_list: bool = False
    hidden: frozenset[str] = frozenset()
    first: int | None = None

    def to(self, **changes: object) -> str:
        """Return the address of this page with something else chosen."""
        wish = replace(self, **changes)  # type: ignore[arg-type]  # a template names fields
        asked: dict[str, Any] = {
            "month": None if wish.month is None else wish.month.isoformat()[:7],
            "day": None if wish.day is None else wish.day.isoformat(),
            "as": LIST if wish.as_list else None,
            "without": sorted(wish.hidden),
            "first": wish.first,
        }
        return url_for("calendars.show", **{name: value for name, value in asked.items() if value not in (None, [])})

    def toggled(self, key: str) -> str:
        """Return the address of this page with a calendar hidden that was shown, or shown that was hidden."""
        return self.to(hidden=self.hidden ^ {key}, first=None)


def read_wish(asked: MultiDict[str, str]) -> Wish:
    """Return what is asked for; WrongCall for a month or a day that is none."""
    month, day = _read(asked.get("month"), months.read_month), _read(asked.get("day"), months.read_day)
    if month is None and day is not None:
        month = day.replace(day=1)
    if month is not None and day is not None and (day.year, day.month) != (month.year, month.month):
        day = None
    return Wish(month, day, asked.get("as") == LIST, _hidden(asked.getlist("without")), asked.get("first", type=int))


def _read(written: str | None, read: Callable[[str], date | None]) -> date | None:
    if not written:
        return None
    found = read(written)
    if found is None:
        raise errors.WrongCall(gettext("There is no such day in this calendar. It goes from 1900 to 2199."))
    return found


def _hidden(keys: Iterable[str]) -> frozenset[str]:
    return frozenset(list(keys)[:MOST_HIDDEN])
