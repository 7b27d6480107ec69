"""
What an ownership extract says, parsed once. Unsigned: only its proofs count.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from nft.integrity import Document
from nft.layouts.registry import implementations
from nft.types import ZERO_ADDRESS, Address, Digest, TokenRef
from nft.verification.reading import Malformed, address, digest, items, member, small, text, uint

FORMAT = "vernissage-extract-v1"
MAX_ITEMS = 4_096
"""Lines of history that are looked at; evidence holds no more receipts."""

Completeness = Literal["complete", "continuous", "attested"]
COMPLETENESS: tuple[Completeness, ...] = ("attested", "continuous", "complete")
"""From the weakest to the strongest."""

MOVES = ("mint", "transfer", "sale", "burn")
EVENTS = (*MOVES, "metadata", "royalty", "frozen")


@dataclass(frozen=True, slots=True)
class Where:
    """A log: counted within its receipt, the receipt within its block."""

    block: int
    index: int
    log: int


@dataclass(frozen=True, slots=True)
class Price:
    """What was paid, as contracts of ours record it."""

    price: int
    currency: Address
    royalty: int
    royalty_receiver: Address
    fee: int
    order_hash: Digest | None


@dataclass(frozen=True, slots=True)
class Item:
    """One line of provenance."""

    event: str
    sender: Address | None
    receiver: Address | None
    price: Price | None
    seller: Address | None
    """Of a sale, where it is said."""
    transaction_hash: Digest
    block_number: int
    block_hash: Digest
    timestamp: str
    where: Where | None

    @property
    def is_move(self) -> bool:
        """Whether the work changed hands."""
        return self.event in MOVES


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractClaims:
    """Everything that proofs can contradict."""

    token: TokenRef
    layout: str | None
    """None where the contract's layout is not known."""
    owner: Address | None
    transfer_count: int | None
    is_frozen: bool
    royalty_bps: int | None
    royalty_receiver: Address | None
    metadata_digest: Digest | None
    block: int
    block_hash: Digest
    timestamp: str
    items: tuple[Item, ...]
    completeness: Completeness
    evidence: Any
    links: Any
    """None where none could be had."""

    @property
    def is_unborn(self) -> bool:
        """Said of a work that was never minted: a burned one's count is above zero."""
        is_empty = self.owner is None and self.transfer_count == 0 and not self.items
        return is_empty and self.is_counted

    @property
    def is_counted(self) -> bool:
        """Whether the layout keeps a counter of transfers: what others claim, nothing proves."""
        return self.layout in implementations()


def read_extract(document: Document) -> ExtractClaims:
    """Parse an extract. Raises `Malformed`."""
    completeness = member(document, "completeness")
    lines = items(member(document, "provenance"))
    if completeness not in COMPLETENESS or len(lines) > MAX_ITEMS:
        raise Malformed("completeness or length")
    as_of, royalty = member(document, "as_of"), document.get("royalty")
    token = TokenRef(
        uint(member(document, "chain_id")),
        address(member(document, "contract")),
        uint(member(document, "token_id")),
    )
    if member(document, "asset") != token.caip19:
        raise Malformed("asset")
    return ExtractClaims(
        token=token,
        layout=_maybe(text, member(document, "layout")),
        owner=_maybe(address, member(document, "owner")),
        transfer_count=_maybe(small, document.get("transfer_count")),
        is_frozen=document.get("frozen") is True,
        royalty_bps=_maybe(lambda one: small(member(one, "bps")), royalty),
        royalty_receiver=_maybe(lambda one: address(member(one, "receiver")), royalty),
        metadata_digest=_maybe(digest, document.get("metadata_digest")),
        block=uint(member(as_of, "block_number")),
        block_hash=digest(member(as_of, "block_hash")),
        timestamp=text(member(as_of, "timestamp")),
        items=tuple(_item(one) for one in lines),
        completeness=completeness,
        evidence=member(document, "evidence"),
        links=document.get("links"),
    )


def _maybe(read: Any, value: Any) -> Any:
    return None if value is None else read(value)


def _item(one: Any) -> Item:
    event = member(one, "event")
    if event not in EVENTS:
        raise Malformed("an event of another kind")
    return Item(
        event=event,
        sender=_maybe(address, one.get("from")),
        receiver=_maybe(address, one.get("to")),
        price=_price(one),
        seller=_maybe(address, one.get("seller")),
        transaction_hash=digest(member(one, "transaction_hash")),
        block_number=uint(member(one, "block_number")),
        block_hash=digest(member(one, "block_hash")),
        timestamp=text(member(one, "timestamp")),
        where=_maybe(_where, one.get("receipt")),
    )


def _where(value: Any) -> Where:
    return Where(
        uint(member(value, "block")), uint(member(value, "index")), small(member(value, "log"))
    )


def _price(one: Document) -> Price | None:
    if one.get("price") is None:
        return None
    nobody = str(ZERO_ADDRESS)
    return Price(
        price=uint(one["price"]),
        currency=address(one.get("currency")),
        royalty=uint(one.get("royalty_paid") or "0"),
        royalty_receiver=address(one.get("royalty_receiver") or nobody),
        fee=uint(one.get("platform_fee") or "0"),
        order_hash=_maybe(digest, one.get("order_hash")),
    )
