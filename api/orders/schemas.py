"""
Orders on the wire: what a maker asks for, what is signed, and how an order stands now.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from api.chains.schemas import AsOf
from nft.types import Digest

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


class ItemOut(BaseModel):
    """A further work of a bundle."""

    contract: str
    token_id: str


class OrderOut(BaseModel):
    """A signed order and its computed state."""

    hash: str
    kind: OrderKind
    scope: Literal["token", "set", "collection", "creator"]
    """What an offer is for: one work, one of `set`, any of the collection or of `creator`."""
    maker: str
    taker: str | None
    """Who alone may fill it; null: anyone."""
    chain_id: str
    exchange: str
    contract: str
    token_id: str
    transfer_count: int | None
    """The number of transfers it is bound to; null: not bound (foreign collections)."""
    more: list[ItemOut]
    """Further works of a bundle, sold together with the first for the one price."""
    set: list[str]
    """Token ids of an offer on a set."""
    creator: str | None
    price: str
    """At this moment; of a filled order, as paid. It falls from `start_price` to `end_price`."""
    start_price: str
    end_price: str
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
    """
    Of a filled order: as paid. Null when the token asks more than the maker signed, and for offers
    whose seller picks the work.
    """
    test: bool
    url: str
    as_of: AsOf | None


class OrderDetailOut(OrderOut):
    """One order with what any exchange front end needs to fill it; nothing of it when hidden."""

    typed_data: dict[str, Any] | None
    signature: str | None
    bulk: dict[str, Any] | None
    """Where it stands among the orders that the signature covers; null when signed alone."""


class OrderList(BaseModel):
    """A page of orders, newest first."""

    items: list[OrderOut]
    next: str | None
    as_of: AsOf | None


class _MakerIn(_In):
    """What every kind of sale has: who, where, and how long."""

    maker: str = _SHORT
    chain_id: str = _SHORT
    starts_at: datetime | None = None
    expires_at: datetime | None = None
    max_royalty_bps: int | None = Field(default=None, ge=0, le=10_000, strict=True)
    accept_royalty: bool = False
    """Says yes to a royalty above a tenth of the price."""


class ItemIn(_In):
    """A further work of a bundle."""

    contract: str = _SHORT
    token_id: str = _SHORT


class ListingIn(_MakerIn):
    """A work, or several together, at a price that stands or falls."""

    kind: Literal["listing"] = "listing"
    contract: str = _SHORT
    token_id: str = _SHORT
    more: list[ItemIn] = Field(default_factory=list, max_length=49)
    price: str = _SHORT
    end_price: str | None = Field(default=None, max_length=100)
    """The price at `expires_at`; it falls in a straight line. Without it the price is fixed."""
    currency: str | None = Field(default=None, max_length=100)
    taker: str | None = Field(default=None, max_length=100)


class OfferIn(_MakerIn):
    """An offer on one work, on a set of works, or on any work of a collection or creator."""

    kind: Literal["offer"]
    contract: str = _SHORT
    token_id: str | None = Field(default=None, max_length=100)
    set: list[Annotated[str, _SHORT]] | None = Field(default=None, min_length=2, max_length=1_024)
    creator: str | None = Field(default=None, max_length=100)
    """Any work of this creator in one of our collections."""
    price: str = _SHORT
    currency: str | None = Field(default=None, max_length=100)
    """A token; without it the chain's wrapped coin."""
    taker: str | None = Field(default=None, max_length=100)
    as_described: bool = False
    """Only while the work's description is the one of today (one work alone)."""


class AuctionIn(_MakerIn):
    """An English auction: opened by the first bid, no transaction before it."""

    kind: Literal["auction"]
    contract: str = _SHORT
    token_id: str = _SHORT
    reserve: str = _SHORT
    start: datetime | None = None
    open_until: datetime | None = None
    duration: int | None = Field(default=None, ge=1, strict=True)
    """Seconds from the first bid; or `end`."""
    end: datetime | None = None
    min_step_bps: int = Field(default=500, ge=0, le=10_000, strict=True)


class VoucherIn(_MakerIn):
    """A lazy mint of what is pinned already: `metadata_digest` names its description."""

    kind: Literal["voucher"]
    contract: str | None = Field(default=None, max_length=100)
    creator: str | None = Field(default=None, max_length=100)
    """In whose name; without it the maker's own."""
    metadata_digest: Digest
    price: str = _SHORT
    currency: str | None = Field(default=None, max_length=100)
    royalty_bps: int = Field(default=0, ge=0, le=2_500, strict=True)
    royalty_receiver: str | None = Field(default=None, max_length=100)
    recipient: str | None = Field(default=None, max_length=100)
    edition_size: int = Field(default=1, ge=1, le=10_000, strict=True)
    max_per_recipient: int = Field(default=0, ge=0, le=10_000, strict=True)


class BulkIn(_In):
    """Up to 1,024 listings of one maker under one signature."""

    listings: list[ListingIn] = Field(min_length=2, max_length=1_024)


def _which(body: Any) -> str:
    """Which of the shapes a body has; one that says nothing is a listing."""
    if not isinstance(body, dict):
        return "bulk" if isinstance(body, BulkIn) else str(getattr(body, "kind", "listing"))
    return "bulk" if "listings" in body else str(body.get("kind", "listing"))


PrepareOrderIn = Annotated[
    Annotated[ListingIn, Tag("listing")]
    | Annotated[OfferIn, Tag("offer")]
    | Annotated[AuctionIn, Tag("auction")]
    | Annotated[VoucherIn, Tag("voucher")]
    | Annotated[BulkIn, Tag("bulk")],
    Discriminator(_which),
]
"""What a maker wants, one shape for each kind; the answer says what to sign."""


class _SignedIn(_In):
    """
    Something signed: `submit.body` of the signature step, with the signature added.

    The message is taken as it was signed; nothing else is believed.
    """

    chain_id: str = _SHORT
    signature: str = Field(max_length=20_000)


class OrderIn(_SignedIn):
    """A signed order, alone or (`bulk`) one of several under the same signature."""

    order: dict[str, Any]
    set: list[dict[str, Any]] | None = Field(default=None, max_length=1_024)
    """Of an offer on a set: its works, from which a seller's proof is made."""
    bulk: dict[str, Any] | None = None


class OrdersIn(_SignedIn):
    """Orders under one signature, in the order of their tree."""

    orders: list[dict[str, Any]] = Field(min_length=2, max_length=1_024)


class SignedAuctionIn(_SignedIn):
    """A signed auction."""

    auction: dict[str, Any]


class SignedVoucherIn(_SignedIn):
    """A signed lazy mint; its own domain is the collection, and the message names no signer."""

    contract: str = _SHORT
    signer: str = _SHORT
    voucher: dict[str, Any]


def _what(body: Any) -> str:
    """Which of the signed shapes a body has."""
    names = ("orders", "auction", "voucher")
    if isinstance(body, dict):
        return next((name for name in names if name in body), "order")
    return next((name for name in names if hasattr(body, name)), "order")


PlaceIn = Annotated[
    Annotated[OrderIn, Tag("order")]
    | Annotated[OrdersIn, Tag("orders")]
    | Annotated[SignedAuctionIn, Tag("auction")]
    | Annotated[SignedVoucherIn, Tag("voucher")],
    Discriminator(_what),
]
"""Whatever was signed."""


class PlacedOrders(BaseModel):
    """Orders that one signature put on the book, in the order they were signed."""

    items: list[OrderDetailOut]


class FillIn(_In):
    """Who wants to buy; `permit: true` pays a token by one signature instead of an approval."""

    taker: str = _SHORT
    permit: bool = True


class CartIn(_In):
    """Several listings at once: all or none, or those that can be had."""

    taker: str = _SHORT
    orders: list[Digest] = Field(min_length=1, max_length=50)
    mode: Literal["all", "available"] = "all"


class AcceptIn(_In):
    """Who sells which work to the offer; an offer on one work names it already."""

    seller: str = _SHORT
    token_id: str | None = Field(default=None, max_length=100)
    min_proceeds: str | None = Field(default=None, max_length=100)
    """The least that the seller gets; without it what the split says now."""


class AcceptedIn(_In):
    """One offer among several that are accepted together."""

    order: Digest
    token_id: str | None = Field(default=None, max_length=100)
    min_proceeds: str | None = Field(default=None, max_length=100)


class AcceptManyIn(_In):
    """Offers accepted all or none, by one seller."""

    seller: str = _SHORT
    offers: list[AcceptedIn] = Field(min_length=1, max_length=50)


class CancelIn(_In):
    """How to take an order back: `hide` is free and binds only us, `transaction` everybody."""

    maker: str = _SHORT
    how: Literal["hide", "transaction"]


class CancelAllIn(_In):
    """Take back everything signed so far, auctions and vouchers too."""

    maker: str = _SHORT
    chain_id: str = _SHORT


class HideIn(_In):
    """The maker's signature under the hiding of one order."""

    signature: str = Field(max_length=20_000)
