"""What history needs from the floors above: somebody who writes a step of a restore as if a client had sent it.

`tree` implements it, so that a restore passes the checks of a PUT: privileges, locks, UIDs. A step says how one
resource is to be; it is one transaction, and it is refused when the resource changed since the plan was made.
"""

from __future__ import annotations

from typing import Protocol

from appliance.store.placing import Placed, Wanted


class Writer(Protocol):
    """Carries out the steps of one batch for one author."""

    def place(self, wanted: Wanted, *, batch_id: int) -> Placed:
        """Make one resource be as `wanted` says, durably, as a forward change with a new ETag (promise 4).

        Raises ChangedSince when its newest row is not the one the plan saw, NameTaken when something else is at the
        wanted place, NoParent when what held it is gone, UidTaken when a living object there has the UID, Locked,
        NotPermitted, NotFound for what the author may not know of, DiskFull, OverQuota, ContentMissing and
        ContentThinned when the octets are not there any more, Busy. Whatever is raised, nothing changed. Where
        everything is as wanted already, nothing is written and the present seq comes back.
        """
        ...
