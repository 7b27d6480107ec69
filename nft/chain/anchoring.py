"""
Typed calls on the contract that keeps each day's root, and the issuers' keys.
"""

from __future__ import annotations

from typing import ClassVar

from nft.chain.calls import Contract, Question
from nft.chain.protocol import Call
from nft.types import Address, Digest


class Anchors(Contract):
    """What anybody anchored for a day, in the own name and once."""

    __slots__ = ()

    artifact: ClassVar[str] = "Anchors"

    def anchor(self, day: int, root: Digest) -> Call:
        """Keep a day's root in the sender's name."""
        return self._do("anchor", day, root)

    def publish_key(self, key: Digest) -> Call:
        """Add an Ed25519 key to those of the sender."""
        return self._do("publishKey", key)

    def anchor_of(self, anchorer: Address, day: int) -> Question[tuple[Digest, int, int]]:
        """Root, block and Unix time; zeros when nothing was anchored."""
        return self._ask("anchorOf", anchorer, day)

    def key_count_of(self, anchorer: Address) -> Question[int]:
        """How many keys an account published."""
        return self._ask("keyCountOf", anchorer)

    def key_of(self, anchorer: Address, index: int) -> Question[tuple[Digest, int, int]]:
        """A key, its block and Unix time."""
        return self._ask("keyOf", anchorer, index)
