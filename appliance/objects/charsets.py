"""What octets of unknown encoding say: UTF-8 as it should be, else what old phones and desktops wrote.

Korean phones exported EUC-KR, which Windows calls CP949, and desktops Windows-1252. Every entry of a file is judged by
itself, because files are glued together. A declared CHARSET goes first. It refuses to lose an octet: the last resort
knows every one of them.
"""

from __future__ import annotations

import codecs
import io
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

PIECE_CHARACTERS = 1 << 20

_DECLARED = re.compile(rb';CHARSET="?([A-Za-z0-9_.:-]{2,40})', re.IGNORECASE)
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
    (b"B\0E\0", "utf-16-le"), (b"\0B\0E", "utf-16-be"),  # BEGIN without a mark
)  # fmt: skip


class Decoded(NamedTuple):
    """An entry as UTF-8, and what it was read as; `charset` None: it was UTF-8 already, and is as it was."""

    octets: bytes
    charset: str | None


def decoded(octets: bytes, chosen: str | None = None) -> Decoded:
    """Return an entry as UTF-8. `chosen` is an encoding that somebody named, for what is no UTF-8."""
    try:
        octets.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return Decoded(octets, None)
    for name in _candidates(octets, chosen):
        try:
            return Decoded(octets.decode(name).encode(), name)
        except (LookupError, UnicodeError):
            continue
    return Decoded(octets.decode("latin-1").encode(), "latin-1")


def _candidates(octets: bytes, chosen: str | None) -> Iterator[str]:
    if chosen is not None:
        yield chosen
    declared = _DECLARED.search(octets)
    if declared is not None:
        yield declared[1].decode("ascii")
    yield "cp949"  # strict: a western letter before a plain one is none of its pairs, but for six capitals
    yield "cp1252"


def is_encoding(name: str) -> bool:
    """Return whether a name is one of an encoding of text that keeps line breaks and colons where they are."""
    try:
        return ":\r\n".encode(name) == b":\r\n" and codecs.lookup(name).name != "utf-7"
    except (LookupError, UnicodeError, TypeError):
        return False


@contextmanager
def opened(path: Path, scratch: Path) -> Iterator[IO[bytes]]:
    """Give a file for reading whose line breaks are single octets, after its byte order mark.

    UTF-16 and UTF-32 are written anew as UTF-8 into an unnamed file below `scratch`, piece by piece; what cannot be
    read in them becomes U+FFFD, and so is seen.
    """
    with path.open("rb") as file:
        head = file.read(4)
        wide = next((name for mark, name in _MARKS if head.startswith(mark)), None)
        if wide is None:
            file.seek(3 if head.startswith(codecs.BOM_UTF8) else 0)
            yield file
            return
        with tempfile.TemporaryFile(dir=scratch) as narrow:
            file.seek(0)
            text = io.TextIOWrapper(file, wide, "replace", newline="")
            while piece := text.read(PIECE_CHARACTERS):
                narrow.write(piece.encode("utf-8", "replace"))
            text.detach()
            narrow.seek(0)
            yield narrow
