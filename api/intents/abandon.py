"""
Giving an intent up: its contents are let go of, unless something else holds them.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.intents import evidence, queries, service
from api.intents.schemas import IntentOut
from api.intents.service import AlreadyHappened
from api.parts import Parts
from api.queue import enqueue
from api.tables import IntentRow, IntentTransactionRow
from media import ledger

GRACE = timedelta(hours=24)
"""After its end an intent's contents stay this long: what was signed in time may still be mined."""


INTENT_HOLDER = "intent:"


def holder_of(row: IntentRow) -> str:
    """The name under which an intent holds contents."""
    return f"{INTENT_HOLDER}{row.id}"


async def abandon(
    session: AsyncSession, parts: Parts, intent_id: str, *, now: datetime
) -> IntentOut:
    """
    Give an intent up; doing it twice is no error. Raises `AlreadyHappened`.

    What collectors can still mint by a voucher that was posted stays. A transaction that waits is
    not called back by this: when it is mined after all, the intent says so, and its contents are
    pinned again (`api.mints.tidying`).
    """
    row = await service.find(session, intent_id, for_update=True)
    present = await queries.describe(session, parts, row, now=now)
    if present.state in ("in_block", "confirmed", "final"):
        raise AlreadyHappened(present.state)
    if row.abandoned_at is None:
        row.abandoned_at = now
        session.add(row)
        await session.flush()
    if not await evidence.is_partly_posted(session, row):
        await let_go(session, parts, row)
    return await queries.describe(session, parts, row, now=now)


async def let_go(session: AsyncSession, parts: Parts, row: IntentRow) -> None:
    """End what the intent holds; what nothing else uses is unpinned."""
    jobs = await session.run_sync(lambda sync: ledger.let_go(sync, holder=holder_of(row)))
    await enqueue(session, parts.jobs, jobs)


async def sweep(session: AsyncSession, parts: Parts, *, now: datetime) -> int:
    """Let go of what expired intents hold; those with a transaction that was sent keep it."""
    reported = select(col(IntentTransactionRow.hash)).where(
        col(IntentTransactionRow.intent_id) == col(IntentRow.id)
    )
    query = select(IntentRow).where(
        col(IntentRow.kind).in_(("mint", "lazy_mint", "metadata")),
        col(IntentRow.abandoned_at).is_(None),
        col(IntentRow.expires_at) < now - GRACE,
        ~reported.exists(),
    )
    rows = (await session.execute(query.limit(500).with_for_update(skip_locked=True))).scalars()
    count = 0
    for row in rows.all():
        if await evidence.is_partly_posted(session, row):
            continue
        if await evidence.outcome_of(session, row) is None:
            row.abandoned_at = now
            await let_go(session, parts, row)
            count += 1
    return count
