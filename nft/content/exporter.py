"""
A tree back to bytes, believing nothing: every block is hashed, every size checked, work bounded.

Blocks come from a function `get(cid) -> bytes`, which may be a store, a CAR or a stranger. A block
that does not hash to its CID, a size that is not what the parent said, a tree deeper or larger
than the bounds, ends the reading with `BlockInvalid`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from nft.content.cid import RAW, Cid
from nft.content.dagpb import (
    DIRECTORY,
    FILE,
    HAMT_SHARD,
    MURMUR3_X64_64,
    RAW_DATA,
    Link,
    Node,
    Unixfs,
    decode_node,
    decode_unixfs,
)
from nft.content.directories import FANOUT, name_hash
from nft.errors import BlockInvalid, NoSuchPath

Get = Callable[[Cid], bytes]


@dataclass(slots=True)
class Budget:
    """What one reading may cost. It is used up as blocks are read, so make one for each reading."""

    blocks: int = 300_000
    depth: int = 24

    def spend(self, cid: Cid, *, depth: int) -> None:
        """Take one block. Raises `BlockInvalid` when nothing is left."""
        if depth > self.depth:
            raise BlockInvalid(f"the tree at {cid} is too deep")
        if not self.blocks:
            raise BlockInvalid(f"the tree at {cid} has too many blocks")
        self.blocks -= 1


def verified(get: Get, cid: Cid) -> bytes:
    """Fetch a block and hash it. Raises `BlockInvalid` when it is another."""
    block = get(cid)
    if hashlib.sha256(block).digest() != cid.digest:
        raise BlockInvalid(f"the block given for {cid} has another hash")
    return block


def read_node(get: Get, cid: Cid) -> tuple[Node, Unixfs]:
    """Fetch a dag-pb block and decode both its messages."""
    node = decode_node(verified(get, cid))
    return node, decode_unixfs(node.data)


def file_size(get: Get, cid: Cid) -> int:
    """How many bytes the file at `cid` has, by its root. Raises `BlockInvalid` for a directory."""
    if cid.codec == RAW:
        return len(verified(get, cid))
    return _check_file(*read_node(get, cid), cid)


def read_file(
    get: Get,
    cid: Cid,
    *,
    start: int = 0,
    stop: int | None = None,
    budget: Budget | None = None,
) -> Iterator[bytes]:
    """Yield the file's bytes from `start` up to `stop`, fetching only the blocks that hold them."""
    end = 2**62 if stop is None else stop
    yield from _walk(get, cid, (start, end), expected=None, budget=budget or Budget(), depth=0)


def _walk(
    get: Get,
    cid: Cid,
    wanted: tuple[int, int],
    *,
    expected: int | None,
    budget: Budget,
    depth: int,
) -> Iterator[bytes]:
    budget.spend(cid, depth=depth)
    if cid.codec == RAW:
        block = verified(get, cid)
        _check_size(cid, len(block), expected)
        yield from _slice(block, wanted)
        return
    node, unixfs = read_node(get, cid)
    _check_size(cid, _check_file(node, unixfs, cid), expected)
    start, stop = wanted
    yield from _slice(unixfs.data, wanted)
    at = len(unixfs.data)
    for link, size in zip(node.links, unixfs.block_sizes, strict=True):
        if at < stop and start < at + size:
            below = (max(start - at, 0), stop - at)
            yield from _walk(get, link.cid, below, expected=size, budget=budget, depth=depth + 1)
        at += size


def _slice(data: bytes, wanted: tuple[int, int]) -> Iterator[bytes]:
    part = data[wanted[0] : wanted[1]]
    if part:
        yield part


def _check_size(cid: Cid, size: int, expected: int | None) -> None:
    if expected is not None and size != expected:
        raise BlockInvalid(f"{cid} has {size} bytes of the file, its parent says {expected}")


def _check_file(node: Node, unixfs: Unixfs, cid: Cid) -> int:
    if unixfs.kind not in (FILE, RAW_DATA):
        raise BlockInvalid(f"{cid} is not a file")
    if len(unixfs.block_sizes) != len(node.links):
        raise BlockInvalid(f"{cid} tells sizes for {len(unixfs.block_sizes)} of its links")
    size = len(unixfs.data) + sum(unixfs.block_sizes)
    if unixfs.file_bytes is not None and unixfs.file_bytes != size:
        raise BlockInvalid(f"{cid} says it has {unixfs.file_bytes} bytes, its parts have {size}")
    return size


def is_directory(get: Get, cid: Cid) -> bool:
    """Whether `cid` names a directory, flat or sharded."""
    if cid.codec == RAW:
        return False
    return read_node(get, cid)[1].kind in (DIRECTORY, HAMT_SHARD)


def list_directory(get: Get, cid: Cid, *, budget: Budget | None = None) -> Iterator[Link]:
    """Yield a directory's entries; those of a sharded one come in the order of their slots."""
    yield from _list(get, cid, budget or Budget(), depth=0)


def _list(get: Get, cid: Cid, budget: Budget, *, depth: int) -> Iterator[Link]:
    budget.spend(cid, depth=depth)
    node, unixfs = read_node(get, cid)
    if unixfs.kind == DIRECTORY and depth == 0:
        yield from node.links
        return
    _check_shard(unixfs, cid)
    for link in node.links:
        if len(link.name) == 2:
            yield from _list(get, link.cid, budget, depth=depth + 1)
        else:
            yield Link(cid=link.cid, tsize=link.tsize, name=link.name[2:])


def resolve(get: Get, root: Cid, segments: Sequence[str]) -> Cid:
    """Follow names down from `root`. Raises `NoSuchPath`."""
    at = root
    for segment in segments:
        link = _find(get, at, segment)
        if link is None:
            raise NoSuchPath(str(root), "/".join(segments))
        at = link.cid
    return at


def _find(get: Get, cid: Cid, name: str) -> Link | None:
    if cid.codec == RAW:
        return None
    node, unixfs = read_node(get, cid)
    if unixfs.kind == DIRECTORY:
        return next((link for link in node.links if link.name == name), None)
    if unixfs.kind != HAMT_SHARD:
        return None
    for slot in name_hash(name):
        _check_shard(unixfs, cid)
        prefix = f"{slot:02X}"
        below = next((link for link in node.links if link.name[:2] == prefix), None)
        if below is None or below.name == prefix + name:
            return below
        if below.name != prefix:
            return None
        node, unixfs = read_node(get, below.cid)
    return None


def _check_shard(unixfs: Unixfs, cid: Cid) -> None:
    if unixfs.kind != HAMT_SHARD:
        raise BlockInvalid(f"{cid} is not a directory")
    if unixfs.hash_type != MURMUR3_X64_64 or unixfs.fanout != FANOUT:
        raise BlockInvalid(f"the shard {cid} uses another hash or fanout")
