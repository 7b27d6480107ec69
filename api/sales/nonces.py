"""
Nonces: one row for each maker, shared by orders, auctions and vouchers as on the chain.
"""

from __future__ import annotations

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

import api.tables  # noqa: F401  (fills the metadata)
from nft.types import Address

NONCES = SQLModel.metadata.tables["book_order_nonces"]


async def next_nonces(
    session: AsyncSession, *, chain_id: int, exchange: Address, maker: Address, count: int = 1
) -> range:
    """
    So many neighbouring nonces that this book never handed out before.

    Neighbours share a storage word, so that the second one is cheaper to use up.
    """
    first = insert(NONCES).values(
        chain_id=chain_id, exchange=exchange, maker=maker, next_nonce=count
    )
    taken = first.on_conflict_do_update(
        index_elements=[NONCES.c.chain_id, NONCES.c.exchange, NONCES.c.maker],
        set_={"next_nonce": NONCES.c.next_nonce + count},
    ).returning(NONCES.c.next_nonce)
    following = int((await session.execute(taken)).scalar_one())
    return range(following - count, following)
