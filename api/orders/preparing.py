"""
What there is to sign for any kind of sale: the kind proposes, the rest is the same for all.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.auctions import kind as auctions
from api.orders.kinds import Desk, Propose, bulk, listings, offers
from api.orders.schemas import AuctionIn, BulkIn, ListingIn, OfferIn, VoucherIn
from api.parts import Parts
from api.sales import proposals
from api.tables import IntentRow
from api.tokens.deps import read_address
from api.vouchers import kind as vouchers
from nft.types import Address

KINDS: dict[type, Propose] = {
    ListingIn: listings.propose,
    OfferIn: offers.propose,
    AuctionIn: auctions.propose,
    VoucherIn: vouchers.propose,
    BulkIn: bulk.propose,
}


def maker_of(body: Any) -> Address:
    """In whose name it is prepared."""
    if isinstance(body, BulkIn):
        return read_address("listings/0/maker", body.listings[0].maker)
    return read_address("maker", body.maker)


async def prepare(session: AsyncSession, parts: Parts, now: datetime, *, body: Any) -> IntentRow:
    """An intent of what is needed and one signature. Raises what the kind refuses."""
    proposal = await KINDS[type(body)](Desk(session, parts, now), body)
    return await proposals.prepare(session, proposal, now)
