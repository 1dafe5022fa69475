"""Second names for large files that the store does not copy, so that a rename over one, or `rm`, does not free it.

A guard is a hard link below `store/guards/`, named by the resource. It keeps the inode, not the octets: a change in
place changes both names, so nothing counts as content until the live name is gone and the guard's date and size are
those recorded. Then the guard becomes the blob. Where a file system has no hard links there are no guards.
"""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path

from appliance.store import disk
from appliance.store.content import Blobs, disk_trouble, sync_folder
from appliance.store.database import Writing

NO_LINKS = frozenset({errno.EXDEV, errno.EPERM, errno.EMLINK, errno.EOPNOTSUPP, errno.ENOSYS})


class Guards:
    """The folder `store/guards/`."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self.folder = blobs.folder / "guards"

    def path(self, resource_id: int) -> Path:
        """Return where a resource's guard lies, if it has one."""
        return self.folder / str(resource_id)

    def holds(self, resource_id: int, status: os.stat_result) -> bool:
        """Return whether the guard of a resource is this very inode."""
        with contextlib.suppress(FileNotFoundError):
            return os.path.samestat(self.path(resource_id).lstat(), status)
        return False

    def hold(self, resource_id: int, folder_fd: int, name: str) -> bool:
        """Give a file its guard, in place of an older one; False where it cannot have one. The file's ctime moves."""
        if not self.folder.is_dir():
            self.folder.mkdir(mode=0o700, exist_ok=True)
            sync_folder(self._blobs.folder)
        fresh = self.folder / f".{resource_id}.{os.urandom(4).hex()}"
        try:
            os.link(name, fresh, src_dir_fd=folder_fd, follow_symlinks=False)
        except OSError as error:
            if error.errno in NO_LINKS or isinstance(error, FileNotFoundError):
                return False
            raise disk_trouble(error) from error
        fresh.rename(self.path(resource_id))
        sync_folder(self.folder)
        return True

    def hand_over(
        self, writing: Writing, resource_id: int, recorded: disk.Signature, digest: bytes, *, other_names: int
    ) -> str | None:
        """Make the guard a blob and return its name, None unless it is a file in the recorded state.

        `other_names` is how many names the inode has that are about to go. Whoever has a further one could change it,
        so that it is copied then.
        """
        guard = self.path(resource_id)
        try:
            status = guard.lstat()
        except FileNotFoundError:
            return None
        if (status.st_ino, status.st_size, status.st_mtime_ns) != (recorded.inode, recorded.size, recorded.mtime_ns):
            return None
        if status.st_nlink > 1 + other_names:
            return self._copied(guard, digest)
        blob_name = self._blobs.name_for(digest)
        blob = self._blobs.stage(blob_name).temporary.with_name(blob_name)  # with its shelf
        guard.rename(blob)
        self._blobs.sync_shelf(blob_name)
        writing.on_rollback(lambda: os.rename(blob, guard))
        return blob_name

    def _copied(self, guard: Path, digest: bytes) -> str:
        folder_fd = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            return self._blobs.link_in(guard.name, folder_fd=folder_fd, digest=digest)
        finally:
            os.close(folder_fd)

    def release(self, resource_id: int) -> None:
        """Let the guard of a resource go; quietly where there is none."""
        self.path(resource_id).unlink(missing_ok=True)
