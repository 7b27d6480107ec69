"""
Auctions on the wire.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.chains.schemas import AsOf
from api.orders.schemas import ReasonOut, SplitOut

AuctionState = Literal[
    "scheduled",
    "open",
    "not_fillable",
    "cancelled",
    "expired",
    "running",
    "ended",
    "undelivered",
    "settled",
    "unwound",
]

_SHORT = Field(max_length=100)


class BidOut(BaseModel):
    """A bid, and when the auction ends since."""

    bidder: str
    amount: str
    ends_at: datetime
    transaction_hash: str
    block_number: str
    timestamp: datetime | None
    """Of its block."""


class StandingBidOut(BaseModel):
    """The highest bid."""

    bidder: str
    amount: str


class AuctionOut(BaseModel):
    """A signed auction and how it stands."""

    hash: str
    kind: Literal["auction"] = "auction"
    maker: str
    """The seller."""
    chain_id: str
    auctions: str
    """The contract that keeps the work from the first bid on."""
    contract: str
    token_id: str
    title: str
    transfer_count: int | None
    reserve: str
    currency: str
    starts_at: datetime
    open_until: datetime
    """Until then a first bid can be made."""
    duration: int | None
    """Seconds from the first bid; null: the end is fixed."""
    ends_at: datetime | None
    """As things stand; null while nobody has bid and no end is fixed."""
    latest_end: datetime
    """What no extension passes."""
    min_step_bps: int
    max_royalty_bps: int
    max_fee_bps: int
    nonce: str
    counter: str
    state: AuctionState
    hidden: bool
    reasons: list[ReasonOut]
    standing_bid: StandingBidOut | None
    least_bid: str | None
    """Null when no bid is taken any more."""
    winner: str | None
    split: SplitOut | None
    """As paid once settled; else of the standing bid, or of the least first one."""
    created_at: datetime
    test: bool
    url: str
    as_of: AsOf | None


class AuctionDetailOut(AuctionOut):
    """One auction with all its bids, newest first, and what is needed to open it."""

    bids: list[BidOut]
    typed_data: dict[str, Any] | None
    signature: str | None


class AuctionList(BaseModel):
    """A page of auctions, newest first."""

    items: list[AuctionOut]
    next: str | None
    as_of: AsOf | None


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class BidIn(_In):
    """Who bids how much; without an amount the least that is taken now."""

    bidder: str = _SHORT
    amount: str | None = Field(default=None, max_length=100)


class ActIn(_In):
    """Who sends the transaction; anybody may."""

    account: str = _SHORT
