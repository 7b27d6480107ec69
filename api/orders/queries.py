"""
Orders by hash, by filter, and the best listing of each of some works.

A page of orders is two queries: the orders with all their facts, and the blocks they stand on.
`EXPLAIN` of the list (10,000 orders): index scan on `book_orders_newest`, then for each of the 25
rows index look-ups in sales, cancels, approvals and transfers; no sort, no sequential scan.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, not_, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from api.chains import mirror
from api.chains.mirror import BlockKey
from api.orders import facts
from api.orders.facts import ORDERS, Known
from api.orders.reading import order_detail, order_out, standing
from api.orders.schemas import OrderDetailOut, OrderKind, OrderList, OrderState
from api.pagination import DEFAULT_LIMIT, CursorInvalid, decode_cursor, encode_cursor
from api.parts import Parts
from nft.errors import NoSuchOrder
from nft.orders import Kind
from nft.types import Address, Digest, TokenRef


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFilters:
    """What a list of orders is cut by; hidden ones are shown to those who name the maker."""

    chain_id: int | None = None
    maker: Address | None = None
    contract: Address | None = None
    token_id: int | None = None
    kind: OrderKind | None = None
    state: OrderState | None = None


async def find_known(session: AsyncSession, parts: Parts, order_hash: Digest) -> Known | None:
    """An order with its facts, or None."""
    found = await session.execute(facts.with_facts().where(ORDERS.c.order_hash == order_hash))
    row = found.first()
    return facts.known(row, parts.chains) if row else None


async def get_known(session: AsyncSession, parts: Parts, order_hash: Digest) -> Known:
    """An order with its facts. Raises `NoSuchOrder`."""
    found = await find_known(session, parts, order_hash)
    if found is None:
        raise NoSuchOrder(str(order_hash))
    return found


async def get_order(session: AsyncSession, parts: Parts, order_hash: Digest) -> OrderDetailOut:
    """One order as it stands now. Raises `NoSuchOrder`."""
    known = await get_known(session, parts, order_hash)
    heads = await mirror.heads(session)
    blocks = await mirror.blocks_at(session, heads, block_keys([known]))
    return order_detail(known, parts, blocks, parts.clock())


def block_keys(orders: Iterable[Known]) -> set[BlockKey]:
    """The blocks that these orders stand on."""
    return {(one.chain_id, one.last_block) for one in orders if one.last_block is not None}


async def list_orders(
    session: AsyncSession,
    parts: Parts,
    filters: OrderFilters,
    limit: int = DEFAULT_LIMIT,
    cursor: str | None = None,
) -> OrderList:
    """Orders, newest first."""
    now = parts.clock()
    query = _filtered(facts.with_facts(), filters, parts, int(now.timestamp()))
    if cursor is not None:
        created_at, order_hash = _position(parts.secret_key, cursor)
        query = query.where(
            tuple_(ORDERS.c.created_at, ORDERS.c.order_hash) < tuple_(created_at, order_hash)
        )
    query = query.order_by(ORDERS.c.created_at.desc(), ORDERS.c.order_hash.desc())
    rows = (await session.execute(query.limit(limit + 1))).all()
    found = [facts.known(row, parts.chains) for row in rows[:limit]]
    heads = await mirror.heads(session)
    blocks = await mirror.blocks_at(session, heads, block_keys(found))
    items = [order_out(one, parts, blocks, now) for one in found]
    following = None
    if len(rows) > limit:
        last = found[-1]
        key = ["orders", last.created_at.isoformat(), last.order_hash.hex()]
        following = encode_cursor(parts.secret_key, key)
    return OrderList(items=items, next=following, as_of=mirror.newest(item.as_of for item in items))


def _position(secret: bytes, cursor: str) -> tuple[datetime, Digest]:
    key = decode_cursor(secret, cursor)
    if len(key) != 3 or key[0] != "orders":
        raise CursorInvalid
    return datetime.fromisoformat(key[1]), Digest(bytes.fromhex(key[2]))


def _filtered(query: Select[Any], filters: OrderFilters, parts: Parts, now: int) -> Select[Any]:
    conditions: list[ColumnElement[bool]] = []
    if filters.chain_id is not None:
        conditions.append(ORDERS.c.chain_id == filters.chain_id)
    if filters.maker is not None:
        conditions.append(ORDERS.c.maker == filters.maker)
    else:
        conditions.append(ORDERS.c.hidden_at.is_(None))
    if filters.contract is not None:
        conditions.append(ORDERS.c.contract == filters.contract)
    if filters.token_id is not None:
        conditions.append(ORDERS.c.token_id == filters.token_id)
    if filters.kind is not None:
        is_listing = ORDERS.c.kind == int(Kind.LISTING)
        conditions.append(is_listing if filters.kind == "listing" else not_(is_listing))
    if filters.state is not None:
        conditions.append(_in_state(filters.state, parts, now))
    return query.where(*conditions)


def _in_state(state: OrderState, parts: Parts, now: int) -> ColumnElement[bool]:
    """`nft.orders.state_of` in SQL."""
    filled, cancelled = facts.is_filled(), facts.is_cancelled()
    if state == "filled":
        return filled
    if state == "cancelled":
        return and_(not_(filled), cancelled)
    is_over = ORDERS.c.end < now
    if state == "expired":
        return and_(not_(filled), not_(cancelled), is_over)
    can_fill = and_(facts.is_valid(parts.chains.values()), ORDERS.c.start <= now)
    if state == "fillable":
        return and_(can_fill, not_(is_over))
    # Facts about works that do not exist are null; only `is not true` counts them in.
    return and_(not_(filled), not_(cancelled), not_(is_over), can_fill.is_not(True))


async def best_listings(
    session: AsyncSession, parts: Parts, tokens: Sequence[TokenRef], now: datetime
) -> dict[TokenRef, Known]:
    """For each work, the cheapest listing that anybody could fill now; one query for all."""
    if not tokens:
        return {}
    keys = [(one.chain_id, one.contract, one.token_id) for one in tokens]
    query = (
        facts.with_facts()
        .where(
            tuple_(ORDERS.c.chain_id, ORDERS.c.contract, ORDERS.c.token_id).in_(keys),
            facts.is_offered(int(now.timestamp())),
            facts.is_valid(parts.chains.values()),
        )
        .order_by(ORDERS.c.price.desc(), ORDERS.c.created_at.desc(), ORDERS.c.order_hash.desc())
    )
    found = [facts.known(row, parts.chains) for row in await session.execute(query)]
    # The last one written wins: the cheapest, and of equals the oldest.
    return {
        one.order.token(one.chain_id): one for one in found if standing(one, now)[0] == "fillable"
    }
