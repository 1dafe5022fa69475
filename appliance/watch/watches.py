"""The kernel's limit of watched directories: what to say when it is reached."""

from __future__ import annotations

from pathlib import Path

LIMIT = Path("/proc/sys/fs/inotify/max_user_watches")
ENOUGH = 524_288  # a directory that is watched costs the kernel about a kilobyte; one that is not, nothing
BY_SCANS = "Changes behind the server's back are found every quarter of an hour until then."


def too_few_watches(watched: int, limit: Path = LIMIT) -> str:
    """Return the sentence of the alarm: how many are watched, and what raises the limit."""
    try:
        allowed = int(limit.read_text(encoding="ascii"))
    except (OSError, ValueError):
        allowed = watched
    wanted = max(ENOUGH, 2 * allowed)
    return (
        f"The kernel watches {watched:,} of the folders and not the others. Allow more with"
        f" sysctl fs.inotify.max_user_watches={wanted}, and in a file below /etc/sysctl.d for good. {BY_SCANS}"
    )
