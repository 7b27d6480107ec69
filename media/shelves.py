"""
Fingerprints of public works at hand for every process: sealed ones in files, loose ones in rows.

The rows are the truth. As soon as there are `SHELF` loose ones they are numbered, and become a
shelf, which never changes again: whoever lacks its file makes it from the rows and puts it in place
whole, and maps it into memory, shared with every other process of the machine. What is not on a
shelf yet is read with each question, so a work that was published a moment ago is found.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session
from sqlmodel import col

from media.disk import answering, make_folder, write_whole
from media.fingerprints import ALGORITHM
from media.scanning import Columns, Entry, columns_of
from media.tables_copies import FingerprintRow, ShelfRow
from nft.types import Digest

SHELF = 4096
"""Pictures on a shelf."""

_LOCK = 0x636F7079  # "copy": two processes do not seal at once
_HEADER = struct.Struct("<8sQQ32s")
_MAGIC = b"vcopies1"


@dataclass(frozen=True, slots=True)
class Loose:
    """What is on no shelf: its columns, and whose picture each is."""

    columns: Columns
    sha256s: tuple[Digest, ...]


@dataclass(slots=True)
class Shelves:
    """The shelves that this process has opened."""

    folder: Path
    size: int = SHELF
    _open: dict[Digest, Columns] = field(default_factory=dict)

    def all(self, session: Session) -> list[tuple[int, Columns]]:
        """Every shelf, with its first number; what lies on none yet is `loose`."""
        query = select(col(ShelfRow.shelf), col(ShelfRow.identity)).order_by(col(ShelfRow.shelf))
        rows = session.execute(query).all()
        # Threads may do this side by side: each ends with the same shelves.
        before = self._open
        made = {name: before.get(name) or self._make(session, shelf, name) for shelf, name in rows}
        self._open = made
        return [(shelf * self.size, made[name]) for shelf, name in rows]

    def _make(self, session: Session, shelf: int, identity: Digest) -> Columns:
        path = self.folder / f"{shelf:06}-{bytes(identity).hex()[:24]}.shelf"
        found = _read(path)
        if found is None:
            entries = _sealed(session, shelf * self.size, self.size)
            with answering():
                make_folder(self.folder)
                write_whole(path, _bytes(columns_of(entries)), scratch=self.folder)
            found = _read(path)
            assert found is not None
        return found

    def tidy(self, *, before: float) -> None:
        """Remove files of shelves that are no more, and what a killed process left half."""
        with answering():
            for path in self.folder.glob("*"):
                is_used = any(bytes(name).hex()[:24] in path.name for name in self._open)
                if not is_used and path.stat().st_mtime < before:
                    path.unlink(missing_ok=True)


def loose(session: Session) -> Loose:
    """Public fingerprints on no shelf; a transaction that is not over is not seen."""
    columns = (
        col(FingerprintRow.sha256),
        col(FingerprintRow.kinds),
        col(FingerprintRow.qualities),
        col(FingerprintRow.hashes),
    )
    rows = session.execute(select(*columns).where(*_LOOSE)).all()
    entries = [
        Entry(place, bytes(row.kinds), bytes(row.qualities), bytes(row.hashes))
        for place, row in enumerate(rows)
    ]
    return Loose(columns_of(entries), tuple(row.sha256 for row in rows))


_LOOSE = (
    col(FingerprintRow.number).is_(None),
    col(FingerprintRow.is_public),
    col(FingerprintRow.algorithm) == ALGORITHM,
)


def seal(session: Session, *, size: int = SHELF) -> int:
    """Number what is loose, a whole shelf at a time; returns how many shelves came to be."""
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    next_shelf = session.execute(
        select(func.coalesce(func.max(col(ShelfRow.shelf)) + 1, 0))
    ).scalar_one()
    count = session.execute(
        select(func.count()).select_from(FingerprintRow).where(*_LOOSE)
    ).scalar_one()
    for shelf in range(next_shelf, next_shelf + count // size):
        _seal_one(session, shelf, size)
    return int(count // size)


def _seal_one(session: Session, shelf: int, size: int) -> None:
    """Where a content went meanwhile its number stays free."""
    values = {"algorithm": ALGORITHM, "size": size, "first": shelf * size}
    taken = session.execute(_SEAL, values).all()
    identity = hashlib.sha256(str(shelf).encode())
    for row in sorted(taken, key=lambda row: int(row.number)):
        identity.update(bytes(row.sha256) + int(row.picture).to_bytes(4, "big"))
    session.add(ShelfRow(shelf=shelf, identity=Digest(identity.digest())))
    session.flush()


_SEAL = text(
    """
    WITH taken AS (
        SELECT sha256, picture,
               row_number() OVER (ORDER BY created_at, sha256, picture) - 1 AS place
        FROM media_fingerprints
        WHERE number IS NULL AND is_public AND algorithm = :algorithm
        ORDER BY created_at, sha256, picture
        LIMIT :size
    )
    UPDATE media_fingerprints AS row SET number = :first + taken.place
    FROM taken WHERE row.sha256 = taken.sha256 AND row.picture = taken.picture
    RETURNING row.sha256, row.picture, row.number
    """
)


def names(session: Session, numbers: Sequence[int]) -> dict[int, Digest]:
    """Whose pictures these numbers are; one whose content went is left out."""
    query = select(col(FingerprintRow.number), col(FingerprintRow.sha256)).where(
        col(FingerprintRow.number).in_(numbers)
    )
    return {number: sha256 for number, sha256 in session.execute(query) if number is not None}


def _sealed(session: Session, first: int, size: int) -> list[Entry]:
    number = col(FingerprintRow.number)
    query = select(FingerprintRow).where(number >= first, number < first + size)
    return [
        Entry(int(row.number or 0) - first, row.kinds, row.qualities, row.hashes)
        for row in session.execute(query.order_by(number)).scalars()
    ]


def _bytes(columns: Columns) -> bytes:
    body = b"".join(
        part.tobytes()
        for part in (columns.words, columns.pictures, columns.kinds, columns.qualities)
    )
    digest = hashlib.sha256(body).digest()
    return _HEADER.pack(_MAGIC, columns.kinds.size, columns.wholes, digest) + body


def _read(path: Path) -> Columns | None:
    """A shelf mapped into memory; None where there is no whole one."""
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size < _HEADER.size:
                return None
            held = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except FileNotFoundError:
        return None
    magic, count, wholes, digest = _HEADER.unpack_from(held)
    body = memoryview(held)[_HEADER.size :]
    if magic != _MAGIC or hashlib.sha256(body).digest() != digest:
        return None
    words = np.frombuffer(body, np.uint64, 4 * count).reshape(4, count)
    at = words.nbytes
    pictures = np.frombuffer(body, np.uint32, count, at)
    at += pictures.nbytes
    kinds = np.frombuffer(body, np.uint8, count, at)
    qualities = np.frombuffer(body, np.uint8, count, at + kinds.nbytes)
    return Columns(words, pictures, kinds, qualities, wholes)
