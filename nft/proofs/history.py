"""
The chain's own memory of its block hashes (EIP-2935).

Every block writes its parent's hash into a system contract, at the parent's number modulo 8,191.
The state of a block therefore proves the hashes of the 8,191 blocks before it.
"""

from __future__ import annotations

from nft.types import Address

HISTORY = Address(bytes.fromhex("0000f90827f1c53a10cb7a02335b175320002935"))
"""The contract, on every chain that has it."""

WINDOW = 8191
"""Blocks whose hashes it remembers."""


def history_slot(number: int) -> int:
    """Where a block's hash is written."""
    return number % WINDOW


def block_of_slot(slot: int, as_of: int) -> int | None:
    """
    The one block whose hash may stand in a slot, in the state of block `as_of`.

    None for a slot that the contract does not use, and before the chain has gone round once.
    """
    if not 0 <= slot < WINDOW:
        return None
    number = as_of - 1 - (as_of - 1 - slot) % WINDOW
    return number if number >= 0 else None


def reaches(as_of: int, number: int) -> bool:
    """Whether the state of one block may hold the hash of the other."""
    return as_of - WINDOW <= number < as_of
