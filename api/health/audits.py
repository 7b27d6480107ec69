"""
The audit as a job: every chain is compared with its mirror again and again, a sample at a time.

When the next one is due is read from the books, so that it does not matter how many workers there
are, nor how often they start; a lock of the database keeps two from doing the same.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection, Engine, select, text
from sqlalchemy.exc import DBAPIError

from api.parts import ChainParts, Parts
from indexer.audit import Audit, Plan, Scope, audit, record
from indexer.facts import AUDITS
from indexer.ground import NothingMirrored
from nft import locks
from nft.chain.errors import StateNotAvailable
from nft.errors import ChainMismatch, Unreachable

log = structlog.get_logger(__name__)


def audit_what_is_due(engine: Engine, parts: Parts, plan: Plan) -> list[Audit]:
    """
    Audit each chain whose last audit is long enough ago, or that never had one.

    A node that does not answer, or that has forgotten the block, is tried again at the next call,
    and so is a chain on which nothing is final that could be compared.
    What is wrong with one chain keeps no other from its audit; what the database refuses is raised
    when all have had theirs.
    """
    found: list[Audit] = []
    refused: list[DBAPIError] = []
    if not plan.minutes:
        return found
    for _, part in sorted(parts.chains.items()):
        try:
            done = _audit_if_due(engine, part, plan)
        except DBAPIError as error:
            refused.append(error)
        else:
            found += [done] if done is not None else []
    if refused:
        raise refused[0]
    return found


def _audit_if_due(engine: Engine, part: ChainParts, plan: Plan) -> Audit | None:
    chain_id = part.deployment.chain_id
    with engine.connect() as connection:
        try:
            is_ours = locks.take(connection, f"vernissage audit of chain {chain_id}")
            if is_ours and _is_due(connection, chain_id, plan):
                return _audited(connection, part, plan)
        finally:
            connection.invalidate()  # A session ends with the lock that it holds.
    return None


def _is_due(connection: Connection, chain_id: int, plan: Plan) -> bool:
    newest = (
        select(AUDITS.c.finished_at)
        .where(AUDITS.c.chain_id == chain_id)
        .order_by(AUDITS.c.id.desc())
        .limit(1)
    )
    with connection.begin():
        last: datetime | None = connection.scalar(newest)
        now: datetime = connection.execute(text("select now()")).scalar_one()
    return last is None or now - last >= timedelta(minutes=plan.minutes)


def _audited(connection: Connection, part: ChainParts, plan: Plan) -> Audit | None:
    chain_id = part.deployment.chain_id
    try:
        done = audit(connection, part.chain, part.deployment, Scope.sampled(plan.sample))
    except NothingMirrored:
        return None
    except (Unreachable, StateNotAvailable, ChainMismatch) as error:
        log.warning("audit put off", chain_id=chain_id, why=str(error))
        return None
    if done.is_empty:  # Nothing is final yet. Written down, it would keep off the first real one.
        return None
    record(connection, done)
    if not done.is_equal:
        log.error(
            "mirror and chain differ",
            chain_id=chain_id,
            block=done.block_number,
            differences=done.difference_count,
            first=done.differences[0].as_json(),
        )
    return done
