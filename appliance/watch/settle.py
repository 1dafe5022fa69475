"""Which paths have been quiet for long enough. Pure: told of hints and of the time, it answers what is due.

A hint of the kernel puts a path off for another two seconds: fifty saves in a second, a slow download, a copy are one
change each. Whether a file's own dates agree that it is quiet is asked of the file by `store/observe.py`, because
events get lost and a write through memory makes none; what is not quiet then is noticed again. Nobody waits for a file
to be closed: what is moved in, and what comes with its folder, never is.
"""

from __future__ import annotations

from dataclasses import dataclass, field

QUIET_SECONDS = 2.1
MOST_PATHS = 10_000  # beyond that a scan is cheaper than the list

Path = tuple[str, ...]


@dataclass(slots=True)
class Due:
    """What is to be looked at. `closed` are those whose writer closed them since the last look."""

    paths: list[Path] = field(default_factory=list)
    closed: set[Path] = field(default_factory=set)


class Settle:
    """The paths that somebody spoke of, in the order in which they fall due."""

    def __init__(self) -> None:
        self._due_at: dict[Path, float] = {}
        self._closed: set[Path] = set()

    def __len__(self) -> int:
        return len(self._due_at)

    def hint(self, path: Path, now: float, *, is_closed: bool = False) -> bool:
        """Say that a path changed just now, which puts it off; False: there are too many, scan instead."""
        self._due_at.pop(path, None)
        if len(self._due_at) >= MOST_PATHS:
            return False
        self._due_at[path] = now + QUIET_SECONDS
        if is_closed:
            self._closed.add(path)
        return True

    def notice(self, path: Path, now: float) -> bool:
        """Say that a path is not as the ledger knows it, whenever it changed; False: there are too many."""
        return path in self._due_at or self.hint(path, now)

    def next_at(self) -> float | None:
        """Return when the next path falls due, None: none waits."""
        return next(iter(self._due_at.values()), None)

    def take(self, now: float) -> Due:
        """Return what is due and forget it."""
        due = Due()
        for path, at in self._due_at.items():
            if at > now:
                break
            due.paths.append(path)
        for path in due.paths:
            del self._due_at[path]
            if path in self._closed:
                self._closed.remove(path)
                due.closed.add(path)
        return due
