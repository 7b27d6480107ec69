"""
A log in words: pure, topics and data sliced by the types of the event's signature.

No ABI machinery here: this runs once per log of a whole history. In every event of ours the
indexed values come first, so that topics and data together are the fields of its class in order.
A log whose form is not its event's (ERC-20 shares the `Transfer` topic) is nothing to us and
decodes to None.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nft.chain import events
from nft.chain.abi import topic
from nft.chain.protocol import Log
from nft.royalties import Share
from nft.types import Address, Digest

Read = Callable[[Log], object | None]
"""A log as its event; None where its words do not fit."""


@dataclass(frozen=True, slots=True)
class Form:
    """What a log of an event looks like, and how to read it."""

    topics: int
    words: int | None
    """Words of data; None where they are not always as many, and `read` looks for itself."""
    read: Read


_TYPES: Mapping[str, Callable[[bytes], Any]] = {
    "address": lambda word: Address(word[12:]),
    "bytes32": Digest,
    "bytes4": lambda word: bytes(word[:4]),
    "bool": lambda word: word[31] != 0,
}


def _number(word: bytes) -> int:
    return int.from_bytes(word, "big")


def _reader(event: Callable[..., object], types: list[str], indexed: int) -> Read:
    kinds = [_TYPES.get(kind, _number) for kind in types]
    in_topics = [(kind, index) for index, kind in enumerate(kinds[:indexed], 1)]
    in_data = [(kind, 32 * index) for index, kind in enumerate(kinds[indexed:])]

    def read(log: Log) -> object:
        topics, data = log.topics, log.data
        return event(
            *[kind(topics[index]) for kind, index in in_topics],
            *[kind(data[at : at + 32]) for kind, at in in_data],
        )

    return read


Table = Mapping[bytes, Form]


def form(event: Callable[..., object], indexed: int, signature: str) -> Form:
    """
    The form of an event whose values are words, the indexed ones first.

    `event` is called with them in their order.
    """
    types = [kind for kind in signature[signature.index("(") + 1 : -1].split(",") if kind]
    return Form(1 + indexed, len(types) - indexed, _reader(event, types, indexed))


def _table(*rows: tuple[Callable[..., object], int, str]) -> Table:
    """Each row: the event's class, how many values are indexed, its signature."""
    return {topic(signature): form(event, count, signature) for event, count, signature in rows}


def _text(data: bytes, head: int) -> str | None:
    """A string of the data by the head that points to it; None where nothing fits."""
    start = _number(data[head : head + 32])
    if start + 32 > len(data):
        return None
    size = _number(data[start : start + 32])
    if start + 32 + size > len(data):
        return None
    told = data[start + 32 : start + 32 + size].decode("utf-8", "replace")
    return told.replace("\0", "\N{REPLACEMENT CHARACTER}")  # PostgreSQL keeps no such sign.


def _collection_created(log: Log) -> events.CollectionCreated | None:
    """Its texts are an artist's: any bytes at all."""
    name, symbol = _text(log.data, 0), _text(log.data, 32)
    if name is None or symbol is None:
        return None
    _, collection, artist = log.topics
    return events.CollectionCreated(Address(collection[12:]), Address(artist[12:]), name, symbol)


def _splitter_created(log: Log) -> events.SplitterCreated | None:
    data = log.data
    count = _number(data[32:64])
    if _number(data[:32]) != 32 or len(data) != 64 * (count + 1):
        return None
    shares = tuple(
        Share(Address(data[at + 12 : at + 32]), _number(data[at + 32 : at + 64]))
        for at in range(64, len(data), 64)
    )
    return events.SplitterCreated(Address(log.topics[1][12:]), shares)


TRANSFER_TOPIC = topic("Transfer(address,address,uint256)")


ERC721 = _table(
    (events.Transfer, 3, "Transfer(address,address,uint256)"),
    (events.Approval, 3, "Approval(address,address,uint256)"),
    (events.ApprovalForAll, 2, "ApprovalForAll(address,address,bool)"),
)
"""Events of every collection, ours or not."""

CREDITS = _table(
    (events.Credited, 1, "Credited(address,address,uint256)"),
    (events.Withdrawn, 1, "Withdrawn(address,address,uint256,address)"),
)
"""Events of everything that keeps refused payouts."""

COLLECTION: Table = {
    **ERC721,
    **CREDITS,
    **_table(
        (events.Minted, 1, "Minted(uint256,bytes32,uint16,address)"),
        (events.EditionMinted, 1, "EditionMinted(uint256,uint256)"),
        (events.MetadataDigestChanged, 1, "MetadataDigestChanged(uint256,bytes32)"),
        (events.Frozen, 1, "Frozen(uint256)"),
        (events.RoyaltyChanged, 1, "RoyaltyChanged(uint256,uint16,address)"),
        (
            events.VoucherFilled,
            3,
            "VoucherFilled(bytes32,address,address,uint256,address,uint256,address,uint256)",
        ),
        (events.MinterChanged, 2, "MinterChanged(address,address,bool)"),
        (events.DefaultRoyaltyChanged, 1, "DefaultRoyaltyChanged(address,uint16,address)"),
        (events.AllFrozen, 1, "AllFrozen(address)"),
        (events.ContractURIUpdated, 0, "ContractURIUpdated()"),
    ),
}
"""
Events of a collection of ours.

ERC-4906's `MetadataUpdate` is left out: it says again what `MetadataDigestChanged` said.
"""

GOVERNED = _table(
    (events.FeeChanged, 0, "FeeChanged(uint16,uint256)"),
    (events.FeeReceiverChanged, 1, "FeeReceiverChanged(address)"),
    (events.GuardianChanged, 1, "GuardianChanged(address)"),
    (events.Paused, 1, "Paused(address,uint256)"),
    (events.Unpaused, 1, "Unpaused(address)"),
    (events.Retired, 0, "Retired()"),
    (events.FeesWithdrawn, 1, "FeesWithdrawn(address,address,uint256)"),
    (events.OwnershipTransferStarted, 2, "OwnershipTransferStarted(address,address)"),
    (events.OwnershipTransferred, 2, "OwnershipTransferred(address,address)"),
)
"""Events of everything that the platform has a say in."""

EXCHANGE: Table = {
    **CREDITS,
    **GOVERNED,
    **_table(
        (
            events.OrderFilled,
            3,
            "OrderFilled(bytes32,address,address,address,uint256,address,uint256,address,"
            "uint256,uint256,uint8)",
        ),
        (events.OrderSkipped, 1, "OrderSkipped(bytes32,bytes4)"),
        (events.NonceCancelled, 1, "NonceCancelled(address,uint256)"),
        (events.AllCancelled, 1, "AllCancelled(address,uint256)"),
        (events.CurrencyAllowed, 1, "CurrencyAllowed(address,bool)"),
    ),
}
"""Events of the exchange."""

AUCTIONS: Table = {
    **CREDITS,
    **GOVERNED,
    **_table(
        (events.AuctionOpened, 3, "AuctionOpened(bytes32,address,address,uint256)"),
        (events.BidPlaced, 2, "BidPlaced(bytes32,address,uint256,uint256)"),
        (
            events.AuctionSettled,
            3,
            "AuctionSettled(bytes32,address,address,address,uint256,uint256,address,uint256,"
            "uint256,uint8)",
        ),
        (events.AuctionUnwound, 2, "AuctionUnwound(bytes32,address,uint256)"),
        (events.WorkReclaimed, 2, "WorkReclaimed(bytes32,address)"),
    ),
}
"""Events of the auctions."""

COLLECTION_FACTORY: Table = {
    topic("CollectionCreated(address,address,string,string)"): Form(3, None, _collection_created)
}
"""Events of the factory of artists' collections."""

SPLITTER_FACTORY: Table = {
    topic("SplitterCreated(address,(address,uint16)[])"): Form(2, None, _splitter_created)
}
"""Events of the factory of splitters."""

SPLITTER = _table((events.Released, 1, "Released(address,address,uint256)"))
"""Events of a splitter."""

TABLES = (
    *(ERC721, COLLECTION, EXCHANGE, AUCTIONS),
    *(COLLECTION_FACTORY, SPLITTER_FACTORY, SPLITTER),
)
"""Everything that our contracts say, and any ERC-721; more is read by `indexer/decoders`."""


def decode(log: Log, forms: Table) -> object | None:
    """The event, if the log is one of these and has its exact form."""
    found = forms.get(log.topics[0]) if log.topics else None
    if found is None or len(log.topics) != found.topics:
        return None
    if found.words is not None and len(log.data) != 32 * found.words:
        return None
    return found.read(log)
