"""
What a creator has set in each collection that they mint into.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.parts import ChainParts
from indexer.contract_tables import AllFrozenRow, CollectionRow, DefaultRoyaltyRow, MinterRow
from nft.types import Address

HOUSE_NAME = "Vernissage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Studio:
    """A collection as one creator sees it."""

    chain_id: str
    contract: str
    name: str
    house: bool
    royalty_bps: int
    royalty_receiver: str
    minters: Sequence[str]
    frozen: bool


async def studios_of(session: AsyncSession, part: ChainParts, creator: Address) -> list[Studio]:
    """The house's collection, then the creator's own ones in the order of their founding."""
    deployment = part.deployment
    query = (
        select(CollectionRow)
        .where(
            col(CollectionRow.chain_id) == deployment.chain_id,
            col(CollectionRow.artist) == creator,
        )
        .order_by(col(CollectionRow.block_number), col(CollectionRow.log_index))
    )
    own = [(row.contract, row.name) for row in (await session.execute(query)).scalars()]
    house = deployment.house_collection.address
    found = []
    for contract, name in [(house, HOUSE_NAME), *own]:
        bps, receiver = await _royalty(session, deployment.chain_id, contract, creator)
        found.append(
            Studio(
                chain_id=str(deployment.chain_id),
                contract=str(contract),
                name=name,
                house=contract == house,
                royalty_bps=bps,
                royalty_receiver=str(receiver),
                minters=await _minters(session, deployment.chain_id, contract, creator),
                frozen=await _is_frozen(session, deployment.chain_id, contract, creator),
            )
        )
    return found


async def _royalty(
    session: AsyncSession, chain_id: int, contract: Address, creator: Address
) -> tuple[int, Address]:
    query = (
        select(DefaultRoyaltyRow)
        .where(
            col(DefaultRoyaltyRow.chain_id) == chain_id,
            col(DefaultRoyaltyRow.contract) == contract,
            col(DefaultRoyaltyRow.creator) == creator,
        )
        .order_by(
            col(DefaultRoyaltyRow.block_number).desc(), col(DefaultRoyaltyRow.log_index).desc()
        )
        .limit(1)
    )
    row = (await session.execute(query)).scalar_one_or_none()
    return (row.royalty_bps, row.royalty_receiver) if row else (0, creator)


async def _minters(
    session: AsyncSession, chain_id: int, contract: Address, creator: Address
) -> list[str]:
    query = (
        select(MinterRow)
        .where(
            col(MinterRow.chain_id) == chain_id,
            col(MinterRow.contract) == contract,
            col(MinterRow.creator) == creator,
        )
        .order_by(col(MinterRow.block_number), col(MinterRow.log_index))
    )
    newest = {row.minter: row.allowed for row in (await session.execute(query)).scalars()}
    return [str(minter) for minter, allowed in newest.items() if allowed]


async def _is_frozen(
    session: AsyncSession, chain_id: int, contract: Address, creator: Address
) -> bool:
    query = select(col(AllFrozenRow.block_number)).where(
        col(AllFrozenRow.chain_id) == chain_id,
        col(AllFrozenRow.contract) == contract,
        col(AllFrozenRow.creator) == creator,
    )
    return (await session.execute(query.limit(1))).first() is not None
