"""What is shared, as the pages of people and of sharing show it: by the name that its reader knows, with a right.

Everything is judged by `household/shares.py` and found through the visitor's address space. It changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from appliance import errors
from appliance.household import people, shares
from appliance.household.people import Person
from appliance.household.shares import Share
from appliance.store import summaries
from appliance.store.database import Reading
from appliance.store.mounts import Access, Mount
from appliance.tree.folder import FolderNode
from appliance.tree.object_collection import ObjectCollection
from web.visitor import visitor

ICONS = {"addressbook": "contacts", "calendar": "calendar", "folder": "folder"}


@dataclass(frozen=True, slots=True)
class Thing:
    """One share as a line. `person` is the other one; `address` is where the visitor finds the thing."""

    name: str
    icon: str
    address: str
    person: Person
    access: Access
    is_dark: bool = False


@dataclass(frozen=True, slots=True)
class Own:
    """Something that is the visitor's to share, and with whom it is shared: everybody alone where it is everybody's."""

    name: str
    icon: str
    address: str
    receivers: Sequence[Share] = field(default=())

    @property
    def everybody(self) -> Share | None:
        """The share with the household, None: there is none."""
        return next((each for each in self.receivers if each.receiver.household), None)


@dataclass(frozen=True, slots=True)
class Found:
    """What lies at an address. `mount` None: it lies in the home itself."""

    collection_id: int
    name: str
    icon: str
    address: str
    mount: Mount | None
    may_write: bool


def given(reading: Reading, found: Iterable[Share]) -> list[Thing]:
    """Return what somebody gives as lines that name the receiver."""
    return [
        Thing(
            _called(reading, each.target_id, each.target_path), ICONS[each.kind], "/".join(each.target_path),
            each.receiver, each.access, each.is_dark,
        )
        for each in found
    ]  # fmt: skip


def received(reading: Reading, found: Iterable[Share]) -> list[Thing]:
    """Return what somebody is shown as lines that name the owner, by the receiver's own names."""
    return [
        Thing(
            summaries.called(reading, each.mount_id) or _called(reading, each.target_id, each.path), ICONS[each.kind],
            "/".join(each.path), each.owner, each.access, each.is_dark,
        )
        for each in found
    ]  # fmt: skip


def own(reading: Reading) -> list[Own]:
    """Return what the visitor may share: books, calendars and the folders of the home, in this order."""
    here = visitor().member
    of_target: dict[int, list[Share]] = {}
    for each in shares.shares(reading):
        of_target.setdefault(each.target_id, []).append(each)
    found = [_own(each, of_target) for each in _shareable(here)]
    shown = {each.address for each in found}
    deeper = {each.target_id: each for each in shares.given_by(reading, here.id)}
    for target_id, each in deeper.items():
        address = "/".join(each.target_path)
        if address not in shown and not each.is_dark:
            name = _called(reading, target_id, each.target_path)
            found.append(Own(name, ICONS[each.kind], address, of_target[target_id]))
    return found


def _shareable(here: Person) -> Iterator[Found]:
    site, reading = visitor().site, visitor().reading
    for node in ("addressbooks", "calendars"):
        for each in site.home((node, here.name)).members():
            if isinstance(each, ObjectCollection) and shares.may_share(reading, here.id, each.collection_id):
                yield _found(each)
    home = site.find(("files", here.name))
    assert isinstance(home, FolderNode)
    for member in home.members():
        known = isinstance(member, FolderNode) and member.resource_id is not None
        if known and shares.may_share(reading, here.id, _found(member).collection_id):
            yield _found(member)


def at(address: str) -> Found:
    """Return the address book, calendar or folder at an address of the visitor's; NotFound for anything else."""
    found = visitor().site.find(tuple(address.strip("/").split("/")))
    if isinstance(found, FolderNode):
        if found.is_home:
            raise errors.NotFound("There is nothing at this address.")
        found.adopted_row()
    elif not isinstance(found, ObjectCollection):
        raise errors.NotFound("There is nothing at this address.")
    return _found(found)


def _found(thing: object) -> Found:
    assert isinstance(thing, (ObjectCollection, FolderNode))
    address = "/".join(thing.address)
    if isinstance(thing, ObjectCollection):
        icon = "contacts" if address.startswith("addressbooks") else "calendar"
        name = thing.displayname or thing.address[-1]
        return Found(thing.collection_id, name, icon, address, thing.mount, thing.access.may_write)
    return Found(thing.adopted_row().id, thing.address[-1], "folder", address, thing.mount, thing.held.may_write)


def _own(found: Found, of_target: dict[int, list[Share]]) -> Own:
    return Own(found.name, found.icon, found.address, of_target.get(found.collection_id, []))


def receivers_left(reading: Reading, owner_id: int | None, here: Sequence[Share]) -> list[Person]:
    """Return who is not shown something yet; the household itself first."""
    shown = {each.receiver.id for each in here}
    left = [each for each in people.people(reading) if each.id not in shown and each.id != owner_id]
    return sorted((each for each in left if each.household or each.active), key=lambda each: not each.household)


def _called(reading: Reading, resource_id: int, path: Sequence[str]) -> str:
    return summaries.called(reading, resource_id) or path[-1]
