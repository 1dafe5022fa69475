"""The fields of a card or event in words: what a page lists, what a command names."""

from __future__ import annotations

import re
from dataclasses import dataclass

from appliance.objects.content_lines import ContentLine, text_of
from appliance.objects.property_tree import ObjectKind, Part, Section, Tree

SHOWN_LENGTH = 200

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")  # a terminal would obey them

WORDS = {
    "FN": "name", "N": "name in parts", "NICKNAME": "nickname", "TEL": "phone", "EMAIL": "mail", "ADR": "address",
    "ORG": "organization", "TITLE": "job title", "ROLE": "role", "NOTE": "note", "BDAY": "birthday",
    "ANNIVERSARY": "anniversary", "PHOTO": "photo", "LOGO": "logo", "URL": "web page", "IMPP": "chat",
    "CATEGORIES": "categories", "SUMMARY": "title", "LOCATION": "place", "DESCRIPTION": "description",
    "RRULE": "repetition", "EXDATE": "left out date", "RDATE": "added date", "ATTENDEE": "guest",
    "ORGANIZER": "organizer", "STATUS": "status", "TRANSP": "shown as", "CLASS": "privacy", "PRIORITY": "priority",
    "PERCENT-COMPLETE": "progress", "COMPLETED": "done at", "ATTACH": "attachment", "COLOR": "color",
    "MEMBER": "member", "X-ADDRESSBOOKSERVER-MEMBER": "member",
}  # fmt: skip
"""A property's name to the word that pages and the command line translate; others are called by their own name."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of one version. `word` is to be translated, `label` is the user's own, `shown` is bounded text."""

    key: str
    word: str
    label: str
    shown: str


def fields(kind: ObjectKind, body: bytes) -> list[Field]:
    """Return the fields of an object in the order they were written in; Malformed for what is neither."""
    del kind  # the tokenizer tells them apart; callers say it so that they cannot mix them up
    return [field_of(section, part) for section in Tree(body).sections.values() for part in section.parts]


def field_of(section: Section, part: Part) -> Field:
    """Return a part in words."""
    del section
    name = part.key.rpartition("/")[2].partition(":")[0]
    word = WORDS.get(part.heads[0].name, part.heads[0].name.lower()) if part.heads else name
    if name in ("time", "alarm"):
        word = name
    return Field(part.key, word, part.label, _shown(part))


def whole_field(section: Section) -> Field:
    """Return a whole component, a changed date of a series say, as one field."""
    title = section.component.first("SUMMARY")
    return Field(section.key, section.key.partition("@")[0], section.key.partition("@")[2], _text(title))


def _shown(part: Part) -> str:
    if part.value is not None:
        return _clean(part.value[: 4 * SHOWN_LENGTH])
    said = [_text(head) for head in part.heads[:4]]
    return " – ".join(text for text in said if text)[:SHOWN_LENGTH]


def _text(line: ContentLine | None) -> str:
    if line is None:
        return ""
    if line.name in ("PHOTO", "LOGO", "SOUND", "KEY") and len(line.value) > SHOWN_LENGTH:
        return f"{len(line.value) * 3 // 4 // 1024} KB"
    text = text_of(line._replace(value=line.value[: 4 * SHOWN_LENGTH]))
    if line.name in ("N", "ADR", "ORG"):
        text = " ".join(piece for piece in text.split(";") if piece)
    return _clean(text)


def _clean(text: str) -> str:
    text = _CONTROLS.sub(" ", text)
    return " ".join(text.removeprefix("mailto:").removeprefix("tel:").split())[:SHOWN_LENGTH]
