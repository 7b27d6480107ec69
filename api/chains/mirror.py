"""
How far each chain is mirrored, and the blocks that answers stand on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

import indexer.tables  # noqa: F401  (fills the metadata)
from api.chains.schemas import AsOf, Finality
from nft.errors import Unreachable
from nft.types import Digest

CURSORS = SQLModel.metadata.tables["chain_cursors"]
BLOCKS = SQLModel.metadata.tables["chain_blocks"]

BlockKey = tuple[int, int]
"""Chain id and height."""


class MirrorMoved(Unreachable):
    """A block was withdrawn between two reads of one answer."""

    retry_after_seconds = 1

    def __init__(self, chain_id: int, number: int) -> None:
        super().__init__(f"block {number} of chain {chain_id} was withdrawn while we read it")


@dataclass(frozen=True, slots=True)
class Head:
    """The newest mirrored block of a chain, and which blocks can still be withdrawn."""

    chain_id: int
    number: int
    block_hash: Digest
    timestamp: int
    safe_number: int
    final_number: int
    updated_at: datetime

    def finality(self, number: int) -> Finality:
        """How sure a fact of that block is."""
        if number <= self.final_number:
            return "final"
        return "safe" if number <= self.safe_number else "pending"


@dataclass(frozen=True, slots=True)
class MirroredBlock:
    """What provenance and `as_of` say of a block."""

    number: int
    block_hash: Digest
    timestamp: int
    finality: Finality

    @property
    def time(self) -> datetime:
        """The block's time, UTC."""
        return datetime.fromtimestamp(self.timestamp, UTC)

    def as_of(self) -> AsOf:
        """The block as answers carry it."""
        return AsOf(
            block_number=str(self.number),
            block_hash=str(self.block_hash),
            timestamp=self.time,
            finality=self.finality,
        )


Blocks = Mapping[BlockKey, MirroredBlock]


async def heads(session: AsyncSession) -> dict[int, Head]:
    """Every mirrored chain's head, by chain id."""
    rows = await session.execute(
        select(
            CURSORS.c.chain_id,
            CURSORS.c.number,
            CURSORS.c.block_hash,
            CURSORS.c.timestamp,
            CURSORS.c.safe_number,
            CURSORS.c.final_number,
            CURSORS.c.updated_at,
        ).order_by(CURSORS.c.chain_id)
    )
    return {row.chain_id: Head(*row) for row in rows}


def head_header(found: Mapping[int, Head], chain_id: int | None = None) -> dict[str, str]:
    """
    `Mirror-Head: <number> <hash>` of the chain that an answer is about.

    An answer about several chains names each, by commas, in the order of their ids.
    """
    told = [head for head in found.values() if chain_id in (None, head.chain_id)]
    if not told:
        return {}
    return {"Mirror-Head": ", ".join(f"{head.number} {head.block_hash}" for head in told)}


async def blocks_at(
    session: AsyncSession, found: Mapping[int, Head], keys: Iterable[BlockKey]
) -> dict[BlockKey, MirroredBlock]:
    """The blocks at these heights, in one query. Raises `MirrorMoved` when one is gone."""
    wanted = set(keys)
    if not wanted:
        return {}
    rows = await session.execute(
        select(BLOCKS.c.chain_id, BLOCKS.c.number, BLOCKS.c.block_hash, BLOCKS.c.timestamp).where(
            tuple_(BLOCKS.c.chain_id, BLOCKS.c.number).in_(wanted)
        )
    )
    blocks = {
        (row.chain_id, row.number): MirroredBlock(
            number=row.number,
            block_hash=row.block_hash,
            timestamp=row.timestamp,
            finality=finality_of(found, row.chain_id, row.number),
        )
        for row in rows
    }
    for chain_id, number in wanted - blocks.keys():
        raise MirrorMoved(chain_id, number)
    return blocks


def finality_of(found: Mapping[int, Head], chain_id: int, number: int) -> Finality:
    """How sure a fact of that block is; a chain without a head has nothing sure."""
    head = found.get(chain_id)
    return head.finality(number) if head else "pending"


def newest(candidates: Iterable[AsOf | None]) -> AsOf | None:
    """The latest of several: what a list as a whole stands on."""
    told = [one for one in candidates if one is not None]
    return max(told, key=lambda one: (one.timestamp, int(one.block_number)), default=None)
