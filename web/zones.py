"""The time zones that a household can choose from, by region, as tzdata lists them."""

from __future__ import annotations

import importlib.resources
from functools import cache

REGIONS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


@cache
def by_region() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return every region with the names of its zones, in the order of the alphabet."""
    listed = importlib.resources.files("tzdata").joinpath("zones").read_text(encoding="ascii").split()
    return tuple(
        (region, tuple(sorted(name for name in listed if name.startswith(f"{region}/")))) for region in REGIONS
    )


def shown(name: str) -> str:
    """Return a zone as it is read in its region: Asia/Seoul is Seoul."""
    return name.partition("/")[2].replace("_", " ").replace("/", ", ")
