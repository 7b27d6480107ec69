"""
The certificates' own audit: once a day every one in force is verified as a stranger would.

Nothing is taken from memory but the bytes; block hashes come from the mirror, from hops, or from a
node. What failed is kept with its reason, and `/status` says when that was and what came out.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import func, insert, literal, select, text, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

import api.tables  # noqa: F401  (fills the metadata)
import indexer.tables  # noqa: F401
from api.certificates import tables  # noqa: F401
from api.certificates.hop_books import hashes_from
from api.certificates.versions import blocks_of
from api.parts import Parts
from nft.errors import ExchangeError
from nft.types import Digest, TokenRef
from nft.verification import Evidence, Report, verify

log = structlog.get_logger(__name__)

CERTIFICATES = SQLModel.metadata.tables["book_certificates"]
AUDITS = SQLModel.metadata.tables["book_certificate_audits"]
BLOCKS = SQLModel.metadata.tables["chain_blocks"]

EVERY = timedelta(days=1)
BATCH = 100
KEPT_FAILURES = 50

Block = tuple[int, int]
"""Chain and height."""


@dataclass
class Audit:
    """What came out."""

    verdicts: Counter[str] = field(default_factory=Counter)
    failures: list[dict[str, str]] = field(default_factory=list)

    @property
    def checked(self) -> int:
        """Certificates that were verified."""
        return sum(self.verdicts.values())


async def audit_if_due(parts: Parts) -> Audit | None:
    """Audit unless somebody does, or did within a day; None then."""
    async with parts.engine.connect() as connection:
        taken = await connection.scalar(
            text("select pg_try_advisory_lock(hashtextextended('vernissage certificates', 0))")
        )
        await connection.commit()
        try:
            async with parts.sessions() as session:
                last = await session.scalar(select(func.max(AUDITS.c.finished_at)))
            if not taken or (last is not None and parts.clock() - last < EVERY):
                return None
            return await audit(parts)
        finally:
            await connection.invalidate()  # The lock goes with its session.


async def audit(parts: Parts) -> Audit:
    """Verify every certificate in force, and write down what came out."""
    found = Audit()
    behind: tuple[Any, ...] = (-1, b"", b"")
    while True:
        async with parts.sessions() as session:
            rows = await _batch(session, behind)
            documents = [json.loads(row.body) for row in rows]
            hashes = await _hashes(session, parts, rows, documents)
        for row, document in zip(rows, documents, strict=True):
            own = {n: hashes[row.chain_id, n] for n in _blocks(document, row.chain_id, hashes)}
            report = await asyncio.to_thread(verify, document, Evidence(block_hashes=own))
            _count(found, row, report)
        if len(rows) < BATCH:
            break
        behind = (rows[-1].chain_id, rows[-1].contract, rows[-1].token_id)
    await _record(parts, found, now=parts.clock())
    return found


async def _batch(session: AsyncSession, behind: tuple[Any, ...]) -> Sequence[Any]:
    of = CERTIFICATES.c
    key = (of.chain_id, of.contract, of.token_id)
    query = select(*key, of.version, of.body).order_by(*key, of.version.desc()).limit(BATCH)
    if behind[0] >= 0:
        query = query.where(tuple_(*key) > tuple_(*_bound(behind)))
    return (await session.execute(query.ext(distinct_on(*key)))).all()


def _bound(behind: tuple[Any, ...]) -> list[Any]:
    of = CERTIFICATES.c
    columns = (of.chain_id, of.contract, of.token_id)
    return [literal(one, column.type) for one, column in zip(behind, columns, strict=True)]


def _blocks(document: Any, chain_id: int, hashes: Mapping[Block, Digest]) -> list[int]:
    return [number for number in blocks_of(document) if (chain_id, number) in hashes]


async def _hashes(
    session: AsyncSession, parts: Parts, rows: Sequence[Any], documents: Sequence[Any]
) -> dict[Block, Digest]:
    """Of every block that these certificates rest on: mirrored, kept, or asked for."""
    wanted = {
        (row.chain_id, number)
        for row, document in zip(rows, documents, strict=True)
        for number in blocks_of(document)
    }
    query = select(BLOCKS.c.chain_id, BLOCKS.c.number, BLOCKS.c.block_hash)
    mirrored = await session.execute(
        query.where(tuple_(BLOCKS.c.chain_id, BLOCKS.c.number).in_(wanted))
    )
    found = {(row.chain_id, row.number): row.block_hash for row in mirrored}
    for chain_id, number in sorted(wanted - found.keys()):
        kept = await hashes_from(session, chain_id, number, number + 1)
        asked = kept.get(number) or await asyncio.to_thread(_ask, parts, chain_id, number)
        if asked is not None:
            found[chain_id, number] = asked
    return found


def _ask(parts: Parts, chain_id: int, number: int) -> Digest | None:
    chain = parts.chains.get(chain_id)
    try:
        block = None if chain is None else chain.chain.find_block(number)
    except ExchangeError:
        return None
    return None if block is None else block.block_hash


def _count(found: Audit, row: Any, report: Report) -> None:
    found.verdicts[report.verdict] += 1
    failed = next((check for check in report.checks if check.result == "fail"), None)
    if failed is not None and len(found.failures) < KEPT_FAILURES:
        token = TokenRef(row.chain_id, row.contract, row.token_id)
        found.failures.append(
            {
                "asset": token.caip19,
                "version": str(row.version),
                "check": failed.id,
                "detail": failed.detail,
            }
        )


async def _record(parts: Parts, found: Audit, *, now: datetime) -> None:
    if found.failures:
        log.error("certificates fail", count=found.verdicts["fail"], first=found.failures[0])
    async with parts.sessions.begin() as session:
        await session.execute(
            insert(AUDITS).values(
                finished_at=now,
                checked=found.checked,
                incomplete=found.verdicts["incomplete"],
                failed=found.verdicts["fail"],
                failures=found.failures,
            )
        )
