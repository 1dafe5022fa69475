"""Content lines as clients write them: escaped, folded at 75 octets, ended by CRLF (RFC 6350 3.2, RFC 5545 3.1)."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterable, Sequence

FOLD_OCTETS = 75


def escaped(text: str) -> str:
    """Return `text` as a value of type text."""
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def structured(parts: Sequence[str]) -> str:
    """Return the components of N, ADR or ORG as one value."""
    return ";".join(escaped(part) for part in parts)


def folded(line: str) -> str:
    """Return `line` in pieces of at most 75 octets, never cut inside a character."""
    octets = line.encode()
    if len(octets) <= FOLD_OCTETS:
        return line
    if line.isascii():
        step = FOLD_OCTETS - 1
        rest = (line[at : at + step] for at in range(FOLD_OCTETS, len(line), step))
        return "\r\n ".join((line[:FOLD_OCTETS], *rest))
    pieces: list[str] = []
    start, room = 0, FOLD_OCTETS
    while start < len(octets):
        end = min(start + room, len(octets))
        while end < len(octets) and octets[end] & 0xC0 == 0x80:
            end -= 1
        pieces.append(octets[start:end].decode())
        start, room = end, FOLD_OCTETS - 1
    return "\r\n ".join(pieces)


def written(lines: Iterable[str]) -> bytes:
    """Return the lines as octets of an object."""
    return "".join(f"{folded(line)}\r\n" for line in lines).encode()


def jpeg_like(chance: random.Random, size_bytes: int) -> bytes:
    """Return octets that begin and end as a JPEG does and don't compress."""
    head = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x48\x00\x48\x00\x00"
    return head + chance.randbytes(size_bytes - len(head) - 2) + b"\xff\xd9"


def photo(chance: random.Random) -> str:
    """Return a picture of 5 to 40 KB in base64, as contacts carry it."""
    return base64.b64encode(jpeg_like(chance, chance.randint(5_000, 40_000))).decode("ascii")


def uuid_of(chance: random.Random) -> str:
    """Return a random (version 4) UUID in lower case."""
    digits = f"{chance.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"
