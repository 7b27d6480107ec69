"""
What waits for a certificate: works that changed, put down as the chain grows safe, looked at once.

A chain's cursor and the works that it passed move in one transaction, so that none is missed;
the queue's rows go only when nothing is due any more, so that none is lost.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Select, and_, delete, literal, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

import api.tables  # noqa: F401  (fills the metadata)
from api.certificates import issuers, tables  # noqa: F401
from api.certificates.facts import CertificateNotReady
from api.certificates.issuing import issue_certificate
from api.certificates.versions import Certificate
from api.locks import try_hold
from api.parts import Parts
from nft.errors import NoSuchToken
from nft.types import Address, TokenRef

log = structlog.get_logger(__name__)

CERTIFICATES = SQLModel.metadata.tables["book_certificates"]
CURSORS = SQLModel.metadata.tables["book_certificate_cursors"]
DUE = SQLModel.metadata.tables["book_certificates_due"]
TOKENS = SQLModel.metadata.tables["chain_tokens"]
KEY = DUE.c.chain_id, DUE.c.contract, DUE.c.token_id
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


@dataclass(frozen=True, slots=True)
class Look:
    """What became of one work."""

    token: TokenRef
    certificate: Certificate | None
    """In force now; None: there is none yet, or no such work any more."""
    is_new: bool = False
    lacks: str | None = None
    """What it waits for; None: it left the queue."""


async def issuing_round(parts: Parts) -> int:
    """What the worker does every few seconds; how many versions were issued."""
    await put_down(parts, now=parts.clock())
    return await issue_what_is_due(parts, now=parts.clock())


async def look_again(session: AsyncSession, token: TokenRef, *, now: datetime) -> None:
    """Something of the work's certificate may have changed: a statement arrived, say."""
    row = insert(DUE).values(
        chain_id=token.chain_id,
        contract=token.contract,
        token_id=token.token_id,
        due_at=now,
        waiting_since=now,
    )
    await session.execute(
        row.on_conflict_do_update(
            index_elements=["chain_id", "contract", "token_id"],
            set_={"due_at": now, "attempts": 0},
        )
    )


async def look_again_at_offered(
    session: AsyncSession, chain_id: int, contract: Address, ids: range, *, now: datetime
) -> None:
    """The same of those among these ids that were certified before their mint."""
    of = CERTIFICATES.c
    query = _offered(chain_id, now)
    query = query.where(of.contract == contract, of.token_id.between(ids[0], ids[-1]))
    await session.execute(_putting(query))


def _offered(chain_id: int, now: datetime) -> Select[Any]:
    """Works of a chain that were certified before their mint, due now."""
    of = CERTIFICATES.c
    moment = literal(now, DUE.c.due_at.type)
    due = (moment, literal(0), moment)
    query = select(of.chain_id, of.contract, of.token_id, *due).distinct()
    return query.where(of.chain_id == chain_id, of.voucher_hash.is_not(None))


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
        if cursor is not None and cursor.method != method:
            # Works without a token are in no block that is read again.
            await session.execute(_putting(_offered(chain_id, now)))
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
        literal(now, DUE.c.due_at.type),
    ).where(
        TOKENS.c.chain_id == chain_id,
        TOKENS.c.updated_block > blocks[0],
        TOKENS.c.updated_block <= blocks[1],
        TOKENS.c.metadata_digest.is_not(None),
    )
    done = await session.execute(_putting(found), execution_options={"preserve_rowcount": True})
    return int(getattr(done, "rowcount", 0))


def _putting(found: Select[Any]) -> Any:
    """Works with their time and no attempt, into the queue."""
    names = ["chain_id", "contract", "token_id", "due_at", "attempts", "waiting_since"]
    put = insert(DUE).from_select(names, found)
    return put.on_conflict_do_update(
        index_elements=["chain_id", "contract", "token_id"],
        set_={"due_at": put.excluded.due_at, "attempts": 0},
    )


async def issue_what_is_due(parts: Parts, *, now: datetime) -> int:
    """Look at works that are due, the longest waiting first; how many versions were issued."""
    count, until = 0, time.monotonic() + SECONDS_PER_ROUND
    while time.monotonic() < until and (claimed := await _claim(parts, _due(parts, now), now)):
        for token, attempts in claimed:
            count += (await _look_at(parts, token, attempts, now)).is_new
    return count


async def look_at_all(parts: Parts, *, now: datetime) -> AsyncIterator[Look]:
    """
    Put down what changed, and look once at each work that waits, also at those whose turn is later.

    For an operator. Of two who work on one at once, one finds the other's version in force.
    """
    await put_down(parts, now=now)
    async with parts.sessions() as session:
        waiting = select(*KEY).where(DUE.c.chain_id.in_(parts.chains)).order_by(DUE.c.due_at)
        tokens = [TokenRef(*row) for row in (await session.execute(waiting)).all()]
    for token in tokens:
        yield await look_now(parts, token, now=now)


async def look_now(parts: Parts, token: TokenRef, *, now: datetime) -> Look:
    """Look at one work, whether it waits or not. Raises `NoSuchChain`, `IssuerKeyMissing`."""
    claimed = await _claim(parts, _is(token), now)
    return await _look_at(parts, token, claimed[0][1] if claimed else 1, now)


def _is(token: TokenRef) -> ColumnElement[bool]:
    return tuple_(*KEY).in_([(token.chain_id, token.contract, token.token_id)])


def _due(parts: Parts, now: datetime) -> ColumnElement[bool]:
    """The next works that are due in chains of ours, and that nobody else is claiming."""
    next_ones = (
        select(*KEY)
        .where(DUE.c.due_at <= now, DUE.c.chain_id.in_(parts.chains))
        .order_by(DUE.c.due_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
        .cte("next_ones")
    )
    return tuple_(*KEY).in_(select(next_ones))


async def _claim(
    parts: Parts, which: ColumnElement[bool], now: datetime
) -> Sequence[tuple[TokenRef, int]]:
    claim = (
        update(DUE)
        .where(which)
        .values(due_at=now + CLAIMED_FOR, attempts=DUE.c.attempts + 1)
        .returning(*KEY, DUE.c.attempts)
    )
    async with parts.sessions.begin() as session:
        rows = (await session.execute(claim)).all()
    return [(TokenRef(row.chain_id, row.contract, row.token_id), row.attempts) for row in rows]


async def _look_at(parts: Parts, token: TokenRef, attempts: int, now: datetime) -> Look:
    """Look at one work; it leaves the queue when nothing is lacking."""
    look = Look(token, None)
    try:
        found = await issue_certificate(parts, token, now=now)
        if found is None:
            look = Look(token, None, lacks="its mint or description is not safe yet")
        else:
            look = Look(token, found.certificate, found.is_new, found.lacks)
    except NoSuchToken:
        pass
    except CertificateNotReady as error:
        look = Look(token, None, lacks=str(error))
    async with parts.sessions.begin() as session:
        # Whoever changed the row meanwhile wants another look.
        mine = and_(_is(token), DUE.c.due_at == now + CLAIMED_FOR)
        if look.lacks is None:
            await session.execute(delete(DUE).where(mine))
        else:
            wait = min(FIRST_WAIT * 2 ** min(attempts - 1, 20), LONGEST_WAIT)
            await session.execute(update(DUE).where(mine).values(due_at=now + wait, why=look.lacks))
    return look
