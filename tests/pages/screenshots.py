"""Every page as a person with taste should see it: at 390 and 1280 px, light and dark, in both languages.

`python -m tests.pages.screenshots [FOLDER] [NAME …]` writes the pictures of all pages, or of those whose name begins
with a NAME, into an ignored folder. Refuses to judge: somebody looks.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

from tests.pages.browsing import DESK, PHONE, Browser, Seen, chromium, shoot
from tests.pages.every import GUESTS, lived_in
from tests.pages.speaking import speak
from tests.serving import ROOT

SIZES = {"phone": PHONE, "desk": DESK}
LOOKS: tuple[tuple[str, Literal["en", "ko"], Literal["light", "dark"]], ...] = (
    ("phone", "ko", "light"), ("phone", "en", "dark"), ("desk", "en", "light"), ("desk", "ko", "dark"),
)  # fmt: skip


def main(into: Path, wanted: tuple[str, ...]) -> None:
    """Write the pictures."""
    with lived_in() as lived, chromium() as chrome:
        for size, language, theme in LOOKS:
            with Browser(chrome, lived.house.url).open(size=SIZES[size], language=language, theme=theme) as seen:
                look = f"{size}-{language}-{theme}"
                _shoot_all(seen, into, look, GUESTS, wanted)
                speak(seen.sign_in("mina"), language)
                _shoot_all(seen, into, look, lived.pages, wanted)


def _shoot_all(seen: Seen, into: Path, look: str, addresses: dict[str, str], wanted: tuple[str, ...]) -> None:
    for name, address in addresses.items():
        if name.startswith(wanted):
            shoot(seen.visit(address), into, f"{name}-{look}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else ROOT / "screenshots", tuple(sys.argv[2:]) or ("",))
