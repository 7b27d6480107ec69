"""
The queue of evidence bundles: works of which something new can be said, drawn again one by one.

Whatever changes what a bundle says puts its work down in its own transaction; moves are put down
as they become final, together with the chain's cursor. A work leaves the queue in the transaction
that names its new bundle and has it pinned, and only if nobody put it down meanwhile: whoever is
killed anywhere leaves it there. What a round costs depends on what waits, never on how many
certificates there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, delete, func, literal, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col

from api.columns import of_work
from api.forms.tables import BundleCursorRow, BundleDueRow, BundleRow
from api.locks import try_hold
from indexer.tables import CursorRow, TokenRow
from nft.types import TokenRef

DUE = SQLModel.metadata.tables["book_bundles_due"]
CURSORS = SQLModel.metadata.tables["book_bundle_cursors"]
KEY = ("chain_id", "contract", "token_id")

WORKS_PER_STEP = 500
"""Works put down in one transaction; a block's works are never parted."""
CLAIMED_FOR = timedelta(minutes=2)
"""So long others leave alone what one works on; one that died leaves it to them after that."""
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A work that one worker draws, and how often it was put down until then."""

    token: TokenRef
    marks: int
    attempts: int


async def put(session: AsyncSession, token: TokenRef) -> None:
    """Something of what the work's bundle says has changed; the caller commits both together."""
    row = insert(DUE).values(
        chain_id=token.chain_id, contract=token.contract, token_id=token.token_id
    )
    await session.execute(_again(row))


async def put_all(session: AsyncSession, works: Select[Any]) -> None:
    """The same for the works that a query answers by the columns of their key."""
    # By key: of two that put down many works at once, none then waits for the other.
    row = insert(DUE).from_select(KEY, works.order_by(*works.selected_columns))
    await session.execute(_again(row))


def _again(row: Any) -> Any:
    """Who is in the queue already is looked at again, also by whoever is drawing just now."""
    news = {"due_at": func.now(), "attempts": 0, "marks": DUE.c.marks + 1}
    return row.on_conflict_do_update(index_elements=list(KEY), set_=news)


async def put_moved(session: AsyncSession, chain_id: int) -> bool:
    """
    Put down some works whose change became final since their bundle; whether there may be more.

    Only works that have a bundle: those without are in the queue since their certificate was
    issued. The caller commits.
    """
    if not await try_hold(session, f"vernissage bundles {chain_id}"):
        return False
    mirrored = await session.get(CursorRow, chain_id)
    cursor = await session.get(BundleCursorRow, chain_id)
    read_to = -1 if cursor is None else cursor.number
    if mirrored is None or mirrored.is_loading or read_to >= mirrored.final_number:
        return False
    changed, bundle = col(TokenRow.updated_block), BundleRow
    of_step = (
        col(TokenRow.chain_id) == chain_id,
        changed > read_to,
        changed <= mirrored.final_number,
    )
    full = select(changed).where(*of_step).order_by(changed).offset(WORKS_PER_STEP - 1).limit(1)
    last = await session.scalar(full) or mirrored.final_number
    works = (
        select(*(col(getattr(TokenRow, name)) for name in KEY))
        .join(
            bundle, and_(*(col(getattr(bundle, name)) == getattr(TokenRow, name) for name in KEY))
        )
        .where(*of_step, changed <= last, col(bundle.block_number) < changed)
    )
    await put_all(session, works)
    moved = insert(CURSORS).values(chain_id=chain_id, number=last)
    await session.execute(
        moved.on_conflict_do_update(index_elements=["chain_id"], set_={"number": last})
    )
    return True


async def claim(session: AsyncSession, *, now: datetime) -> Claimed | None:
    """The work that waits longest; others leave it alone for a while. The caller commits."""
    first = (
        select(*(DUE.c[name] for name in KEY))
        .where(DUE.c.due_at <= now)
        .order_by(DUE.c.due_at)
        .limit(1)
        .with_for_update(skip_locked=True)
        .cte("first")
    )
    taken = (
        update(DUE)
        .where(tuple_(*(DUE.c[name] for name in KEY)).in_(select(first)))
        .values(due_at=now + CLAIMED_FOR, attempts=DUE.c.attempts + 1)
        .returning(*(DUE.c[name] for name in KEY), DUE.c.marks, DUE.c.attempts)
    )
    row = (await session.execute(taken)).one_or_none()
    if row is None:
        return None
    return Claimed(TokenRef(row.chain_id, row.contract, row.token_id), row.marks, row.attempts)


async def settle(
    session: AsyncSession, claimed: Claimed, lacks: str | None, *, now: datetime
) -> None:
    """The work leaves the queue, or waits longer for what it lacks; the caller commits."""
    mine = and_(
        *of_work(BundleDueRow, claimed.token),
        # Whoever put it down meanwhile wants another bundle, and that one at once.
        DUE.c.marks == claimed.marks,
    )
    if lacks is None:
        await session.execute(delete(DUE).where(mine))
        return
    wait = min(FIRST_WAIT * 2 ** min(claimed.attempts - 1, 20), LONGEST_WAIT)
    later = literal(now + wait, DUE.c.due_at.type)
    await session.execute(update(DUE).where(mine).values(due_at=later, why=lacks))


async def is_behind(session: AsyncSession, token: TokenRef, block_number: int) -> bool:
    """Whether the work had changed for good after that block: the node asked lags behind."""
    query = (
        select(col(TokenRow.updated_block))
        .join(CursorRow, col(CursorRow.chain_id) == col(TokenRow.chain_id))
        .where(
            *of_work(TokenRow, token),
            col(TokenRow.updated_block) > block_number,
            col(TokenRow.updated_block) <= col(CursorRow.final_number),
        )
    )
    return await session.scalar(query) is not None
