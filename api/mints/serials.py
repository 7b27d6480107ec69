"""
Numbers for works: handed out once, never again, whether or not the work is ever minted.
"""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.tables import SerialRow
from indexer.tables import TokenRow
from nft.tokens import MAX_SERIAL, serial_of, token_id
from nft.types import Address

FIRST = 1


async def reserve(
    session: AsyncSession, *, chain_id: int, contract: Address, creator: Address, count: int
) -> int:
    """
    The first of `count` neighbouring numbers.

    A creator may have minted past us, by a script of their own: numbers that the mirror shows as
    taken are stepped over.
    """
    key = (
        col(SerialRow.chain_id) == chain_id,
        col(SerialRow.contract) == contract,
        col(SerialRow.creator) == creator,
    )
    await session.execute(
        insert(SerialRow)
        .values(chain_id=chain_id, contract=contract, creator=creator, next_serial=FIRST)
        .on_conflict_do_nothing()
    )
    query = select(col(SerialRow.next_serial)).where(*key).with_for_update()
    first = (await session.execute(query)).scalar_one()
    while (taken := await _last_taken(session, chain_id, contract, creator, first, count)) >= 0:
        first = taken + 1
    await session.execute(update(SerialRow).where(*key).values(next_serial=first + count))
    return first


async def _last_taken(
    session: AsyncSession,
    chain_id: int,
    contract: Address,
    creator: Address,
    first: int,
    count: int,
) -> int:
    last = min(first + count - 1, MAX_SERIAL)
    query = (
        select(col(TokenRow.token_id))
        .where(
            col(TokenRow.chain_id) == chain_id,
            col(TokenRow.contract) == contract,
            col(TokenRow.token_id).between(token_id(creator, first), token_id(creator, last)),
        )
        .order_by(col(TokenRow.token_id).desc())
        .limit(1)
    )
    found = (await session.execute(query)).scalar_one_or_none()
    return -1 if found is None else serial_of(found)
