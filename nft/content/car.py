"""
CAR version 1: a root and the blocks below it in one file, for `dag import`, backup and export.

Written depth first in the order of links, each block once, so that two writers of one tree make
equal files. Reading takes anybody's CAR and gives back only blocks that hash to their CIDs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import BinaryIO

from nft.content.cid import DAG_PB, Cid
from nft.content.dagpb import MAX_BLOCK_BYTES, decode_node
from nft.content.exporter import Budget, Get, verified
from nft.content.wire import varint
from nft.errors import BlockInvalid, NotACid

_MAX_HEADER_BYTES = 4096
_MAX_SECTION_BYTES = MAX_BLOCK_BYTES + 64


def car_header(root: Cid) -> bytes:
    """`{"roots": [root], "version": 1}` in DAG-CBOR, with its length in front."""
    name = b"\0" + bytes(root)
    header = b"\xa2\x65roots\x81\xd8\x2a" + bytes([0x58, len(name)]) + name + b"\x67version\x01"
    return varint(len(header)) + header


def car_section(cid: Cid, block: bytes) -> bytes:
    """One block as it stands in a CAR."""
    name = bytes(cid)
    return varint(len(name) + len(block)) + name + block


def write_car(root: Cid, get: Get, *, budget: Budget | None = None) -> Iterator[bytes]:
    """Yield the CAR of everything below `root`, hashing each block on its way out."""
    spending = budget or Budget(blocks=5_000_000)
    yield car_header(root)
    seen: set[bytes] = set()
    waiting = [(root, 0)]
    while waiting:
        cid, depth = waiting.pop()
        if bytes(cid.v1()) in seen:
            continue
        seen.add(bytes(cid.v1()))
        spending.spend(cid, depth=depth)
        block = verified(get, cid)
        yield car_section(cid, block)
        if cid.codec == DAG_PB:
            links = decode_node(block).links
            waiting.extend((link.cid, depth + 1) for link in reversed(links))


class CarReader:
    """
    A CAR being read: `roots` at once, blocks one after another.

    Raises `BlockInvalid` for a malformed header or section, a block above 2 MiB, a wrong hash, or
    more bytes than `max_bytes` in all.
    """

    def __init__(self, stream: BinaryIO, *, max_bytes: int = 2**40) -> None:
        self._stream = stream
        self._left = max_bytes
        length = self._read_length()
        if length is None or length > _MAX_HEADER_BYTES:
            raise BlockInvalid("the CAR has no header, or one too long")
        self.roots = _roots(self._take(length))

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
            if hashlib.sha256(block).digest() != cid.digest:
                raise BlockInvalid(f"the CAR's block for {cid} has another hash")
            yield cid, block

    def _take(self, length: int) -> bytes:
        if length > self._left:
            raise BlockInvalid("the CAR is larger than allowed")
        self._left -= length
        data = self._stream.read(length)
        if len(data) != length:
            raise BlockInvalid("the CAR is cut short")
        return data

    def _read_length(self) -> int | None:
        """The varint before a section; None at the end of the file."""
        number = 0
        for index in range(5):
            byte = self._stream.read(1)
            if not byte:
                if index:
                    raise BlockInvalid("the CAR is cut short")
                return None
            number |= (byte[0] & 0x7F) << (7 * index)
            if byte[0] < 0x80:
                return number
        raise BlockInvalid("a CAR section's length has too many digits")


def _roots(header: bytes) -> tuple[Cid, ...]:
    """
    Read the header map: exactly `roots` and `version`, in the canonical order, as all writers do.

    A general CBOR reader would take a thousand more shapes from strangers than ever occur.
    """
    start = b"\xa2\x65roots"
    if not header.startswith(start) or len(header) <= len(start):
        raise BlockInvalid("the CAR's header is not that of version 1")
    at = len(start) + 1
    count = header[at - 1] - 0x80
    if not 0 <= count <= 23:
        raise BlockInvalid("the CAR's header has no list of roots")
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
