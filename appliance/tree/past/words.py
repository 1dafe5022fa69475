"""What moments in words mean to a device: the same for a whole walk through the past.

`yesterday 14:00` is another moment after midnight, and `now` is one with each request; whoever lists a folder and then
fetches what is in it needs both as of one state (protocol F2). So the first meaning stays for as long as the device
goes on asking. Not a redirect to the exact address: rclone and davfs2 follow none of PROPFIND.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

STAYS = timedelta(hours=1)  # after the last request
MOST = 256  # meanings in memory: the one that was asked for longest ago is forgotten first


@dataclass(frozen=True, slots=True)
class _Meaning:
    moment: datetime
    asked_at: datetime


class Words:
    """Remembers, in memory, which moment each device means by which words. For many threads."""

    def __init__(self) -> None:
        self._meanings: dict[tuple[int, str], _Meaning] = {}  # the one asked for last is the last
        self._lock = threading.Lock()

    def meant(self, device_id: int, said: str, now: datetime, read: Callable[[], datetime]) -> datetime:
        """Return what a device means by `said`: what it meant within the last hour, else what `read` gives."""
        with self._lock:
            known = self._meanings.pop((device_id, said), None)
            is_fresh = known is not None and timedelta() <= now - known.asked_at <= STAYS
            moment = known.moment if known is not None and is_fresh else read()
            self._meanings[device_id, said] = _Meaning(moment, now)
            while len(self._meanings) > MOST:
                del self._meanings[next(iter(self._meanings))]
        return moment
