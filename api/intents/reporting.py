"""
Taking a wallet's word for a transaction, and checking it.
"""

from __future__ import annotations

from datetime import datetime

from anyio import to_thread
from sqlalchemy.ext.asyncio import AsyncSession

from api.deps import chain_of
from api.intents import queries, service
from api.intents.fates import difference
from api.intents.schemas import IntentOut, TransactionIn
from api.intents.service import TransactionNotTheSteps
from api.parts import Parts
from nft.chain.protocol import Chain, Transaction
from nft.errors import ExchangeError
from nft.types import Digest


async def report_transaction(
    session: AsyncSession, parts: Parts, intent_id: str, body: TransactionIn, *, now: datetime
) -> IntentOut:
    """
    Note a hash. Raises `TransactionNotTheSteps` when the node shows it to be another one.

    A hash that no node knows yet is noted too, and judged when the node does.
    """
    row = await service.find(session, intent_id, for_update=True)
    handed_out = service.transaction_of(row, body.step)
    chain = chain_of(parts, row.chain_id).chain
    found = await to_thread.run_sync(_find, chain, body.hash)
    what = difference(handed_out, found) if found else None
    if what is not None:
        raise TransactionNotTheSteps(body.hash, what)
    await service.report(
        session,
        row,
        step=body.step,
        transaction_hash=body.hash,
        nonce=found.nonce if found else None,
        now=now,
    )
    return await queries.describe(session, parts, row, now=now)


def _find(chain: Chain, transaction_hash: Digest) -> Transaction | None:
    try:
        return chain.find_transaction(transaction_hash)
    except ExchangeError:
        return None
