"""
English auctions in the chain's own coin: what a seller signs, the least bid, the end, the state.

The same rules as `Auctions` has. An auction is opened by the first bid under the seller's
signature; until then nothing of it is on the chain.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from nft.errors import OrderInvalid
from nft.orders import DAY_SECONDS, MAX_UNBOUND_LIFE_SECONDS, UNBOUND
from nft.reasons import TOKEN_LOCKED, Code, Reason
from nft.royalties import royalty_cap
from nft.types import WHOLE_BPS, ZERO_ADDRESS, Address, TokenRef

GWEI = 10**9
"""Bids are whole gwei."""

MAX_BID: int = (2**64 - 1) * GWEI
MAX_DURATION_SECONDS = 30 * DAY_SECONDS
EXTENSION_SECONDS = 600
"""A bid this near to the end moves the end to this long after the bid."""

MAX_EXTENSION_SECONDS = DAY_SECONDS
"""How far all extensions together may move the end."""

UNWIND_AFTER_SECONDS = 7 * DAY_SECONDS
"""After the end: from then on an auction that cannot deliver is unwound."""

MAX_STEP_BPS = WHOLE_BPS
END_OF_TIME: int = 2**32 - 1
"""No auction can end then or later."""

AuctionState = Literal[
    "scheduled", "open", "not_fillable", "cancelled", "expired",
    "running", "ended", "undelivered", "settled", "unwound",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Auction:
    """A signed auction, field for field the EIP-712 type `Auction`."""

    seller: Address
    collection: Address
    token_id: int
    transfer_count: int
    reserve: int
    start: int
    open_until: int
    duration: int = 0
    end: int = 0
    min_step_bps: int
    max_royalty_bps: int
    max_fee_bps: int
    nonce: int
    counter: int

    @property
    def is_bound(self) -> bool:
        """Whether it dies, before the first bid, with the ownership it was signed under."""
        return self.transfer_count != UNBOUND

    @property
    def is_scheduled(self) -> bool:
        """Whether the end is fixed, instead of counted from the first bid."""
        return self.end != 0

    def token(self, chain_id: int) -> TokenRef:
        """The work that is sold."""
        return TokenRef(chain_id, self.collection, self.token_id)


@dataclass(frozen=True, slots=True)
class Bid:
    """The standing bid."""

    bidder: Address
    amount: int
    end: int
    """When the auction ends, as things stand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuctionFacts:
    """What the chain says about an auction, as of one block."""

    bid: Bid | None = None
    is_settled: bool = False
    is_unwound: bool = False
    owner: Address | None
    """Of the work; None when it was never minted or is burned."""
    is_locked: bool = False
    """Its contract says that it cannot be moved (ERC-5192)."""
    transfer_count: int
    is_approved: bool
    """The auctions' contract may move the work."""
    is_nonce_used: bool
    counter: int
    royalty: int
    """The answer to ERC-2981 at the least first bid."""
    royalty_receiver: Address
    fee_bps: int
    is_paused: bool = False
    is_retired: bool = False


def latest_end(auction: Auction) -> int:
    """The second that no extension passes."""
    planned = auction.end if auction.is_scheduled else auction.open_until + auction.duration
    return planned + MAX_EXTENSION_SECONDS


def whole_gwei(amount: int) -> int:
    """The amount rounded up to whole gwei."""
    return -(-amount // GWEI) * GWEI


def least_bid(auction: Auction, standing: Bid | None) -> int:
    """The least that the next bid must be, in wei: the reserve, or the standing bid and a step."""
    if standing is None:
        return whole_gwei(auction.reserve)
    step = -(-standing.amount * auction.min_step_bps // WHOLE_BPS)
    return max(whole_gwei(standing.amount + step), standing.amount + GWEI)


def end_after_bid(auction: Auction, end: int, now: int) -> int:
    """The end once a bid is made at `now`, before which the auction would have ended at `end`."""
    if end - now >= EXTENSION_SECONDS:
        return end
    return max(end, min(now + EXTENSION_SECONDS, latest_end(auction)))


def check_auction(auction: Auction, *, now: int) -> None:
    """
    Refuse terms under which no first bid could ever be made. `now` in Unix seconds.

    Raises `OrderInvalid` with the field at fault.
    """
    if auction.seller == ZERO_ADDRESS:
        raise OrderInvalid("seller", "nobody has the address zero")
    if not 0 < auction.reserve <= MAX_BID:
        raise OrderInvalid("reserve", f"the reserve must be from 1 to {MAX_BID} wei")
    if auction.min_step_bps > MAX_STEP_BPS:
        raise OrderInvalid("min_step_bps", f"{auction.min_step_bps} is above {MAX_STEP_BPS}")
    if auction.max_royalty_bps + auction.max_fee_bps > WHOLE_BPS:
        raise OrderInvalid("max_royalty_bps", "royalty and fee may take more than the whole price")
    _check_times(auction, now)


def _check_times(auction: Auction, now: int) -> None:
    if auction.open_until < auction.start:
        raise OrderInvalid("open_until", "the auction closes before it opens")
    if auction.open_until <= now:
        raise OrderInvalid("open_until", "the time for a first bid has already passed")
    if (auction.duration == 0) == (auction.end == 0):
        raise OrderInvalid("duration", "an auction has either a duration or a fixed end")
    if auction.duration > MAX_DURATION_SECONDS:
        raise OrderInvalid("duration", f"an auction runs at most {MAX_DURATION_SECONDS} seconds")
    if auction.is_scheduled and auction.end < auction.open_until:
        raise OrderInvalid("end", "the auction ends while a first bid is still possible")
    if latest_end(auction) >= END_OF_TIME:
        raise OrderInvalid("end", "the auction ends too far in the future to be counted")
    open_for = auction.open_until - auction.start
    if not auction.is_bound and open_for > MAX_UNBOUND_LIFE_SECONDS:
        raise OrderInvalid("open_until", "an auction not bound to a transfer count opens 60 days")


def reasons_not_biddable(
    auction: Auction, facts: AuctionFacts, *, now: int, bidder: Address | None = None
) -> list[Reason]:
    """Every reason why a bid would be refused at this moment, most telling first."""
    if facts.is_settled or facts.is_unwound:
        return [Reason.of(Code.AUCTION_OVER)]
    found: list[Reason] = []
    if bidder is not None and bidder == auction.seller:
        found.append(Reason.of(Code.MAKER_IS_TAKER, "a seller cannot bid"))
    if facts.bid is None:
        found.extend(_of_opening(auction, facts, now))
    elif now >= facts.bid.end:
        found.append(Reason.of(Code.AUCTION_OVER, "the auction has ended and can be settled"))
    elif facts.is_locked:
        found.append(TOKEN_LOCKED)
    return found


def _of_opening(auction: Auction, facts: AuctionFacts, now: int) -> Iterator[Reason]:
    if facts.owner is None:
        yield Reason.of(Code.TOKEN_GONE)
    elif facts.owner != auction.seller:
        yield Reason.of(Code.NOT_OWNER, f"the work now belongs to {facts.owner}")
    if facts.is_locked:
        yield TOKEN_LOCKED
    if auction.is_bound and facts.transfer_count != auction.transfer_count:
        yield Reason.of(
            Code.OWNERSHIP_MOVED,
            f"signed at transfer {auction.transfer_count}, the work is at {facts.transfer_count}",
        )
    if not facts.is_approved:
        yield Reason.of(Code.NOT_APPROVED, "the auctions' contract may not move the work")
    if facts.is_nonce_used:
        yield Reason.of(Code.NONCE_USED, f"nonce {auction.nonce} is used or cancelled")
    if facts.counter > auction.counter:
        yield Reason.of(Code.COUNTER_MOVED)
    elif facts.counter < auction.counter:
        yield Reason.of(Code.COUNTER_AHEAD)
    if facts.is_retired:
        yield Reason.of(Code.RETIRED)
    elif facts.is_paused:
        yield Reason.of(Code.PAUSED)
    if now < auction.start:
        yield Reason.of(Code.NOT_STARTED, "the auction has not begun")
    if now > auction.open_until or (auction.is_scheduled and now >= auction.end):
        yield Reason.of(Code.EXPIRED, "nobody made a first bid in time")
    yield from _of_shares(auction, facts)


def _of_shares(auction: Auction, facts: AuctionFacts) -> Iterator[Reason]:
    price = least_bid(auction, None)
    royalty = 0 if facts.royalty_receiver == ZERO_ADDRESS else facts.royalty
    if royalty > royalty_cap(price, auction.max_royalty_bps):
        yield Reason.of(Code.ROYALTY_ABOVE_MAXIMUM)
    if facts.fee_bps > auction.max_fee_bps:
        yield Reason.of(Code.FEE_ABOVE_MAXIMUM)


def auction_state(
    auction: Auction, facts: AuctionFacts, reasons: list[Reason], *, now: int
) -> AuctionState:
    """
    The one word for an auction.

    Before a first bid: scheduled, open, not_fillable, cancelled, expired. After it: running;
    ended (anyone may settle); undelivered (anyone may unwind, too); settled; unwound.
    """
    if facts.is_settled:
        return "settled"
    if facts.is_unwound:
        return "unwound"
    if facts.bid is not None:
        if now < facts.bid.end:
            return "running"
        return "ended" if now < facts.bid.end + UNWIND_AFTER_SECONDS else "undelivered"
    if facts.is_nonce_used or facts.counter > auction.counter:
        return "cancelled"
    if now > auction.open_until:
        return "expired"
    if now < auction.start:
        return "scheduled"
    return "not_fillable" if reasons else "open"
