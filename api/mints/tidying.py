"""
After the mint: contents pass from the intent to the token, and the draft has served.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.intents import evidence
from api.mints.preparation import PINNING, hand_on, token_holder
from api.parts import Parts
from api.queue import enqueue
from api.tables import DraftRow, IntentRow
from indexer.tables import CursorRow
from media import ledger
from media.tables import ReferenceRow

LOOK_BACK = timedelta(days=14)


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


async def keep_what_was_minted_after_all(
    session: AsyncSession, parts: Parts, *, now: datetime
) -> int:
    """
    Pin again what was abandoned and then minted all the same; returns how many.

    Giving up here calls nothing back that a wallet has sent. The files are still in the private
    store, because uploads are kept for longer than this looks back.
    """
    query = select(IntentRow).where(
        col(IntentRow.kind).in_(PINNING),
        col(IntentRow.plan).is_not(None),
        col(IntentRow.chain_id).in_(parts.chains),
        col(IntentRow.abandoned_at) > now - LOOK_BACK,
    )
    count = 0
    for row in (await session.execute(query.limit(500))).scalars().all():
        if await evidence.outcome_of(session, row) is None:
            continue
        want = partial(
            ledger.want,
            cids=row.facts["cids"],
            stores=parts.pin_stores,
            holder=token_holder(row),
            now=now,
        )
        jobs = await session.run_sync(want)
        await enqueue(session, parts.jobs, jobs)
        count += bool(jobs)
    return count
