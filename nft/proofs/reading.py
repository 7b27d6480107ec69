"""
Evidence read from JSON, and refused in any form but the canonical one.

One content has one text: numbers without leading zeros, hex in lower case, everything in order and
once. Whoever alters evidence must then break a hash; nothing in it is free to be chosen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from nft.proofs.errors import EvidenceRefused
from nft.proofs.pieces import FORMAT, Nodes, Pieces, ReceiptPiece, StatePiece
from nft.proofs.rlp import unhex
from nft.types import Address

T = TypeVar("T")

MAX_ITEMS = 4_096
"""Of one list: headers, states, slots of a state, receipts, codes."""

MAX_NODES = 65
"""Of one proof: a key has 64 nibbles at most."""

MAX_BYTES = 2**23
"""Of all hex together."""

MAX_NUMBER = 2**64 - 1

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,19}", re.ASCII)
_HEX = re.compile(r"0x[0-9a-f]*", re.ASCII)

_MEMBERS = ("format", "chain_id", "headers", "states", "receipts", "code")


def read_pieces(document: object) -> Pieces:
    """The pieces of an evidence object. Raises `EvidenceRefused`."""
    reader = _Reader()
    whole = reader.members(document, "", _MEMBERS)
    if whole["format"] != FORMAT:
        raise EvidenceRefused("format", "format", whole["format"])
    return Pieces(
        chain_id=reader.number(whole["chain_id"], "chain_id"),
        headers=reader.items(whole["headers"], "headers", reader.data),
        states=reader.items(whole["states"], "states", reader.state),
        receipts=reader.items(whole["receipts"], "receipts", reader.receipt),
        code=reader.items(whole["code"], "code", reader.data),
    )


def check_ascending(keys: Sequence[Any], place: str) -> None:
    """Raise `EvidenceRefused` unless each is greater than the one before it."""
    for at in range(1, len(keys)):
        if keys[at - 1] >= keys[at]:
            raise EvidenceRefused("order", f"{place}[{at}]", keys[at])


class _Reader:
    """One pass over a document, which may hold so many bytes."""

    def __init__(self) -> None:
        self._left = MAX_BYTES

    def members(self, value: object, place: str, names: tuple[str, ...]) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise EvidenceRefused("type", place, value)
        if value.keys() != set(names):
            raise EvidenceRefused("members", place, sorted(map(str, value)))
        return value

    def items(
        self,
        value: object,
        place: str,
        read: Callable[[Any, str], T],
        at_most: int = MAX_ITEMS,
    ) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise EvidenceRefused("type", place, value)
        if len(value) > at_most:
            raise EvidenceRefused("size", place, len(value))
        return tuple([read(one, f"{place}[{at}]") for at, one in enumerate(value)])

    def number(self, value: object, place: str) -> int:
        if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
            raise EvidenceRefused("number", place, value)
        if int(value) > MAX_NUMBER:
            raise EvidenceRefused("number", place, value)
        return int(value)

    def data(self, value: object, place: str, size: int | None = None) -> bytes:
        if not isinstance(value, str):
            raise EvidenceRefused("hex", place, value)
        self._left -= len(value) // 2
        if self._left < 0:
            raise EvidenceRefused("size", place, len(value) // 2)
        is_odd = len(value) % 2 == 1
        if is_odd or not _HEX.fullmatch(value) or (size is not None and len(value) != 2 + 2 * size):
            raise EvidenceRefused("hex", place, value)
        return unhex(value[2:])

    def nodes(self, value: object, place: str) -> Nodes:
        return self.items(value, place, self.data, MAX_NODES)

    def state(self, value: object, place: str) -> StatePiece:
        one = self.members(value, place, ("block", "account", "proof", "storage"))
        block = self.number(one["block"], f"{place}.block")
        account = Address(self.data(one["account"], f"{place}.account", 20))
        proof = self.nodes(one["proof"], f"{place}.proof")
        slots = self.items(one["storage"], f"{place}.storage", self.slot)
        check_ascending([slot for slot, _ in slots], f"{place}.storage")
        return StatePiece(block, account, proof, dict(slots))

    def slot(self, value: object, place: str) -> tuple[int, Nodes]:
        one = self.members(value, place, ("slot", "proof"))
        slot = self.data(one["slot"], f"{place}.slot", 32)
        return int.from_bytes(slot, "big"), self.nodes(one["proof"], f"{place}.proof")

    def receipt(self, value: object, place: str) -> ReceiptPiece:
        names: tuple[str, ...] = ("block", "index", "proof")
        if isinstance(value, dict) and "transaction_proof" in value:
            names += ("transaction_proof",)
        one = self.members(value, place, names)
        told = one.get("transaction_proof")
        return ReceiptPiece(
            block=self.number(one["block"], f"{place}.block"),
            index=self.number(one["index"], f"{place}.index"),
            proof=self.nodes(one["proof"], f"{place}.proof"),
            transaction_proof=None
            if "transaction_proof" not in one
            else self.nodes(told, f"{place}.transaction_proof"),
        )
