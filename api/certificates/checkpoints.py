"""
Checkpoints: one final block of each chain for each day, which the issuer vouches for.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.certificates.tables_issuer import CheckpointRow
from api.parts import ChainParts, Parts
from indexer.tables import CursorRow
from nft.certificates import Issuer
from nft.chain.protocol import Block
from nft.checkpoints import Checkpoint, issue_checkpoints
from nft.integrity import Document


async def note_due(parts: Parts, *, now: datetime) -> int:
    """
    Note today's final block of every chain that has none yet; how many were noted.

    Raises `Unreachable` where a chain does not answer: the job comes again.
    """
    noted = 0
    for chain in parts.chains.values():
        async with parts.sessions() as session:
            number = await _due(session, chain.deployment.chain_id, now=now)
        block = None if number is None else await asyncio.to_thread(_read, chain, number)
        if block is None:
            continue
        async with parts.sessions.begin() as session:
            await session.execute(
                insert(CheckpointRow)
                .values(
                    chain_id=chain.deployment.chain_id,
                    number=block.number,
                    block_hash=block.block_hash,
                    timestamp=block.timestamp,
                    noted_at=now,
                )
                .on_conflict_do_nothing()
            )
        noted += 1
    return noted


async def _due(session: AsyncSession, chain_id: int, *, now: datetime) -> int | None:
    """The final block to note; None where today has one, or nothing is final yet."""
    row = CheckpointRow
    newest = (
        await session.execute(
            select(func.max(row.noted_at), func.max(row.number)).where(
                col(row.chain_id) == chain_id
            )
        )
    ).one()
    cursor = await session.get(CursorRow, chain_id)
    if cursor is None or cursor.final_number <= (newest[1] or 0):
        return None
    if newest[0] is not None and newest[0].astimezone(UTC).date() >= now.astimezone(UTC).date():
        return None
    return cursor.final_number


def _read(chain: ChainParts, number: int) -> Block | None:
    """The block, if no node contradicts it: what is noted is vouched for for ever."""
    block = chain.chain.find_block(number)
    if block is None or not chain.chain.agrees(number, block.block_hash):
        return None
    return block


async def draw(session: AsyncSession, issuer: Issuer, *, now: datetime) -> Document:
    """The signed list; the same bytes until there is one more, or another key signs."""
    rows = (await session.scalars(select(CheckpointRow))).all()
    return issue_checkpoints(
        [Checkpoint(row.chain_id, row.number, row.block_hash, row.timestamp) for row in rows],
        issuer,
        as_of=max((row.noted_at for row in rows), default=now.replace(minute=0, second=0)),
    )
