"""
Directories: a node whose links have names, or a tree of shards once that node grows too large.

Links sort by the UTF-8 bytes of their names. A shard (HAMT) spreads names over 256 slots by one
byte after another of their murmur3 hash; a numbered folder of ten thousand pieces is always one.
Entries are taken as they come: beyond `_MOST_IN_MEMORY` they are sorted in a temporary file, and
shards are made from the sorted stream, so that a folder of a million files needs no more memory.
"""

from __future__ import annotations

import heapq
import struct
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import chain, groupby, pairwise
from tempfile import TemporaryFile
from typing import IO

from nft.content.cid import DAG_PB, Cid
from nft.content.dagpb import (
    DIRECTORY,
    HAMT_SHARD,
    MURMUR3_X64_64,
    SYMLINK,
    Link,
    Unixfs,
    encode_link,
    encode_node,
)
from nft.content.importer import Sink
from nft.content.profiles import SHARD_ABOVE_BYTES, Profile
from nft.content.wire import varint
from nft.errors import PathInvalid

FANOUT = 256
_HASH_BYTES = 8
_MOST_IN_MEMORY = 50_000
"""Entries; a directory of fewer than 8,000 may still be flat by its size."""

_Entry = tuple[bytes, Link]
"""An entry behind the hash of its name."""


def directory(entries: Iterable[Link], profile: Profile, sink: Sink) -> Link:
    """Build a directory of named links. Raises `PathInvalid` for a name no file can have."""
    with ExitStack() as files:
        held: list[Link] = []
        runs: list[Iterator[_Entry]] = []
        for link in entries:
            if not is_file_name(link.name):
                raise PathInvalid(link.name, "not a file name")
            held.append(link)
            if len(held) == _MOST_IN_MEMORY:
                runs.append(_put_away(_hashed(held), files.enter_context(TemporaryFile())))
                held.clear()
        if not runs:
            held.sort(key=lambda link: link.name.encode())
            _refuse_twins(held)
            if _size(held, profile) <= SHARD_ABOVE_BYTES:
                return _keep(held, Unixfs(kind=DIRECTORY), profile, sink)
        merged = heapq.merge(*runs, _hashed(held), key=lambda entry: entry[0])
        return _shard(iter(merged), profile, sink)


def is_file_name(name: str) -> bool:
    """Whether a file in a folder can have this name."""
    return name not in ("", ".", "..") and "/" not in name and "\0" not in name


def symlink(target: str, profile: Profile, sink: Sink) -> Link:
    """A symbolic link, stored as the text that it points to and never followed."""
    return _keep((), Unixfs(kind=SYMLINK, data=target.encode()), profile, sink)


def name_hash(name: str) -> bytes:
    """The eight bytes whose values are a name's slots, from the root of the shards down."""
    import mmh3  # only directories of thousands need it

    low, _ = mmh3.hash64(name.encode(), seed=0, x64arch=True, signed=False)
    return int(low).to_bytes(_HASH_BYTES, "big")


def _refuse_twins(links: Sequence[Link]) -> None:
    for before, link in pairwise(links):
        if before.name == link.name:
            raise PathInvalid(link.name, "two entries have this name")


def _size(links: Sequence[Link], profile: Profile) -> int:
    if profile.shards_by == "links":
        return sum(len(link.name.encode()) + len(bytes(link.cid)) for link in links)
    data = Unixfs(kind=DIRECTORY).encode()
    encoded = (len(encode_link(link)) for link in links)
    return sum(1 + len(varint(size)) + size for size in encoded) + 2 + len(data)


def _hashed(links: Iterable[Link]) -> list[_Entry]:
    return sorted(((name_hash(link.name), link) for link in links), key=lambda entry: entry[0])


_RECORD = struct.Struct(">8sQBH")


def _put_away(entries: Iterable[_Entry], file: IO[bytes]) -> Iterator[_Entry]:
    """Write sorted entries to a file; returns them to be read again."""
    for hashed, link in entries:
        cid, name = bytes(link.cid), link.name.encode()
        file.write(_RECORD.pack(hashed, link.tsize, len(cid), len(name)) + cid + name)
    file.seek(0)
    return _taken_out(file)


def _taken_out(file: IO[bytes]) -> Iterator[_Entry]:
    while head := file.read(_RECORD.size):
        hashed, tsize, cid_bytes, name_bytes = _RECORD.unpack(head)
        cid = Cid.from_bytes(file.read(cid_bytes))
        yield hashed, Link(cid=cid, tsize=tsize, name=file.read(name_bytes).decode())


def _shard(entries: Iterator[_Entry], profile: Profile, sink: Sink, *, depth: int = 0) -> Link:
    """One shard of entries that come sorted by their hashes, and those below it."""
    links = []
    bitfield = 0
    for slot, group in groupby(entries, key=lambda entry: entry[0][depth]):
        bitfield |= 1 << slot
        inside = iter(group)
        first, second = next(inside), next(inside, None)
        if second is None:
            child, name = first[1], f"{slot:02X}{first[1].name}"
        else:
            if depth + 1 == _HASH_BYTES or first[1].name == second[1].name:
                raise PathInvalid(first[1].name, f"its hash is that of {second[1].name!r} too")
            below = chain((first, second), inside)
            child, name = _shard(below, profile, sink, depth=depth + 1), f"{slot:02X}"
        links.append(Link(cid=child.cid, tsize=child.tsize, name=name))
    unixfs = Unixfs(
        kind=HAMT_SHARD,
        data=bitfield.to_bytes((bitfield.bit_length() + 7) // 8, "big"),
        hash_type=MURMUR3_X64_64,
        fanout=FANOUT,
    )
    return _keep(links, unixfs, profile, sink)


def _keep(links: Sequence[Link], unixfs: Unixfs, profile: Profile, sink: Sink) -> Link:
    block = encode_node(links, unixfs.encode())
    cid = Cid.of_block(block, version=profile.cid_version, codec=DAG_PB)
    sink.node(cid, block)
    return Link(cid=cid, tsize=len(block) + sum(link.tsize for link in links))
