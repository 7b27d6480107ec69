"""
One sale divided: seller, royalty, platform. The same arithmetic as the contracts, to the wei.

A listing or offer that would pay more than was signed is refused; an auction, which must be
settled, pays the signed maximum instead; a lazy mint pays artist and platform alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nft.auctions import Auction
from nft.errors import OrderInvalid
from nft.orders import Order, price_at, shares
from nft.royalties import royalty_cap
from nft.types import WHOLE_BPS, ZERO_ADDRESS, Address
from nft.vouchers import Voucher


@dataclass(frozen=True, slots=True)
class Split:
    """Who gets what of one price; the three amounts add up to it exactly."""

    seller: int
    royalty: int
    royalty_receiver: Address
    platform_fee: int

    @property
    def price(self) -> int:
        """All of it."""
        return self.seller + self.royalty + self.platform_fee


@dataclass(frozen=True, slots=True)
class Answer:
    """A token's own answer to ERC-2981 for a price; a receiver of zero is no answer."""

    receiver: Address
    royalty: int


NO_ANSWER = Answer(ZERO_ADDRESS, 0)


def split(
    price_wei: int,
    *,
    royalty: int,
    royalty_receiver: Address,
    fee_bps: int,
    max_royalty_bps: int,
    max_fee_bps: int,
) -> Split:
    """
    Divide a price as the exchange would.

    `royalty` is the token's own ERC-2981 answer for this price. A receiver of zero counts as no
    answer. What exceeds the maker's signed maximum is refused, never paid short: raises
    `OrderInvalid`.
    """
    if royalty_receiver == ZERO_ADDRESS:
        royalty = 0
    fee = price_wei * fee_bps // WHOLE_BPS
    if royalty > royalty_cap(price_wei, max_royalty_bps):
        raise OrderInvalid("max_royalty_bps", f"the token asks {royalty}, above the signed maximum")
    if fee_bps > max_fee_bps:
        raise OrderInvalid("max_fee_bps", f"the exchange takes {fee_bps} bps, above {max_fee_bps}")
    if royalty + fee > price_wei:
        raise OrderInvalid("price", "royalty and fee together exceed the price")
    return _divided(price_wei, royalty, royalty_receiver, fee)


def _divided(price: int, royalty: int, receiver: Address, fee: int) -> Split:
    return Split(
        seller=price - royalty - fee,
        royalty=royalty,
        royalty_receiver=receiver if royalty else ZERO_ADDRESS,
        platform_fee=fee,
    )


def _ordered(order: Order, price: int, answer: Answer, fee_bps: int) -> Split:
    return split(
        price,
        royalty=answer.royalty,
        royalty_receiver=answer.receiver,
        fee_bps=fee_bps,
        max_royalty_bps=order.max_royalty_bps,
        max_fee_bps=order.max_fee_bps,
    )


def split_listing(
    order: Order, answers: Sequence[Answer], *, fee_bps: int, now: int
) -> list[Split]:
    """
    A listing filled at `now` (Unix seconds): one split for each work, as many as `order.items`.

    Each work is sold at its share of the price of that second, and `answers` are for these
    shares (`nft.orders.shares(price_at(order, now), works)`). Raises `OrderInvalid`.
    """
    parts = shares(price_at(order, now), len(order.items))
    return [
        _ordered(order, part, answer, fee_bps) for part, answer in zip(parts, answers, strict=True)
    ]


def split_offer(order: Order, answer: Answer, *, fee_bps: int, min_proceeds: int = 0) -> Split:
    """
    An offer accepted: what its maker pays, divided; `seller` are the proceeds.

    Raises `OrderInvalid`, with the field `min_proceeds` where they are below that.
    """
    found = _ordered(order, order.price, answer, fee_bps)
    if found.seller < min_proceeds:
        raise OrderInvalid("min_proceeds", f"the seller would receive {found.seller}")
    return found


def total(splits: Sequence[Split]) -> Split:
    """
    A bundle as one sale, for a summary.

    The receiver is that of the royalties where all of them go to one, else zero.
    """
    receivers = {one.royalty_receiver for one in splits if one.royalty}
    return Split(
        seller=sum(one.seller for one in splits),
        royalty=sum(one.royalty for one in splits),
        royalty_receiver=receivers.pop() if len(receivers) == 1 else ZERO_ADDRESS,
        platform_fee=sum(one.platform_fee for one in splits),
    )


def split_auction(auction: Auction, bid: int, answer: Answer, *, fee_bps: int) -> Split:
    """
    An auction settled at its last bid: nothing is refused, so royalty and fee are cut to what
    the seller signed, which together is never more than the price.
    """
    fee = bid * min(fee_bps, auction.max_fee_bps) // WHOLE_BPS
    royalty = 0 if answer.receiver == ZERO_ADDRESS else answer.royalty
    royalty = min(royalty, royalty_cap(bid, auction.max_royalty_bps))
    return _divided(bid, royalty, answer.receiver, fee)


def split_voucher(voucher: Voucher) -> Split:
    """A lazy mint: a first sale, of which the creator gets everything but the fee."""
    return _divided(voucher.price, 0, ZERO_ADDRESS, voucher.fee)
