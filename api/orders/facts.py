"""
What the mirror says about orders: every fact of a whole page of them in one query.

An order's state is never stored. Each row that comes out of `with_facts` carries the signed order
and what decides whether it can be filled; `nft.orders` decides. `fillable` says the same rules in
SQL, for lists that must sort and cut by them; a test holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, or_, select, true
from sqlalchemy.sql.selectable import FromClause
from sqlmodel import SQLModel

import api.tables  # noqa: F401  (fills the metadata)
import indexer.tables  # noqa: F401
from api.chains.queries import fee_bps
from api.parts import ChainParts
from nft.fillability import Facts
from nft.orders import Item, Kind, Order
from nft.types import UINT256_MAX, WHOLE_BPS, ZERO_ADDRESS, Address, Digest

ORDERS = SQLModel.metadata.tables["book_orders"]
TOKENS = SQLModel.metadata.tables["chain_tokens"]
TRANSFERS = SQLModel.metadata.tables["chain_transfers"]
SALES = SQLModel.metadata.tables["chain_sales"]
CANCELS = SQLModel.metadata.tables["chain_cancels"]
APPROVALS = SQLModel.metadata.tables["chain_approvals"]


@dataclass(frozen=True, slots=True)
class Paid:
    """What a filled order actually moved."""

    price: int
    royalty: int
    royalty_receiver: Address
    fee: int
    block_number: int


@dataclass(frozen=True, slots=True)
class Known:
    """An order with everything the mirror says about it."""

    order_hash: Digest
    chain_id: int
    exchange: Address
    order: Order
    signature: bytes
    is_hidden: bool
    created_at: Any
    facts: Facts
    paid: Paid | None
    last_block: int | None
    """Of the newest fact; None when the mirror knows none."""


def _same_token(table: FromClause) -> ColumnElement[bool]:
    return and_(
        table.c.chain_id == ORDERS.c.chain_id,
        table.c.contract == ORDERS.c.contract,
        table.c.token_id == ORDERS.c.token_id,
    )


def _same_maker(table: FromClause) -> ColumnElement[bool]:
    return and_(
        table.c.chain_id == ORDERS.c.chain_id,
        table.c.exchange == ORDERS.c.exchange,
        table.c.maker == ORDERS.c.maker,
    )


_SALE = (
    select(
        SALES.c.price,
        SALES.c.royalty,
        SALES.c.royalty_receiver,
        SALES.c.fee,
        SALES.c.block_number,
    )
    .where(SALES.c.chain_id == ORDERS.c.chain_id, SALES.c.order_hash == ORDERS.c.order_hash)
    .order_by(SALES.c.block_number)
    .limit(1)
    .lateral("sale")
)

_CANCEL = (
    select(CANCELS.c.block_number)
    .where(_same_maker(CANCELS), CANCELS.c.nonce == ORDERS.c.nonce)
    .order_by(CANCELS.c.block_number)
    .limit(1)
    .lateral("cancelled")
)

_COUNTER = (
    select(CANCELS.c.counter, CANCELS.c.block_number)
    .where(_same_maker(CANCELS), CANCELS.c.nonce.is_(None))
    .order_by(CANCELS.c.counter.desc())
    .limit(1)
    .lateral("counters")
)

_OPERATOR = (
    select(APPROVALS.c.approved, APPROVALS.c.block_number)
    .where(
        APPROVALS.c.chain_id == ORDERS.c.chain_id,
        APPROVALS.c.contract == ORDERS.c.contract,
        APPROVALS.c.owner == ORDERS.c.maker,
        APPROVALS.c.operator == ORDERS.c.exchange,
        APPROVALS.c.token_id.is_(None),
    )
    .order_by(APPROVALS.c.block_number.desc(), APPROVALS.c.log_index.desc())
    .limit(1)
    .lateral("operator")
)

_MOVED = (
    select(TRANSFERS.c.block_number, TRANSFERS.c.log_index)
    .where(_same_token(TRANSFERS))
    .order_by(TRANSFERS.c.block_number.desc(), TRANSFERS.c.log_index.desc())
    .limit(1)
    .lateral("moved")
)

# A transfer clears the approval of a single work without a log of its own.
_SINGLE = (
    select(APPROVALS.c.operator, APPROVALS.c.approved, APPROVALS.c.block_number)
    .where(
        _same_token(APPROVALS),
        or_(
            APPROVALS.c.block_number > _MOVED.c.block_number,
            and_(
                APPROVALS.c.block_number == _MOVED.c.block_number,
                APPROVALS.c.log_index > _MOVED.c.log_index,
            ),
        ),
    )
    .order_by(APPROVALS.c.block_number.desc(), APPROVALS.c.log_index.desc())
    .limit(1)
    .lateral("single")
)

_OTHER = ORDERS.alias("other")

# `OrderFilled` does not say the nonce; the book does, for the orders that it holds.
_NONCE_SOLD = (
    select(SALES.c.block_number)
    .join(
        _OTHER,
        and_(_OTHER.c.chain_id == SALES.c.chain_id, _OTHER.c.order_hash == SALES.c.order_hash),
    )
    .where(
        _OTHER.c.chain_id == ORDERS.c.chain_id,
        _OTHER.c.exchange == ORDERS.c.exchange,
        _OTHER.c.maker == ORDERS.c.maker,
        _OTHER.c.nonce == ORDERS.c.nonce,
    )
    .limit(1)
    .lateral("nonce_sold")
)

IS_APPROVED: ColumnElement[bool] = or_(
    func.coalesce(_OPERATOR.c.approved, False),
    and_(
        func.coalesce(_SINGLE.c.approved, False),
        _SINGLE.c.operator == ORDERS.c.exchange,
    ),
)

COUNTER: ColumnElement[int] = func.coalesce(_COUNTER.c.counter, 0)

ROYALTY: ColumnElement[int] = case(
    (TOKENS.c.royalty_receiver == ZERO_ADDRESS, 0),
    else_=func.div(ORDERS.c.price * TOKENS.c.royalty_bps, WHOLE_BPS),
)


def book() -> FromClause:
    """Orders joined with everything that decides about them."""
    joined: FromClause = ORDERS.outerjoin(TOKENS, _same_token(TOKENS))
    for part in (_SALE, _CANCEL, _COUNTER, _OPERATOR, _MOVED, _SINGLE, _NONCE_SOLD):
        joined = joined.outerjoin(part, true())
    return joined


def with_facts() -> Select[Any]:
    """Orders and their facts; add `where`, `order_by` and `limit`, then read by `known`."""
    last_block = func.greatest(
        TOKENS.c.updated_block,
        _SALE.c.block_number,
        _CANCEL.c.block_number,
        _COUNTER.c.block_number,
        _OPERATOR.c.block_number,
        _SINGLE.c.block_number,
    )
    return select(
        *ORDERS.c,
        TOKENS.c.owner.label("token_owner"),
        TOKENS.c.transfer_count.label("token_transfers"),
        TOKENS.c.royalty_bps.label("royalty_bps"),
        TOKENS.c.royalty_receiver.label("token_royalty_receiver"),
        IS_APPROVED.label("is_approved"),
        _CANCEL.c.block_number.label("cancelled_block"),
        _NONCE_SOLD.c.block_number.label("nonce_sold_block"),
        COUNTER.label("counter_now"),
        _SALE.c.price.label("paid_price"),
        _SALE.c.royalty.label("paid_royalty"),
        _SALE.c.royalty_receiver.label("paid_receiver"),
        _SALE.c.fee.label("paid_fee"),
        _SALE.c.block_number.label("sale_block"),
        last_block.label("last_block"),
    ).select_from(book())


def order_of(row: Row[Any]) -> Order:
    """The signed order in a row of the book."""
    return Order(
        kind=Kind(row.kind),
        maker=row.maker,
        taker=row.taker,
        collection=row.contract,
        token_id=row.token_id,
        transfer_count=row.transfer_count,
        more=tuple(
            Item(Address.parse(one["collection"]), int(one["tokenId"]), int(one["transferCount"]))
            for one in row.more
        ),
        criteria=row.criteria,
        metadata_digest=row.metadata_digest,
        currency=row.currency,
        price=row.price,
        end_price=row.end_price,
        start=row.start,
        end=row.end,
        max_royalty_bps=row.max_royalty_bps,
        max_fee_bps=row.max_fee_bps,
        nonce=row.nonce,
        counter=row.counter,
    )


def known(row: Row[Any], chains: Mapping[int, ChainParts]) -> Known:
    """One row of `with_facts`."""
    order = order_of(row)
    part = chains.get(row.chain_id)
    exists = row.token_owner is not None and row.token_owner != ZERO_ADDRESS
    receiver = row.token_royalty_receiver or ZERO_ADDRESS
    bps = row.royalty_bps or 0
    is_sold = row.sale_block is not None
    is_cancelled = row.cancelled_block is not None
    facts = Facts(
        owner=row.token_owner if exists else None,
        transfer_count=row.token_transfers or 0,
        is_approved=bool(row.is_approved),
        is_nonce_used=is_sold or is_cancelled or row.nonce_sold_block is not None,
        counter=int(row.counter_now),
        royalty=0 if receiver == ZERO_ADDRESS else order.price * bps // WHOLE_BPS,
        royalty_receiver=receiver,
        # An exchange that is no longer ours takes more than anybody signed.
        fee_bps=fee_bps(part) if part and _is_ours(part, row.exchange) else WHOLE_BPS,
        filled=is_sold,
        cancelled=is_cancelled,
    )
    paid = (
        Paid(row.paid_price, row.paid_royalty, row.paid_receiver, row.paid_fee, row.sale_block)
        if is_sold
        else None
    )
    return Known(
        order_hash=row.order_hash,
        chain_id=row.chain_id,
        exchange=row.exchange,
        order=order,
        signature=bytes(row.signature),
        is_hidden=row.hidden_at is not None,
        created_at=row.created_at,
        facts=facts,
        paid=paid,
        last_block=row.last_block,
    )


def _is_ours(part: ChainParts, exchange: Address) -> bool:
    return part.deployment.exchange.address == exchange


def is_offered(now: int) -> ColumnElement[bool]:
    """Open to anybody, handed out by us and within its time: what the book alone can say."""
    return and_(
        ORDERS.c.kind == int(Kind.LISTING),
        ORDERS.c.hidden_at.is_(None),
        ORDERS.c.taker == ZERO_ADDRESS,
        ORDERS.c.start <= now,
        ORDERS.c.end >= now,
    )


def is_cancelled() -> ColumnElement[bool]:
    """The chain says the maker took it back."""
    return or_(_CANCEL.c.block_number.is_not(None), ORDERS.c.counter < COUNTER)


def is_filled() -> ColumnElement[bool]:
    """The chain says it was settled."""
    return _SALE.c.block_number.is_not(None)


def is_valid(chains: Iterable[ChainParts]) -> ColumnElement[bool]:
    """The rules of `reasons_not_fillable` that the mirror decides, in SQL."""
    cap = func.div(ORDERS.c.price * ORDERS.c.max_royalty_bps + (WHOLE_BPS - 1), WHOLE_BPS)
    fees = [
        and_(
            ORDERS.c.chain_id == part.deployment.chain_id,
            ORDERS.c.exchange == part.deployment.exchange.address,
            ORDERS.c.max_fee_bps >= fee_bps(part),
            ROYALTY + func.div(ORDERS.c.price * fee_bps(part), WHOLE_BPS) <= ORDERS.c.price,
        )
        for part in chains
    ]
    return and_(
        TOKENS.c.owner == ORDERS.c.maker,
        or_(
            ORDERS.c.transfer_count == UINT256_MAX,
            ORDERS.c.transfer_count == TOKENS.c.transfer_count,
        ),
        IS_APPROVED,
        _SALE.c.block_number.is_(None),
        _CANCEL.c.block_number.is_(None),
        _NONCE_SOLD.c.block_number.is_(None),
        ORDERS.c.counter == COUNTER,
        cap >= ROYALTY,
        or_(*fees) if fees else true() == False,  # noqa: E712  (SQL, not Python)
    )
