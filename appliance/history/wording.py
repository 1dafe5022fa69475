"""What a line of history says: from rows to phrases. Who did it is told apart, and no language is known here.

What a contact or an event lost or gained is told field by field where both bodies can still be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from appliance.history.catalogue_en import ENGLISH
from appliance.history.folding import Line
from appliance.history.phrases import Parameter, Phrase
from appliance.objects.differences import Difference
from appliance.objects.fields import Field
from appliance.store.happened import Event, Refusal
from appliance.store.properties import text_of

MOST_FIELDS = 3  # named in one line; the others are counted

DISPLAYNAME = "{DAV:}displayname"
COLOUR = "{http://apple.com/ns/ical/}calendar-color"
PROPERTY_WORDS = {
    DISPLAYNAME: "name",
    COLOUR: "color",
    "{http://apple.com/ns/ical/}calendar-order": "order",
    "{urn:ietf:params:xml:ns:caldav}calendar-description": "description",
    "{urn:ietf:params:xml:ns:carddav}addressbook-description": "description",
    "{urn:ietf:params:xml:ns:caldav}calendar-timezone": "zone",
    "{urn:ietf:params:xml:ns:caldav}calendar-timezone-id": "zone",
    "{urn:ietf:params:xml:ns:caldav}schedule-calendar-transp": "shown as",
}
IN_PARTS = "name in parts"
PICTURES = frozenset({"photo", "logo", "key", "sound"})
TIMES = frozenset({"time", "added date", "left out date", "done at", "due"})
_STAMP = re.compile(r"\b(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d\d(Z?))?\b")  # RFC 5545 3.3.4, 3.3.5
_OCCASION = re.compile(r"@(\d{4})(\d\d)(\d\d)")  # the date in the key of a component with RECURRENCE-ID


class Known(Protocol):
    """What the words need beside the row."""

    def differences(self, event: Event) -> Sequence[Difference]:
        """Return what the body of a row changed against the one before; none where one of them cannot be read."""
        ...

    def address(self, collection_id: int) -> str:
        """Return where a collection is, below `/dav/`."""
        ...

    def properties(self, resource_id: int, seq: int) -> Mapping[str, str | None]:
        """Return the stored properties that a row set (XML) or removed (None)."""
        ...

    def access(self, resource_id: int, seq: int) -> str | None:
        """Return the right that a row of a mount gave, read or write."""
        ...


def describe(line: Line, known: Known) -> Phrase:
    """Return what happened in one row, without who did it; a whole batch is told by `act_words`."""
    event = line.event
    if isinstance(event, Refusal):
        return _refused(event)
    if line.batch is not None and line.batch.kind == "leave" and event.kind == "mount":
        return Phrase("left", {"thing": event_thing(event), "place": known.address(event.collection_id)})
    return _one(event, known)


def _refused(refusal: Refusal) -> Phrase:
    name = refusal.title or refusal.name
    if refusal.method == "DELETE":
        return Phrase("refused.delete", {"name": name, "reason": refusal.reason})
    if refusal.content_id is None:
        return Phrase("refused.bodiless", {"name": name, "reason": refusal.reason})
    return Phrase("refused", {"name": name, "reason": refusal.reason, "now_bytes": refusal.size or 0})


def _one(event: Event, known: Known) -> Phrase:
    if event.kind == "mount":
        return _of_mount(event, known)
    if event.op in ("merged", "announce"):
        return Phrase("merged" if event.op == "merged" else "announced", {"thing": event_thing(event)})
    if event.op == "props":
        return _properties(event, known)
    if event.op in ("leave", "move") or event.was_op == "leave":
        return _moved(event, known)
    if not event.alive:
        return _ended(event)
    if not event.was_alive:
        return _began(event)
    return _changed(event, known)


def _ended(event: Event) -> Phrase:
    return Phrase("deleted", {"thing": event_thing(event)})


def _began(event: Event) -> Phrase:
    thing: dict[str, Parameter] = {"thing": event_thing(event)}
    if event.op in ("restore", "copy"):
        return Phrase("restored" if event.op == "restore" else "copied", thing)
    if event.was_seq is not None:
        return Phrase("added.again", thing)
    return _sized("added", event, thing)


def _changed(event: Event, known: Known) -> Phrase:
    thing: dict[str, Parameter] = {"thing": event_thing(event)}
    if event.op == "copy":
        return Phrase("copied.over", thing)
    if event.content_id == event.was_content_id:
        return Phrase("changed.same", thing)
    if event.was_first and event.was_size == 0:
        return _sized("added", event, thing)  # the empty file before it was the first half of this
    if event.kind in ("card", "event"):
        found = known.differences(event)
        if found:
            return _fields(event, found)
    if event.op == "restore":
        return Phrase("restored.body", thing)
    return _sized("changed", event, thing)


def _sized(id_: str, event: Event, thing: dict[str, Parameter]) -> Phrase:
    if event.kind != "file" or event.size is None:
        return Phrase(id_, thing)
    return Phrase(f"{id_}.sized", {**thing, "now_bytes": event.size, "was_bytes": event.was_size or 0})


def ends_of_move(event: Event) -> tuple[tuple[int, str], tuple[int, str]] | None:
    """Return where either row of a move led from and to, (collection id, name) each; None for other rows."""
    if event.op not in ("leave", "move") and event.was_op != "leave":
        return None
    here = (event.collection_id, event.name)
    other = (event.was_collection_id, event.was_name)
    if event.op == "leave":
        other = (event.to_collection_id, event.to_name)
    if other[0] is None or other[1] is None:
        return None
    there = (other[0], other[1])
    return (here, there) if event.op == "leave" else (there, here)


def _moved(event: Event, known: Known) -> Phrase:
    """Tell either row of a move: the other end is known from both."""
    ends = ends_of_move(event)
    if ends is None:
        return Phrase("changed", {"thing": event_thing(event)})
    (from_id, from_name), (to_id, to_name) = ends
    if from_id == to_id:
        return Phrase("renamed", {"thing": event_thing(event, from_name), "to": to_name})
    places: dict[str, Parameter] = {"place": known.address(from_id), "to_place": known.address(to_id)}
    thing = event_thing(event, from_name)
    if from_name == to_name or event.kind in ("card", "event"):  # the names of those say nothing to people
        return Phrase("moved", {"thing": thing, **places})
    return Phrase("moved.renamed", {"thing": thing, **places, "to": to_name})


def event_thing(event: Event, name: str | None = None) -> Phrase:
    """Return what a row is about: its title where it has one, else its name, or the one that it had."""
    return named_thing(event.kind, event.title or event.was_title or name or event.name)


def named_thing(kind: str, name: str) -> Phrase:
    """Return what something is, and what it is called."""
    return Phrase(f"thing.{kind}" if f"thing.{kind}" in ENGLISH else "thing.other", {"name": name})


# --- fields of contacts and events --------------------------------------------------------------------


def _fields(event: Event, found: Sequence[Difference]) -> Phrase:
    name = event.title or event.was_title or event.name
    named = _named(found)
    if event.op == "restore":
        return Phrase("restored.fields", {"fields": named[:MOST_FIELDS], "name": name})
    if len(named) == 1 and len(found) == 1:
        return _field(found[0], name)
    if len(named) > MOST_FIELDS + 1:
        more = len(named) - MOST_FIELDS
        return Phrase("changed.more", {"fields": named[:MOST_FIELDS], "count": more, "name": name})
    return Phrase("changed.fields", {"fields": named, "name": name})


def _field(difference: Difference, name: str) -> Phrase:
    was, now = difference.was, difference.now
    said: dict[str, Parameter] = {"field": field_phrase(difference), "name": name}
    shown_was, shown_now = shown_value(difference, was), shown_value(difference, now)
    if was is None:
        return Phrase("field.added.value" if shown_now else "field.added", {**said, "now": shown_now})
    if now is None:
        return Phrase("field.removed.value" if shown_was else "field.removed", {**said, "was": shown_was})
    if shown_was and shown_now and shown_was != shown_now:
        return Phrase("field.changed.values", {**said, "was": shown_was, "now": shown_now})
    return Phrase("field.changed", said)


def shown_value(difference: Difference, field: Field | None) -> str:
    """Return a value for people, empty where it says nothing: a picture, a whole occasion."""
    if field is None or field.word in PICTURES or _is_occasion(difference):
        return ""
    return _STAMP.sub(_readable, field.shown) if field.word in TIMES else field.shown


def _readable(stamp: re.Match[str]) -> str:
    year, month, day, hour, minute, utc = stamp.groups()
    clock = f" {hour}:{minute}{' UTC' if utc else ''}" if hour else ""
    return f"{year}-{month}-{day}{clock}"


def _is_occasion(difference: Difference) -> bool:
    return "/" not in difference.key and _OCCASION.search(difference.key) is not None


def _named(found: Sequence[Difference]) -> tuple[Phrase, ...]:
    """Return the names of fields, each once; a name and its parts are one thing to people."""
    return once(field_phrase(each) for each in telling(found))


def once(phrases: Iterable[Phrase]) -> tuple[Phrase, ...]:
    """Return phrases without those that say the same as one before."""
    told: list[Phrase] = []
    told += (phrase for phrase in phrases if phrase not in told)
    return tuple(told)


def telling(found: Sequence[Difference]) -> list[Difference]:
    """Return the differences without the parts of a name where the name itself differs."""
    words = {field.word for each in found if (field := each.now or each.was) is not None}
    return [each for each in found if not _is_in_parts(each, words)]


def _is_in_parts(difference: Difference, words: set[str]) -> bool:
    field = difference.now or difference.was
    return field is not None and field.word == IN_PARTS and "name" in words


def field_phrase(difference: Difference) -> Phrase:
    """Return the name of a field as people say it: the work number; the time on 2026-11-20, of a changed occasion."""
    field = difference.now or difference.was
    assert field is not None
    if _is_occasion(difference):
        return Phrase("field.occasion", {"date": _date_of(difference.key)})
    named, date = _labelled(field), _date_of(difference.key.rpartition("/")[0])
    return Phrase("field.on", {"field": named, "date": date}) if date else named


def _date_of(section: str) -> str:
    occasion = _OCCASION.search(section)
    return "" if occasion is None else "-".join(occasion.groups())


def _labelled(field: Field) -> Phrase:
    word, label = _word_and_label(field)
    return (
        Phrase("field", {"word": word}) if label is None else Phrase("field.labelled", {"word": word, "label": label})
    )


def heading(field: Field) -> Phrase:
    """Return what stands before the value of a field in a table: mobile number."""
    word, label = _word_and_label(field)
    return word if label is None else Phrase("heading.labelled", {"word": word, "label": label})


def _word_and_label(field: Field) -> tuple[Phrase, Phrase | None]:
    word = _known("word", field.word)
    if not field.label or field.word in PICTURES:  # their label is a file format
        return word, None
    first, _, second = field.label.partition(" ")
    if {f"label.{first}", f"label.{second}"} <= ENGLISH.keys():
        return word, Phrase("label.both", {"first": Phrase(f"label.{first}"), "second": Phrase(f"label.{second}")})
    return word, _known("label", field.label)


def _known(family: str, text: str) -> Phrase:
    if f"{family}.{text.lower()}" in ENGLISH:
        return Phrase(f"{family}.{text.lower()}")
    return Phrase(f"{family}.other", {family: text})


# --- properties and mounts ----------------------------------------------------------------------------


def _properties(event: Event, known: Known) -> Phrase:
    changes = known.properties(event.resource_id, event.seq)
    thing: dict[str, Parameter] = {"thing": event_thing(event)}
    for name, id_ in ((DISPLAYNAME, "called"), (COLOUR, "coloured")):
        text = text_of(changes.get(name))
        if text and len(changes) == 1:
            return Phrase(id_, {**thing, "value": text})
    if not changes and event.modified_at != event.was_modified_at:
        return Phrase("dated", thing)
    named = property_phrases(changes)
    return Phrase("properties", {**thing, "fields": named})


def property_phrases(names: Iterable[str]) -> tuple[Phrase, ...]:
    """Return what stored properties are called, each word once; what nobody has a word for is a property."""
    words = sorted({PROPERTY_WORDS.get(name, "property") for name in names})
    named = tuple(Phrase("field", {"word": _known("word", word)}) for word in words if word != "property")
    return named or (Phrase("word.property"),)


def _of_mount(event: Event, known: Known) -> Phrase:
    if event.op in ("leave", "move"):
        return _moved(event, known)
    said: dict[str, Parameter] = {"thing": event_thing(event), "place": known.address(event.collection_id)}
    if not event.alive or not event.was_alive:
        return Phrase("shared" if event.alive else "unshared", said)
    access = known.access(event.resource_id, event.seq)
    return _properties(event, known) if access is None else Phrase(f"access.{access}", said)
