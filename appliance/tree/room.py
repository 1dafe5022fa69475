"""How much room there is: the owner's quota, and what the disk still holds (RFC 4331)."""

from __future__ import annotations

from appliance import errors
from appliance.household.people import Person
from appliance.store import queries
from appliance.tree.visit import Visit

KEPT_FREE_BYTES = 16 << 20  # what the database needs to go on when everybody else has filled the disk


def quota_of(visit: Visit, owner_id: int | None) -> tuple[int, int]:
    """Return (used bytes, available bytes) of an owner; the reserve of the disk is nobody's."""
    owner = visit.person_of(owner_id) or visit.person
    used = _used(visit, owner)
    free = _free_bytes(visit)
    quota = _quota(visit, owner)
    return used, free if quota is None else max(0, min(free, quota - used))


def _used(visit: Visit, owner: Person) -> int:
    homes = [owner.addressbook_home_id, owner.calendar_home_id, owner.files_home_id]
    return queries.live_bytes(visit.reading, homes)


def _quota(visit: Visit, owner: Person) -> int | None:
    """Return what was agreed with a person, else what the settings say for everybody; None: the disk is the limit."""
    if owner.quota_bytes is not None or owner.household:
        return owner.quota_bytes
    return visit.services.settings.quota_bytes


def room_of(visit: Visit, owner_id: int | None) -> tuple[int, bool]:
    """Return how many bytes an owner may add, and whether it is the disk that bounds them, not a quota."""
    available = quota_of(visit, owner_id)[1]
    return available, available == _free_bytes(visit)


def _free_bytes(visit: Visit) -> int:
    services = visit.services
    return max(0, services.free_bytes(services.settings.data) - KEPT_FREE_BYTES)


def require_room(visit: Visit, size_bytes: int, owner_id: int | None) -> None:
    """Raise OverQuota or DiskFull when an object of this size does not fit."""
    owner = visit.person_of(owner_id) or visit.person
    quota = _quota(visit, owner)
    if quota is not None and _used(visit, owner) + size_bytes > quota:
        raise errors.OverQuota("The quota does not hold it; something has to go first.")
    require_disk(visit, size_bytes)


def require_disk(visit: Visit, size_bytes: int) -> None:
    """Raise DiskFull when so many bytes more would leave the database without room to go on."""
    services = visit.services
    if services.free_bytes(services.settings.data) - KEPT_FREE_BYTES < size_bytes:
        raise errors.DiskFull("The disk is full; make room and try again.")
