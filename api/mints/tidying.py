"""
After the mint: contents pass from the intent to the token, and the draft has served.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.intents import evidence
from api.mints.preparation import PINNING, hand_on
from api.parts import Parts
from api.tables import DraftRow, IntentRow
from indexer.tables import CursorRow
from media.tables import ReferenceRow


async def keep_what_was_minted(session: AsyncSession, parts: Parts, *, now: datetime) -> int:
    """Hand contents on to tokens whose mint is final; returns how many."""
    finals = {
        chain_id: final
        for chain_id, final in await session.execute(
            select(col(CursorRow.chain_id), col(CursorRow.final_number))
        )
    }
    holds = select(col(ReferenceRow.cid)).where(
        col(ReferenceRow.holder) == "intent:" + col(IntentRow.id)
    )
    query = (
        select(IntentRow)
        .where(
            col(IntentRow.kind).in_(PINNING),
            col(IntentRow.plan).is_not(None),
            col(IntentRow.chain_id).in_(parts.chains),
            holds.exists(),
        )
        .order_by(col(IntentRow.created_at))
        .limit(200)
        .with_for_update(skip_locked=True)
    )
    count = 0
    for row in (await session.execute(query)).scalars().all():
        fact = await evidence.outcome_of(session, row)
        if fact is None or fact.block_number is None:
            continue
        if fact.block_number <= finals.get(row.chain_id, -1):
            await hand_on(session, row, now=now)
            await session.execute(delete(DraftRow).where(col(DraftRow.intent_id) == row.id))
            count += 1
    return count
