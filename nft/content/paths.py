"""
A path on disk, imported: for the command line and for tests; the exchange imports streams.

Follows `ipfs add -r`: names beginning with a dot are left out unless asked for, a symbolic link
below the path is stored as a link and never followed. Chunks are read and hashed by a few threads
(hashing releases the interpreter lock), each holding one chunk, so memory does not grow with size.
"""

from __future__ import annotations

import os
import stat
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from nft.content.cid import Cid
from nft.content.dagpb import Link
from nft.content.directories import directory, symlink
from nft.content.importer import Discard, Sink, Tree, leaf_block, leaf_link
from nft.content.profiles import Profile
from nft.errors import BlockMissing, PathInvalid

_THREADS = min(4, os.cpu_count() or 1)
_AHEAD = 4 * _THREADS


def import_path(
    path: Path, profile: Profile, *, blocks: PathBlocks | None = None, hidden: bool = False
) -> Link:
    """
    The root link of a file or directory; with `blocks`, its blocks can be had afterwards.

    Raises `PathInvalid` for what is neither file nor directory, and `OSError` as it comes.
    """
    mode = path.stat().st_mode
    if stat.S_ISREG(mode):
        return _import_file(path, profile, blocks)
    if not stat.S_ISDIR(mode):
        raise PathInvalid(str(path), "neither a file nor a directory")
    return _import_directory(path, profile, blocks, hidden=hidden)


def _import_directory(
    path: Path, profile: Profile, blocks: PathBlocks | None, *, hidden: bool
) -> Link:
    sink: Sink = Discard() if blocks is None else blocks
    entries = []
    for name in sorted(os.listdir(path)):
        if name.startswith(".") and not hidden:
            continue
        child = path / name
        if child.is_symlink():
            link = symlink(os.readlink(child), profile, sink)
        else:
            link = import_path(child, profile, blocks=blocks, hidden=hidden)
        entries.append(replace(link, name=name))
    return directory(entries, profile, sink)


def _import_file(path: Path, profile: Profile, blocks: PathBlocks | None) -> Link:
    if blocks is not None:
        blocks.enter(path)
    sink: Sink = Discard() if blocks is None else blocks
    tree = Tree(profile, sink)
    offset = 0
    for link in _leaves(path, profile):
        sink.leaf(link.cid, offset=offset, length=link.file_bytes)
        offset += link.file_bytes
        tree.add(link)
    return tree.root()


def _leaves(path: Path, profile: Profile) -> Iterator[Link]:
    """Hash a file's chunks, in order, a few ahead."""
    with path.open("rb", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size

        def hashed(offset: int) -> Link:
            length = min(profile.chunk_bytes, size - offset)
            chunk = os.pread(file.fileno(), length, offset)
            if len(chunk) != length:
                raise PathInvalid(str(path), "the file changed while it was read")
            return leaf_link(profile, chunk)

        if size <= profile.chunk_bytes:
            yield hashed(0)
            return
        with ThreadPoolExecutor(_THREADS) as pool:
            waiting: deque[Future[Link]] = deque()
            for offset in range(0, size, profile.chunk_bytes):
                waiting.append(pool.submit(hashed, offset))
                if len(waiting) >= _AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()


class PathBlocks:
    """The blocks of an imported path: nodes in memory, leaves read again from their files."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._files: list[Path] = []
        self._nodes: dict[bytes, bytes] = {}
        self._leaves: dict[bytes, tuple[int, int, int]] = {}

    def enter(self, path: Path) -> None:
        """The leaves that follow are of this file."""
        self._files.append(path)

    def leaf(self, cid: Cid, *, offset: int, length: int) -> None:
        """Remember where a leaf stands."""
        self._leaves.setdefault(cid.digest, (len(self._files) - 1, offset, length))

    def node(self, cid: Cid, block: bytes) -> None:
        """Keep a node."""
        self._nodes[cid.digest] = block

    def get(self, cid: Cid) -> bytes:
        """The block of a CID. Raises `BlockMissing`."""
        if (block := self._nodes.get(cid.digest)) is not None:
            return block
        if (place := self._leaves.get(cid.digest)) is None:
            raise BlockMissing(str(cid))
        index, offset, length = place
        with self._files[index].open("rb", buffering=0) as file:
            return leaf_block(self._profile, os.pread(file.fileno(), length, offset))
