"""A timeline as its page shows it: days, lines with their doors and acts, the graph above them.

Sentences are those of `history`; here is only decided which of them are links, and where to. It refuses to judge who
may see what: `subjects.visible` was asked before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import groupby

from flask import url_for
from flask_babel import gettext

from appliance.history.passages import Page, Passage
from appliance.history.phrases import Phrase, render, sentence
from appliance.history.timeline import Entry, seq_since
from appliance.store import queries, tallies
from appliance.store.database import Reading
from appliance.store.tallies import Tally
from appliance.tree import bursting
from appliance.tree.bursting import Found
from appliance.tree.whereabouts import Whereabouts
from web.bursts import may_judge, named
from web.graph import DAYS, LABELLED, Bar, Graph, graph
from web.language import weekday
from web.saying import told
from web.showing import number
from web.subjects import KINDS, Subject, inside, leaf, visible
from web.visitor import visitor

THEN_AND_NOW = ("card", "event", "file")
COUNTED_DAYS = 36  # what a burst of the last week is compared with


@dataclass(frozen=True, slots=True)
class Way:
    """Something to do about a line: a link with its word. `kind` is that of an act."""

    word: str
    address: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Tag:
    """What there is to say beside a line."""

    word: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `door` leads to the place as it was just before; `rows` are what a run consists of, as far as shown."""

    at: datetime
    said: str
    door: str | None
    tags: Sequence[Tag]
    ways: Sequence[Way]
    rows: Sequence[tuple[str, str | None]]
    more: int  # of a run, beyond its rows
    is_burst: bool


@dataclass(frozen=True, slots=True)
class Day:
    """A day, as it is called, and what happened on it, the newest first."""

    day: date
    title: str
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Picture:
    """The graph, and the bursts that are written into it; of `meant` ones somebody said that they were."""

    graph: Graph
    bursts: Sequence[Found]
    meant: Sequence[Found] = ()


def days(page: Page, subject: Subject, where: Whereabouts, shown: Picture) -> list[Day]:
    """Return the lines of a page by their days."""
    zone = visitor().zone
    filled = False
    found: list[Line] = []
    for passage in page.passages:
        burst, meant = _burst_of(passage, shown.bursts), _burst_of(passage, shown.meant)
        line = _line(passage, subject, where, burst, is_first=burst is not None and not filled)
        found.append(line if meant is None else _told_as_meant(line, meant))
        filled = filled or burst is not None
    by_day = groupby(found, key=lambda line: line.at.astimezone(zone).date())
    return [Day(day, _title(day), list(lines)) for day, lines in by_day]


def _title(day: date) -> str:
    here = visitor()
    said = weekday(day, here.language)
    return gettext("Today, %(day)s", day=said) if day == here.now.astimezone(here.zone).date() else said


def picture(reading: Reading, page: Page, subject: Subject) -> Picture:
    """Return the graph of the month in which the page lies, and the bursts in it."""
    here = visitor()
    today = here.now.astimezone(here.zone).date()
    shown = subject.day or (page.passages[0].entry.at.astimezone(here.zone).date() if page.passages else today)
    last = today if shown > today - timedelta(days=DAYS) else shown
    counted = counts(reading, subject, last)
    found = [
        each
        for each in bursting.found_in(reading, counted, now=here.now)
        if not bursting.is_taken_back(reading, each)
    ]  # fmt: skip
    bursts = [each for each in found if bursting.said_meant(reading, each) is None]
    return Picture(graph(counted, last, here.zone), bursts, [each for each in found if each not in bursts])


def labels(shown: Picture) -> list[tuple[Bar, str]]:
    """Return the bars of the largest bursts with what is written beside them."""
    zone = visitor().zone
    found = []
    for each in sorted((*shown.bursts, *shown.meant), key=lambda each: each.burst.count, reverse=True):
        began = each.began_at.astimezone(zone)
        bar = shown.graph.bar_of(began.date())
        if bar is not None:
            sign = "\N{MINUS SIGN}" if each.burst.deed == "deleted" else "\N{PLUS-MINUS SIGN}"
            found.append((bar, f"{sign} {number(each.burst.count)}, {each.device.label}, {began:%H:%M}"))
    return found[:LABELLED]


def counts(reading: Reading, subject: Subject, last: date) -> list[Tally]:
    """Return what the visitor may see of the counts of some weeks up to a day."""
    here = visitor()
    since = datetime.combine(last - timedelta(days=COUNTED_DAYS), time(), here.zone)
    until = datetime.combine(last + timedelta(days=1), time(), here.zone)
    after = seq_since(reading, since, now=here.now)
    newest = queries.newest_seq(reading) if until > here.now else seq_since(reading, until, now=here.now)
    collection_id = leaf(reading, subject)
    resource_id = subject.scope.resources[0] if subject.is_one else None
    may_see, is_inside = visible(), inside(reading, subject.scope)
    return [
        each
        for each in tallies.tallies(
            reading, after_seq=after, last_seq=newest, resource_id=resource_id, collection_id=collection_id
        )
        if may_see(each.collection_id)
        and (subject.doers is None or each.device_id in subject.doers)
        and (subject.kind is None or each.kind in KINDS[subject.kind])
        and (subject.member is None or subject.is_one or collection_id is not None or is_inside(each.collection_id))
    ]


# --- one line -----------------------------------------------------------------------------------------


def _line(passage: Passage, subject: Subject, where: Whereabouts, burst: Found | None, *, is_first: bool) -> Line:
    entry = passage.entry
    return Line(
        at=entry.at,
        said=_said(entry),
        door=_door(passage, subject, where),
        tags=_tags(entry),
        ways=_ways(passage, where, burst, is_first=is_first),
        rows=[(_named(passage, each), _history(each, where)) for each in passage.rows],
        more=max(passage.count - len(passage.rows), 0) if passage.rows else 0,
        is_burst=burst is not None,
    )


def _told_as_meant(line: Line, meant: Found) -> Line:
    """Return the line of a burst that was meant: nothing asks for a look, and whoever may judge it can do so again."""
    address = url_for("bursts.show", **named(meant))
    ways = [*line.ways, Way(gettext("Was it meant?"), address)] if may_judge(meant) else line.ways
    return replace(line, tags=(*line.tags, Tag(gettext("meant"))), ways=ways)


def _said(entry: Entry) -> str:
    what, reason = entry.what, entry.what.parameters.get("reason")
    if isinstance(reason, str):  # why an edit was refused: a sentence of the room that refused it
        what = Phrase(what.id, {**what.parameters, "reason": told(reason)})
    return sentence(Phrase("line", {"who": entry.who, "what": what}), visitor().language)


def _named(passage: Passage, entry: Entry) -> str:
    """Return what a run did to one thing; where that is the same for all, only what the thing is called."""
    thing = entry.what.parameters.get("thing")
    name = thing.parameters.get("name") if isinstance(thing, Phrase) else None
    if passage.deed != "changed" and isinstance(name, str):
        return name
    return sentence(entry.what, visitor().language)


def _door(passage: Passage, subject: Subject, where: Whereabouts) -> str | None:
    """Return where the place is shown as it was just before a line."""
    entry = passage.entry
    address = subject.address or where.address(entry.collection_id) or ""
    if not address or passage.oldest_seq <= 1:
        return None
    return url_for("past.show", moment=f"seq-{passage.oldest_seq - 1}", address=address)


def _tags(entry: Entry) -> list[Tag]:
    language = visitor().language
    told = []
    for mark in entry.marks:
        if mark.id == "mark.undone":
            told.append(Tag(gettext("taken back"), "return"))
        elif mark.id != "mark.batch":
            told.append(Tag(render(mark, language), "look" if mark.id in ("mark.fault", "mark.unfinished") else ""))
    if entry.refused_id is not None:
        told.append(Tag(gettext("kept aside"), "look"))
    return told


def _ways(passage: Passage, where: Whereabouts, burst: Found | None, *, is_first: bool) -> list[Way]:
    entry = passage.entry
    ways = [
        _take_back(passage, burst, is_first=is_first),
        _look(entry) if entry.refused_id is not None else _receipt(entry),
        None if passage.deed or entry.kind == "batch" else _was_and_now(entry, where),
    ]
    return [way for way in ways if way is not None]


def _take_back(passage: Passage, burst: Found | None, *, is_first: bool) -> Way | None:
    actor, here = passage.entry.actor, visitor()
    if passage.deed not in ("deleted", "changed", "moved") or actor is None or actor.door != "phone":
        return None
    if actor.person != here.member.name and not here.member.admin:
        return None
    since = f"seq-{passage.oldest_seq - 1 if burst is None else burst.since_seq}"
    kind = "return" if burst is not None and is_first else ""
    return Way(gettext("Take back…"), url_for("rewinding.show", device_id=actor.device_id, since=since), kind)


def _look(entry: Entry) -> Way:
    return Way(gettext("Look at the edit"), url_for("kept.edit", refused_id=entry.refused_id))


def _receipt(entry: Entry) -> Way | None:
    """Return the way to take a whole batch back, or to see what it did where that was done already."""
    if entry.batch is None or entry.kind != "batch":
        return None
    if entry.batch.undone_by is not None:
        return Way(gettext("Receipt"), url_for("receipts.show", batch_id=entry.batch.id))
    return Way(gettext("Take back…"), url_for("receipts.preview", batch_id=entry.batch.id))


def _was_and_now(entry: Entry, where: Whereabouts) -> Way | None:
    address = _history(entry, where)
    word = gettext("Was and now") if entry.kind in THEN_AND_NOW else gettext("Its history")
    return None if address is None else Way(word, address)


def _history(entry: Entry, where: Whereabouts) -> str | None:
    """Return where the history of the thing is that a line is about."""
    address = where.address(entry.collection_id, entry.name) if entry.name else None
    if address is None or entry.resource_id is None:
        return None
    if entry.kind in THEN_AND_NOW:
        at = None if entry.what.id.startswith("added") else f"seq-{entry.seq - 1}"  # before, there was nothing of it
        return url_for("object_history.show", address=address, at=at)
    return url_for("timeline.show", address=address)


def _burst_of(passage: Passage, bursts: Sequence[Found]) -> Found | None:
    actor = passage.entry.actor
    if passage.deed is None or actor is None:
        return None
    return next(
        (
            each
            for each in bursts
            if (each.device.id, each.burst.deed) == (actor.device_id, passage.deed)
            and each.since_seq < passage.entry.seq
            and passage.oldest_seq <= each.last_seq
        ),
        None,
    )
