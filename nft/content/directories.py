"""
Directories: a node whose links have names, or a tree of shards once that node grows too large.

Links sort by the UTF-8 bytes of their names. A shard (HAMT) spreads names over 256 slots by one
byte after another of their murmur3 hash; a numbered folder of ten thousand pieces is always one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

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


def directory(entries: Iterable[Link], profile: Profile, sink: Sink) -> Link:
    """Build a directory of named links. Raises `PathInvalid` for a name no file can have."""
    links = sorted(entries, key=lambda link: link.name.encode())
    _check_names(links)
    if _size(links, profile) > SHARD_ABOVE_BYTES:
        return _shard([(name_hash(link.name), link) for link in links], profile, sink)
    return _keep(links, Unixfs(kind=DIRECTORY), profile, sink)


def symlink(target: str, profile: Profile, sink: Sink) -> Link:
    """A symbolic link, stored as the text that it points to and never followed."""
    return _keep((), Unixfs(kind=SYMLINK, data=target.encode()), profile, sink)


def name_hash(name: str) -> bytes:
    """The eight bytes whose values are a name's slots, from the root of the shards down."""
    import mmh3  # only directories of thousands need it

    low, _ = mmh3.hash64(name.encode(), seed=0, x64arch=True, signed=False)
    return int(low).to_bytes(_HASH_BYTES, "big")


def _check_names(links: Sequence[Link]) -> None:
    previous = None
    for link in links:
        if link.name in ("", ".", "..") or "/" in link.name or "\0" in link.name:
            raise PathInvalid(link.name, "not a file name")
        if link.name == previous:
            raise PathInvalid(link.name, "two entries have this name")
        previous = link.name


def _size(links: Sequence[Link], profile: Profile) -> int:
    if profile.shards_by == "links":
        return sum(len(link.name.encode()) + len(bytes(link.cid)) for link in links)
    data = Unixfs(kind=DIRECTORY).encode()
    encoded = (len(encode_link(link)) for link in links)
    return sum(1 + len(varint(size)) + size for size in encoded) + 2 + len(data)


def _shard(
    entries: list[tuple[bytes, Link]], profile: Profile, sink: Sink, *, depth: int = 0
) -> Link:
    if depth == _HASH_BYTES:
        raise PathInvalid(entries[0][1].name, "its hash is that of another name")
    slots: dict[int, list[tuple[bytes, Link]]] = {}
    for entry in entries:
        slots.setdefault(entry[0][depth], []).append(entry)
    links = []
    bitfield = 0
    for slot in sorted(slots):
        bitfield |= 1 << slot
        inside = slots[slot]
        if len(inside) == 1:
            child, name = inside[0][1], f"{slot:02X}{inside[0][1].name}"
        else:
            child, name = _shard(inside, profile, sink, depth=depth + 1), f"{slot:02X}"
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
