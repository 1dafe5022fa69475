"""What a restore, a rewind or an undo takes back: the rows in question, and the plan made of them.

All three are one question to `taking_back`: which rows, of which resources, since when. What was taken back already
(`undone.py`) is nobody's later work. Nothing is written here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from appliance import errors
from appliance.history.arranging import arrange
from appliance.history.plans import Plan
from appliance.history.taking_back import Decision, Mine, Pile, decide, unsigned, went_on
from appliance.history.undone import Pair, standing, window
from appliance.objects.merging import take_field
from appliance.store import batches, collections, content, past, placing, queries, touched
from appliance.store.batches import Batch
from appliance.store.bodies import Bodies
from appliance.store.database import Reading
from appliance.store.ledger import find_member, member_at, member_of
from appliance.store.placing import Home, NewBody, Standing, Wanted
from appliance.store.touched import Stay, Touched, Written


@dataclass(frozen=True, slots=True)
class Side:
    """Whose rows a restore takes back: those of some devices, and the disk's own. `everybody`: all."""

    device_ids: frozenset[int] = frozenset()
    disk: bool = False
    everybody: bool = False

    def wrote(self, device_id: int | None) -> bool:
        """Return whether a row of this device (None: the disk) is this side's."""
        return self.everybody or (self.disk if device_id is None else device_id in self.device_ids)


@dataclass(frozen=True, slots=True)
class Area:
    """What a restore is about: some resources, and everything in and below some collections."""

    resources: tuple[int, ...] = ()
    collections: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Chosen:
    """What somebody chose otherwise: resources whose conflicts are decided the other way, and what stays as it is."""

    overturn: frozenset[int] = frozenset()
    leave: frozenset[int] = frozenset()

    def wished(self, decisions: Iterable[Decision]) -> list[Decision]:
        """Return the decisions without those that stay as they are."""
        return [decision for decision in decisions if decision.touched.resource_id not in self.leave]


NOTHING_CHOSEN = Chosen()


class Planner:
    """Makes plans in one snapshot."""

    def __init__(self, reading: Reading, bodies: Bodies) -> None:
        self._reading = reading
        self._contents = _Kept(reading, bodies)
        self._present = _Now(reading)

    def restore(
        self, area: Area, since: int, side: Side, *,
        keep_new: bool = False, overturn: bool = False, chosen: Chosen = NOTHING_CHOSEN,
    ) -> Plan:  # fmt: skip
        """Return how an area becomes what it was at `since`, as far as that side changed it.

        `overturn` decides all conflicts the other way, `chosen` those of some; `keep_new` leaves what came since.
        """
        named = (*area.resources, *area.collections)
        below = touched.below(self._reading, area.collections, since)
        ids = dict.fromkeys([*self._ended_holders(named, since), *named, *below])
        pairs = () if side.everybody else standing(self._undone)
        asked = _Asked(since, lambda row: side.wrote(row.device_id), pairs)
        decisions = self._taken(ids, asked, frozenset(ids) if overturn else chosen.overturn)
        looked_at = _looked_at(decisions)
        if keep_new:
            decisions = [decision for decision in decisions if decision.pile is not Pile.PUT_ASIDE]
        return replace(arrange(chosen.wished(decisions), self._present), looked_at=looked_at)

    def _ended_holders(self, resource_ids: Iterable[int], since: int) -> Iterator[int]:
        """Yield what held them at `since` and has ended: without it they cannot come back. What else it held stays."""
        for resource_id in resource_ids:
            then = past.member_of_at(self._reading, resource_id, since)
            while then is not None and not self._present.is_reachable(then.collection_id):
                if member_of(self._reading, then.collection_id) is None:
                    yield then.collection_id
                then = past.member_of_at(self._reading, then.collection_id, since)

    def rewind(self, device_id: int, since: int, *, chosen: Chosen = NOTHING_CHOSEN) -> Plan:
        """Return how everything would be without what a device wrote after `since`."""
        ids = touched.by_device(self._reading, device_id, since)
        asked = _Asked(since, lambda row: row.device_id == device_id, standing(self._undone))
        decisions = self._taken(ids, asked, chosen.overturn)
        plan = arrange(chosen.wished(decisions), self._present)
        return replace(plan, looked_at=_looked_at(decisions))

    def undo(self, batch_id: int, *, overturn: Iterable[int] = ()) -> Plan:
        """Return how everything would be without a batch; what others wrote after it stays."""
        batch = batches.of(self._reading, batch_id)
        pairs = standing(self._undone, also=batch_id)
        ids = self._written_by(batch)
        since = queries.newest_seq(self._reading) if batch.first_seq is None else batch.first_seq - 1
        asked = _Asked(since, lambda row: row.batch_id == batch_id, pairs, batch_id)
        others = dict.fromkeys(self._drawn_in(batch, pairs)).keys() - set(ids) if pairs else ()
        drawn_in = self._decisions(sorted(others), asked, overturn=False)
        taken = self._taken(ids, asked, frozenset(overturn))
        decisions = [*taken, *(each for each in drawn_in if each.wanted is not None)]
        return replace(arrange(decisions, self._present), looked_at=_looked_at(decisions))

    def _written_by(self, batch: Batch) -> list[int]:
        if batch.first_seq is None or batch.last_seq is None:
            return []
        return touched.by_batch(self._reading, batch.id, batch.first_seq, batch.last_seq)

    def _drawn_in(self, batch: Batch, pairs: Sequence[Pair]) -> Iterator[int]:
        """Yield what a batch may never have written to, but was in the way of when something else was taken back.

        What it had put there kept a folder from ending, it had the name or the UID of what came back, or had ended
        what was to hold that; and what an undo found nothing to do about, another undo may have taken along.
        """
        if batch.undoes is not None:
            yield from self._written_by(batches.of(self._reading, batch.undoes))
        stays = self._stays(batch)
        names = {(stay.collection_id, stay.name) for stay in stays}
        uids = {stay.uid for stay in stays} - {None}
        written = {stay.resource_id for stay in stays}
        holders = set(self._holders({stay.collection_id for stay in stays}))
        for pair in pairs:
            if stays and pair.batch_id < batch.id < pair.undo_id:
                for stay in self._stays(batches.of(self._reading, pair.batch_id)):
                    meets = (stay.collection_id, stay.name) in names or stay.uid in uids
                    if meets or stay.resource_id in holders or stay.collection_id in written:
                        yield stay.resource_id

    def _stays(self, batch: Batch) -> list[Stay]:
        if batch.first_seq is None or batch.last_seq is None:
            return []
        return touched.stays_of_batch(self._reading, batch.id, batch.first_seq, batch.last_seq)

    def _holders(self, collection_ids: Iterable[int]) -> Iterator[int]:
        for collection_id in collection_ids:
            holder: int | None = collection_id
            while holder is not None:
                yield holder
                holder = self._present.above(holder)

    def fields(self, resource_id: int, since: int, keys: Sequence[str]) -> Plan:
        """Return how some fields of a card or event become what they were; everything else stays.

        NotFound for a key that neither version has, NotPossible for what is no card or event, or not there now.
        """
        then = past.member_of_at(self._reading, resource_id, since)
        now = placing.standing_of(self._reading, resource_id)
        if then is None or then.content_id is None or now.before is None or now.before.content_id is None:
            raise errors.NotPossible("Fields can be taken from what was there then into what is there now.")
        if then.kind not in ("card", "event"):
            raise errors.NotPossible("Only contacts and events have fields; a file is restored as a whole.")
        return self._with_fields(touched.of(self._reading, resource_id, since), now, source=then.content_id, keys=keys)

    def fields_kept(self, resource_id: int, content_id: int, keys: Sequence[str]) -> Plan:
        """Return how a card or event takes some fields from a body that was kept beside it; everything else stays.

        NotFound and NotPossible as for `fields`.
        """
        now = placing.standing_of(self._reading, resource_id)
        written = touched.of(self._reading, resource_id, 0)
        if now.before is None or written is None or written.kind not in ("card", "event"):
            raise errors.NotPossible("Fields can be taken into what is there now.")
        return self._with_fields(written, now, source=content_id, keys=keys)

    def whole_kept(self, resource_id: int, content_id: int) -> Plan:
        """Return how something takes all of a body that was kept beside it. NotPossible where it is not there."""
        now = placing.standing_of(self._reading, resource_id)
        written = touched.of(self._reading, resource_id, 0)
        if now.before is None or written is None:
            raise errors.NotPossible("It can be taken into what is there now.")
        self._contents.require(content_id)
        if now.before.content_id == content_id:
            return Plan(())
        wanted = Wanted(resource_id, now.before.kind, now.seq, is_alive=True, body=NewBody(content_id))
        return arrange([Decision(written, Pile.ROLL_BACK, wanted)], self._present)

    def _with_fields(self, written: Touched | None, now: Standing, *, source: int, keys: Sequence[str]) -> Plan:
        assert now.before is not None
        kind = now.before.kind
        current = start = self._contents.whole(now.before.content_id or 0)
        theirs = self._contents.whole(source)
        for key in keys:
            current = take_field("card" if kind == "card" else "event", current, theirs, key)
        if current == start or written is None:
            return Plan(())
        wanted = Wanted(now.before.resource_id, kind, now.seq, is_alive=True, body=NewBody(None, current))
        return arrange([Decision(written, Pile.ROLL_BACK, wanted)], self._present)

    @property
    def _undone(self) -> list[tuple[int, int]]:
        return batches.undone(self._reading)

    def _taken(self, ids: Iterable[int], asked: _Asked, overturn: frozenset[int]) -> list[Decision]:
        chosen = [resource_id for resource_id in ids if resource_id in overturn]
        others = [resource_id for resource_id in ids if resource_id not in overturn]
        return [
            *self._decisions(others, asked, overturn=False),
            *self._decisions(chosen, asked, overturn=True),
        ]

    def _decisions(self, ids: Iterable[int], asked: _Asked, *, overturn: bool) -> list[Decision]:
        found: list[Decision] = []
        for resource_id, since in touched.of_many(self._reading, list(ids), asked.since):
            written, mine = self._replayed(resource_id, since, asked)
            if written is None:
                continue
            signed = unsigned(written, mine)
            if written.base is not None and written.base.seq in signed:  # the disk's row came before the batch's first
                written = touched.of(self._reading, resource_id, written.base.seq - 1) or written
            mine = _with(mine, signed)
            decision = decide(written, mine, self._contents, overturn=overturn)
            if decision is not None:
                found.append(decision)
        return found

    def _replayed(self, resource_id: int, written: Touched | None, asked: _Asked) -> tuple[Touched | None, Mine]:
        """Return what counts as `written` to a resource, and which rows are to be left out: asked for, and silent ones.

        Where others went on with what silent rows had made, they are others' like any.
        """
        if not asked.pairs or not asked.concerns(written):
            return written, asked.mine
        firsts = touched.first_of_batches(self._reading, resource_id, {pair.batch_id for pair in asked.pairs})
        every = touched.of(self._reading, resource_id, 0)
        rows = () if every is None else every.rows
        within = window(asked.pairs, firsts, rows, asked.since, taking=asked.taking)
        longer = touched.of(self._reading, resource_id, within.since)

        def mine(row: Written) -> bool:
            return row.batch_id in within.silent or asked.mine(row)

        if longer is None or not within.silent or went_on(longer, mine):
            return written, asked.mine
        return longer, mine


def _looked_at(decisions: Iterable[Decision]) -> tuple[tuple[int, int], ...]:
    return tuple(sorted((each.touched.resource_id, each.touched.newest.seq) for each in decisions))


def _with(mine: Mine, seqs: frozenset[int]) -> Mine:
    return (lambda row: row.seq in seqs or mine(row)) if seqs else mine


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which rows are to be taken back since when, and what was taken back already. `taking` is a batch to be undone."""

    since: int
    mine: Mine
    pairs: tuple[Pair, ...]
    taking: int | None = None

    def concerns(self, written: Touched | None) -> bool:
        """Return whether what was taken back already may matter for a resource."""
        if self.taking is not None and any(pair.undo_id > self.taking for pair in self.pairs):
            return True
        ids = {each for pair in self.pairs for each in (pair.undo_id, pair.batch_id)}
        return written is not None and any(row.batch_id in ids for row in written.rows)


class _Kept:
    """What is kept of bodies, in one snapshot."""

    def __init__(self, reading: Reading, bodies: Bodies) -> None:
        self._reading = reading
        self._bodies = bodies

    def whole(self, content_id: int) -> bytes:
        return self._bodies.whole(self._reading, content_id)

    def require(self, content_id: int | None) -> None:
        row = None if content_id is None else content.row_of(self._reading, content_id)
        if content_id is not None and (row is None or row.place == "none"):
            raise errors.ContentThinned("Its content is not kept any more.")


class _Now:
    """What stands now, in one snapshot; what was asked once is not asked again."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._reachable: dict[int, bool] = {}
        self._paths: dict[int, tuple[str, ...]] = {}
        self._above: dict[int, int | None] = {}
        self._of_files: dict[int, bool] = {}

    def occupant(self, home: Home) -> int | None:
        find = member_at if self._is_of_files(home.collection_id) else find_member
        found = find(self._reading, home.collection_id, home.name)
        return None if found is None else found.resource_id

    def _is_of_files(self, collection_id: int) -> bool:
        """Return whether names are those of the disk, where each form of a name may be one of its own (protocol B9)."""
        if collection_id not in self._of_files:
            row = collections.row_of(self._reading, collection_id)
            above = row is not None and (row.kind == "folder" or placing.node_above(self._reading, row.id) == "files")
            self._of_files[collection_id] = above
        return self._of_files[collection_id]

    def is_reachable(self, collection_id: int) -> bool:
        if collection_id not in self._reachable:
            self._reachable[collection_id] = placing.node_above(self._reading, collection_id) is not None
        return self._reachable[collection_id]

    def above(self, collection_id: int) -> int | None:
        if collection_id not in self._above:
            member = member_of(self._reading, collection_id)
            self._above[collection_id] = None if member is None else member.collection_id
        return self._above[collection_id]

    def members(self, collection_id: int) -> Sequence[int]:
        return [member.resource_id for member in queries.members_named(self._reading, collection_id)]

    def members_since(self, collection_id: int, seq: int) -> Sequence[int]:
        members = queries.members_named(self._reading, collection_id)
        return [member.resource_id for member in members if member.seq > seq]

    def uid(self, resource_id: int) -> str | None:
        return touched.uid_of(self._reading, resource_id)

    def namesake(self, resource_id: int, collection_id: int) -> int | None:
        return touched.namesake(self._reading, resource_id, collection_id)

    def address(self, home: Home) -> str:
        if home.collection_id not in self._paths:
            self._paths[home.collection_id] = tuple(past.path_of(self._reading, home.collection_id))
        return "/".join((*self._paths[home.collection_id], home.name))
