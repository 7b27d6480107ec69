"""
An auction as it stands: state, least bid, end, and who would get what.
"""

from __future__ import annotations

from datetime import datetime

from api.auctions.facts import Known
from api.auctions.schemas import AuctionOut, StandingBidOut
from api.chains.mirror import Blocks
from api.orders.reading import moment, split_out
from api.orders.schemas import ReasonOut
from api.parts import Parts
from nft.auctions import (
    AuctionState,
    auction_state,
    latest_end,
    least_bid,
    reasons_not_biddable,
)
from nft.reasons import Code, Reason
from nft.settlement import Split, split_auction
from nft.types import ZERO_ADDRESS, Address

BIDDABLE: tuple[AuctionState, ...] = ("open", "running")


def standing(
    known: Known, now: datetime, *, bidder: Address | None = None
) -> tuple[AuctionState, list[Reason]]:
    """The auction's one word, and why nobody (or this bidder) can bid now."""
    seconds = int(now.timestamp())
    found = reasons_not_biddable(known.auction, known.facts, now=seconds, bidder=bidder)
    if known.is_awaited and known.facts.bid is None:
        found.append(Reason.of(Code.WALLET_NOT_DEPLOYED))
    state = auction_state(known.auction, known.facts, found, now=seconds)
    if state == "cancelled":
        found = [Reason("OrderCancelled", "the seller cancelled it on the chain")]
    if state == "expired":
        found = [Reason("OrderExpired", "nobody made a first bid in time")]
    return state, found


def split_of(known: Known) -> Split:
    """As paid once settled, else of the bid that stands, or of the least first one."""
    if known.paid is not None:
        return known.paid
    price = known.facts.bid.amount if known.facts.bid else least_bid(known.auction, None)
    return split_auction(known.auction, price, known.answer, fee_bps=known.facts.fee_bps)


def auction_out(known: Known, parts: Parts, blocks: Blocks, now: datetime) -> AuctionOut:
    """The auction as JSON and pages show it."""
    auction, bid = known.auction, known.facts.bid
    state, reasons = standing(known, now)
    end = bid.end if bid else auction.end
    block = blocks.get((known.chain_id, known.last_block)) if known.last_block is not None else None
    part = parts.chains.get(known.chain_id)
    return AuctionOut(
        hash=str(known.name),
        maker=str(auction.seller),
        chain_id=str(known.chain_id),
        auctions=str(known.auctions),
        contract=str(auction.collection),
        token_id=str(auction.token_id),
        title=known.title,
        transfer_count=auction.transfer_count if auction.is_bound else None,
        reserve=str(auction.reserve),
        currency=str(ZERO_ADDRESS),
        starts_at=moment(auction.start),
        open_until=moment(auction.open_until),
        duration=auction.duration or None,
        ends_at=moment(end) if end else None,
        latest_end=moment(latest_end(auction)),
        min_step_bps=auction.min_step_bps,
        max_royalty_bps=auction.max_royalty_bps,
        max_fee_bps=auction.max_fee_bps,
        nonce=str(auction.nonce),
        counter=str(auction.counter),
        state=state,
        hidden=known.is_hidden,
        reasons=[ReasonOut(code=one.code, detail=one.detail) for one in reasons],
        standing_bid=StandingBidOut(bidder=str(bid.bidder), amount=str(bid.amount))
        if bid
        else None,
        least_bid=str(least_bid(auction, bid)) if state in (*BIDDABLE, "scheduled") else None,
        winner=str(known.winner) if known.winner else None,
        split=split_out(split_of(known)),
        created_at=known.created_at,
        test=bool(part and part.is_test),
        url=f"{parts.public_url}/api/auctions/{known.name}",
        as_of=block.as_of() if block else None,
    )
