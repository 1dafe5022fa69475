"""vCard 2.1, as old phones export it, written as 3.0 (RFC 2426), which phones of today read.

Quoted-printable and CHARSET become UTF-8, bare parameters TYPE, commas and line breaks are escaped as 3.0 wants them;
every property stays, also those that nobody knows. It refuses what 3.0 has no words for, a card inside the card.
"""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterator

from appliance.objects.content_lines import Component, ContentLine, parse, split_unescaped
from appliance.objects.octets import folded
from appliance.objects.vcard import title_of

_RAW = frozenset({"URL", "GEO", "REV", "BDAY", "TZ", "UID", "PHOTO", "LOGO", "SOUND", "KEY"})
_TEXT = frozenset({"FN", "NOTE", "TITLE", "ROLE", "LABEL", "NICKNAME", "EMAIL", "TEL", "MAILER"})
_BINARY = frozenset({"BASE64", "B"})
_SPEAKING = ("ENCODING", "CHARSET", "TYPE")
_ESCAPED = re.compile(r"\\([\\;,:])")
_TO_ESCAPE = re.compile(r"([\\;,])")
_SOFT_BREAK = re.compile(rb"=\r?\n(?!END:)")
_QUOTED = re.compile(rb"^[^:\r\n]*QUOTED-PRINTABLE[^:\r\n]*:(?:[^\r\n]*=\r?\n(?!END:))+", re.IGNORECASE | re.MULTILINE)
_BREAK = re.compile(r"\r\n|\r|\n")


def as_version_3(octets: bytes) -> bytes | None:
    """Return a card of version 2.1 as one of 3.0, None for one that has to stay as it is; Malformed."""
    card = parse(_QUOTED.sub(lambda found: _SOFT_BREAK.sub(b"", found[0]), octets))
    if card.components or card.name != "VCARD":
        return None
    lines = [_written(line) for line in card.lines if line.name != "VERSION"]
    named = [*lines, *_names(card, lines)]
    return b"".join(map(folded, [b"BEGIN:VCARD", b"VERSION:3.0", *named, b"END:VCARD"]))


def _names(card: Component, lines: list[bytes]) -> Iterator[bytes]:
    """Yield FN and N where they are missing: 3.0 demands both (RFC 2426 3.1)."""
    shown = title_of(parse(b"BEGIN:VCARD\n" + b"\n".join(lines) + b"\nEND:VCARD"))
    for name, rest in (("FN", ""), ("N", ";;;;")):
        if card.first(name) is None:
            yield f"{name}:{_escaped(shown)}{rest}".encode()


def _written(line: ContentLine) -> bytes:
    head = f"{line.group}.{line.name}" if line.group else line.name
    encoding = (line.param("ENCODING") or "").upper()
    head += "".join(_params(line, is_binary=encoding in _BINARY))
    if encoding in _BINARY:
        value = "".join(line.value.split())
    elif line.name in _RAW:
        value = _BREAK.sub("", _text(line.value, line, encoding))
    elif line.name in _TEXT:
        value = _escaped(_text(line.value, line, encoding))
    else:
        separator = "," if line.name == "CATEGORIES" else ";"
        parts = split_unescaped(line.value, separator)
        value = separator.join(_escaped(_text(part, line, encoding)) for part in parts)
    return f"{head}:{value}".encode("utf-8", "replace")


def _params(line: ContentLine, *, is_binary: bool) -> Iterator[str]:
    types = [value for name, values in line.params if name == "TYPE" for value in values if value]
    if is_binary:
        yield ";ENCODING=b"
    if types:
        yield f";TYPE={','.join(dict.fromkeys(types))}"
    for name, values in line.params:
        if name in _SPEAKING or not values or (name == "VALUE" and values[0].upper() in ("INLINE", "TEXT")):
            continue
        value = "uri" if name == "VALUE" and values[0].upper() == "URL" else ",".join(values).replace('"', "")
        yield f';{name}="{value}"' if re.search("[:;,]", value) else f";{name}={value}"


def _text(value: str, line: ContentLine, encoding: str) -> str:
    if encoding == "QUOTED-PRINTABLE":
        raw = quopri.decodestring(value.encode("utf-8", "replace"))
        value = _decoded(raw, line.param("CHARSET"))
    return value if line.name in _RAW else _ESCAPED.sub(r"\1", value)


def _decoded(raw: bytes, charset: str | None) -> str:
    for name in (charset, "utf-8", "cp949"):
        try:
            if name is not None:
                return raw.decode(name)
        except (LookupError, UnicodeError):
            continue
    return raw.decode("latin-1")


def _escaped(text: str) -> str:
    return _BREAK.sub(r"\\n", _TO_ESCAPE.sub(r"\\\1", text))
