"""Sittings: what a device did without a longer silence, as the moments from which it may be rewound. Pure.

Unlike `bursts`, nothing is judged to be unusual: whoever asks knows already that something was wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from appliance.store.touched import Stroke

SILENCE = timedelta(minutes=10) // timedelta(microseconds=1)
MOST = 5  # that are told


@dataclass(frozen=True, slots=True)
class Sitting:
    """Times are microseconds since 1970; of `count` things `deleted` ended."""

    began_at: int
    ended_at: int
    count: int
    deleted: int


def sittings(strokes: Iterable[Stroke]) -> list[Sitting]:
    """Return the sittings in which most was deleted or done, the newest first; `strokes` are newest first."""
    found = list(_sittings(strokes))
    largest = sorted(found, key=lambda each: (each.deleted, each.count, each.began_at), reverse=True)[:MOST]
    return [each for each in found if each in largest]


def _sittings(strokes: Iterable[Stroke]) -> Iterator[Sitting]:
    run: list[Stroke] = []
    for stroke in strokes:
        if run and abs(run[-1].at - stroke.at) > SILENCE:
            yield _sitting(run)
            run = []
        run.append(stroke)
    if run:
        yield _sitting(run)


def _sitting(run: list[Stroke]) -> Sitting:
    things = {stroke.resource_id for stroke in run}
    deleted = {stroke.resource_id for stroke in run if stroke.op == "delete"}
    return Sitting(run[-1].at, run[0].at, len(things), len(deleted))
