"""A household's folders: names that trip servers up, sizes from nothing to a few megabytes."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.household import words
from tests.household.lines import jpeg_like

LARGEST_BYTES = 4 << 20
EMPTY_SHARE = 0.02


@dataclass(frozen=True)
class File:
    """One file: its path below the home with `/` between the names, size and time. `body()` makes its octets."""

    path: str
    size_bytes: int
    modified_at: datetime
    seed: str

    def body(self) -> bytes:
        """Return the octets: text of some sentences for text files, else what no compression shrinks."""
        chance = random.Random(self.seed)
        if self.path.endswith((".txt", ".md")):
            text = "\n".join(chance.choice(words.SENTENCES) for _ in range(40)).encode()
            return (text * (self.size_bytes // len(text) + 1))[: self.size_bytes]
        if self.path.endswith(".jpg") and self.size_bytes > 100:
            return jpeg_like(chance, self.size_bytes)
        return chance.randbytes(self.size_bytes)


def tree(count: int, seed: int = 1) -> Iterator[File]:
    """Yield `count` files in folders up to four deep; no two have one path, in NFC or in NFD."""
    chance = random.Random(f"tree {seed}")
    folders = _folders(chance, max(10, count // 20))
    taken = {unicodedata.normalize("NFC", folder) for folder in folders}
    for number in range(count):
        path = _fresh(chance, chance.choice(folders), taken)
        size = 0 if chance.random() < EMPTY_SHARE else min(int(chance.lognormvariate(9.5, 1.7)), LARGEST_BYTES)
        modified_at = datetime(2015, 1, 1, 9, tzinfo=UTC) + timedelta(seconds=chance.randrange(374_000_000))
        yield File(path=path, size_bytes=size, modified_at=modified_at, seed=f"file {seed} {number}")


def _folders(chance: random.Random, count: int) -> list[str]:
    """Return paths of folders, the home itself (an empty path) first; a Mac's are decomposed (NFD)."""
    found = [""]
    while len(found) < count:
        parent = chance.choice(found)
        if parent.count("/") > 2:
            continue
        name = _as_some_system_spells(chance, f"{chance.choice(words.FOLDERS)}{chance.choice(('', ' 2', '_옛날'))}")
        path = f"{parent}{name}/"
        if not any(unicodedata.normalize("NFC", path) == unicodedata.normalize("NFC", other) for other in found):
            found.append(path)
        elif chance.random() < 0.5:
            found.append(f"{parent}{len(found)}번째 폴더/")
    return found


def _fresh(chance: random.Random, folder: str, taken: set[str]) -> str:
    stem, ending = chance.choice(words.STEMS), chance.choice(words.KINDS)
    number = 1
    while True:
        name = f"{stem}{ending}" if number == 1 else f"{stem} ({number}){ending}"
        path = f"{folder}{name}"
        key = unicodedata.normalize("NFC", path)
        if key not in taken and f"{key}/" not in taken:
            taken.add(key)
            return f"{folder}{_as_some_system_spells(chance, name)}"
        number += 1


def _as_some_system_spells(chance: random.Random, name: str) -> str:
    return unicodedata.normalize("NFD" if chance.random() < 0.25 else "NFC", name)
