"""
The two messages of a UnixFS block: the dag-pb node with its links, and the UnixFS data within.

What is written equals Kubo byte for byte: links before data, sorted by the caller, and an empty
name written out. What is read may come from anybody. As Kubo does, a reader takes a node whose data
stands before its links, and directories in any order; it refuses everything that could be read in
two ways: links in two places, a field twice, fields of a link out of order, padded or overlong
numbers, unknown fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nft.content.cid import Cid
from nft.content.wire import bytes_field, fields, varint_field
from nft.errors import BlockInvalid, NotACid

RAW_DATA, DIRECTORY, FILE, METADATA, SYMLINK, HAMT_SHARD = range(6)

MURMUR3_X64_64 = 0x22
"""The one hash that sharded directories use."""

MAX_BLOCK_BYTES = 2 * 1024 * 1024
"""Kubo's limit on one block; nothing larger is read or written."""


@dataclass(frozen=True, slots=True)
class Link:
    """An edge of the tree: the child, its name, and how many bytes lie below it."""

    cid: Cid
    tsize: int
    """Bytes of all blocks below, repeated ones counted again."""
    file_bytes: int = 0
    """Bytes of the file below; known while importing, not stored in the link."""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Node:
    """A dag-pb node as read: links as they stand, and the UnixFS data undecoded."""

    links: tuple[Link, ...]
    data: bytes


@dataclass(frozen=True, slots=True)
class Unixfs:
    """UnixFS data; mode and mtime are passed over, since they would change the CID."""

    kind: int
    data: bytes = b""
    file_bytes: int | None = None
    block_sizes: tuple[int, ...] = ()
    hash_type: int = 0
    fanout: int = 0

    def encode(self) -> bytes:
        """Serialise in field order, leaving out what is absent."""
        parts = [varint_field(1, self.kind)]
        if self.data:
            parts.append(bytes_field(2, self.data))
        if self.file_bytes is not None:
            parts.append(varint_field(3, self.file_bytes))
        parts.extend(varint_field(4, size) for size in self.block_sizes)
        if self.kind == HAMT_SHARD:
            parts.append(varint_field(5, self.hash_type))
            parts.append(varint_field(6, self.fanout))
        return b"".join(parts)


def encode_node(links: Sequence[Link], data: bytes) -> bytes:
    """Serialise a node."""
    parts = [bytes_field(2, encode_link(link)) for link in links]
    parts.append(bytes_field(1, data))
    return b"".join(parts)


def encode_link(link: Link) -> bytes:
    """Serialise a link; the name is written even when it is empty, as Kubo does."""
    return (
        bytes_field(1, bytes(link.cid))
        + bytes_field(2, link.name.encode())
        + varint_field(3, link.tsize)
    )


def decode_node(block: bytes) -> Node:
    """Read a dag-pb block; without a data field `data` is empty. Raises `BlockInvalid`."""
    links: list[Link] = []
    data = b""
    for part in _parts(block):
        if isinstance(part, Link):
            links.append(part)
        else:
            data = part
    return Node(links=tuple(links), data=data)


def child_cids(block: bytes) -> Iterator[Cid]:
    """The links of a dag-pb block one by one, for walks that keep many blocks open."""
    return (part.cid for part in _parts(block) if isinstance(part, Link))


def _parts(block: bytes) -> Iterator[Link | bytes]:
    if len(block) > MAX_BLOCK_BYTES:
        raise BlockInvalid(f"a block of {len(block)} bytes is above {MAX_BLOCK_BYTES}")
    seen_data = seen_links = is_after_links = False
    for number, value in fields(block):
        if number == 2 and isinstance(value, bytes):
            if is_after_links:
                raise BlockInvalid("links stand before and after the data")
            seen_links = True
            yield _decode_link(value)
        elif number == 1 and isinstance(value, bytes) and not seen_data:
            seen_data, is_after_links = True, seen_links
            yield value
        else:
            raise BlockInvalid(f"a dag-pb node has no such field {number}, or has it twice")


def _decode_link(message: bytes) -> Link:
    cid: Cid | None = None
    name = ""
    tsize = 0
    last = 0
    for number, value in fields(message):
        if number <= last:
            raise BlockInvalid("a link's fields stand twice or out of order")
        last = number
        try:
            if number == 1 and isinstance(value, bytes):
                cid = Cid.from_bytes(value)
            elif number == 2 and isinstance(value, bytes):
                name = value.decode()
            elif number == 3 and isinstance(value, int):
                tsize = value
            else:
                raise BlockInvalid(f"a link has no such field {number}")
        except (NotACid, UnicodeDecodeError) as error:
            raise BlockInvalid(f"a link cannot be read: {error}") from error
    if cid is None:
        raise BlockInvalid("a link without a CID")
    return Link(cid=cid, tsize=tsize, name=name)


def decode_unixfs(data: bytes, *, most_sizes: int = MAX_BLOCK_BYTES) -> Unixfs:
    """Read the UnixFS data of a node with so many links at most. Raises `BlockInvalid`."""
    numbers: dict[int, int] = {}
    content: bytes | None = None
    sizes: list[int] = []
    for number, value in fields(data):
        if number == 4 and isinstance(value, int):
            if len(sizes) == most_sizes:
                raise BlockInvalid(f"it tells sizes for more than its {most_sizes} links")
            sizes.append(value)
        elif number == 2 and isinstance(value, bytes) and content is None:
            content = value
        elif number in _NUMBERS and isinstance(value, int) and number not in numbers:
            numbers[number] = value
        elif number == 8 and isinstance(value, bytes) and number not in numbers:
            numbers[number] = 0  # When the file was changed: read past.
        else:
            raise BlockInvalid(f"UnixFS data has no such field {number}, or has it twice")
    kind = numbers.get(1)
    if kind is None or kind > HAMT_SHARD:
        raise BlockInvalid(f"UnixFS type {kind} is not known")
    return Unixfs(
        kind=kind,
        data=content or b"",
        file_bytes=numbers.get(3),
        block_sizes=tuple(sizes),
        hash_type=numbers.get(5, 0),
        fanout=numbers.get(6, 0),
    )


_NUMBERS = frozenset((1, 3, 5, 6, 7))
"""Kind, size of the file, hash and fanout of a shard, mode."""
