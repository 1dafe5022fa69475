"""From a resource to what its kind promises: the only place where a Protocol is narrowed.

Protocols with attributes cannot be checked by `isinstance` at a bearable price; the kind says the same.
"""

from __future__ import annotations

from typing import cast

from appliance.dav.contracts import Collection, Kind, Principal, Resource, SyncCollection
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


def principal(resource: Resource) -> Principal:
    """Return the resource as a principal; MethodRefused when it is none."""
    if resource.kind is not Kind.PRINCIPAL:
        raise MethodRefused("This is no principal.", allowed=())
    return cast("Principal", resource)  # the kind says so
