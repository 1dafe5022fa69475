"""Words that several commands say in the same way."""

from __future__ import annotations


def counted(number: int, one: str, many: str) -> str:
    """Return a number with its words."""
    return f"{number:,} {one if number == 1 else many}"
