"""
Seaport, as its logs tell of it: which orders were filled, with all that was given and received.

Pure, and for any bytes: every head, length and word is looked up within the data, and what does
not fit is None. Criteria are resolved in these logs, amounts are those of the fill, and what the
filler put on top stands among what was received. The same events are those of 1.5 and 1.6.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nft import foreign_sales
from nft.chain.abi import topic
from nft.chain.protocol import Log
from nft.foreign_sales import Fill, Item, Kind, Move, Sale
from nft.types import Address, Digest

V1_6 = Address.parse("0x0000000000000068F116a894984e2DB1123eB395")
V1_5 = Address.parse("0x00000000000000ADc04C56Bf30aC9d3c0aAF14dC")
"""Where it stands on every chain that places contracts as Ethereum does."""

ORDER_FULFILLED = topic(
    "OrderFulfilled(bytes32,address,address,address,(uint8,address,uint256,uint256)[],"
    "(uint8,address,uint256,uint256,address)[])"
)
ORDERS_MATCHED = topic("OrdersMatched(bytes32[])")
TOPICS = (ORDER_FULFILLED, ORDERS_MATCHED)

_KINDS = (Kind.COIN, Kind.CURRENCY, Kind.WORK)
"""Item types by their number; 3 is ERC-1155, and 4 and 5 do not occur in a log."""

_HEAD = 128
"""Bytes before the arrays of `OrderFulfilled`: hash, recipient, two heads."""


def fill(log: Log) -> Fill | None:
    """An `OrderFulfilled`; None for a log of another form."""
    data = log.data
    if len(log.topics) != 3 or log.topics[0] != ORDER_FULFILLED or len(data) < _HEAD:
        return None
    given, received = _items(data, 64, words=4), _items(data, 96, words=5)
    if given is None or received is None:
        return None
    return Fill(
        order_hash=Digest(data[:32]),
        maker=_address(log.topics[1]),
        taker=_address(data[32:64]),
        given=given,
        received=received,
    )


def matched(log: Log) -> tuple[Digest, ...]:
    """The orders that an `OrdersMatched` names; none for a log of another form."""
    if len(log.topics) != 1 or log.topics[0] != ORDERS_MATCHED:
        return ()
    found = _array(log.data, 0, words=1)
    return () if found is None else tuple(Digest(found[at : at + 32]) for at in _steps(found, 1))


def sales(logs: Iterable[Log], moves: Sequence[Move]) -> list[Sale]:
    """The sales of one transaction, by its logs of Seaport and the moves of works in it."""
    told = list(logs)
    fills = [found for log in told if (found := fill(log)) is not None]
    pairs = {order for log in told for order in matched(log)}
    return foreign_sales.sales(fills, pairs, moves)


def _items(data: bytes, head: int, *, words: int) -> tuple[Item, ...] | None:
    found = _array(data, head, words=words)
    if found is None:
        return None
    return tuple(_item(found[at : at + 32 * words]) for at in _steps(found, words))


def _item(body: bytes) -> Item:
    kind = _number(body[:32])
    return Item(
        kind=_KINDS[kind] if kind < len(_KINDS) else Kind.OTHER,
        token=_address(body[32:64]),
        identifier=_number(body[64:96]),
        amount=_number(body[96:128]),
        receiver=_address(body[128:160]) if len(body) > 128 else None,
    )


def _array(data: bytes, head: int, *, words: int) -> bytes | None:
    """The elements of an array by the head that points to it; None where they do not fit."""
    start = _number(data[head : head + 32]) + 32
    if not 32 <= start <= len(data):
        return None
    end = start + 32 * words * _number(data[start - 32 : start])
    return data[start:end] if end <= len(data) else None


def _steps(found: bytes, words: int) -> range:
    return range(0, len(found), 32 * words)


def _number(word: bytes) -> int:
    return int.from_bytes(word, "big")


def _address(word: bytes) -> Address:
    return Address(word[12:])
