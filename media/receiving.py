"""
The bytes of an upload while they arrive: one file, one writer, nothing counted before it is synced.

No SQL and no HTTP here. `Receiving` is opened at the offset that the row says, cutting off what a
killed process wrote beyond it; the row is moved on by `media.uploads.settle` after a sync.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from base64 import b64decode
from binascii import Error as NotBase64
from dataclasses import dataclass
from pathlib import Path

from media.disk import answering, sync_folder
from media.hashing import Hashing, Measured
from nft.errors import (
    ChecksumMismatch,
    ChecksumNotKnown,
    FileTooLarge,
    StoreUnavailable,
    UploadBusy,
)

ALGORITHMS = ("sha1", "sha256", "sha512", "md5")
"""What `Tus-Checksum-Algorithm` offers; they find accidents on the way, nothing rests on them."""

SETTLE_EVERY_BYTES = 8 * 1024 * 1024
"""A long request is settled this often, so that a killed server loses at most so much."""


@dataclass(frozen=True, slots=True)
class Checksum:
    """What the client says the bytes of this one request hash to."""

    algorithm: str
    digest: bytes

    @classmethod
    def parse(cls, header: str) -> Checksum:
        """Read `Upload-Checksum: sha256 <base64>`. Raises `ChecksumNotKnown`."""
        algorithm, _, text = header.strip().partition(" ")
        try:
            digest = b64decode(text.strip(), validate=True)
        except (NotBase64, ValueError) as error:
            raise ChecksumNotKnown(header, list(ALGORITHMS)) from error
        is_known = algorithm in ALGORITHMS
        if not is_known or len(digest) != hashlib.new(algorithm).digest_size:
            raise ChecksumNotKnown(header, list(ALGORITHMS))
        return cls(algorithm=algorithm, digest=digest)


class Receiving:
    """One request's bytes on their way to disk. Always `close` it; closing keeps nothing new."""

    def __init__(
        self,
        path: Path,
        hashing: Hashing,
        *,
        upload_id: str,
        offset: int,
        length: int,
        checksum: Checksum | None,
    ) -> None:
        self.upload_id = upload_id
        self.offset = offset
        """Bytes on disk and synced."""
        self.counted = offset
        """Bytes that the row counts."""
        self.measured: Measured | None = None
        """What the file is, once all of it is on disk."""
        self.refusal: ChecksumMismatch | None = None
        """Why the whole file was thrown away at its last byte."""
        self.lost: StoreUnavailable | None = None
        """What came in cannot be read again."""
        self._path = path
        self._hashing = hashing
        self._length = length
        self._written = offset
        self._checksum = checksum
        self._hash = hashlib.new(checksum.algorithm) if checksum else None
        with answering():
            self._descriptor = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            self._take_over()
        except BaseException:
            self.close()
            raise

    def _take_over(self) -> None:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UploadBusy(self.upload_id) from error
        with answering():
            if os.fstat(self._descriptor).st_size < self.offset:
                raise StoreUnavailable(f"bytes of upload {self.upload_id} are gone from the disk")
            os.ftruncate(self._descriptor, self.offset)
            os.lseek(self._descriptor, self.offset, os.SEEK_SET)
        self._hashing.reach(self.upload_id, self._path, self.offset)

    @property
    def is_due(self) -> bool:
        """
        Whether so much has come in that it should be settled before the request ends.

        The last byte is settled with the end: afterwards the upload takes no more.
        """
        is_much = self._written - self.offset >= SETTLE_EVERY_BYTES
        return self._hash is None and is_much and self._written < self._length

    def write(self, piece: bytes) -> None:
        """Take the next bytes. Raises `FileTooLarge` at the first byte beyond the length."""
        if self._written + len(piece) > self._length:
            raise FileTooLarge(self._written + len(piece), self._length)
        if self._hash:
            self._hash.update(piece)
        view = memoryview(piece)
        with answering():
            while view:
                view = view[os.write(self._descriptor, view) :]
        self._written += len(piece)

    def sync(self, *, is_whole: bool) -> int:
        """
        Put what came in on disk, hash it, and return the new offset. Nothing new costs nothing.

        `is_whole` says that the request ended as announced. With a checksum, bytes count only
        then, and only if they match; else `ChecksumMismatch` is raised and they are cut off.
        """
        if self._checksum and self._hash:
            is_right = is_whole and self._hash.digest() == self._checksum.digest
            if not is_right:
                self._written = self.offset
                with answering():
                    os.ftruncate(self._descriptor, self.offset)
            if is_whole and not is_right:
                raise ChecksumMismatch(self._checksum.algorithm)
        if self._written > self.offset:
            with answering():
                os.fsync(self._descriptor)
            self.offset = self._written
            self._hashing.reach(self.upload_id, self._path, self.offset)
        if self.offset == self._length and self.measured is None:
            try:
                self.measured = self._hashing.finish(self.upload_id, self._path, self._length)
            except StoreUnavailable as error:
                self.lost = error  # or its owner ended the upload, which the row says
        return self.offset

    def close(self) -> None:
        """Let the file go, and with it the lock."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def make_part(path: Path) -> None:
    """Make the empty file of a new upload, durably."""
    with answering():
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        sync_folder(path.parent)
