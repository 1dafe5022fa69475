"""What history needs from the floors above: somebody who writes a step of a restore as if a client had sent it.

`tree` implements it, so that a restore passes the checks of a PUT: privileges, locks, UIDs. A step says how one
resource is to be, and it is refused when the resource changed since the plan was made. It is one transaction; steps on
cards and events can share one, and so can simple steps on files.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from appliance.store.placing import Placed, Wanted

TOGETHER = frozenset({"card", "event"})
"""The kinds whose steps can share a transaction: nothing of them is on the disk."""
FILES = frozenset({"file"})
"""Those whose steps can share one when nothing is in their way."""

Place = Callable[[Wanted], Placed]
"""Makes one resource be as wanted, with what was done before it; raises as `Writer.place`, and then did nothing."""


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

    def together(self, coming: Sequence[Wanted], *, batch_id: int) -> AbstractContextManager[Place]:
        """Give what places some cards and events so that all of them are durable on leaving, or none.

        `coming` says which, with the bodies that they are to have; those are read and durable before the writer's turn
        is taken. Leaving raises DiskFull and Busy; any exception that leaves takes everything back.
        """
        ...

    def files_together(self, coming: Sequence[Wanted], *, batch_id: int) -> AbstractContextManager[Place]:
        """Give what places several files, each once, all of them durable on leaving; any exception takes all back.

        Entering raises NotPossible when one of them is better placed by itself, what `place` gives raises as `place`.
        """
        ...
