"""What a hold means for one request: where the device stands, what its lost states are worth (protocol A1 to A4).

`dav` asks where an address stands and answers table A2; `store/holds.py` decides about lost states. Here the two meet:
addresses become collections, conditions and tokens become what was lost, and signs are noted before anybody is
answered because of them. Files are never on hold, and their conditions are no evidence; their sync tokens are.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, NoReturn

from appliance import errors
from appliance.dav.contracts import Address, Conditions, Standing
from appliance.store import epochs, hold_rows, queries
from appliance.store.epochs import Judged, Lost
from appliance.store.hold_rows import Shown
from appliance.store.holds import Hold, Holds, Kind, Ruling, Sign, Verdict
from appliance.store.ledger import Member, Page
from appliance.tree.changes import Since
from appliance.tree.object_collection import ObjectCollection

if TYPE_CHECKING:
    from appliance.tree.homes import Home
    from appliance.tree.site import TreeSite

ROOTS = frozenset({"addressbooks", "calendars"})
LONGEST_ADDRESS = 300


def refuse(hold: Hold | None) -> NoReturn:
    """Raise OnHold in the words of a proven hold, or of a doubt."""
    if hold is not None and hold.device_id is not None:
        raise errors.OnHold("This server does not know the state that the device remembers; its owner has to decide.")
    raise errors.OnHold("This server was set back to an older state; the household's owner has to decide.")


class Holding:
    """One request's view of the holds. The rows are read when they are first asked for."""

    def __init__(self, site: TreeSite) -> None:
        self._site = site
        self._visit = site.visit
        self._read: Holds | None = None

    @property
    def holds(self) -> Holds:
        """The holds that concern this device: one look at an almost always empty table."""
        if self._read is None:
            self._read = hold_rows.concerning(self._visit.reading, self._visit.device_id)
        return self._read

    # --- where an address stands --------------------------------------------------------------------

    def standing(self, address: Address) -> Standing:
        """Return where this device stands at an address."""
        if len(address) < 2 or address[0] not in ROOTS or not self.holds.rows:
            return Standing.NORMAL
        if len(address) == 2:
            return Standing.HELD if self.holds.held(None) else Standing.NORMAL
        collection = self._collection(address)
        if collection is None:
            return self._standing_of_missing(address)
        if self.holds.held(collection.row.id):
            return Standing.HELD
        kept = self.holds.kept(collection.row.id)
        if kept is None or hold_rows.born_after(self._visit.reading, collection.row.id, kept.seq):
            return Standing.NORMAL
        return Standing.KEPT

    def _standing_of_missing(self, address: Address) -> Standing:
        if self.holds.held(None) or self.holds.doubted:
            return Standing.HELD
        if self.holds.kept(None) is None or self._home_of_unknown(address) is None:
            return Standing.NORMAL
        return Standing.LOST

    def _collection(self, address: Address) -> ObjectCollection | None:
        try:
            found = self._site.find(address[:3])
        except errors.NotFound:
            return None
        return found if isinstance(found, ObjectCollection) else None

    def collection_id(self, address: Address) -> int:
        """Return the id of the collection at or above an address, 0 for one that is not here."""
        found = self._collection(address)
        return 0 if found is None else found.row.id

    def _home_of_unknown(self, address: Address) -> Home | None:
        """Return the reader's own home in which a collection's name is, and never was, anything's."""
        try:
            home = self._site.home(address[:2])
        except errors.NotFound:
            return None
        named = hold_rows.was_ever_named(self._visit.reading, home.home_id, address[2])
        return home if home.is_own and not named else None

    # --- what devices show --------------------------------------------------------------------------

    def weigh(self, address: Address, conditions: Conditions) -> None:
        """Begin a hold or a doubt by what the conditions name and this box never gave out (protocol A3)."""
        headers = (conditions.if_match, conditions.if_none_match, conditions.if_header)
        named = [etag for header in headers for etag in epochs.etags_in(header)]
        tokens = epochs.tokens_in(conditions.if_header)
        if not named and not tokens:
            return
        if len(address) < 3 or address[0] not in ROOTS:
            return  # a file's condition proves nothing: test suites and careless programs make ETags up
        collection = self._collection(address)
        for lost in self._lost_of(named, tokens):
            self._rule(lost, "etag", None if collection is None else collection.row.id, address[:3])

    def _lost_of(self, etags: list[str], tokens: list[str]) -> list[Lost]:
        """Return each lost state once, the latest of an epoch."""
        reading = self._visit.reading
        known, newest = self._visit.ledger.epochs(reading), queries.newest_seq(reading)
        judged = [epochs.judge_etag(etag, known, newest_seq=newest) for etag in etags]
        judged += [epochs.judge_token(token, known, collection_id=0, newest_seq=newest) for token in tokens]
        found = sorted((each.lost for each in judged if each.lost is not None), key=lambda lost: lost.seq)
        return list({lost.epoch: lost for lost in found}.values())

    def since(self, judged: Judged, collection_id: int, address: Address) -> Since:
        """Return from where a lost token is told the difference; OnHold, UnreadableToken.

        Of a token that names another collection nothing says what its device has here: nothing ends.
        """
        assert judged.lost is not None
        ruling = self._rule(judged.lost, "token", collection_id or None, address)
        if ruling.verdict is Verdict.HELD:
            refuse(ruling.hold)
        if ruling.verdict is Verdict.ACCEPTED:
            raise errors.UnreadableToken("What this sync token remembers was lost, and its loss was accepted.")
        if judged.collection_id != collection_id or ruling.parted_at is None:
            return Since(0, with_gone=False, pageable=False)
        return Since(ruling.parted_at, with_gone=True)

    def _rule(self, lost: Lost, kind: Kind, collection_id: int | None, address: Address) -> Ruling:
        shown = Shown(lost, kind, self._visit.device_id, collection_id, "/".join(address)[:LONGEST_ADDRESS])
        ledger, reading = self._visit.ledger, self._visit.reading
        ruling = hold_rows.rule(reading, self.holds, shown)
        if ruling.verdict in (Verdict.KEPT, Verdict.ACCEPTED):
            return ruling
        if ruling.hold is not None and hold_rows.is_noted(reading, shown, ruling.hold, ledger.now_micros()):
            return ruling
        try:
            ruling = hold_rows.notice(ledger, shown)
        except errors.GotganError:  # a full disk, say: what was shown holds this answer up all the same
            refuse(ruling.hold)
        self._read = None
        return ruling

    def turned_away(self, address: Address) -> None:
        """Note for the owner that this device asked for a collection that never was here, or only lists."""
        if not self.holds.rows or len(address) < 3 or address[0] not in ROOTS:
            return
        hold_id, home_id = self._brake_on(address)
        if hold_id is None:
            return
        kind: Kind = "listing" if home_id is None else "missing"
        at, shown = self._visit.ledger.now_micros(), "/".join(address[:3])[:LONGEST_ADDRESS]
        sign = Sign(hold_id, self._visit.device_id, shown, "", kind, 0, home_id, at, at)
        if hold_rows.is_written(self._visit.reading, sign):
            return
        # A full disk changes nothing about the answer.
        with contextlib.suppress(errors.GotganError), self._visit.ledger.database.write() as writing:
            hold_rows.record(writing, sign)

    def _brake_on(self, address: Address) -> tuple[int | None, int | None]:
        """Return the hold that turned this device away, None: nothing to note; and the home of what is not here."""
        collection = self._collection(address)
        if collection is None:
            home, proven = self._home_of_unknown(address), self.holds.of_box
            return (None, None) if home is None or not proven else (proven[0].id, home.home_id)
        decided = self.holds.kept(collection.row.id) if self.standing(address) is Standing.KEPT else None
        return (None if decided is None else decided.hold_id), None

    # --- what lost ETags are worth in a write -------------------------------------------------------

    def honoured(self, conditions: Conditions, collection_id: int, before: Member | None) -> frozenset[str]:
        """Return the lost ETags of `If-Match` and `If` that count as that of the member found, or of none.

        While a proven hold lasts they all do: a 412 would make a phone drop the edit. Kept ones do where nobody has
        changed the object since the histories parted. OnHold for a doubt.
        """
        named = [*epochs.etags_in(conditions.if_match), *epochs.etags_in(conditions.if_header)]
        found = set()
        for etag in named if self.holds.rows else ():
            for lost in self._lost_of([etag], []):
                shown = Shown(lost, "etag", self._visit.device_id, collection_id, "")
                ruling = hold_rows.rule(self._visit.reading, self.holds, shown)
                if ruling.verdict is Verdict.HELD and ruling.hold is not None and ruling.hold.device_id is not None:
                    refuse(ruling.hold)
                unchanged = before is None or before.body_seq <= ruling.common_seq
                if ruling.verdict is Verdict.HELD or (ruling.verdict is Verdict.KEPT and unchanged):
                    found.add(etag)
        return frozenset(found)

    def unseen_writer(self, page: Page, collection_id: int, before: Member) -> int | None:
        """Return the other device that wrote a member since the box was set back; None: nobody, or nothing is held."""
        hold = self.holds.held(collection_id)
        if hold is None or hold.device_id is not None or before.body_seq <= hold.common_seq:
            return None
        writer = hold_rows.device_of(page.writing, before.body_seq)
        return None if writer == self._visit.device_id else writer
