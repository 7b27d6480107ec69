"""
A tree back to bytes, believing nothing: every block is hashed, every size checked, work bounded.

Blocks come from a function `get(cid) -> bytes`, which may be a store, a CAR or a stranger. A block
that does not hash to its CID, a size that is not what the parent said, a tree deeper or larger
than the bounds, ends the reading with `BlockInvalid`.
"""

from __future__ import annotations

import hashlib
import re
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
from nft.content.directories import is_file_name, name_hash
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
    return node, decode_unixfs(node.data, most_sizes=len(node.links))


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
    """
    Yield a directory's entries; those of a sharded one come in the order of their slots.

    Raises `BlockInvalid` for two entries of one name, a name that no file can have, and an entry
    of a shard that stands where nobody who looks for its name would find it.
    """
    spending = budget or Budget()
    spending.spend(cid, depth=0)
    node, unixfs = read_node(get, cid)
    if unixfs.kind == DIRECTORY:
        yield from _plain(node, cid)
    else:
        yield from _list_shard(get, _Shard.of(node, unixfs, cid), (), spending)


def _plain(node: Node, cid: Cid) -> Iterator[Link]:
    seen = set()
    for link in node.links:
        _check_name(link.name, cid)
        if link.name in seen:
            raise BlockInvalid(f"{cid} has two entries of the name {link.name[:80]!r}")
        seen.add(link.name)
        yield link


def _check_name(name: str, cid: Cid) -> None:
    if not is_file_name(name):
        raise BlockInvalid(f"{cid} has an entry of the name {name[:80]!r}, which no file can have")


@dataclass(frozen=True, slots=True)
class _Shard:
    """One block of a sharded directory: its occupied slots, and how many bits choose one."""

    cid: Cid
    bits: int
    slots: dict[int, Link]
    """Slot → child; the name is empty for a shard below."""

    @classmethod
    def of(cls, node: Node, unixfs: Unixfs, cid: Cid, *, bits: int | None = None) -> _Shard:
        """Check a block; `bits` are those of the shard above, if there is one."""
        if unixfs.kind != HAMT_SHARD:
            raise BlockInvalid(f"{cid} is not a directory")
        own = unixfs.fanout.bit_length() - 1
        is_power = 3 <= own <= _MAX_FANOUT_BITS and unixfs.fanout == 1 << own
        if unixfs.hash_type != MURMUR3_X64_64 or not is_power or bits not in (None, own):
            raise BlockInvalid(f"the shard {cid} uses another hash or fanout")
        digits = len(f"{unixfs.fanout - 1:X}")
        slots: dict[int, Link] = {}
        occupied = 0
        for link in node.links:
            prefix, name = link.name[:digits], link.name[digits:]
            slot = int(prefix, 16) if _HEX.fullmatch(prefix) and len(prefix) == digits else -1
            if slot < 0 or slot >= unixfs.fanout or slot < occupied.bit_length():
                raise BlockInvalid(f"the shard {cid} has links without a slot, or out of order")
            if name:
                _check_name(name, cid)
            elif link.cid.codec == RAW:
                raise BlockInvalid(f"the shard {cid} has a file in place of a shard")
            occupied |= 1 << slot
            slots[slot] = Link(cid=link.cid, tsize=link.tsize, name=name)
        if len(unixfs.data) > unixfs.fanout // 8 or int.from_bytes(unixfs.data, "big") != occupied:
            raise BlockInvalid(f"the shard {cid} has links that are not those of its bit field")
        return cls(cid=cid, bits=own, slots=slots)

    def slot_of(self, name: str, depth: int) -> int:
        """Where a name belongs in a shard so deep."""
        number = int.from_bytes(name_hash(name), "big")
        shift = 64 - self.bits * (depth + 1)
        if shift < 0:
            raise BlockInvalid(f"the shard {self.cid} lies deeper than a hash has bits")
        return number >> shift & (1 << self.bits) - 1

    def below(self, get: Get, link: Link) -> _Shard:
        """The shard that a link leads to."""
        node, unixfs = read_node(get, link.cid)
        return _Shard.of(node, unixfs, link.cid, bits=self.bits)


def _list_shard(get: Get, shard: _Shard, path: tuple[int, ...], budget: Budget) -> Iterator[Link]:
    for slot, link in shard.slots.items():
        here = (*path, slot)
        if not link.name:
            if len(here) * shard.bits > 64 - shard.bits:
                raise BlockInvalid(f"the shard {shard.cid} lies deeper than a hash has bits")
            budget.spend(link.cid, depth=len(here))
            yield from _list_shard(get, shard.below(get, link), here, budget)
        elif here != tuple(shard.slot_of(link.name, depth) for depth in range(len(here))):
            raise BlockInvalid(f"the shard {shard.cid} has {link.name[:80]!r} in a wrong slot")
        else:
            yield link


def resolve(get: Get, root: Cid, segments: Sequence[str]) -> Cid:
    """Follow names down from `root`. Raises `NoSuchPath`, or `BlockInvalid` as a list would."""
    at = root
    for segment in segments:
        link = _find(get, at, segment)
        if link is None:
            raise NoSuchPath(str(root), "/".join(segments))
        at = link.cid
    return at


def _find(get: Get, cid: Cid, name: str) -> Link | None:
    if cid.codec == RAW or not is_file_name(name):
        return None
    node, unixfs = read_node(get, cid)
    if unixfs.kind == DIRECTORY:
        found = [link for link in _plain(node, cid) if link.name == name]
        return found[0] if found else None
    if unixfs.kind != HAMT_SHARD:
        return None
    shard = _Shard.of(node, unixfs, cid)
    for depth in range(64 // shard.bits):
        link = shard.slots.get(shard.slot_of(name, depth))
        if link is None or link.name:
            return link if link is not None and link.name == name else None
        shard = shard.below(get, link)
    return None


_MAX_FANOUT_BITS = 10
"""1,024 slots, the most that Kubo makes; ours have 256."""

_HEX = re.compile("[0-9A-F]+")
