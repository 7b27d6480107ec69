"""
What a maker signs: an order's parts, its limits in time, and what makes it fillable.

The type carries from now on every field that any kind of sale needs; the kinds an exchange
settles are its own affair. `solidity/src/types/Orders.sol` is the same type.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from nft.errors import OrderInvalid
from nft.royalties import royalty_cap
from nft.types import UINT256_MAX, WHOLE_BPS, ZERO_ADDRESS, ZERO_DIGEST, Address, Digest, TokenRef

DAY_SECONDS = 86_400
DEFAULT_LIFE_SECONDS = 30 * DAY_SECONDS
MAX_UNBOUND_LIFE_SECONDS = 60 * DAY_SECONDS
UNBOUND = UINT256_MAX
"""As a transfer count: the order does not die when the work moves (foreign collections)."""


class Kind(IntEnum):
    """What an order offers; the number is what is signed."""

    LISTING = 0
    TOKEN_OFFER = 1
    SET_OFFER = 2
    COLLECTION_OFFER = 3

    @property
    def word(self) -> str:
        """The kind as JSON says it: every offer is an `offer`."""
        return "listing" if self is Kind.LISTING else "offer"


@dataclass(frozen=True, slots=True)
class Item:
    """One further work of a bundle."""

    collection: Address
    token_id: int
    transfer_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A signed order, field for field the EIP-712 type `Order`."""

    kind: Kind
    maker: Address
    taker: Address = ZERO_ADDRESS
    collection: Address
    token_id: int
    transfer_count: int
    more: tuple[Item, ...] = ()
    criteria: Digest = ZERO_DIGEST
    metadata_digest: Digest = ZERO_DIGEST
    currency: Address = ZERO_ADDRESS
    price: int
    end_price: int
    start: int
    end: int
    max_royalty_bps: int
    max_fee_bps: int
    nonce: int
    counter: int

    @property
    def is_bound(self) -> bool:
        """Whether the order dies with the ownership it was signed under."""
        return self.transfer_count != UNBOUND

    def token(self, chain_id: int) -> TokenRef:
        """The (first) work the order is about."""
        return TokenRef(chain_id, self.collection, self.token_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Voucher:
    """A lazy mint signed by the artist, field for field the EIP-712 type `Voucher`."""

    token_id: int
    metadata_digest: Digest
    price: int
    currency: Address = ZERO_ADDRESS
    royalty_bps: int
    royalty_receiver: Address = ZERO_ADDRESS
    recipient: Address = ZERO_ADDRESS
    fee_receiver: Address = ZERO_ADDRESS
    max_fee_bps: int
    edition_size: int = 1
    max_per_recipient: int = 0
    start: int
    end: int
    nonce: int
    counter: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the chain says about an order's maker and token, as of one block."""

    owner: Address | None
    """None when the token was never minted or is burned."""
    transfer_count: int
    is_approved: bool
    """The exchange may move the token, by operator or single approval."""
    is_nonce_used: bool
    counter: int
    royalty: int
    royalty_receiver: Address
    fee_bps: int
    filled: bool = False
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason why an order cannot be filled: a stable code and a sentence."""

    code: str
    detail: str


def check_listing(order: Order, *, now: int) -> None:
    """
    Refuse a listing that this exchange would never settle, whatever the chain says.

    `now` in Unix seconds. Raises `OrderInvalid` with the field at fault.
    """
    if order.kind is not Kind.LISTING:
        raise OrderInvalid("kind", "only listings are settled here for now")
    if order.currency != ZERO_ADDRESS:
        raise OrderInvalid("currency", "only the chain's own coin is settled here for now")
    if order.price == 0:
        raise OrderInvalid("price", "a price of 0 is not a sale; send the work as a gift instead")
    if order.price >= 2**128:
        raise OrderInvalid("price", f"{order.price} is above the maximum of {2**128 - 1}")
    if order.price != order.end_price:
        raise OrderInvalid("end_price", "only fixed prices are settled here for now")
    if order.more or order.criteria != ZERO_DIGEST:
        raise OrderInvalid("more", "bundles are not settled here for now")
    if order.taker == order.maker:
        raise OrderInvalid("taker", "a maker cannot sell to themselves")
    if order.end <= order.start:
        raise OrderInvalid("expires_at", "the order ends before it begins")
    if order.end <= now:
        raise OrderInvalid("expires_at", "the end time has already passed")
    if not order.is_bound and order.end - order.start > MAX_UNBOUND_LIFE_SECONDS:
        raise OrderInvalid("expires_at", "an order not bound to a transfer count lives 60 days")
    if order.max_royalty_bps > WHOLE_BPS:
        raise OrderInvalid("max_royalty_bps", f"{order.max_royalty_bps} is above {WHOLE_BPS}")


def reasons_not_fillable(order: Order, facts: Facts, *, now: int) -> list[Reason]:
    """
    Every reason why the exchange would refuse this listing at this moment, most telling first.

    An empty list means fillable. `now` in Unix seconds.
    """
    found: list[Reason] = []
    if facts.owner is None:
        found.append(Reason("TokenGone", "the work does not exist or was burned"))
    elif facts.owner != order.maker:
        found.append(Reason("SellerNotOwner", f"the work now belongs to {facts.owner}"))
    if order.is_bound and facts.transfer_count != order.transfer_count:
        found.append(
            Reason(
                "OwnershipChanged",
                f"signed at transfer {order.transfer_count}, the work is at {facts.transfer_count}",
            )
        )
    if not facts.is_approved:
        found.append(Reason("NotApproved", "the exchange may not move the work"))
    if facts.is_nonce_used:
        found.append(Reason("NonceUsed", f"nonce {order.nonce} is used or cancelled"))
    if facts.counter != order.counter:
        found.append(Reason("CounterMoved", "the maker cancelled all earlier orders"))
    if now < order.start:
        found.append(Reason("NotStarted", "the order has not begun"))
    if now > order.end:
        found.append(Reason("OrderExpired", "the order has expired"))
    if facts.royalty > royalty_cap(order.price, order.max_royalty_bps):
        found.append(
            Reason("RoyaltyAboveMaximum", "the token now asks more than the signed maximum")
        )
    if facts.fee_bps > order.max_fee_bps:
        found.append(
            Reason("FeeAboveMaximum", "the exchange now takes more than the signed maximum")
        )
    return found


def state_of(facts: Facts, reasons: list[Reason], *, order: Order, now: int) -> str:
    """The one word for an order: filled, cancelled, expired, not_fillable or fillable."""
    if facts.filled:
        return "filled"
    if facts.cancelled or facts.counter > order.counter:
        return "cancelled"
    if now > order.end:
        return "expired"
    return "not_fillable" if reasons else "fillable"
