"""
Where Solidity puts things in storage.
"""

from __future__ import annotations

from nft.proofs.keccak import keccak


def mapping_slot(key: int, slot: int) -> int:
    """Where a mapping at a slot keeps the value of a key of 32 bytes."""
    return int.from_bytes(keccak(key.to_bytes(32, "big") + slot.to_bytes(32, "big")), "big")


def namespace(name: str) -> int:
    """Where the storage of a name begins (ERC-7201)."""
    first = int.from_bytes(keccak(name.encode()), "big") - 1
    return int.from_bytes(keccak(first.to_bytes(32, "big")), "big") & ~0xFF
