"""
How a step says what is signed or paid, in one sentence, with amounts in full.
"""

from __future__ import annotations

from api.orders.reading import moment
from nft.orders import Order
from nft.settlement import Split
from nft.tokens import CONFIRM_ROYALTY_BPS
from nft.types import ZERO_ADDRESS, Address

COIN = "ETH"
COIN_DECIMALS = 18


def coin(amount: int) -> str:
    """An amount of the chain's own coin, exactly: `0.5 ETH`."""
    whole, rest = divmod(amount, 10**COIN_DECIMALS)
    digits = f"{rest:0{COIN_DECIMALS}d}".rstrip("0")
    return f"{whole}.{digits} {COIN}" if digits else f"{whole} {COIN}"


def percent(bps: int) -> str:
    """Basis points as people say them: `7.5 %`."""
    return f"{bps / 100:.2f}".rstrip("0").rstrip(".") + " %"


def divided(split: Split) -> str:
    """Who gets what."""
    parts = [f"{coin(split.seller)} to the seller"]
    if split.royalty:
        parts.append(f"{coin(split.royalty)} royalty to {split.royalty_receiver}")
    parts.append(f"{coin(split.platform_fee)} to the exchange")
    return ", ".join(parts)


def work(order: Order, title: str) -> str:
    """A work by its title, else by its number."""
    return f"“{title}”" if title else f"token {order.token_id} of {order.collection}"


def listing(order: Order, split: Split, title: str) -> str:
    """What a maker agrees to by signing."""
    until = moment(order.end).strftime("%Y-%m-%d %H:%M UTC")
    buyer = "anybody" if order.taker == ZERO_ADDRESS else str(order.taker)
    said = (
        f"You offer {work(order, title)} to {buyer} for {coin(order.price)} until {until}. "
        f"When it sells: {divided(split)}, all in the sale's own transaction. "
        "Signing costs nothing. The offer ends by itself when the work changes hands."
    )
    if order.max_royalty_bps > CONFIRM_ROYALTY_BPS:
        said += (
            f" Mind the royalty: up to {percent(order.max_royalty_bps)} of the price, "
            f"above the usual {percent(CONFIRM_ROYALTY_BPS)}."
        )
    return said


def purchase(order: Order, split: Split, title: str, taker: Address) -> str:
    """What a buyer pays, and who gets it."""
    return (
        f"You pay {coin(order.price)} for {work(order, title)}, which goes to {taker} in the same "
        f"transaction: {divided(split)}."
    )
