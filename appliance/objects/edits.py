"""Changes to one version of a card or event, by the numbers of its lines; every other octet stays as it was sent.

What is put in is well-formed whatever surrounds it: a component brings its END even where its source forgot it, and
properties come before the components inside (RFC 5545 3.6.1), beside others of their name where there are some.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from itertools import chain
from typing import NamedTuple

from appliance.objects.content_lines import Component, ContentLine
from appliance.objects.lists import Listing, is_list
from appliance.objects.meanings import params_of
from appliance.objects.octets import Octets, ends_softly
from appliance.objects.property_tree import Part, Section, Tree, numbers_of

_BREAK = re.compile(rb"\r\n|\r|\n")
_NEVER = 1 << 62  # behind every line


class Beside(NamedTuple):
    """Where a value was in a list."""

    listing: Listing
    place: int


class Edit:
    """Changes to one version; they are made when `octets` is asked."""

    def __init__(self, mine: Tree) -> None:
        self._mine = mine
        self._line_end = b"\r\n" if b"\r\n" in mine.body or b"\n" not in mine.body else b"\n"
        self._dropped: set[int] = set()
        self._instead: dict[int, list[bytes]] = {}  # what comes before the line of a number
        self._lists: dict[int, Listing] = {}  # the lines of a number that some values were taken from or put into
        self._new_lists: dict[tuple[object, ...], Listing] = {}
        self._lines: dict[int, list[bytes | Listing]] = {}  # what follows the line of a number, then what components do
        self._components: dict[int, list[bytes]] = {}
        self._groups = _groups(mine)
        self._number = 0
        self._heads = _heads(mine)
        self._places: dict[str, _Places] = {}
        self._theirs: dict[int, Listing] = {}

    def group_for(self, standing: Part | Section | None, wanted: str) -> str:
        """Return a name for a group: that of what is replaced where nothing else is in it, else one that is free."""
        if isinstance(standing, Part) and standing.heads and standing.component is None and standing.value is None:
            name = standing.heads[0].group
            if name and self._groups[name.lower()] <= set(standing.lines):
                return name
        name = wanted
        while name.lower() in self._groups:
            self._number += 1
            name = f"item{self._number}"
        self._groups[name.lower()] = set()
        return name

    def replace(self, standing: Part | Section, octets: bytes | None) -> None:
        """Take a field out, and put octets in its place; None: nothing."""
        gone = list(standing.lines) if isinstance(standing, Part) else numbers_of(standing.component)
        self._dropped.update(self._own(standing, gone))
        if octets is not None:
            self._instead.setdefault(gone[0], []).append(octets)
        for copy in standing.copies if isinstance(standing, Part) else ():
            self.replace(copy, None)

    def insert_lines(self, section: Section, octets: bytes, names: Collection[str] = ()) -> None:
        """Put lines behind the last ones of these names, else behind all; before the components inside."""
        self._lines.setdefault(self._behind(section, names), []).append(octets)

    def remove_value(self, section: Section, standing: Part) -> Beside:
        """Take one value out of the lists that hold it; return where it was."""
        lines = self._places_in(section).lines
        said = standing.value or ""
        first, *others = [self._list_of(lines[number]) for number in standing.lines]
        for listing in others:
            listing.remove(said)
        return Beside(first, first.remove(said))

    def add_value(self, section: Section, wanted: Part, octets: bytes, beside: Beside | None) -> None:
        """Put one value into a list that is there, as it stands there, else on a line like `octets`, the other's."""
        line = wanted.heads[0]
        if line.number not in self._theirs:
            self._theirs[line.number] = Listing.of(line, octets)
        new = self._theirs[line.number]
        value = next(value for value in new.before if value.said == wanted.value)
        if beside is not None and beside.listing.is_like(new):
            beside.listing.values.insert(beside.place, value)
            return
        there = self._open_list(section, new) or self._new_lists.get(_like(section, new, line.number))
        if there is None:
            there = self._new_lists[_like(section, new, line.number)] = new
            self._lines.setdefault(self._behind(section, {line.name}), []).append(new)
        there.values.append(value)

    def insert_component(self, section: Section, octets: bytes) -> None:
        """Put a component behind all that is in another one."""
        self._components.setdefault(_behind_components(section.component), []).append(octets)

    def insert_zone(self, octets: bytes) -> None:
        """Put a time zone before what may name it."""
        self._components.setdefault(self._behind(self._mine.sections[""], ()), []).insert(0, octets)

    def octets(self) -> bytes:
        """Return the changed version, all of it with the line ends that it had."""
        written: list[bytes] = []
        touched = {*self._dropped, *self._instead, *self._lists, *self._lines, *self._components}
        for number in self._mine.octets.numbers():
            if number not in touched and (not written or written[-1].endswith((b"\n", b"\r"))):
                written.append(self._mine.octets.of(number))
                continue
            kept = filter(None, [b"" if number in self._dropped else self._kept(number)])
            new = (*self._lines.get(number, ()), *self._components.get(number, ()))
            for chunk in chain(self._ended(self._instead.get(number, ())), kept, self._ended(new)):
                if written and not written[-1].endswith((b"\n", b"\r")):
                    written.append(self._line_end)  # the last line of all had no end
                written.append(chunk)
        return self._mine.octets.prologue() + b"".join(written) + self._mine.octets.epilogue()

    def _ended(self, chunks: Collection[bytes | Listing]) -> Iterator[bytes]:
        return (_BREAK.sub(self._line_end, octets) for octets in map(bytes, chunks) if octets)

    def _kept(self, number: int) -> bytes:
        octets = self._mine.octets.of(number)
        listing = self._lists.get(number)
        if listing is None or tuple(listing.values) == listing.before:
            return octets
        line = _BREAK.sub(self._line_end, bytes(listing))
        return line and line + octets[len(listing.sent) :]

    def _places_in(self, section: Section) -> _Places:
        if section.key not in self._places:
            self._places[section.key] = _Places(section)
        return self._places[section.key]

    def _behind(self, section: Section, names: Collection[str]) -> int:
        """Return the line behind which others find their place: never one that would swallow them."""
        number = self._places_in(section).behind(names)
        while number >= 0 and ends_softly(self._mine.octets.of(number)):
            number = max(each for each in self._mine.octets.numbers() if each < number)
        return number

    def _list_of(self, line: ContentLine) -> Listing:
        if line.number not in self._lists:
            listing = Listing.of(line, self._mine.octets.line(line.number))
            listing.values = list(listing.before)
            self._lists[line.number] = listing
        return self._lists[line.number]

    def _open_list(self, section: Section, new: Listing) -> Listing | None:
        """Return the last list of ours that is like another one, None where a further value has a line for itself."""
        line = self._places_in(section).last_list(new)
        if line is None or line.number in self._heads:
            return None
        listing = self._list_of(line)
        return listing if listing.takes_more else None

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
    numbers = side.lines if side.value is None else side.lines[:1]
    return [_whole(octets.line(number)) for number in numbers]


def _like(section: Section, new: Listing, number: int) -> tuple[object, ...]:
    """Return what new values share a new line by: dates that shared one in the other version."""
    return (section.key, new.name, new.params, number if new.name in ("EXDATE", "RDATE") else 0)


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


def _groups(tree: Tree) -> dict[str, set[int]]:
    """Return which lines are in a group."""
    found: dict[str, set[int]] = {}
    for line in (line for section in tree.sections.values() for line in section.component.lines):
        found.setdefault(line.group.lower(), set()).add(line.number)
    return found


def _heads(tree: Tree) -> dict[int, set[int]]:
    """Return which fields a line belongs to, by their first lines."""
    found: dict[int, set[int]] = {}
    parts = (part for section in tree.sections.values() for part in section.parts)
    for part in chain.from_iterable((part, *part.copies) for part in parts):
        is_labelled = part.value is None and part.heads and len(part.lines) > len(part.heads)
        for number in part.lines if is_labelled else ():
            found.setdefault(number, set()).add(part.heads[0].number)
    return found


class _Places:
    """Where things are in a component, found out once."""

    def __init__(self, section: Section) -> None:
        component = section.component
        self.lines = {line.number: line for line in component.lines}
        self._around = {number: part for part in section.parts if len(part.lines) > 1 for number in part.lines}
        first_inner = min((one.begin for one in component.components), default=_NEVER)
        before = [line for line in component.lines if line.number < first_inner]
        self._last = max((line.number for line in before), default=component.begin)
        self._of_name = {line.name: line.number for line in before}
        self._lists = {(line.name, params_of(line)): line for line in component.lines if is_list(line)}

    def behind(self, names: Collection[str]) -> int:
        """Return the number of the line behind which one of these names belongs: before the first component inside."""
        place = max((self._of_name[name] for name in names if name in self._of_name), default=None)
        if place is None:
            return self._last
        field = self._around.get(place)
        while field is not None and place + 1 in field.lines:  # its label
            place += 1
        return place

    def last_list(self, like: Listing) -> ContentLine | None:
        """Return the last list of this name and these parameters."""
        return self._lists.get((like.name, like.params))


def _behind_components(component: Component) -> int:
    """Return the number of the line behind which a component belongs: before one that has no END and holds the rest."""
    limit = min((one.begin for one in component.components if one.end < 0), default=_NEVER)
    numbers = [*(line.number for line in component.lines), *(one.end for one in component.components)]
    return max((number for number in numbers if 0 <= number < limit), default=component.begin)
