"""
The certificates' own audit: once a day every one in force is verified as a stranger would.

Nothing is taken from memory but the bytes; block hashes come from the mirror, from hops, or from a
node, which is also asked what no paper shows of a voucher. What failed is kept with its reason, and
`/status` says when that was and what came out.
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
from sqlalchemy import Select, func, insert, literal, select, text, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

import api.tables  # noqa: F401  (fills the metadata)
import indexer.tables  # noqa: F401
from api.certificates import tables  # noqa: F401
from api.certificates.hop_books import hashes_from
from api.certificates.versions import blocks_of
from api.certificates.vouching import is_vouched
from api.parts import Parts
from nft.errors import ExchangeError
from nft.types import Digest, TokenRef
from nft.verification import Evidence, Report, verify

log = structlog.get_logger(__name__)

CERTIFICATES = SQLModel.metadata.tables["book_certificates"]
KEY = CERTIFICATES.c.chain_id, CERTIFICATES.c.contract, CERTIFICATES.c.token_id
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
    """Every check that failed, of whichever certificate."""

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
        await _verify(parts, found, rows)
        if len(rows) < BATCH:
            break
        behind = (rows[-1].chain_id, rows[-1].contract, rows[-1].token_id)
    await _record(parts, found, now=parts.clock())
    return found


async def audit_some(parts: Parts, count: int) -> Audit:
    """Verify so many of those in force, at random; not written down, as it speaks for no other."""
    found = Audit()
    async with parts.sessions() as session:
        chosen = await _chosen(session, count)
    for first in range(0, len(chosen), BATCH):
        async with parts.sessions() as session:
            batch = chosen[first : first + BATCH]
            rows = await session.execute(_in_force().where(tuple_(*KEY).in_(batch)))
        await _verify(parts, found, rows.all())
    return found


async def _verify(parts: Parts, found: Audit, rows: Sequence[Any]) -> None:
    documents = [json.loads(row.body) for row in rows]
    async with parts.sessions() as session:
        hashes = await _hashes(session, parts, rows, documents)
    for row, document in zip(rows, documents, strict=True):
        own = {n: hashes[row.chain_id, n] for n in _blocks(document, row.chain_id, hashes)}
        report = await asyncio.to_thread(verify, document, Evidence(block_hashes=own))
        is_whole = await asyncio.to_thread(_is_whole, parts, row, document, report)
        _count(found, row, report, is_whole=is_whole)


def _in_force() -> Select[Any]:
    """The newest version of each work."""
    of = CERTIFICATES.c
    query = select(*KEY, of.version, of.body, of.voucher_hash).ext(distinct_on(*KEY))
    return query.order_by(*KEY, of.version.desc())


async def _chosen(session: AsyncSession, count: int) -> list[tuple[Any, ...]]:
    works = select(*KEY).distinct().subquery()
    query = select(works).order_by(func.random()).limit(count)
    return [tuple(row) for row in await session.execute(query)]


async def _batch(session: AsyncSession, behind: tuple[Any, ...]) -> Sequence[Any]:
    query = _in_force().limit(BATCH)
    if behind[0] >= 0:
        query = query.where(tuple_(*KEY) > tuple_(*_bound(behind)))
    rows: Sequence[Any] = (await session.execute(query)).all()
    return rows


def _bound(key: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(literal(one, column.type) for one, column in zip(key, KEY, strict=True))


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


def _count(found: Audit, row: Any, report: Report, *, is_whole: bool) -> None:
    found.verdicts["pass" if is_whole else report.verdict] += 1
    token = _token(row)
    found.failures += [
        {
            "asset": token.caip19,
            "version": str(row.version),
            "check": check.id,
            "detail": check.detail,
        }
        for check in report.checks
        if check.result == "fail"
    ]


def _token(row: Any) -> TokenRef:
    return TokenRef(row.chain_id, row.contract, row.token_id)


def _is_whole(parts: Parts, row: Any, document: Any, report: Report) -> bool:
    """Whether nothing is open but, before a mint, the mint itself and what the chain says now."""
    if row.voucher_hash is None or report.verdict != "incomplete":
        return False
    open_ones = {one.id for one in report.checks if one.required and one.result == "not_checked"}
    if open_ones == {"chain.mint", "voucher"}:
        part = parts.chains.get(row.chain_id)
        return part is not None and is_vouched(part, _token(row), document)
    return open_ones == {"chain.mint"}


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
                failures=found.failures[:KEPT_FAILURES],
            )
        )
