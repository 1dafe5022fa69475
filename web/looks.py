"""What was found about files that may be brought in, until a page tells it. Nothing of it outlives the process."""

from __future__ import annotations

import threading

from appliance.history.importing import Report

MOST_LOOKS = 16  # that wait to be told


class Looks:
    """What was found about files and waits to be told, the oldest goes first. For many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: dict[str, Report] = {}

    def keep(self, name: str, report: Report) -> None:
        """Keep what was found until it is taken."""
        with self._lock:
            self._found[name] = report
            while len(self._found) > MOST_LOOKS:
                del self._found[next(iter(self._found))]

    def take(self, name: str) -> Report | None:
        """Return what was found, once; None: nothing yet."""
        with self._lock:
            return self._found.pop(name, None)
