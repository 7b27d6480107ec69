"""
Which files of an import the exchange has, found by their bytes and never by their names.

A file that was sent under any name, for any work, within the life of its upload, need not be sent
again. What was refused has no hash; it is told by name and size, for the report alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.imports.schemas import FileIn
from api.imports.tables import ImportedRow
from media.tables import UploadRow
from media.uploads import READY, shown_name
from nft.types import Address, Digest


@dataclass(frozen=True, slots=True)
class Files:
    """An account's uploads: those found good by content, all others by name and size."""

    ready: Mapping[Digest, UploadRow] = field(default_factory=dict)
    others: Mapping[tuple[str, int], UploadRow] = field(default_factory=dict)

    def of(self, fact: Mapping[str, Any]) -> UploadRow | None:
        """The upload of a row's file, however far it is."""
        found = self.ready.get(Digest.parse(fact["sha256"]))
        return found or self.others.get((shown_name(fact["name"]), int(fact["size"])))


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
    names = {
        shown_name(fact["name"]) for fact in facts if Digest.parse(fact["sha256"]) not in ready
    }
    if not names:
        return Files(ready)
    rest = select(UploadRow).where(
        *mine, col(UploadRow.state) != READY, col(UploadRow.filename).in_(names)
    )
    others = {(row.filename, row.length): row for row in await _newest_last(session, rest)}
    return Files(ready, others)


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
