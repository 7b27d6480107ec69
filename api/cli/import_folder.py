"""What lies in a folder, as far as a sheet names it: plain files only, by their bytes."""

import hashlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from nft.sheets.cells import composed
from nft.sheets.tables import read_table

PIECE = 1 << 20
HASHING_THREADS = 4


@dataclass(frozen=True, slots=True)
class Found:
    """A file that the sheet names, or may have meant."""

    path: Path
    name: str
    size: int
    sha256: str


@dataclass(slots=True)
class Folder:
    """The files that matter, and what was passed by on purpose."""

    files: list[Found] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    """Named, but symbolic links: where they lead is nobody's business here."""

    def by_sha256(self) -> dict[str, Found]:
        """One file for each content."""
        return {file.sha256: file for file in self.files}


def look_into(folder: Path, sheet: bytes, *, on_file: Callable[[], None]) -> Folder:
    """
    Hash the files that the sheet names, and those whose names differ only in case or ending, so
    that the report can say which one was meant. Nothing below the folder, nothing outside.
    """
    wanted = {
        composed(cell)
        for line in read_table(sheet).lines
        for column in ("file", "cover")
        if (cell := line.cells.get(column, ""))
    }
    alike = {name.casefold() for name in wanted} | {stem(name) for name in wanted}
    found = Folder()
    paths: list[Path] = []
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda one: one.name):
            name = composed(entry.name)
            is_meant = name in wanted or name.casefold() in alike or stem(name) in alike
            if not is_meant:
                continue
            if entry.is_symlink():
                found.links.append(entry.name)
            elif entry.is_file(follow_symlinks=False):
                paths.append(Path(entry.path))

    def read(path: Path) -> Found:
        file = hashed(path)
        on_file()
        return file

    with ThreadPoolExecutor(HASHING_THREADS) as pool:
        found.files = list(pool.map(read, paths))
    return found


def stem(name: str) -> str:
    """A name without its ending, for guesses."""
    return name.rpartition(".")[0].casefold() or name.casefold()


def hashed(path: Path) -> Found:
    """Size and SHA-256 of a file; a link that took its place meanwhile is not followed."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    with open(descriptor, "rb") as source:
        digest = hashlib.sha256()
        size = 0
        while piece := source.read(PIECE):
            digest.update(piece)
            size += len(piece)
    return Found(path, composed(path.name), size, "0x" + digest.hexdigest())
