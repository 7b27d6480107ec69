"""
Writing so that it stays written: whole or not at all, and on disk before anybody is told.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

from nft.errors import StoreUnavailable


@contextmanager
def answering() -> Iterator[None]:
    """Say what the file system refused as a fact of the store: 503 outside, never a half row."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise StoreUnavailable(reason) from error


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file at `path`, waiting for whoever has it; the kernel frees it at death."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Make names that were added or removed in `folder` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def free_bytes(folder: Path) -> int:
    """What an ordinary user may still write there."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def writable_bytes(folder: Path) -> int | None:
    """As `free_bytes`; None when the folder is gone or nothing can be written to it at all."""
    try:
        found = os.statvfs(folder)
    except OSError:
        return None
    is_writable = not found.f_flag & os.ST_RDONLY and os.access(folder, os.W_OK)
    return found.f_bavail * found.f_frsize if is_writable else None


def make_folder(folder: Path) -> None:
    """Make `folder` and those above it that are missing, durably."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def write_whole(path: Path, data: bytes, *, scratch: Path) -> None:
    """Put `data` at `path` in one step."""
    write_pieces(path, [data], scratch=scratch)


def write_pieces(path: Path, pieces: Iterable[bytes], *, scratch: Path) -> None:
    """Put bytes at `path` in one step: written and synced in `scratch`, then renamed."""
    half = scratch / token_hex(16)
    with half.open("wb") as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    half.chmod(0o444)
    make_folder(path.parent)
    half.replace(path)
    sync_folder(path.parent)


def read_at(path: Path, offset: int, length: int) -> bytes:
    """Read a part of a file, never following a symbolic link. Raises `FileNotFoundError`."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        return os.pread(descriptor, length, offset)
    finally:
        os.close(descriptor)
