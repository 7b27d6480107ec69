"""
Orders on the wire: what a maker asks for, what is signed, and how an order stands now.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.chains.schemas import AsOf

OrderState = Literal["fillable", "not_fillable", "filled", "cancelled", "expired"]
OrderKind = Literal["listing", "offer"]

# Wide enough for any uint256 and for a clear refusal of what is not one; the rule that reads
# them (`parse_uint`, `Address.parse`) says what is wrong.
_SHORT = Field(max_length=100)


class _In(BaseModel):
    """A body: unknown fields are refused, so that a misspelt `expires_at` is not ignored."""

    model_config = ConfigDict(extra="forbid")


class ReasonOut(BaseModel):
    """One reason why an order cannot be filled now."""

    code: str
    detail: str


class SplitOut(BaseModel):
    """Who gets what of the price; the amounts add up to it exactly."""

    seller: str
    royalty: str
    royalty_receiver: str
    platform_fee: str


class OrderOut(BaseModel):
    """A signed order and its computed state."""

    hash: str
    kind: OrderKind
    maker: str
    taker: str | None
    """Who alone may fill it; null: anyone."""
    chain_id: str
    exchange: str
    contract: str
    token_id: str
    transfer_count: int | None
    """The number of transfers it is bound to; null: not bound (foreign collections)."""
    price: str
    currency: str
    starts_at: datetime
    expires_at: datetime
    created_at: datetime
    max_royalty_bps: int
    max_fee_bps: int
    nonce: str
    counter: str
    state: OrderState
    hidden: bool
    reasons: list[ReasonOut]
    split: SplitOut | None
    """Of a filled order: as paid. Null when the token asks more than the maker signed."""
    test: bool
    url: str
    as_of: AsOf | None


class OrderDetailOut(OrderOut):
    """One order with what any exchange front end needs to fill it; nothing of it when hidden."""

    typed_data: dict[str, Any] | None
    signature: str | None


class OrderList(BaseModel):
    """A page of orders, newest first."""

    items: list[OrderOut]
    next: str | None
    as_of: AsOf | None


class PrepareOrderIn(_In):
    """What a maker wants; the answer says what to sign."""

    kind: Literal["listing"] = "listing"
    maker: str = _SHORT
    chain_id: str = _SHORT
    contract: str = _SHORT
    token_id: str = _SHORT
    price: str = _SHORT
    currency: str | None = Field(default=None, max_length=100)
    taker: str | None = Field(default=None, max_length=100)
    expires_at: datetime | None = None
    max_royalty_bps: int | None = Field(default=None, ge=0, le=10_000, strict=True)


class OrderIn(_In):
    """
    A signed order: `submit.body` of the signature step, with the signature added.

    `order` is the EIP-712 message as it was signed; nothing else is taken from the sender.
    """

    chain_id: str = _SHORT
    order: dict[str, Any]
    signature: str = Field(max_length=20_000)


class FillIn(_In):
    """Who wants to buy."""

    taker: str = _SHORT


class CancelIn(_In):
    """How to take an order back: `hide` is free and binds only us, `transaction` everybody."""

    maker: str = _SHORT
    how: Literal["hide", "transaction"]


class HideIn(_In):
    """The maker's signature under the hiding of one order."""

    signature: str = Field(max_length=20_000)
