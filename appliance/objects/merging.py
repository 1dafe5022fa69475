"""Taking fields from one version of a card or event into another; everything else stays octet for octet.

`merge` applies what changed from `base` to `theirs` onto `ours`. Where ours changed the same field to something else,
ours stays and the field is a conflict. UID, VERSION and what clients stamp at every save stay those of ours.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from appliance import errors
from appliance.objects.content_lines import Malformed
from appliance.objects.differences import Pair, aligned, changed, meaning
from appliance.objects.edits import Beside, Edit, component_lines, lines_of
from appliance.objects.octets import ends_softly
from appliance.objects.property_tree import ObjectKind, Part, Section, Tree, trees
from appliance.objects.vcard_versions import in_version

WHOLE = "*"
"""The key of a conflict about the object as such: one of the versions cannot be read."""

_FOLD = re.compile(rb"(?:\r\n|\r|\n)[ \t]")
_GROUPED = re.compile(rb"[A-Za-z0-9-]+\.")
_TZID = re.compile(rb';TZID="?([^":;,]+)', re.IGNORECASE)


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
        old, mine, new = _alike(trees((base, ours, theirs)))
    except Malformed:
        theirs_wins = base == ours or WHOLE in yielding
        return Merged(theirs, (WHOLE,), ()) if theirs_wins else Merged(ours, (), (WHOLE,))
    changes = list(changed(old, new))
    if base == ours and mine.uid == new.uid:
        return Merged(theirs, tuple(pair.keys[0] for pair in changes), ())
    beside = list(aligned(old, mine))
    standing = {id(pair.one): pair.other for pair in beside if pair.one is not None}
    born = {key: pair.other for pair in beside if pair.one is None for key in pair.keys}
    taking = _Taking(mine, new, yielding)
    for pair in changes:
        if isinstance(pair.one, Section) or isinstance(pair.other, Section):
            taking.take(pair, mine.sections.get(pair.section))
        else:
            taking.take(pair, born.get(pair.keys[0]) if pair.one is None else standing.get(id(pair.one)))
    return Merged(taking.octets(), tuple(taking.taken), tuple(taking.conflicts))


def take_field(kind: ObjectKind, onto: bytes, source: bytes, key: str) -> bytes:
    """Return `onto` with the one field `key` as `source` has it: set, changed or removed; NotFound for no such field.

    Raises NotPossible when the field cannot be written in the version that `onto` is written in.
    """
    del kind
    try:
        mine, new = _alike([Tree(onto), Tree(source)])
    except Malformed as error:
        raise errors.NotPossible(
            "One of the two versions cannot be read field by field; it can be restored as a whole."
        ) from error
    pairs = [pair for pair in aligned(mine, new) if key in pair.keys]
    if not pairs:
        raise errors.NotFound(f"Neither version has a field {key}.")
    differing = [pair for pair in pairs if meaning(pair.one) != meaning(pair.other)]
    if not differing:
        return onto
    # a key may name one field here and another there: what the source calls so is meant
    pair = next((one for one in differing if one.other is not None and one.other.key == key), differing[0])
    taking = _Taking(mine, new)
    taking.take(pair, pair.one)
    if taking.conflicts:
        raise errors.NotPossible(f"The field {key} cannot be said in the version of vCard that is there now.")
    return taking.octets()


def _alike(found: list[Tree]) -> list[Tree]:
    """Return the versions of one object; Malformed where one is a card and another a calendar."""
    if len({tree.root.name for tree in found}) > 1:
        raise Malformed("A card and a calendar have no fields in common.")
    return found


class _Taking:
    """Fields of one version that are made as another one has them."""

    def __init__(self, mine: Tree, new: Tree, yielding: Collection[str] = frozenset()) -> None:
        self._yielding = yielding
        self._mine = mine
        self._new = new
        self._edit = Edit(mine)
        self._said = {
            (section.key, part.alike, part.meaning) for section in mine.sections.values() for part in section.parts
        }
        self._known_zones = set(mine.zones())
        self._zones = new.zones()
        self.taken: list[str] = []
        self.conflicts: list[str] = []

    def take(self, pair: Pair, standing: Part | Section | None) -> None:
        """Make the field that stands here as `pair.other` has it, if here is still what `pair.one` was."""
        here, wanted = meaning(standing), meaning(pair.other)
        is_said = self._says(pair)
        if here == wanted or (pair.one is None and is_said):
            return
        is_ours = here != meaning(pair.one) and pair.keys[0] not in self._yielding
        if is_ours or not self._put(pair._replace(other=None) if is_said else pair, standing):
            self.conflicts.append(pair.keys[0])
            return
        self.taken.append(pair.keys[0])

    def _says(self, pair: Pair) -> bool:
        """Return whether what is wanted is said here already, perhaps by a field that was another one before."""
        return isinstance(pair.other, Part) and (pair.section, pair.other.alike, pair.other.meaning) in self._said

    def octets(self) -> bytes:
        """Return the changed version."""
        return self._edit.octets()

    def _put(self, pair: Pair, standing: Part | Section | None) -> bool:
        """Replace, insert or remove; False where it cannot be said here, or nothing is left to hold it."""
        wanted = pair.other
        if wanted is None:
            self._remove(pair.section, standing)
            return True
        holder = self._mine.sections.get("" if isinstance(wanted, Section) else pair.section)
        octets = None if holder is None else self._written(wanted, standing)
        if octets is None or holder is None:
            return False
        if isinstance(wanted, Part) and wanted.value is not None:
            self._edit.add_value(holder, wanted, octets, self._remove(pair.section, standing))
        elif standing is not None and not _is_value(standing):
            self._edit.replace(standing, octets)
        else:
            self._remove(pair.section, standing)
            self._insert(holder, wanted, octets)
        self._bring_zones(octets)
        return True

    def _remove(self, section: str, standing: Part | Section | None) -> Beside | None:
        """Take out what stands here; return where it was in a list."""
        if isinstance(standing, Part) and standing.value is not None:
            return self._edit.remove_value(self._mine.sections[section], standing)
        if standing is not None:
            self._edit.replace(standing, None)
        return None

    def _insert(self, holder: Section, wanted: Part | Section, octets: bytes) -> None:
        if isinstance(wanted, Section) or wanted.component is not None:
            self._edit.insert_component(holder, octets)
        else:
            self._edit.insert_lines(holder, octets, {line.name for line in wanted.heads})

    def _written(self, wanted: Part | Section, standing: Part | Section | None) -> bytes | None:
        """Return the octets of a field of the other version with a group of its own, None where they do not fit."""
        lines = self._in_this_version(wanted, lines_of(wanted, self._new.octets))
        if lines is None or any(ends_softly(line) for line in lines):
            return None  # the next line would be swallowed
        theirs = _group_of(wanted)
        if theirs:
            name = self._edit.group_for(standing, theirs)
            lines = [_regrouped(line, name) for line in lines]
        return b"".join(lines)

    def _bring_zones(self, octets: bytes) -> None:
        """Let the definitions of time zones follow what names them."""
        for found in _TZID.findall(_FOLD.sub(b"", octets)):
            tzid = found.decode("utf-8", "replace")
            if tzid in self._zones and tzid not in self._known_zones:
                self._known_zones.add(tzid)
                self._edit.insert_zone(b"".join(component_lines(self._zones[tzid], self._new.octets)))

    def _in_this_version(self, wanted: Part | Section, sent: list[bytes]) -> list[bytes] | None:
        """Return lines as a card of this version says them, None where it cannot."""
        if not isinstance(wanted, Part) or self._mine.version == self._new.version or self._mine.root.name != "VCARD":
            return sent
        numbers = dict(zip(wanted.lines, sent, strict=False))  # of a value, the first line
        for head in wanted.heads:
            line = in_version(self._mine.version, head, numbers[head.number]) if head.number in numbers else None
            if line is None:
                return None
            numbers[head.number] = line
        return list(numbers.values())


def _is_value(side: Part | Section) -> bool:
    return isinstance(side, Part) and side.value is not None


def _group_of(side: Part | Section | None) -> str:
    return side.heads[0].group if isinstance(side, Part) and side.heads and side.component is None else ""


def _regrouped(line: bytes, group: str) -> bytes:
    """Return a line with another group."""
    found = _GROUPED.match(line)
    return line if found is None else group.encode() + b"." + line[found.end() :]
