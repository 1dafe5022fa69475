"""Changes to one version of a card or event, by the numbers of its lines; every other octet stays as it was sent.

What is put in is well-formed whatever surrounds it: a component brings its END even where its source forgot it, and
properties come before the components inside (RFC 5545 3.6.1), beside others of their name where there are some.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from itertools import chain

from appliance.objects.content_lines import Component
from appliance.objects.octets import Octets
from appliance.objects.property_tree import Part, Section, Tree, numbers_of

_BREAK = re.compile(rb"\r\n|\r|\n")
_NEVER = 1 << 62  # behind every line


class Edit:
    """Changes to one version; they are made when `octets` is asked."""

    def __init__(self, mine: Tree) -> None:
        self._mine = mine
        self._line_end = b"\r\n" if b"\r\n" in mine.body or b"\n" not in mine.body else b"\n"
        self._dropped: set[int] = set()
        self._instead: dict[int, list[bytes]] = {}  # what comes before the line of a number
        self._lines: dict[int, list[bytes]] = {}  # what follows the line of a number, then the components that do
        self._components: dict[int, list[bytes]] = {}
        self._groups = {line.group.lower() for section in mine.sections.values() for line in section.component.lines}
        self._heads = _heads(mine)

    def free_group(self, wanted: str) -> str:
        """Return a name for a group that nothing else here has, the wanted one where it is free."""
        name, number = wanted, 1
        while name.lower() in self._groups:
            name, number = f"item{number}", number + 1
        self._groups.add(name.lower())
        return name

    def replace(self, standing: Part | Section, octets: bytes | None) -> None:
        """Take a field out, and put octets in its place; None: nothing."""
        gone = list(standing.lines) if isinstance(standing, Part) else numbers_of(standing.component)
        self._dropped.update(self._own(standing, gone))
        if octets is not None:
            self._instead.setdefault(gone[0], []).append(octets)

    def insert_lines(self, section: Section, octets: bytes, names: Collection[str] = ()) -> None:
        """Put lines behind the last ones of these names, else behind all; before the components inside."""
        self._lines.setdefault(_behind_lines(section, names), []).append(octets)

    def insert_component(self, section: Section, octets: bytes) -> None:
        """Put a component behind all that is in another one."""
        self._components.setdefault(_behind_components(section.component), []).append(octets)

    def insert_zone(self, octets: bytes) -> None:
        """Put a time zone before what may name it."""
        self._components.setdefault(_behind_lines(self._mine.sections[""], ()), []).insert(0, octets)

    def octets(self) -> bytes:
        """Return the changed version, all of it with the line ends that it had."""
        written: list[bytes] = []
        for number in sorted(number for number in self._mine.octets.whole(self._mine.root) if number >= 0):
            kept = [] if number in self._dropped else [self._mine.octets.of(number)]
            new = (*self._lines.get(number, ()), *self._components.get(number, ()))
            for chunk in chain(self._ended(self._instead.get(number, ())), kept, self._ended(new)):
                if written and not written[-1].endswith((b"\n", b"\r")):
                    written.append(self._line_end)  # the last line of all had no end
                written.append(chunk)
        return self._mine.octets.prologue() + b"".join(written) + self._mine.octets.epilogue()

    def _ended(self, chunks: Collection[bytes]) -> Iterator[bytes]:
        return (_BREAK.sub(self._line_end, chunk) for chunk in chunks)

    def _own(self, side: Part | Section, gone: list[int]) -> list[int]:
        """Return the lines that go with a field: a label that another field of the group has as well stays."""
        if not isinstance(side, Part):
            return gone
        going = {head.number for head in side.heads}
        return [number for number in gone if self._heads.get(number, set()) - going <= self._dropped]


def lines_of(side: Part | Section, octets: Octets) -> list[bytes]:
    """Return the lines of a field and nothing else: what stands astray between them stays where it is."""
    if isinstance(side, Section):
        return list(component_lines(side.component, octets))
    if side.component is not None:
        return list(component_lines(side.component, octets))
    return [_whole(octets.line(number)) for number in side.lines]


def component_lines(component: Component, octets: Octets) -> Iterator[bytes]:
    """Yield the lines of a component, those inside included, each component with its END."""
    inner = {one.begin: one for one in component.components}
    yield _whole(octets.line(component.begin))
    for number in sorted([*(line.number for line in component.lines), *inner]):
        if number in inner:
            yield from component_lines(inner[number], octets)
        else:
            yield _whole(octets.line(number))
    yield f"END:{component.name}\r\n".encode("utf-8", "replace")


def _whole(line: bytes) -> bytes:
    """Return a line with its end, which the last one of a body may lack."""
    return line if line.endswith((b"\n", b"\r")) else line + b"\r\n"


def _heads(tree: Tree) -> dict[int, set[int]]:
    """Return which fields a line belongs to, by their first lines."""
    found: dict[int, set[int]] = {}
    for part in (part for section in tree.sections.values() for part in section.parts):
        for number in part.lines if part.heads and len(part.lines) > len(part.heads) else ():
            found.setdefault(number, set()).add(part.heads[0].number)
    return found


def _behind_lines(section: Section, names: Collection[str]) -> int:
    """Return the number of the line behind which one of these names belongs."""
    component = section.component
    first_inner = min((one.begin for one in component.components), default=_NEVER)
    before = [line for line in component.lines if line.number < first_inner]
    alike = [line.number for line in before if line.name in names]
    if not alike:
        return max((line.number for line in before), default=component.begin)
    place = alike[-1]
    around = {number for part in section.parts if place in part.lines for number in part.lines}
    while place + 1 in around:  # its label
        place += 1
    return place


def _behind_components(component: Component) -> int:
    """Return the number of the line behind which a component belongs: before one that has no END and holds the rest."""
    limit = min((one.begin for one in component.components if one.end < 0), default=_NEVER)
    numbers = [*(line.number for line in component.lines), *(one.end for one in component.components)]
    return max((number for number in numbers if 0 <= number < limit), default=component.begin)
