"""
A CAR on disk, checked: every block hashed, and what lies where, so that trees can be read from it.

The whole file is read once when it is opened. After that blocks come from their places and are
hashed again by whoever reads a tree, since a file can change under us.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nft.content.car import MAX_DEPTH, CarReader, Walk
from nft.content.cid import DAG_PB, RAW, Cid
from nft.content.exporter import Budget
from nft.content.shelf import Shelf
from nft.errors import BlockInvalid, BlockMissing

MOST_NAMED = 20
"""So many missing blocks are named; the rest is counted."""

MOST_BLOCKS = 50_000_000


@dataclass(frozen=True, slots=True)
class Report:
    """What a CAR holds. Whole means that nothing is missing below its roots."""

    roots: tuple[Cid, ...]
    version: int
    blocks: int
    block_bytes: int
    repeated: int
    """Blocks that stand in the file again."""
    unreached: int
    """Blocks that lie below no root."""
    missing: int
    missing_named: tuple[Cid, ...]

    @property
    def is_whole(self) -> bool:
        """Whether every root can be read to its last byte."""
        return bool(self.roots) and not self.missing


class CarFile:
    """A context manager: opened, read through and hashed; closed at the end."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb", buffering=256 * 1024)
        self._places = Shelf()
        self._repeated = 0
        self._bytes = 0
        try:
            reader = CarReader(self._file)
            for cid, block in reader:
                place = reader.block_at.to_bytes(8, "big") + len(block).to_bytes(4, "big")
                if self._places.put(cid.digest, place):
                    self._bytes += len(block)
                else:
                    self._repeated += 1
        except BaseException:
            self.close()
            raise
        self.roots = reader.roots
        self.version = reader.version

    def __enter__(self) -> CarFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        self._places.close()

    def __len__(self) -> int:
        return len(self._places)

    def get(self, cid: Cid) -> bytes:
        """The block of a CID. Raises `BlockMissing`, or `BlockInvalid` if the file has changed."""
        place = self._places.get(cid.digest)
        if place is None:
            raise BlockMissing(str(cid))
        length = int.from_bytes(place[8:], "big")
        self._file.seek(int.from_bytes(place[:8], "big"))
        block = self._file.read(length)
        if len(block) != length:
            raise BlockInvalid("the CAR changed while it was read")
        return block

    def report(self) -> Report:
        """
        Walk all trees, opening only the blocks that have links.

        Raises `BlockInvalid` for one whose links cannot be read.
        """
        seen, reached, missing = Shelf(), 0, 0
        named: list[Cid] = []
        walk = Walk(self.roots, seen=seen, budget=Budget(blocks=MOST_BLOCKS, depth=MAX_DEPTH))
        try:
            for cid in walk:
                if self._places.get(cid.digest) is not None:
                    other = RAW if cid.codec == DAG_PB else DAG_PB
                    # One block may go by two names.
                    reached += seen.get(bytes(Cid(1, other, cid.digest))) is None
                    if cid.codec == DAG_PB:
                        walk.enter(cid, self.get(cid))
                    continue
                missing += 1
                if len(named) < MOST_NAMED:
                    named.append(cid)
        finally:
            seen.close()
        return Report(
            roots=self.roots,
            version=self.version,
            blocks=len(self),
            block_bytes=self._bytes,
            repeated=self._repeated,
            unreached=len(self) - reached,
            missing=missing,
            missing_named=tuple(named),
        )
