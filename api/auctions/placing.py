"""
Taking a signed auction onto the book.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.auctions.kind import check_new
from api.deps import chain_of
from api.orders import wire
from api.orders.schemas import SignedAuctionIn
from api.orders.works import find_work
from api.parts import ChainParts, Parts
from api.sales import signers
from api.sales.house import rules_now
from api.sales.makers import Maker, taken_back
from api.sales.signers import Accepted
from api.tables import AuctionRow
from nft.auctions import Auction
from nft.errors import (
    NoSuchToken,
    OrderExpired,
    OrderInvalid,
    OrderNotFillable,
    SellerNotOwner,
    SignatureNotMakers,
)
from nft.reasons import Code
from nft.signing import auction_typed_data, typed_data_digest
from nft.types import ZERO_ADDRESS, Digest


async def place(
    session: AsyncSession, parts: Parts, body: SignedAuctionIn, now: datetime
) -> tuple[Digest, bool]:
    """
    Put a signed auction on the book; say its hash and whether it is new.

    Raises `OrderInvalid`, `OrderExpired`, `SignatureNotMakers`, `SellerNotOwner` or
    `OrderNotFillable`.
    """
    part = chain_of(parts, body.chain_id)
    auction = wire.read_auction(body.auction)
    signature = wire.read_signature(body.signature)
    chain_id, auctions = part.deployment.chain_id, part.deployment.auctions.address
    name = typed_data_digest(auction_typed_data(auction, chain_id=chain_id, auctions=auctions))
    if await session.get(AuctionRow, name) is not None:
        return name, False
    seconds = int(now.timestamp())
    if auction.open_until <= seconds:
        raise OrderExpired(str(name))
    check_new(auction, seconds)
    kept = await signers.accepted(part, auction.seller, name, signature)
    if kept is None:
        raise SignatureNotMakers(str(name), str(auction.seller))
    await _check_against_mirror(session, part, auction, name, seconds)
    values = _columns(part, auction, kept, now)
    stored = await session.execute(
        insert(AuctionRow)
        .values(auction_hash=name, **values)
        .on_conflict_do_nothing()
        .returning(col(AuctionRow.auction_hash))
    )
    return name, stored.first() is not None


async def _check_against_mirror(
    session: AsyncSession, part: ChainParts, auction: Auction, name: Digest, now: int
) -> None:
    """Refuse what nobody could ever open; what may still come right is kept."""
    chain_id = part.deployment.chain_id
    ref = auction.token(chain_id)
    work = await find_work(session, ref)
    if work is None or work.owner == ZERO_ADDRESS:
        raise NoSuchToken(ref.caip19)
    if work.owner != auction.seller:
        raise SellerNotOwner(str(auction.seller), ref.caip19, str(work.owner))
    if work.is_ours and not auction.is_bound:
        raise OrderInvalid(
            "auction/transferCount", "an auction of this collection's works is bound to a count"
        )
    if work.is_ours and work.transfer_count != auction.transfer_count:
        raise OrderNotFillable(
            str(name), [(str(Code.OWNERSHIP_MOVED), Code.OWNERSHIP_MOVED.sentence)]
        )
    maker = Maker(chain_id, part.deployment.exchange.address, auction.seller)
    back = await taken_back(session, [(maker, auction.nonce)])
    if back.is_cancelled(maker, auction.nonce):
        raise OrderNotFillable(str(name), [(str(Code.NONCE_USED), Code.NONCE_USED.sentence)])
    rules = await rules_now(session, part, part.deployment.auctions.address, now)
    if rules.fee_bps > auction.max_fee_bps:
        reason = (str(Code.FEE_ABOVE_MAXIMUM), Code.FEE_ABOVE_MAXIMUM.sentence)
        raise OrderNotFillable(str(name), [reason])


def _columns(part: ChainParts, auction: Auction, kept: Accepted, now: datetime) -> dict[str, Any]:
    return {
        "chain_id": part.deployment.chain_id,
        "auctions": part.deployment.auctions.address,
        "seller": auction.seller,
        "contract": auction.collection,
        "token_id": auction.token_id,
        "transfer_count": auction.transfer_count,
        "reserve": auction.reserve,
        "start": auction.start,
        "open_until": auction.open_until,
        "duration": auction.duration,
        "end": auction.end,
        "min_step_bps": auction.min_step_bps,
        "max_royalty_bps": auction.max_royalty_bps,
        "max_fee_bps": auction.max_fee_bps,
        "nonce": auction.nonce,
        "counter": auction.counter,
        "signature": kept.signature,
        "is_awaited": kept.is_awaited,
        "created_at": now,
    }
