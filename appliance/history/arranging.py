"""How a plan is made of decisions about single resources. Pure.

They are made fit for each other here: what is to live needs a living holder, what comes back finds its name taken, what
is to end may hold something of others. The order of the entries is one that works.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from appliance.history.plans import Entry, Plan, Source
from appliance.history.taking_back import Decision, Pile, Reason
from appliance.store.placing import Home, Wanted
from appliance.store.touched import Written

_NAME_BYTES = 255  # what ext4, Btrfs and XFS take
_ENDING_BYTES = 20


class Present(Protocol):
    """What stands now, as far as a plan must fit in."""

    def occupant(self, home: Home) -> int | None:
        """Return the resource that has this name now; of cards and events, in any canonically equal form."""
        ...

    def is_reachable(self, collection_id: int) -> bool:
        """Return whether a collection lives with all above it."""
        ...

    def above(self, collection_id: int) -> int | None:
        """Return the collection that holds a collection now; None above the uppermost, and for what is not alive."""
        ...

    def members(self, collection_id: int) -> Sequence[int]:
        """Return the ids of what is in a collection now."""
        ...

    def members_since(self, collection_id: int, seq: int) -> Sequence[int]:
        """Return the ids of those that have come or changed after `seq`."""
        ...

    def uid(self, resource_id: int) -> str | None:
        """Return the UID of a card or event, None for none."""
        ...

    def namesake(self, resource_id: int, collection_id: int) -> int | None:
        """Return what else lives in a collection with the UID of a card or event; None where its UID is free."""
        ...

    def address(self, home: Home) -> str:
        """Return an address below `/dav/`, as good as it can be named."""
        ...


def arrange(decisions: Iterable[Decision], present: Present) -> Plan:
    """Return the plan made of decisions, each of them fit for the others."""
    work = _Arranging({decision.touched.resource_id: decision for decision in decisions}, present)
    work.settle_holders()
    work.settle_names()
    return work.plan()


class _Arranging:
    def __init__(self, decisions: dict[int, Decision], present: Present) -> None:
        self._decisions = decisions
        self._now = {id_: _place_of(decision.touched.newest) for id_, decision in decisions.items()}
        self._present = present
        self._renamed: dict[int, str] = {}

    def _wanted(self, resource_id: int) -> Wanted | None:
        decision = self._decisions.get(resource_id)
        return None if decision is None else decision.wanted

    def _home_now(self, resource_id: int) -> Home:
        return self._now[resource_id]

    def _home_then(self, resource_id: int) -> Home:
        wanted = self._decisions[resource_id].wanted
        return self._now[resource_id] if wanted is None or wanted.home is None else wanted.home

    def _is_ending(self, resource_id: int) -> bool:
        wanted = self._wanted(resource_id)
        return wanted is not None and not wanted.is_alive

    def _is_alive_now(self, resource_id: int) -> bool:
        return bool(self._decisions[resource_id].touched.newest.alive)

    def _keep(self, resource_id: int, reason: Reason) -> None:
        decision = self._decisions[resource_id]
        self._decisions[resource_id] = replace(decision, pile=Pile.KEEP, wanted=None, reason=reason)

    # --- holders ------------------------------------------------------------------------------------

    def settle_holders(self) -> None:
        """Keep what holds others' things, and what would have no living holder, until nothing changes any more."""
        unseen = self._end_unseen()
        self._settle()
        for resource_id, decision in unseen.items():
            assert decision.wanted is not None
            if self._will_hold(self._place_wanted(decision).collection_id):
                self._decisions[resource_id] = decision
        self._settle()

    def _end_unseen(self) -> dict[int, Decision]:
        """End what is to be where nobody sees it, in a book that was deleted then and will be; return what was meant.

        It lived there only by its row: a deleted book keeps its cards (ledger 5).
        """
        unseen = {
            resource_id: decision
            for resource_id, decision in self._decisions.items()
            if decision.touched.was_unseen and decision.wanted is not None and decision.wanted.is_alive
            and not self._will_hold(self._place_wanted(decision).collection_id)
        }  # fmt: skip
        for resource_id, decision in unseen.items():
            newest = decision.touched.newest
            ended = Wanted(resource_id, decision.touched.kind, newest.seq, is_alive=False) if newest.alive else None
            pile = Pile.PUT_ASIDE if newest.alive else Pile.KEEP
            reason = None if newest.alive else Reason.HOLDER_GONE
            self._decisions[resource_id] = replace(decision, pile=pile, wanted=ended, reason=reason, conflicts=())
        return unseen

    @staticmethod
    def _place_wanted(decision: Decision) -> Home:
        home = None if decision.wanted is None else decision.wanted.home
        return home or _place_of(decision.touched.newest)

    def _settle(self) -> None:
        changed = True
        while changed:
            changed, living, first = False, self._living(), self._first_by_uid()
            for resource_id in list(self._decisions):
                wanted = self._wanted(resource_id)
                if wanted is None:
                    continue
                if wanted.is_alive and not self._will_hold(self._home_then(resource_id).collection_id):
                    self._keep(resource_id, Reason.HOLDER_GONE)
                    changed = True
                elif wanted.is_alive and self._comes_into_itself(resource_id):
                    self._keep(resource_id, Reason.INTO_ITSELF)
                    changed = True
                elif self._namesake_stays(resource_id) or self._comes_second(resource_id, first):
                    self._keep(resource_id, Reason.UID_TAKEN)
                    changed = True
                elif not wanted.is_alive and self._holds_others(resource_id, living):
                    self._keep(resource_id, Reason.HOLDS_OTHERS)
                    changed = True

    def _comes_into_itself(self, resource_id: int) -> bool:
        """Return whether a folder is to be inside what is kept inside it for the sake of others."""
        if self._decisions[resource_id].touched.kind != "folder":
            return False
        return resource_id in self._holders(self._home_then(resource_id).collection_id)

    def _will_hold(self, collection_id: int) -> bool:
        wanted = self._wanted(collection_id)
        if wanted is not None:
            return wanted.is_alive
        return self._present.is_reachable(collection_id)

    def _holds_others(self, resource_id: int, living: Mapping[int, int]) -> bool:
        """Return whether something would stay inside a collection that is to end, or come to it.

        What lay in an address book all the time that it was deleted is no reason to keep it.
        """
        since = self._decisions[resource_id].touched.rows[0].seq
        return living.get(resource_id, 0) > 0 or any(
            self._wanted(member_id) is None for member_id in self._present.members_since(resource_id, since)
        )

    def _namesake(self, resource_id: int) -> int | None:
        """Return what has the UID now in the collection that a card or event comes to."""
        arrival = self._arrival(resource_id)
        return None if arrival is None else self._present.namesake(resource_id, arrival[0])

    def _first_by_uid(self) -> dict[tuple[int, str], int]:
        """Return which card or event comes to a collection with a UID, where several would: the first in the plan."""
        first: dict[tuple[int, str], int] = {}
        for resource_id in self._decisions:
            arrival = self._arrival(resource_id)
            if arrival is not None:
                first.setdefault(arrival, resource_id)
        return first

    def _comes_second(self, resource_id: int, first: Mapping[tuple[int, str], int]) -> bool:
        arrival = self._arrival(resource_id)
        return arrival is not None and first.get(arrival) != resource_id

    def _arrival(self, resource_id: int) -> tuple[int, str] | None:
        """Return to which collection a card or event comes with which UID; None where it does not come to another."""
        decision = self._decisions[resource_id]
        if decision.wanted is None or not decision.wanted.is_alive or decision.touched.kind not in ("card", "event"):
            return None
        to = self._home_then(resource_id).collection_id
        if to == self._now[resource_id].collection_id and decision.touched.newest.alive:
            return None
        uid = self._present.uid(resource_id)
        return None if uid is None else (to, uid)

    def _namesake_stays(self, resource_id: int) -> bool:
        other = self._namesake(resource_id)
        if other is None:
            return False
        return other not in self._decisions or not self._leaves(other)

    def _leaves(self, resource_id: int) -> bool:
        """Return whether something is in another collection afterwards, or has ended."""
        if self._is_ending(resource_id):
            return True
        return self._home_then(resource_id).collection_id != self._home_now(resource_id).collection_id

    def _living(self) -> Mapping[int, int]:
        """Return how many of the plan's resources will live in each collection."""
        wanted = [(each, self._wanted(each)) for each in self._decisions]
        return Counter(self._home_then(each).collection_id for each, how in wanted if how is not None and how.is_alive)

    # --- names --------------------------------------------------------------------------------------

    def settle_names(self) -> None:
        """Give a free name to what comes to a place that something else keeps."""
        taken: set[Home] = set()
        for resource_id in self._decisions:
            wanted = self._wanted(resource_id)
            if wanted is None or not wanted.is_alive or not self._comes(resource_id):
                continue
            home = self._home_then(resource_id)
            free = self._free(resource_id, home, taken)
            taken.add(free)
            if free != home:
                self._renamed[resource_id] = home.name
                decision = self._decisions[resource_id]
                self._decisions[resource_id] = replace(decision, wanted=replace(wanted, home=free))

    def _comes(self, resource_id: int) -> bool:
        return not self._is_alive_now(resource_id) or self._home_then(resource_id) != self._home_now(resource_id)

    def _free(self, resource_id: int, home: Home, taken: set[Home]) -> Home:
        number, tried = 1, home
        while tried in taken or not self._is_free(resource_id, tried):
            number += 1
            tried = Home(home.collection_id, numbered(home.name, number))
        return tried

    def _is_free(self, resource_id: int, home: Home) -> bool:
        occupant = self._present.occupant(home)
        if occupant is None or occupant == resource_id:
            return True
        return occupant in self._decisions and self._vacates(occupant)

    def _vacates(self, resource_id: int) -> bool:
        """Return whether what has a name now gives it up."""
        return self._is_ending(resource_id) or (
            self._wanted(resource_id) is not None and self._home_then(resource_id) != self._home_now(resource_id)
        )

    # --- order --------------------------------------------------------------------------------------

    def plan(self) -> Plan:
        """Return the entries: before each what must be done for it, endings of folders after what leaves them."""
        entries: list[Entry] = []
        done: set[int] = set()
        aside: set[int] = set()
        for resource_id in self._decisions:
            if not self._ended_with_its_holder(resource_id):
                self._write_down(resource_id, done, aside, entries)
        return Plan(tuple(entries))

    def _ended_with_its_holder(self, resource_id: int) -> bool:
        """Return whether what is to end is out of sight already, and stays so: a card in a deleted address book.

        A row for it would belong to another batch than the end of the book, whose undo would bring back an empty one.
        """
        holder = self._decisions[resource_id].touched.newest.collection_id
        if not self._is_ending(resource_id) or self._present.is_reachable(holder):
            return False
        return not any(
            self._wanted(above) is not None and not self._is_ending(above) for above in self._holders(holder)
        )

    def _write_down(self, resource_id: int, done: set[int], aside: set[int], entries: list[Entry]) -> None:
        """Write down what a step waits for, then the step. 1,000 renumbered pictures are a chain of 1,000.

        Where steps wait for each other in a circle, one of them only waits for a name: what has the name steps aside,
        and what had been begun after that is left for later.
        """
        way: dict[int, Iterator[int]] = {}  # step by step, each waiting for the next
        if resource_id not in done:
            way[resource_id] = self._needed_before(resource_id)
        while way:
            waiting = next(reversed(way))
            needed = next(way[waiting], None)
            if needed is None:
                del way[waiting]
                done.add(waiting)
                entries.append(self._entry(waiting))
            elif needed in way:
                self._break_circle(way, needed, aside, entries)
            elif needed not in done and not (needed in aside and self._waits_for_name(waiting, needed)):
                way[needed] = self._needed_before(needed)

    def _break_circle(self, way: dict[int, Iterator[int]], closing: int, aside: set[int], entries: list[Entry]) -> None:
        """Let the last thing in the circle that only holds a name step aside, and go back to what waits for it."""
        holding = closing
        for waiting in reversed(list(way)):
            if self._waits_for_name(waiting, holding):
                if holding not in aside:
                    aside.add(holding)
                    entries.append(self._aside(holding))
                for later in reversed(list(way)):
                    if later == waiting:
                        return
                    del way[later]
            if waiting == closing:
                return
            holding = waiting

    def _waits_for_name(self, resource_id: int, other: int) -> bool:
        """Return whether something only waits for the name that another has."""
        wanted = self._wanted(resource_id)
        if wanted is None or not wanted.is_alive or not self._is_alive_now(other):
            return False
        home = self._home_then(resource_id)
        return self._present.occupant(home) == other and other not in self._holders(home.collection_id)

    def _needed_before(self, resource_id: int) -> Iterator[int]:
        wanted = self._wanted(resource_id)
        if wanted is None:
            return
        if not wanted.is_alive:
            yield from self._leaving(resource_id)
            return
        home = self._home_then(resource_id)
        occupant = self._present.occupant(home) if self._comes(resource_id) else None
        for needed in (*self._holders(home.collection_id), occupant, self._namesake(resource_id)):
            if needed is not None and needed != resource_id and self._wanted(needed) is not None:
                yield needed

    def _leaving(self, collection_id: int) -> Iterator[int]:
        """Yield what does not end with a collection: what lives on elsewhere, and what has to be ended by itself."""
        waiting = [collection_id]
        while waiting:
            for member in self._present.members(waiting.pop()):
                if self._is_ending(member) and not self._ends_alone(member):
                    waiting.append(member)
                elif self._wanted(member) is not None:
                    yield member

    def _ends_alone(self, resource_id: int) -> bool:
        """Return whether the end of what holds it leaves it as it is: an address book keeps its cards (ledger 5)."""
        return self._decisions[resource_id].touched.kind in ("card", "event")

    def _holders(self, collection_id: int) -> Iterator[int]:
        """Yield what will hold something, up to the top: a folder must not come into what is still inside it."""
        current: int | None = collection_id
        seen: set[int] = set()
        while current is not None and current not in seen:  # until all holders are settled it may be a circle
            yield current
            seen.add(current)
            moves = self._wanted(current) is not None
            current = self._home_then(current).collection_id if moves else self._present.above(current)

    def _aside(self, resource_id: int) -> Entry:
        """Return the step aside that breaks a circle of names."""
        newest, kind = self._decisions[resource_id].touched.newest, self._decisions[resource_id].touched.kind
        number, aside = 0, self._home_now(resource_id)
        while self._present.occupant(aside) is not None:
            number += 1
            aside = Home(newest.collection_id, numbered(newest.name, number, word=f"aside {resource_id} "))
        wanted = Wanted(resource_id, kind, newest.seq, is_alive=True, home=aside)
        return Entry(Pile.ROLL_BACK, kind, self._present.address(aside), wanted, passing=True)

    def _entry(self, resource_id: int) -> Entry:
        decision = self._decisions[resource_id]
        wanted = decision.wanted
        ends_too = self._is_ending(resource_id) and self._is_ending(decision.touched.newest.collection_id)
        if ends_too and not self._ends_alone(resource_id):
            wanted = None
        home = self._home_then(resource_id) if wanted is not None else self._home_now(resource_id)
        return Entry(
            decision.pile, decision.touched.kind, self._present.address(home), wanted, decision.reason, decision.by,
            decision.conflicts, self._renamed.get(resource_id),
            source=Source(decision.source or decision.touched, decision.taken),
        )  # fmt: skip


def _place_of(row: Written) -> Home:
    return Home(row.collection_id, row.name)


def numbered(name: str, number: int, *, word: str = "") -> str:
    """Return a name beside a name, `a (2).txt`, no longer than a file system takes."""
    stem, dot, ending = name.rpartition(".")
    if not dot or not stem or len(ending.encode()) > _ENDING_BYTES:
        stem, dot, ending = name, "", ""
    tail = f" ({word}{number}){dot}{ending}"
    room = _NAME_BYTES - len(tail.encode())
    return stem.encode()[:room].decode("utf-8", "ignore") + tail
