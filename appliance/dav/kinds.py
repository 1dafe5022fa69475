"""From a resource to what its kind promises: where a Protocol is narrowed.

Protocols with attributes cannot be checked by `isinstance` at a bearable price; the kind says the same.
"""

from __future__ import annotations

from typing import cast

from appliance.dav.contracts import (
    AddressBook,
    Calendar,
    CalendarHome,
    Collection,
    Kind,
    ObjectCollection,
    Principal,
    Resource,
    SyncCollection,
)
from appliance.dav.href import within
from appliance.dav.live import COLLECTIONS, SYNCABLE
from appliance.errors import MethodRefused


def is_collection(resource: Resource) -> bool:
    """Return whether the resource has members."""
    return resource.kind in COLLECTIONS


def collection(resource: Resource) -> Collection:
    """Return the resource as a collection; MethodRefused when it has no members."""
    if resource.kind not in COLLECTIONS:
        raise MethodRefused("This is no collection.", allowed=())
    return cast("Collection", resource)  # the kind says so


def sync_collection(resource: Resource) -> SyncCollection:
    """Return the resource as a collection with a sync-token; MethodRefused when it has none."""
    if resource.kind not in SYNCABLE:
        raise MethodRefused("This collection keeps no record of changes for clients.", allowed=())
    return cast("SyncCollection", resource)  # the kind says so


def object_collection(resource: Resource) -> ObjectCollection:
    """Return the resource as an address book or calendar; MethodRefused when it is neither."""
    if resource.kind not in (Kind.ADDRESSBOOK, Kind.CALENDAR):
        raise MethodRefused("This is neither an address book nor a calendar.", allowed=())
    return cast("ObjectCollection", resource)  # the kind says so


def address_book(resource: Resource) -> AddressBook:
    """Return the resource as an address book; MethodRefused when it is none."""
    if resource.kind is not Kind.ADDRESSBOOK:
        raise MethodRefused("This is no address book.", allowed=())
    return cast("AddressBook", resource)  # the kind says so


def calendar(resource: Resource) -> Calendar:
    """Return the resource as a calendar; MethodRefused when it is none."""
    if resource.kind is not Kind.CALENDAR:
        raise MethodRefused("This is no calendar.", allowed=())
    return cast("Calendar", resource)  # the kind says so


def calendar_home(resource: Resource) -> CalendarHome:
    """Return the resource as a home of calendars; MethodRefused when it is none."""
    if resource.kind is not Kind.HOME or within(resource.address)[:1] != ("calendars",):
        raise MethodRefused("This is no home of calendars.", allowed=())
    return cast("CalendarHome", resource)  # kind and address say so


def principal(resource: Resource) -> Principal:
    """Return the resource as a principal; MethodRefused when it is none."""
    if resource.kind is not Kind.PRINCIPAL:
        raise MethodRefused("This is no principal.", allowed=())
    return cast("Principal", resource)  # the kind says so
