"""
A signed order as it arrives: the EIP-712 message, read field by field and believed in nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from nft.errors import ExchangeError, NotASignature, OrderInvalid
from nft.orders import Item, Kind, Order
from nft.signing import ORDER_TYPE
from nft.types import UINT256_MAX, Address, Digest, parse_uint

T = TypeVar("T")

MAX_BUNDLE = 50
MAX_LIFE_SECONDS = 366 * 86_400
"""What we keep and hand out; a year is long for a price."""

_UINT64_MAX = 2**63 - 1  # As far as a `bigint` reaches; no time lies beyond it.
_UINT16_MAX = 2**16 - 1

_FIELDS = {field["name"] for field in ORDER_TYPE}


def _text(value: Any) -> str:
    """Decimal text; a JSON integer is taken for the number it is."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise TypeError
    return str(value)


def _read(message: Mapping[str, Any], name: str, read: Callable[[Any], T]) -> T:
    if name not in message:
        raise OrderInvalid(f"order/{name}", "missing")
    try:
        return read(message[name])
    except ExchangeError as error:
        raise OrderInvalid(f"order/{name}", str(error)) from error
    except (TypeError, ValueError) as error:
        raise OrderInvalid(f"order/{name}", "not of the type it is signed as") from error


def _uint(maximum: int = UINT256_MAX) -> Callable[[Any], int]:
    return lambda value: parse_uint(_text(value), maximum=maximum)


def _address(value: Any) -> Address:
    return Address.parse(_text(value))


def _digest(value: Any) -> Digest:
    return Digest.parse(_text(value).lower())


def _item(value: Any) -> Item:
    if not isinstance(value, Mapping) or set(value) != {"collection", "tokenId", "transferCount"}:
        raise TypeError
    return Item(
        collection=_address(value["collection"]),
        token_id=_uint()(value["tokenId"]),
        transfer_count=_uint()(value["transferCount"]),
    )


def _items(value: Any) -> tuple[Item, ...]:
    if not isinstance(value, list) or len(value) > MAX_BUNDLE:
        raise TypeError
    return tuple(_item(one) for one in value)


def read_order(message: Mapping[str, Any]) -> Order:
    """The order that a message says. Raises `OrderInvalid` with the field at fault."""
    unknown = sorted(set(message) - _FIELDS)
    if unknown:
        raise OrderInvalid(f"order/{unknown[0][:60]}", "no such field in an order")
    return Order(
        kind=_read(message, "kind", lambda value: Kind(_uint()(value))),
        maker=_read(message, "maker", _address),
        taker=_read(message, "taker", _address),
        collection=_read(message, "collection", _address),
        token_id=_read(message, "tokenId", _uint()),
        transfer_count=_read(message, "transferCount", _uint()),
        more=_read(message, "more", _items),
        criteria=_read(message, "criteria", _digest),
        metadata_digest=_read(message, "metadataDigest", _digest),
        currency=_read(message, "currency", _address),
        price=_read(message, "price", _uint()),
        end_price=_read(message, "endPrice", _uint()),
        start=_read(message, "start", _uint(_UINT64_MAX)),
        end=_read(message, "end", _uint(_UINT64_MAX)),
        max_royalty_bps=_read(message, "maxRoyaltyBps", _uint(_UINT16_MAX)),
        max_fee_bps=_read(message, "maxFeeBps", _uint(_UINT16_MAX)),
        nonce=_read(message, "nonce", _uint()),
        counter=_read(message, "counter", _uint()),
    )


def read_signature(text: str) -> bytes:
    """Hex as bytes; whether anybody signed is another question. Raises `NotASignature`."""
    digits = text.removeprefix("0x")
    try:
        if not digits.isalnum() or not digits.isascii():
            raise ValueError(text)
        return bytes.fromhex(digits)
    except ValueError as error:
        refusal = NotASignature("it is not hex")
        refusal.field = "signature"
        raise refusal from error


def check_life(order: Order, now: datetime) -> None:
    """Refuse an order that would stand for longer than anybody means it. Raises `OrderInvalid`."""
    if order.end - int(now.timestamp()) > MAX_LIFE_SECONDS:
        raise OrderInvalid("expires_at", "an order lives at most a year")
