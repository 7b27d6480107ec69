"""
The bodies of the jobs: checking an upload, pinning, unpinning, sweeping.

Each may run twice, be killed anywhere, and run beside itself. Rows move in short transactions;
nothing slow happens inside one. An `Unreachable` that leaves a body asks for another attempt
after `media.pinning.wait_after`.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import delete, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, aliased, sessionmaker
from sqlmodel import col

from media import ledger, uploads
from media.checks import Inspection, Problem, inspect
from media.pinning import FAILED, PINNED, READ_BACK, Pinner, Source, after_failure
from media.store import BlockStore
from media.tables import ContentRow, PinRow, UploadRow, VariantRow
from nft.content.cid import Cid
from nft.content.importer import FileImporter, Imported
from nft.content.profiles import DEFAULT, PROFILES
from nft.errors import BlockInvalid, BlockMissing, PinFailed, StoreUnavailable, Unreachable
from nft.types import Digest

_SLOWEST_BYTES_PER_SECOND = 128 * 1024
_PATIENCE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class MediaParts:
    """What the jobs work with; made once for each process by whoever composes it."""

    engine: Engine
    sessions: sessionmaker[Session]
    rules: uploads.UploadRules
    private: BlockStore
    public: BlockStore
    pinners: Mapping[str, Pinner]
    monotonic: Callable[[], float] = time.monotonic

    def prepare(self) -> None:
        """Make the folders."""
        self.rules.prepare()
        self.private.prepare()
        self.public.prepare()


def check_upload(parts: MediaParts, upload_id: str, *, now: datetime) -> None:
    """Look at a received file: afterwards its upload is `ready`, with facts, or `refused`."""
    part = parts.rules.part(upload_id)
    with parts.sessions() as session:
        row = session.get(UploadRow, upload_id)
        if row is None or row.state != uploads.CHECKING:
            return
    if not part.is_file():
        raise StoreUnavailable(f"the file of upload {upload_id} is gone")
    with TemporaryDirectory(dir=parts.rules.folder, prefix="checking-") as folder:
        found = inspect(part, Path(folder))
        if isinstance(found, Problem):
            _refuse(parts, upload_id, found)
        else:
            while not _accept(parts, upload_id, found, Path(folder), now=now):
                pass  # a sweep took files away that were here; they are added again
    part.unlink(missing_ok=True)


def _refuse(parts: MediaParts, upload_id: str, problem: Problem) -> None:
    with parts.sessions.begin() as session:
        session.execute(
            update(UploadRow)
            .where(col(UploadRow.id) == upload_id, col(UploadRow.state) == uploads.CHECKING)
            .values(state=uploads.REFUSED, problem=asdict(problem))
        )


def _is_still_kept(
    parts: MediaParts, session: Session, sha256: Digest, files: Sequence[Imported]
) -> bool:
    """Whether no sweep took the files meanwhile; from here on none can, until the commit."""
    # A sweep holds this line while it removes the files; afterwards the upload keeps it off.
    line = select(col(ContentRow.sha256)).where(col(ContentRow.sha256) == sha256)
    if session.execute(line.with_for_update()).scalar_one_or_none() is None:
        return False
    return all(parts.private.has(root.cid) for file in files for root in file.roots.values())


def _accept(
    parts: MediaParts, upload_id: str, found: Inspection, folder: Path, *, now: datetime
) -> bool:
    """Keep the files and say so in the rows; false if they did not stay until the rows stood."""
    imported = parts.private.add_file(parts.rules.part(upload_id), profiles=list(PROFILES.values()))
    variants = [(made, parts.private.add_file(folder / made.name)) for made in found.variants]
    sha256 = Digest(imported.sha256)
    facts = {
        "type": found.type,
        "width": found.width,
        "height": found.height,
        "frames": found.frames,
        "blur": found.blur,
        "cids": imported.cids,
    }
    with parts.sessions.begin() as session:
        session.execute(
            insert(ContentRow)
            .values(
                sha256=sha256,
                cid=imported.cids[DEFAULT.name],
                profile=DEFAULT.name,
                size=imported.size,
                created_at=now,
                **facts,
            )
            .on_conflict_do_nothing()
        )
        if not _is_still_kept(parts, session, sha256, [imported, *(file for _, file in variants)]):
            return False
        for made, file in variants:
            session.execute(
                insert(VariantRow)
                .values(**_variant(sha256, file), **asdict(made))
                .on_conflict_do_nothing()
            )
        session.execute(
            update(UploadRow)
            .where(col(UploadRow.id) == upload_id, col(UploadRow.state) == uploads.CHECKING)
            .values(
                state=uploads.READY,
                sha256=sha256,
                findings=[asdict(finding) for finding in found.findings],
                expires_at=now + parts.rules.kept,
                **facts,
            )
        )
    return True


def _variant(sha256: Digest, file: Imported) -> dict[str, object]:
    return {
        "sha256": sha256,
        "variant_sha256": Digest(file.sha256),
        "cid": file.cids[DEFAULT.name],
        "size": file.size,
    }


def pin(parts: MediaParts, cid: str, store: str, *, now: datetime) -> str:
    """
    Bring a content to a place and read it back from there; returns the state reached.

    Raises `Unreachable` when another attempt is due.
    """
    with _alone(parts, cid, store):
        with parts.sessions() as session:
            if not ledger.is_wanted(session, cid, store):
                return READ_BACK
        try:
            _carry(parts, cid, parts.pinners[store], now=now)
        except (Unreachable, BlockInvalid, BlockMissing) as error:
            with parts.sessions.begin() as session:
                attempts = ledger.mark_failure(session, cid, store, problem=str(error), now=now)
            if after_failure(attempts) == FAILED:
                return FAILED
            raise PinFailed(store, cid, str(error)) from error
    return READ_BACK


def _carry(parts: MediaParts, cid: str, pinner: Pinner, *, now: datetime) -> None:
    source = source_of(parts, cid)
    pinner.pin(source)
    with parts.sessions.begin() as session:
        ledger.mark(session, cid, pinner.name, state=PINNED, now=now)
    check_kept(parts, source, pinner)
    _publish_variants(parts, source)
    with parts.sessions.begin() as session:
        is_wanted = ledger.mark(session, cid, pinner.name, state=READ_BACK, now=now)
    if not is_wanted:
        _withdraw(parts, source.cid, pinner)


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
            )
    raise BlockMissing(cid)


def check_kept(parts: MediaParts, source: Source, pinner: Pinner) -> None:
    """
    Read content back from a place and compare every byte's hash. Raises `PinFailed`.

    A place that drips is given up after a time that depends on the size.
    """
    deadline = parts.monotonic() + _PATIENCE_SECONDS + source.size / _SLOWEST_BYTES_PER_SECOND
    whole = hashlib.sha256()
    importer = FileImporter(PROFILES[source.profile])
    for piece in pinner.read(source):
        whole.update(piece)
        importer.update(piece)
        if parts.monotonic() > deadline:
            raise PinFailed(pinner.name, str(source.cid), "it gives the bytes back too slowly")
    is_same = whole.digest() == source.sha256
    if not is_same or importer.finish().cid.digest != source.cid.digest:
        raise PinFailed(pinner.name, str(source.cid), "it gave back other bytes")


def _publish_variants(parts: MediaParts, source: Source) -> None:
    """A work's small pictures are served together with it, from our own store alone."""
    for digest in _variant_digests(parts, source.sha256):
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
    with _alone(parts, cid, store):
        with parts.sessions() as session:
            if not ledger.may_remove(session, cid, store):
                return
        _withdraw(parts, Cid.parse(cid), parts.pinners[store])
        with parts.sessions.begin() as session:
            ledger.forget(session, cid, store)


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


def sweep(parts: MediaParts, *, now: datetime) -> int:
    """End what expired and drop contents that nobody uses; returns how many went."""
    with parts.sessions.begin() as session:
        count = uploads.expire(session, parts.rules, now=now)
    with parts.sessions.begin() as session:
        for content in uploads.unused_contents(session, now=now):
            digests = [bytes(content.sha256), *_own_variants(session, content.sha256)]
            session.execute(delete(VariantRow).where(col(VariantRow.sha256) == content.sha256))
            session.delete(content)
            for digest in digests:
                for root in parts.private.roots_of(digest.hex()):
                    parts.private.remove(root)
            count += 1
    return count


def _own_variants(session: Session, sha256: Digest) -> list[bytes]:
    """Variants that no other original came out at."""
    other = aliased(VariantRow)
    is_shared = select(other).where(
        col(other.variant_sha256) == col(VariantRow.variant_sha256), col(other.sha256) != sha256
    )
    query = select(col(VariantRow.variant_sha256)).where(
        col(VariantRow.sha256) == sha256, ~is_shared.exists()
    )
    return [bytes(digest) for digest in session.execute(query).scalars()]


@contextmanager
def _alone(parts: MediaParts, cid: str, store: str) -> Iterator[None]:
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
