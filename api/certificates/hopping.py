"""
The worker's look at hops: each chain's next one, as soon as it is due.
"""

from __future__ import annotations

import asyncio

import structlog

from api.certificates import hop_books
from api.certificates.hops import Known, NoMemory, draw, next_block
from api.certificates.proofs import NotProvable, provable
from api.parts import ChainParts, Parts
from indexer.tables import CursorRow
from nft.chain.errors import StateNotAvailable
from nft.errors import Unreachable
from nft.proofs.errors import Disproved, FormUnknown

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 16
"""Hops that one look at a chain draws, where a node still has the state of many."""


async def draw_hops(parts: Parts) -> int:
    """Draw what is due on every chain; how many hops were kept."""
    count = 0
    for chain_id, chain in sorted(parts.chains.items()):
        for _ in range(MOST_AT_ONCE):
            if not await _draw_next(parts, chain_id, chain):
                break
            count += 1
    return count


async def _draw_next(parts: Parts, chain_id: int, chain: ChainParts) -> bool:
    """Whether a hop was kept, so that another may be due."""
    async with parts.sessions() as session:
        cursor = await session.get(CursorRow, chain_id)
        if cursor is None or cursor.is_loading:
            return False
        final, last = cursor.final_number, await hop_books.newest(session, chain_id)
        if next_block(last, final, parts.hop_blocks) is None:
            return False  # As a rule: the hashes of a whole window are not read for that.
        known = await hop_books.known_of(session, chain_id)
    number = next_block(known.last, final, parts.hop_blocks)
    if number is None:
        return False
    try:
        return await _draw_at(parts, chain_id, chain, known, number)
    except StateNotAvailable as error:
        if number == final:
            return await _not_drawn(parts, chain_id, str(error))
    # Away for longer than the window, and the node has forgotten what lies between.
    try:
        return await _draw_at(parts, chain_id, chain, known, final, is_gap=True)
    except StateNotAvailable as error:
        return await _not_drawn(parts, chain_id, str(error))


async def _draw_at(
    parts: Parts,
    chain_id: int,
    chain: ChainParts,
    known: Known,
    number: int,
    *,
    is_gap: bool = False,
) -> bool:
    try:
        node = provable(chain.chain)
        drawn = await asyncio.to_thread(draw, node, known, number)
        agreed = await asyncio.to_thread(node.agrees, number, drawn.hop.block_hash)
    except NoMemory as error:
        return await _not_drawn(parts, chain_id, str(error), is_supported=False)
    except (NotProvable, Unreachable, Disproved, FormUnknown) as error:
        return await _not_drawn(parts, chain_id, str(error))
    if not agreed:
        return await _not_drawn(parts, chain_id, f"nodes do not agree on block {number}")
    async with parts.sessions.begin() as session:
        is_kept = await hop_books.keep(session, chain_id, drawn, known.last)
        await hop_books.note(session, chain_id, now=parts.clock(), is_gap=is_gap and is_kept)
    return is_kept


async def _not_drawn(parts: Parts, chain_id: int, why: str, *, is_supported: bool = True) -> bool:
    log.warning("no hop", chain_id=chain_id, why=why)
    async with parts.sessions.begin() as session:
        await hop_books.note(
            session, chain_id, now=parts.clock(), is_supported=is_supported, problem=why
        )
    return False
