"""What a line of a card or calendar object means: equal meanings are no difference, however they are written.

The case and the order of parameters do not count, nor what is meant anyway, nor which version of vCard says it. Where
octets are not UTF-8 they are compared as they are, for two different ones read alike.
"""

from __future__ import annotations

import re

from blake3 import blake3

from appliance.objects.content_lines import ContentLine, text_of
from appliance.objects.octets import Octets
from appliance.objects.values import SECOND, read_duration
from appliance.objects.vcard import structured

BINARY = frozenset({"PHOTO", "LOGO", "SOUND", "KEY"})
STRUCTURED = frozenset({"N", "ORG", "ADR", "GENDER", "CLIENTPIDMAP"})
_DAYS = frozenset({"BDAY", "ANNIVERSARY", "DEATHDATE"})
_LENGTHS = frozenset({"DURATION", "TRIGGER"})
GROUPS = {"X-ADDRESSBOOKSERVER-KIND": "KIND", "X-ADDRESSBOOKSERVER-MEMBER": "MEMBER"}
"""Apple's words for the groups of 4.0 (RFC 6350 6.1.4, 6.6.5) in cards of 3.0"""
_ANYWAY = {"TEL": "voice", "EMAIL": "internet"}  # a number is for the voice (RFC 2426 3.3.1, 3.3.2)
_DEFAULTS = frozenset({
    ("TRANSP", "OPAQUE"), ("CLASS", "PUBLIC"), ("PRIORITY", "0"),  # RFC 5545 3.8.1.3, 3.8.1.9, 3.8.2.7
    ("KIND", "INDIVIDUAL"),  # RFC 6350 6.1.4
    ("STATUS", "CONFIRMED"), ("STATUS", "NEEDS-ACTION"),  # no default by the letter; some clients write it, some do not
})  # fmt: skip
_WRITTEN_AS = ("TYPE", "ENCODING", "CHARSET")  # read with the types, or with the value
_PLAIN = ("text", "uri", "date-time", "date-and-or-time")
_PLACES = frozenset({"home", "work", "pref"})
_EXACT = ("TZID", "CN", "X-FILENAME")  # parameters whose case means something

_DATA_URI = re.compile(r"data:[^,]{0,200};base64,", re.IGNORECASE)
_DAY = re.compile(r"(\d{4}|--)-?(\d\d)-?(\d\d)", re.ASCII)
_UNREAD = "\ufffd"  # what decoding made of octets that are not UTF-8

Meaning = tuple[object, ...]


def name_of(line: ContentLine) -> str:
    """Return the name of a property, the same in all versions of vCard."""
    return GROUPS.get(line.name, line.name)


def said(line: ContentLine, octets: Octets) -> Meaning:
    """Return what a line means."""
    meaning = (name_of(line), params_of(line), value_of(line))
    if not is_unread(line):
        return meaning
    octets_sent = octets.unfolded(line.number)
    return (*meaning, octets_sent.partition(b".")[2] if line.group else octets_sent)


def is_unread(line: ContentLine) -> bool:
    """Return whether a line has octets that are not UTF-8."""
    return _UNREAD in line.value or any(_UNREAD in value for _, values in line.params for value in values)


def is_read(body: bytes) -> bool:
    """Return whether all octets of a body are UTF-8, none of them the sign for what is not."""
    try:
        return _UNREAD not in body.decode("utf-8")
    except UnicodeDecodeError:
        return False


def is_default(line: ContentLine) -> bool:
    """Return whether a line says what is meant without it as well."""
    return (name_of(line), line.value.strip().upper()) in _DEFAULTS


def types_of(line: ContentLine) -> tuple[str, ...]:
    """Return the types in lower case and in order. PREF=1 is the `pref` of 3.0 (RFC 6350 5.3)."""
    found: set[str] = set()
    for param, values in line.params:
        if param == "TYPE":
            found.update(one.strip().lower() for value in values for one in value.split(",") if one.strip())
        elif param == "PREF" and values == ("1",):
            found.add("pref")
    return tuple(sorted(found))


def params_of(line: ContentLine) -> Meaning:
    """Return the parameters that mean something, without regard to their case and order."""
    found: list[tuple[str, tuple[str, ...]]] = []
    for param, values in line.params:
        plain = tuple(sorted({value.strip().lower() for value in values}))
        if not _is_meant(line, param, plain):
            continue
        found.append((param, tuple(values) if param in _EXACT else plain))
    return (_types_meant(line), tuple(sorted(found)))


def _types_meant(line: ContentLine) -> tuple[str, ...]:
    """Return the types but the one that is meant anyway. What a picture is written in, its octets say."""
    if line.name in BINARY:
        return tuple(one for one in types_of(line) if one in _PLACES)
    return tuple(one for one in types_of(line) if one != _ANYWAY.get(line.name))


def _is_meant(line: ContentLine, param: str, plain: tuple[str, ...]) -> bool:
    if param in _WRITTEN_AS or (param, plain) == ("PREF", ("1",)):
        return False
    if param == "VALUE":
        return plain[0] not in _PLAIN and not (line.name in _DAYS and plain[0] == "date") and line.name not in BINARY
    if param == "X-APPLE-OMIT-YEAR":
        return not line.value.startswith(plain[0])
    return not (param == "MEDIATYPE" and line.name in BINARY)


def value_of(line: ContentLine) -> object:
    """Return what the value says: text, pieces of text, or a digest of a picture."""
    if line.name in BINARY:
        return _octets_meant(line)
    if line.name in STRUCTURED:
        pieces = [piece.strip() for piece in structured(line)]
        while pieces and not pieces[-1]:
            pieces.pop()
        return tuple(pieces)
    if line.name == "TEL":
        return text_of(line).strip().removeprefix("tel:")
    if line.name in ("RRULE", "EXRULE"):
        return _rule(line.value)
    if line.name in _DAYS:
        return _day(line)
    if line.name in _LENGTHS:
        return spelled_length(line.value.strip())
    return text_of(line).strip()


def spelled_length(written: str) -> str:
    """Return a DURATION in one spelling, PT2H for PT120M; days stay days (RFC 5545 3.3.6). What is none stays."""
    length = read_duration(written)
    if length is None:
        return written
    is_before = length.days < 0 or length.micros < 0
    days, seconds = abs(length.days), abs(length.micros) // SECOND
    clock = ((seconds // 3600, "H"), (seconds // 60 % 60, "M"), (seconds % 60, "S"))
    time = "".join(f"{number}{unit}" for number, unit in clock if number)
    date = f"{days}D" if days else ""
    return f"{'-' if is_before else ''}P{date}T{time}".removesuffix("T") if date or time else "PT0S"


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


def _day(line: ContentLine) -> str:
    """Return a day without dashes (RFC 2426 3.1.5, RFC 6350 4.3.1); Apple writes one without its year as of 1604."""
    text = text_of(line).strip()
    found = _DAY.fullmatch(text)
    if found is None:
        return text
    year, month, day = found.groups()
    return f"{'--' if year == line.param('X-APPLE-OMIT-YEAR') else year}{month}{day}"


def _octets_meant(line: ContentLine) -> object:
    """Return a picture by a digest of its base64 text, however it is wrapped: an inline one equals a data: address."""
    value = line.value.strip()
    uri = _DATA_URI.match(value)
    encoding = (line.param("ENCODING") or "").lower()
    if uri is None and encoding not in ("b", "base64"):
        return value
    text = value[uri.end() :] if uri is not None else value
    return blake3("".join(text.split()).rstrip("=").encode()).digest()
