"""
How a work is for sale just now, for its page: whose it is, at which price, under which offers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.auctions.queries import AuctionFilters, get_auction, list_auctions
from api.auctions.schemas import AuctionDetailOut
from api.collections.ours import find_ours
from api.deps import chain_of
from api.orders.queries import OrderFilters, list_orders
from api.orders.schemas import OrderOut
from api.parts import Parts
from api.tokens.schemas import TokenOut
from nft.types import WHOLE_BPS, Address, Digest, TokenRef

OFFERS = 40
IN_CUSTODY = ("running", "ended", "undelivered", "unwound")
HOUR_SECONDS = 3_600
DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class OfferLine:
    """An offer that fits the work, and what its owner would get of it."""

    order: OrderOut
    proceeds: int | None
    """None when the royalty or the fee exceeds what the buyer signed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """Everything of a sale that a page shows beside the work itself."""

    holder: str
    """Whose the work is, also while an auction keeps it."""
    is_in_custody: bool = False
    is_ours: bool = True
    """A collection of our kind, whose transfers are counted and whose ids name creators."""
    is_open_house: bool = True
    """Anybody can mint into the collection."""
    listing: OrderOut | None = None
    """What this reader could take: offered to them alone, else to anybody."""
    auction: AuctionDetailOut | None = None
    offers: Sequence[OfferLine] = ()
    falling: Sequence[tuple[int, int]] = field(default_factory=tuple)
    """What a falling price becomes: seconds from now and amount."""


def price_after(order: OrderOut, moment: int) -> int:
    """The price at a moment in Unix seconds; the arithmetic of `nft.orders.price_at`."""
    first, last = int(order.start_price), int(order.end_price)
    start, end = int(order.starts_at.timestamp()), int(order.expires_at.timestamp())
    if moment <= start:
        return first
    if moment >= end:
        return last
    return first - (first - last) * (moment - start) // (end - start)


def falls(order: OrderOut, now: int) -> list[tuple[int, int]]:
    """The next prices worth knowing: in an hour, in a day, each while it is still offered."""
    if order.start_price == order.end_price:
        return []
    end = int(order.expires_at.timestamp())
    return [
        (step, price_after(order, now + step))
        for step in (HOUR_SECONDS, DAY_SECONDS)
        if now + step < end
    ]


def proceeds_of(order: OrderOut, token: TokenOut) -> int | None:
    """What an owner would get of an offer, by the royalty that the work asks and today's fee."""
    if order.split is not None:
        return int(order.split.seller)
    price, bps = int(order.price), token.royalty.bps
    if bps > order.max_royalty_bps:
        return None
    return price - price * bps // WHOLE_BPS - price * order.max_fee_bps // WHOLE_BPS


async def sale_of(
    session: AsyncSession, parts: Parts, token: TokenOut, viewer: Address | None, now: datetime
) -> Sale:
    """The sale of a work as this reader sees it."""
    ref = TokenRef(int(token.chain_id), Address.parse(token.contract), int(token.token_id))
    ours = await find_ours(session, chain_of(parts, ref.chain_id), ref.contract)
    auction = await _auction(session, parts, ref, viewer)
    in_custody = auction is not None and token.owner == auction.auctions
    listing = None if in_custody else await _listing(session, parts, ref, token, viewer)
    return Sale(
        holder=auction.maker if auction is not None and in_custody else token.owner,
        is_in_custody=in_custody,
        auction=auction,
        is_ours=ours is not None,
        is_open_house=ours is None or ours.artist is None,
        listing=listing,
        # What cannot be moved cannot be sold to anybody's wide offer either.
        offers=() if token.locked else await _offers(session, parts, ref, token),
        falling=falls(listing, int(now.timestamp())) if listing else (),
    )


async def _auction(
    session: AsyncSession, parts: Parts, ref: TokenRef, viewer: Address | None
) -> AuctionDetailOut | None:
    """The auction that is on, or waits for its end; none that is over or was taken back."""
    filters = AuctionFilters(chain_id=ref.chain_id, contract=ref.contract, token_id=ref.token_id)
    found = (await list_auctions(session, parts, filters, 10)).items
    shown = [one for one in found if one.state in IN_CUSTODY]
    shown += [one for one in found if one.state in ("open", "scheduled")]
    mine = str(viewer) if viewer else ""
    shown += [one for one in found if one.state == "not_fillable" and one.maker == mine]
    return await get_auction(session, parts, Digest.parse(shown[0].hash)) if shown else None


async def _listing(
    session: AsyncSession, parts: Parts, ref: TokenRef, token: TokenOut, viewer: Address | None
) -> OrderOut | None:
    """A private sale to this reader, or by them, stands before the public one."""
    if viewer is None:
        return token.listing
    filters = OrderFilters(
        chain_id=ref.chain_id,
        contract=ref.contract,
        token_id=ref.token_id,
        kind="listing",
        state="fillable",
    )
    found = (await list_orders(session, parts, filters, 20)).items
    me = str(viewer)
    private = [one for one in found if one.taker and me in (one.taker, one.maker)]
    for_me = [one for one in private if one.taker == me]
    if for_me:
        return for_me[0]
    return token.listing or (private[0] if private else None)


async def _offers(
    session: AsyncSession, parts: Parts, ref: TokenRef, token: TokenOut
) -> list[OfferLine]:
    """Every offer by which the work could be sold now, best for the owner first."""
    filters = OrderFilters(
        chain_id=ref.chain_id,
        contract=ref.contract,
        token_id=ref.token_id,
        kind="offer",
        state="fillable",
    )
    found = (await list_orders(session, parts, filters, OFFERS)).items
    lines = [OfferLine(one, proceeds_of(one, token)) for one in found]
    return sorted(lines, key=lambda line: line.proceeds or 0, reverse=True)
