"""A card or calendar object as fields: what belongs together, what it means, and which octets make it.

Two versions of an object are compared by meaning: order, folding, line ends, the case of parameters, the numbers of
Apple's `itemN.` groups and what a client stamps at every save (REV, PRODID, DTSTAMP …) do not count. A field has a
`key` that is the same in all versions, made of what people know it by: a number, an address, a date. Times and what
goes with them are one field, and so are a grouped property with its label, and an alarm.

It reads leniently like the tokenizer, changes nothing, and refuses only what has no component at all (Malformed).
Several versions of one object are read together (`trees`): most lines are the same in all of them, and reading what
they mean is most of the work.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, NamedTuple

from blake3 import blake3

from appliance.objects.content_lines import Component, ContentLine, parse, text_of
from appliance.objects.lists import SETS, is_list, listed
from appliance.objects.meanings import (
    GROUPS,
    STRUCTURED,
    Meaning,
    is_default,
    is_read,
    name_of,
    params_of,
    said,
    spelled_length,
    types_of,
)
from appliance.objects.octets import Octets

ObjectKind = Literal["card", "event"]

STAMPED = frozenset(
    {"REV", "PRODID", "DTSTAMP", "LAST-MODIFIED", "CREATED", "SEQUENCE", "X-MOZ-GENERATION", "X-MOZ-LASTACK"}
)
"""Written at every save; SEQUENCE too, because a restore is no rescheduling. A merge leaves what is there."""
_FIXED = frozenset({"UID", "VERSION", "RECURRENCE-ID", "CALSCALE", "METHOD"})
"""What the object is, not what it says. METHOD is what a message was sent for and has no place in what is kept
(RFC 4791 4.1): an invitation that a client saved as it came says the same as the event without it."""
_ONCE = frozenset({
    "FN", "N", "NICKNAME", "BDAY", "ANNIVERSARY", "DEATHDATE", "GENDER", "ORG", "TITLE", "ROLE", "NOTE", "PHOTO",
    "LOGO", "SOUND", "KIND", "SORT-STRING", "CLASS", "TZ", "GEO", "MAILER", "SUMMARY",
    "LOCATION", "DESCRIPTION", "STATUS", "TRANSP", "PRIORITY", "ORGANIZER", "RRULE", "PERCENT-COMPLETE", "COMPLETED",
    "COLOR", "CATEGORIES", "X-WR-CALNAME",
})  # fmt: skip
_TIMES = frozenset({"DTSTART", "DTEND", "DURATION", "DUE"})
_TOLD_AS = {**GROUPS, **dict.fromkeys(_TIMES, "time")}
"""What is told together with others: all times are one field, and a name of Apple's is that of 4.0."""
_SUPPORT = frozenset({"VTIMEZONE"})  # follows what needs it
_MASTERS = {"VEVENT": "event", "VTODO": "task", "VJOURNAL": "note"}

_NO_DIGIT = re.compile(r"[^0-9+*#]")
_APPLE_LABEL = re.compile(r"_\$!<(.*)>!\$_")
_KEY_LENGTH = 80
_NONE: Mapping[str, Collection[str]] = MappingProxyType({})


class Part(NamedTuple):
    """One field of one version. `lines` are numbers of logical lines, the group's label included.

    `slot` says what a changed value may have been before: a work number becomes another work number; empty: it does not
    become another one. `meaning` None:
    it says what is meant without it as well.
    """

    key: str
    slot: str
    meaning: Meaning | None
    lines: tuple[int, ...]
    heads: tuple[ContentLine, ...]
    label: str
    component: Component | None = None  # an alarm, say, that is one field
    alike: str = ""  # the key before it is numbered: what several fields of one version may share
    copies: tuple[Part, ...] = ()  # the same said again elsewhere
    value: str | None = None  # what it says where it is one value of a list; `lines` are all that hold it


_Known = dict[tuple[object, ...], Part]


@dataclass(slots=True)
class Section:
    """A component with fields of its own: the card, an event, one changed date of it. `whole` is its meaning."""

    key: str
    component: Component
    parts: list[Part] = field(default_factory=list)

    @property
    def whole(self) -> Meaning:
        """The meaning of all of it."""
        meant = (part for part in self.parts if part.meaning is not None)
        return (self.component.name, tuple(sorted(repr((part.key, part.meaning)) for part in meant)))


class Tree:
    """One version of an object.

    `same` are, by section, names of properties whose fields are left out, because they are the same in all versions
    that this one is compared with; `known` keeps fields that lines were read as, for these versions together.
    """

    def __init__(
        self,
        body: bytes,
        *,
        root: Component | None = None,
        same: Mapping[str, Collection[str]] = _NONE,
        known: _Known | None = None,
    ) -> None:
        self.body = body
        self.root = parse(body) if root is None else root
        self.octets = Octets(body, self.root)
        self.sections = {
            key: _section(key, component, _Reader(self.octets, same.get(key, ()), known))
            for key, component in _components(self.root)
        }

    @property
    def uid(self) -> str:
        """The first UID in it, empty where there is none."""
        components = [self.root, *self.root.components]
        found = next((line for component in components if (line := component.first("UID")) is not None), None)
        return "" if found is None else found.value.strip()

    @property
    def version(self) -> str:
        """The VERSION it is written in."""
        line = self.root.first("VERSION")
        return "" if line is None else line.value.strip()

    def zones(self) -> dict[str, Component]:
        """Return the time zones that it defines, by TZID."""
        found = {}
        for component in self.root.components:
            tzid = component.first("TZID") if component.name in _SUPPORT else None
            if tzid is not None:
                found[tzid.value.strip()] = component
        return found


def trees(bodies: Sequence[bytes]) -> list[Tree]:
    """Return versions of one object with all fields that may differ between any of them; Malformed."""
    roots = [parse(body) for body in bodies]
    if not all(map(is_read, bodies)):
        return [Tree(body, root=root) for body, root in zip(bodies, roots, strict=True)]
    known: _Known = {}
    first, *others = [dict(_components(root)) for root in roots]
    same = {
        key: _same_in([component, *(sections[key] for sections in others)])
        for key, component in first.items()
        if all(key in sections for sections in others)
    }
    return [Tree(body, root=root, same=same, known=known) for body, root in zip(bodies, roots, strict=True)]


def _same_in(versions: Sequence[Component]) -> Collection[str]:
    """Return what is said with the very same lines in all versions of a component, and with nothing else.

    Lines of a group are not enough to go by, and the fields of a component inside could be called the same.
    """
    first, *others = [_written(component) for component in versions]
    inner = {_word(one).upper() for component in versions for one in component.components}
    return {
        name
        for name, lines in first.items()
        if all(lines == other.get(name) for other in others)
        and name not in inner
        and not any(group for group, *_ in lines)
    }


def _written(component: Component) -> dict[str, list[tuple[object, ...]]]:
    found: dict[str, list[tuple[object, ...]]] = {}
    for group, name, params, value, _ in component.lines:
        found.setdefault(_TOLD_AS.get(name, name), []).append((group, name, params, value))
    return found


def _components(root: Component) -> Iterator[tuple[str, Component]]:
    """Yield the whole, and what happens in a calendar; all else that stands inside of something is a field of it."""
    yield "", root
    if root.name != "VCALENDAR":
        return
    used: dict[str, int] = {}
    for component in root.components:
        if component.name in _SUPPORT:
            continue
        key = _section_key(component)
        used[key] = used.get(key, 0) + 1
        yield key if used[key] == 1 else f"{key}#{used[key]}", component


def _section_key(component: Component) -> str:
    word = _MASTERS.get(component.name, component.name.lower())
    date = component.first("RECURRENCE-ID")
    if date is None:
        return word
    zone = date.param("TZID")
    return f"{word}@{date.value.strip()}" + (f"[{zone}]" if zone else "")


class _Reader(NamedTuple):
    """How fields are read: the octets of the version, what is left out, and what lines were read as before."""

    octets: Octets
    same: Collection[str]
    known: _Known | None


def _section(key: str, component: Component, reader: _Reader) -> Section:
    section = Section(key, component)
    prefix = f"{key}/" if key else ""
    found = list(_parts(component, reader))
    if key or component.name != "VCALENDAR":
        found += [_whole_part(inner, reader.octets) for inner in component.components]
    found = _once(found)
    alike: dict[str, list[int]] = {}
    for place, part in enumerate(found):
        alike.setdefault(part.key, []).append(place)
    for key, places in alike.items():
        if len(places) > 1:  # numbered by what they say, for their order says nothing
            places.sort(key=lambda place: repr(found[place].meaning))
        for number, place in enumerate(places, 1):
            again = "" if number == 1 else f"#{number}"
            if prefix or again:
                found[place] = found[place]._replace(key=f"{prefix}{key}{again}")
    section.parts = found
    return section


def _once(parts: Sequence[Part]) -> list[Part]:
    """Return each field once: said twice it says no more. The further ones go with the first, as its copies."""
    found: dict[tuple[str, Meaning | None], list[Part]] = {}
    for part in parts:
        found.setdefault((part.key, part.meaning), []).append(part)
    return [same[0]._replace(copies=tuple(same[1:])) if len(same) > 1 else same[0] for same in found.values()]


def _parts(component: Component, reader: _Reader) -> Iterator[Part]:
    told = [line for line in component.lines if _TOLD_AS.get(line.name, line.name) not in reader.same]
    times = [line for line in told if line.name in _TIMES]
    if times:
        meaning = tuple(sorted(repr(said(line, reader.octets)) for line in times))
        yield Part("time", "time", meaning, tuple(line.number for line in times), tuple(times), "", alike="time")
    groups = _labels(component)
    lists = [line for line in told if is_list(line) and line.group.lower() not in groups]
    yield from _values(lists)
    whole = {line.number for line in lists}
    for line in told:
        if line.name in STAMPED or line.name in _FIXED or line.name in _TIMES or _is_label(line, groups):
            continue
        if line.number not in whole:
            yield _known_part(line, groups.get(line.group.lower(), ()) if line.group else (), reader)


def _values(lines: Sequence[ContentLine]) -> Iterator[Part]:
    """Yield each value of lists once, whichever lines it stands on."""
    found: dict[Meaning, list[ContentLine]] = {}
    for line in lines:
        params = params_of(line)
        for value in dict.fromkeys(value.said for value in listed(line)):
            found.setdefault((line.name, params, value), []).append(line)
    for meaning, holding in found.items():
        line, value = holding[0], str(meaning[2])
        key = f"{line.name.lower()}:{_short(value)}"
        slot = "" if line.name in SETS else f"{line.name}:"
        numbers = tuple(line.number for line in holding)
        yield Part(key, slot, meaning, numbers, (line,), "", alike=key, value=value)


def _labels(component: Component) -> dict[str, list[ContentLine]]:
    """Return what is said about each group: X-ABLabel and its like."""
    found: dict[str, list[ContentLine]] = {}
    headed = {line.group.lower() for line in component.lines if line.group and not line.name.startswith("X-AB")}
    for line in component.lines:
        if line.group and line.name.startswith("X-AB") and line.group.lower() in headed:
            found.setdefault(line.group.lower(), []).append(line)
    return found


def _is_label(line: ContentLine, groups: dict[str, list[ContentLine]]) -> bool:
    return any(line is label for label in groups.get(line.group.lower(), ())) if line.group else False


def _known_part(line: ContentLine, labels: Sequence[ContentLine], reader: _Reader) -> Part:
    """Return the field of a line, read only once where another version has the same line with the same labels."""
    if reader.known is None:
        return _part(line, labels, reader.octets)
    written = (line[1:4], *(label[1:4] for label in labels))
    part = reader.known.get(written)
    if part is None:
        part = reader.known[written] = _part(line, labels, reader.octets)
        return part
    return Part(part.key, part.slot, part.meaning, _lines(line, labels), (line,), part.label, alike=part.alike)


def _lines(line: ContentLine, labels: Sequence[ContentLine]) -> tuple[int, ...]:
    return tuple(sorted([line.number, *(one.number for one in labels)])) if labels else (line.number,)


def _part(line: ContentLine, labels: Sequence[ContentLine], octets: Octets) -> Part:
    name, spoken = name_of(line), _spoken(labels, types_of(line))
    meaning = said(line, octets)
    key = name.lower() if name in _ONCE else f"{name.lower()}:{_identity(line, meaning[2])}"
    around = tuple(sorted(repr(said(one, octets)) for one in labels)) if labels else ()
    meant = None if is_default(line) and not labels else (*meaning, around)
    return Part(key, f"{name}:{spoken}", meant, _lines(line, labels), (line,), spoken, alike=key)


def _whole_part(component: Component, octets: Octets) -> Part:
    """An alarm, or whatever small component stands inside an event."""
    uid = component.first("UID") or component.first("X-WR-ALARMUID")
    trigger = component.first("TRIGGER")
    action = component.first("ACTION")
    named = uid or trigger
    called = "" if named is None else spelled_length(named.value.strip())
    if uid is None and action is not None:
        called = f"{action.value.strip().lower()} {called}"
    word = _word(component)
    key = f"{word}:{_short(called.strip())}"
    return Part(
        key, word, _whole_meaning(component, octets), tuple(sorted(_numbers(component))), tuple(component.lines), "",
        component, key,
    )  # fmt: skip


def _word(component: Component) -> str:
    return "alarm" if component.name == "VALARM" else component.name.lower()


def _whole_meaning(component: Component, octets: Octets) -> Meaning:
    lines = (said(line, octets) for line in component.lines if line.name not in STAMPED and not is_default(line))
    inner = (_whole_meaning(one, octets) for one in component.components)
    return (component.name, tuple(sorted(map(repr, lines))), tuple(sorted(map(repr, inner))))


def _numbers(component: Component) -> Iterator[int]:
    yield from (number for number in (component.begin, component.end) if number >= 0)
    yield from (line.number for line in component.lines)
    for inner in component.components:
        yield from _numbers(inner)


def numbers_of(component: Component) -> list[int]:
    """Return the numbers of all lines of a component, in order."""
    return sorted(_numbers(component))


def _spoken(labels: Sequence[ContentLine], types: Sequence[str]) -> str:
    for label in labels:
        if label.name == "X-ABLABEL":
            shown = text_of(label).strip()
            apple = _APPLE_LABEL.fullmatch(shown)
            return (apple[1] if apple else shown).lower()
    return " ".join(one for one in types if one not in ("pref", "voice", "internet"))


def _identity(line: ContentLine, value: object) -> str:
    """Return what people know this one by: its number, its address, its text."""
    if line.name == "TEL":
        number = str(value)
        return _short(_NO_DIGIT.sub("", number) or number)
    if line.name in ("EMAIL", "ATTENDEE"):
        return _short(str(value).lower().removeprefix("mailto:"))
    if line.name in STRUCTURED and isinstance(value, tuple):
        return _short(" ".join(part for part in value if part))
    if isinstance(value, bytes):
        return value.hex()[:16]
    return _short(str(value))


def _short(text: str) -> str:
    """Return a text as the part of a key: one line, bounded, told apart by a digest where it is long."""
    one_line = " ".join(text.split())
    if len(one_line) <= _KEY_LENGTH:
        return one_line
    return f"{one_line[: _KEY_LENGTH - 9]}~{blake3(one_line.encode('utf-8', 'replace')).hexdigest()[:8]}"
