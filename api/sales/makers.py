"""
What makers have taken back or allowed, as the mirror tells it: for several at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from indexer.tables import ApprovalRow, CancelRow
from nft.types import Address


@dataclass(frozen=True, slots=True)
class Maker:
    """A maker at an exchange."""

    chain_id: int
    exchange: Address
    address: Address


@dataclass(frozen=True, slots=True)
class TakenBack:
    """Of these makers: counters, and nonces that were cancelled one by one."""

    counters: dict[Maker, int]
    nonces: frozenset[tuple[Maker, int]]
    last_block: int | None = None

    def counter(self, maker: Maker) -> int:
        """The counter that what the maker signs must carry."""
        return self.counters.get(maker, 0)

    def is_cancelled(self, maker: Maker, nonce: int) -> bool:
        """Whether the maker took this nonce back."""
        return (maker, nonce) in self.nonces


async def taken_back(session: AsyncSession, keys: Iterable[tuple[Maker, int]]) -> TakenBack:
    """For makers and the nonces asked about; two queries for all."""
    asked = set(keys)
    makers = {maker for maker, _ in asked}
    if not makers:
        return TakenBack({}, frozenset())
    place = (col(CancelRow.chain_id), col(CancelRow.exchange), col(CancelRow.maker))
    wanted = [(one.chain_id, one.exchange, one.address) for one in makers]
    counted = await session.execute(
        select(*place, func.max(CancelRow.counter))
        .where(tuple_(*place).in_(wanted), col(CancelRow.nonce).is_(None))
        .group_by(*place)
    )
    counters = {Maker(*row[:3]): int(row[3] or 0) for row in counted}
    single = await session.execute(
        select(*place, col(CancelRow.nonce)).where(
            tuple_(*place, col(CancelRow.nonce)).in_(
                [(one.chain_id, one.exchange, one.address, nonce) for one, nonce in asked]
            )
        )
    )
    return TakenBack(counters, frozenset((Maker(*row[:3]), int(row[3] or 0)) for row in single))


Operation = tuple[int, Address, Address, Address]
"""Chain, collection, owner, operator."""


async def operators(session: AsyncSession, asked: Iterable[Operation]) -> set[Operation]:
    """Which of these may move all works of an owner; the newest log of each decides."""
    wanted = set(asked)
    if not wanted:
        return set()
    place = (
        col(ApprovalRow.chain_id),
        col(ApprovalRow.contract),
        col(ApprovalRow.owner),
        col(ApprovalRow.operator),
    )
    rows = await session.execute(
        select(*place, col(ApprovalRow.approved))
        .where(tuple_(*place).in_(list(wanted)), col(ApprovalRow.token_id).is_(None))
        .ext(distinct_on(*place))
        .order_by(*place, col(ApprovalRow.block_number).desc(), col(ApprovalRow.log_index).desc())
    )
    return {(row[0], row[1], row[2], row[3]) for row in rows if row[4]}
