"""
Resumable uploads (tus 1.0) without the HTTP: rows, offsets, owners, and when they end.

    receiving → checking → ready
                         ↘ refused

An offset counts when the bytes before it are synced and the row that says so is committed. The
row is the truth: what a killed process wrote beyond it is cut off when the next bytes come.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from shutil import rmtree
from typing import Any

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session
from sqlmodel import col

from media import news
from media.disk import answering, free_bytes, make_folder, write_whole
from media.errors import DiskAlmostFull, PrivateSpaceUsed
from media.formats import kind_of
from media.hashing import Hashing, Measured
from media.jobs import CHECK_UPLOAD, Job
from media.receiving import Checksum, Receiving, make_part
from media.tables import ContentRow, PinRow, UploadRow
from nft.content.profiles import DEFAULT
from nft.errors import (
    ChecksumMismatch,
    FileEmpty,
    FileTooLarge,
    NoSuchUpload,
    NotACid,
    NotYourUpload,
    OffsetMismatch,
    TooManyUploads,
    UploadExpired,
    UploadNotReady,
)
from nft.types import Address, Digest

RECEIVING, CHECKING, READY, REFUSED = "receiving", "checking", "ready", "refused"
HASHED, CHECKED, DERIVED, COMPARED = "hashed", "checked", "derived", "compared"
"""Stages that an upload reaches after `receiving`, whatever becomes of it."""

DEFAULT_MAX_BYTES = 2 * 1024**3
DEFAULT_MAX_PRIVATE_BYTES = 32 * 1024**3
_UNSHOWABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class UploadRules:
    """Where uploads go, how large they may be, and how long they are kept for."""

    folder: Path
    max_bytes: int = DEFAULT_MAX_BYTES
    max_open: int = 50
    max_private_bytes: int = DEFAULT_MAX_PRIVATE_BYTES
    """Of one account: what it announced or sent and has not published."""
    min_free_bytes: int = 0
    """So much of the disk stays free, for the database and everybody else."""
    idle: timedelta = timedelta(hours=24)
    """Without a byte or an answer for this long an unfinished or refused upload ends."""
    kept: timedelta = timedelta(days=30)
    """A finished upload that no work uses ends after this."""
    hashing: Hashing = field(default_factory=Hashing, compare=False, repr=False)
    """This process's hashes of what comes in."""

    def prepare(self) -> None:
        """Make the folder."""
        with answering():
            make_folder(self.folder)

    def part(self, upload_id: str) -> Path:
        """The file of an upload that is still coming in. Ids are ours, hex, 32 digits."""
        if not re.fullmatch(r"[0-9a-f]{32}", upload_id):
            raise NoSuchUpload(upload_id)
        return self.folder / f"{upload_id}.part"

    def outline(self, upload_id: str) -> Path:
        """What was measured while the upload came in, for the check that follows."""
        return self.part(upload_id).with_suffix(".outline")

    def drop(self, upload_id: str) -> None:
        """Remove an upload's files."""
        self.hashing.forget(upload_id)
        with answering():
            self.part(upload_id).unlink(missing_ok=True)
            self.outline(upload_id).unlink(missing_ok=True)

    def check_space(self, more: int = 0) -> None:
        """Raises `DiskAlmostFull` when `more` bytes would leave too little of the disk free."""
        with answering():
            free = free_bytes(self.folder)
        if free - more < self.min_free_bytes:
            raise DiskAlmostFull(free, self.min_free_bytes)


@dataclass(frozen=True, slots=True)
class NewUpload:
    """What a client announces."""

    owner: Address
    length: int
    filename: str = ""
    filetype: str = ""
    sha256: Digest | None = None
    """What the whole file must hash to; None: whatever comes."""
    metadata: str = ""
    """`Upload-Metadata` as it was sent, which `HEAD` gives back."""


def create(
    session: Session, rules: UploadRules, new: NewUpload, *, upload_id: str, now: datetime
) -> UploadRow:
    """
    Begin an upload. `upload_id` is 128 random bits in hex, made by the caller.

    Raises `FileEmpty`, `FileTooLarge`, `TooManyUploads`, `PrivateSpaceUsed` or `DiskAlmostFull`,
    before any byte is taken.
    """
    if new.length <= 0:
        raise FileEmpty
    if new.length > rules.max_bytes:
        raise FileTooLarge(new.length, rules.max_bytes)
    rules.check_space(new.length)
    _check_quota(session, rules, new, now=now)
    make_part(rules.part(upload_id))
    row = UploadRow(
        id=upload_id,
        owner=new.owner,
        filename=shown_name(new.filename),
        filetype=_UNSHOWABLE.sub("", new.filetype)[:100],
        length=new.length,
        state=RECEIVING,
        expected_sha256=new.sha256,
        upload_metadata=new.metadata,
        created_at=now,
        expires_at=now + rules.idle,
    )
    session.add(row)
    session.flush()
    return row


def _check_quota(session: Session, rules: UploadRules, new: NewUpload, *, now: datetime) -> None:
    """Bound what one account may have lying here; two requests at once are counted in turn."""
    key = {"key": f"media:uploads:{new.owner}"}
    session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), key)
    own = (col(UploadRow.owner) == new.owner) & (col(UploadRow.expires_at) > now)
    is_open = own & (col(UploadRow.state) == RECEIVING)
    count = session.execute(select(func.count()).select_from(UploadRow).where(is_open)).scalar_one()
    if count >= rules.max_open:
        raise TooManyUploads(rules.max_open)
    is_public = select(col(PinRow.cid)).where(
        col(PinRow.cid) == col(UploadRow.cids)[DEFAULT.name].astext,
        col(PinRow.state).in_(("pinned", "read_back")),
    )
    private = select(func.coalesce(func.sum(col(UploadRow.length)), 0)).where(
        own, col(UploadRow.state) != REFUSED, ~is_public.exists()
    )
    used = int(session.execute(private).scalar_one())
    if used + new.length > rules.max_private_bytes:
        raise PrivateSpaceUsed(used, new.length, rules.max_private_bytes)


def shown_name(filename: str) -> str:
    """A file name for showing only: last part, no control or direction signs, 200 letters."""
    last = re.split(r"[/\\]", filename)[-1]
    return _UNSHOWABLE.sub("", last).strip()[:200] or "unnamed"


def find(session: Session, upload_id: str, *, owner: Address, now: datetime) -> UploadRow:
    """The caller's upload. Raises `NoSuchUpload`, `NotYourUpload` or `UploadExpired`."""
    row = session.get(UploadRow, upload_id)
    if row is None:
        raise NoSuchUpload(upload_id)
    if row.owner != owner:
        raise NotYourUpload(upload_id)
    if row.expires_at <= now:
        raise UploadExpired(upload_id)
    return row


def ready(session: Session, upload_id: str, *, owner: Address, now: datetime) -> UploadRow:
    """The caller's upload, checked and found good. Raises `UploadNotReady` besides."""
    row = find(session, upload_id, owner=owner, now=now)
    if row.state != READY:
        raise UploadNotReady(upload_id, row.state)
    return row


def receive(
    row: UploadRow, rules: UploadRules, *, offset: int, checksum: Checksum | None
) -> Receiving:
    """
    Open an upload for the bytes of one request.

    Raises `OffsetMismatch` unless `offset` is where it stands, `UploadBusy` while another request
    writes. No transaction need stay open while bytes come in.
    """
    if offset != row.received:
        raise OffsetMismatch(offset, row.received)
    if row.state != RECEIVING:
        raise UploadNotReady(row.id, row.state)
    rules.check_space()
    return Receiving(
        rules.part(row.id),
        rules.hashing,
        upload_id=row.id,
        offset=offset,
        length=row.length,
        checksum=checksum,
    )


def settle(
    session: Session,
    receiving: Receiving,
    rules: UploadRules,
    *,
    is_whole: bool,
    now: datetime,
) -> list[Job]:
    """
    Sync what came in and move the offset; with the last byte the checks begin.

    A whole file that is not the one announced is refused: `receiving.refusal` says so, and the
    caller drops its bytes once that is committed. Raises `ChecksumMismatch` for a request's own
    checksum (nothing of it counts then) and `NoSuchUpload` when the upload was ended meanwhile.
    """
    offset = receiving.sync(is_whole=is_whole)
    stands = (
        (col(UploadRow.id) == receiving.upload_id)
        & (col(UploadRow.received) == receiving.counted)
        & (col(UploadRow.state) == RECEIVING)
    )
    moved = session.execute(
        update(UploadRow)
        .where(stands)
        .values(received=offset, expires_at=now + rules.idle)
        .returning(col(UploadRow.expected_sha256))
    ).one_or_none()
    if moved is None:
        raise NoSuchUpload(receiving.upload_id)
    if receiving.lost is not None:
        raise receiving.lost
    receiving.counted = offset
    if receiving.measured is None:
        return []
    if moved.expected_sha256 not in (None, Digest(receiving.measured.imported.sha256)):
        receiving.refusal = ChecksumMismatch("sha256")
    return _end_receiving(session, rules, receiving, receiving.measured)


def _end_receiving(
    session: Session, rules: UploadRules, receiving: Receiving, measured: Measured
) -> list[Job]:
    """Say what the whole file is, and have it checked unless it is refused already."""
    values: dict[str, Any] = {
        "stage": HASHED,
        "sha256": Digest(measured.imported.sha256),
        "cids": measured.imported.cids,
        "state": CHECKING,
    }
    if receiving.refusal is not None:
        values["state"] = REFUSED
        values["problem"] = {"code": "ChecksumMismatch", "detail": str(receiving.refusal)}
    else:
        with answering():
            outline = rules.outline(receiving.upload_id)
            write_whole(outline, measured.encode(), scratch=rules.folder)
    this = col(UploadRow.id) == receiving.upload_id
    session.execute(update(UploadRow).where(this).values(values))
    news.tell(session, receiving.upload_id)
    return [] if receiving.refusal else [Job(CHECK_UPLOAD, {"upload_id": receiving.upload_id})]


def reach(session: Session, upload_id: str, stage: str) -> None:
    """Say how far the check of an upload is, to whoever waits for it."""
    session.execute(
        update(UploadRow)
        .where(col(UploadRow.id) == upload_id, col(UploadRow.state) == CHECKING)
        .values(stage=stage)
    )
    news.tell(session, upload_id)


def find_outline(rules: UploadRules, row: UploadRow) -> Measured | None:
    """What was measured while this upload came in, if it is still there and whole."""
    try:
        found = Measured.decode(rules.outline(row.id).read_bytes())
    except (OSError, ValueError, KeyError, TypeError, NotACid):
        return None
    is_same = found.imported.cids == row.cids and found.imported.sha256 == row.sha256
    return found if is_same else None


def terminate(
    session: Session, rules: UploadRules, upload_id: str, *, owner: Address, now: datetime
) -> None:
    """End an upload at its owner's word; content that others uploaded too stays theirs."""
    row = find(session, upload_id, owner=owner, now=now)
    session.delete(row)
    session.flush()
    news.tell(session, upload_id)
    rules.drop(upload_id)


def expire(session: Session, rules: UploadRules, *, now: datetime) -> int:
    """End uploads whose time is over, and sweep files that no row stands for; returns how many."""
    ended = session.execute(
        delete(UploadRow).where(col(UploadRow.expires_at) <= now).returning(col(UploadRow.id))
    )
    count = len(ended.scalars().all())
    session.flush()
    with answering():
        for path in rules.folder.iterdir():
            is_old = path.stat().st_mtime < (now - rules.idle).timestamp()
            if not is_old or session.get(UploadRow, path.stem) is not None:
                continue
            if path.is_dir():
                rmtree(path, ignore_errors=True)  # where a killed process looked at a file
            else:
                path.unlink(missing_ok=True)
    return count


def unused_contents(session: Session, *, now: datetime) -> list[ContentRow]:
    """Contents that no upload stands for and no pin wants; whoever removes them holds the lock."""
    has_upload = select(col(UploadRow.id)).where(col(UploadRow.sha256) == col(ContentRow.sha256))
    has_pin = select(col(PinRow.cid)).where(col(PinRow.cid) == col(ContentRow.cid))
    query = select(ContentRow).where(
        ~has_upload.exists(),
        ~has_pin.exists(),
        col(ContentRow.created_at) < now - timedelta(hours=1),
    )
    return list(session.execute(query.with_for_update(skip_locked=True)).scalars())


def facts(session: Session, row: UploadRow) -> dict[str, Any]:
    """What `GET /api/uploads/{id}` answers; times are left as `datetime` for the caller."""
    media = None
    if row.state in (CHECKING, READY) and row.sha256 is not None:
        media = {
            "type": row.type,
            "size": row.length,
            "sha256": str(row.sha256),
            "cids": row.cids,
            "width": row.width,
            "height": row.height,
            "frames": row.frames,
            "blur": row.blur,
            "kind": kind_of(row.type) if row.type else None,
            "details": row.details,
            "pins": _pins(session, row.cids.get(DEFAULT.name, "")),
        }
    return {
        "id": row.id,
        "state": row.state,
        "stage": row.stage,
        "filename": row.filename,
        "offset": row.received,
        "length": row.length,
        "expires_at": row.expires_at,
        "findings": row.findings,
        "media": media,
        "problem": row.problem,
    }


def _pins(session: Session, cid: str) -> list[dict[str, Any]]:
    query = (
        select(PinRow)
        .where(col(PinRow.cid) == cid, col(PinRow.state) != "unwanted")
        .order_by(col(PinRow.store))
    )
    return [
        {"store": pin.store, "state": pin.state, "checked_at": pin.checked_at}
        for pin in session.execute(query).scalars()
    ]
