"""
Where a block lies, for millions of blocks: a mapping that moves to a temporary file as it grows.

Walks over a tree must know what they have seen, and a CAR of a large folder where each leaf was
cut. In memory that is a hundred bytes a block; beyond a few megabytes it goes to a temporary
SQLite file, which nobody else can open and which is gone with the process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

_MOST_BYTES = 12 * 1024 * 1024
_OVERHEAD_BYTES = 180
"""What an entry costs besides its bytes."""


class Shelf:
    """Bytes by bytes; what was put first stays. Serves one reader or writer at a time."""

    def __init__(self, *, most_bytes: int = _MOST_BYTES) -> None:
        self._held: dict[bytes, bytes] = {}
        self._left = most_bytes
        self._file: sqlite3.Connection | None = None
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def put(self, key: bytes, value: bytes = b"") -> bool:
        """Keep a value; false, and nothing changes, if the key has one."""
        if self._file is not None:
            added = self._file.execute("insert or ignore into shelf values (?, ?)", (key, value))
            is_new = bool(added.rowcount)
        else:
            is_new = key not in self._held
            if is_new:
                self._held[key] = value
                self._left -= len(key) + len(value) + _OVERHEAD_BYTES
                if self._left < 0:
                    self._move()
        self._count += is_new
        return is_new

    def get(self, key: bytes) -> bytes | None:
        """The value of a key."""
        if self._file is None:
            return self._held.get(key)
        row = self._file.execute("select value from shelf where key = ?", (key,)).fetchone()
        return None if row is None else bytes(row[0])

    def close(self) -> None:
        """Give the memory or the file back."""
        self._held.clear()
        if self._file is not None:
            self._file.close()

    def _move(self) -> None:
        import sqlite3  # only what is large needs it

        # The empty name is a private file in the temporary folder; there is nothing to recover.
        self._file = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        for setting in ("journal_mode = off", "synchronous = off", "cache_size = -8192"):
            self._file.execute(f"pragma {setting}")
        self._file.execute("create table shelf (key blob primary key, value blob) without rowid")
        self._file.execute("begin")
        self._file.executemany("insert into shelf values (?, ?)", self._held.items())
        self._held.clear()
