"""
What the mirror says about orders: every fact of a whole page of them in one query.

An order's state is never stored. Each row that comes out of `with_facts` carries the signed order
and what decides whether it can be filled; `nft.fillability` decides. `is_valid` says the same rules
in SQL for listings of one work, which lists must sort and cut by; a test holds the two against
each other. What only a node knows (a buyer's balance, a stranger's royalty) is added by
`api.orders.completing`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, or_, select, true
from sqlalchemy.sql.selectable import FromClause
from sqlmodel import SQLModel

import api.tables  # noqa: F401  (fills the metadata)
import indexer.tables  # noqa: F401
from api.parts import ChainParts
from api.sales.house import House, rules_of
from api.sales.notes import IS_LOCKED, LOCK_BLOCK, with_locks
from nft.fillability import Facts
from nft.orders import Bulk, Item, Kind, Order, price_at, shares
from nft.types import UINT256_MAX, WHOLE_BPS, ZERO_ADDRESS, ZERO_DIGEST, Address, Digest

ORDERS = SQLModel.metadata.tables["book_orders"]
TOKENS = SQLModel.metadata.tables["chain_tokens"]
TRANSFERS = SQLModel.metadata.tables["chain_transfers"]
SALES = SQLModel.metadata.tables["chain_sales"]
CANCELS = SQLModel.metadata.tables["chain_cancels"]
APPROVALS = SQLModel.metadata.tables["chain_approvals"]


@dataclass(frozen=True, slots=True)
class Paid:
    """What a filled order actually moved, of a bundle all together."""

    price: int
    royalty: int
    royalty_receiver: Address
    """Zero where nobody, or not one alone, was paid a royalty."""
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
    bulk: Bulk
    set_works: tuple[tuple[int, int], ...]
    """Of an offer on a set: token id and transfer count of each work."""
    is_hidden: bool
    is_awaited: bool
    """The maker's wallet may not exist yet."""
    created_at: Any
    facts: Facts
    paid: Paid | None
    last_block: int | None
    """Of the newest fact; None when the mirror knows none."""
    is_ours: bool = True
    """The first work is of a collection of ours, whose royalty the mirror knows."""
    is_known: bool = field(default=True)
    """False: a node that had to be asked did not answer, and the royalty is not known."""


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


_PAID_RECEIVER = func.encode(SALES.c.royalty_receiver, "hex")

# A bundle is as many sales as works, all in one transaction.
_SALE = (
    select(
        func.sum(SALES.c.price).label("price"),
        func.sum(SALES.c.royalty).label("royalty"),
        func.min(_PAID_RECEIVER).filter(SALES.c.royalty > 0).label("first_receiver"),
        func.max(_PAID_RECEIVER).filter(SALES.c.royalty > 0).label("last_receiver"),
        func.sum(SALES.c.fee).label("fee"),
        func.min(SALES.c.block_number).label("block_number"),
    )
    .where(SALES.c.chain_id == ORDERS.c.chain_id, SALES.c.order_hash == ORDERS.c.order_hash)
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


def price_now(now: int) -> ColumnElement[int]:
    """`nft.orders.price_at` in SQL; `now` in Unix seconds."""
    passed = func.least(func.greatest(now - ORDERS.c.start, 0), ORDERS.c.end - ORDERS.c.start)
    fallen = (ORDERS.c.price - ORDERS.c.end_price) * passed
    found: ColumnElement[int] = ORDERS.c.price - func.div(fallen, ORDERS.c.end - ORDERS.c.start)
    return found


def _royalty(price: ColumnElement[int]) -> ColumnElement[int]:
    return case(
        (TOKENS.c.royalty_receiver == ZERO_ADDRESS, 0),
        else_=func.div(price * TOKENS.c.royalty_bps, WHOLE_BPS),
    )


def book() -> FromClause:
    """Orders joined with everything that decides about them."""
    joined: FromClause = ORDERS.outerjoin(TOKENS, _same_token(TOKENS))
    for part in (_SALE, _CANCEL, _COUNTER, _OPERATOR, _MOVED, _SINGLE, _NONCE_SOLD):
        joined = joined.outerjoin(part, true())
    return with_locks(joined)


def with_facts() -> Select[Any]:
    """Orders and their facts; add `where`, `order_by` and `limit`, then read by `known`."""
    last_block = func.greatest(
        TOKENS.c.updated_block,
        _SALE.c.block_number,
        _CANCEL.c.block_number,
        _COUNTER.c.block_number,
        _OPERATOR.c.block_number,
        _SINGLE.c.block_number,
        LOCK_BLOCK,
    )
    return select(
        *ORDERS.c,
        TOKENS.c.owner.label("token_owner"),
        TOKENS.c.transfer_count.label("token_transfers"),
        TOKENS.c.royalty_bps.label("royalty_bps"),
        TOKENS.c.royalty_receiver.label("token_royalty_receiver"),
        TOKENS.c.metadata_digest.label("token_digest"),
        IS_APPROVED.label("is_approved"),
        IS_LOCKED.label("is_locked"),
        _CANCEL.c.block_number.label("cancelled_block"),
        _NONCE_SOLD.c.block_number.label("nonce_sold_block"),
        COUNTER.label("counter_now"),
        _SALE.c.price.label("paid_price"),
        _SALE.c.royalty.label("paid_royalty"),
        _SALE.c.first_receiver,
        _SALE.c.last_receiver,
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


def known(row: Row[Any], chains: Mapping[int, ChainParts], house: House, now: int) -> Known:
    """One row of `with_facts`, as of `now` (Unix seconds)."""
    order = order_of(row)
    return Known(
        order_hash=row.order_hash,
        chain_id=row.chain_id,
        exchange=row.exchange,
        order=order,
        signature=bytes(row.signature),
        bulk=Bulk(row.bulk_index, tuple(Digest.parse(text) for text in row.bulk_proof)),
        set_works=tuple((int(token), int(count)) for token, count in row.set_works),
        is_hidden=row.hidden_at is not None,
        is_awaited=row.is_awaited,
        created_at=row.created_at,
        facts=_facts(row, order, chains, house, now),
        paid=_paid(row),
        last_block=row.last_block,
        is_ours=row.token_owner is None or row.token_digest is not None,
    )


def _facts(
    row: Row[Any], order: Order, chains: Mapping[int, ChainParts], house: House, now: int
) -> Facts:
    part = chains.get(row.chain_id)
    rules = rules_of(house, row.chain_id, row.exchange)
    exists = row.token_owner is not None and row.token_owner != ZERO_ADDRESS
    receiver = row.token_royalty_receiver or ZERO_ADDRESS
    share = shares(price_at(order, now), len(order.items))[0]
    is_sold = row.sale_block is not None
    is_cancelled = row.cancelled_block is not None
    return Facts(
        owner=row.token_owner if exists else None,
        transfer_count=row.token_transfers or 0,
        is_approved=bool(row.is_approved),
        is_locked=row.is_locked,
        metadata_digest=row.token_digest or ZERO_DIGEST,
        is_nonce_used=is_sold or is_cancelled or row.nonce_sold_block is not None,
        counter=int(row.counter_now),
        royalty=0 if receiver == ZERO_ADDRESS else share * (row.royalty_bps or 0) // WHOLE_BPS,
        royalty_receiver=receiver,
        fee_bps=rules.fee_bps,
        filled=is_sold,
        cancelled=is_cancelled,
        is_currency_allowed=part is not None
        and part.deployment.currency(order.currency) is not None,
        is_paused=rules.is_paused,
        is_retired=rules.is_retired,
    )


def _paid(row: Row[Any]) -> Paid | None:
    if row.sale_block is None:
        return None
    is_one = row.first_receiver is not None and row.first_receiver == row.last_receiver
    return Paid(
        price=int(row.paid_price),
        royalty=int(row.paid_royalty),
        royalty_receiver=Address(bytes.fromhex(row.first_receiver)) if is_one else ZERO_ADDRESS,
        fee=int(row.paid_fee),
        block_number=row.sale_block,
    )


def is_plain() -> ColumnElement[bool]:
    """A listing of one work: what `is_valid` decides without asking anybody."""
    return and_(ORDERS.c.kind == int(Kind.LISTING), ORDERS.c.more == [], ~ORDERS.c.is_awaited)


def is_offered(now: int) -> ColumnElement[bool]:
    """Open to anybody, handed out by us and within its time: what the book alone can say."""
    return and_(
        is_plain(),
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


def is_valid(house: House, now: int) -> ColumnElement[bool]:
    """The rules of `reasons_not_fillable` that the mirror decides, in SQL."""
    price = price_now(now)
    royalty = _royalty(price)
    cap = func.div(price * ORDERS.c.max_royalty_bps + (WHOLE_BPS - 1), WHOLE_BPS)
    fees = [
        and_(
            ORDERS.c.chain_id == chain_id,
            ORDERS.c.exchange == contract,
            ORDERS.c.max_fee_bps >= rules.fee_bps,
            royalty + func.div(price * rules.fee_bps, WHOLE_BPS) <= price,
        )
        for (chain_id, contract), rules in house.items()
        if rules.is_open
    ]
    return and_(
        TOKENS.c.owner == ORDERS.c.maker,
        or_(
            ORDERS.c.transfer_count == UINT256_MAX,
            ORDERS.c.transfer_count == TOKENS.c.transfer_count,
        ),
        IS_APPROVED,
        ~IS_LOCKED,
        _SALE.c.block_number.is_(None),
        _CANCEL.c.block_number.is_(None),
        _NONCE_SOLD.c.block_number.is_(None),
        ORDERS.c.counter == COUNTER,
        cap >= royalty,
        or_(*fees) if fees else true() == False,  # noqa: E712  (SQL, not Python)
    )
