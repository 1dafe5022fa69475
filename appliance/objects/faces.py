"""What a card shows of itself: its fields with whole texts, its picture, and what reaches the person.

For people to read, so nothing here is kept or compared; `fields.py` and `property_tree.py` do that. A picture is told
by its octets, never by what the card calls them, and one that lies elsewhere is not fetched.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

from appliance.objects.content_lines import ContentLine, Malformed, parse, read_line, text_of
from appliance.objects.fields import WORDS, Field, field_of
from appliance.objects.property_tree import Part, Tree
from appliance.objects.vcard import structured, title_of

LONGEST = 20_000  # characters of one field
PICTURE_BYTES = 8 << 20
_PICTURES = (
    (b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"), (b"GIF89a", "image/gif"),
)  # fmt: skip
_HANGUL = re.compile(r"[\uac00-\ud7a3]")
_REACHED_BY = re.compile(rb"^(?:[\w-]+\.)?(TEL|EMAIL)[;:][^\r\n]*(?:\r?\n[ \t][^\r\n]*)*", re.IGNORECASE | re.MULTILINE)
_FOLD = re.compile(rb"\r?\n[ \t]")
_PHOTO = re.compile(rb"^(?:[\w-]+\.)?PHOTO[;:]", re.IGNORECASE | re.MULTILINE)
_DATA = re.compile(r"data:[^,]{0,200};base64,", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Saying:
    """One field as it is read: `text` is whole, with its lines; `link` leads to whom or what it names."""

    field: Field
    text: str
    link: str | None = None
    is_known: bool = True  # False: nobody has a word for it


@dataclass(frozen=True, slots=True)
class Picture:
    """Octets of a picture, and what they are."""

    media_type: str
    octets: bytes


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What a list shows of a card beside its name: what reaches the person first, and whether there is a photo."""

    reach: str
    has_photo: bool


def sayings(body: bytes) -> list[Saying]:
    """Return the fields of a card as they stand in it; Malformed for what has no component."""
    section = Tree(body).sections[""]
    return [_saying(part, field_of(section, part)) for part in section.parts]


def name_in(body: bytes) -> str:
    """Return what the card is called, empty where it says nothing that could be read as a name."""
    try:
        return title_of(parse(body))
    except Malformed:
        return ""


def picture_in(body: bytes) -> Picture | None:
    """Return the photo of a card; None where it has none that a page could show."""
    try:
        lines = parse(body).all("PHOTO")
    except Malformed:
        return None
    return next((picture for line in lines if (picture := _picture(line)) is not None), None)


def glimpse(body: bytes) -> Glimpse:
    """Return what a list shows of a card. Only lines that matter are read: there are many cards in a list."""
    found = dict(_reached_by(body))
    return Glimpse(found.get("TEL") or found.get("EMAIL") or "", _PHOTO.search(body) is not None)


def reached_by(body: bytes) -> Iterator[str]:
    """Yield every number and mail address of a card."""
    return (said for _, said in _reached_by(body))


def picture_type(octets: bytes) -> str | None:
    """Return the media type of a picture by its first octets; None for what is no picture that browsers draw alike."""
    if octets[:4] == b"RIFF" and octets[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for mark, kind in _PICTURES if octets.startswith(mark)), None)


def _reached_by(body: bytes) -> Iterator[tuple[str, str]]:
    """Yield (TEL or EMAIL, what it says), the first of each last: so that a dict of them keeps the first."""
    for found in reversed(list(_REACHED_BY.finditer(body))):
        line = read_line(_FOLD.sub(b"", found[0]).decode("utf-8", "replace"))
        if line is not None and (said := text_of(line).strip()):
            yield found[1].decode("ascii").upper(), said.removeprefix("tel:").removeprefix("mailto:")


def _saying(part: Part, field: Field) -> Saying:
    if part.value is not None or part.component is not None or not part.heads:
        return Saying(field, field.shown, is_known=field.word in WORDS.values())
    line = part.heads[0]
    text = _text(line)
    return Saying(field, text, _link(line, text), field.word in WORDS.values())


def _text(line: ContentLine) -> str:
    if line.name == "ADR":
        return _address(structured(line))
    if line.name in ("N", "ORG"):
        return (" · " if line.name == "ORG" else " ").join(piece.strip() for piece in structured(line) if piece.strip())
    if line.name in ("PHOTO", "LOGO", "SOUND", "KEY"):
        return ""
    text = text_of(line)[:LONGEST].strip()
    return text.removeprefix("tel:") if line.name == "TEL" else text


def _address(pieces: list[str]) -> str:
    """Return an address as it is written: the large before the small in Korean, the small first elsewhere."""
    box, more, street, city, region, code, country = (piece.strip() for piece in (*pieces, *[""] * 7)[:7])
    if _HANGUL.search("".join(pieces)):
        coded = f"({code})" if code else ""
        return " ".join(piece for piece in (coded, country, region, city, street, more, box) if piece)
    lines = (box, more, street, " ".join(piece for piece in (code, city) if piece), region, country)
    return "\n".join(line for line in lines if line)


def _link(line: ContentLine, text: str) -> str | None:
    if line.name == "TEL":
        number = re.sub(r"[^0-9+*#]", "", text)
        return f"tel:{number}" if number else None
    if line.name == "EMAIL" and "@" in text and not any(sign.isspace() for sign in text):
        return f"mailto:{text}"
    if line.name == "URL" and text.lower().startswith(("http://", "https://")):
        return text
    return None


def _picture(line: ContentLine) -> Picture | None:
    value = line.value
    marked = _DATA.match(value)
    if marked is not None:
        value = value[marked.end() :]
    elif ":" in value[:40] or not line.param("ENCODING"):
        return None  # it lies elsewhere
    if len(value) > PICTURE_BYTES * 4 // 3:
        return None
    try:
        octets = base64.b64decode("".join(value.split()) + "==")
    except (binascii.Error, ValueError):
        return None
    kind = picture_type(octets)
    return None if kind is None else Picture(kind, octets)
