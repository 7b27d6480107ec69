"""
Bytes in, a UnixFS tree out, holding one chunk and one open node per level at a time.

The tree is Kubo's balanced layout: leaves in groups of `max_links`, groups in groups, until one
root is left. Blocks are handed to a sink as they come into being, leaves with the offset that they
were cut from, so that whoever keeps the file need not keep its leaves a second time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from nft.content.cid import DAG_PB, RAW, Cid
from nft.content.dagpb import FILE, Link, Unixfs, encode_node
from nft.content.profiles import Profile
from nft.content.wire import varint, varint_field


class Sink(Protocol):
    """Where finished blocks go."""

    def leaf(self, cid: Cid, *, offset: int, length: int) -> None:
        """A leaf was cut from the file at this place; `leaf_block` makes its block."""

    def node(self, cid: Cid, block: bytes) -> None:
        """A block above the leaves, or a directory."""


class Discard:
    """A sink for those who want only the CID."""

    def leaf(self, cid: Cid, *, offset: int, length: int) -> None:
        """Nothing is kept."""

    def node(self, cid: Cid, block: bytes) -> None:
        """Nothing is kept."""


@dataclass(frozen=True, slots=True)
class Imported:
    """A file measured in one pass: its size, SHA-256, and a root for each profile asked for."""

    size: int
    sha256: bytes
    roots: dict[str, Link]

    @property
    def cids(self) -> dict[str, str]:
        """Profile name → CID text, as the API shows it."""
        return {name: str(link.cid) for name, link in self.roots.items()}


def leaf_block(profile: Profile, chunk: bytes) -> bytes:
    """The block of one chunk: the chunk itself, or a UnixFS file node around it."""
    if profile.raw_leaves:
        return chunk
    before, after = leaf_wrapping(len(chunk))
    return before + chunk + after


def leaf_wrapping(size: int) -> tuple[bytes, bytes]:
    """What stands before and after so many bytes in a wrapped leaf."""
    after = varint_field(3, size)
    inside = varint_field(1, FILE)
    if size:
        inside += bytes([2 << 3 | 2]) + varint(size)
    return bytes([1 << 3 | 2]) + varint(len(inside) + size + len(after)) + inside, after


def leaf_link(profile: Profile, chunk: bytes | memoryview) -> Link:
    """Hash one chunk, where it lies."""
    if profile.raw_leaves:
        cid = Cid(version=1, codec=RAW, digest=hashlib.sha256(chunk).digest())
        return Link(cid=cid, tsize=len(chunk), file_bytes=len(chunk))
    before, after = leaf_wrapping(len(chunk))
    hashed = hashlib.sha256(before)
    hashed.update(chunk)
    hashed.update(after)
    cid = Cid(version=profile.cid_version, codec=DAG_PB, digest=hashed.digest())
    return Link(cid=cid, tsize=len(before) + len(chunk) + len(after), file_bytes=len(chunk))


class Tree:
    """The balanced tree above leaves that arrive in order."""

    def __init__(self, profile: Profile, sink: Sink) -> None:
        self._profile = profile
        self._sink = sink
        self._levels: list[list[Link]] = [[]]

    def add(self, link: Link, *, level: int = 0) -> None:
        """Hang the next link in; a full node is closed only when one more arrives."""
        if level == len(self._levels):
            self._levels.append([])
        if len(self._levels[level]) == self._profile.max_links:
            self._close(level)
        self._levels[level].append(link)

    def root(self) -> Link:
        """Close what is open, lowest first, and return the root."""
        level = 0
        while level < len(self._levels) - 1 or len(self._levels[level]) > 1:
            self._close(level)
            level += 1
        return self._levels[level][0]

    def _close(self, level: int) -> None:
        links = self._levels[level]
        self._levels[level] = []
        self.add(self._node(links), level=level + 1)

    def _node(self, links: Sequence[Link]) -> Link:
        sizes = tuple(link.file_bytes for link in links)
        data = Unixfs(kind=FILE, file_bytes=sum(sizes), block_sizes=sizes).encode()
        block = encode_node(links, data)
        cid = Cid.of_block(block, version=self._profile.cid_version, codec=DAG_PB)
        self._sink.node(cid, block)
        tsize = len(block) + sum(link.tsize for link in links)
        return Link(cid=cid, tsize=tsize, file_bytes=sum(sizes))


class FileImporter:
    """One file under one profile, fed in pieces of any size."""

    def __init__(self, profile: Profile, sink: Sink | None = None) -> None:
        self._profile = profile
        self._sink = Discard() if sink is None else sink
        self._tree = Tree(profile, self._sink)
        self._rest = bytearray()
        self._offset = 0

    def update(self, piece: bytes | memoryview) -> None:
        """Take the next bytes of the file."""
        size = self._profile.chunk_bytes
        view = memoryview(piece)
        if self._rest:
            missing = size - len(self._rest)
            self._rest += view[:missing]
            view = view[missing:]
            if len(self._rest) < size:
                return
            self._cut(bytes(self._rest))
            self._rest.clear()
        while len(view) >= size:
            self._cut(view[:size])
            view = view[size:]
        self._rest += view

    def finish(self) -> Link:
        """The root. An empty file is one empty leaf."""
        if self._rest or not self._offset:
            self._cut(bytes(self._rest))
        return self._tree.root()

    def _cut(self, chunk: bytes | memoryview) -> None:
        link = leaf_link(self._profile, chunk)
        self._sink.leaf(link.cid, offset=self._offset, length=len(chunk))
        self._offset += len(chunk)
        self._tree.add(link)


def import_pieces(
    pieces: Iterable[bytes],
    profiles: Sequence[Profile],
    sinks: Sequence[Sink] | None = None,
) -> Imported:
    """Read a file once; `sinks`, if given, has one sink for each profile."""
    kept = [Discard()] * len(profiles) if sinks is None else sinks
    importers = [FileImporter(profile, sink) for profile, sink in zip(profiles, kept, strict=True)]
    whole = hashlib.sha256()
    size = 0
    for piece in pieces:
        whole.update(piece)
        size += len(piece)
        for importer in importers:
            importer.update(piece)
    roots = {
        profile.name: importer.finish()
        for profile, importer in zip(profiles, importers, strict=True)
    }
    return Imported(size=size, sha256=whole.digest(), roots=roots)
