"""What the filters look at: components and content lines as `objects` reads them, and their values as text.

Only shapes here, and the unescaping of a value. Reading octets into lines is `objects`' work.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

Params = Sequence[tuple[str, tuple[str, ...]]]

_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_LIST_PART = re.compile(r"((?:[^\\,]|\\.)*)(?:,|$)", re.DOTALL)

_LISTS = frozenset({"CATEGORIES", "NICKNAME", "RESOURCES"})
"""Properties whose value is a list of texts: each is a value to compare with (RFC 6350 6.2.3, RFC 5545 3.8.1.2)."""


class Line(Protocol):
    """One content line, unfolded. `name` and parameter names are upper-case, `value` is as sent."""

    @property
    def group(self) -> str | None:
        """The group before the name (`item1` of `item1.TEL`), None or "" without."""
        ...

    @property
    def name(self) -> str:
        """The property's name."""
        ...

    @property
    def params(self) -> Params:
        """Its parameters in order, each with its values unquoted and decoded (RFC 6868)."""
        ...

    @property
    def value(self) -> str:
        """Everything after the colon, still escaped."""
        ...


class Component(Protocol):
    """A card, a calendar, or a component of one. `name` is upper-case."""

    @property
    def name(self) -> str:
        """What stands behind its BEGIN."""
        ...

    @property
    def lines(self) -> Sequence[Line]:
        """Its own properties, without those of inner components, BEGIN and END."""
        ...

    @property
    def components(self) -> Sequence[Component]:
        """The components directly inside."""
        ...


def unescaped(value: str) -> str:
    r"""Return the text that `\\`, `\,`, `\;`, `\n` and the old `\:` stand for (RFC 5545 3.3.11, RFC 6350 3.4).

    A backslash before anything else stays as it is.
    """
    if "\\" not in value:
        return value
    return _ESCAPED.sub(_plain, value)


def spellings(line: Line) -> tuple[str, ...]:
    """Return the texts to compare a property with: its whole value, then the parts of a list."""
    whole = unescaped(line.value)
    if line.name not in _LISTS or "," not in line.value:
        return (whole,)
    return (whole, *(unescaped(part).strip() for part in _LIST_PART.findall(line.value)))


def param_values(line: Line, name: str) -> tuple[str, ...] | None:
    """Return all values of a parameter, which may be given more than once (TYPE=HOME;TYPE=VOICE), or None."""
    found = [values for param, values in line.params if param == name]
    if not found:
        return None
    return tuple(value for values in found for value in values)


def _plain(escaped: re.Match[str]) -> str:
    character = escaped[1]
    if character in "nN":
        return "\n"
    return character if character in "\\,;:" else escaped[0]
