"""Versions of the household's cards and events as clients and accidents make them, for laws that hold for any two."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import NamedTuple

from hypothesis import strategies as st

from appliance import errors
from appliance.objects.differences import differences
from appliance.objects.merging import take_field
from appliance.objects.property_tree import ObjectKind
from tests.household import contacts, events, journals, tasks

CARDS = [contact.body for contact in contacts(180, seed=5)]
EVENTS = [one.body for one in (*events(150, seed=5), *tasks(30, seed=5), *journals(10, seed=5))]
BODIES: dict[ObjectKind, list[bytes]] = {"card": CARDS, "event": EVENTS}

_FIXED = (b"BEGIN:", b"END:", b"VERSION:", b"UID:", b"RECURRENCE-ID", b"TZ", b"PRODID")
_STRANGE = {
    "card": (
        b"CATEGORIES:a,b\\, c", b"CATEGORIES:b\\, c,d", b"NICKNAME:a,b", b"NICKNAME:c", b"END:VEVENT", b"no colon",
        b"NOTE:\xe9", b"NOTE:\xe8", b"TEL;PREF=1:1", b"TEL;TYPE=pref:1", b"TEL:1", b"item1.TEL:2", b"item1.X-ABLabel:l",
        b"item2.X-ABLabel:m", b"NOTE;ENCODING=QUOTED-PRINTABLE:a=", b"BEGIN:X-INNER", b"END:X-INNER", b"ADR:;;a;b;;;",
    ),
    "event": (
        b"EXDATE:20261101T100000Z,20261102T100000Z", b"EXDATE:20261102T100000Z",
        b"EXDATE;TZID=Asia/Seoul:20261101T100000",
        b"RDATE;VALUE=DATE:20261101", b"CATEGORIES:a,b", b"CATEGORIES:b,c", b"END:VTODO", b"no colon", b"COMMENT:\xe9",
        b"COMMENT:\xe8", b"TRANSP:OPAQUE", b"TRANSP:TRANSPARENT", b"STATUS:CONFIRMED", b"BEGIN:VALARM", b"END:VALARM",
        b"BEGIN:VALARM\r\nACTION:AUDIO\r\nTRIGGER:-PT7M\r\nEND:VALARM", b"ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@b",
    ),
}  # fmt: skip


class Act(NamedTuple):
    """One change: which, where, and with what."""

    does: str
    where: int
    what: int


ACTS = st.lists(
    st.builds(
        Act,
        st.sampled_from(
            ["lose", "say more", "double", "double otherwise", "swap", "borrow", "strange", "lose a component"]
        ),
        st.integers(0, 400),
        st.integers(0, 400),
    ),
    max_size=8,
)


def changed(kind: ObjectKind, body: bytes, acts: list[Act]) -> bytes:
    """Return a body after some acts."""
    lines = re.sub(rb"\r?\n[ \t]", b"", body).split(b"\r\n")[:-1]
    for act in acts:
        _CHANGES[act.does](kind, lines, act)
    return b"\r\n".join(lines) + b"\r\n"


def _place(lines: list[bytes], where: int) -> int:
    """Return the number of a line that says something."""
    saying = [number for number, line in enumerate(lines) if not line.startswith(_FIXED)]
    return saying[where % len(saying)] if saying else 1


def _lose(kind: ObjectKind, lines: list[bytes], act: Act) -> None:
    if len(lines) > 6:
        del lines[_place(lines, act.where)]


def _say_more(kind: ObjectKind, lines: list[bytes], act: Act) -> None:
    lines[_place(lines, act.where)] += b"%d" % act.what


def _double(kind: ObjectKind, lines: list[bytes], act: Act) -> None:
    number = _place(lines, act.where)
    lines.insert(_place(lines, act.what), lines[number])


def _double_otherwise(kind: ObjectKind, lines: list[bytes], act: Act) -> None:
    number = _place(lines, act.where)
    lines.insert(number, lines[number] + b"%d" % act.what)


def _swap(kind: ObjectKind, lines: list[bytes], act: Act) -> None:
    one, other = _place(lines, act.where), _place(lines, act.what)
    lines[one], lines[other] = lines[other], lines[one]


def _borrow(kind: ObjectKind, lines: list[bytes], act: Act) -> None:
    theirs = re.sub(rb"\r?\n[ \t]", b"", BODIES[kind][act.what % len(BODIES[kind])]).split(b"\r\n")[:-1]
    lines.insert(_place(lines, act.where), theirs[_place(theirs, act.what)])


def _strange(kind: ObjectKind, lines: list[bytes], act: Act) -> None:
    lines.insert(_place(lines, act.where), _STRANGE[kind][act.what % len(_STRANGE[kind])])


def _lose_component(kind: ObjectKind, lines: list[bytes], act: Act) -> None:
    inner = [number for number, line in enumerate(lines) if line.startswith(b"BEGIN:") and number]
    if inner:
        begin = inner[act.where % len(inner)]
        end = next((n for n in range(begin, len(lines)) if lines[n] == lines[begin].replace(b"BEGIN", b"END")), begin)
        del lines[begin : end + 1]


_CHANGES: dict[str, Callable[[ObjectKind, list[bytes], Act], None]] = {
    "lose": _lose, "say more": _say_more, "double": _double, "double otherwise": _double_otherwise, "swap": _swap,
    "borrow": _borrow, "strange": _strange, "lose a component": _lose_component,
}  # fmt: skip


def may_refuse(onto: bytes, source: bytes) -> bool:
    """Return whether some field may have no words in the other version, or swallow what follows it."""
    return (b"VERSION:4.0" in onto) != (b"VERSION:4.0" in source) or b"QUOTED-PRINTABLE" in source


def take_one_by_one(kind: ObjectKind, onto: bytes, source: bytes, chance: random.Random) -> int:
    """Take what differs, one field after another in any order, until nothing does; return how many were taken.

    Each step leaves less to take. What the version of a card cannot say is left out, and is all that is left.
    """
    refused: set[str] = set()
    taken = 0
    left = [each.key for each in differences(kind, onto, source)]
    while keys := [key for key in left if key not in refused]:
        key = chance.choice(keys)
        try:
            now = take_field(kind, onto, source, key)
        except errors.NotPossible:
            assert may_refuse(onto, source), (key, onto, source)
            refused.add(key)
            continue
        after = [each.key for each in differences(kind, now, source)]
        assert len(after) < len(left), (key, left, after, onto, source)
        onto, left, taken = now, after, taken + 1
    return taken
