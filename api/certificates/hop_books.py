"""
Hops in the books: kept one behind the other, read back as they were drawn.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

from api.certificates import tables  # noqa: F401  (fills the metadata)
from api.certificates.hops import DrawnHop, Hop, Known
from api.locks import hold
from nft.proofs.history import Memory, window
from nft.proofs.pieces import hex_list, unhex_list
from nft.types import Digest

log = structlog.get_logger(__name__)

HOPS = SQLModel.metadata.tables["book_hops"]
HASHES = SQLModel.metadata.tables["book_block_hashes"]
STANDINGS = SQLModel.metadata.tables["book_hop_standings"]


async def newest(session: AsyncSession, chain_id: int) -> int | None:
    """The block of the newest hop."""
    query = select(func.max(HOPS.c.number)).where(HOPS.c.chain_id == chain_id)
    found: int | None = await session.scalar(query)
    return found


async def known_of(session: AsyncSession, chain_id: int) -> Known:
    """What there is to go on from."""
    numbers = await session.scalars(
        select(HOPS.c.number).where(HOPS.c.chain_id == chain_id).order_by(HOPS.c.number)
    )
    hops = tuple(numbers)
    first = window(hops[-1]).start if hops else 0
    return Known(hops, await hashes_from(session, chain_id, first))


async def hashes_from(
    session: AsyncSession, chain_id: int, first: int, before: int | None = None
) -> dict[int, Digest]:
    """Hashes by number, from a block on."""
    length = func.octet_length(HASHES.c.hashes) / 32
    query = select(HASHES.c.first, HASHES.c.hashes).where(
        HASHES.c.chain_id == chain_id, HASHES.c.first + length > first
    )
    if before is not None:
        query = query.where(HASHES.c.first < before)
    found: dict[int, Digest] = {}
    for row in await session.execute(query):
        for at in range(len(row.hashes) // 32):
            number = row.first + at
            if number >= first and (before is None or number < before):
                found[number] = Digest(row.hashes[32 * at : 32 * at + 32])
    return found


async def get_hop(session: AsyncSession, chain_id: int, number: int) -> Hop | None:
    """A hop that is kept."""
    query = select(HOPS).where(HOPS.c.chain_id == chain_id, HOPS.c.number == number)
    row = (await session.execute(query)).first()
    return None if row is None else _read(row)


async def memory_of(session: AsyncSession, chain_id: int, hop: Hop) -> Memory:
    """The history contract's storage as of a hop, made again of what is kept."""
    span = window(hop.number)
    hashes = await hashes_from(session, chain_id, span.start, hop.number)
    return await asyncio.to_thread(Memory, chain_id, hop.header, hop.account_proof, hashes)


async def keep(session: AsyncSession, chain_id: int, drawn: DrawnHop, last: int | None) -> bool:
    """
    Keep a hop behind the one that it was drawn behind; False when another came in between.
    """
    await hold(session, f"vernissage hops {chain_id}")
    if await newest(session, chain_id) != last:
        return False
    hop = drawn.hop
    await session.execute(
        insert(HOPS).values(
            chain_id=chain_id,
            number=hop.number,
            block_hash=hop.block_hash,
            header=hop.header,
            account_proof=hex_list(hop.account_proof),
            links={str(at): hex_list(nodes) for at, nodes in hop.links.items()},
        )
    )
    if drawn.hashes:
        page = {"chain_id": chain_id, "first": drawn.first, "hashes": drawn.hashes}
        await session.execute(insert(HASHES).values(page))
    log.info("hop kept", chain_id=chain_id, number=hop.number, links=hop.reached)
    return True


async def note(
    session: AsyncSession,
    chain_id: int,
    *,
    now: datetime,
    is_supported: bool = True,
    problem: str | None = None,
    is_gap: bool = False,
) -> None:
    """Say how a look went."""
    said = {"looked_at": now, "is_supported": is_supported, "problem": problem}
    row = insert(STANDINGS).values(chain_id=chain_id, gaps=int(is_gap), **said)
    await session.execute(
        row.on_conflict_do_update(
            index_elements=["chain_id"],
            set_={**said, "gaps": STANDINGS.c.gaps + int(is_gap)},
        )
    )


def _read(row: Any) -> Hop:
    return Hop(
        number=row.number,
        block_hash=row.block_hash,
        header=row.header,
        account_proof=unhex_list(row.account_proof),
        links={int(at): unhex_list(nodes) for at, nodes in row.links.items()},
    )
