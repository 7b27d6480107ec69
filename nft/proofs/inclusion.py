"""
One receipt or transaction of a block, by its place in the trie of the block's list.

A receipt's root vouches for its status and its logs, not for the transaction's hash: that follows
from the transaction itself, which another trie holds under the same index.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nft.proofs.errors import ReceiptsDisproved
from nft.proofs.keccak import keccak
from nft.proofs.receipts import DEPOSIT
from nft.proofs.rlp import Item, NotCanonical, decode, encode_int
from nft.proofs.trie import ProofBroken, look_up
from nft.types import Address, Digest

_PLAIN = frozenset({0, 1, 2, 3, 4})
"""Types whose receipts have four items; a type that came after may have more."""


@dataclass(frozen=True, slots=True)
class ProvenLog:
    """A log as its receipt has it; its place among the receipt's logs is its index here."""

    address: Address
    topics: tuple[bytes, ...]
    data: bytes


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt says, read from the bytes that are hashed."""

    succeeded: bool
    """Before Byzantium a receipt did not say; it counts as a success where it has logs."""
    logs: tuple[ProvenLog, ...]


def listed(root: bytes, index: int, proof: Sequence[bytes]) -> bytes:
    """
    What a block's list holds at an index. Raises `ReceiptsDisproved` when the proof shows none.
    """
    try:
        found = look_up(root, encode_int(index), proof, is_strict=True)
    except ProofBroken as error:
        raise ReceiptsDisproved(str(error)) from error
    if found is None:
        raise ReceiptsDisproved(f"there is nothing at index {index}")
    return found


def decode_receipt(encoded: bytes) -> Receipt:
    """A receipt of any type (EIP-2718). Raises `ReceiptsDisproved` where it is none."""
    kind = encoded[0] if encoded and encoded[0] < 0x80 else 0
    try:
        items = decode(encoded[1:] if kind else encoded)
    except NotCanonical as error:
        raise ReceiptsDisproved(str(error)) from error
    match items:
        case [bytes(outcome), bytes(_), bytes(bloom), list(logs), *rest] if len(bloom) == 256:
            if rest and (kind in _PLAIN or (kind == DEPOSIT and len(rest) != 2)):
                raise ReceiptsDisproved("a receipt of too many items")
            read = tuple(map(_log, logs))
            return Receipt(_succeeded(outcome, bool(read)), read)
    raise ReceiptsDisproved("it is no receipt")


def transaction_hash(encoded: bytes) -> Digest:
    """The hash of a transaction as its trie holds it. Raises `ReceiptsDisproved` for none."""
    if not encoded or not (0 < encoded[0] < 0x80 or encoded[0] >= 0xC0):
        raise ReceiptsDisproved("it is no transaction")
    return Digest(keccak(encoded))


def _succeeded(outcome: bytes, has_logs: bool) -> bool:
    if outcome in (b"", b"\1"):
        return outcome == b"\1"
    if len(outcome) == 32:
        return has_logs
    raise ReceiptsDisproved("a receipt without an outcome")


def _log(item: Item) -> ProvenLog:
    match item:
        case [bytes(address), list(topics), bytes(data)] if len(address) == 20:
            return ProvenLog(Address(address), tuple(map(_topic, topics)), data)
    raise ReceiptsDisproved("a log that is none")


def _topic(item: Item) -> bytes:
    if not isinstance(item, bytes) or len(item) != 32:
        raise ReceiptsDisproved("a topic that is none")
    return item
