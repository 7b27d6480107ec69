"""
A log in words: one frozen dataclass per event, pure, topics and data sliced by hand.

No ABI machinery here: this runs once per log of a whole history. A log whose form is not its
event's (ERC-20 shares the `Transfer` topic) is nothing to us and decodes to None.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from nft.chain.abi import topic
from nft.chain.protocol import Log
from nft.types import Address, Digest


@dataclass(frozen=True, slots=True)
class Transfer:
    """A token changed hands; from zero it was minted, to zero it was burned."""

    sender: Address
    receiver: Address
    token_id: int


@dataclass(frozen=True, slots=True)
class Approval:
    """Somebody may move one token; zero: nobody any more."""

    owner: Address
    operator: Address
    token_id: int


@dataclass(frozen=True, slots=True)
class ApprovalForAll:
    """Somebody may move all of an owner's tokens, or no longer."""

    owner: Address
    operator: Address
    approved: bool


@dataclass(frozen=True, slots=True)
class Minted:
    """A work of ours was minted; follows its `Transfer`."""

    token_id: int
    creator: Address
    metadata_digest: Digest
    royalty_bps: int
    royalty_receiver: Address


@dataclass(frozen=True, slots=True)
class MetadataDigestChanged:
    """A creator corrected a work's description."""

    token_id: int
    metadata_digest: Digest


@dataclass(frozen=True, slots=True)
class Frozen:
    """A work's description became final."""

    token_id: int


@dataclass(frozen=True, slots=True)
class RoyaltyChanged:
    """A creator changed a work's royalty."""

    token_id: int
    royalty_bps: int
    royalty_receiver: Address


@dataclass(frozen=True, slots=True)
class OrderFilled:
    """An order was settled; the figures are what was actually paid."""

    order_hash: Digest
    maker: Address
    taker: Address
    collection: Address
    token_id: int
    currency: Address
    price: int
    royalty_receiver: Address
    royalty: int
    fee: int
    flags: int


@dataclass(frozen=True, slots=True)
class NonceCancelled:
    """A maker used up a nonce without a sale."""

    maker: Address
    nonce: int


@dataclass(frozen=True, slots=True)
class AllCancelled:
    """A maker voided everything signed under an older counter."""

    maker: Address
    counter: int


@dataclass(frozen=True, slots=True)
class Credited:
    """A payout failed and is kept for its owner."""

    account: Address
    currency: Address
    amount: int


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Kept money was taken out."""

    account: Address
    currency: Address
    amount: int
    to: Address


Event = (
    Transfer
    | Approval
    | ApprovalForAll
    | Minted
    | MetadataDigestChanged
    | Frozen
    | RoyaltyChanged
    | OrderFilled
    | NonceCancelled
    | AllCancelled
    | Credited
    | Withdrawn
)


def _word(data: bytes, index: int) -> bytes:
    return data[32 * index : 32 * index + 32]


def _int(data: bytes, index: int = 0) -> int:
    return int.from_bytes(_word(data, index), "big")


def _address(data: bytes, index: int = 0) -> Address:
    return Address(_word(data, index)[12:])


def _transfer(log: Log) -> Transfer:
    _, sender, receiver, token = log.topics
    return Transfer(_address(sender), _address(receiver), _int(token))


def _approval(log: Log) -> Approval:
    _, owner, operator, token = log.topics
    return Approval(_address(owner), _address(operator), _int(token))


def _approval_for_all(log: Log) -> ApprovalForAll:
    _, owner, operator = log.topics
    return ApprovalForAll(_address(owner), _address(operator), _int(log.data) != 0)


def _minted(log: Log) -> Minted:
    _, token, creator = log.topics
    return Minted(
        token_id=_int(token),
        creator=_address(creator),
        metadata_digest=Digest(_word(log.data, 0)),
        royalty_bps=_int(log.data, 1),
        royalty_receiver=_address(log.data, 2),
    )


def _metadata_changed(log: Log) -> MetadataDigestChanged:
    return MetadataDigestChanged(_int(log.topics[1]), Digest(_word(log.data, 0)))


def _frozen(log: Log) -> Frozen:
    return Frozen(_int(log.topics[1]))


def _royalty_changed(log: Log) -> RoyaltyChanged:
    return RoyaltyChanged(_int(log.topics[1]), _int(log.data), _address(log.data, 1))


def _order_filled(log: Log) -> OrderFilled:
    _, order_hash, maker, taker = log.topics
    data = log.data
    return OrderFilled(
        order_hash=Digest(order_hash),
        maker=_address(maker),
        taker=_address(taker),
        collection=_address(data, 0),
        token_id=_int(data, 1),
        currency=_address(data, 2),
        price=_int(data, 3),
        royalty_receiver=_address(data, 4),
        royalty=_int(data, 5),
        fee=_int(data, 6),
        flags=_int(data, 7),
    )


def _nonce_cancelled(log: Log) -> NonceCancelled:
    return NonceCancelled(_address(log.topics[1]), _int(log.data))


def _all_cancelled(log: Log) -> AllCancelled:
    return AllCancelled(_address(log.topics[1]), _int(log.data))


def _credited(log: Log) -> Credited:
    return Credited(_address(log.topics[1]), _address(log.data, 0), _int(log.data, 1))


def _withdrawn(log: Log) -> Withdrawn:
    return Withdrawn(
        account=_address(log.topics[1]),
        currency=_address(log.data, 0),
        amount=_int(log.data, 1),
        to=_address(log.data, 2),
    )


@dataclass(frozen=True, slots=True)
class Form:
    """What a log of an event looks like, and how to read it."""

    topics: int
    words: int
    """Words of data."""
    read: Callable[[Log], Event]


def _table(*rows: tuple[str, int, int, Callable[[Log], Event]]) -> Mapping[bytes, Form]:
    return {topic(signature): Form(topics, words, read) for signature, topics, words, read in rows}


ERC721 = _table(
    ("Transfer(address,address,uint256)", 4, 0, _transfer),
    ("Approval(address,address,uint256)", 4, 0, _approval),
    ("ApprovalForAll(address,address,bool)", 3, 1, _approval_for_all),
)
"""Events of any collection."""

COLLECTION = {
    **ERC721,
    **_table(
        ("Minted(uint256,address,bytes32,uint16,address)", 3, 3, _minted),
        ("MetadataDigestChanged(uint256,bytes32)", 2, 1, _metadata_changed),
        ("Frozen(uint256)", 2, 0, _frozen),
        ("RoyaltyChanged(uint256,uint16,address)", 2, 2, _royalty_changed),
    ),
}
"""Events of a collection of ours."""

EXCHANGE = _table(
    (
        "OrderFilled(bytes32,address,address,address,uint256,address,uint256,address,"
        "uint256,uint256,uint8)",
        4,
        8,
        _order_filled,
    ),
    ("NonceCancelled(address,uint256)", 2, 1, _nonce_cancelled),
    ("AllCancelled(address,uint256)", 2, 1, _all_cancelled),
    ("Credited(address,address,uint256)", 2, 2, _credited),
    ("Withdrawn(address,address,uint256,address)", 2, 3, _withdrawn),
)
"""Events of the exchange."""


def decode(log: Log, forms: Mapping[bytes, Form]) -> Event | None:
    """The event, if the log is one of these and has its exact form."""
    form = forms.get(log.topics[0]) if log.topics else None
    if form is None or len(log.topics) != form.topics or len(log.data) != 32 * form.words:
        return None
    return form.read(log)
