"""
What a maker signs: an order's parts, its price at a moment, and terms that can never settle.

`solidity/src/types/Orders.sol` is the same type. Whether an order can be filled now is
`nft.fillability`; sets and orders signed together are `nft.merkle`; auctions and vouchers have
modules of their own.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum

from nft.errors import OrderInvalid
from nft.tokens import MAX_SERIAL, creator_of
from nft.types import UINT256_MAX, WHOLE_BPS, ZERO_ADDRESS, ZERO_DIGEST, Address, Digest, TokenRef

DAY_SECONDS = 86_400
DEFAULT_LIFE_SECONDS = 30 * DAY_SECONDS
MAX_UNBOUND_LIFE_SECONDS = 60 * DAY_SECONDS
MAX_PRICE: int = 2**128 - 1
"""Of an order; the product with basis points stays far from the end of 256 bits."""

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

    @property
    def is_offer(self) -> bool:
        """Whether the maker buys."""
        return self is not Kind.LISTING


@dataclass(frozen=True, slots=True)
class Item:
    """One work of a bundle."""

    collection: Address
    token_id: int
    transfer_count: int

    @property
    def is_bound(self) -> bool:
        """Whether it must have the transfer count that was signed."""
        return self.transfer_count != UNBOUND


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
        """Whether the order dies with the ownership it was signed under, of every work in it."""
        return all(item.is_bound for item in self.items)

    @property
    def is_falling(self) -> bool:
        """Whether the price moves with time."""
        return self.price != self.end_price

    @property
    def items(self) -> tuple[Item, ...]:
        """The works of a listing, the first one included."""
        return (Item(self.collection, self.token_id, self.transfer_count), *self.more)

    @property
    def creator(self) -> Address | None:
        """Of a collection offer: whose works alone it is for; None means any work."""
        if self.kind is not Kind.COLLECTION_OFFER or self.token_id == 0:
            return None
        return creator_of(self.token_id)

    def token(self, chain_id: int) -> TokenRef:
        """The (first) work the order is about."""
        return TokenRef(chain_id, self.collection, self.token_id)


@dataclass(frozen=True, slots=True)
class Bulk:
    """
    Where an order stands among those that one signature covers.

    The siblings run from the leaf up; without any the signature is of the order alone.
    """

    index: int = 0
    proof: tuple[Digest, ...] = ()

    @property
    def height(self) -> int:
        """Of the tree that was signed."""
        return len(self.proof)


ALONE = Bulk()
"""The order was signed by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """How a seller meets an offer; see `solidity/src/types/Orders.sol`."""

    token_id: int
    transfer_count: int = UNBOUND
    proof: tuple[Digest, ...] = ()
    min_proceeds: int
    """The seller's least share of the price, after royalty and fee."""


@dataclass(frozen=True, slots=True)
class Permit:
    """A spending permit (ERC-2612) by the caller for the exchange."""

    value: int
    deadline: int
    v: int
    r: Digest
    s: Digest


def price_at(order: Order, now: int) -> int:
    """
    The price at a moment, `now` in Unix seconds: linear from `start` to `end`, rounded up.

    Before the start it is the first price, after the end the last.
    """
    if not order.is_falling or now <= order.start:
        return order.price
    if now >= order.end:
        return order.end_price
    fallen = (order.price - order.end_price) * (now - order.start) // (order.end - order.start)
    return order.price - fallen


def shares(price: int, works: int) -> list[int]:
    """A bundle's price divided: equal parts, and the first takes what is left over."""
    part, rest = divmod(price, works)
    return [part + rest, *[part] * (works - 1)]


def check_order(order: Order, *, now: int, currencies: Collection[Address] = ()) -> None:
    """
    Refuse terms that could never settle, whatever the chain says.

    `now` in Unix seconds; `currencies` are the ERC-20s that the exchange accepts. Raises
    `OrderInvalid` with the field at fault.
    """
    _check_parties(order)
    _check_price(order)
    _check_time(order, now)
    _check_limits(order)
    if order.kind is Kind.LISTING:
        _check_listing(order, currencies)
    else:
        _check_offer(order, currencies)


def _check_parties(order: Order) -> None:
    if order.maker == ZERO_ADDRESS:
        raise OrderInvalid("maker", "nobody has the address zero")
    if order.taker == order.maker:
        raise OrderInvalid("taker", "a maker cannot trade with themselves")
    if order.collection == ZERO_ADDRESS:
        raise OrderInvalid("collection", "there is no collection at the address zero")


def _check_price(order: Order) -> None:
    if order.price == 0:
        raise OrderInvalid("price", "a price of 0 is not a sale; send the work as a gift instead")
    if order.price > MAX_PRICE:
        raise OrderInvalid("price", f"{order.price} is above the maximum of {MAX_PRICE}")
    if order.end_price > order.price:
        raise OrderInvalid("end_price", "a price may fall with time, never rise")


def _check_time(order: Order, now: int) -> None:
    if order.end <= order.start:
        raise OrderInvalid("expires_at", "the order ends before it begins")
    if order.end <= now:
        raise OrderInvalid("expires_at", "the end time has already passed")
    if not order.is_bound and order.end - order.start > MAX_UNBOUND_LIFE_SECONDS:
        raise OrderInvalid("expires_at", "an order not bound to a transfer count lives 60 days")


def _check_limits(order: Order) -> None:
    for field in ("max_royalty_bps", "max_fee_bps"):
        bps = getattr(order, field)
        if bps > WHOLE_BPS:
            raise OrderInvalid(field, f"{bps} is above {WHOLE_BPS}")


def _check_listing(order: Order, currencies: Collection[Address]) -> None:
    if order.currency != ZERO_ADDRESS and order.currency not in currencies:
        raise OrderInvalid("currency", f"{order.currency} is not accepted here")
    if order.criteria != ZERO_DIGEST:
        raise OrderInvalid("criteria", "only an offer is made on a set")
    if order.metadata_digest != ZERO_DIGEST:
        raise OrderInvalid("metadata_digest", "only an offer names the metadata")
    works = [(item.collection, item.token_id) for item in order.items]
    if len(set(works)) != len(works):
        raise OrderInvalid("more", "the bundle names a work twice")


def _check_offer(order: Order, currencies: Collection[Address]) -> None:
    if order.currency not in currencies:
        raise OrderInvalid("currency", "an offer is made in an ERC-20 that is accepted here")
    if order.is_falling:
        raise OrderInvalid("end_price", "an offer has one price")
    if order.more:
        raise OrderInvalid("more", "an offer is for one work")
    if order.transfer_count != UNBOUND:
        raise OrderInvalid("transfer_count", "an offer is not bound to a transfer count")
    if (order.criteria != ZERO_DIGEST) != (order.kind is Kind.SET_OFFER):
        raise OrderInvalid("criteria", "an offer on a set names the root of its tree, no other")
    if order.kind is Kind.SET_OFFER and order.token_id:
        raise OrderInvalid("token_id", "an offer on a set names no single work")
    if order.kind is Kind.COLLECTION_OFFER and order.token_id & MAX_SERIAL:
        raise OrderInvalid("token_id", "an offer on a collection names a creator or nobody")
