"""
Which collections are of our kind: the house's, and those that artists deployed by the factory.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.parts import ChainParts
from indexer.contract_tables import CollectionRow
from nft.types import Address


@dataclass(frozen=True, slots=True)
class Ours:
    """A collection of our kind; the house's has no artist and is open to all."""

    contract: Address
    artist: Address | None


async def find_ours(session: AsyncSession, part: ChainParts, contract: Address) -> Ours | None:
    """A collection of our kind at that address, as the mirror knows it."""
    if contract == part.deployment.house_collection.address:
        return Ours(contract, None)
    query = select(col(CollectionRow.artist)).where(
        col(CollectionRow.chain_id) == part.deployment.chain_id,
        col(CollectionRow.contract) == contract,
    )
    artist = (await session.execute(query.limit(1))).scalar_one_or_none()
    return None if artist is None else Ours(contract, artist)
