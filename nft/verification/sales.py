"""
What the logs of a receipt say that was paid for a work, and whose logs are believed.

Anybody can write a log. A price counts where the exchange wrote it that the collection's own code
names, the collection itself, or a contract whose code the evidence shows to be that of an exchange
or an auction house of ours. It is that of one move: ours tell a sale right after the work moved.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from nft.layouts.errors import LayoutUnknown, NotShown
from nft.layouts.venues import venue_at
from nft.proofs.inclusion import ProvenLog
from nft.proofs.keccak import keccak
from nft.proofs.linked import ProvenChain
from nft.tokens import creator_of
from nft.types import ZERO_ADDRESS, Address, Digest, TokenRef
from nft.verification.chain import moves
from nft.verification.extract_claims import Price, Where

ORDER_FILLED = keccak(
    b"OrderFilled(bytes32,address,address,address,uint256,address,uint256,address,uint256,"
    b"uint256,uint8)"
)
_WORDS = 8
"""Of the event's data: collection, id, currency, price, receiver, royalty, fee, flags."""
_MAKER_BOUGHT = 1 << 1
"""Flag of an offer, whose maker is the buyer."""

VOUCHER_FILLED = keccak(
    b"VoucherFilled(bytes32,address,address,uint256,address,uint256,address,uint256)"
)
_VOUCHER_WORDS = 5
"""Of its data: id, currency, price, receiver of the fee, fee. No royalty: the creator sold."""

AUCTION_SETTLED = keccak(
    b"AuctionSettled(bytes32,address,address,address,uint256,uint256,address,uint256,uint256,uint8)"
)
_AUCTION_WORDS = 7
"""Of its data: collection, id, price, receiver, royalty, fee, flags. Always in the chain's coin."""

Kind = Literal["sale", "voucher", "auction"]
_CONTRACTS = {"Exchange": "sale", "Auctions": "auction"}


@dataclass(frozen=True, slots=True)
class Sale:
    """One log that names a price."""

    kind: Kind
    price: Price
    by: Address
    """The contract that wrote it."""
    seller: Address
    buyer: Address

    @property
    def hands(self) -> tuple[Address, Address]:
        """From whom to whom the work moved: at auction from the contract that kept it."""
        return (self.by if self.kind == "auction" else self.seller), self.buyer


class Venues:
    """Whose word is taken for a price."""

    def __init__(
        self, proven: ProvenChain, block: int, contract: Address, exchange: Address | None
    ) -> None:
        """`exchange` is the one that the collection's code names; None of code not known."""
        self._proven = proven
        self._block = block
        self._known: dict[Address, str | None] = {}
        self._read: dict[tuple[int, int], Mapping[int, Sale]] = {}
        if exchange is not None:
            # What a stranger's contract means by its logs is not known.
            self._known |= {exchange: "sale", contract: "voucher"}

    def sale(self, logs: Sequence[ProvenLog], where: Where, token: TokenRef) -> Sale | None:
        """What somebody whose word is taken says of the move at that place of a receipt."""
        receipt = where.block, where.index
        if receipt not in self._read:
            # Once: a document may name one large receipt thousands of times.
            self._read[receipt] = self._by_move(logs, token)
        return self._read[receipt].get(where.log)

    def _by_move(self, logs: Sequence[ProvenLog], token: TokenRef) -> Mapping[int, Sale]:
        """The first sale that is told after each move, before the work moves again."""
        found: dict[int, Sale] = {}
        moved: int | None = None
        for at, log in enumerate(logs):
            if moves(log, token.contract, token.token_id) is not None:
                moved = at
            elif moved is not None and moved not in found:
                sale = _sale(log, token)
                if sale is not None and self._kind(sale.by) == sale.kind:
                    found[moved] = sale
        return found

    def _kind(self, address: Address) -> str | None:
        if address not in self._known:
            self._known[address] = self._recognised(address)
        return self._known[address]

    def _recognised(self, address: Address) -> str | None:
        try:
            return _CONTRACTS[venue_at(self._proven, self._block, address).told]
        except (NotShown, LayoutUnknown):
            return None


def read_sales(logs: Sequence[ProvenLog], token: TokenRef) -> Iterator[Sale]:
    """What is said of a work's price, whoever says it."""
    return (sale for log in logs if (sale := _sale(log, token)) is not None)


def _sale(log: ProvenLog, token: TokenRef) -> Sale | None:
    return _filled(log, token) or _auctioned(log, token) or _redeemed(log, token)


def _filled(log: ProvenLog, token: TokenRef) -> Sale | None:
    words = _words(log, ORDER_FILLED, _WORDS)
    if words is None:
        return None
    collection, token_id, currency, price, receiver, royalty, fee, flags = words
    maker, taker = _parties(log)
    if (collection, token_id) != _key(token) or (currency | receiver | maker | taker) >> 160:
        return None
    told = Price(price, _address(currency), royalty, _address(receiver), fee, _hash(log))
    seller, buyer = (taker, maker) if flags & _MAKER_BOUGHT else (maker, taker)
    return Sale("sale", told, log.address, _address(seller), _address(buyer))


def _auctioned(log: ProvenLog, token: TokenRef) -> Sale | None:
    words = _words(log, AUCTION_SETTLED, _AUCTION_WORDS)
    if words is None:
        return None
    collection, token_id, price, receiver, royalty, fee, _ = words
    seller, winner = _parties(log)
    if (collection, token_id) != _key(token) or (receiver | seller | winner) >> 160:
        return None
    told = Price(price, ZERO_ADDRESS, royalty, _address(receiver), fee, _hash(log))
    return Sale("auction", told, log.address, _address(seller), _address(winner))


def _redeemed(log: ProvenLog, token: TokenRef) -> Sale | None:
    """The creator sold, whoever signed in their name."""
    words = _words(log, VOUCHER_FILLED, _VOUCHER_WORDS)
    if words is None or log.address != token.contract:
        return None
    token_id, currency, price, _, fee = words
    _, buyer = _parties(log)
    if token_id != token.token_id or (currency | buyer) >> 160:
        return None
    told = Price(price, _address(currency), 0, ZERO_ADDRESS, fee, _hash(log))
    return Sale("voucher", told, log.address, creator_of(token_id), _address(buyer))


def _parties(log: ProvenLog) -> tuple[int, int]:
    return int.from_bytes(log.topics[2], "big"), int.from_bytes(log.topics[3], "big")


def _words(log: ProvenLog, event: bytes, count: int) -> list[int] | None:
    """The words of an event's data; None for another event."""
    if len(log.topics) != 4 or log.topics[0] != event or len(log.data) != 32 * count:
        return None
    return [int.from_bytes(log.data[at : at + 32], "big") for at in range(0, 32 * count, 32)]


def _key(token: TokenRef) -> tuple[int, int]:
    return int.from_bytes(token.contract, "big"), token.token_id


def _hash(log: ProvenLog) -> Digest:
    """Of order, auction or voucher."""
    return Digest(log.topics[1])


def _address(word: int) -> Address:
    return Address(word.to_bytes(20, "big"))
