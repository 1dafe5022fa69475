"""A timeline page by page: runs told in one line, and where the next page begins so that nothing is told twice.

Cost follows the page, not the ledger: whoever looks for something rare is told how far was looked. It refuses to know
who may see what; `Telling` does. Where the edge of a page comes between the rows of one act that is no batch, an
upload under a passing name say, the earlier of them is told as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain

from appliance.clock import from_micros
from appliance.history.catalogue_en import ENGLISH
from appliance.history.phrases import Phrase
from appliance.history.runs import Deed, Run, runs
from appliance.history.timeline import Asked, Entry, Teller, Telling, Window
from appliance.history.wording import event_thing
from appliance.store import batches
from appliance.store.database import Reading
from appliance.store.happened import Event, Happened
from appliance.store.timelines import NEWEST, Scope, Visible

LOOKED_AT = 4000  # rows that one page looks at, at most
NAMED = 12  # of a run, told one by one


@dataclass(frozen=True, slots=True)
class Passage:
    """What is told in one line. Of a run `entry` says who and how many; `rows` are the newest of it, one by one."""

    entry: Entry
    count: int
    oldest_seq: int
    oldest_at: datetime
    deed: Deed | None = None
    rows: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """Some passages, the newest first. `earlier` None: nothing was before; `is_cut`: there was too much to look at."""

    passages: tuple[Passage, ...]
    earlier: Window | None
    is_cut: bool = False


class _Look:
    """Counts what is looked at, and says when it is enough; `stopped_at` is the first seq that was not looked at."""

    def __init__(self, most: int) -> None:
        self._left = most
        self.stopped_at: int | None = None

    def goes_on(self, each: Happened) -> bool:
        """Return whether one more row may be looked at."""
        self._left -= 1
        if self._left < 0:
            self.stopped_at = each.seq if isinstance(each, Event) else each.after_seq
        return self._left >= 0


def page(
    reading: Reading, teller: Teller, scope: Scope, window: Window, *, visible: Visible = lambda _: True,
    wanted: Asked = lambda _: True, looked_at: int = LOOKED_AT,
) -> Page:  # fmt: skip
    """Return the next `window.limit` passages of a scope, and a window for those before them."""
    telling, look = Telling(reading, teller, visible), _Look(looked_at)
    found: list[Run] = []
    for run in runs(telling.lines(scope, window, wanted=wanted, goes_on=look.goes_on), teller.zone):
        if len(found) >= (window.limit or NEWEST) and _seq(run) < _oldest(found[-1]):
            return Page(_told(telling, found), _before(reading, window, found, _seq(run) + 1))
        found.append(run)
    if look.stopped_at is None:
        return Page(_told(telling, found), None)
    return Page(_told(telling, found), _before(reading, window, found, look.stopped_at + 1), is_cut=True)


def _before(reading: Reading, window: Window, found: list[Run], before_seq: int) -> Window:
    told = window.told | {line.batch.id for run in found for line in run.lines if line.whole and line.batch is not None}
    begun = {batch_id: batches.of(reading, batch_id).first_seq for batch_id in told}
    going_on = frozenset(batch_id for batch_id, first in begun.items() if first is not None and first < before_seq)
    return replace(window, before_seq=before_seq, told=going_on)


def _seq(run: Run) -> int:
    event = run.lines[0].event
    return event.seq if isinstance(event, Event) else event.after_seq


def _oldest(run: Run) -> int:
    event = run.lines[-1].event
    return event.seq if isinstance(event, Event) else event.after_seq


def _told(telling: Telling, found: list[Run]) -> tuple[Passage, ...]:
    return tuple(_passage(telling, run) for run in found)


def _passage(telling: Telling, run: Run) -> Passage:
    newest, oldest = telling.entry(run.lines[0]), from_micros(run.lines[-1].event.at)
    if run.deed is None:
        return Passage(newest, 1, _oldest(run), oldest)
    rows = tuple(chain((newest,), (telling.entry(line) for line in run.lines[1:NAMED])))
    head = replace(newest, what=_summed(run, run.deed), marks=(), fields=(), moved_from=None, moved_to=None)
    return Passage(head, len(run.lines), _oldest(run), oldest, run.deed, rows)


def _summed(run: Run, deed: Deed) -> Phrase:
    """Return what a run did: how many things, or how often it changed the only one."""
    events = [line.event for line in run.lines]
    different = {event.resource_id for event in events}
    if len(different) == 1 and deed == "changed":
        newest = next(event for event in events if isinstance(event, Event))
        return Phrase("run.one", {"thing": event_thing(newest), "count": len(events)})
    kinds = Counter(event.kind for event in _once(events))
    things = tuple(
        Phrase(f"things.{kind}" if f"things.{kind}" in ENGLISH else "things.other", {"count": count})
        for kind, count in kinds.most_common()
    )
    return Phrase(f"run.{deed}", {"things": things})


def _once(events: list[Happened]) -> Iterator[Event]:
    """Yield each thing once."""
    seen: set[int] = set()
    for event in events:
        if isinstance(event, Event) and event.resource_id not in seen:
            seen.add(event.resource_id)
            yield event
