"""
Who gets what of a sale, as a page shows it before a wallet is asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from api.intents.wording import Say
from nft.types import WHOLE_BPS, ZERO_ADDRESS


class Divided(Protocol):
    """A price divided, as the API says it."""

    seller: str
    royalty: str
    platform_fee: str


@dataclass(frozen=True, slots=True)
class Shares:
    """A price and its parts, which add up to it."""

    words: str
    price: int
    currency: str
    parts: Sequence[tuple[str, int]]
    note: str = ""
    at: datetime | None = None
    """Of a price that moves: the second it is told for."""


def shares(
    words: str,
    divided: Mapping[str, int],
    say: Say,
    *,
    currency: str = str(ZERO_ADDRESS),
    note: str = "",
    at: datetime | None = None,
) -> Shares:
    """Of `seller`, `royalty` and `platform_fee`; a royalty of nothing is left out."""
    parts = [(say("to the seller"), divided["seller"])]
    if divided["royalty"]:
        parts.append((say("to the artist, as royalty"), divided["royalty"]))
    parts.append((say("to the house"), divided["platform_fee"]))
    return Shares(words, sum(divided.values()), currency, parts, note, at)


def amounts(split: Divided) -> dict[str, int]:
    """The numbers of a split on the wire."""
    return {
        "seller": int(split.seller),
        "royalty": int(split.royalty),
        "platform_fee": int(split.platform_fee),
    }


def divide(price: int, royalty_bps: int, fee_bps: int) -> dict[str, int]:
    """As the contracts divide; for a price that nobody has asked the token about yet."""
    royalty, fee = price * royalty_bps // WHOLE_BPS, price * fee_bps // WHOLE_BPS
    return {"seller": price - royalty - fee, "royalty": royalty, "platform_fee": fee}


def of_mint(request: Mapping[str, Any], asked: Mapping[str, Any], fee_bps: int, say: Say) -> Shares:
    """Of the price asked in the same sitting as the mint."""
    bps = sum(int(each["bps"]) for each in request.get("royalties") or [])
    parts = divide(int(asked["price"]), bps, fee_bps)
    currency = str(asked.get("currency") or ZERO_ADDRESS)
    return shares(say("Of a sale at"), parts, say, currency=currency)


def of_signature(
    typed_data: Mapping[str, Any], *, royalty_bps: int, fee_bps: int, say: Say
) -> Shares | None:
    """Of what is signed: an order, an auction's reserve or a voucher; None for anything else."""
    kind, message = typed_data.get("primaryType"), typed_data["message"]
    if kind == "Order":
        is_falling = message["price"] != message["endPrice"]
        words = say("Of a sale at the first price") if is_falling else say("Of a sale at")
        parts = divide(int(message["price"]), royalty_bps, fee_bps)
        note = say("At a lower price every part falls with it.") if is_falling else ""
        return shares(words, parts, say, currency=message["currency"], note=note)
    if kind == "Auction":
        parts = divide(int(message["reserve"]), royalty_bps, fee_bps)
        note = say("Of a higher bid every part is as much higher.")
        return shares(say("Of a sale at the reserve"), parts, say, note=note)
    if kind == "Voucher":
        is_paid = str(message["feeReceiver"]).lower() != str(ZERO_ADDRESS).lower()
        fee = int(message["price"]) * int(message["maxFeeBps"]) // WHOLE_BPS if is_paid else 0
        parts = {"seller": int(message["price"]) - fee, "royalty": 0, "platform_fee": fee}
        return shares(say("Of each sale at"), parts, say, currency=message["currency"])
    return None
