"""
Which files of an import the exchange has, found by their bytes and never by their names.

A file that was sent under any name, for any work, within the life of its upload, need not be sent
again. What was refused, or is not whole yet, is known by the hash that its sender announced, else
by name and size, which is enough for a report.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.imports.schemas import FileIn
from api.imports.tables import ImportedRow
from api.mints.covers import CoverMissing, Covers, covers_of
from media.formats.kinds import kind_of
from media.tables import UploadRow
from media.uploads import READY, shown_name
from nft.types import Address, Digest


@dataclass(frozen=True, slots=True)
class Files:
    """An account's uploads: those found good by content, all others as they can be known."""

    ready: Mapping[Digest, UploadRow] = field(default_factory=dict)
    announced: Mapping[Digest, UploadRow] = field(default_factory=dict)
    named: Mapping[tuple[str, int], UploadRow] = field(default_factory=dict)
    covers: Covers = field(default_factory=dict)

    def of(self, fact: Mapping[str, Any]) -> UploadRow | None:
        """The upload of a row's file, however far it is."""
        sha256 = Digest.parse(fact["sha256"])
        found = self.ready.get(sha256) or self.announced.get(sha256)
        return found or self.named.get((shown_name(fact["name"]), int(fact["size"])))

    def unfit(self, row: ImportedRow) -> dict[str, str] | None:
        """Why a row's files, good as they are, do not make a work."""
        found = [upload for fact in row.files if (upload := self.of(fact)) is not None]
        kinds = [kind_of(upload.type) for upload in found if upload.type is not None]
        if len(kinds) < len(row.files):
            return None
        if "image" not in kinds[1:] and len(kinds) > 1:
            why = f"the cover is no picture but {found[1].type}"
            return {"code": "CoverNotAPicture", "detail": why}
        if "image" not in kinds and found[0].sha256 not in self.covers:
            return {"code": "CoverMissing", "detail": str(CoverMissing())}
        return None


async def files_of(
    session: AsyncSession, owner: Address, rows: Iterable[ImportedRow], *, now: datetime
) -> Files:
    """What the account has sent of these rows' files; two questions, however many rows."""
    facts = [fact for row in rows for fact in row.files]
    if not facts:
        return Files()
    mine = (col(UploadRow.owner) == owner, col(UploadRow.expires_at) > now)
    digests = {Digest.parse(fact["sha256"]) for fact in facts}
    good = select(UploadRow).where(
        *mine, col(UploadRow.state) == READY, col(UploadRow.sha256).in_(digests)
    )
    ready = {row.sha256: row for row in await _newest_last(session, good) if row.sha256}
    covers = await covers_of(session, ready.values())
    lacking = [fact for fact in facts if Digest.parse(fact["sha256"]) not in ready]
    if not lacking:
        return Files(ready, covers=covers)
    rest = select(UploadRow).where(
        *mine,
        col(UploadRow.state) != READY,
        or_(
            col(UploadRow.expected_sha256).in_({Digest.parse(one["sha256"]) for one in lacking}),
            col(UploadRow.filename).in_({shown_name(one["name"]) for one in lacking}),
        ),
    )
    others = await _newest_last(session, rest)
    return Files(
        ready,
        announced={row.expected_sha256: row for row in others if row.expected_sha256},
        named={(row.filename, row.length): row for row in others if not row.expected_sha256},
        covers=covers,
    )


async def _newest_last(session: AsyncSession, query: Any) -> Sequence[UploadRow]:
    found: Sequence[UploadRow] = (
        (await session.execute(query.order_by(col(UploadRow.created_at)))).scalars().all()
    )
    return found


def missing(rows: Iterable[ImportedRow], files: Files) -> list[FileIn]:
    """Files that nobody has sent to the end; one of each content, in the order of the rows."""
    found: dict[str, FileIn] = {}
    for row in rows:
        for fact in row.files:
            upload = files.of(fact)
            if upload is None or upload.state in ("receiving", "refused"):
                found.setdefault(fact["sha256"], FileIn(**_named(fact)))
    return list(found.values())


def _named(fact: Mapping[str, Any]) -> dict[str, Any]:
    return {name: fact[name] for name in ("name", "size", "sha256")}


def fingerprint(sha256: str, finding: Mapping[str, Any]) -> str:
    """What an answer is about: this finding, with these words, in these bytes."""
    said = json.dumps([sha256, finding], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def findings(row: ImportedRow, files: Files) -> dict[str, Mapping[str, Any]]:
    """All findings of a row's files, by fingerprint."""
    found: dict[str, Mapping[str, Any]] = {}
    for fact in row.files:
        upload = files.of(fact)
        if upload is not None and upload.state == READY:
            found |= {fingerprint(fact["sha256"], one): one for one in upload.findings}
    return found


def unanswered(row: ImportedRow, files: Files) -> dict[str, Mapping[str, Any]]:
    """Findings that wait for an answer."""
    found = findings(row, files)
    return {name: one for name, one in found.items() if name not in row.accepted}
