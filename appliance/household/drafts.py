"""The first visit as far as it was answered: kept in memory for the browser that knows the code, until the last page.

Nothing is written before everything was asked, and the password must not lie in a page that is sent back and forth.
A restart forgets drafts, and the code is typed again. It refuses to keep one for a stranger: whoever begins has shown
the code first.
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

KEPT_FOR = timedelta(hours=2)
MOST_KEPT = 16


@dataclass(frozen=True, slots=True)
class Draft:
    """What was answered so far; empty is not yet. `admin_slug`: who becomes the administrator was added before."""

    code: str = field(repr=False)
    language: str
    time_zone: str
    household_name: str = ""
    admin: str = ""
    admin_slug: str | None = None
    password: str = field(default="", repr=False)
    others: tuple[str, ...] = ()


class Drafts:
    """The drafts of one process, by the secret of the visit that each belongs to."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._kept: dict[bytes, tuple[Draft, datetime]] = {}

    def of(self, visit: str, *, at: datetime) -> Draft | None:
        """Return what this visit answered so far; None: nothing yet, or two hours ago."""
        with self._guard:
            found = self._kept.get(_digest(visit))
        return None if found is None or not _is_fresh(found[1], at) else found[0]

    def keep(self, visit: str, draft: Draft, *, at: datetime) -> None:
        """Remember what this visit answered, in place of what it had answered before."""
        key = _digest(visit)
        with self._guard:
            self._kept = {other: each for other, each in self._kept.items() if _is_fresh(each[1], at) and other != key}
            while len(self._kept) >= MOST_KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[key] = (draft, at)

    def forget(self, visit: str) -> None:
        """Forget what this visit answered."""
        with self._guard:
            self._kept.pop(_digest(visit), None)


def _is_fresh(since: datetime, at: datetime) -> bool:
    return timedelta(0) <= at - since < KEPT_FOR


def _digest(visit: str) -> bytes:
    return hashlib.sha256(visit.encode("utf-8", "replace")).digest()
