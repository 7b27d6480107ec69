"""
A tree out of a CAR, as files on disk: whole or not at all, and nothing outside its folder.

Everything is written below a new folder beside the target, which gets its name when all is there.
Names that no file can have are refused by the reader. A symbolic link is made only if it points to
somewhere within the tree; nothing is ever written through one, because each file and folder is new.
"""

from __future__ import annotations

import os
import posixpath
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nft.content.car import MAX_DEPTH
from nft.content.cid import RAW, Cid
from nft.content.dagpb import DIRECTORY, HAMT_SHARD, SYMLINK
from nft.content.exporter import (
    Budget,
    Get,
    file_size,
    list_directory,
    read_file,
    read_node,
)
from nft.content.paths import MAX_NESTED
from nft.errors import BlockInvalid, PathInvalid


@dataclass(slots=True)
class Allowance:
    """What one extraction may write; a few blocks can unfold to more than any disk."""

    bytes: int = 64 * 2**30
    files: int = 1_000_000
    blocks: int = 20_000_000


@dataclass(frozen=True, slots=True)
class Written:
    """What was made."""

    files: int
    bytes: int


def extract(get: Get, roots: Mapping[str, Cid], out: Path, *, allowance: Allowance) -> Written:
    """
    Write one tree to `out`, or several below it by their names.

    `roots` has the one name "" for a tree that becomes `out` itself. Raises `PathInvalid` when
    `out` exists or the tree holds what is not written, `BlockInvalid`, `BlockMissing`, `OSError`.
    """
    if os.path.lexists(out):
        raise PathInvalid(str(out), "there is something of that name already")
    folder = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name[:40]}-"))
    try:
        writer = _Writer(get, folder, allowance)
        if list(roots) == [""]:
            writer.write(roots[""], "whole")
        else:
            (folder / "whole").mkdir()
            for name, cid in roots.items():
                writer.write(cid, f"whole/{name}")
        os.rename(folder / "whole", out)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return Written(files=writer.files, bytes=writer.bytes)


class _Writer:
    """Writes below one new folder, whose `whole` is the top of the tree."""

    def __init__(self, get: Get, folder: Path, allowance: Allowance) -> None:
        self._get = get
        self._folder = folder
        self._allowance = allowance
        self._budget = Budget(blocks=allowance.blocks, depth=MAX_DEPTH)
        self.files = 0
        self.bytes = 0

    def write(self, cid: Cid, path: str, *, depth: int = 0) -> None:
        """Write a file, a link or a folder with all that is in it."""
        self.files += 1
        if self.files > self._allowance.files:
            raise BlockInvalid(f"the tree has more than {self._allowance.files} files")
        unixfs = None if cid.codec == RAW else read_node(self._get, cid)[1]
        target = self._folder / path
        if unixfs is None or unixfs.kind not in (DIRECTORY, HAMT_SHARD, SYMLINK):
            self._file(cid, target)
        elif unixfs.kind == SYMLINK:
            os.symlink(_inside(unixfs.data, path), target)
        else:
            self._directory(cid, path, depth)

    def _directory(self, cid: Cid, path: str, depth: int) -> None:
        if depth > MAX_NESTED:
            raise BlockInvalid(f"the folder {cid} is nested deeper than {MAX_NESTED}")
        (self._folder / path).mkdir()
        for link in list_directory(self._get, cid, budget=self._budget):
            self.write(link.cid, f"{path}/{link.name}", depth=depth + 1)

    def _file(self, cid: Cid, target: Path) -> None:
        size = file_size(self._get, cid)
        self.bytes += size
        if self.bytes > self._allowance.bytes:
            raise BlockInvalid(f"the tree has more than {self._allowance.bytes} bytes")
        with target.open("xb") as file:
            for piece in read_file(self._get, cid, budget=self._budget):
                file.write(piece)


def _inside(data: bytes, path: str) -> str:
    """The text of a link that stays below the top of the tree."""
    try:
        target = data.decode()
    except UnicodeDecodeError as error:
        raise PathInvalid(path, "its target is not UTF-8") from error
    shown = path.partition("/")[2] or "the link"
    if not target or "\0" in target or target.startswith("/"):
        raise PathInvalid(shown, f"a link to {target[:80]!r}, which is not in this folder")
    reached = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    if reached != "whole" and not reached.startswith("whole/"):
        raise PathInvalid(shown, f"a link to {target[:80]!r}, which is not in this folder")
    return target
