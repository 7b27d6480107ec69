"""
A cleaned copy: we are our own client, so that the copy goes the way of every upload.
"""

from __future__ import annotations

import mmap
import secrets
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path

from anyio import to_thread

from api.parts import Parts
from api.uploads import service
from media import cleaning, uploads
from media.disk import answering
from media.uploads import NewUpload
from nft.errors import StoreUnavailable
from nft.types import Address


async def clean(parts: Parts, upload_id: str, account: Address, *, now: datetime) -> str:
    """
    Begin and fill an upload with the copy; returns its id.

    Raises `UploadNotReady` before the file was found good, `NotCleanable` where no copy can be
    made, and whatever beginning an upload raises.
    """
    async with parts.sessions() as session:
        await service.find(session, upload_id, owner=account, now=now)
        ready = partial(uploads.ready, upload_id=upload_id, owner=account, now=now)
        row = await session.run_sync(ready)
    path = _file(parts, bytes(row.sha256 or b""))
    source = await to_thread.run_sync(_Source, path, row.type or "")
    try:
        new = NewUpload(
            owner=account,
            length=source.size,
            filename=_named(row.filename),
            filetype=row.type or "",
        )
        copy_id = secrets.token_hex(16)
        begin = partial(uploads.create, rules=parts.uploads, new=new, upload_id=copy_id, now=now)
        async with parts.sessions.begin() as session:
            copy = await session.run_sync(begin)
        await service.receive(parts, copy, source.pieces(), offset=0, checksum=None)
    finally:
        source.close()
    return copy_id


def _file(parts: Parts, sha256: bytes) -> Path:
    for store in (parts.private, parts.public):
        path = store.find_file(sha256)
        if path is not None:
            return path
    raise StoreUnavailable("the file of this upload is gone")


def _named(filename: str) -> str:
    stem, dot, ending = filename.rpartition(".")
    return f"{stem}-clean.{ending}" if dot else f"{filename}-clean"


class _Source:
    """The original, mapped, and what to change of it. Close it."""

    def __init__(self, path: Path, media_type: str) -> None:
        with answering(), path.open("rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._view = memoryview(self._map)
        try:
            self._edits = cleaning.edits(self._view, media_type)
        except BaseException:
            self.close()
            raise
        self.size = cleaning.cleaned_size(self._view, self._edits)

    async def pieces(self) -> AsyncIterator[bytes]:
        """The copy, read in a thread."""
        found: Iterator[bytes] = cleaning.cleaned(self._view, self._edits)
        while (piece := await to_thread.run_sync(next, found, None)) is not None:
            yield piece

    def close(self) -> None:
        """Let go of the file."""
        self._view.release()
        self._map.close()
