"""Random shares, rights, ends, leaves, deletions and undos: nobody ever sees what the owner does not show them now.

The model is what the owner said last of each collection and person; a receiver may only look away and back.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from appliance import errors
from appliance.household import shares
from appliance.store import batches, placing, rebuild
from appliance.store.ledger import Author
from appliance.store.mounts import Access
from appliance.store.placing import Wanted
from tests.spec.conftest import copied
from tests.spec.desk import BOOK, CALENDAR, FILES, Desk, card, event
from tests.spec.sharing import Sharing

TRIP = FILES + "trip/"
TARGETS = (BOOK, CALENDAR, TRIP)
RECEIVERS = ("ben", "mina")
ACTS = st.tuples(
    st.sampled_from(
        ["share", "share", "share all", "end", "end all", "leave", "undo", "undo", "write", "delete", "return"]
    ),
    st.sampled_from(TARGETS),
    st.sampled_from(RECEIVERS),
    st.sampled_from(["read", "write"]),
    st.integers(0, 5),
)
Pair = tuple[str, str]


def body_of(path: str, stem: str) -> tuple[str, str]:
    """A name and octets for a member."""
    if path == BOOK:
        return f"{stem}.vcf", card(stem)
    if path == CALENDAR:
        return f"{stem}.ics", event(stem, "DTSTART:20261124T100000Z")
    return f"{stem}.txt", stem


@dataclass
class Life:
    """One household."""

    desk: Desk
    said: dict[Pair, Access | None] = field(default_factory=dict)  # what the owner said last
    members: dict[str, set[str]] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    written: int = 0

    def __post_init__(self) -> None:
        self.sharing = Sharing(self.desk)
        self.desk.join("mina")
        assert self.desk.ask("MKCOL", TRIP).status == 201
        self.ids = {path: self.sharing.collection_id(path) for path in TARGETS}
        for path in TARGETS:
            name, body = body_of(path, "first")
            self.desk.put(path + name, body)
            self.members[path] = {name}
        self.said = {(path, who): None for path in TARGETS for who in RECEIVERS}

    def seen(self) -> dict[Pair, tuple[str, Access]]:
        """Who has which mount now: its address and right, be there something to see or not."""
        return {
            (path, share.receiver.name): ("/dav/" + "/".join(share.path) + "/", share.access)
            for path in TARGETS
            for share in self.shares_of(path)
            if share.receiver.name in RECEIVERS
        }

    def shares_of(self, path: str) -> list[shares.Share]:
        return shares.of_collection(self.desk.services.ledger.database.connection(), self.ids[path])

    # --- acts ---------------------------------------------------------------------------------------

    def do(self, act: str, path: str, who: str, access: Access, pick: int) -> None:
        """One act; what is refused changes nothing."""
        everybody = act.endswith("all")
        whom = "household" if everybody else who
        try:
            match act.split()[0]:
                case "share":
                    self.sharing.give(path, whom, access)
                    self.said.update({(path, one): access for one in (RECEIVERS if everybody else (who,))})
                case "end":
                    self.sharing.end(path, whom)
                    self.said.update({(path, one): None for one in (RECEIVERS if everybody else (who,))})
                case "leave":
                    self._leave(path, who)
                case "undo":
                    self._undo(pick)
                case "write":
                    self._write(path, who)
                case "delete":
                    self._delete(path)
                case "return":
                    self._return(path)
        except errors.GotganError:
            assert act in ("share", "share all", "end", "end all", "undo"), act

    def _leave(self, path: str, who: str) -> None:
        at = self.seen().get((path, who))
        if at is not None:
            status = self.desk.ask("DELETE", at[0], by=who).status
            assert status == (404 if path in self.deleted else 204)

    def _undo(self, pick: int) -> None:
        recent = [batch for batch in batches.recent(self.desk.services.ledger.database.connection(), 6)
                  if batch.kind in ("share", "unshare", "leave", "undo")]  # fmt: skip
        if not recent:
            return
        batch = recent[pick % len(recent)]
        by = next(name for name in ("anna", *RECEIVERS) if self.sharing.person(name).id == batch.person_id)
        before = self.seen()
        self.sharing.undo(batch.id, by=by)
        if by == "anna":
            after = self.seen()
            for pair in self.said:
                was, now = before.get(pair), after.get(pair)
                if was != now:
                    self.said[pair] = None if now is None else now[1]

    def _write(self, path: str, who: str) -> None:
        self.written += 1
        name, body = body_of(path, f"n{self.written}")
        at = self.seen().get((path, who))
        if at is None:
            return
        status = self.desk.ask("PUT", at[0] + name, body, by=who).status
        if path in self.deleted:
            assert status == 409
        elif at[1] == "read":
            assert status == 403
        else:
            assert status == 201
            self.members[path].add(name)

    def _delete(self, path: str) -> None:
        if path != TRIP and path not in self.deleted:
            assert self.desk.ask("DELETE", path).status == 204
            self.deleted.add(path)

    def _return(self, path: str) -> None:
        if path not in self.deleted:
            return
        reading = self.desk.services.ledger.database.connection()
        standing = placing.standing_of(reading, self.ids[path])
        kind = "addressbook" if path == BOOK else "calendar"
        author, ledger = self.sharing.author("anna"), self.desk.services.ledger
        batch_id = batches.plan(ledger, author, "restore", "{}")
        wanted = Wanted(self.ids[path], kind, standing.seq, True)
        self.desk.house.writer(Author(author.person_id, author.device_id)).place(wanted, batch_id=batch_id)
        batches.become(ledger, batch_id, "done")
        self.deleted.discard(path)

    # --- what must hold -----------------------------------------------------------------------------

    def check(self) -> None:
        """Members are all there; a receiver sees no more than the owner said."""
        for path in TARGETS:
            if path not in self.deleted:
                found = self.desk.find(path, "D:getetag", depth="1").hrefs[1:]
                assert {href.rpartition("/")[2] for href in found} == self.members[path]
        seen = self.seen()
        for (path, who), said in self.said.items():
            at = seen.get((path, who))
            assert at is None or at[1] == said, (path, who, at, said)
            if at is not None:
                status = self.desk.find(at[0], "D:getetag", depth="1", by=who).status
                assert status == (404 if path in self.deleted else 207)
        for who in RECEIVERS:
            self._sees_only(who, {at[0] for (_, one), at in seen.items() if one == who})
        assert rebuild.differences(self.desk.services.ledger.database.connection()) == []

    def _sees_only(self, who: str, mounted: set[str]) -> None:
        own = {"contacts", "calendar", "tasks", "family", "Family"}
        for root in ("addressbooks", "calendars", "files"):
            home = f"/dav/{root}/{who}/"
            found = self.desk.find(home, "D:resourcetype", depth="1", by=who).hrefs[1:]
            assert {href for href in found if href.rstrip("/").rpartition("/")[2] not in own} <= mounted
            common = self.desk.find(f"/dav/{root}/household/", "D:resourcetype", depth="1", by=who).hrefs[1:]
            hidden = [href for href in common if href.rstrip("/").rpartition("/")[2].casefold() != "family"]
            assert len(hidden) <= len(mounted)


@settings(max_examples=15)
@given(acts=st.lists(ACTS, min_size=4, max_size=14))
def test_nobody_sees_more_than_the_owner_shows(founded: Desk, acts: list[tuple[str, str, str, Access, int]]) -> None:
    with copied(founded) as desk:
        life = Life(desk)
        for act in acts:
            life.do(*act)
            life.check()
