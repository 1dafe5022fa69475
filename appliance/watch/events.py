"""What the kernel tells of the files: a name that may have changed, and that it lost count.

inotify watches directories, one by one. Each directory is known here by its parent and its name, so that a renamed
tree costs one step whatever is below it. Only the part of watchdog that speaks with the kernel is used: its observers
would pair moves (the ledger does that, by inode), and after an overflow they remove and add every watch, which with
more directories than the queue is long is the next overflow, for ever. Here an overflow asks for a rescan, and
`renew` adds what is not watched yet. Nothing here looks at the files themselves: events are hints.
"""

from __future__ import annotations

import errno
import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path

from watchdog.observers.inotify_c import (
    CallbackId,
    InotifyConstants,
    InotifyEvent,
    InotifyFD,
    Mask,
    WatchDescriptor,
)

from appliance.store import disk

_LOG = logging.getLogger(__name__)
EVENTS = Mask(
    InotifyConstants.IN_CREATE
    | InotifyConstants.IN_MODIFY
    | InotifyConstants.IN_ATTRIB
    | InotifyConstants.IN_CLOSE_WRITE
    | InotifyConstants.IN_MOVED_FROM
    | InotifyConstants.IN_MOVED_TO
    | InotifyConstants.IN_DELETE
    | InotifyConstants.IN_ONLYDIR
    | InotifyConstants.IN_DONT_FOLLOW
    | InotifyConstants.IN_EXCL_UNLINK
)
OWN_PREFIX = os.fsencode(disk.OWN_PREFIX)
MOST_MOVING = 64  # first halves of moves whose second half may still come
OUT_OF_WATCHES = frozenset({errno.ENOSPC, errno.ENOMEM, errno.EMFILE})

Names = tuple[str, ...]
Kernel = Callable[[], InotifyFD]
"""Gives a queue of the kernel's; OSError when it gives none."""
Changed = Callable[[Names, bool], None]
"""Told of a path below the root; True: a file that was open for writing was closed."""


class _Directory:
    """One directory; watched once it has a descriptor."""

    __slots__ = ("above", "callback_id", "descriptor", "inner", "name", "round")

    def __init__(self, above: _Directory | None, name: bytes) -> None:
        self.above = above
        self.name = name
        self.descriptor: WatchDescriptor | None = None
        self.callback_id = CallbackId(0)
        self.inner: dict[bytes, _Directory] = {}  # those below that are watched
        self.round = 0  # of `renew`, in which it was last found

    def path(self) -> list[bytes]:
        """Return the names that lead here from the top."""
        names: list[bytes] = []
        current = self
        while current.above is not None:
            names.append(current.name)
            current = current.above
        names.reverse()
        return names

    def hang(self, above: _Directory | None, name: bytes) -> None:
        """Be at a place, and no longer at the one before."""
        self.unhang()
        self.above, self.name = above, name
        if above is not None:
            above.inner[name] = self

    def unhang(self) -> None:
        """Be at no place."""
        if self.above is not None and self.above.inner.get(self.name) is self:
            del self.above.inner[self.name]


class Events:
    """Watches every directory below one, in a thread of its own."""

    def __init__(self, root: Path, *, changed: Changed, lost: Callable[[], None], inotify: Kernel = InotifyFD) -> None:
        self._root = os.fsencode(root)
        self._make_inotify = inotify
        self._changed = changed
        self._lost = lost  # called when events were lost: only a scan tells what happened
        self._guard = threading.RLock()
        self._inotify: InotifyFD | None = None
        self._known: dict[WatchDescriptor, _Directory] = {}
        self._moving: dict[int, _Directory] = {}  # by cookie: the kernel's word for the two halves of a move
        self._round = 0
        self._next_id = 0
        self.overflows = 0
        self.is_exhausted = False  # the kernel does not watch as many directories as there are

    @property
    def watched(self) -> int:
        """How many directories are watched."""
        return len(self._known)

    def start(self) -> None:
        """Begin to listen; OSError when the kernel gives no queue. `renew` then adds the watches."""
        self._inotify = self._make_inotify()
        self._inotify.name = "events"
        self._inotify.start()

    def close(self) -> None:
        """Stop listening."""
        if self._inotify is not None:
            self._inotify.stop()
            self._inotify.join(timeout=10)

    def renew(self) -> None:
        """Watch every directory that is there now, and no other; says in `is_exhausted` whether the kernel does.

        At the start, after a mount, an overflow, or when the limit was raised. What is watched already stays so.
        """
        with self._guard:
            self._round += 1
            self.is_exhausted = False
        self._watch_tree(None, b"")
        with self._guard:
            self._moving.clear()
            if self.is_exhausted:
                return  # not every directory was reached, so nobody knows which are elsewhere
            for directory in [one for one in self._known.values() if one.round != self._round]:
                self._forget(directory)

    # --- what watchdog calls, in its thread ---------------------------------------------------------

    def on_event(self, event: InotifyEvent) -> None:
        """Take one event in one directory."""
        if not event.name or event.name.startswith(OWN_PREFIX):
            return
        try:
            with self._guard:
                directory = self._known.get(event.wd)
                if directory is None:
                    return
                path = (*directory.path(), event.name)
                if event.is_directory:
                    self._follow(directory, event)
            names = tuple(os.fsdecode(name) for name in path)
            self._changed(names, event.is_close_write)
        except Exception:  # noqa: BLE001  # watchdog's thread would end, and nobody would hear of any change again
            _LOG.exception("An event of the files was not understood; everything is looked at again")
            self._lost()

    def on_watch_deleted(self, wd: WatchDescriptor) -> None:
        """Forget a directory that is gone; without the topmost one nothing is heard any more."""
        with self._guard:
            directory = self._known.pop(wd, None)
            if directory is None:
                return
            directory.unhang()
        if directory.above is None:
            self._lost()

    def on_queue_overflow(self) -> None:
        """Ask for a rescan: the kernel threw events away, those of new directories among them."""
        self.overflows += 1
        self._lost()

    # --- directories that come and go ---------------------------------------------------------------

    def _follow(self, above: _Directory, event: InotifyEvent) -> None:
        """Keep the watches in step with a directory that came or went."""
        if event.is_moved_from and event.name in above.inner:
            self._moving[event.cookie] = above.inner[event.name]
            if len(self._moving) > MOST_MOVING:
                self._forget(self._moving.pop(next(iter(self._moving))))
        elif event.is_moved_to or event.is_create:
            self._moving.pop(event.cookie, None)
            self._watch_tree(above, event.name)

    def _watch_tree(self, above: _Directory | None, name: bytes) -> None:
        pending = [(above, name)]
        while pending and not self.is_exhausted:
            found = self._watch(*pending.pop())
            if found is not None:
                directory, is_whole = found
                pending += [] if is_whole else [(directory, inner) for inner in self._inside(directory)]

    def _watch(self, above: _Directory | None, name: bytes) -> tuple[_Directory, bool] | None:
        """Watch a directory, or know it again at a new place; None: it is gone, or the kernel watches no more.

        True with it: it was known, so that what is below it is watched as well, or its own events tell of it.
        """
        assert self._inotify is not None
        with self._guard:
            path = b"/".join((self._root, *(() if above is None else (*above.path(), name))))
            self._next_id += 1
            callback_id = CallbackId(self._next_id)
            try:
                descriptor = self._inotify.add_callback(path, EVENTS, self, callback_id)
            except OSError as error:
                self.is_exhausted = error.errno in OUT_OF_WATCHES
                return None
            if descriptor < 0:
                return None  # not ours to read
            directory = self._known.get(descriptor)
            is_known = directory is not None
            if directory is None:
                directory = self._known[descriptor] = _Directory(None, b"")
                directory.descriptor, directory.callback_id = descriptor, callback_id
            else:
                self._inotify.remove_callbacks([(descriptor, callback_id)])  # the first one hears it
            is_whole = is_known and directory.round == self._round
            directory.hang(above, name)
            directory.round = self._round
            return directory, is_whole

    def _inside(self, directory: _Directory) -> list[bytes]:
        """Return the names of the directories in a directory, as it is now."""
        with self._guard:
            path = b"/".join((self._root, *directory.path()))
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            return []
        try:
            if os.fstat(descriptor).st_dev != os.stat(self._root).st_dev:
                return []  # another file system: not served, and it may be large
            with os.scandir(descriptor) as entries:
                names = [os.fsencode(entry.name) for entry in entries if entry.is_dir(follow_symlinks=False)]
        except OSError:
            return []
        finally:
            os.close(descriptor)
        return [name for name in names if not name.startswith(OWN_PREFIX)]

    def _forget(self, top: _Directory) -> None:
        """Watch a directory and what is below it no longer: it is somewhere else by now."""
        assert self._inotify is not None
        pending = [top]
        while pending:
            directory = pending.pop()
            pending += directory.inner.values()
            if directory.descriptor is not None and self._known.pop(directory.descriptor, None) is not None:
                self._inotify.remove_callbacks([(directory.descriptor, directory.callback_id)])
        top.unhang()
