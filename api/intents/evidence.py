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

from api.standing.tables import BindingRow, MarkRow
from api.statements.tables import StatementRow
from api.tables import AuctionRow, IntentRow, OrderRow, VoucherRow
from indexer.auction_tables import BidRow, OutcomeRow
from indexer.contract_tables import (
    AllFrozenRow,
    CollectionRow,
    DefaultRoyaltyRow,
    DescriptionRow,
    MinterRow,
    ReleaseRow,
)
from indexer.tables import (
    ApprovalRow,
    CancelRow,
    CreditRow,
    SaleRow,
    TokenChangeRow,
    TransferRow,
)
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


def _names(row: IntentRow) -> list[Digest]:
    """Hashes of the orders, auctions or vouchers that the intent is about."""
    told = row.facts.get("names")
    if told is not None:
        return [Digest.parse(text) for text in told]
    return [row.order_hash] if row.order_hash is not None else []


async def _traded(session: AsyncSession, row: IntentRow) -> Fact | None:
    """The account filled, accepted or redeemed one of them, since the intent was made."""
    query = select(col(SaleRow.block_number), col(SaleRow.transaction_hash)).where(
        col(SaleRow.chain_id) == row.chain_id,
        col(SaleRow.order_hash).in_(_names(row)),
        col(SaleRow.taker) == row.account,
    )
    return await _first(session, query)


async def bought(session: AsyncSession, row: IntentRow) -> set[Digest]:
    """Which orders of a cart its account has filled."""
    query = select(col(SaleRow.order_hash)).where(
        col(SaleRow.chain_id) == row.chain_id,
        col(SaleRow.order_hash).in_(_names(row)),
        col(SaleRow.taker) == row.account,
    )
    return set((await session.execute(query)).scalars())


async def _redeemed(session: AsyncSession, row: IntentRow) -> Fact | None:
    """One voucher mints many works: this one, by this account."""
    query = select(col(SaleRow.block_number), col(SaleRow.transaction_hash)).where(
        col(SaleRow.chain_id) == row.chain_id,
        col(SaleRow.order_hash) == row.order_hash,
        col(SaleRow.token_id) == row.token_id,
        col(SaleRow.taker) == row.account,
    )
    return await _first(session, query)


async def posted(session: AsyncSession, row: IntentRow) -> Fact | None:
    """All that was to be signed stands on the book."""
    names = set(_names(row))
    return Fact() if names and names <= await on_the_book(session, list(names)) else None


async def _cancelled(session: AsyncSession, row: IntentRow) -> Fact | None:
    """Hidden by us, or cancelled on the chain, whichever was asked for."""
    if row.request.get("how") == "hide":
        return Fact() if await _is_hidden(session, row.order_hash) else None
    nonce, counter = int(_fact(row, "nonce")), int(_fact(row, "counter"))
    query = select(col(CancelRow.block_number), col(CancelRow.transaction_hash)).where(
        col(CancelRow.chain_id) == row.chain_id,
        col(CancelRow.exchange) == Address.parse(_fact(row, "exchange")),
        col(CancelRow.maker) == row.account,
        or_(col(CancelRow.nonce) == nonce, col(CancelRow.counter) > counter),
    )
    return await _first(session, query)


async def is_partly_posted(session: AsyncSession, row: IntentRow) -> bool:
    """Whether a voucher of a lazy mint stands on the book: its contents may still be minted."""
    names = _names(row) if row.kind == "lazy_mint" else []
    return bool(names and await on_the_book(session, names))


async def _is_hidden(session: AsyncSession, name: Digest | None) -> bool:
    """Whether we were asked not to hand it out: an order, an auction or a voucher."""
    for column, hidden in (
        (OrderRow.order_hash, OrderRow.hidden_at),
        (AuctionRow.auction_hash, AuctionRow.hidden_at),
        (VoucherRow.voucher_hash, VoucherRow.hidden_at),
    ):
        query = select(col(hidden)).where(col(column) == name)
        if await session.scalar(query) is not None:
            return True
    return False


async def _all_cancelled(session: AsyncSession, row: IntentRow) -> Fact | None:
    query = select(col(CancelRow.block_number), col(CancelRow.transaction_hash)).where(
        col(CancelRow.chain_id) == row.chain_id,
        col(CancelRow.exchange) == Address.parse(_fact(row, "exchange")),
        col(CancelRow.maker) == row.account,
        col(CancelRow.nonce).is_(None),
        col(CancelRow.block_number) > _since(row),
    )
    return await _first(session, query)


async def _bid(session: AsyncSession, row: IntentRow) -> Fact | None:
    query = select(col(BidRow.block_number), col(BidRow.transaction_hash)).where(
        col(BidRow.chain_id) == row.chain_id,
        col(BidRow.auction_hash) == row.order_hash,
        col(BidRow.bidder) == row.account,
        col(BidRow.block_number) > _since(row),
    )
    return await _first(session, query)


def _outcome(*outcomes: str) -> Finder:
    async def find(session: AsyncSession, row: IntentRow) -> Fact | None:
        query = select(col(OutcomeRow.block_number), col(OutcomeRow.transaction_hash)).where(
            col(OutcomeRow.chain_id) == row.chain_id,
            col(OutcomeRow.auction_hash) == row.order_hash,
            col(OutcomeRow.outcome).in_(outcomes),
        )
        return await _first(session, query)

    return find


async def _withdrawn(session: AsyncSession, row: IntentRow) -> Fact | None:
    query = select(col(CreditRow.block_number), col(CreditRow.transaction_hash)).where(
        col(CreditRow.chain_id) == row.chain_id,
        col(CreditRow.contract) == row.contract,
        col(CreditRow.account) == Address.parse(_fact(row, "account")),
        col(CreditRow.currency) == Address.parse(_fact(row, "currency")),
        col(CreditRow.amount) < 0,
        col(CreditRow.block_number) > _since(row),
    )
    return await _first(session, query)


async def _released(session: AsyncSession, row: IntentRow) -> Fact | None:
    query = select(col(ReleaseRow.block_number), col(ReleaseRow.transaction_hash)).where(
        col(ReleaseRow.chain_id) == row.chain_id,
        col(ReleaseRow.splitter) == row.contract,
        col(ReleaseRow.receiver) == Address.parse(_fact(row, "receiver")),
        col(ReleaseRow.currency) == Address.parse(_fact(row, "currency")),
        col(ReleaseRow.block_number) > _since(row),
    )
    return await _first(session, query)


async def _bound(session: AsyncSession, row: IntentRow) -> Fact | None:
    """The binding that was signed has been taken, since its domain agreed."""
    query = select(col(BindingRow.created_at)).where(col(BindingRow.binding_hash).in_(_signed(row)))
    return Fact() if (await session.execute(query.limit(1))).first() else None


async def _marked(session: AsyncSession, row: IntentRow) -> Fact | None:
    query = select(col(MarkRow.created_at)).where(col(MarkRow.mark_hash).in_(_signed(row)))
    return Fact() if (await session.execute(query.limit(1))).first() else None


async def _mark_taken_back(session: AsyncSession, row: IntentRow) -> Fact | None:
    name = Digest.parse(_fact(row, "mark"))
    query = select(col(MarkRow.taken_back_at)).where(col(MarkRow.mark_hash) == name)
    return Fact() if await session.scalar(query) is not None else None


def _signed(row: IntentRow) -> list[Digest]:
    """What the intent's signatures were to sign."""
    return [Digest.parse(text) for text in (row.plan or {})["digests"].values()]


def _of_collection(table: Any) -> Finder:
    """The newest log of a collection, by the account where it names one."""

    async def find(session: AsyncSession, row: IntentRow) -> Fact | None:
        query = select(table.block_number, table.transaction_hash).where(
            table.chain_id == row.chain_id,
            table.contract == row.contract,
            table.block_number > _since(row),
        )
        if hasattr(table, "creator"):
            query = query.where(table.creator == row.account)
        if hasattr(table, "minter"):
            query = query.where(table.minter == Address.parse(_fact(row, "minter")))
        return await _first(session, query)

    return find


FINDERS: dict[str, Finder] = {
    "mint": _minted,
    "lazy_mint": posted,
    "freeze": _frozen,
    "metadata": _described,
    "royalty": _royalty_changed,
    "transfer": _transferred,
    "burn": _burned,
    "listing": posted,
    "bulk": posted,
    "offer": posted,
    "auction": posted,
    "voucher": posted,
    "statement": posted,
    "fill": _traded,
    "cart": _traded,
    "accept": _traded,
    "accept_many": _traded,
    "redeem": _redeemed,
    "cancel": _cancelled,
    "cancel_all": _all_cancelled,
    "bid": _bid,
    "settle": _outcome("settled"),
    "unwind": _outcome("unwound", "settled"),
    "reclaim": _outcome("reclaimed"),
    "withdraw": _withdrawn,
    "release": _released,
    "collection": _of_collection(CollectionRow),
    "minter": _of_collection(MinterRow),
    "default_royalty": _of_collection(DefaultRoyaltyRow),
    "freeze_all": _of_collection(AllFrozenRow),
    "binding": _bound,
    "mark": _marked,
    "mark_back": _mark_taken_back,
    "contract_metadata": _of_collection(DescriptionRow),
}


async def is_operator(
    session: AsyncSession, row: IntentRow, collection: Address, operator: Address
) -> bool:
    """Whether the mirror's newest word is that the account lets `operator` move its works."""
    query = (
        select(col(ApprovalRow.approved))
        .where(
            col(ApprovalRow.chain_id) == row.chain_id,
            col(ApprovalRow.contract) == collection,
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


async def on_the_book(session: AsyncSession, names: list[Digest]) -> set[Digest]:
    """Which of these orders, auctions, vouchers and statements have been posted."""
    found: set[Digest] = set()
    for column in (
        OrderRow.order_hash,
        AuctionRow.auction_hash,
        VoucherRow.voucher_hash,
        StatementRow.digest,
    ):
        query = select(col(column)).where(col(column).in_(names))
        found |= set((await session.execute(query)).scalars())
    return found
