"""
Making our own copy of a content whole again, from whoever still has its bytes.

Original and public copy are one file under two names, so what rots on disk rots in both. The bytes
come back from the row of a metadata document, from the other store, or from a place that keeps the
content; they are hashed before they replace anything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select
from sqlmodel import col

from media.pinning import EMBEDDED, Pinner, PlaceSilent, Source, patience
from media.store import BlockStore
from media.tables import ContentRow, MetadataRow
from media.trees import TreeRecord, pieces_of
from media.work import MediaParts
from nft.content.car import CarReader, write_car
from nft.content.cid import DAG_PB, Cid
from nft.content.exporter import Get, is_directory, list_directory, read_file
from nft.content.profiles import DEFAULT, PROFILES, Profile
from nft.errors import BlockInvalid, BlockMissing, PinFailed, StoreUnavailable, Unreachable
from nft.types import Digest

_DEEPEST = 64


class NothingLeft(BlockMissing):
    """Nobody who could be asked has the bytes of a content any more."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the rows say of a content, whatever the disk says."""

    cid: Cid
    profile: str
    sha256: bytes
    size: int
    body: bytes | None = None
    """Of a metadata document, which its row holds."""
    is_folder: bool = False

    @property
    def source(self) -> Source:
        """To compare a copy with; it has no blocks to give."""
        return Source(
            cid=self.cid,
            profile=self.profile,
            sha256=self.sha256,
            size=self.size,
            get=_nothing,
            is_folder=self.is_folder,
        )


def _nothing(cid: Cid) -> bytes:
    raise BlockMissing(str(cid))


def make_sound(parts: MediaParts, cid: str, *, but: str = "") -> None:
    """
    See that our own stores have a content whole, fetching it if need be; `but` is not asked.

    Raises `NothingLeft`, or `PinFailed` when a place that may have it does not answer now.
    """
    root = Cid.parse(cid)
    is_public = but == EMBEDDED or _has(parts.public, root)
    broken = [
        store
        for store in ([parts.private, parts.public] if is_public else [parts.private])
        if not is_sound(store, root)
    ]
    if not broken:
        return
    what = known(parts, root)
    with TemporaryDirectory(dir=parts.rules.folder, prefix="mending-") as folder:
        whole = Path(folder) / "whole"
        files = _fetch(parts, what, whole, but=but)
        for store in broken:
            if what.is_folder:
                store.mend_folder(files, root=root)
            else:
                store.mend(whole, sha256=what.sha256, profiles=_profiles(what))


def is_sound(store: BlockStore, root: Cid) -> bool:
    """Whether every block below a root is in a store, with the right hash."""
    try:
        fresh = BlockStore(store.folder)
        return all(True for _ in write_car(root, fresh.open(root)))
    except (StoreUnavailable, BlockMissing, BlockInvalid):
        return False


def _has(store: BlockStore, root: Cid) -> bool:
    try:
        return store.has(root)
    except StoreUnavailable:
        return True


def known(parts: MediaParts, root: Cid) -> Known:
    """
    By the rows, or else by the record on disk.

    Raises `NothingLeft` when neither says what the content is.
    """
    record = _record(parts, root)
    with parts.sessions() as session:
        content = session.execute(
            select(ContentRow).where(col(ContentRow.cid) == str(root))
        ).scalar_one_or_none()
        body = session.execute(
            select(col(MetadataRow.body)).where(col(MetadataRow.digest) == Digest(root.digest))
        ).scalar_one_or_none()
    if content is not None:
        sha256 = bytes(content.sha256)
        # A folder goes by its root's own digest, which no file of several blocks has.
        is_folder = record.is_folder if record else root.codec == DAG_PB and sha256 == root.digest
        return Known(root, content.profile, sha256, content.size, is_folder=is_folder)
    if body is not None:
        return Known(root, DEFAULT.name, root.digest, len(body), bytes(body))
    if record is None:
        raise NothingLeft(str(root))
    sha256 = bytes.fromhex(record.file)
    return Known(root, record.profile, sha256, record.size, is_folder=record.is_folder)


def _record(parts: MediaParts, root: Cid) -> TreeRecord | None:
    """What the disk says, where it can still be read."""
    for store in (parts.private, parts.public):
        try:
            found = store.find_record(root)
        except StoreUnavailable:
            continue
        if found is not None:
            return found
    return None


def _profiles(what: Known) -> list[Profile]:
    return [DEFAULT] if what.body is not None else list(PROFILES.values())


def _fetch(parts: MediaParts, what: Known, whole: Path, *, but: str) -> dict[str, Path]:
    """
    Write a content's bytes from the first who gives the right ones.

    Of a folder these are a CAR, and its files come back by their paths; of a file nothing else.
    """
    silent: list[str] = []
    for name, pieces in _givers(parts, what, but=but):
        try:
            with whole.open("wb") as file:
                for piece in pieces:
                    file.write(piece)
            if not what.is_folder and _sha256(whole) == what.sha256:
                return {}
            if what.is_folder and (files := _unpacked(whole, what.cid)):
                return files
        except (BlockMissing, BlockInvalid, StoreUnavailable):
            continue
        except PlaceSilent:
            silent.append(name)
        except Unreachable:
            continue  # It answered, and not with the content.
    if silent:
        raise PinFailed(", ".join(silent), str(what.cid), "asked for its bytes, it says nothing")
    raise NothingLeft(str(what.cid))


def _unpacked(car: Path, root: Cid) -> dict[str, Path]:
    """The files of a folder by their paths in it, out of a CAR. Raises `BlockInvalid`."""
    blocks = car.with_suffix(".blocks")
    blocks.mkdir(exist_ok=True)
    with car.open("rb") as stream:
        for cid, block in CarReader(stream):
            (blocks / cid.digest.hex()).write_bytes(block)

    def get(cid: Cid) -> bytes:
        path = blocks / cid.digest.hex()
        if not path.is_file():
            raise BlockMissing(str(cid))
        return path.read_bytes()

    return dict(_files_below(get, root, "", blocks, depth=0))


def _files_below(
    get: Get, cid: Cid, path: str, folder: Path, *, depth: int
) -> Iterator[tuple[str, Path]]:
    if depth > _DEEPEST:
        raise BlockInvalid("folders lie too deep in each other")
    for link in list_directory(get, cid):
        name = f"{path}/{link.name}" if path else link.name
        if is_directory(get, link.cid):
            yield from _files_below(get, link.cid, name, folder, depth=depth + 1)
            continue
        file = folder / f"{link.cid.digest.hex()}.file"
        with file.open("wb") as out:
            for piece in read_file(get, link.cid):
                out.write(piece)
        yield name, file


def _sha256(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _givers(parts: MediaParts, what: Known, *, but: str) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Whoever may have the bytes, the nearest first."""
    if what.body is not None:
        yield "database", iter([what.body])
    for store in (parts.private, parts.public):
        path = store.find_file(what.sha256)
        if what.is_folder:
            yield EMBEDDED, _car_of(store, what.cid)
        elif path is not None:
            yield EMBEDDED, pieces_of(path)
    for name, pinner in parts.pinners.items():
        if name not in (EMBEDDED, but) and pinner.can_be_read:
            yield name, _read(parts, what, pinner)


def _car_of(store: BlockStore, root: Cid) -> Iterator[bytes]:
    yield from write_car(root, store.open(root))


def _read(parts: MediaParts, what: Known, pinner: Pinner) -> Iterator[bytes]:
    ends_at = parts.monotonic() + patience(what.size)
    for piece in pinner.read(what.source):
        yield piece
        if parts.monotonic() > ends_at:
            raise PlaceSilent(pinner.name, str(what.cid), "it gives the bytes back too slowly")
