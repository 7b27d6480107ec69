"""
Vouchers on the wire.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.chains.schemas import AsOf
from api.orders.schemas import OrderState, ReasonOut, SplitOut
from api.tokens.schemas import MediaOut


class RoyaltyTermsOut(BaseModel):
    """What later sales will owe; 65,535 bps: the artist's default when it is minted."""

    bps: int
    receiver: str


class VoucherOut(BaseModel):
    """A signed lazy mint and how it stands."""

    hash: str
    kind: Literal["voucher"] = "voucher"
    maker: str
    """Who signed: the creator, or a minter in the creator's name."""
    creator: str
    chain_id: str
    contract: str
    token_id: str
    """Of the first work; an edition counts on from it."""
    title: str
    artist: str
    description: str
    alt_text: str
    media: list[MediaOut]
    metadata_digest: str
    metadata_cid: str
    price: str
    currency: str
    royalty: RoyaltyTermsOut
    recipient: str | None
    """Who alone may take it; null: anyone."""
    fee_receiver: str | None
    max_fee_bps: int
    edition_size: int
    minted: int
    """How many works of the edition have been taken."""
    next_number: int | None
    """The first work (from 0) that nobody has; null when all are taken."""
    max_per_recipient: int | None
    starts_at: datetime
    expires_at: datetime
    nonce: str
    counter: str
    state: OrderState
    hidden: bool
    reasons: list[ReasonOut]
    split: SplitOut
    """Of each work."""
    created_at: datetime
    test: bool
    url: str
    as_of: AsOf | None


class VoucherDetailOut(VoucherOut):
    """One voucher with what is needed to redeem it; nothing of it when hidden."""

    typed_data: dict[str, Any] | None
    signature: str | None


class VoucherList(BaseModel):
    """A page of vouchers, newest first."""

    items: list[VoucherOut]
    next: str | None
    as_of: AsOf | None


class RedeemIn(BaseModel):
    """Who takes which work of the edition (from 0); without a number the next free one."""

    model_config = ConfigDict(extra="forbid")

    taker: str = Field(max_length=100)
    number: int | None = Field(default=None, ge=0, lt=2**32, strict=True)
