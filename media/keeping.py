"""
Keeping content: bringing it to a place, reading it back from there, having it let go.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import BinaryIO, NoReturn, cast

from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError
from sqlmodel import col

from media import ledger, mending, places
from media.mending import NothingLeft
from media.pinning import (
    ACCEPT,
    FAILED,
    FALLEN,
    LOST,
    MAX_ATTEMPTS,
    PINNED,
    READ,
    READ_BACK,
    REMOVED,
    SEND,
    TAKE_ITS_WORD,
    UNWANTED,
    Pinner,
    PlaceSilent,
    Source,
    StillFetching,
    is_overdue,
    patience,
)
from media.streams import WholeReads
from media.tables import ContentRow, PinRow, VariantRow
from media.work import MediaParts
from nft.content.car import CarReader, write_car
from nft.content.cid import Cid
from nft.content.importer import FileImporter
from nft.content.profiles import PROFILES
from nft.errors import BlockInvalid, BlockMissing, PinFailed, StoreUnavailable, Unreachable
from nft.types import Digest


def pin(parts: MediaParts, cid: str, store: str, *, now: datetime) -> str:
    """
    Bring a content to a place and read it back from there; returns the state reached.

    A copy that fell is made again the same way, from whoever has the bytes. Raises `Unreachable`
    when another attempt is due.
    """
    pinner = parts.pinners.get(store)
    if pinner is None:
        return REMOVED  # The place is configured no more; `ledger.retire` ends its pins.
    with alone(parts, cid, store):
        with parts.sessions() as session:
            row = ledger.find(session, cid, store)
        if row is None or row.state in (READ_BACK, UNWANTED):
            return READ_BACK
        try:
            return _carry(parts, row, pinner, now=now)
        except StillFetching:
            raise
        except NothingLeft as error:
            with parts.sessions.begin() as session:
                ledger.mark_lost(session, cid, store, problem=str(error), now=now)
            return LOST
        except (Unreachable, BlockInvalid, BlockMissing) as error:
            places.note(parts, pinner, error, now=now)
            with parts.sessions.begin() as session:
                attempts = ledger.mark_failure(session, cid, store, problem=str(error), now=now)
            if attempts >= MAX_ATTEMPTS:
                return FAILED
            raise (
                error if isinstance(error, PinFailed) else PinFailed(store, cid, str(error))
            ) from error


def _carry(parts: MediaParts, row: PinRow, pinner: Pinner, *, now: datetime) -> str:
    cid = row.cid
    if row.state in FALLEN:
        mending.make_sound(parts, cid, but=pinner.name)
    source = source_of(parts, cid)
    if not pinner.pin(source):
        _wait(parts, row, pinner, now=now)
    _mark(parts, cid, pinner, ACCEPT, now=now)
    if pinner.can_be_read:
        check_kept(parts, source, pinner)
    publish_variants(parts, source.sha256)
    reached = READ if pinner.can_be_read else TAKE_ITS_WORD
    places.note(parts, pinner, None, now=now)
    if not _mark(parts, cid, pinner, reached, now=now):
        _withdraw(parts, source.cid, pinner)
    return READ_BACK if pinner.can_be_read else PINNED


def _wait(parts: MediaParts, row: PinRow, pinner: Pinner, *, now: datetime) -> NoReturn:
    """Leave a place to its fetching; one that has been at it for too long is asked anew."""
    if row.sent_at is not None and is_overdue(row.sent_at, now):
        pinner.unpin(Cid.parse(row.cid))
        raise PinFailed(pinner.name, row.cid, f"it has been fetching since {row.sent_at:%H:%M} UTC")
    places.note(parts, pinner, None, now=now)
    _mark(parts, row.cid, pinner, SEND, now=now)
    raise StillFetching(pinner.name, row.cid)


def _mark(parts: MediaParts, cid: str, pinner: Pinner, seen: str, *, now: datetime) -> bool:
    with parts.sessions.begin() as session:
        return ledger.mark(session, cid, pinner.name, seen=seen, now=now)


def source_of(parts: MediaParts, cid: str) -> Source:
    """Content that we hold, ready to be handed on. Raises `BlockMissing`."""
    root = Cid.parse(cid)
    for store in (parts.private, parts.public):
        record = store.find_record(root)
        if record is not None:
            return Source(
                cid=root,
                profile=record.profile,
                sha256=bytes.fromhex(record.file),
                size=record.size,
                get=store.open(root),
                is_folder=record.is_folder,
            )
    raise BlockMissing(cid)


def described(parts: MediaParts, cid: str) -> Source:
    """What a content is, by our own copy or else by the rows; it may only be compared with."""
    try:
        return source_of(parts, cid)
    except (BlockMissing, StoreUnavailable):
        return mending.known(parts, Cid.parse(cid)).source


def check_kept(parts: MediaParts, source: Source, pinner: Pinner) -> None:
    """
    Read content back from a place and compare every byte's hash. Raises `PinFailed`.

    A place that drips is given up after a time that depends on the size.
    """
    deadline = parts.monotonic() + patience(source.size)

    def read() -> Iterator[bytes]:
        for piece in pinner.read(source):
            yield piece
            if parts.monotonic() > deadline:
                raise PlaceSilent(
                    pinner.name, str(source.cid), "it gives the bytes back too slowly"
                )

    is_same = _is_same_folder if source.is_folder else _is_same_file
    if not is_same(source, read()):
        raise PinFailed(pinner.name, str(source.cid), "it gave back other bytes")


def _is_same_file(source: Source, pieces: Iterator[bytes]) -> bool:
    whole = hashlib.sha256()
    importer = FileImporter(PROFILES[source.profile])
    for piece in pieces:
        whole.update(piece)
        importer.update(piece)
    return whole.digest() == source.sha256 and importer.finish().cid.digest == source.cid.digest


def _is_same_folder(source: Source, pieces: Iterator[bytes]) -> bool:
    """
    Whether a CAR holds every block of the folder that we hold; the reader hashes each.

    Raises `BlockInvalid` for a CAR that is none, or has a block that is not what it says.
    """
    found = _digests_in(pieces, most=2 * source.size + 2**20)
    return found >= _digests_in(write_car(source.cid, source.get), most=2**40)


def _digests_in(car: Iterator[bytes], *, most: int) -> set[bytes]:
    stream = cast(BinaryIO, WholeReads(car))
    return {cid.digest for cid, _ in CarReader(stream, max_bytes=most)}


def publish_variants(parts: MediaParts, sha256: bytes) -> None:
    """A work's small pictures are served together with it, from our own store alone."""
    for digest in _variant_digests(parts, sha256):
        path = parts.private.find_file(digest)
        if path is not None:
            parts.public.add_file(path)


def _variant_digests(parts: MediaParts, sha256: bytes) -> list[bytes]:
    with parts.sessions() as session:
        query = select(col(VariantRow.variant_sha256)).where(
            col(VariantRow.sha256) == Digest(sha256)
        )
        return [bytes(digest) for digest in session.execute(query).scalars()]


def unpin(parts: MediaParts, cid: str, store: str, *, now: datetime) -> None:
    """Have a place let go of content that nobody wants any more."""
    with alone(parts, cid, store):
        with parts.sessions() as session:
            if not ledger.may_remove(session, cid, store):
                return
        if store in parts.pinners:
            _withdraw(parts, Cid.parse(cid), parts.pinners[store])
        with parts.sessions.begin() as session:
            ledger.forget(session, cid, store, now=now)


def _withdraw(parts: MediaParts, root: Cid, pinner: Pinner) -> None:
    """Variants first: they are found by the root's record, which a killed process leaves."""
    record = parts.public.find_record(root)
    if record is not None:
        _withdraw_variants(parts, bytes.fromhex(record.file))
    pinner.unpin(root)


def _withdraw_variants(parts: MediaParts, sha256: bytes) -> None:
    for digest in _variant_digests(parts, sha256):
        with parts.sessions() as session:
            # Two originals may have one variant in common; the other one keeps it.
            query = (
                select(col(PinRow.cid))
                .join(ContentRow, col(ContentRow.cid) == col(PinRow.cid))
                .join(VariantRow, col(VariantRow.sha256) == col(ContentRow.sha256))
                .where(
                    col(VariantRow.variant_sha256) == Digest(digest),
                    col(PinRow.state) != "unwanted",
                )
            )
            is_used = session.execute(query.limit(1)).scalar_one_or_none() is not None
        if not is_used:
            for root in parts.public.roots_of(digest.hex()):
                parts.public.remove(root)


@contextmanager
def alone(parts: MediaParts, cid: str, store: str) -> Iterator[None]:
    """
    Be the only one who works on this content in this place, by a lock that dies with us.

    Waits as long as a statement may take: a killed worker's lock is freed only when the server
    notices. Raises `PinFailed` after that.
    """
    with parts.engine.connect() as connection:
        held = connection.execution_options(isolation_level="AUTOCOMMIT")
        key = {"key": f"media:{store}:{cid}"}
        try:
            held.execute(text("SELECT pg_advisory_lock(hashtextextended(:key, 0))"), key)
        except OperationalError as error:
            raise PinFailed(store, cid, "another worker is at it") from error
        try:
            yield
        finally:
            held.execute(text("SELECT pg_advisory_unlock(hashtextextended(:key, 0))"), key)
