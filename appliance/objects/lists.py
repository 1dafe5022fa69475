"""Properties that hold a list on one line: each value is a field, so that two people can each change another one.

Dates that are left out or added, and categories, are sets: a value is there or it is not. A nickname may become another
one. A line is cut into its values only where it can be written again from them without touching the others.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from appliance.objects.content_lines import ContentLine, split_unescaped, text_of
from appliance.objects.meanings import Meaning, is_unread, params_of
from appliance.objects.octets import folded, without_folds

SETS = frozenset({"EXDATE", "RDATE", "CATEGORIES"})  # RFC 5545 3.8.5.1, 3.8.5.2, 3.8.1.2; RFC 6350 6.7.1
LISTS = SETS | {"NICKNAME"}  # RFC 6350 6.2.3
_ONE_LINE = frozenset({"CATEGORIES", "NICKNAME"})  # many clients read only the first line of these
MAX_VALUES = 2_000  # a longer line is one field


class Value(NamedTuple):
    """One value of a list, as written and as it is meant."""

    written: str
    said: str


def is_list(line: ContentLine) -> bool:
    """Return whether a line can be read and written again value by value."""
    return (
        line.name in LISTS
        and line.param("ENCODING") is None
        and not is_unread(line)
        and line.value.count(",") < MAX_VALUES
    )


def listed(line: ContentLine) -> list[Value]:
    """Return the values of a list that say something."""
    found = []
    for written in split_unescaped(line.value, ","):
        said = text_of(line._replace(value=written)).strip()
        if said:
            found.append(Value(written, said))
    return found


@dataclass(slots=True)
class Listing:
    """A list line that values are taken from and put into. Its octets are as sent while its values are."""

    name: str
    params: Meaning
    sent: bytes
    head: bytes
    before: tuple[Value, ...]
    values: list[Value] = field(default_factory=list)

    @classmethod
    def of(cls, line: ContentLine, sent: bytes) -> Listing:
        """Return a line as a list that holds nothing yet; `sent` are its octets."""
        whole = without_folds(sent)
        head = whole[: len(whole) - len(line.value.encode())]
        return cls(line.name, params_of(line), sent, head, tuple(listed(line)))

    @property
    def takes_more(self) -> bool:
        """Whether a further value belongs here: not into one of those that have a line each."""
        return self.name in _ONE_LINE or len(self.values) != 1

    def is_like(self, other: Listing) -> bool:
        """Return whether a value of another list may stand in this one."""
        return (self.name, self.params) == (other.name, other.params)

    def remove(self, said: str) -> int:
        """Take out every value that says this; return where the first of them was."""
        at = next((place for place, value in enumerate(self.values) if value.said == said), len(self.values))
        self.values = [value for value in self.values if value.said != said]
        return at

    def __bytes__(self) -> bytes:
        """The line, nothing where no value is left."""
        if tuple(self.values) == self.before:
            return self.sent
        return folded(self.head + ",".join(value.written for value in self.values).encode()) if self.values else b""
