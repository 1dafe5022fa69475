"""What address books and calendars have in common: members in the database, tokens, and the keeping of refused edits.

Everything after the collection's segment is a member's name (protocol B3). The kinds differ in what they accept and
how they are searched: `address_book.py`, `calendar.py`.
"""

from __future__ import annotations

import uuid
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from appliance import errors
from appliance.clock import from_micros
from appliance.dav.conditions import status_of
from appliance.dav.contracts import Address, Changes, Conditions, PropertyChange, Resource, Upload, Written
from appliance.dav.href import spell_member
from appliance.household import shares
from appliance.store import collections, objects, properties, queries, refused, spans
from appliance.store.content import Prepared
from appliance.store.ledger import Member, Page, find_member, member_of
from appliance.store.mounts import Mount
from appliance.store.preconditions import ABSENT, State
from appliance.tree import changes
from appliance.tree.access import PERSONAL, Access, require_access
from appliance.tree.guard import Guard, state
from appliance.tree.lazy import lazy
from appliance.tree.object_member import ObjectMember
from appliance.tree.resource import Node
from appliance.tree.room import require_room

if TYPE_CHECKING:
    from appliance.tree.site import TreeSite

READ_BYTES = 1 << 20
OWNERS_PROPERTIES = frozenset(  # a receiver's change of these changes the shared collection itself (protocol C3)
    {
        "{urn:ietf:params:xml:ns:caldav}calendar-description",
        "{urn:ietf:params:xml:ns:caldav}supported-calendar-component-set",
        "{urn:ietf:params:xml:ns:carddav}addressbook-description",
    }
)


class ObjectCollection(Node):
    """An address book or a calendar, one's own or mounted."""

    suffix: str

    def __init__(
        self, site: TreeSite, address: Address, row: collections.CollectionRow, access: Access, mount: Mount | None
    ) -> None:
        super().__init__(site, address, row.id)
        self.row = row
        self.access = access
        self.mount = mount
        self.fallback_name = address[-1]
        self._many = False
        self._stored_of_all: dict[int, dict[str, str]] | None = None

    # --- as a resource ------------------------------------------------------------------------------

    @property
    def collection_id(self) -> int:
        """The id of the collection itself, whoever looks."""
        return self.row.id

    @property
    def privileges(self) -> frozenset[str]:
        """By the share; a receiver may always set name, colour and order of the mount."""
        return self.access.privileges if self.access.may_write or self.mount is None else PERSONAL

    @property
    def owner(self) -> Address | None:
        """The principal of the owner."""
        person = self.visit.person_of(self.row.owner_id)
        return None if person is None else ("principals", person.name)

    @lazy
    def sync_token(self) -> str:
        """Token and ctag: the seq of the last change of a member, in the epoch that wrote it."""
        return self.visit.ledger.epochs(self.visit.reading).token(self.row.id, self.row.member_seq)

    @property
    def max_resource_bytes(self) -> int:
        """The limit of one object."""
        return self.visit.services.settings.card_limit_bytes

    @lazy
    def _stored(self) -> Mapping[str, str]:
        own = properties.of(self.visit.reading, self.row.id)
        if self.mount is None:
            return own
        return {**own, **properties.of(self.visit.reading, self.mount.resource_id)}

    def patch(self, changes: Sequence[PropertyChange], conditions: Conditions) -> None:
        """Set properties; a receiver's go to the mount, but for what describes the collection itself."""
        guard = self._guard(conditions)
        theirs = [change for change in changes if self.mount is None or change.name in OWNERS_PROPERTIES]
        mine = [change for change in changes if change not in theirs]
        with self.visit.ledger.write(self.visit.author) as page:  # all or nothing (RFC 4918 9.2)
            guard.require(self._own_state())
            if theirs:
                require_access(self.visit, self.row.id, "write-properties", self.href)
                self._record_on(page, self.row.id, theirs)
            if mine and self.mount is not None:
                self._record_on(page, self.mount.resource_id, mine)

    def delete(self, conditions: Conditions) -> None:
        """Delete one's own, recoverably (protocol C6); a mount only leaves the home."""
        self._guard(conditions).require(self._own_state())
        with self.visit.ledger.write(self.visit.author) as page:
            if self.mount is not None:
                member = member_of(page.writing, self.mount.resource_id)
                if member is not None:
                    shares.leave(page, member)
                return
            if self.access is not Access.OWN:
                raise errors.NotPermitted("This belongs to the household.", privilege="unbind", href=self.href)
            member = member_of(page.writing, self.row.id)
            if member is not None:
                collections.remove(page, member)

    def _guard(self, conditions: Conditions) -> Guard:
        return Guard(self.visit, conditions, self.site.state_of)

    def _own_state(self) -> State:
        return state(etag=None, tokens=frozenset({self.sync_token}))

    # --- members ------------------------------------------------------------------------------------

    def member_resource(self, member: Member, etag: str) -> ObjectMember:
        """Return a row of `member` as a resource in the reader's address space."""
        return ObjectMember(self, member, etag)

    def members(self) -> Iterator[Resource]:
        """Yield all members in name order."""
        with self.visit.ledger.database.read() as reading:
            epochs = self.visit.ledger.epochs(reading)
            found = queries.members_named(reading, self.row.id)
        self.expect_many()
        self.visit.told(self.row.id, None)
        etag = epochs.etag
        for member in found:
            yield ObjectMember(self, member, etag(member.body_seq))

    def expect_many(self) -> None:
        """Say that all members are about to be looked at: what is asked of each is then read for all at once."""
        self._many = True

    def stored_of(self, resource_id: int) -> Mapping[str, str]:
        """Return the stored properties of a member."""
        if not self._many:
            return properties.of(self.visit.reading, resource_id)
        if self._stored_of_all is None:
            self._stored_of_all = properties.of_members(self.visit.reading, self.row.id)
        return self._stored_of_all.get(resource_id, {})

    def forget_stored(self) -> None:
        """Read stored properties of members again after a change."""
        self._stored_of_all = None

    @abstractmethod
    def content_type_of(self, member: Member) -> str:
        """Return the Content-Type of a member."""

    def require_component(self, member: ObjectMember) -> None:
        """Raise ComponentNotKept for a member that this collection does not keep; only calendars are choosy."""

    def find(self, name: str) -> ObjectMember:
        """Return one member; NotFound."""
        member = find_member(self.visit.reading, self.row.id, name)
        if member is None:
            raise errors.NotFound("There is nothing at this address.")
        return self.member_resource(member, self.visit.ledger.epochs(self.visit.reading).etag(member.body_seq))

    def bodies(self, members: Iterable[Resource]) -> Iterator[tuple[Resource, bytes | None]]:
        """Yield members with their octets, for the one who asks."""
        count = 0
        for pair in self.looked_through(members):
            count += 1
            yield pair
        self.visit.took(self.row.id, count)

    def looked_through(self, members: Iterable[Resource]) -> Iterator[tuple[Resource, bytes | None]]:
        """Yield members with their octets, fetched by 50, to see which of them are meant."""
        pending: list[Resource] = []
        for member in members:
            pending.append(member)
            if len(pending) == objects.SLICE:
                yield from self._bodies(pending)
                pending = []
        if pending:
            yield from self._bodies(pending)

    def _bodies(self, members: list[Resource]) -> Iterator[tuple[Resource, bytes | None]]:
        names = [member.address[-1] for member in members]
        found = {
            f.member.name: f for f in objects.bodies(self.visit.reading, self.visit.services.blobs, self.row.id, names)
        }
        etag = self.visit.ledger.epochs(self.visit.reading).etag
        for member, name in zip(members, names, strict=True):
            fresh = found.get(name)
            if fresh is None:
                continue  # deleted since it was listed: the next sync tells
            if etag(fresh.member.body_seq) != member.etag:
                member = self.member_resource(fresh.member, etag(fresh.member.body_seq))
            yield member, fresh.body

    def named(self, names: Sequence[str]) -> Iterator[tuple[str, Resource | None, bytes | None]]:
        """Yield (name as asked, member, octets) in the order asked; a decomposed name finds its composed member."""
        etag = self.visit.ledger.epochs(self.visit.reading).etag
        for start in range(0, len(names), objects.SLICE):
            asked = names[start : start + objects.SLICE]
            spelled = [self._spelled(name) for name in asked]
            rows = objects.bodies(self.visit.reading, self.visit.services.blobs, self.row.id, spelled)
            found = {row.member.name: row for row in rows}
            self.visit.took(self.row.id, len(found))
            for name, key in zip(asked, spelled, strict=True):
                row = found.get(key)
                if row is None:
                    yield name, None, None
                else:
                    yield name, ObjectMember(self, row.member, etag(row.member.body_seq)), row.body

    def _spelled(self, name: str) -> str:
        if name.isascii():
            return name
        member = find_member(self.visit.reading, self.row.id, name)
        return name if member is None else member.name

    def changes(self, token: str, *, infinite: bool, limit: int | None) -> Changes:
        """Return what changed since `token` (RFC 6578 3)."""
        return changes.of_collection(self, token, limit=limit)

    # --- writing ------------------------------------------------------------------------------------

    @abstractmethod
    def read_facts(self, body: bytes, content_type: str | None) -> spans.Facts:
        """Return what the index needs, or raise what makes the body unacceptable here."""

    def put(self, name: str, upload: Upload, conditions: Conditions) -> Written:
        """Store an object; whatever is refused is kept (promise 5)."""
        return self._put(name, upload, conditions, method="PUT")

    def add(self, upload: Upload, conditions: Conditions) -> Written:
        """Store an object under a name of our choice (RFC 5995)."""
        return self._put(f"{uuid.uuid4()}{self.suffix}", upload, conditions, method="POST")

    def _put(self, name: str, upload: Upload, conditions: Conditions, *, method: str) -> Written:
        body, whole = read_whole(upload, self.max_resource_bytes)
        uid: str | None = None
        try:
            if not whole:
                raise errors.ResourceTooLarge(f"One entry may have at most {self.max_resource_bytes} bytes.")
            facts = self.read_facts(body, upload.content_type)
            uid = facts.uid
            require_room(self.visit, len(body), self.row.owner_id)
            prepared = self.visit.services.blobs.prepare(body)
            return self._store(name, prepared, facts, conditions)
        except errors.GotganError as error:  # invariant 7
            if not self.visit.keeps(error):
                raise
            attempt = refused.Attempt(self.row.id, name, method, status_of(error), str(error), uid)
            services = self.visit.services
            refused.keep(
                self.visit.ledger, services.blobs, services.reserve, self.visit.author, attempt, body if whole else None
            )
            raise

    def _store(self, name: str, prepared: Prepared, facts: spans.Facts, conditions: Conditions) -> Written:
        guard = self._guard(conditions)

        def check(page: Page, before: Member | None) -> int | None:  # invariant 5
            require_access(self.visit, self.row.id, "write-content" if before else "bind", self.href)
            honoured = self.site.holding.honoured(conditions, self.row.id, before)
            guard.require(self._state_of(before, page.etag, honoured))
            if before is None:
                return None
            self._keep_unseen(page, before, guard, prepared)
            return before.body_seq if guard.names_a_state and not honoured else None

        try:
            stored = objects.put(self.visit.ledger, self.visit.author, self.row.id, name, prepared, facts, check=check)
        except errors.UidTaken as error:
            raise errors.UidTaken(str(error), href=spell_member(self.href, error.href)) from error
        modified_at = from_micros(stored.member.modified_at or 0)
        return Written(stored.created, stored.etag, (*self.address, stored.member.name), modified_at)

    def _keep_unseen(self, page: Page, before: Member, guard: Guard, prepared: Prepared) -> None:
        """Show what another device wrote on hold among the lost edits when a PUT goes over it unseen (protocol A2)."""
        writer = self.site.holding.unseen_writer(page, self.row.id, before)
        if writer is not None and not guard.names(page.etag(before.body_seq)):
            refused.keep_overwritten(page, before, prepared.digest, device_id=writer)

    def _state_of(
        self, member: Member | None, etag: Callable[[int], str], honoured: frozenset[str] = frozenset()
    ) -> State:
        """Return what conditions are held against; `honoured` ETags of a lost history count as the member's own."""
        if member is None:
            return State(True, honoured) if honoured else ABSENT
        return State(True, honoured | {etag(member.body_seq)}, modified_at=from_micros(member.modified_at or 0))

    def delete_member(self, name: str, conditions: Conditions) -> None:
        """Delete an object; a refused deletion is announced, so that the phone fetches it again (protocol A7)."""
        guard = self._guard(conditions)

        def check(page: Page, before: Member | None) -> None:
            require_access(self.visit, self.row.id, "unbind", self.href)
            if before is None:
                raise errors.NotFound("There is nothing at this address.")
            honoured = self.site.holding.honoured(conditions, self.row.id, before)
            guard.require(self._state_of(before, page.etag, honoured))

        try:
            objects.delete(self.visit.ledger, self.visit.author, self.row.id, name, check=check)
        except (errors.PreconditionFailed, errors.NotPermitted) as error:
            self._announce(name, error)
            raise

    def _announce(self, name: str, error: errors.GotganError) -> None:
        with self.visit.ledger.write(self.visit.author) as page:
            member = find_member(page.writing, self.row.id, name)
            if member is not None:
                page.announce(member)
                refused.note(
                    page,
                    refused.Attempt(
                        self.row.id, member.name, "DELETE", status_of(error), str(error), None, member.resource_id
                    ),
                )


def read_whole(upload: Upload, limit_bytes: int) -> tuple[bytes, bool]:
    """Return the body and whether it is whole: more than the limit is not kept in memory, but still read."""
    pieces: list[bytes] = []
    size = 0
    while piece := upload.body.read(READ_BYTES):
        size += len(piece)
        if size <= limit_bytes:
            pieces.append(piece)
        elif size > 4 * limit_bytes:
            break  # a stranger's endless body: the answer is the same
    for announced in (upload.length_bytes, upload.expected_bytes):
        if announced is not None and announced != size and size <= limit_bytes:
            raise errors.BrokenOff(f"The upload has {size} bytes, but {announced} were announced; nothing was stored.")
    return b"".join(pieces), size <= limit_bytes
