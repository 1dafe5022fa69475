"""Folders and files as they were: from the ledger alone, the disk is not asked.

What was never versioned (temporary files of editors, files that no look had recorded yet) is not here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from appliance.clock import from_micros
from appliance.dav.contracts import Address, Changes, Kind, Resource
from appliance.dav.href import spell_member
from appliance.errors import UnsupportedReport
from appliance.store import past as states
from appliance.store.ledger import Member
from appliance.tree.file import type_of
from appliance.tree.lazy import lazy
from appliance.tree.past.member import PastMember
from appliance.tree.past.node import Past, PastNode, nothing_there


class PastFile(PastMember):
    """A file as it was; made by the thousand."""

    def __init__(self, folder: PastFolder, member: Member) -> None:
        super().__init__(folder.past, member)
        self.parent = folder

    @lazy
    def address(self) -> Address:
        """The address."""
        return (*self.parent.address, self.member.name)

    @lazy
    def href(self) -> str:
        """The one spelling."""
        return spell_member(self.parent.href, self.member.name)

    @lazy
    def content_type(self) -> str:
        """By the name's ending."""
        return type_of(self.member.name)

    @property
    def owner(self) -> Address | None:
        """That of the folder."""
        return self.parent.owner

    def stored(self) -> Mapping[str, str]:
        """The stored properties."""
        return self.parent.stored_of(self.member.resource_id)


class PastFolder(PastNode):
    """A folder as it was. `is_own`: it was reached through the reader's own home, so nothing below need be judged."""

    kind = Kind.FOLDER

    def __init__(
        self, past: Past, address: Address, folder_id: int, owner: Address | None, *,
        is_own: bool, is_home: bool = False, mount_id: int | None = None,
    ) -> None:  # fmt: skip
        super().__init__(past, address, folder_id, mount_id=mount_id)
        self.folder_id = folder_id
        self._owner = owner
        self._is_own = is_own
        self._is_home = is_home
        self.fallback_name = address[-1]

    @property
    def owner(self) -> Address | None:
        """The principal of the one whose disk space it was."""
        return self._owner

    @lazy
    def modified_at(self) -> datetime | None:
        """When something last happened in it; the directory's own date is not kept."""
        changed_at = states.changed_at(self.past.reading, self.folder_id, self.past.seq)
        return self.created_at if changed_at is None else from_micros(changed_at)

    @property
    def sync_token(self) -> str:
        """There is none: what was does not change (protocol F3)."""
        raise UnsupportedReport("The past does not change, so there is nothing to synchronise.")

    def changes(self, token: str, *, infinite: bool, limit: int | None) -> Changes:
        """Refuse, as `sync_token`."""
        raise UnsupportedReport("The past does not change, so there is nothing to synchronise.")

    @lazy
    def _listed(self) -> list[Member]:
        return self.past.members(self.folder_id)

    def members(self) -> Iterator[Resource]:
        """Yield what was in it, mounts of a home included, by name."""
        for member in self._listed:
            node = self._resource(member)
            if node is not None:
                yield node

    def child(self, name: str) -> PastFolder | PastFile:
        """Return a member; NotFound."""
        member = states.member_named_at(self.past.reading, self.folder_id, name, self.past.seq)
        node = None if member is None else self._resource(member)
        if node is None:
            raise nothing_there()
        return node

    def _resource(self, member: Member) -> PastFolder | PastFile | None:
        if member.kind == "mount":
            target_id = self.past.target_of(member)
            return None if target_id is None else self._mounted(member, target_id)
        if member.kind == "folder":
            if not self._is_own and not self.past.may_look(member.resource_id):
                return None
            return PastFolder(
                self.past, (*self.address, member.name), member.resource_id, self._owner, is_own=self._is_own
            )
        if member.kind != "file" or (self._is_home and not self._is_own):
            return None  # the household's home shows what is shared, and files in it are not
        return PastFile(self, member)

    def _mounted(self, mount: Member, target_id: int) -> PastFolder:
        chain = states.ancestry(self.past.reading, target_id)
        person = self.visit.person_of(chain[-1].owner_id) if chain else None
        owner = None if person is None else ("principals", person.name)
        return PastFolder(
            self.past, (*self.address, mount.name), target_id, owner, is_own=False, mount_id=mount.resource_id
        )

    def stored_of(self, resource_id: int) -> Mapping[str, str]:
        """Return the stored properties of a member, read for all members at once."""
        return self._stored_of_all.get(resource_id, {})

    @lazy
    def _stored_of_all(self) -> dict[int, dict[str, str]]:
        return states.properties_of(self.past.reading, [each.resource_id for each in self._listed], self.past.seq)
