"""
Writing the book: preparing a listing, taking a signed order in, filling, cancelling, hiding.

Nothing that a sender says beside the signed message is believed. The hash is computed here, the
signature is checked against it, and everything else is the mirror's word.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from anyio import to_thread
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col

from api.deps import chain_of
from api.intents import service as intents
from api.orders import signers, wire
from api.orders.facts import ORDERS, TOKENS
from api.orders.listing import (
    Wanted,
    ask_maker,
    listing_steps,
    next_nonce,
    order_for,
)
from api.orders.queries import get_known
from api.orders.schemas import OrderIn, PrepareOrderIn
from api.parts import ChainParts, Parts
from api.tables import IntentRow, OrderRow
from api.tokens.deps import read_address, read_token, read_uint
from nft.errors import (
    NoSuchToken,
    OrderExpired,
    OrderInvalid,
    OrderNotFillable,
    SellerNotOwner,
    SignatureNotMakers,
)
from nft.fillability import Facts, reasons_not_fillable
from nft.orders import Order, check_order
from nft.signing import order_hash, typed_data_digest
from nft.tokens import CONFIRM_ROYALTY_BPS
from nft.types import WHOLE_BPS, ZERO_ADDRESS, ZERO_DIGEST, Address, Digest, TokenRef

METADATA = SQLModel.metadata.tables["media_metadata"]

LASTING = {
    "OwnershipChanged",
    "NonceUsed",
    "CounterMoved",
    "RoyaltyAboveMaximum",
    "FeeAboveMaximum",
}
"""Reasons that time does not mend; an order with one is refused instead of kept."""


@dataclass(frozen=True, slots=True)
class Work:
    """What the mirror says of a work that is to be listed."""

    owner: Address
    transfer_count: int
    royalty_bps: int
    royalty_receiver: Address
    title: str


async def find_work(session: AsyncSession, ref: TokenRef) -> Work | None:
    """A work as of the cursor, or None."""
    query = (
        select(
            TOKENS.c.owner,
            TOKENS.c.transfer_count,
            TOKENS.c.royalty_bps,
            TOKENS.c.royalty_receiver,
            METADATA.c.document["name"].astext.label("title"),
        )
        .select_from(TOKENS.outerjoin(METADATA, METADATA.c.digest == TOKENS.c.metadata_digest))
        .where(
            TOKENS.c.chain_id == ref.chain_id,
            TOKENS.c.contract == ref.contract,
            TOKENS.c.token_id == ref.token_id,
        )
    )
    row = (await session.execute(query)).first()
    if row is None:
        return None
    receiver = row.royalty_receiver
    bps = 0 if receiver == ZERO_ADDRESS else row.royalty_bps
    return Work(row.owner, row.transfer_count, bps, receiver, row.title or "")


async def owned_work(session: AsyncSession, ref: TokenRef, owner: Address) -> Work:
    """A work in the hands of `owner`. Raises `NoSuchToken` or `SellerNotOwner`."""
    work = await find_work(session, ref)
    if work is None or work.owner == ZERO_ADDRESS:
        raise NoSuchToken(ref.caip19)
    if work.owner != owner:
        raise SellerNotOwner(str(owner), ref.caip19, str(work.owner))
    return work


def _time(moment: datetime) -> int:
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(moment.timestamp())


async def prepare_listing(
    session: AsyncSession, parts: Parts, now: datetime, *, body: PrepareOrderIn
) -> IntentRow:
    """An intent whose steps are an approval and one signature."""
    part = chain_of(parts, body.chain_id)
    ref = read_token(body.chain_id, body.contract, body.token_id)
    maker = read_address("maker", body.maker)
    work = await owned_work(session, ref, maker)
    wanted = _wanted(body, ref, maker, work)
    # Checked before a nonce is taken: a refused request leaves nothing behind.
    check_new(order_for(wanted, part, nonce=0, counter=0, now=now), part, now)
    facts = await to_thread.run_sync(ask_maker, part, maker, ref.contract)
    nonce = await next_nonce(
        session,
        chain_id=ref.chain_id,
        exchange=part.deployment.exchange.address,
        maker=maker,
    )
    order = order_for(wanted, part, nonce=nonce, counter=facts.counter, now=now)
    prepared = await to_thread.run_sync(listing_steps, wanted, order, part, facts)
    return await intents.prepare(
        session,
        kind="listing",
        account=maker,
        chain_id=ref.chain_id,
        request=body.model_dump(mode="json"),
        steps=prepared.steps,
        cost=intents.Cost(network_max=prepared.network_max, prompts=prepared.prompts),
        subject=intents.Subject(
            contract=ref.contract, token_id=ref.token_id, order_hash=hash_of(order, part)
        ),
        main="sign-listing",
        warnings=royalty_warnings(order.max_royalty_bps),
        now=now,
    )


def _wanted(body: PrepareOrderIn, ref: TokenRef, maker: Address, work: Work) -> Wanted:
    """What the body asks for, with what the mirror knows of the work."""
    if body.max_royalty_bps is not None and body.max_royalty_bps < work.royalty_bps:
        raise OrderInvalid(
            "max_royalty_bps",
            f"the work asks {work.royalty_bps} bps; an order that allows less cannot be filled",
        )
    return Wanted(
        maker=maker,
        token=ref,
        price=read_uint("price", body.price),
        currency=read_address("currency", body.currency) if body.currency else ZERO_ADDRESS,
        taker=read_address("taker", body.taker) if body.taker else ZERO_ADDRESS,
        transfer_count=work.transfer_count,
        royalty_bps=work.royalty_bps,
        royalty_receiver=work.royalty_receiver,
        expires_at=_time(body.expires_at) if body.expires_at else None,
        max_royalty_bps=body.max_royalty_bps,
        title=work.title,
    )


def royalty_warnings(bps: int) -> list[intents.Warning_]:
    """Above a tenth of the price the maker is asked once more."""
    if bps <= CONFIRM_ROYALTY_BPS:
        return []
    detail = f"up to {bps / 100:g} % of the price goes to the artist as royalty"
    return [intents.Warning_("RoyaltyAboveTenPercent", detail)]


def hash_of(order: Order, part: ChainParts) -> Digest:
    """The order's one name, at this exchange on this chain."""
    return order_hash(
        order, chain_id=part.deployment.chain_id, exchange=part.deployment.exchange.address
    )


def check_new(order: Order, part: ChainParts, now: datetime) -> None:
    """Refuse an order that this exchange would never settle. Raises `OrderInvalid`."""
    check_order(order, now=int(now.timestamp()))
    wire.check_life(order, now)
    is_ours = order.collection == part.deployment.house_collection.address
    if is_ours and not order.is_bound:
        raise OrderInvalid("order/transferCount", "an order on this collection is bound to a count")
    if order.metadata_digest != ZERO_DIGEST:
        raise OrderInvalid("order/metadataDigest", "a listing carries no metadata digest")


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
    name = hash_of(order, part)
    if await session.get(OrderRow, name) is not None:
        return name, False
    if order.end <= int(now.timestamp()):
        raise OrderExpired(str(name))
    check_new(order, part, now)
    kept = await signers.accepted(part, order.maker, name, signature)
    if kept is None:
        raise SignatureNotMakers(str(name), str(order.maker))
    await _check_against_mirror(session, order, part, name, now)
    stored = await session.execute(
        insert(OrderRow)
        .values(**_columns(order, part, name, kept, now))
        .on_conflict_do_nothing()
        .returning(col(OrderRow.order_hash))
    )
    return name, stored.first() is not None


def _columns(
    order: Order, part: ChainParts, name: Digest, signature: bytes, now: datetime
) -> dict[str, Any]:
    return {
        "order_hash": name,
        "chain_id": part.deployment.chain_id,
        "exchange": part.deployment.exchange.address,
        "kind": int(order.kind),
        "maker": order.maker,
        "taker": order.taker,
        "contract": order.collection,
        "token_id": order.token_id,
        "transfer_count": order.transfer_count,
        "more": [],
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
        "signature": signature,
        "created_at": now,
    }


async def _check_against_mirror(
    session: AsyncSession, order: Order, part: ChainParts, name: Digest, now: datetime
) -> None:
    """Refuse what the chain will never settle; what may still come right is kept."""
    ref = order.token(part.deployment.chain_id)
    work = await find_work(session, ref)
    if work is None or work.owner == ZERO_ADDRESS:
        if await _is_being_minted(session, ref, order.maker, now):
            return
        raise NoSuchToken(ref.caip19)
    if work.owner != order.maker:
        raise SellerNotOwner(str(order.maker), ref.caip19, str(work.owner))
    facts = Facts(
        owner=work.owner,
        transfer_count=work.transfer_count,
        is_approved=True,
        is_nonce_used=False,
        counter=order.counter,
        royalty=order.price * work.royalty_bps // WHOLE_BPS,
        royalty_receiver=work.royalty_receiver,
        fee_bps=part.deployment.fee_bps,
    )
    reasons = reasons_not_fillable(order, facts, now=int(now.timestamp()))
    lasting = [(one.code, one.detail) for one in reasons if one.code in LASTING]
    if lasting:
        raise OrderNotFillable(str(name), lasting)


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


def hiding(order_name: Digest, chain_id: int) -> dict[str, Any]:
    """The typed data by which a maker asks us not to hand an order out."""
    return {
        "domain": {"name": "Vernissage", "version": "1", "chainId": chain_id},
        "types": {
            "EIP712Domain": [
                {"name": "name", "type": "string"},
                {"name": "version", "type": "string"},
                {"name": "chainId", "type": "uint256"},
            ],
            "HideOrder": [
                {"name": "statement", "type": "string"},
                {"name": "orderHash", "type": "bytes32"},
            ],
        },
        "primaryType": "HideOrder",
        "message": {
            "statement": "Vernissage may no longer hand out this order. Whoever has a copy of it "
            "can still fill it: only a cancel on the chain binds everybody.",
            "orderHash": str(order_name),
        },
    }


async def hide(
    session: AsyncSession, parts: Parts, order_name: Digest, signature: str, now: datetime
) -> None:
    """Stop handing an order out, because its maker asks. Raises `SignatureNotMakers`."""
    known = await get_known(session, parts, order_name)
    part = chain_of(parts, known.chain_id)
    digest = typed_data_digest(hiding(order_name, known.chain_id))
    signed = wire.read_signature(signature)
    if await signers.accepted(part, known.order.maker, digest, signed) is None:
        raise SignatureNotMakers(str(order_name), str(known.order.maker))
    await session.execute(
        update(ORDERS)
        .where(ORDERS.c.order_hash == order_name, ORDERS.c.hidden_at.is_(None))
        .values(hidden_at=now)
    )
