"""
An iterator of bytes as a readable stream without a name.
"""

from __future__ import annotations

from collections.abc import Iterator


class PieceStream:
    """Reads what an iterator yields, piece after piece."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = memoryview(b"")

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes, fewer where a piece ends; empty at the end."""
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._rest = memoryview(piece)
        taken = self._rest if size < 0 else self._rest[:size]
        self._rest = self._rest[len(taken) :]
        return bytes(taken)


class WholeReads(PieceStream):
    """The same for readers that take fewer bytes than they asked for as the end."""

    def read(self, size: int = -1) -> bytes:
        """Exactly `size` bytes, fewer at the end only; all that is left for a negative size."""
        pieces = []
        left = size
        while left and (piece := super().read(left)):
            pieces.append(piece)
            left -= len(piece) if size >= 0 else 0
        return b"".join(pieces)
