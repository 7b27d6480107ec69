"""
How the outcome of an intent is recognised: in the mirror, or for a signature on the book.

One small query for each kind. Nothing is remembered: when the chain turns back, the rows go and
with them the outcome.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.tables import IntentRow, OrderRow
from indexer.tables import ApprovalRow, CancelRow, SaleRow, TokenChangeRow, TransferRow
from nft.types import ZERO_ADDRESS, Address, Digest


@dataclass(frozen=True, slots=True)
class Fact:
    """What shows it: a log's block and transaction, or (both None) a row on the book."""

    block_number: int | None = None
    transaction_hash: Digest | None = None


Finder = Callable[[AsyncSession, IntentRow], Awaitable[Fact | None]]


async def outcome_of(session: AsyncSession, row: IntentRow) -> Fact | None:
    """What shows that the intent has happened, or None."""
    if row.plan is None:
        return None
    return await FINDERS[row.kind](session, row)


async def _first(session: AsyncSession, query: Select[int, Digest]) -> Fact | None:
    found = (await session.execute(query.limit(1))).first()
    return Fact(found[0], found[1]) if found else None


def _since(row: IntentRow) -> int:
    return int((row.plan or {})["since"])


def _fact(row: IntentRow, name: str) -> Any:
    return row.facts[name]


def _changes(row: IntentRow, event: str) -> Select[int, Digest]:
    return select(col(TokenChangeRow.block_number), col(TokenChangeRow.transaction_hash)).where(
        col(TokenChangeRow.chain_id) == row.chain_id,
        col(TokenChangeRow.contract) == row.contract,
        col(TokenChangeRow.token_id) == row.token_id,
        col(TokenChangeRow.event) == event,
    )


async def _minted(session: AsyncSession, row: IntentRow) -> Fact | None:
    """The very work: the id is nobody else's, and its metadata is the one that was prepared."""
    digest = Digest.parse(_fact(row, "metadata_digest"))
    query = _changes(row, "minted").where(col(TokenChangeRow.metadata_digest) == digest)
    return await _first(session, query)


async def _frozen(session: AsyncSession, row: IntentRow) -> Fact | None:
    return await _first(session, _changes(row, "frozen"))


async def _described(session: AsyncSession, row: IntentRow) -> Fact | None:
    digest = Digest.parse(_fact(row, "metadata_digest"))
    query = _changes(row, "metadata").where(
        col(TokenChangeRow.metadata_digest) == digest,
        col(TokenChangeRow.block_number) > _since(row),
    )
    return await _first(session, query)


async def _royalty_changed(session: AsyncSession, row: IntentRow) -> Fact | None:
    query = _changes(row, "royalty").where(col(TokenChangeRow.block_number) > _since(row))
    return await _first(session, query)


async def _moved(session: AsyncSession, row: IntentRow, receiver: Address) -> Fact | None:
    query = select(col(TransferRow.block_number), col(TransferRow.transaction_hash)).where(
        col(TransferRow.chain_id) == row.chain_id,
        col(TransferRow.contract) == row.contract,
        col(TransferRow.token_id) == row.token_id,
        col(TransferRow.sender) == row.account,
        col(TransferRow.receiver) == receiver,
        col(TransferRow.block_number) > _since(row),
    )
    return await _first(session, query)


async def _transferred(session: AsyncSession, row: IntentRow) -> Fact | None:
    return await _moved(session, row, Address.parse(_fact(row, "to")))


async def _burned(session: AsyncSession, row: IntentRow) -> Fact | None:
    return await _moved(session, row, ZERO_ADDRESS)


async def _filled(session: AsyncSession, row: IntentRow) -> Fact | None:
    query = select(col(SaleRow.block_number), col(SaleRow.transaction_hash)).where(
        col(SaleRow.chain_id) == row.chain_id,
        col(SaleRow.order_hash) == row.order_hash,
        col(SaleRow.taker) == row.account,
    )
    return await _first(session, query)


async def _listed(session: AsyncSession, row: IntentRow) -> Fact | None:
    digests = [Digest.parse(text) for text in (row.plan or {})["digests"].values()]
    query = select(col(OrderRow.order_hash)).where(col(OrderRow.order_hash).in_(digests))
    found = (await session.execute(query.limit(1))).first()
    return Fact() if found else None


async def _cancelled(session: AsyncSession, row: IntentRow) -> Fact | None:
    """Hidden by us, or cancelled on the chain, whichever was asked for."""
    order = await session.get(OrderRow, row.order_hash)
    if order is None:
        return None
    if row.request.get("how") == "hide":
        return Fact() if order.hidden_at else None
    query = select(col(CancelRow.block_number), col(CancelRow.transaction_hash)).where(
        col(CancelRow.chain_id) == row.chain_id,
        col(CancelRow.exchange) == order.exchange,
        col(CancelRow.maker) == order.maker,
        or_(col(CancelRow.nonce) == order.nonce, col(CancelRow.counter) > order.counter),
    )
    return await _first(session, query)


FINDERS: dict[str, Finder] = {
    "mint": _minted,
    "freeze": _frozen,
    "metadata": _described,
    "royalty": _royalty_changed,
    "transfer": _transferred,
    "burn": _burned,
    "fill": _filled,
    "listing": _listed,
    "cancel": _cancelled,
}


async def approves(session: AsyncSession, row: IntentRow, operator: Address) -> bool:
    """Whether the mirror's newest word is that the account lets `operator` move its works."""
    query = (
        select(col(ApprovalRow.approved))
        .where(
            col(ApprovalRow.chain_id) == row.chain_id,
            col(ApprovalRow.contract) == row.contract,
            col(ApprovalRow.owner) == row.account,
            col(ApprovalRow.operator) == operator,
            or_(
                col(ApprovalRow.token_id).is_(None),
                col(ApprovalRow.token_id) == row.token_id,
            ),
        )
        .order_by(col(ApprovalRow.block_number).desc(), col(ApprovalRow.log_index).desc())
    )
    found = (await session.execute(query.limit(1))).first()
    return bool(found and found[0])


async def orders_on_the_book(session: AsyncSession, digests: list[Digest]) -> set[Digest]:
    """Which signed orders have been posted."""
    query = select(col(OrderRow.order_hash)).where(col(OrderRow.order_hash).in_(digests))
    return set((await session.execute(query)).scalars())
