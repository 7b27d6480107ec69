"""
What the artist is owed when a work changes hands.

A royalty is a share of the sale price, counted in basis points and rounded down as ERC-2981
contracts round it. The figure on the page and the figure the exchange contract pays are
therefore the same, to the wei.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nft.errors import RoyaltyTooHigh
from nft.types import WHOLE_BPS, Address


@dataclass(frozen=True, slots=True)
class Share:
    """A receiver's claim on every sale of a token."""

    receiver: Address
    bps: int


def payouts(price_wei: int, shares: Sequence[Share]) -> dict[Address, int]:
    """
    Divide the royalty on a sale among its receivers.

    Each share is rounded down by itself, and what rounding leaves over stays with the seller.
    A receiver named twice is paid once, the sum of both shares.

    Raises `RoyaltyTooHigh` when the shares together exceed the price.
    """
    claimed_bps = sum(share.bps for share in shares)
    if claimed_bps > WHOLE_BPS:
        raise RoyaltyTooHigh(claimed_bps)

    owed: dict[Address, int] = {}
    for share in shares:
        owed[share.receiver] = owed.get(share.receiver, 0) + price_wei * share.bps // WHOLE_BPS
    return owed


def royalty_cap(price_wei: int, max_bps: int) -> int:
    """The most a token may answer under a signed maximum: ceil(price * bps / 10,000)."""
    return -(-price_wei * max_bps // WHOLE_BPS)
