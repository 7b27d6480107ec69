"""
Taking signed orders onto the book.

Nothing that a sender says beside the signed message is believed. The hash is computed here, the
signature is checked against it, and everything else is the mirror's word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.collections.ours import find_ours
from api.deps import chain_of
from api.orders import wire
from api.orders.kinds.listings import check_new
from api.orders.kinds.offers import OfferNeedsCreator
from api.orders.schemas import OrderIn, OrdersIn
from api.orders.works import Work, find_works
from api.parts import ChainParts, Parts
from api.sales import signers
from api.sales.house import rules_now
from api.sales.signers import Accepted
from api.tables import IntentRow, OrderRow
from nft.errors import (
    ExchangeError,
    NoSuchToken,
    OrderExpired,
    OrderInvalid,
    OrderNotFillable,
    SellerNotOwner,
    SignatureNotMakers,
)
from nft.fillability import Facts, WorkFacts, reasons_not_fillable
from nft.merkle import SetTree
from nft.orders import ALONE, Bulk, Item, Kind, Order, price_at, shares
from nft.reasons import Code
from nft.signing import bulk_digest, bulk_tree, order_hash
from nft.types import ZERO_ADDRESS, Address, Digest, TokenRef

LASTING = {
    str(code)
    for code in (
        Code.OWNERSHIP_MOVED,
        Code.NONCE_USED,
        Code.COUNTER_MOVED,
        Code.ROYALTY_ABOVE_MAXIMUM,
        Code.FEE_ABOVE_MAXIMUM,
        Code.PRICE_EXCEEDED,
    )
}
"""Reasons that time does not mend; an order with one is refused instead of kept."""

SetWorks = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Signed:
    """An order with all that was posted for it."""

    order: Order
    name: Digest
    bulk: Bulk = ALONE
    set_works: SetWorks = ()


async def place(
    session: AsyncSession, parts: Parts, body: OrderIn, now: datetime
) -> tuple[Digest, bool]:
    """
    Put a signed order on the book; say its hash and whether it is new.

    The same order posted again is answered as it stands. Raises the rule that it breaks:
    `OrderInvalid`, `OrderExpired`, `SignatureNotMakers`, `SellerNotOwner`, `OrderNotFillable`.
    """
    part = chain_of(parts, body.chain_id)
    order = wire.read_order(body.order)
    signature = wire.read_signature(body.signature)
    bulk = ALONE if body.bulk is None else wire.read_bulk(body.bulk)
    signed = Signed(order, hash_of(order, part), bulk, wire.read_set(body.set or []))
    if await session.get(OrderRow, signed.name) is not None:
        return signed.name, False
    await _check(session, part, signed, now)
    exchange = part.deployment.exchange.address
    digest = bulk_digest(order, bulk, chain_id=part.deployment.chain_id, exchange=exchange)
    kept = await signers.accepted(part, order.maker, digest, signature)
    if kept is None:
        raise SignatureNotMakers(str(signed.name), str(order.maker))
    await check_against_mirror(session, signed, part, now)
    return signed.name, await _keep(session, part, signed, kept, now)


async def place_many(
    session: AsyncSession, parts: Parts, body: OrdersIn, now: datetime
) -> tuple[list[Digest], bool]:
    """
    Put orders that one signature covers on the book, all or none; their hashes in order.

    Raises as `place` does, with the place of the order at fault.
    """
    part = chain_of(parts, body.chain_id)
    orders = [_at(number, wire.read_order, message) for number, message in enumerate(body.orders)]
    chain_id, exchange = part.deployment.chain_id, part.deployment.exchange.address
    maker = orders[0].maker
    if any(order.maker != maker for order in orders):
        raise OrderInvalid("orders", "one signature covers orders of one maker")
    tree = bulk_tree(orders)
    digest = bulk_digest(orders[0], tree.place(0), chain_id=chain_id, exchange=exchange)
    signed = [
        Signed(order, hash_of(order, part), tree.place(number))
        for number, order in enumerate(orders)
    ]
    for number, one in enumerate(signed):
        await _check_at(session, part, one, number, now)
    kept = await signers.accepted(part, maker, digest, wire.read_signature(body.signature))
    if kept is None:
        raise SignatureNotMakers(str(signed[0].name), str(maker))
    is_new = False
    for one in signed:
        if await session.get(OrderRow, one.name) is None:
            await check_against_mirror(session, one, part, now)
            is_new = await _keep(session, part, one, kept, now) or is_new
    return [one.name for one in signed], is_new


def _at(number: int, read: Any, message: Any) -> Order:
    try:
        found: Order = read(message)
    except ExchangeError as error:
        error.field = f"orders/{number}/{error.field or ''}"
        raise
    return found


async def _check_at(
    session: AsyncSession, part: ChainParts, signed: Signed, number: int, now: datetime
) -> None:
    try:
        await _check(session, part, signed, now)
    except ExchangeError as error:
        error.field = f"orders/{number}/{error.field or ''}"
        raise


def hash_of(order: Order, part: ChainParts) -> Digest:
    """The order's one name, at this exchange on this chain."""
    return order_hash(
        order, chain_id=part.deployment.chain_id, exchange=part.deployment.exchange.address
    )


async def _check(session: AsyncSession, part: ChainParts, signed: Signed, now: datetime) -> None:
    """Everything that the terms themselves say."""
    order, seconds = signed.order, int(now.timestamp())
    if order.end <= seconds:
        raise OrderExpired(str(signed.name))
    check_new(order, part, seconds)
    if order.kind is Kind.SET_OFFER:
        if len(signed.set_works) == 0:
            raise OrderInvalid("set", "name the works, so that a seller can prove theirs is one")
        if SetTree(signed.set_works).root != order.criteria:
            raise OrderInvalid("set", "its works are not those of the root that was signed")
    elif signed.set_works:
        raise OrderInvalid("set", "only an offer on a set names a set")
    if order.kind is Kind.COLLECTION_OFFER and order.creator is None:
        ours = await find_ours(session, part, order.collection)
        if ours is not None and ours.artist is None:
            raise OfferNeedsCreator(str(order.collection))


async def check_against_mirror(
    session: AsyncSession, signed: Signed, part: ChainParts, now: datetime
) -> None:
    """Refuse what the chain will never settle; what may still come right is kept."""
    order, chain_id = signed.order, part.deployment.chain_id
    if order.kind in (Kind.SET_OFFER, Kind.COLLECTION_OFFER):
        return
    refs = [TokenRef(chain_id, item.collection, item.token_id) for item in order.items]
    works = await find_works(session, refs)
    found: list[Work] = []
    for item, ref in zip(order.items, refs, strict=True):
        work = works.get(ref)
        if work is None or work.owner == ZERO_ADDRESS:
            if await _is_being_minted(session, ref, order.maker, now):
                return
            raise NoSuchToken(ref.caip19)
        if order.kind is Kind.LISTING and work.is_ours and not item.is_bound:
            raise OrderInvalid(
                "order/transferCount", "an order on our collections' works is bound to a count"
            )
        if order.kind is Kind.LISTING and work.owner != order.maker:
            raise SellerNotOwner(str(order.maker), ref.caip19, str(work.owner))
        found.append(work)
    rules = await rules_now(session, part, part.deployment.exchange.address, int(now.timestamp()))
    facts = _facts(order, found, rules.fee_bps, int(now.timestamp()))
    reasons = reasons_not_fillable(order, facts, now=int(now.timestamp()))
    lasting = [(one.code, one.detail) for one in reasons if one.code in LASTING]
    if lasting:
        raise OrderNotFillable(str(signed.name), lasting)


def _facts(order: Order, works: Sequence[Work], fee_bps: int, now: int) -> Facts:
    """As if everything that may still come right were so."""
    parts = shares(price_at(order, now), len(works))
    first, *more = [
        _work_facts(item, work, price)
        for item, work, price in zip(order.items, works, parts, strict=True)
    ]
    return Facts(
        owner=first.owner,
        transfer_count=first.transfer_count,
        is_approved=True,
        royalty=first.royalty,
        royalty_receiver=first.royalty_receiver,
        is_nonce_used=False,
        counter=order.counter,
        fee_bps=fee_bps,
        more=tuple(more),
    )


def _work_facts(item: Item, work: Work, price: int) -> WorkFacts:
    answer = work.answer(price)
    return WorkFacts(
        owner=work.owner,
        transfer_count=work.transfer_count if work.is_ours else item.transfer_count,
        is_approved=True,
        royalty=answer.royalty if work.is_ours else 0,
        royalty_receiver=answer.receiver,
    )


async def _is_being_minted(
    session: AsyncSession, ref: TokenRef, maker: Address, now: datetime
) -> bool:
    """Whether a mint of the maker's own reserves that very id, alone or among others."""
    found = await session.scalar(
        select(col(IntentRow.id))
        .where(
            col(IntentRow.kind) == "mint",
            col(IntentRow.account) == maker,
            col(IntentRow.chain_id) == ref.chain_id,
            col(IntentRow.contract) == ref.contract,
            col(IntentRow.facts)["token_ids"].contains([str(ref.token_id)]),
            col(IntentRow.abandoned_at).is_(None),
            col(IntentRow.expires_at) > now,
        )
        .limit(1)
    )
    return found is not None


async def _keep(
    session: AsyncSession, part: ChainParts, signed: Signed, kept: Accepted, now: datetime
) -> bool:
    stored = await session.execute(
        insert(OrderRow)
        .values(**_columns(part, signed, kept, now))
        .on_conflict_do_nothing()
        .returning(col(OrderRow.order_hash))
    )
    return stored.first() is not None


def _columns(part: ChainParts, signed: Signed, kept: Accepted, now: datetime) -> dict[str, Any]:
    order = signed.order
    return {
        "order_hash": signed.name,
        "chain_id": part.deployment.chain_id,
        "exchange": part.deployment.exchange.address,
        "kind": int(order.kind),
        "maker": order.maker,
        "taker": order.taker,
        "contract": order.collection,
        "token_id": order.token_id,
        "transfer_count": order.transfer_count,
        "more": [
            {
                "collection": str(item.collection),
                "tokenId": str(item.token_id),
                "transferCount": str(item.transfer_count),
            }
            for item in order.more
        ],
        "criteria": order.criteria,
        "metadata_digest": order.metadata_digest,
        "currency": order.currency,
        "price": order.price,
        "end_price": order.end_price,
        "start": order.start,
        "end": order.end,
        "max_royalty_bps": order.max_royalty_bps,
        "max_fee_bps": order.max_fee_bps,
        "nonce": order.nonce,
        "counter": order.counter,
        "signature": kept.signature,
        "is_awaited": kept.is_awaited,
        "bulk_index": signed.bulk.index,
        "bulk_proof": [str(sibling) for sibling in signed.bulk.proof],
        "set_works": [[str(token), str(count)] for token, count in signed.set_works],
        "created_at": now,
    }
