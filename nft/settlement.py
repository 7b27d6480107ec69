"""
One sale divided: seller, royalty, platform. The same arithmetic as the exchange contract.
"""

from __future__ import annotations

from dataclasses import dataclass

from nft.errors import OrderInvalid
from nft.royalties import royalty_cap
from nft.types import WHOLE_BPS, ZERO_ADDRESS, Address


@dataclass(frozen=True, slots=True)
class Split:
    """Who gets what of one price; the three amounts add up to it exactly."""

    seller: int
    royalty: int
    royalty_receiver: Address
    platform_fee: int


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
    return Split(
        seller=price_wei - royalty - fee,
        royalty=royalty,
        royalty_receiver=royalty_receiver if royalty else ZERO_ADDRESS,
        platform_fee=fee,
    )
