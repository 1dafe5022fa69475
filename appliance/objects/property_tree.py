"""A card or calendar object as fields: what belongs together, what it means, and which octets make it.

Two versions of an object are compared by meaning: order, folding, line ends, the case of parameters, the numbers of
Apple's `itemN.` groups and what a client stamps at every save (REV, PRODID, DTSTAMP …) do not count. A field has a
`key` that is the same in all versions, made of what people know it by: a number, an address, a date. Times and what
goes with them are one field, and so are a grouped property with its label, and an alarm.

It reads leniently like the tokenizer, changes nothing, and refuses only what has no component at all (Malformed).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from blake3 import blake3

from appliance.objects.content_lines import Component, ContentLine, parse, text_of
from appliance.objects.octets import Octets
from appliance.objects.vcard import structured

ObjectKind = Literal["card", "event"]

STAMPED = frozenset(
    {"REV", "PRODID", "DTSTAMP", "LAST-MODIFIED", "CREATED", "SEQUENCE", "X-MOZ-GENERATION", "X-MOZ-LASTACK"}
)
"""Written at every save; SEQUENCE too, because a restore is no rescheduling. A merge leaves what is there."""
_FIXED = frozenset({"UID", "VERSION", "RECURRENCE-ID", "CALSCALE", "METHOD"})  # what the object is, not what it says
_ONCE = frozenset({
    "FN", "N", "NICKNAME", "BDAY", "ANNIVERSARY", "DEATHDATE", "GENDER", "ORG", "TITLE", "ROLE", "NOTE", "PHOTO",
    "LOGO", "SOUND", "KIND", "SORT-STRING", "CLASS", "TZ", "GEO", "MAILER", "X-ADDRESSBOOKSERVER-KIND", "SUMMARY",
    "LOCATION", "DESCRIPTION", "STATUS", "TRANSP", "PRIORITY", "ORGANIZER", "RRULE", "PERCENT-COMPLETE", "COMPLETED",
    "COLOR", "CATEGORIES", "X-WR-CALNAME",
})  # fmt: skip
_TIMES = frozenset({"DTSTART", "DTEND", "DURATION", "DUE"})
_BINARY = frozenset({"PHOTO", "LOGO", "SOUND", "KEY"})
_STRUCTURED = frozenset({"N", "ORG", "ADR", "GENDER", "CLIENTPIDMAP"})
_WHOLE = frozenset({"VALARM"})  # small components that are one field
_SUPPORT = frozenset({"VTIMEZONE"})  # follows what needs it
_MASTERS = {"VEVENT": "event", "VTODO": "task", "VJOURNAL": "note"}

_DATA_URI = re.compile(r"data:[^,]{0,200};base64,", re.IGNORECASE)
_NO_DIGIT = re.compile(r"[^0-9+*#]")
_APPLE_LABEL = re.compile(r"_\$!<(.*)>!\$_")
_KEY_LENGTH = 80

Canonical = tuple[object, ...]


class Part(NamedTuple):
    """One field of one version. `lines` are numbers of logical lines, the group's label included.

    `slot` says what a changed value may have been before: a work number becomes another work number.
    """

    key: str
    slot: str
    canonical: Canonical
    lines: tuple[int, ...]
    heads: tuple[ContentLine, ...]
    label: str


@dataclass(slots=True)
class Section:
    """A component with fields of its own: the card, an event, one changed date of it. `whole` is its meaning."""

    key: str
    component: Component
    parts: list[Part] = field(default_factory=list)

    @property
    def whole(self) -> Canonical:
        """The meaning of all of it."""
        return (self.component.name, tuple(sorted(repr((part.key, part.canonical)) for part in self.parts)))


class Tree:
    """One version of an object."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.root = parse(body)
        self.octets = Octets(body, self.root)
        self.sections = {section.key: section for section in _sections(self.root)}

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


def _sections(root: Component) -> Iterator[Section]:
    yield _section("", root)
    used: dict[str, int] = {}
    for component in root.components:
        if component.name in _SUPPORT:
            continue
        key = _section_key(component)
        used[key] = used.get(key, 0) + 1
        yield _section(key if used[key] == 1 else f"{key}#{used[key]}", component)


def _section_key(component: Component) -> str:
    word = _MASTERS.get(component.name, component.name.lower())
    date = component.first("RECURRENCE-ID")
    if date is None:
        return word
    zone = date.param("TZID")
    return f"{word}@{date.value.strip()}" + (f"[{zone}]" if zone else "")


def _section(key: str, component: Component) -> Section:
    section = Section(key, component)
    prefix = f"{key}/" if key else ""
    found = list(_parts(component))
    alike: dict[str, list[int]] = {}
    for place, part in enumerate(found):
        alike.setdefault(part.key, []).append(place)
    for key, places in alike.items():
        if len(places) > 1:  # numbered by what they say, for their order says nothing
            places.sort(key=lambda place: repr(found[place].canonical))
        for number, place in enumerate(places, 1):
            again = "" if number == 1 else f"#{number}"
            found[place] = found[place]._replace(key=f"{prefix}{key}{again}")
    section.parts = found
    return section


def _parts(component: Component) -> Iterator[Part]:
    times = [line for line in component.lines if line.name in _TIMES]
    if times:
        yield Part("time", "time", _times(times), tuple(line.number for line in times), tuple(times), "")
    groups = _labels(component)
    for line in component.lines:
        if line.name in STAMPED or line.name in _FIXED or line.name in _TIMES or _is_label(line, groups):
            continue
        yield _part(line, groups.get(line.group.lower(), ()) if line.group else ())
    for inner in component.components:
        if inner.name in _WHOLE or component.name != "VCALENDAR":
            yield _whole_part(inner)


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


def _part(line: ContentLine, labels: Sequence[ContentLine]) -> Part:
    name, value = line.name, _value(line)
    types = _types(line)
    spoken = _spoken(labels, types)
    canonical = (name, _params(line), value, tuple(sorted((one.name, text_of(one)) for one in labels)))
    lines = tuple(sorted([line.number, *(one.number for one in labels)]))
    key = name.lower() if name in _ONCE else f"{name.lower()}:{_identity(line, value)}"
    return Part(key, f"{name}:{spoken}", canonical, lines, (line,), spoken)


def _whole_part(component: Component) -> Part:
    """An alarm, or whatever small component stands inside an event."""
    uid = component.first("UID") or component.first("X-WR-ALARMUID")
    trigger = component.first("TRIGGER")
    action = component.first("ACTION")
    named = uid or trigger
    said = "" if named is None else named.value
    if uid is None and action is not None:
        said = f"{action.value.strip().lower()} {said}"
    word = "alarm" if component.name == "VALARM" else component.name.lower()
    return Part(
        f"{word}:{_short(said.strip())}", word, _meaning(component), tuple(sorted(_numbers(component))),
        tuple(component.lines), "",
    )  # fmt: skip


def _meaning(component: Component) -> Canonical:
    lines = [(line.name, _params(line), _value(line)) for line in component.lines if line.name not in STAMPED]
    inner = tuple(sorted(repr(_meaning(one)) for one in component.components))
    return (component.name, tuple(sorted(map(repr, lines))), inner)


def _numbers(component: Component) -> Iterator[int]:
    yield from (number for number in (component.begin, component.end) if number >= 0)
    yield from (line.number for line in component.lines)
    for inner in component.components:
        yield from _numbers(inner)


def numbers_of(component: Component) -> list[int]:
    """Return the numbers of all lines of a component, in order."""
    return sorted(_numbers(component))


# --- meaning of one line ----------------------------------------------------------------------------


def _types(line: ContentLine) -> tuple[str, ...]:
    found: set[str] = set()
    for param, values in line.params:
        if param == "TYPE":
            found.update(one.strip().lower() for value in values for one in value.split(",") if one.strip())
    return tuple(sorted(found))


def _spoken(labels: Sequence[ContentLine], types: Sequence[str]) -> str:
    for label in labels:
        if label.name == "X-ABLABEL":
            said = text_of(label).strip()
            apple = _APPLE_LABEL.fullmatch(said)
            return (apple[1] if apple else said).lower()
    return " ".join(one for one in types if one not in ("pref", "voice", "internet"))


def _types_meant(line: ContentLine) -> tuple[str, ...]:
    """Return the types but the one that is meant anyway: a number is for the voice (RFC 2426 3.3.1, 3.3.2)."""
    anyway = {"TEL": "voice", "EMAIL": "internet"}.get(line.name)
    return tuple(one for one in _types(line) if one != anyway)


def _params(line: ContentLine) -> Canonical:
    """Return the parameters that mean something, without regard to their case and order."""
    found: list[tuple[str, tuple[str, ...]]] = []
    for param, values in line.params:
        plain = tuple(sorted({value.strip().lower() for value in values}))
        if param in ("TYPE", "ENCODING", "CHARSET") or (param == "VALUE" and plain[0] in ("text", "uri", "date-time")):
            continue
        found.append((param, plain if param not in ("TZID", "CN", "X-FILENAME") else tuple(values)))
    return (_types_meant(line), tuple(sorted(found)))


def _value(line: ContentLine) -> object:
    if line.name in _BINARY:
        return _octets_meant(line)
    if line.name in _STRUCTURED:
        pieces = [piece.strip() for piece in structured(line)]
        while pieces and not pieces[-1]:
            pieces.pop()
        return tuple(pieces)
    if line.name == "TEL":
        return text_of(line).strip().removeprefix("tel:")
    if line.name in ("RRULE", "EXRULE"):
        return _rule(line.value)
    return text_of(line).strip()


def _rule(written: str) -> tuple[str, ...]:
    """Return a rule with its parts and their lists in order, without what is meant anyway (RFC 5545 3.3.10)."""
    found = []
    for part in filter(None, (part.strip().upper() for part in written.split(";"))):
        name, equals, value = part.partition("=")
        if name.startswith("BY"):
            part = f"{name}{equals}{','.join(sorted(value.split(',')))}"
        if part not in ("INTERVAL=1", "WKST=MO"):
            found.append(part)
    return tuple(sorted(found))


def _octets_meant(line: ContentLine) -> object:
    """Return a picture by a digest of its base64 text, however it is wrapped: an inline one equals a data: address."""
    value = line.value.strip()
    uri = _DATA_URI.match(value)
    encoding = (line.param("ENCODING") or "").lower()
    if uri is None and encoding not in ("b", "base64"):
        return value
    text = value[uri.end() :] if uri is not None else value
    return blake3("".join(text.split()).rstrip("=").encode()).digest()


def _times(lines: Iterable[ContentLine]) -> Canonical:
    return tuple(sorted((line.name, repr(_params(line)), line.value.strip()) for line in lines))


def _identity(line: ContentLine, value: object) -> str:
    """Return what people know this one by: its number, its address, its text."""
    if line.name == "TEL":
        said = str(value)
        digits = _NO_DIGIT.sub("", said)
        return _short(digits or said)
    if line.name in ("EMAIL", "ATTENDEE"):
        return _short(str(value).lower().removeprefix("mailto:"))
    if line.name in _STRUCTURED and isinstance(value, tuple):
        return _short(" ".join(part for part in value if part))
    if isinstance(value, bytes):
        return value.hex()[:16]
    return _short(str(value))


def _short(said: str) -> str:
    """Return a text as the part of a key: one line, bounded, told apart by a digest where it is long."""
    one_line = " ".join(said.split())
    if len(one_line) <= _KEY_LENGTH:
        return one_line
    return f"{one_line[: _KEY_LENGTH - 9]}~{blake3(one_line.encode('utf-8', 'replace')).hexdigest()[:8]}"
