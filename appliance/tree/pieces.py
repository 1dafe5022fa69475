"""Octets that come in pieces, to be read like a file: what is kept, on its way through the door of a PUT."""

from __future__ import annotations

import io
from collections.abc import Iterator


class Pieces(io.RawIOBase):
    """A file of pieces, read once from its beginning."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def readable(self) -> bool:
        """Yes."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` octets, b"" at the end."""
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._rest = piece
        if size < 0:
            given, self._rest = self._rest + b"".join(self._pieces), b""
            return given
        given, self._rest = self._rest[:size], self._rest[size:]
        return given
