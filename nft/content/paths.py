"""
A path on disk, imported: for the command line and for tests; the exchange imports streams.

Follows `ipfs add -r`: names beginning with a dot are left out unless asked for, a symbolic link
below the path is stored as a link and never followed. Chunks are read and hashed by a few threads
(hashing releases the interpreter lock), each in one buffer of its own, so memory grows neither with
the size of a file nor with the number of files.
"""

from __future__ import annotations

import os
import stat
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from mmap import mmap
from pathlib import Path
from threading import local

from nft.content.cid import Cid
from nft.content.dagpb import Link
from nft.content.directories import directory, symlink
from nft.content.importer import Discard, Sink, Tree, leaf_block, leaf_link
from nft.content.profiles import Profile
from nft.content.shelf import Shelf
from nft.errors import BlockMissing, PathInvalid

_THREADS = min(4, os.cpu_count() or 1)
_AHEAD = 4 * _THREADS

MAX_NESTED = 128
"""Folders within folders."""


def import_path(
    path: Path, profile: Profile, *, blocks: PathBlocks | None = None, hidden: bool = False
) -> Link:
    """
    The root link of a file or directory; with `blocks`, its blocks can be had afterwards.

    Raises `PathInvalid` for what is neither file nor directory, for names that are not UTF-8 and
    for folders nested too deep, and `OSError` as it comes.
    """
    return _Import(profile, blocks, hidden).path(os.fspath(path), depth=0)


class _Import:
    """One walk. Paths are plain text here: of a hundred thousand files the objects would tell."""

    def __init__(self, profile: Profile, blocks: PathBlocks | None, hidden: bool) -> None:
        self._profile = profile
        self._blocks = blocks
        self._sink: Sink = Discard() if blocks is None else blocks
        self._hidden = hidden

    def path(self, path: str, *, depth: int) -> Link:
        """A file or directory; a link given by name is followed, as `ipfs add` does."""
        mode = os.stat(path).st_mode
        if stat.S_ISREG(mode):
            return self._file(path)
        if not stat.S_ISDIR(mode):
            raise PathInvalid(path, "neither a file nor a directory")
        if depth == MAX_NESTED:
            raise PathInvalid(path, f"folders are nested deeper than {MAX_NESTED}")
        return directory(self._entries(path, depth), self._profile, self._sink)

    def _entries(self, path: str, depth: int) -> Iterator[Link]:
        """Files as they are found; folders after, when this one is no longer open."""
        later = []
        with os.scandir(path) as found:
            for entry in found:
                if entry.name.startswith(".") and not self._hidden:
                    continue
                _check_text(entry.path, entry.name)
                if entry.is_symlink():
                    target = os.readlink(entry.path)
                    _check_text(entry.path, target)
                    link = symlink(target, self._profile, self._sink)
                elif entry.is_file():
                    link = self._file(entry.path)
                else:
                    later.append(entry.name)
                    continue
                yield replace(link, name=entry.name)
        for name in later:
            link = self.path(os.path.join(path, name), depth=depth + 1)
            yield replace(link, name=name)

    def _file(self, path: str) -> Link:
        if self._blocks is not None:
            self._blocks.enter(path)
        tree = Tree(self._profile, self._sink)
        offset = 0
        for link in _leaves(path, self._profile):
            self._sink.leaf(link.cid, offset=offset, length=link.file_bytes)
            offset += link.file_bytes
            tree.add(link)
        return tree.root()


def _check_text(path: str, text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise PathInvalid(
            path.encode(errors="replace").decode(), "its name is not UTF-8"
        ) from error


def _leaves(path: str, profile: Profile) -> Iterator[Link]:
    """Hash a file's chunks, in order, a few ahead."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        size = os.fstat(descriptor).st_size
        if size <= profile.chunk_bytes:
            yield leaf_link(profile, _read(descriptor, 0, size, path))
        else:
            yield from _hashed_ahead(descriptor, size, path, profile)
    finally:
        os.close(descriptor)


def _hashed_ahead(descriptor: int, size: int, path: str, profile: Profile) -> Iterator[Link]:
    own = local()

    def hashed(offset: int) -> Link:
        # One buffer for each thread, on a page boundary: copies to other places take four times
        # the system's time.
        if not hasattr(own, "buffer"):
            own.buffer = memoryview(mmap(-1, profile.chunk_bytes))
        chunk = own.buffer[: min(profile.chunk_bytes, size - offset)]
        if os.preadv(descriptor, [chunk], offset) != len(chunk):
            raise PathInvalid(path, "the file changed while it was read")
        return leaf_link(profile, chunk)

    pool = ThreadPoolExecutor(_THREADS)
    try:
        waiting: deque[Future[Link]] = deque()
        for offset in range(0, size, profile.chunk_bytes):
            waiting.append(pool.submit(hashed, offset))
            if len(waiting) >= _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        # Not one thread may read on when the file is closed and its number given to another.
        pool.shutdown(cancel_futures=True)


def _read(descriptor: int, offset: int, length: int, path: str) -> bytes:
    chunk = os.pread(descriptor, length, offset)
    if len(chunk) != length:
        raise PathInvalid(path, "the file changed while it was read")
    return chunk


class PathBlocks:
    """The blocks of an imported path: nodes on a shelf, leaves read again from their files."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._nodes = Shelf()
        self._leaves = Shelf()
        self._files = Shelf()

    def enter(self, path: str) -> None:
        """The leaves that follow are of this file."""
        self._files.put(_number(len(self._files)), os.fsencode(path))

    def leaf(self, cid: Cid, *, offset: int, length: int) -> None:
        """Remember where a leaf stands."""
        place = _number(len(self._files) - 1) + _number(offset) + _number(length)
        self._leaves.put(cid.digest, place)

    def node(self, cid: Cid, block: bytes) -> None:
        """Keep a node."""
        self._nodes.put(cid.digest, block)

    def get(self, cid: Cid) -> bytes:
        """The block of a CID. Raises `BlockMissing`."""
        if (block := self._nodes.get(cid.digest)) is not None:
            return block
        place = self._leaves.get(cid.digest)
        path = None if place is None else self._files.get(place[:8])
        if place is None or path is None:
            raise BlockMissing(str(cid))
        offset, length = int.from_bytes(place[8:16], "big"), int.from_bytes(place[16:], "big")
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            chunk = _read(descriptor, offset, length, os.fsdecode(path))
        finally:
            os.close(descriptor)
        return leaf_block(self._profile, chunk)

    def close(self) -> None:
        """Give back what the shelves took."""
        for shelf in (self._nodes, self._leaves, self._files):
            shelf.close()


def _number(number: int) -> bytes:
    return number.to_bytes(8, "big")
