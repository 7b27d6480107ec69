"""
The collections and splitters that our factories make: clones that carry arguments in their code.

A clone is 45 bytes that hand every call on to its implementation, and its arguments behind them
(OpenZeppelin's `Clones` with immutable arguments). Both are part of its address.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi.exceptions import DecodingError
from eth_hash.auto import keccak

from nft.chain.abi import decode, encode
from nft.chain.placing import create2_address
from nft.types import Address

_CLONE_HEAD = bytes.fromhex("363d3d373d3d3d363d73")
_CLONE_TAIL = bytes.fromhex("5af43d82803e903d91602b57fd5bf3")
_SHARE = 22
"""Bytes of one share in a splitter's code: receiver 20, basis points 2."""


@dataclass(frozen=True, slots=True)
class Clone:
    """A contract that hands every call on to another, with arguments in its code."""

    implementation: Address
    arguments: bytes

    @property
    def code(self) -> bytes:
        """The code on the chain, as OpenZeppelin's `Clones` writes it."""
        return _CLONE_HEAD + self.implementation + _CLONE_TAIL + self.arguments

    @property
    def creation(self) -> bytes:
        """The code that creates it."""
        size = len(self.code).to_bytes(2, "big")
        return b"\x61" + size + bytes.fromhex("3d81600a3d39f3") + self.code

    def address(self, factory: Address, salt: bytes) -> Address:
        """Where a factory puts it."""
        return create2_address(factory, salt, self.creation)

    @classmethod
    def read(cls, code: bytes) -> Clone | None:
        """The clone of a code; None when it is none."""
        middle = len(_CLONE_HEAD) + 20
        end = middle + len(_CLONE_TAIL)
        if not code.startswith(_CLONE_HEAD) or code[middle:end] != _CLONE_TAIL:
            return None
        return cls(Address(code[len(_CLONE_HEAD) : middle]), code[end:])


COLLECTION_ARGUMENTS = ("address", "bytes32", "string", "string")
"""What a collection's clone carries: artist, digest of its description, name, symbol."""


def collection_clone(house: Address, artist: Address, *rest: Any) -> Clone:
    """The clone of an artist's collection; after the artist come digest, name and symbol."""
    return Clone(house, encode(COLLECTION_ARGUMENTS, (artist, *rest)))


def collection_salt(artist: Address, salt: bytes) -> bytes:
    """The salt that the factory makes of an artist's own."""
    return keccak(encode(("address", "bytes32"), (artist, salt)))


def splitter_clone(implementation: Address, shares: Sequence[tuple[Address, int]]) -> Clone:
    """The clone that divides among receivers, which ascend."""
    packed = b"".join(receiver + bps.to_bytes(2, "big") for receiver, bps in shares)
    return Clone(implementation, packed)


def splitter_shares(clone: Clone) -> tuple[tuple[Address, int], ...]:
    """Receivers and basis points of a splitter's clone; empty when its arguments are none."""
    data = clone.arguments
    if not data or len(data) % _SHARE:
        return ()
    parts = (data[start : start + _SHARE] for start in range(0, len(data), _SHARE))
    return tuple((Address(part[:20]), int.from_bytes(part[20:], "big")) for part in parts)


def collection_arguments(clone: Clone) -> dict[str, str] | None:
    """Artist, name and symbol of a collection's clone; None when its arguments are not such."""
    try:
        values = decode(list(COLLECTION_ARGUMENTS), clone.arguments)
    except (DecodingError, UnicodeDecodeError, OverflowError):
        # The library's own error is none of a text that is no UTF-8, and of a length beyond memory.
        return None
    if encode(COLLECTION_ARGUMENTS, values) != clone.arguments:
        return None
    names = ("artist", "contract_digest", "name", "symbol")
    return {name: str(value) for name, value in zip(names, values, strict=True)}
