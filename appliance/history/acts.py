"""What was asked for with one press of a button, kept with its batch: so that it is told and undone by its name.

Values only; `wording` makes words of them. It refuses to look anything up: what a thing was called is kept as it was
called then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Act:
    """Of what, until when, from where. Times are microseconds since 1970; what does not belong to the act is None.

    A restore: `kind` and `name` of the thing, its `address` below `/dav/`, `at`, and perhaps `fields`, `beside`. A
    rewind: `device_id`, `at`. An import: `source`, and what it came into as `kind`, `name`, `address`.
    """

    kind: str | None = None  # card, event, file, folder, addressbook, calendar, home, person, household
    name: str | None = None
    address: str | None = None
    at: int | None = None
    device_id: int | None = None
    source: str | None = None
    fields: tuple[str, ...] = ()
    beside: str | None = None
    how: str | None = None  # what was chosen with it, as the command line spells that
    collection_id: int | None = None  # who may see it may know of the act; None: whoever sees a row of it

    def is_asked_again_by(self, other: Act) -> bool:
        """Return whether another one asks for the same of the same; what it is called may differ by now."""
        return replace(self, kind=None, name=None, collection_id=None) == replace(
            other, kind=None, name=None, collection_id=None
        )

    def to_json(self) -> dict[str, Any]:
        """Return it as what JSON can hold, without what is None."""
        told = {name: getattr(self, name) for name in _TEXTS + _NUMBERS}
        kept: dict[str, Any] = {name: value for name, value in told.items() if value is not None}
        return kept | ({"fields": list(self.fields)} if self.fields else {})

    @staticmethod
    def from_json(told: Mapping[str, Any] | None) -> Act | None:
        """Return the act that `to_json` wrote; None where none was kept. What has another type is left out."""
        if told is None:
            return None
        texts = {name: told[name] for name in _TEXTS if isinstance(told.get(name), str)}
        numbers = {name: told[name] for name in _NUMBERS if isinstance(told.get(name), int)}
        fields = told.get("fields")
        named = tuple(str(each) for each in fields) if isinstance(fields, list) else ()
        return Act(**texts, **numbers, fields=named)


_TEXTS = ("kind", "name", "address", "source", "beside", "how")
_NUMBERS = ("at", "device_id", "collection_id")
