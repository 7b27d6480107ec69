"""
What is safe and what is final, as a node says it, as several agree on it.

Final is what no reorg of an honest chain takes back. It comes from the node's `safe` and
`finalized`, counted where a node has none, capped on a local chain by what the node has saved;
and with several nodes it moves only while no two of them contradict what the mirror holds there.
"""

from __future__ import annotations

from collections.abc import Callable

from nft.chain.protocol import Block, Chain, Tag
from nft.types import Digest

TAGS: tuple[Tag, Tag] = ("safe", "finalized")

COUNTED_SAFE, COUNTED_FINAL = 32, 64
"""Depths where a node knows no `safe` and `finalized`."""

SECONDS = 1.0
"""How often it is asked for while no block comes."""


class Finality:
    """One chain's, through one set of nodes."""

    def __init__(
        self,
        chain: Chain,
        cap: Callable[[], int | None] | None,
        clock: Callable[[], float],
    ) -> None:
        self._chain = chain
        self._cap = cap
        self._clock = clock
        self._asked_at = clock()
        self._cap_seen: int | None = None

    def is_due(self) -> bool:
        """Whether it may have moved while no block came."""
        cap = self._cap() if self._cap else None
        return cap != self._cap_seen or self._clock() - self._asked_at >= SECONDS

    def heights(
        self, head_number: int, told: tuple[Block | None, Block | None] | None = None
    ) -> tuple[int, int]:
        """Safe and final; `told` are the node's two tags, when they are at hand."""
        self._asked_at = self._clock()
        safe, final = told or self._chain.blocks(TAGS)
        found = (
            safe.number if safe else max(0, head_number - COUNTED_SAFE),
            final.number if final else max(0, head_number - COUNTED_FINAL),
        )
        if self._cap is None:
            return found
        self._cap_seen = self._cap()
        saved = self._cap_seen or 0
        return min(found[0], saved), min(found[1], saved)

    def moved(self, before: int, number: int, held: Callable[[int], Digest | None]) -> int:
        """
        The height that may be called final: `number`, unless the nodes contradict what is `held`
        there.

        The one that is outvoted is named and benched, so that another is asked next.
        """
        if number <= before or self._chain.is_alone:
            return number
        ours = held(number)
        return number if ours is None or self._chain.agrees(number, ours) else before
