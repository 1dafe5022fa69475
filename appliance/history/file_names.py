"""Names of files that are written out: a member's name as one that leads nowhere else."""

from __future__ import annotations

Names = tuple[str, ...]
"""A path, segment by segment."""


def as_name(name: str) -> str:
    """Return a member's name as one of a file: what would lead elsewhere is spelled as in an address."""
    name = name.replace("/", "%2F").replace("\0", "%00")
    return name if name.strip(".") else name.replace(".", "%2E")
