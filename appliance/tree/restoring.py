"""Steps of a restore, written as if a client of the author had sent them (`history.contracts.Writer`).

A step passes the checks of a PUT, a MOVE or a DELETE: privileges of today, locks, quota, room, UIDs, what a calendar
keeps. An author submits no lock tokens, so whatever is locked stays. Who may bring a share back is decided here, too:
whoever owns what is shown, or a receiver who removed the mount themselves.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence

from appliance import errors
from appliance.dav.contracts import Address
from appliance.dav.href import spell, spell_member
from appliance.household import people, shares
from appliance.store import collections, locks, mounts, objects, placing, placing_objects
from appliance.store.bodies import Bodies
from appliance.store.content import refused_in_words
from appliance.store.database import Reading, Writing
from appliance.store.files import Folder
from appliance.store.ledger import Member, chain_up, member_of
from appliance.store.locks import Lock
from appliance.store.placing import Placed, Shown, Step, Wanted
from appliance.store.placing_files import FilePlacer
from appliance.store.placing_objects import Ready
from appliance.store.sweep import folder_path
from appliance.tree import kinds
from appliance.tree.access import Access, access_to, require_access
from appliance.tree.object_collection import ObjectCollection
from appliance.tree.room import require_disk, require_room
from appliance.tree.site import TreeSite

OWNED = ("addressbook", "calendar")  # whole collections, which only their owner brings, moves or ends (protocol C6)
ON_DISK = ("file", "folder")


class TreeWriter:
    """Carries out steps for one author: a device of a person, be it a page or the command line."""

    def __init__(self, site: TreeSite, placer: FilePlacer, bodies: Bodies) -> None:
        self._site = site
        self._visit = site.visit
        self._placer = placer
        self._bodies = bodies

    def place(self, wanted: Wanted, *, batch_id: int) -> Placed:
        """Make one resource be as wanted, durably; raises as `history.contracts.Writer` says."""
        author = self._visit.author
        if wanted.kind in ON_DISK:
            with refused_in_words():
                placed = self._placer.place(author, wanted, batch_id=batch_id, check=self._check)
            if not wanted.is_alive and wanted.kind == "folder":
                self._site.swept_later()
            return placed
        with self.together([wanted], batch_id=batch_id) as place:
            return place(wanted)

    @contextlib.contextmanager
    def together(self, coming: Sequence[Wanted], *, batch_id: int) -> Iterator[Callable[[Wanted], Placed]]:
        """Give what places some of what is not on the disk, in one transaction (`history.contracts.Writer`)."""
        bodies = {wanted.resource_id: self._prepared(wanted) for wanted in coming}
        with self._visit.ledger.write(self._visit.author) as page:
            page.batch_id = batch_id

            def place(wanted: Wanted) -> Placed:
                ready = bodies[wanted.resource_id]
                if isinstance(ready, errors.GotganError):
                    raise ready
                with self._uid_taken_in_words(wanted):
                    return placing_objects.place_on(page, wanted, ready, check=self._check)

            yield place

    @contextlib.contextmanager
    def files_together(self, coming: Sequence[Wanted], *, batch_id: int) -> Iterator[Callable[[Wanted], Placed]]:
        """Give what places several files in one transaction (`history.contracts.Writer`)."""
        author = self._visit.author
        with (
            refused_in_words(),
            self._placer.together(author, coming, batch_id=batch_id, check=self._check) as place,
        ):
            yield place

    def _prepared(self, wanted: Wanted) -> Ready | errors.GotganError | None:
        """Return the body of a step, or what forbids it, which is to be told when it is this step's turn."""
        try:
            return self._ready(wanted)
        except errors.GotganError as error:
            return error

    @contextlib.contextmanager
    def _uid_taken_in_words(self, wanted: Wanted) -> Iterator[None]:
        try:
            yield
        except errors.UidTaken as error:
            home = wanted.home or placing.standing_of(self._visit.reading, wanted.resource_id).home
            holder = spell(self._address_of(home.collection_id), collection=True)
            raise errors.UidTaken(str(error), href=spell_member(holder, error.href)) from error

    # --- what a PUT would check of the body ---------------------------------------------------------

    def _ready(self, wanted: Wanted) -> Ready | None:
        """Return the body of a card or event with what the index needs, None where none is written."""
        if wanted.kind not in objects.KINDS or not wanted.is_alive:
            return None
        reading = self._visit.reading
        standing = placing.standing_of(reading, wanted.resource_id)
        holder = self._holder(wanted, (wanted.home or standing.home).collection_id)
        body = wanted.body or (placing.last_body(reading, wanted.resource_id) if standing.before is None else None)
        if holder is None:
            return None  # the write says what is wrong with the place
        if body is None:
            if standing.before is not None:
                holder.require_component(holder.member_resource(standing.before, ""))
            return None
        if body.octets is not None and len(body.octets) > holder.max_resource_bytes:
            raise errors.ResourceTooLarge(f"One entry may have at most {holder.max_resource_bytes} bytes.")
        octets = body.octets
        if octets is None:
            octets = self._bodies.whole(reading, body.content_id or 0)
        return Ready(self._visit.services.blobs.prepare(octets), holder.read_facts(octets, None))

    def _holder(self, wanted: Wanted, collection_id: int) -> ObjectCollection | None:
        row = collections.row_of(self._visit.reading, collection_id)
        if row is None or row.kind != {"card": "addressbook", "event": "calendar"}[wanted.kind]:
            return None
        return kinds.collection(self._site, self._address_of(collection_id), row, Access.OWN, None)

    # --- what forbids a step ------------------------------------------------------------------------

    def _check(self, reading: Reading | Writing, step: Step) -> None:
        """Raise what forbids a step: asked before anything is written, and again inside the transaction."""
        if step.wanted.kind == "mount":
            self._require_mount_rights(step)
        elif step.wanted.kind in OWNED and (step.comes or step.goes):
            self._require_owner(step)
        else:
            self._require_privileges(step)
        if step.wanted.kind in ON_DISK:
            self._require_unlocked(step)
        if step.wanted.is_alive:
            self._require_room(step)

    def _require_privileges(self, step: Step) -> None:
        wanted, was = step.wanted, step.standing.home.collection_id
        if step.goes and not wanted.is_alive:
            self._require_at_hand(was)
        if step.goes:
            self._require(was, "unbind")
        if step.comes:
            self._require(step.to.collection_id, "bind")
            self._require_unshared(step)
            return
        if wanted.is_alive and wanted.body is not None:
            self._require(was, "write-content")
        if wanted.is_alive and wanted.properties:
            is_collection = wanted.kind in ("addressbook", "calendar", "folder", "home")
            self._require(wanted.resource_id if is_collection else was, "write-properties")

    def _require_unshared(self, step: Step) -> None:
        """A folder with shares in it does not change hands: its next owner never gave them."""
        reading, was = self._visit.reading, step.standing.before
        if was is None or was.kind != "folder" or not shares.are_within(reading, was.resource_id):
            return
        if shares.owner_of(reading, was.collection_id) != shares.owner_of(reading, step.to.collection_id):
            raise errors.NotPermitted(
                "It, or a folder in it, is shared with others; end that before it goes to somebody else.",
                privilege="unbind", href=spell(self._address_of(was.resource_id), collection=True),
            )  # fmt: skip

    def _require_at_hand(self, collection_id: int) -> None:
        """What was not there at that moment has no copy to put beside: it is only said where it went."""
        if access_to(self._visit, collection_id) is None:
            raise errors.NotFound("It is in another person's home now, which this does not change.")

    def _require(self, collection_id: int, privilege: str) -> None:
        href = spell(self._address_of(collection_id), collection=True)
        try:
            require_access(self._visit, collection_id, privilege, href)
        except errors.NotFound as error:
            raise errors.NotFound(
                "It went from one person's home into another's, and neither may change both; gotgan restore --as NAME"
                " puts a copy of what was there beside."
            ) from error

    def _require_owner(self, step: Step) -> None:
        row = collections.row_of(self._visit.reading, step.wanted.resource_id)
        if row is not None and row.owner_id == self._visit.person.id:
            return
        if access_to(self._visit, step.wanted.resource_id) is None:
            raise errors.NotFound("There is nothing at this address.")
        self._forbid(step.wanted.resource_id, "unbind" if step.goes else "bind")

    def _forbid(self, resource_id: int, privilege: str) -> None:
        href = spell(self._address_of(resource_id), collection=True)
        raise errors.NotPermitted("You may look at this, but not change it.", privilege=privilege, href=href)

    # --- mounts -------------------------------------------------------------------------------------

    def _require_mount_rights(self, step: Step) -> None:
        wanted, reading = step.wanted, self._visit.reading
        last = placing_objects.last_shown(reading, wanted.resource_id)
        home = collections.row_of(reading, step.standing.home.collection_id)
        is_receiver = home is not None and home.owner_id == self._visit.person.id
        shown = wanted.shown or last
        owns = all(self._owns(one.target_id) for one in {shown, last})
        is_granted = step.standing.before is None or shown != last
        if wanted.is_alive and is_granted and not owns and not (is_receiver and self._removed_it(step, shown, last)):
            self._forbid(step.standing.home.collection_id, "bind")
        if not is_receiver and not owns:
            self._forbid(step.standing.home.collection_id, "unbind")
        if step.comes:
            self._require_free_on_disk(step)

    def _owns(self, collection_id: int) -> bool:
        return shares.may_share(self._visit.reading, self._visit.person.id, collection_id)

    def _removed_it(self, step: Step, shown: Shown, last: Shown) -> bool:
        """Return whether the receiver took the mount out of the home: what the owner withdrew stays withdrawn."""
        may_return = shares.may_return(self._visit.reading, step.wanted.resource_id)
        return step.standing.before is None and shown == last and may_return

    def _require_free_on_disk(self, step: Step) -> None:
        """A mount wins over what has its name on disk, so it does not come where something would vanish behind it."""
        row = collections.row_of(self._visit.reading, step.to.collection_id)
        if row is None or row.kind != "folder":
            return  # address books and calendars are not on the disk
        folder = Folder(folder_path(self._visit.reading, step.to.collection_id), step.to.collection_id)
        entry = self._visit.services.files.entry(self._visit.reading, folder, step.to.name)
        if entry is not None:
            raise errors.NameTaken(
                errors.said("Something else is called %(name)s there now; choose another name.", name=entry.name)
            )

    # --- locks and room -----------------------------------------------------------------------------

    def _require_unlocked(self, step: Step) -> None:
        reading, now = self._visit.reading, self._visit.ledger.now_micros()
        if not locks.any_live(reading, now):
            return
        was, to = step.standing.home.collection_id, step.to.collection_id
        required: list[Lock] = []
        if step.standing.before is not None:
            required += locks.covering(reading, step.wanted.resource_id, chain_up(reading, was), now)
        for collection_id in {*((was,) if step.goes else ()), *((to,) if step.comes else ())}:
            required += locks.covering(reading, collection_id, chain_up(reading, collection_id)[1:], now)
        if step.goes and step.wanted.kind == "folder":
            required += locks.below(reading, step.wanted.resource_id, now)
        if required:
            self._name_locks(required)

    def _name_locks(self, required: list[Lock]) -> None:
        holder = people.person(self._visit.reading, required[0].person_id)
        whose = "another program" if holder is None else holder.display_name
        roots = {spell(self._address_of(lock.resource_id)) for lock in required}
        raise errors.Locked(f"It is locked by {whose}; close it there and try again.", lock_roots=sorted(roots))

    def _require_room(self, step: Step) -> None:
        reading = self._visit.reading
        owner_id = self._owner_above(step.to.collection_id)
        held = 0
        before = step.standing.before
        if before is not None and self._owner_above(before.collection_id) == owner_id:
            held = step.size_bytes if before.size is None else before.size
        if step.size_bytes > held:
            require_room(self._visit, step.size_bytes - held, owner_id)
        writes = step.wanted.kind == "file" and (step.wanted.body is not None or before is None)
        if writes and not placing.is_so(reading, step.wanted, step.standing, None):
            require_disk(self._visit, step.size_bytes)

    def _owner_above(self, collection_id: int) -> int | None:
        chain = chain_up(self._visit.reading, collection_id)
        row = collections.row_of(self._visit.reading, chain[-1]) if chain else None
        return None if row is None else row.owner_id

    # --- addresses ----------------------------------------------------------------------------------

    def _address_of(self, resource_id: int) -> Address:
        """Return where the author sees a resource; () for what is not alive."""
        names: list[str] = []
        current = resource_id
        mounted = self._mounted()
        while (member := member_of(self._visit.reading, current)) is not None:
            if current in mounted:
                return (*mounted[current], *reversed(names))
            names.append(member.name)
            current = member.collection_id
        return tuple(reversed(names))

    def _mounted(self) -> dict[int, Address]:
        """Return the addresses of what is mounted in the author's homes, by the id of what is shown."""
        person, reading = self._visit.person, self._visit.reading
        homes = (person.addressbook_home_id, person.calendar_home_id, person.files_home_id)
        found: dict[int, Address] = {}
        for node, home_id in zip(collections.NODES, homes, strict=True):
            for mount in mounts.of_home(reading, home_id).values():
                member: Member | None = member_of(reading, mount.resource_id)
                if member is not None:
                    found[mount.target_id] = (node, person.name, member.name)
        return found
