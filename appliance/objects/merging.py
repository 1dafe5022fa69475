"""Taking fields from one version of a card or event into another; everything else stays octet for octet.

`merge` applies what changed from `base` to `theirs` onto `ours`. Where ours changed the same field to something else,
ours stays and the field is a conflict. UID, VERSION and what clients stamp at every save stay those of ours.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from appliance import errors
from appliance.objects.content_lines import Component, Malformed
from appliance.objects.differences import Pair, aligned, changed, meaning
from appliance.objects.property_tree import ObjectKind, Part, Section, Tree, numbers_of

WHOLE = "*"
"""The key of a conflict about the object as such: one of the versions cannot be read."""

_BREAK = re.compile(rb"\r\n|\r|\n")
_GROUPED = re.compile(rb"[A-Za-z0-9-]+\.")
_TZID = re.compile(rb';TZID="?([^":;,]+)', re.IGNORECASE)
_ONLY_4 = re.compile(
    rb":data:|;VALUE=uri:tel:|;PREF=|;ALTID=|^(?:\w+\.)?(?:KIND|MEMBER|GENDER|ANNIVERSARY|CLIENTPIDMAP)[;:]",
    re.IGNORECASE,
)
_ONLY_3 = re.compile(rb";ENCODING=|^(?:\w+\.)?X-ADDRESSBOOKSERVER-", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Merged:
    """The merged octets, the keys of the fields that were taken, and of those where ours stayed."""

    body: bytes
    taken: tuple[str, ...]
    conflicts: tuple[str, ...]


def merge(
    kind: ObjectKind, base: bytes, ours: bytes, theirs: bytes, *, yielding: Collection[str] = frozenset()
) -> Merged:
    """Return `ours` with what changed from `base` to `theirs`; ours stays where both changed the same field.

    `yielding` are keys of conflicts in which theirs is taken after all.
    """
    del kind
    if base == theirs or ours == theirs:
        return Merged(ours, (), ())
    try:
        old, mine, new = Tree(base), Tree(ours), Tree(theirs)
    except Malformed:
        theirs_wins = base == ours or WHOLE in yielding
        return Merged(theirs, (WHOLE,), ()) if theirs_wins else Merged(ours, (), (WHOLE,))
    changes = list(changed(old, new))
    if base == ours and mine.uid == new.uid:
        return Merged(theirs, tuple(pair.keys[0] for pair in changes), ())
    standing = {id(pair.one): pair.other for pair in aligned(old, mine) if pair.one is not None}
    born = {key: pair.other for pair in aligned(old, mine) if pair.one is None for key in pair.keys}
    edit = _Edit(mine, new, yielding)
    for pair in changes:
        edit.take(pair, standing.get(id(pair.one)) if pair.one is not None else born.get(pair.keys[0]))
    return Merged(edit.octets(), tuple(edit.taken), tuple(edit.conflicts))


def take_field(kind: ObjectKind, onto: bytes, source: bytes, key: str) -> bytes:
    """Return `onto` with the one field `key` as `source` has it: set, changed or removed; NotFound for no such field.

    Raises NotPossible when the field cannot be written in the version that `onto` is written in.
    """
    del kind
    try:
        mine, new = Tree(onto), Tree(source)
    except Malformed as error:
        raise errors.NotPossible("This version cannot be read field by field; as a whole it can be taken.") from error
    pairs = [pair for pair in aligned(mine, new) if key in pair.keys]
    if not pairs:
        raise errors.NotFound(f"Neither version has a field {key}.")
    # a key may name one field here and another there: what the source calls so is meant
    pair = next((one for one in pairs if one.other is not None and one.other.key == key), pairs[0])
    if meaning(pair.one) == meaning(pair.other):
        return onto
    edit = _Edit(mine, new)
    edit.take(pair, pair.one)
    if edit.conflicts:
        raise errors.NotPossible(f"The field {key} cannot be written in this version of vCard.")
    return edit.octets()


class _Edit:
    """Changes to one version, by the numbers of its lines."""

    def __init__(self, mine: Tree, new: Tree, yielding: Collection[str] = frozenset()) -> None:
        self._yielding = yielding
        self._mine = mine
        self._new = new
        self._line_end = b"\r\n" if b"\r\n" in mine.body or b"\n" not in mine.body else b"\n"
        self._dropped: set[int] = set()
        self._before: dict[int, list[bytes]] = {}  # what comes before the line of a number
        self._groups = {line.group.lower() for section in mine.sections.values() for line in section.component.lines}
        self._heads: dict[int, set[int]] = {}  # which fields a line belongs to, by their first lines
        for part in (part for section in mine.sections.values() for part in section.parts):
            for number in part.lines if part.heads and len(part.lines) > len(part.heads) else ():
                self._heads.setdefault(number, set()).add(part.heads[0].number)
        self.taken: list[str] = []
        self.conflicts: list[str] = []

    def take(self, pair: Pair, standing: Part | Section | None) -> None:
        """Make the field that stands here as `pair.other` has it, if here is still what `pair.one` was."""
        here, wanted = meaning(standing), meaning(pair.other)
        if here == wanted:
            return
        is_ours = here != meaning(pair.one) and pair.keys[0] not in self._yielding
        if is_ours or not self._fits(pair.other) or not self._put(pair, standing):
            self.conflicts.append(pair.keys[0])
            return
        self.taken.append(pair.keys[0])

    def _put(self, pair: Pair, standing: Part | Section | None) -> bool:
        """Replace, insert or remove; False where the component that should hold the field is gone."""
        section = self._mine.sections.get(pair.section)
        if isinstance(pair.other, Section) or isinstance(standing, Section):
            holder: Component | None = self._mine.root
        else:
            holder = None if section is None else section.component
        if holder is None:
            return False
        gone = self._lines_of(standing)
        self._dropped.update(self._own(standing, gone))
        if pair.other is not None:
            at = gone[0] if gone else holder.end if holder.end >= 0 else -1
            self._before.setdefault(at, []).append(self._written(pair.other, self._group_of(standing)))
        return True

    def _own(self, side: Part | Section | None, gone: list[int]) -> list[int]:
        """Return the lines that go with a field: a label that another field of the group has as well stays."""
        if not isinstance(side, Part):
            return gone
        going = {head.number for head in side.heads}
        return [number for number in gone if self._heads.get(number, set()) - going <= self._dropped]

    @staticmethod
    def _lines_of(side: Part | Section | None) -> list[int]:
        if side is None:
            return []
        return numbers_of(side.component) if isinstance(side, Section) else list(side.lines)

    @staticmethod
    def _group_of(side: Part | Section | None) -> str:
        return side.heads[0].group if isinstance(side, Part) and side.heads else ""

    def _written(self, wanted: Part | Section, group: str) -> bytes:
        """Return the octets of a field of the other version, with our line ends and a group of its own."""
        numbers = self._lines_of(wanted)
        lines = [self._new.octets.of(number) for number in numbers]
        theirs = self._group_of(wanted)
        if theirs:
            name = group or self._free_group(theirs)
            lines = [_regrouped(line, name) for line in lines]
        octets = b"".join(line if line.endswith((b"\n", b"\r")) else line + b"\n" for line in lines)
        self._bring_zones(octets)
        return _BREAK.sub(self._line_end, octets)

    def _free_group(self, wanted: str) -> str:
        name, number = wanted, 1
        while name.lower() in self._groups:
            name, number = f"item{number}", number + 1
        self._groups.add(name.lower())
        return name

    def _bring_zones(self, octets: bytes) -> None:
        """Let the definitions of time zones follow what names them."""
        here, there = self._mine.zones(), self._new.zones()
        for found in _TZID.findall(re.sub(rb"\r?\n[ \t]", b"", octets)):
            tzid = found.decode("utf-8", "replace")
            if tzid in there and tzid not in here:
                lines = b"".join(map(self._new.octets.of, numbers_of(there[tzid])))
                at = min((section.component.begin for key, section in self._mine.sections.items() if key), default=-1)
                pending = self._before.setdefault(at, [])
                zone = _BREAK.sub(self._line_end, lines)
                if zone not in pending:
                    pending.insert(0, zone)

    def _fits(self, wanted: Part | Section | None) -> bool:
        """Return whether a field of the other version can stand in a card of this one."""
        if wanted is None or self._mine.version == self._new.version or self._mine.root.name != "VCARD":
            return True
        foreign = _ONLY_3 if self._mine.version.startswith("4") else _ONLY_4
        lines = (re.sub(rb"\r?\n[ \t]", b"", self._new.octets.of(number)) for number in self._lines_of(wanted))
        return not any(foreign.search(line) for line in lines)

    def octets(self) -> bytes:
        """Return the changed version."""
        numbers: Iterable[int] = sorted(number for number in self._mine.octets.whole(self._mine.root) if number >= 0)
        written: list[bytes] = []
        for number in numbers:
            written += self._before.pop(number, [])
            if number not in self._dropped:
                written.append(self._mine.octets.of(number))
        for rest in self._before.values():  # a forgotten END: at the very end
            written += [line if not written or written[-1].endswith(b"\n") else self._line_end + line for line in rest]
        return self._mine.octets.prologue() + b"".join(written) + self._mine.octets.epilogue()


def _regrouped(line: bytes, group: str) -> bytes:
    """Return a line with another group."""
    found = _GROUPED.match(line)
    return line if found is None else group.encode() + b"." + line[found.end() :]
