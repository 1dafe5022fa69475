"""The rows of address books and calendars: one function per row, each checks its answers and returns a block."""

from __future__ import annotations

import time
from itertools import count, repeat

from tests.bench import answers
from tests.bench.almanac import month
from tests.bench.answers import Wrong, expect, multistatus
from tests.bench.figures import Block
from tests.bench.places import Place
from tests.bench.wire import Answer, Connection

SEARCHED = "지우"
"""a given name that about one card in a hundred has"""


def put_one(place: Place) -> Block:
    """PUT new members one after the other."""
    return place.series(
        lambda connection: connection.ask(place.put_fresh()), lambda answer: expect(answer, 201), most=60
    )


def sync_all(place: Place) -> Block:
    """Ask for everything, as a new phone does."""
    request = answers.sync_collection(place.href, "")

    def check(answer: Answer) -> None:
        _expect_names(set(multistatus(answer).rows), set(place.members))

    return place.series(lambda connection: connection.ask(request), check)


def sync_change(place: Place) -> Block:
    """Ask what changed, after one member did."""
    state = {"token": "", "name": ""}

    def change(connection: Connection) -> None:
        if not state["token"]:
            state["token"] = multistatus(connection.ask(answers.ctag_and_token(place.href))).token
        state["name"] = _put_another(place, connection)

    def check(answer: Answer) -> None:
        found = multistatus(answer)
        _expect_names(set(found.rows), {state["name"]})
        if not found.token or found.token == state["token"]:
            raise Wrong("the token is the old one after a change")
        state["token"] = found.token

    return place.series_after(change, lambda c: c.ask(answers.sync_collection(place.href, state["token"])), check)


def token_after_change(place: Place) -> Block:
    """Ask for ctag and sync-token right after a change."""
    seen: set[str] = set()

    def check(answer: Answer) -> None:
        found = multistatus(answer)
        if not found.token or not found.ctag or {found.token, found.ctag} & seen:
            raise Wrong("ctag or sync-token is missing, or the old one, after a change")
        seen.update((found.token, found.ctag))

    asked = answers.ctag_and_token(place.href)
    return place.series_after(lambda connection: _put_another(place, connection), lambda c: c.ask(asked), check)


def poll(place: Place) -> Block:
    """Ask for ctag and sync-token when nothing changed."""
    request = answers.ctag_and_token(place.href)
    return place.series(lambda connection: connection.ask(request), _expect_token)


def poll_by_eight(place: Place) -> Block:
    """The same over 8 connections."""
    return place.crowd(repeat(answers.ctag_and_token(place.href)), 8, _expect_token)


def initial_by_30(place: Place) -> Block:
    """Do a first sync with multigets of 30; CPU time is per member."""
    return _initial_by(place, 30)


def initial_by_50(place: Place) -> Block:
    """Do a first sync with multigets of 50; CPU time is per member."""
    return _initial_by(place, 50)


def _initial_by(place: Place, batch: int) -> Block:
    tree = place.server.tree
    tree.look()
    before_s, started = tree.cpu_s(), time.perf_counter()
    received = []
    with Connection(place.server.address) as connection:
        names = sorted(multistatus(connection.ask(answers.sync_collection(place.href, ""))).rows)
        for at in range(0, len(names), batch):
            received.append(connection.ask(answers.multiget(place.kind, place.href, names[at : at + batch])))
    wall_s, cpu_s = time.perf_counter() - started, tree.cpu_s() - before_s
    found = {name for answer in received for name, row in multistatus(answer).rows.items() if row.with_body}
    _expect_names(found, set(place.members))
    return Block([wall_s], cpu_s, len(names))


def search_name(place: Place) -> Block:
    """Find the cards whose FN contains a name."""
    expected = {name for name, contact in place.contacts().items() if SEARCHED in contact.fn}
    request = answers.fn_contains(place.href, SEARCHED)

    def check(answer: Answer) -> None:
        _expect_names(set(multistatus(answer).rows), expected)

    return place.series(lambda connection: connection.ask(request), check)


def window(place: Place) -> Block:
    """Ask which events happen in a month, another month each time."""
    months = count(place.rounds * 7)
    asked: list[int] = []

    def step(connection: Connection) -> Answer:
        asked.append(next(months))
        return connection.ask(answers.in_window(place.href, *month(asked[-1])))

    def check(answer: Answer) -> None:
        found = set(multistatus(answer).rows)
        certain, possible = place.almanac.certain_and_possible(place.events(), *month(asked[-1]))
        if certain - found or found - possible:
            raise Wrong(
                f"{len(certain - found)} events of the month are missing, {len(found - possible)} are not in it"
            )

    return place.series(step, check)


def free_busy(place: Place) -> Block:
    """Ask when somebody is busy in a month, another month each time."""
    months = count(place.rounds * 7 + 3)
    asked: list[int] = []

    def step(connection: Connection) -> Answer:
        asked.append(next(months))
        return connection.ask(answers.free_busy(place.href, *month(asked[-1])))

    def check(answer: Answer) -> None:
        told = answers.merged(answers.busy_periods(answer))
        for start, end in place.almanac.certainly_busy(place.events(), *month(asked[-1])):
            if not any(first <= start and end <= last for first, last in told):
                raise Wrong(f"busy from {start} to {end}, and not said so")

    return place.series(step, check)


def _put_another(place: Place, connection: Connection) -> str:
    """PUT a fresh member and return its name."""
    request = place.put_fresh()
    expect(connection.ask(request), 201)
    return next(reversed(place.members))


def _expect_token(answer: Answer) -> None:
    expect(answer, 207)
    if b"sync-token" not in answer.body:
        raise Wrong("no sync-token in the answer")


def _expect_names(found: set[str], expected: set[str]) -> None:
    found = found - {""}
    if found != expected:
        raise Wrong(f"{len(expected - found)} of {len(expected)} members are missing, {len(found - expected)} too many")
