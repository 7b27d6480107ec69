"""
CAR version 1: roots and the blocks below them in one file, for `dag import`, backup and export.

Written depth first in the order of links, each block once, so that two writers of one tree make
equal files. Reading takes anybody's CAR, the first version or the second, and gives back only
blocks that hash to their CIDs; of the second version the inner file is read and its index passed
over.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from nft.content.cid import DAG_PB, Cid
from nft.content.dagpb import MAX_BLOCK_BYTES, child_cids
from nft.content.exporter import Budget, Get, verified
from nft.content.shelf import Shelf
from nft.content.wire import varint
from nft.errors import BlockInvalid, NotACid

MAX_HEADER_BYTES = 8 * 1024 * 1024
"""Some 190,000 roots."""

MAX_DEPTH = 192
"""As deep as folders may be nested, and the tree of a file or of shards in the last."""

_MAX_OPEN_BYTES = 64 * 1024 * 1024
_MAX_SECTION_BYTES = MAX_BLOCK_BYTES + 64
_SECOND = b"\xa1\x67version\x02"
_PRAGMA_BYTES = 11
_HEADER_2_BYTES = 40
_PIECE_BYTES = 1024 * 1024
_WORTH_NOT_COPYING = 64 * 1024


def car_header(*roots: Cid) -> bytes:
    """`{"roots": [...], "version": 1}` in DAG-CBOR, with its length in front."""
    names = b"".join(
        b"\xd8\x2a\x58" + bytes([len(bytes(cid)) + 1, 0]) + bytes(cid) for cid in roots
    )
    header = b"\xa2\x65roots" + _array_head(len(roots)) + names + b"\x67version\x01"
    return varint(len(header)) + header


def _array_head(count: int) -> bytes:
    """The start of a CBOR array in its shortest form."""
    if count < 24:
        return bytes([0x80 + count])
    size = 1 if count < 1 << 8 else 2 if count < 1 << 16 else 4
    return bytes([{1: 0x98, 2: 0x99, 4: 0x9A}[size]]) + count.to_bytes(size, "big")


def car_section(cid: Cid, block: bytes) -> bytes:
    """One block as it stands in a CAR."""
    return b"".join(section_pieces(cid, block))


def section_pieces(cid: Cid, block: bytes) -> Iterator[bytes]:
    """The same in pieces: a large block is not copied."""
    name = bytes(cid)
    head = varint(len(name) + len(block)) + name
    if len(block) < _WORTH_NOT_COPYING:
        yield head + block
    else:
        yield head
        yield block


class Walk:
    """
    Every CID of some trees once, depth first in the order of links, for a caller that opens them.

    After each CID the caller may `enter` its block; the walk then goes on below. Raises
    `BlockInvalid` when the budget is used up, or when the blocks on the way to the root are
    together larger than any honest tree's.
    """

    def __init__(self, roots: Iterable[Cid], *, seen: Shelf, budget: Budget) -> None:
        self._seen = seen
        self._budget = budget
        self._open: list[tuple[Iterator[Cid], int]] = [(iter(roots), 0)]
        self._open_bytes = 0

    def __iter__(self) -> Iterator[Cid]:
        while self._open:
            links, size = self._open[-1]
            cid = next(links, None)
            if cid is None:
                self._open.pop()
                self._open_bytes -= size
            elif self._seen.put(bytes(cid.v1())):
                self._budget.spend(cid, depth=len(self._open) - 1)
                yield cid

    def enter(self, cid: Cid, block: bytes) -> None:
        """Go on with the links of the block given last."""
        if cid.codec != DAG_PB:
            return
        self._open_bytes += len(block)
        if self._open_bytes > _MAX_OPEN_BYTES:
            raise BlockInvalid(f"the tree at {cid} is too deep for blocks so large")
        self._open.append((child_cids(block), len(block)))


def blocks_below(
    root: Cid, get: Get, *, seen: Shelf, budget: Budget
) -> Iterator[tuple[Cid, bytes]]:
    """Yield the blocks of a tree that are not in `seen`, root first, hashing each."""
    walk = Walk((root,), seen=seen, budget=budget)
    for cid in walk:
        block = verified(get, cid)
        yield cid, block
        walk.enter(cid, block)


def write_car(root: Cid, get: Get, *, budget: Budget | None = None) -> Iterator[bytes]:
    """Yield the CAR of everything below `root`, hashing each block on its way out."""
    seen = Shelf()
    try:
        yield car_header(root)
        spending = budget or Budget(blocks=5_000_000)
        for cid, block in blocks_below(root, get, seen=seen, budget=spending):
            yield from section_pieces(cid, block)
    finally:
        seen.close()


class CarReader:
    """
    A CAR being read: `roots` at once, blocks one after another.

    Raises `BlockInvalid` for a malformed header or section, a block above 2 MiB, a wrong hash, or
    more bytes than `max_bytes` in all.
    """

    def __init__(self, stream: BinaryIO, *, max_bytes: int = 2**40) -> None:
        self._stream = stream
        self._max_bytes = max_bytes
        self._at = 0
        self._ends_at: int | None = None
        self.version = 1
        self.block_at = 0
        """Where in the stream the block begins that was given last."""
        header = self._header()
        if header == _SECOND:
            self.version = 2
            self._enter_second()
            header = self._header()
        self.roots = _roots(header)

    def __iter__(self) -> Iterator[tuple[Cid, bytes]]:
        while (length := self._read_length()) is not None:
            if length > _MAX_SECTION_BYTES:
                raise BlockInvalid(f"a CAR section of {length} bytes is above the limit")
            section = self._take(length)
            try:
                cid, start = Cid.read(section, 0)
            except NotACid as error:
                raise BlockInvalid(f"a CAR section without a CID: {error}") from error
            block = section[start:]
            if len(block) > MAX_BLOCK_BYTES:
                raise BlockInvalid(f"a CAR block of {len(block)} bytes is above the limit")
            if hashlib.sha256(block).digest() != cid.digest:
                raise BlockInvalid(f"the CAR's block for {cid} has another hash")
            self.block_at = self._at - len(block)
            yield cid, block

    def _header(self) -> bytes:
        length = self._read_length()
        if length is None or not 0 < length <= MAX_HEADER_BYTES:
            raise BlockInvalid("the CAR has no header, or one too long")
        return self._take(length)

    def _enter_second(self) -> None:
        """Go to where the inner file begins, and remember where it ends."""
        header = self._take(_HEADER_2_BYTES)
        begins_at = int.from_bytes(header[16:24], "little")
        size = int.from_bytes(header[24:32], "little")
        if begins_at < _PRAGMA_BYTES + _HEADER_2_BYTES or begins_at > self._max_bytes or not size:
            raise BlockInvalid("the CAR of version 2 does not say where its content is")
        while self._at < begins_at:
            self._take(min(_PIECE_BYTES, begins_at - self._at))
        self._ends_at = begins_at + size

    def _take(self, length: int) -> bytes:
        if self._at + length > self._max_bytes:
            raise BlockInvalid("the CAR is larger than allowed")
        if self._ends_at is not None and self._at + length > self._ends_at:
            raise BlockInvalid("the CAR is cut short")
        self._at += length
        pieces = []
        while length and (piece := self._stream.read(length)):
            pieces.append(piece)
            length -= len(piece)
        if length:
            raise BlockInvalid("the CAR is cut short")
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _read_length(self) -> int | None:
        """The varint before a section; None at the end of the file."""
        number = 0
        for index in range(5):
            byte = b"" if self._at == self._ends_at else self._stream.read(1)
            if not byte:
                if index:
                    raise BlockInvalid("the CAR is cut short")
                return None
            self._at += 1
            number |= (byte[0] & 0x7F) << (7 * index)
            if byte[0] < 0x80:
                if index and not byte[0]:
                    raise BlockInvalid("a CAR section's length is padded")
                return number
        raise BlockInvalid("a CAR section's length has too many digits")


def _roots(header: bytes) -> tuple[Cid, ...]:
    """
    Read the header map: exactly `roots` and `version`, in the canonical order, as all writers do.

    A general CBOR reader would take a thousand more shapes from strangers than ever occur.
    """
    start = b"\xa2\x65roots"
    if not header.startswith(start):
        raise BlockInvalid("the CAR's header is not that of version 1")
    count, at = _array_count(header, len(start))
    roots = []
    for _ in range(count):
        if header[at : at + 3] != b"\xd8\x2a\x58" or len(header) < at + 5 or header[at + 4] != 0:
            raise BlockInvalid("a root in the CAR's header is not a CID")
        end = at + 4 + header[at + 3]
        try:
            roots.append(Cid.from_bytes(header[at + 5 : end]))
        except NotACid as error:
            raise BlockInvalid(f"a root in the CAR's header: {error}") from error
        at = end
    if header[at:] != b"\x67version\x01":
        raise BlockInvalid("the CAR is not of version 1")
    return tuple(roots)


def _array_count(header: bytes, at: int) -> tuple[int, int]:
    """How many roots, and where the first begins."""
    first = header[at] if at < len(header) else 0
    sizes = {0x98: 1, 0x99: 2, 0x9A: 4}
    if 0x80 <= first <= 0x97:
        return first - 0x80, at + 1
    end = at + 1 + sizes.get(first, 0)
    count = int.from_bytes(header[at + 1 : end], "big")
    if first not in sizes or header[at:end] != _array_head(count) or count > len(header):
        raise BlockInvalid("the CAR's header has no list of roots")
    return count, end
