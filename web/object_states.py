"""One contact or event, then and now: the moments of its past, what differs field by field, and who changed that.

Everything is told in one snapshot. A field's key is that of the version which is looked at, or of the present where it
was not there then: by this key it is given back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from flask_babel import gettext, ngettext

from appliance import errors
from appliance.history import moments
from appliance.history.phrases import render, sentence
from appliance.history.timeline import Entry, Window
from appliance.history.wording import IN_PARTS, PICTURES, field_phrase, heading, shown_value, telling
from appliance.objects.content_lines import Malformed
from appliance.objects.differences import Difference, differences
from appliance.objects.faces import sayings
from appliance.objects.fields import Field, fields
from appliance.store import summaries
from appliance.store.database import Reading
from appliance.store.ledger import member_of
from appliance.store.timelines import Scope
from web.asked import last_there
from web.doers import doer
from web.saying import said
from web.visitor import visitor

MOST_MOMENTS = 40
KINDS = ("card", "event")
MOST_NAMED = 8


@dataclass(frozen=True, slots=True)
class Moment:
    """A state: the one after the row `seq`. `note` says by what it came about; `is_there` False: it was deleted."""

    seq: int
    at: datetime
    note: str
    is_there: bool
    content_id: int | None
    entry: Entry

    @property
    def name(self) -> str:
        """What addresses call it."""
        return f"seq-{self.seq}"


@dataclass(frozen=True, slots=True)
class Value:
    """What a field says. `picture_at` is the state whose photo it is, empty for now, None: no picture."""

    text: str
    picture_at: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One field that differs. `sign` is −, ± or +: what happened to it since."""

    key: str
    keys: tuple[str, ...]
    label: str
    was: Value | None
    now: Value | None
    sign: str
    why: str
    why_at: datetime | None
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class Holder:
    """What a thing is in, as it is called, and whether the visitor may change what it holds."""

    address: str
    name: str
    may_write: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that the page shows."""

    address: str
    kind: Literal["card", "event"]
    title: str
    resource_id: int
    moments: list[Moment]
    chosen: Moment | None
    lines: list[Line] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    same_count: int = 0
    holder: Holder | None = None  # the book or calendar it is in; None: that is gone as well
    is_there: bool = True
    may_write: bool = True
    trouble: str = ""

    @property
    def now(self) -> Moment:
        """The newest state."""
        return self.moments[0]

    @property
    def ticked(self) -> list[Line]:
        """The lines that are to come back."""
        return [line for line in self.lines if line.is_chosen]

    @property
    def comes(self) -> list[Line]:
        """Those of them that have something to come back to."""
        return [line for line in self.ticked if line.was is not None]

    @property
    def goes(self) -> list[Line]:
        """Those that will be gone, because they were not there then."""
        return [line for line in self.ticked if line.was is None]

    def beside(self, step: int) -> Moment | None:
        """Return the state that many steps older than the chosen one; negative: newer."""
        if self.chosen is None:
            return None
        number = self.moments.index(self.chosen) + step
        return self.moments[number] if 0 <= number < len(self.moments) else None


def sheet(reading: Reading, address: str, wanted: str | None, ticked: Sequence[str] = ()) -> Sheet:
    """Return a contact or event then and now; NotFound, WrongCall for an unreadable moment."""
    found = last_there(reading, address)
    states = _moments(reading, found.resource_id)
    if found.kind not in KINDS or not states:
        raise errors.NotFound("There is nothing at this address.")
    kind: Literal["card", "event"] = "card" if found.kind == "card" else "event"
    chosen = _chosen(reading, states, wanted)
    title = summaries.called(reading, found.resource_id) or found.name
    is_there, holder = member_of(reading, found.resource_id) is not None, _holder(address)
    may_write = holder is None or holder.may_write  # who may bring back the book itself is judged then
    made = Sheet(
        address, kind, title, found.resource_id, states, chosen, holder=holder, is_there=is_there, may_write=may_write
    )  # fmt: skip
    return made if chosen is None else _compared(reading, made, chosen, ticked)


def _holder(address: str) -> Holder | None:
    parts = tuple(address.split("/")[:3])
    try:
        found = visitor().site.find(parts)
    except errors.NotFound:
        return None
    return Holder("/".join(parts), found.displayname or parts[-1], "write-content" in found.privileges)


# --- moments ----------------------------------------------------------------------------------------


def _moments(reading: Reading, resource_id: int) -> list[Moment]:
    """Return the states of a thing, the newest first; those with the same body as the one before are one."""
    scope = Scope(resources=(resource_id,))
    window = Window(limit=MOST_MOMENTS)
    told = visitor().teller(reading).timeline(reading, scope, window, visible=visitor().may_look)
    entries = [entry for entry in told if entry.kind in KINDS]
    found = []
    for number, entry in enumerate(entries):
        older = entries[number + 1] if number + 1 < len(entries) else None
        if older is None or older.content_id != entry.content_id:
            found.append(
                Moment(entry.seq, entry.at, _note(entry), entry.content_id is not None, entry.content_id, entry)
            )
    return found


def _note(entry: Entry) -> str:
    by = doer_in(entry)
    found = telling(entry.fields)
    if entry.content_id is None:
        return str(gettext("deleted, %(who)s", who=by))
    if not found:
        return str(gettext("arrived, %(who)s", who=by)) if entry.what.id.startswith("added") else by
    if len(found) > 1:
        return str(ngettext("± %(num)s field, %(who)s", "± %(num)s fields, %(who)s", len(found), who=by))
    return f"{_sign(found[0])} {label_of(found[0]).lower()}, {by}"


def doer_in(entry: Entry) -> str:
    """Return who it was, as it stands behind "by"."""
    return doer(None if entry.door == "disk" else 0, entry.actor)


def _chosen(reading: Reading, states: list[Moment], wanted: str | None) -> Moment | None:
    """Return the state that is meant: the last one that said something else, where nobody asked for another."""
    if wanted is None:
        others = [each for each in states[1:] if each.is_there and each.content_id != states[0].content_id]
        return others[0] if others else None
    seq = moments.seq_of(reading, wanted, zone=visitor().zone, now=visitor().now)
    before = [each for each in states if each.seq <= seq]
    if not before:
        raise errors.NotFound("It was not there yet at that moment.")
    return before[0]


# --- fields -----------------------------------------------------------------------------------------


def _compared(reading: Reading, made: Sheet, chosen: Moment, ticked: Sequence[str]) -> Sheet:
    try:
        was = _body(reading, made.resource_id, chosen.content_id)
        now = _body(reading, made.resource_id, made.now.content_id if made.is_there else None)
        found = _differences(made.kind, was, now)
    except errors.GotganError as error:
        return _with(made, trouble=said(error))
    except Malformed:
        return _with(made, trouble=gettext("It cannot be read field by field. As a whole it can come back."))
    texts = {**_texts(made.kind, now), **_texts(made.kind, was)}
    since = [each.entry for each in made.moments if each.seq > chosen.seq]
    told = telling(found)
    lines = [_line(each, found, texts, chosen, since, ticked) for each in told]
    differing = {key for each in found for key in _keys(each)}
    same = [] if now is None else [each for each in fields(made.kind, now) if each.key not in differing]
    shown = [each for each in same if each.word != IN_PARTS]
    labels = list(dict.fromkeys(sentence(heading(each), visitor().language) for each in shown))
    return _with(made, lines=lines, same=labels[:MOST_NAMED], same_count=len(shown))


def _with(made: Sheet, **more: object) -> Sheet:
    known = {name: getattr(made, name) for name in Sheet.__slots__}
    return Sheet(**{**known, **more})


def _body(reading: Reading, resource_id: int, content_id: int | None) -> bytes | None:
    if content_id is None:
        return None
    return visitor().rooms.hall.bodies.whole(reading, content_id, of=resource_id)


def _differences(kind: Literal["card", "event"], was: bytes | None, now: bytes | None) -> list[Difference]:
    if was is not None and now is not None:
        return differences(kind, was, now)
    there = was if was is not None else now
    if there is None:
        return []
    return [
        Difference(each.key, each if was is not None else None, None if was is not None else each)
        for each in fields(kind, there)
    ]


def _texts(kind: str, body: bytes | None) -> dict[str, str]:
    """Return the whole texts of a card's fields by key; of an event the bounded ones do."""
    if kind != "card" or body is None:
        return {}
    return {each.field.key: each.text for each in sayings(body)}


def _line(
    difference: Difference, found: list[Difference], texts: dict[str, str], chosen: Moment, since: list[Entry],
    ticked: Sequence[str],
) -> Line:  # fmt: skip
    key = _key(difference)
    keys = [key]
    if (difference.was or difference.now or Field("", "", "", "")).word == "name":  # its parts go with it
        keys += [_key(each) for each in found if each not in telling(found)]
    change = next((entry for entry in since if _touches(entry, difference)), None)
    return Line(
        key, tuple(keys), label_of(difference), _value(difference, difference.was, texts, chosen.name),
        _value(difference, difference.now, texts, ""), _sign(difference), _why(difference, change),
        None if change is None else change.at, key in ticked,
    )  # fmt: skip


def _key(difference: Difference) -> str:
    there = difference.was or difference.now
    return difference.key if there is None else there.key


def _keys(difference: Difference) -> set[str]:
    return {difference.key, *(each.key for each in (difference.was, difference.now) if each is not None)}


def label_of(difference: Difference) -> str:
    """Return what a field is called before its value."""
    there = difference.was or difference.now
    if there is None or "@" in difference.key.partition("/")[0]:  # of one occasion of a series
        return _capital(render(field_phrase(difference), visitor().language))
    return sentence(heading(there), visitor().language)


def _capital(text: str) -> str:
    bare = text.removeprefix("the ") if visitor().language == "en" else text
    return bare[:1].upper() + bare[1:]


def _value(difference: Difference, field_: Field | None, texts: dict[str, str], at: str) -> Value | None:
    if field_ is None:
        return None
    if field_.word in PICTURES:
        return Value(field_.shown, at if field_.word == "photo" else None)
    return Value(texts.get(field_.key) or shown_value(difference, field_) or gettext("as a whole"))


def _sign(difference: Difference) -> str:
    return "+" if difference.was is None else "−" if difference.now is None else "±"


def _touches(entry: Entry, difference: Difference) -> bool:
    keys = _keys(difference)
    return entry.content_id is None or any(keys & _keys(each) for each in entry.fields)


def _why(difference: Difference, change: Entry | None) -> str:
    if change is None:
        return ""
    by = doer_in(change)
    if change.content_id is None:
        return str(gettext("deleted by %(who)s", who=by))
    if difference.now is None:
        return str(gettext("removed by %(who)s", who=by))
    if difference.was is None:
        return str(gettext("added by %(who)s", who=by))
    return str(gettext("changed by %(who)s", who=by))
