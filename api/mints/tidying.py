"""
After the mint: contents pass from the intent to the token, and the draft has served.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Select, and_, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.intents import evidence
from api.intents.abandon import GRACE, let_go
from api.mints.preparation import hand_on, token_holder
from api.parts import Parts
from api.queue import enqueue
from api.tables import DraftRow, IntentRow, VoucherRow
from indexer.tables import CursorRow, TokenRow
from media import ledger
from media.tables import ReferenceRow

LOOK_BACK = timedelta(days=14)


MINTING = ("mint", "metadata")
"""Kinds whose outcome is a transaction; a lazy mint's waits for its buyers."""


def _holds() -> Select[str]:
    return select(col(ReferenceRow.cid)).where(
        col(ReferenceRow.holder) == "intent:" + col(IntentRow.id)
    )


async def tidy_lazy_mints(session: AsyncSession, parts: Parts, *, now: datetime) -> int:
    """
    Hand contents of lazy mints on to the first work that was minted, finally; let go of what
    nobody bought in time. Returns how many ended either way.
    """
    minted = select(col(TokenRow.token_id)).where(
        col(TokenRow.chain_id) == col(IntentRow.chain_id),
        col(TokenRow.contract) == col(IntentRow.contract),
        col(TokenRow.token_id) == col(IntentRow.token_id),
        col(TokenRow.minted_block) <= col(CursorRow.final_number),
        col(CursorRow.chain_id) == col(IntentRow.chain_id),
    )
    name = "0x" + func.encode(col(VoucherRow.voucher_hash), "hex")
    posted = select(col(VoucherRow.voucher_hash)).where(
        col(VoucherRow.signer) == col(IntentRow.account),
        func.jsonb_exists(col(IntentRow.facts)["names"], name),
    )
    is_open = posted.where(col(VoucherRow.end) >= int((now - GRACE).timestamp()))
    query = (
        select(IntentRow, minted.exists().label("is_minted"))
        .where(
            col(IntentRow.kind) == "lazy_mint",
            col(IntentRow.plan).is_not(None),
            col(IntentRow.chain_id).in_(parts.chains),
            _holds().exists(),
            or_(minted.exists(), and_(posted.exists(), ~is_open.exists())),
        )
        .limit(200)
        .with_for_update(skip_locked=True, of=IntentRow)
    )
    count = 0
    for row, is_minted in (await session.execute(query)).all():
        if is_minted:
            await hand_on(session, row, now=now)
            await session.execute(delete(DraftRow).where(col(DraftRow.intent_id) == row.id))
        else:
            await let_go(session, parts, row)
        count += 1
    return count


async def keep_what_was_minted(session: AsyncSession, parts: Parts, *, now: datetime) -> int:
    """Hand contents on to tokens whose mint is final; returns how many."""
    finals = {
        chain_id: final
        for chain_id, final in await session.execute(
            select(col(CursorRow.chain_id), col(CursorRow.final_number))
        )
    }
    query = (
        select(IntentRow)
        .where(
            col(IntentRow.kind).in_(MINTING),
            col(IntentRow.plan).is_not(None),
            col(IntentRow.chain_id).in_(parts.chains),
            _holds().exists(),
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
        col(IntentRow.kind).in_(MINTING),
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
            replicas=parts.replicas,
            holder=token_holder(row),
            now=now,
        )
        jobs = await session.run_sync(want)
        await enqueue(session, parts.jobs, jobs)
        count += bool(jobs)
    return count
