"""
Checking an upload: a received file becomes content with facts, or is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from sqlmodel import col

from media import likenesses, news, uploads
from media.checks import Inspection, Problem, inspect
from media.disk import answering
from media.fingerprints import Fingerprint
from media.hashing import Measured
from media.recipes import RECIPE
from media.tables import ContentRow, UploadRow, VariantRow
from media.work import MediaParts
from nft.content.dagpb import Link
from nft.content.importer import Imported
from nft.content.profiles import DEFAULT, PROFILES
from nft.errors import StoreUnavailable
from nft.types import Digest


def check_upload(parts: MediaParts, upload_id: str, *, now: datetime) -> None:
    """Look at a received file: afterwards its upload is `ready`, with facts, or `refused`."""
    part = parts.rules.part(upload_id)
    with parts.sessions() as session:
        row = session.get(UploadRow, upload_id)
        if row is None or row.state != uploads.CHECKING:
            return
        measured = uploads.find_outline(parts.rules, row)
    if not part.is_file():
        raise StoreUnavailable(f"the file of upload {upload_id} is gone")
    with answering(), TemporaryDirectory(dir=parts.rules.folder, prefix="checking-") as folder:
        found = inspect(part, Path(folder))
        if isinstance(found, Problem):
            _refuse(parts, upload_id, found)
        else:
            _reach(parts, upload_id, uploads.CHECKED)
            received = _Received(upload_id, part, Path(folder), measured)
            while not _accept(parts, received, found, now=now):
                pass  # a sweep took files away that were here; they are added again
    parts.rules.drop(upload_id)


@dataclass(frozen=True, slots=True)
class _Received:
    """An upload's file, what was measured while it came in, and what was derived from it."""

    upload_id: str
    part: Path
    folder: Path
    measured: Measured | None


def _reach(parts: MediaParts, upload_id: str, stage: str) -> None:
    with parts.sessions.begin() as session:
        uploads.reach(session, upload_id, stage)


def _refuse(parts: MediaParts, upload_id: str, problem: Problem) -> None:
    with parts.sessions.begin() as session:
        session.execute(
            update(UploadRow)
            .where(col(UploadRow.id) == upload_id, col(UploadRow.state) == uploads.CHECKING)
            .values(state=uploads.REFUSED, problem=asdict(problem))
        )
        news.tell(session, upload_id)


def _is_still_kept(
    parts: MediaParts, session: Session, sha256: Digest, files: Sequence[Imported]
) -> bool:
    """Whether no sweep took the files meanwhile; from here on none can, until the commit."""
    # A sweep holds this line while it removes the files; afterwards the upload keeps it off.
    line = select(col(ContentRow.sha256)).where(col(ContentRow.sha256) == sha256)
    if session.execute(line.with_for_update()).scalar_one_or_none() is None:
        return False
    return all(parts.private.has(root.cid) for file in files for root in file.roots.values())


def _accept(parts: MediaParts, received: _Received, found: Inspection, *, now: datetime) -> bool:
    """Keep the files and say so in the rows; false if they did not stay until the rows stood."""
    imported = _keep(parts, received, found)
    variants = [
        (made, parts.private.add_file(received.folder / made.name)) for made in found.variants
    ]
    _reach(parts, received.upload_id, uploads.DERIVED)
    sha256 = Digest(imported.sha256)
    facts = {
        "type": found.type,
        "width": found.width,
        "height": found.height,
        "frames": found.frames,
        "blur": found.blur,
        "details": found.details,
        "cids": imported.cids,
    }
    # Compared before anything is promised: this takes time, and needs no transaction.
    with parts.sessions() as session:
        question = likenesses.gather(session, parts.shelves, sha256, _whole(found))
    hits = question.hits()
    with parts.sessions.begin() as session:
        _add_content(session, imported, facts, now=now)
        if not _is_still_kept(parts, session, sha256, [imported, *(file for _, file in variants)]):
            return False
        for made, file in variants:
            values = {**_variant(sha256, file), **asdict(made)}
            session.execute(insert(VariantRow).values(values).on_conflict_do_nothing())
        likenesses.keep(session, sha256, found.fingerprints, now=now)
        if _make_ready(session, received, {**facts, **_outcome(parts, found, sha256, now=now)}):
            alike = likenesses.answer(session, question, hits)
            likenesses.record(session, question, alike, occasion=likenesses.UPLOAD, now=now)
        news.tell(session, received.upload_id)
    return True


def _outcome(
    parts: MediaParts, found: Inspection, sha256: Digest, *, now: datetime
) -> dict[str, object]:
    return {
        "state": uploads.READY,
        "stage": uploads.COMPARED,
        "sha256": sha256,
        "findings": list(found.findings),
        "expires_at": now + parts.rules.kept,
    }


def _add_content(
    session: Session, imported: Imported, facts: Mapping[str, object], *, now: datetime
) -> None:
    values = {
        **facts,
        "sha256": Digest(imported.sha256),
        "cid": imported.cids[DEFAULT.name],
        "profile": DEFAULT.name,
        "size": imported.size,
        "recipe": RECIPE,
        "created_at": now,
    }
    session.execute(insert(ContentRow).values(values).on_conflict_do_nothing())


def _make_ready(session: Session, received: _Received, values: Mapping[str, object]) -> bool:
    """False where the job's twin was quicker."""
    is_checking = col(UploadRow.state) == uploads.CHECKING
    accepted = session.execute(
        update(UploadRow)
        .where(col(UploadRow.id) == received.upload_id, is_checking)
        .values(values)
        .returning(col(UploadRow.id))
    )
    return accepted.scalar_one_or_none() is not None


def _whole(found: Inspection) -> list[Fingerprint]:
    return [one for picture in found.fingerprints for one in picture]


def _keep(parts: MediaParts, received: _Received, found: Inspection) -> Imported:
    """
    The uploaded file; of a bundle the folder of its files, whatever archive they came in.

    A folder's SHA-256 is that of its root's block: two archives of the same files are one content.
    """
    if not found.members:
        return parts.private.add_file(
            received.part, profiles=list(PROFILES.values()), measured=received.measured
        )
    files = {one.path: received.folder / one.name for one in found.members}
    root = parts.private.add_folder(files)
    size = int(found.details["bytes"])
    return Imported(size=size, sha256=root.digest, roots={DEFAULT.name: Link(cid=root, tsize=size)})


def _variant(sha256: Digest, file: Imported) -> dict[str, object]:
    return {
        "sha256": sha256,
        "variant_sha256": Digest(file.sha256),
        "cid": file.cids[DEFAULT.name],
        "size": file.size,
        "recipe": RECIPE,
    }
