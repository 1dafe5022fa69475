"""One card as its page shows it, and the octets behind it, now or at a state of the past."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from appliance import errors
from appliance.dav.contracts import Conditions, Kind, Resource
from appliance.history.phrases import Phrase, sentence
from appliance.history.timeline import Entry, Window
from appliance.history.wording import heading
from appliance.objects.content_lines import Malformed
from appliance.objects.faces import Saying, name_in, picture_in, sayings
from appliance.store.timelines import Scope
from appliance.tree.address_book import AddressBook
from appliance.tree.object_member import ObjectMember
from web import language
from web.visitor import visitor

ORDER = (
    "phone", "mail", "chat", "address", "organization", "job title", "role", "birthday", "anniversary", "nickname",
    "web page", "categories", "member", "note",
)  # fmt: skip
NAMES = frozenset({"name", "name in parts", "photo", "logo"})  # the heading and the picture say these
_DAY = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:T.*)?")
_DAY_OF_YEAR = re.compile(r"--(\d\d)-?(\d\d)")


@dataclass(frozen=True, slots=True)
class Field:
    """A line of a card: what it is, and what it says."""

    label: str
    text: str
    link: str | None


@dataclass(frozen=True, slots=True)
class Told:
    """A card for its page. `quiet` are the fields that nobody has a word for; `is_read` False: it cannot be read."""

    address: str
    title: str
    has_photo: bool
    fields: list[Field]
    quiet: list[Field]
    last: str  # what was done to it last, and by whom; empty: nobody may say
    last_at: datetime | None
    is_read: bool = True


def told(book: AddressBook, member: ObjectMember) -> Told:
    """Return a card for its page."""
    body = octets(member)
    try:
        said = sayings(body)
        is_read = True
    except (Malformed, KeyError):
        said, is_read = [], False
    known = sorted(
        (each for each in said if each.is_known and each.field.word not in NAMES),
        key=lambda each: ORDER.index(each.field.word) if each.field.word in ORDER else len(ORDER),
    )
    last = _last(member)
    done = "" if last is None else sentence(Phrase("line", {"who": last.who, "what": last.what}), visitor().language)
    return Told(
        "/".join((*book.address, member.member.name)), name_in(body), picture_in(body) is not None,
        list(_fields(known)), list(_fields(each for each in said if not each.is_known)),
        done, None if last is None else last.at, is_read,
    )  # fmt: skip


def member_at(address: str, moment: str | None) -> Resource:
    """Return the card or event at an address, or what it was at a moment; NotFound for everything else."""
    parts = tuple(address.split("/"))
    found = visitor().site.find(parts if moment is None else ("at", moment, *parts))
    if found.kind not in (Kind.CARD, Kind.EVENT):
        raise errors.NotFound("There is nothing at this address.")
    return found


def octets(member: Resource) -> bytes:
    """Return what was sent."""
    content = member.read(Conditions())
    return b"".join(content.chunks(0, content.size_bytes))


def _fields(said: Iterator[Saying] | list[Saying]) -> Iterator[Field]:
    for each in said:
        label = sentence(heading(each.field), visitor().language)
        yield Field(label, _said(each), each.link)


def _said(saying: Saying) -> str:
    if saying.field.word not in ("birthday", "anniversary"):
        return saying.text
    day = _DAY.fullmatch(saying.text)
    try:
        if day is not None:
            return language.day(date(*map(int, day.groups())), visitor().language)
        of_year = _DAY_OF_YEAR.fullmatch(saying.text)
        if of_year is not None:
            return language.day_of_year(date(2000, *map(int, of_year.groups())), visitor().language)
    except ValueError:
        pass
    return saying.text


def _last(member: ObjectMember) -> Entry | None:
    with visitor().rooms.services.ledger.database.read() as reading:
        scope = Scope(resources=(member.member.resource_id,))
        told = visitor().teller(reading).timeline(reading, scope, Window(limit=1), visible=visitor().may_look)
    return told[0] if told else None
