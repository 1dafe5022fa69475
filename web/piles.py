"""A plan as a page shows it: four piles, each a window of rows, what was chosen, and what will come of it, counted.

Rows are told one by one only where they are shown, so a page about ten thousand things costs what its rows cost. What
the visitor may not know of is counted and has no name. It refuses to decide: piles are those of the plan.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext, ngettext
from werkzeug.datastructures import MultiDict

from appliance.history.phrases import render, sentence
from appliance.history.plans import Entry, Plan
from appliance.history.preview_words import Speaker
from appliance.history.previews import Foreseer, Line
from appliance.history.restore import Chosen
from appliance.history.taking_back import Pile
from appliance.history.wording import field_phrase, shown_value
from appliance.store.database import Reading
from appliance.tree.actors import actors
from web.rooms import rooms
from web.showing import number
from web.visitor import visitor

CHOICE, STAYS, COMES, GOES = "choice", "stays", "comes", "goes"
OF: Mapping[Pile, str] = {
    Pile.CHOOSE: CHOICE, Pile.KEEP: STAYS, Pile.BRING_BACK: COMES, Pile.ROLL_BACK: COMES, Pile.PUT_ASIDE: GOES,
}  # fmt: skip
WINDOWS: Mapping[str, int] = {CHOICE: 50, STAYS: 50, COMES: 100, GOES: 50}
MOST_IDS = 20_000  # of a form

Values = MultiDict[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """One thing of a pile. `was` and `now` are the values that both changed, where there is a choice."""

    id: int
    name: str
    kind: str
    address: str
    changes: bool  # it is there, and changes
    at: datetime | None  # when somebody else worked on it, or else when it was touched
    note: str
    is_ticked: bool
    is_overturned: bool
    what: str = ""
    was: str = ""
    was_note: str = ""
    now: str = ""
    now_note: str = ""


@dataclass(frozen=True, slots=True)
class Heap:
    """One pile: a window of its rows. `nameless` are those that the visitor may not know of.

    `shared_note` is the note that most rows of the window share: it is said once.
    """

    key: str
    count: int
    rows: tuple[Row, ...]
    first: int
    nameless: int

    @property
    def shared_note(self) -> str:
        """What there is to say of most of them; empty where they differ."""
        counted = Counter(row.note for row in self.rows)
        note, times = counted.most_common(1)[0] if counted else ("", 0)
        return note if times > max(2, len(self.rows) // 2) else ""

    @property
    def is_named(self) -> bool:
        """Whether there is anything in it that the visitor may know of."""
        return self.count > self.nameless

    @property
    def next(self) -> int | None:
        """Where the next window begins."""
        end = self.first + WINDOWS[self.key]
        return end if end < self.count - self.nameless else None


@dataclass(frozen=True, slots=True)
class Piles:
    """A plan for a page. `parts` is what will come of it; the act writes `writes` things."""

    choice: Heap
    stays: Heap
    comes: Heap
    goes: Heap
    parts: tuple[str, ...]
    disappear: str
    changes: int  # of those that come back: they are there, and change
    gives_back: int  # how many the act brings back or changes
    writes: int
    mark: str
    carried: tuple[tuple[str, int], ...]  # choices about rows of other windows

    @property
    def is_empty(self) -> bool:
        """Whether nothing is different."""
        return not (self.choice.count or self.stays.count or self.comes.count or self.goes.count)

    @property
    def shares(self) -> tuple[tuple[str, float, float], ...]:
        """Return each pile's part of a line, (key, from, wide) in per cent; nothing that is there gets lost in it."""
        heaps = [heap for heap in (self.comes, self.goes, self.stays, self.choice) if heap.count]
        whole = sum(heap.count for heap in heaps)
        wide = [max(1.5, 100 * heap.count / whole) for heap in heaps]
        scale, found, begin = 100 / sum(wide) if wide else 0, [], 0.0
        for heap, each in zip(heaps, wide, strict=True):
            found.append((heap.key, round(begin, 2), round(max(0.5, each * scale - 0.3), 2)))
            begin += each * scale
        return tuple(found)


# --- what was chosen --------------------------------------------------------------------------------


def chosen(values: Values) -> Chosen:
    """Return what a form says: conflicts decided the other way, and things that were unticked."""
    radios = {key.removeprefix("take-"): said for key, said in values.items() if key.startswith("take-")}
    turned = _ids(values.getlist("take")) | _ids(id_ for id_, said in radios.items() if said == "then")
    turned -= _ids(id_ for id_, said in radios.items() if said == "now")
    left = _ids(values.getlist("leave")) | (_ids(values.getlist("row")) - _ids(values.getlist("back")))
    return Chosen(frozenset(turned), frozenset(left))


def windows(values: Values) -> dict[str, int]:
    """Return where the window of each pile begins."""
    return {key: max(0, values.get(key, 0, type=int) or 0) for key in WINDOWS}


def _ids(texts: Iterable[str]) -> set[int]:
    return {int(text) for text, _ in zip(texts, range(MOST_IDS), strict=False) if text.isascii() and text.isdigit()}


def mark(plan: Plan) -> str:
    """Return what tells a plan from one that was made after somebody has written to what it is about."""
    return hashlib.blake2b(repr(plan.looked_at).encode(), digest_size=16).hexdigest()


# --- piles ------------------------------------------------------------------------------------------


def piles(
    reading: Reading, plan: Plan, wished: Plan, chosen: Chosen, first: Mapping[str, int], *, named: bool = True
) -> Piles:  # fmt: skip
    """Return a plan as a page shows it. `wished` is the same with what was chosen; `named` False: counts only."""
    telling = _Telling(reading, chosen)
    sorted_: dict[str, list[Entry]] = {key: [] for key in WINDOWS}
    for entry in plan.entries:
        if not entry.passing:
            sorted_[OF[entry.pile]].append(entry)
    heaps = {key: telling.heap(key, entries, first.get(key, 0), named=named) for key, entries in sorted_.items()}
    shown = {row.id for heap in heaps.values() for row in heap.rows}
    carried = [("take", id_) for id_ in sorted(chosen.overturn - shown)]
    carried += [("leave", id_) for id_ in sorted(chosen.leave - shown)]
    counts, asked = wished.counts(), plan.counts()
    writes = sum(1 for entry in wished.entries if entry.wanted is not None and not entry.passing)
    return Piles(
        heaps[CHOICE], heaps[STAYS], heaps[COMES], heaps[GOES],
        tuple(_parts(counts, asked[Pile.CHOOSE])), _disappear(counts[Pile.PUT_ASIDE]), asked[Pile.ROLL_BACK],
        counts[Pile.BRING_BACK] + counts[Pile.ROLL_BACK], writes, mark(plan),
        tuple(carried),
    )  # fmt: skip


def _parts(counts: Mapping[Pile, int], choices: int) -> Iterable[str]:
    """Yield what will come of a plan: what comes back, what changes, what stays, what was chosen."""
    back, changes, stays = (counts[pile] for pile in (Pile.BRING_BACK, Pile.ROLL_BACK, Pile.KEEP))
    if back or not changes:
        yield str(ngettext("%(count)s comes back", "%(count)s come back", back, count=number(back)))
    if changes:
        yield str(ngettext("%(count)s changes", "%(count)s change", changes, count=number(changes)))
    if stays:
        yield str(ngettext("%(count)s stays", "%(count)s stay", stays, count=number(stays)))
    if choices:
        yield str(ngettext("%(count)s as you chose", "%(count)s as you chose", choices, count=number(choices)))


def _disappear(count: int) -> str:
    return str(ngettext("%(count)s disappears.", "%(count)s disappear.", count, count=number(count)))


class _Telling:
    """Tells the rows of piles, as far as the visitor may know of them."""

    def __init__(self, reading: Reading, chosen: Chosen) -> None:
        self._foreseer = Foreseer(reading, rooms().hall.bodies)
        self._speaker = Speaker(actors(reading), visitor().zone)
        self._chosen = chosen
        self._may: dict[int, bool] = {}
        self._language = visitor().language

    def heap(self, key: str, entries: list[Entry], first: int, *, named: bool) -> Heap:
        mine = [entry for entry in entries if named and self._may_name(entry)]
        rows = tuple(self._row(entry) for entry in mine[first : first + WINDOWS[key]])
        return Heap(key, len(entries), rows, first, len(entries) - len(mine))

    def _may_name(self, entry: Entry) -> bool:
        if entry.source is None:
            return False
        collection_id = entry.source.touched.newest.collection_id
        if collection_id not in self._may:
            self._may[collection_id] = visitor().may_look(collection_id)
        return self._may[collection_id]

    def _row(self, entry: Entry) -> Row:
        line = self._foreseer.line(entry)
        id_ = line.resource_id or 0
        deed = line.later or (line.undone[0] if line.undone else None)
        return Row(
            id=id_, name=line.name, kind=line.kind, address=line.address, changes=line.pile is Pile.ROLL_BACK,
            at=None if deed is None else deed.at, note=self._note(line), is_ticked=id_ not in self._chosen.leave,
            is_overturned=id_ in self._chosen.overturn,
            **(self._choice(line) if line.pile is Pile.CHOOSE else {}),
        )  # fmt: skip

    def _note(self, line: Line) -> str:
        details = [render(each, self._language) for each in self._speaker.details(line)]
        because = [sentence(each, self._language) for each in self._speaker.because(line)]
        said = ", ".join(details)
        return ". ".join(each for each in (said[:1].upper() + said[1:], *because) if each)

    def _before(self, line: Line) -> str:
        if not line.undone:
            return str(gettext("was"))
        who = render(self._speaker.who(line.undone[0].device_id), self._language).rstrip(",")
        return str(gettext("was, before %(who)s", who=who))

    def _choice(self, line: Line) -> dict[str, str]:
        """Return what both changed, as it was before and as it is now."""
        told = list(dict.fromkeys(render(field_phrase(each), self._language) for each in line.contested))
        was = [shown_value(each, each.now) for each in line.contested if each.now is not None]
        now = [shown_value(each, each.was) for each in line.contested if each.was is not None]
        note = "" if line.later is None else sentence(self._speaker.deed("later", line.later), self._language)
        return {
            "what": ", ".join(told),
            "was": ", ".join(filter(None, was)) or gettext("As it was before"),
            "was_note": self._before(line),
            "now": ", ".join(filter(None, now)) or gettext("As it is now"),
            "now_note": note,
        }
