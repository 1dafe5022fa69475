"""What the index keeps of a card (RFC 2426, RFC 6350). Refuses only what has no VCARD envelope or no UID.

Everything else is stored, served and flagged (promise 6): `CardFacts.fault` says in words what is odd.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from appliance.errors import NotACard
from appliance.objects.content_lines import (
    Component,
    ContentLine,
    Malformed,
    Parsed,
    parse_all,
    split_unescaped,
    text_of,
)

_NO_SPACE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
"""kana, Han and Hangul: names in them are written family first and without a space"""

TITLE_LENGTH = 200


@dataclass(frozen=True, slots=True)
class CardFacts:
    """`title` is the best name for people, perhaps empty; `fault` is None for a card without oddities."""

    uid: str
    version: str
    title: str
    kind: Literal["individual", "group"]
    fault: str | None


def read_card(body: bytes) -> CardFacts:
    """Return what the index keeps of the card; NotACard without VCARD envelope or UID (RFC 6352 5.1)."""
    try:
        parsed = parse_all(body)
    except Malformed as malformed:
        raise NotACard(f"This is no vCard. {malformed}") from malformed
    card = parsed.roots[0]
    if card.name != "VCARD":
        raise NotACard("This is no vCard: it does not begin with BEGIN:VCARD.")
    uids = [line.value.strip() for line in card.all("UID")]
    uid = next(filter(None, uids), None)
    if uid is None:
        raise NotACard("This vCard has no UID.")
    return CardFacts(
        uid=uid,
        version=_version(card),
        title=title_of(card)[:TITLE_LENGTH],
        kind="group" if _is_group(card) else "individual",
        fault=" ".join(_faults(parsed, card, uids)) or None,
    )


def structured(line: ContentLine) -> list[str]:
    """Return the components of a structured value: N, ADR, ORG (RFC 6350 3.3), at least one."""
    return [text_of(line._replace(value=part)) for part in split_unescaped(line.value, ";")]


def _version(card: Component) -> str:
    line = card.first("VERSION")
    return "" if line is None else line.value.strip()


def _is_group(card: Component) -> bool:
    """KIND is RFC 6350 6.1.4; Apple's cards of version 3.0 say it in a property of their own."""
    return any(
        line.name in ("KIND", "X-ADDRESSBOOKSERVER-KIND") and line.value.strip().lower() == "group"
        for line in card.lines
    )


def title_of(card: Component) -> str:
    """Return FN, else the name it would have, else what people would recognise the card by."""
    for name, read in (("FN", text_of), ("N", _full_name), ("NICKNAME", text_of), ("ORG", _organization)):
        for line in card.all(name):
            title = " ".join(read(line).split())
            if title:
                return title
    for name in ("EMAIL", "TEL"):
        address = card.first(name)
        if address is not None and address.value.strip():
            return text_of(address).strip().removeprefix("tel:")
    return ""


def _full_name(line: ContentLine) -> str:
    """Return N as people write it (RFC 6350 6.2.2: family, given, additional, prefixes, suffixes)."""
    family, given, additional, prefix, suffix = (*structured(line), "", "", "", "")[:5]
    if _NO_SPACE.search(family + given):
        return f"{prefix} {family}{given} {suffix}"
    return f"{prefix} {given} {additional} {family} {suffix}"


def _organization(line: ContentLine) -> str:
    return " ".join(structured(line))


def _faults(parsed: Parsed, card: Component, uids: list[str]) -> Iterator[str]:
    yield from parsed.faults
    if len(parsed.roots) > 1:
        yield f"There are {len(parsed.roots)} cards in one; only the first is looked at."
    version = _version(card)
    if not version:
        yield "VERSION is missing."
    elif version not in ("3.0", "4.0"):
        yield f"It is vCard {version[:20]}, which many phones cannot read."
    if card.first("FN") is None:
        yield "FN, the name to show, is missing."
    if len(set(uids)) > 1:
        yield "It has more than one UID."
    if card.components:
        yield "There is another component inside the card."
