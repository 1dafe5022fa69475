"""A preview in words: a phrase for each line of a plan, and one for its counts. The words of both are the same.

It refuses to look anything up: all that it says are the values of `previews`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import reduce
from zoneinfo import ZoneInfo

from appliance.history.actors import Actors, who
from appliance.history.phrases import Parameter, Phrase
from appliance.history.previews import Counts, Deed, Kept, Line
from appliance.history.taking_back import PLACE, Pile, Reason
from appliance.history.wording import (
    MOST_FIELDS,
    field_phrase,
    named_thing,
    once,
    property_phrases,
    shown_value,
    telling,
)
from appliance.objects.differences import Difference
from appliance.objects.merging import WHOLE

MOST_REASONS = 3  # of those for which something is kept; the others are counted
BECAUSE_OF_SOMEBODY = (Reason.CHANGED_LATER, Reason.WENT_ON, Reason.ENDED_LATER)


class Speaker:
    """Says what a plan would do. Moments are told in `zone`."""

    def __init__(self, actors: Actors, zone: ZoneInfo) -> None:
        self._actors = actors
        self._zone = zone

    def who(self, device_id: int | None) -> Phrase:
        """Return who it was; None: the disk itself."""
        return who(device_id, None if device_id is None else self._actors(device_id))

    def local(self, at: datetime) -> datetime:
        """Return a moment in the zone in which it is to be read."""
        return at.astimezone(self._zone)

    def line(self, line: Line) -> Phrase:
        """Return what would become of one thing, whose work is taken back with it, or because of whom it stays."""
        said = Phrase(f"plan.{line.pile.value}", {"thing": named_thing(line.kind, line.name)})
        if line.entries is not None:
            said = Phrase("plan.with", {"line": said, "count": line.entries})
        details = tuple(self.details(line))
        if details:
            said = Phrase("plan.details", {"line": said, "details": details})
        because = list(self.because(line))
        if not because:
            return said
        return Phrase("plan.because", {"line": said, "because": reduce(_then, because)})

    def counts(self, counts: Counts) -> Phrase:
        """Return a plan in numbers, what disappears even when it is nothing."""
        parts = [
            Phrase(f"count.{pile.value}", {"count": counts.piles[pile]})
            for pile in (Pile.BRING_BACK, Pile.ROLL_BACK)
            if counts.piles[pile]
        ]
        parts += self._kept(counts.kept)
        if counts.piles[Pile.CHOOSE]:
            parts.append(Phrase("count.choose", {"count": counts.piles[Pile.CHOOSE]}))
        if not parts and not counts.piles[Pile.PUT_ASIDE]:
            return Phrase("count.none")
        parts.append(Phrase("count.put aside", {"count": counts.piles[Pile.PUT_ASIDE]}))
        return Phrase("counts", {"parts": tuple(parts)})

    def _kept(self, kept: Sequence[Kept]) -> Iterator[Phrase]:
        for each in kept[:MOST_REASONS]:
            said: dict[str, Parameter] = {"count": each.count}
            if each.reason in BECAUSE_OF_SOMEBODY:
                yield Phrase(f"count.keep.{each.reason.value}", {**said, "who": self.who(each.device_id)})
            elif each.reason is not None:
                yield Phrase("count.keep", {**said, "why": Phrase(f"why.{each.reason.value}")})
        more = sum(each.count for each in kept[MOST_REASONS:])
        if more:
            yield Phrase("count.keep.more", {"count": more})

    # --- one line -----------------------------------------------------------------------------------

    def details(self, line: Line) -> Iterator[Phrase]:
        """Yield what would be different about one thing."""
        yield from fields(line.fields)
        if line.sizes is not None and line.pile is Pile.ROLL_BACK:
            yield Phrase("detail.content", {"now_bytes": line.sizes[0], "then_bytes": line.sizes[1]})
        yield from self._moves(line)
        if line.properties and line.pile is Pile.ROLL_BACK:
            yield from (Phrase("detail.field", {"field": each}) for each in property_phrases(line.properties))
        if line.access is not None:
            yield Phrase(f"detail.access.{line.access}")
        if line.beside is not None:
            yield Phrase("detail.beside", {"name": line.beside})

    def _moves(self, line: Line) -> Iterator[Phrase]:
        if line.moves_from is None:
            return
        place, _, name = line.moves_from.rpartition("/")
        to_place, _, to_name = line.address.rpartition("/")
        if place != to_place:
            yield Phrase("detail.moved", {"place": place, "to_place": to_place})
        if name != to_name and line.kind not in ("card", "event"):  # the names of those say nothing to people
            yield Phrase("detail.renamed", {"name": name, "to": to_name})

    def because(self, line: Line) -> Iterator[Phrase]:
        """Yield whose work is taken back with one thing, or because of whom it stays."""
        if line.pile in (Pile.KEEP, Pile.CHOOSE):
            contested = tuple(_contested(line))
            if contested:
                yield Phrase("contested", {"fields": contested})
            if line.later is not None and line.reason in (None, *BECAUSE_OF_SOMEBODY):
                yield self.deed("later", line.later)
            elif line.reason is not None:
                yield Phrase(f"why.{line.reason.value}")
            return
        yield from (self.deed("deed", deed) for deed in line.undone[:MOST_FIELDS])
        contested = tuple(_contested(line))
        if contested and line.later is not None:
            yield Phrase("contested", {"fields": contested})
            yield self.deed("later", line.later)

    def deed(self, id_: str, deed: Deed) -> Phrase:
        """Return what one device did to a thing; `later`: after what is taken back."""
        did = tuple(Phrase(f"did.{verb}") for verb in deed.verbs)
        return Phrase(id_, {"who": self.who(deed.device_id), "did": did, "at": self.local(deed.at)})


def _then(first: Phrase, second: Phrase) -> Phrase:
    return Phrase("one.then.another", {"first": first, "second": second})


def fields(found: Sequence[Difference]) -> Iterator[Phrase]:
    """Yield what becomes of fields, `was` being now and `now` what they will be; those beyond a few are counted."""
    told = once(_field(each) for each in telling(found))
    shown = told if len(told) <= MOST_FIELDS + 1 else told[:MOST_FIELDS]
    yield from shown
    if len(told) > len(shown):
        yield Phrase("detail.more", {"count": len(told) - len(shown)})


def _field(difference: Difference) -> Phrase:
    said: dict[str, Parameter] = {"field": field_phrase(difference)}
    now, then = shown_value(difference, difference.was), shown_value(difference, difference.now)
    if difference.was is None:
        return Phrase("detail.field.comes.value" if then else "detail.field.comes", {**said, "then": then})
    if difference.now is None:
        return Phrase("detail.field.goes.value" if now else "detail.field.goes", {**said, "now": now})
    if now and then and now != then:
        return Phrase("detail.field.values", {**said, "now": now, "then": then})
    return Phrase("detail.field", said)


def _contested(line: Line) -> Iterator[Phrase]:
    yield from (field_phrase(each) for each in line.contested[:MOST_FIELDS])
    if PLACE in line.conflicts:
        yield Phrase("place")
    if WHOLE in line.conflicts:
        yield Phrase("whole")
    stored = [key for key in line.conflicts if key.startswith("{")]
    yield from property_phrases(stored) if stored else ()
