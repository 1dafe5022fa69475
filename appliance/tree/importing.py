"""Entries of a file into an address book or a calendar: judged as a PUT would be, written a few hundred at a time.

Everything that one import writes is one batch. What is refused, because the calendar does not keep tasks, say, is
reported with its line and the rest goes on; a full disk or quota ends it with a sentence, and the same import again
goes on where it stopped. It refuses to decide what differs (`history/importing.py`) and to cut files (`objects`).
"""

from __future__ import annotations

import contextlib
import re
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from appliance import errors
from appliance.history.importing import Decision, Mode, Report, Told, Verdict, decide
from appliance.objects import charsets, incoming
from appliance.objects.incoming import Incoming
from appliance.objects.property_tree import ObjectKind
from appliance.objects.streams import Counted, Trouble, too_large
from appliance.store import objects
from appliance.store.bodies import Bodies
from appliance.store.importing import PAGE_BYTES, PAGE_ENTRIES, Coming, put_all
from appliance.store.ledger import Page
from appliance.tree.access import require_access
from appliance.tree.address_book import AddressBook
from appliance.tree.object_collection import ObjectCollection
from appliance.tree.room import require_room

STOPPING = (errors.DiskFull, errors.OverQuota, errors.Busy, errors.NotPermitted, errors.NotFound)
TRIES = 5

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,199}")


@dataclass(frozen=True, slots=True)
class _Waiting:
    """An entry that is decided and not written yet."""

    where: str
    entry: Incoming
    decision: Decision
    coming: Coming


class ObjectImport:
    """One import into one collection."""

    def __init__(
        self, collection: ObjectCollection, bodies: Bodies, mode: Mode, report: Report, *, dry_run: bool = False
    ) -> None:
        self._collection = collection
        self._bodies = bodies
        self._mode = mode
        self._report = report
        self._dry_run = dry_run
        self._waiting: list[_Waiting] = []
        self._held_bytes = 0

    @property
    def kind(self) -> ObjectKind:
        """What the collection holds."""
        return "card" if isinstance(self._collection, AddressBook) else "event"

    @property
    def limit_bytes(self) -> int:
        """The limit of one entry."""
        return self._collection.max_resource_bytes

    @property
    def passes(self) -> int:
        """How often a file is read: a calendar twice."""
        return 1 if self.kind == "card" else 2

    def take_file(
        self, where: str, path: Path, staging: Path, told: Callable[[int], None], *, encoding: str | None = None
    ) -> bool:
        """Import the entries of a file, as `take` does; `told` hears how much was read. OSError: it cannot be read.

        `staging` is the folder where an encoding of two octets a sign is turned into another.
        """
        with charsets.opened(path, staging) as file:
            entries = incoming.read(self.kind, Counted(file, told), self.limit_bytes, encoding=encoding)
            return self.take(where, entries)

    def take(self, where: str, entries: Iterable[Incoming | Trouble]) -> bool:
        """Import the entries of one file; False: it was stopped, and the report says why. The last ones wait."""
        with self._stopping():
            self._require_access()
            for entry in entries:
                if isinstance(entry, Trouble):
                    self._report.leave(where, entry.line, entry.reason)
                else:
                    self._take(where, entry)
        return self._report.stopped is None

    def finish(self) -> bool:
        """Write what waits; only then everything is imported. False: it was stopped."""
        with self._stopping():
            self._flush()
        return self._report.stopped is None

    @contextlib.contextmanager
    def _stopping(self) -> Iterator[None]:
        try:
            yield
        except STOPPING as error:
            self._report.stopped = str(error)

    def _take(self, where: str, entry: Incoming) -> None:
        if entry.uid is None:
            self._report.count(Told(where, entry.line, Verdict.SAME, ""), entry.remarks)
            return
        waiting = self._judged(where, entry)
        if waiting is None:
            return
        self._waiting.append(waiting)
        self._held_bytes += len(waiting.coming.body)
        if len(self._waiting) >= PAGE_ENTRIES or self._held_bytes >= PAGE_BYTES:
            self._flush()

    def _judged(self, where: str, entry: Incoming) -> _Waiting | None:
        """Return an entry that is to be written; None: it is counted, or left with its reason."""
        reading, collection = self._collection.visit.reading, self._collection
        assert entry.uid is not None
        try:
            holder = objects.holder_of(reading, collection.collection_id, entry.uid)
            there = None
            if holder is not None and holder.content_id is not None:
                there = self._bodies.whole(reading, holder.content_id)
            decision = decide(self.kind, there, entry.octets, self._mode)
            if decision.verdict is Verdict.SAME:
                self._report.count(_told(where, entry, decision, None), entry.remarks)
                return None
            octets = decision.body or entry.octets
            if len(octets) > self.limit_bytes:
                raise errors.ResourceTooLarge(too_large(self.limit_bytes))
            facts = collection.read_facts(octets, None)
        except errors.Busy:
            raise
        except errors.GotganError as error:
            self._report.leave(where, entry.line, str(error))
            return None
        if decision.body is None:
            self._report.count(_told(where, entry, decision, facts.title), entry.remarks)
            return None
        seen = (None, 0) if holder is None else (holder.content_id, holder.size or 0)
        name = name_for(entry.uid, collection.suffix)
        return _Waiting(where, entry, decision, Coming(name, entry.uid, *seen, decision.body, facts))

    def _flush(self) -> None:
        """Write what waits; what others changed meanwhile is decided anew."""
        for _ in range(TRIES):
            waiting, self._waiting, self._held_bytes = self._waiting, [], 0
            if not waiting:
                return
            missed = set() if self._dry_run else set(map(id, self._written(waiting)))
            for one in waiting:
                if id(one.coming) in missed:
                    again = self._judged(one.where, one.entry)
                    self._waiting += [] if again is None else [again]
                else:
                    told = _told(one.where, one.entry, one.decision, one.coming.facts.title)
                    self._report.count(told, one.entry.remarks)
        raise errors.Busy("Somebody else keeps changing the same entries; try again in a moment.")

    def _require_access(self) -> None:
        collection = self._collection
        for privilege in ("bind", "write-content"):
            require_access(collection.visit, collection.collection_id, privilege, collection.href)

    def _written(self, waiting: list[_Waiting]) -> list[Coming]:
        """Write a page; where it does not fit as a whole, as many of its entries as do."""
        visit = self._collection.visit

        def check(_page: Page, added_bytes: int) -> None:
            self._require_access()
            require_room(visit, max(0, added_bytes), self._collection.row.owner_id)

        def put(coming: list[Coming]) -> list[Coming]:
            return put_all(
                visit.ledger, visit.services.blobs, visit.author, self._collection.collection_id, coming, check=check
            )

        coming = [one.coming for one in waiting]
        try:
            return put(coming)
        except (errors.OverQuota, errors.DiskFull):
            for one in waiting:
                missed = put([one.coming])
                if not missed:
                    self._report.count(
                        _told(one.where, one.entry, one.decision, one.coming.facts.title), one.entry.remarks
                    )
            raise


def _told(where: str, entry: Incoming, decision: Decision, title: str | None) -> Told:
    return Told(where, entry.line, decision.verdict, title or "", decision.fields, decision.staying)


def name_for(uid: str, suffix: str) -> str:
    """Return the name of a new member: its UID where that is plain, else one made of it."""
    if _PLAIN.fullmatch(uid):
        return f"{uid}{suffix}"
    return f"{uuid.uuid5(uuid.NAMESPACE_OID, uid)}{suffix}"
