"""
What waits for a certificate: works that changed, put down as the chain grows safe, looked at once.

A chain's cursor and the works that it passed move in one transaction, so that none is missed;
the queue's rows go only when nothing is due any more, so that none is lost.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import and_, delete, literal, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

import api.tables  # noqa: F401  (fills the metadata)
from api.certificates import issuers, tables  # noqa: F401
from api.certificates.facts import CertificateNotReady
from api.certificates.issuing import issue_certificate
from api.locks import try_hold
from api.parts import Parts
from nft.errors import NoSuchToken
from nft.types import TokenRef

log = structlog.get_logger(__name__)

CURSORS = SQLModel.metadata.tables["book_certificate_cursors"]
DUE = SQLModel.metadata.tables["book_certificates_due"]
TOKENS = SQLModel.metadata.tables["chain_tokens"]
MIRRORED = SQLModel.metadata.tables["chain_cursors"]

WORKS_PER_STEP = 500
"""Works put down in one transaction; a block's works are never parted."""
BATCH = 20
"""Works that are taken from the queue at once."""
SECONDS_PER_ROUND = 4.0
"""After so long a round takes no more: the next one begins, and other jobs have waited."""
CLAIMED_FOR = timedelta(minutes=2)
"""So long others leave alone what one works on; one that died leaves it to them after that."""
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(hours=6)


async def issuing_round(parts: Parts) -> int:
    """What the worker does every few seconds; how many versions were issued."""
    await put_down(parts, now=parts.clock())
    return await issue_what_is_due(parts, now=parts.clock())


async def look_again(session: AsyncSession, token: TokenRef, *, now: datetime) -> None:
    """Something of the work's certificate may have changed: a statement arrived, say."""
    row = insert(DUE).values(
        chain_id=token.chain_id, contract=token.contract, token_id=token.token_id, due_at=now
    )
    await session.execute(
        row.on_conflict_do_update(
            index_elements=["chain_id", "contract", "token_id"],
            set_={"due_at": now, "attempts": 0},
        )
    )


async def put_down(parts: Parts, *, now: datetime) -> int:
    """Put down what changed on every chain up to its safe block; how many works."""
    count = 0
    for chain_id in sorted(parts.chains):
        while (step := await _put_down_some(parts, chain_id, now)) is not None:
            count += step
    return count


async def _put_down_some(parts: Parts, chain_id: int, now: datetime) -> int | None:
    """One step of a chain; None when it is done, or somebody else is at it."""
    async with parts.sessions.begin() as session:
        method = (await issuers.current(session, parts)).method
        if not await try_hold(session, f"vernissage issuing {chain_id}"):
            return None
        cursor = (
            await session.execute(select(CURSORS).where(CURSORS.c.chain_id == chain_id))
        ).first()
        mirrored = (
            await session.execute(select(MIRRORED).where(MIRRORED.c.chain_id == chain_id))
        ).first()
        if mirrored is None or mirrored.is_loading:
            return None
        read_to = cursor.number if cursor is not None and cursor.method == method else -1
        if read_to >= mirrored.safe_number:
            return None
        last = await _last_of_step(session, chain_id, read_to, mirrored.safe_number)
        count = await _put(session, chain_id, (read_to, last), now)
        moved = insert(CURSORS).values(chain_id=chain_id, number=last, method=method)
        await session.execute(
            moved.on_conflict_do_update(
                index_elements=["chain_id"], set_={"number": last, "method": method}
            )
        )
        return count


async def _last_of_step(session: AsyncSession, chain_id: int, behind: int, safe: int) -> int:
    query = (
        select(TOKENS.c.updated_block)
        .where(
            TOKENS.c.chain_id == chain_id,
            TOKENS.c.updated_block > behind,
            TOKENS.c.updated_block <= safe,
        )
        .order_by(TOKENS.c.updated_block)
        .offset(WORKS_PER_STEP - 1)
        .limit(1)
    )
    return await session.scalar(query) or safe


async def _put(session: AsyncSession, chain_id: int, blocks: tuple[int, int], now: datetime) -> int:
    """Works of ours that changed in these blocks, the first left out."""
    found = select(
        TOKENS.c.chain_id,
        TOKENS.c.contract,
        TOKENS.c.token_id,
        literal(now, DUE.c.due_at.type),
        literal(0),
    ).where(
        TOKENS.c.chain_id == chain_id,
        TOKENS.c.updated_block > blocks[0],
        TOKENS.c.updated_block <= blocks[1],
        TOKENS.c.metadata_digest.is_not(None),
    )
    put = insert(DUE).from_select(["chain_id", "contract", "token_id", "due_at", "attempts"], found)
    done = await session.execute(
        put.on_conflict_do_update(
            index_elements=["chain_id", "contract", "token_id"],
            set_={"due_at": put.excluded.due_at, "attempts": 0},
        )
    )
    return max(int(getattr(done, "rowcount", 0)), 0)


async def issue_what_is_due(parts: Parts, *, now: datetime) -> int:
    """Look at works that are due, the longest waiting first; how many versions were issued."""
    count, until = 0, time.monotonic() + SECONDS_PER_ROUND
    while time.monotonic() < until and (claimed := await _claim(parts, now)):
        for token, attempts in claimed:
            count += await _issue(parts, token, attempts, now)
    return count


async def _claim(parts: Parts, now: datetime) -> Sequence[tuple[TokenRef, int]]:
    next_ones = (
        select(DUE.c.chain_id, DUE.c.contract, DUE.c.token_id)
        .where(DUE.c.due_at <= now, DUE.c.chain_id.in_(parts.chains))
        .order_by(DUE.c.due_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
        .cte("next_ones")
    )
    claim = (
        update(DUE)
        .where(
            tuple_(DUE.c.chain_id, DUE.c.contract, DUE.c.token_id).in_(select(next_ones)),
        )
        .values(due_at=now + CLAIMED_FOR, attempts=DUE.c.attempts + 1)
        .returning(DUE.c.chain_id, DUE.c.contract, DUE.c.token_id, DUE.c.attempts)
    )
    async with parts.sessions.begin() as session:
        rows = (await session.execute(claim)).all()
    return [(TokenRef(row.chain_id, row.contract, row.token_id), row.attempts) for row in rows]


async def _issue(parts: Parts, token: TokenRef, attempts: int, now: datetime) -> bool:
    """Look at one work; it leaves the queue when nothing is lacking."""
    lacks: str | None = None
    is_new = False
    try:
        found = await issue_certificate(parts, token, now=now)
        if found is None:
            lacks = "its mint or description is not safe yet"
        else:
            lacks, is_new = found.lacks, found.is_new
    except NoSuchToken:
        pass
    except CertificateNotReady as error:
        lacks = str(error)
    async with parts.sessions.begin() as session:
        # Whoever changed the row meanwhile wants another look.
        mine = and_(
            DUE.c.chain_id == token.chain_id,
            DUE.c.contract == token.contract,
            DUE.c.token_id == token.token_id,
            DUE.c.due_at == now + CLAIMED_FOR,
        )
        if lacks is None:
            await session.execute(delete(DUE).where(mine))
        else:
            wait = min(FIRST_WAIT * 2 ** min(attempts - 1, 20), LONGEST_WAIT)
            await session.execute(update(DUE).where(mine).values(due_at=now + wait, why=lacks))
    return is_new
