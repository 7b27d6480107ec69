"""
Registering somebody else's ERC-721 contract, so that its history is read and its head followed.

The contract is looked at before it is believed, with its gas bounded; then a row is left for the
indexer, which finds its first block and reads on from there. Whoever registers decides nothing
else: the mirror shows what the contract's logs say.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from anyio import to_thread
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.collections.errors import CollectionIsOurs, ContractLeft, TooManyRegistrations
from api.collections.ours import find_ours
from api.deps import chain_of
from api.locks import hold
from api.parts import ChainParts, Parts
from indexer import registry
from indexer.birth import inspect
from indexer.contract_tables import SplitterRow
from indexer.index_tables import ContractRow
from indexer.registry import Registered
from nft.chain.protocol import Chain
from nft.types import Address

DAY = timedelta(hours=24)


async def register(
    session: AsyncSession,
    parts: Parts,
    account: Address,
    *,
    chain_id: int,
    contract: Address,
    now: datetime,
) -> bool:
    """
    Have a contract mirrored; whether that is news.

    Raises `NoSuchChain`, `CollectionIsOurs`, `ContractLeft`, `NoContractThere`, `NotErc721`,
    `TooManyRegistrations`, or `Unreachable`.
    """
    part = chain_of(parts, chain_id)
    if await _is_ours(session, part, contract):
        raise CollectionIsOurs(str(contract))
    if contract in {placed.address for placed in part.deployment.registered}:
        return False
    known = await find_registered(session, chain_id, contract)
    if known is not None and known.left_block is not None:
        raise ContractLeft(str(contract), known.left_block, known.refused or "")
    if known is not None and known.refused is None:
        return False
    await _check_allowance(session, account, parts.registrations_per_day, now)
    chain: Chain = part.chain
    names = await to_thread.run_sync(lambda: inspect(chain, contract))
    return await session.run_sync(
        lambda sync: registry.register(
            sync.connection(), chain_id, contract, account, name=names.name, symbol=names.symbol
        )
    )


async def find_registered(
    session: AsyncSession, chain_id: int, contract: Address
) -> Registered | None:
    """The contract's row, if somebody registered it."""
    return await session.run_sync(lambda sync: registry.find(sync.connection(), chain_id, contract))


async def list_registered(session: AsyncSession, chain_id: int) -> list[Registered]:
    """Those that are mirrored or about to be, the oldest first."""
    found = await session.run_sync(lambda sync: registry.every(sync.connection(), chain_id))
    return [one for one in found if one.refused is None]


async def _is_ours(session: AsyncSession, part: ChainParts, contract: Address) -> bool:
    deployment = part.deployment
    placed = {one.address for one in deployment.contracts}
    if contract in placed - {one.address for one in deployment.registered}:
        return True
    if await find_ours(session, part, contract) is not None:
        return True
    splitter = select(col(SplitterRow.splitter)).where(
        col(SplitterRow.chain_id) == deployment.chain_id, col(SplitterRow.splitter) == contract
    )
    return (await session.execute(splitter.limit(1))).first() is not None


async def _check_allowance(
    session: AsyncSession, account: Address, maximum: int, now: datetime
) -> None:
    """Raises `TooManyRegistrations`. One registration of an account at a time is counted."""
    await hold(session, f"vernissage registrations of {account}")
    made = (
        await session.execute(
            select(func.count(), func.min(col(ContractRow.requested_at))).where(
                col(ContractRow.requested_by) == account,
                col(ContractRow.requested_at) > now - DAY,
            )
        )
    ).one()
    if made[0] >= maximum:
        wait = (made[1] + DAY - now).total_seconds() if made[1] else DAY.total_seconds()
        raise TooManyRegistrations(maximum, max(1, int(wait)))
