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

from sqlalchemy import ColumnElement, Select, and_, cast, func, not_, or_, tuple_
from sqlalchemy.dialects.postgresql import JSONPATH
from sqlalchemy.ext.asyncio import AsyncSession

from api.chains import mirror
from api.chains.mirror import BlockKey
from api.orders import facts
from api.orders.completing import complete
from api.orders.facts import ORDERS, TOKENS, Known
from api.orders.reading import order_detail, order_out, standing
from api.orders.schemas import OrderDetailOut, OrderKind, OrderList, OrderState
from api.pagination import DEFAULT_LIMIT, CursorInvalid, decode_cursor, encode_cursor
from api.parts import Parts
from api.sales.house import House, house_rules
from nft.errors import NoSuchOrder
from nft.orders import Kind
from nft.tokens import SERIAL_BITS
from nft.types import ZERO_ADDRESS, Address, Digest, TokenRef


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFilters:
    """What a list of orders is cut by; hidden ones are shown to those who name the maker."""

    chain_id: int | None = None
    maker: Address | None = None
    contract: Address | None = None
    token_id: int | None = None
    kind: OrderKind | None = None
    state: OrderState | None = None
    currency: Address | None = None
    taker: Address | None = None


async def find_known(session: AsyncSession, parts: Parts, order_hash: Digest) -> Known | None:
    """An order with its facts, or None."""
    found = await find_many(session, parts, [order_hash])
    return found.get(order_hash)


async def find_many(
    session: AsyncSession, parts: Parts, hashes: Sequence[Digest]
) -> dict[Digest, Known]:
    """These orders with their facts; what the book does not hold is left out."""
    query = facts.with_facts().where(ORDERS.c.order_hash.in_(hashes))
    found = await _read(session, parts, query)
    return {one.order_hash: one for one in found}


async def _read(session: AsyncSession, parts: Parts, query: Select[Any]) -> list[Known]:
    now = int(parts.clock().timestamp())
    house = await house_rules(session, parts.chains.values(), now)
    rows = (await session.execute(query)).all()
    found = [facts.known(row, parts.chains, house, now) for row in rows]
    return await complete(session, parts, found, now)


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


ROUNDS = 5
"""How often a page is filled up when a node's word has thinned it out."""


async def list_orders(
    session: AsyncSession,
    parts: Parts,
    filters: OrderFilters,
    limit: int = DEFAULT_LIMIT,
    cursor: str | None = None,
) -> OrderList:
    """Orders, newest first."""
    now = parts.clock()
    seconds = int(now.timestamp())
    house = await house_rules(session, parts.chains.values(), seconds)
    base = _filtered(facts.with_facts(), filters, house, seconds)
    base = base.order_by(ORDERS.c.created_at.desc(), ORDERS.c.order_hash.desc())
    position = _position(parts.secret_key, cursor) if cursor is not None else None
    found: list[Known] = []
    last: Known | None = None
    for _ in range(ROUNDS):
        query = base.limit(limit + 1 - len(found))
        if position is not None:
            place = tuple_(ORDERS.c.created_at, ORDERS.c.order_hash)
            query = query.where(place < tuple_(*position))
        read = await _read(session, parts, query)
        found += [one for one in read if _has_state(one, filters.state, now)]
        last = read[-1] if read else None
        if len(found) > limit or last is None:
            break
        position = (last.created_at, last.order_hash)
    shown = found[:limit]
    heads = await mirror.heads(session)
    blocks = await mirror.blocks_at(session, heads, block_keys(shown))
    items = [order_out(one, parts, blocks, now) for one in shown]
    following = _following(parts.secret_key, found, limit, last)
    return OrderList(items=items, next=following, as_of=mirror.newest(item.as_of for item in items))


def _has_state(known: Known, state: OrderState | None, now: datetime) -> bool:
    """SQL counts in what only a node decides; here it is decided."""
    return state not in ("fillable", "not_fillable") or standing(known, now)[0] == state


def _following(secret: bytes, found: Sequence[Known], limit: int, last: Known | None) -> str | None:
    """Behind the last one shown; behind the last one read where a page stayed short."""
    behind = found[limit - 1] if len(found) > limit else last
    if behind is None:
        return None
    return encode_cursor(secret, ["orders", behind.created_at.isoformat(), behind.order_hash.hex()])


def _position(secret: bytes, cursor: str) -> tuple[datetime, Digest]:
    key = decode_cursor(secret, cursor)
    if len(key) != 3 or key[0] != "orders":
        raise CursorInvalid
    return datetime.fromisoformat(key[1]), Digest(bytes.fromhex(key[2]))


def _filtered(query: Select[Any], filters: OrderFilters, house: House, now: int) -> Select[Any]:
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
        conditions.append(_is_about(filters.token_id))
    if filters.currency is not None:
        conditions.append(ORDERS.c.currency == filters.currency)
    if filters.taker is not None:
        conditions.append(ORDERS.c.taker == filters.taker)
    if filters.kind is not None:
        is_listing = ORDERS.c.kind == int(Kind.LISTING)
        conditions.append(is_listing if filters.kind == "listing" else not_(is_listing))
    if filters.state is not None:
        conditions.append(_in_state(filters.state, house, now))
    return query.where(*conditions)


def _is_about(token_id: int) -> ColumnElement[bool]:
    """Orders that a work can be sold by: its own, a bundle's, an offer's of any scope."""
    text = str(token_id)
    creators = (token_id >> SERIAL_BITS) << SERIAL_BITS
    return or_(
        and_(ORDERS.c.token_id == token_id, ORDERS.c.kind.in_((0, 1))),
        ORDERS.c.more.contains([{"tokenId": text}]),
        and_(
            ORDERS.c.kind == int(Kind.SET_OFFER),
            func.jsonb_path_exists(
                ORDERS.c.set_works,
                cast("$[*] ? (@[0] == $id)", JSONPATH),
                func.jsonb_build_object("id", text),
            ),
        ),
        and_(ORDERS.c.kind == int(Kind.COLLECTION_OFFER), ORDERS.c.token_id.in_((0, creators))),
    )


def _in_state(state: OrderState, house: House, now: int) -> ColumnElement[bool]:
    """
    `nft.fillability.state_of` in SQL.

    Offers, bundles and orders of awaited wallets are in both `fillable` and `not_fillable` until
    a node was asked.
    """
    filled, cancelled = facts.is_filled(), facts.is_cancelled()
    if state == "filled":
        return filled
    if state == "cancelled":
        return and_(not_(filled), cancelled)
    is_over = ORDERS.c.end < now
    if state == "expired":
        return and_(not_(filled), not_(cancelled), is_over)
    is_open = and_(not_(filled), not_(cancelled), not_(is_over))
    is_ours = TOKENS.c.metadata_digest.is_not(None)
    is_decided = and_(facts.is_plain(), is_ours)
    can_fill = and_(facts.is_valid(house, now), ORDERS.c.start <= now)
    # Facts about works that do not exist are null; only `is not true` counts them in.
    decided = can_fill if state == "fillable" else can_fill.is_not(True)
    return and_(is_open, or_(is_decided.is_not(True), decided))


async def best_listings(
    session: AsyncSession, parts: Parts, tokens: Sequence[TokenRef], now: datetime
) -> dict[TokenRef, Known]:
    """
    For each work, the cheapest listing that anybody could fill now; one query for all.

    One in the chain's own coin stands before those in tokens, which cannot be compared.
    """
    if not tokens:
        return {}
    seconds = int(now.timestamp())
    house = await house_rules(session, parts.chains.values(), seconds)
    keys = [(one.chain_id, one.contract, one.token_id) for one in tokens]
    query = (
        facts.with_facts()
        .where(
            tuple_(ORDERS.c.chain_id, ORDERS.c.contract, ORDERS.c.token_id).in_(keys),
            facts.is_offered(seconds),
            facts.is_valid(house, seconds),
        )
        .order_by(
            (ORDERS.c.currency == ZERO_ADDRESS).asc(),
            facts.price_now(seconds).desc(),
            ORDERS.c.created_at.desc(),
            ORDERS.c.order_hash.desc(),
        )
    )
    found = await _read(session, parts, query)
    # The last one written wins: in coin, the cheapest, and of equals the oldest.
    return {
        one.order.token(one.chain_id): one for one in found if standing(one, now)[0] == "fillable"
    }
