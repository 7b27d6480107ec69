"""
What was signed, as it arrives: the EIP-712 message, read field by field and believed in nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from nft.auctions import Auction
from nft.errors import ExchangeError, NotASignature, OrderInvalid
from nft.merkle import MAX_BULK_HEIGHT
from nft.orders import Bulk, Item, Kind, Order
from nft.signing import AUCTION_TYPE, ORDER_TYPE, VOUCHER_TYPE
from nft.types import UINT256_MAX, Address, Digest, parse_uint
from nft.vouchers import Voucher

T = TypeVar("T")

MAX_BUNDLE = 50
MAX_LIFE_SECONDS = 366 * 86_400
"""What we keep and hand out; a year is long for a price."""

_UINT64_MAX = 2**63 - 1  # As far as a `bigint` reaches; no time lies beyond it.
_UINT32_MAX = 2**32 - 1
_UINT16_MAX = 2**16 - 1


def _text(value: Any) -> str:
    """Decimal text; a JSON integer is taken for the number it is."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise TypeError
    return str(value)


@dataclass(frozen=True, slots=True)
class _Message:
    """A message whose fields are those of a type, no more."""

    name: str
    values: Mapping[str, Any]

    @classmethod
    def of(
        cls, name: str, values: Mapping[str, Any], fields: Sequence[Mapping[str, str]]
    ) -> _Message:
        unknown = sorted(set(values) - {field["name"] for field in fields})
        if unknown:
            raise OrderInvalid(f"{name}/{unknown[0][:60]}", f"there is no such field in the {name}")
        return cls(name, values)

    def read(self, field: str, understand: Callable[[Any], T]) -> T:
        """One field. Raises `OrderInvalid` with its name."""
        if field not in self.values:
            raise OrderInvalid(f"{self.name}/{field}", "missing")
        try:
            return understand(self.values[field])
        except ExchangeError as error:
            raise OrderInvalid(f"{self.name}/{field}", str(error)) from error
        except (TypeError, ValueError) as error:
            wrong = "not of the type it is signed as"
            raise OrderInvalid(f"{self.name}/{field}", wrong) from error


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


def read_order(values: Mapping[str, Any]) -> Order:
    """The order that a message says. Raises `OrderInvalid` with the field at fault."""
    read = _Message.of("order", values, ORDER_TYPE).read
    return Order(
        kind=read("kind", lambda value: Kind(_uint()(value))),
        maker=read("maker", _address),
        taker=read("taker", _address),
        collection=read("collection", _address),
        token_id=read("tokenId", _uint()),
        transfer_count=read("transferCount", _uint()),
        more=read("more", _items),
        criteria=read("criteria", _digest),
        metadata_digest=read("metadataDigest", _digest),
        currency=read("currency", _address),
        price=read("price", _uint()),
        end_price=read("endPrice", _uint()),
        start=read("start", _uint(_UINT64_MAX)),
        end=read("end", _uint(_UINT64_MAX)),
        max_royalty_bps=read("maxRoyaltyBps", _uint(_UINT16_MAX)),
        max_fee_bps=read("maxFeeBps", _uint(_UINT16_MAX)),
        nonce=read("nonce", _uint()),
        counter=read("counter", _uint()),
    )


def read_auction(values: Mapping[str, Any]) -> Auction:
    """The auction that a message says. Raises `OrderInvalid` with the field at fault."""
    read = _Message.of("auction", values, AUCTION_TYPE).read
    return Auction(
        seller=read("seller", _address),
        collection=read("collection", _address),
        token_id=read("tokenId", _uint()),
        transfer_count=read("transferCount", _uint()),
        reserve=read("reserve", _uint()),
        start=read("start", _uint(_UINT64_MAX)),
        open_until=read("openUntil", _uint(_UINT64_MAX)),
        duration=read("duration", _uint(_UINT64_MAX)),
        end=read("end", _uint(_UINT64_MAX)),
        min_step_bps=read("minStepBps", _uint(_UINT16_MAX)),
        max_royalty_bps=read("maxRoyaltyBps", _uint(_UINT16_MAX)),
        max_fee_bps=read("maxFeeBps", _uint(_UINT16_MAX)),
        nonce=read("nonce", _uint()),
        counter=read("counter", _uint()),
    )


def read_voucher(values: Mapping[str, Any]) -> Voucher:
    """The voucher that a message says. Raises `OrderInvalid` with the field at fault."""
    read = _Message.of("voucher", values, VOUCHER_TYPE).read
    return Voucher(
        token_id=read("tokenId", _uint()),
        metadata_digest=read("metadataDigest", _digest),
        price=read("price", _uint()),
        currency=read("currency", _address),
        royalty_bps=read("royaltyBps", _uint(_UINT16_MAX)),
        royalty_receiver=read("royaltyReceiver", _address),
        recipient=read("recipient", _address),
        fee_receiver=read("feeReceiver", _address),
        max_fee_bps=read("maxFeeBps", _uint(_UINT16_MAX)),
        edition_size=read("editionSize", _uint(_UINT32_MAX)),
        max_per_recipient=read("maxPerRecipient", _uint(_UINT32_MAX)),
        start=read("start", _uint(_UINT64_MAX)),
        end=read("end", _uint(_UINT64_MAX)),
        nonce=read("nonce", _uint()),
        counter=read("counter", _uint()),
    )


def read_set(values: Sequence[Mapping[str, Any]]) -> tuple[tuple[int, int], ...]:
    """Token id and transfer count of each work of a set. Raises `OrderInvalid`."""
    fields = [{"name": "token_id"}, {"name": "transfer_count"}]
    found = []
    for number, one in enumerate(values):
        read = _Message.of(f"set/{number}", one, fields).read
        found.append((read("token_id", _uint()), read("transfer_count", _uint())))
    return tuple(found)


def read_bulk(values: Mapping[str, Any]) -> Bulk:
    """Where an order stands among those signed together. Raises `OrderInvalid`."""
    read = _Message.of("bulk", values, [{"name": "index"}, {"name": "proof"}]).read
    return Bulk(read("index", _uint(2**MAX_BULK_HEIGHT - 1)), read("proof", _proof))


def _proof(value: Any) -> tuple[Digest, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_BULK_HEIGHT:
        raise TypeError
    return tuple(_digest(one) for one in value)


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


def check_life(end: int, now: int) -> None:
    """Refuse what would stand for longer than anybody means it. Raises `OrderInvalid`."""
    if end - now > MAX_LIFE_SECONDS:
        raise OrderInvalid("expires_at", "an order lives at most a year")
