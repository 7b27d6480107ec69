"""
Links: evidence that leads from a recent block down to older ones, over hops where it is far.

Whoever believes the hash of the recent block can then believe those of the older ones, and all that
is proven of them. See `CERTIFICATES.md`, "Linked blocks".
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence, Set

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.certificates import hop_books
from api.certificates.hop_books import HOPS
from api.certificates.hops import Hop
from api.certificates.proofs import provable
from api.deps import chain_of
from api.parts import Parts
from nft.chain.client import Web3Chain
from nft.chain.drawing import Drawing
from nft.chain.errors import StateNotAvailable
from nft.errors import Missing
from nft.integrity import Document
from nft.proofs.evidence import Evidence
from nft.proofs.history import path, reaches
from nft.proofs.pieces import Pieces

Ways = Mapping[int, Set[int]]
"""Which blocks' hashes are wanted of which block's state."""


class NotLinked(Missing):
    """Nothing leads from the one block to the other."""

    def __init__(self, block: int, number: int) -> None:
        super().__init__(f"nothing that is kept here links block {block} to block {number}")


class NothingToLink(Missing):
    """The certificate stands on that very block."""

    def __init__(self, number: int) -> None:
        super().__init__(f"there is nothing to link: block {number} is the certificate's own")


async def to_blocks(
    session: AsyncSession, parts: Parts, chain_id: int, blocks: Iterable[int], number: int
) -> Document | None:
    """
    Evidence from one block down to others, None where there is nothing to link.

    Raises `NotLinked`, `StateNotAvailable`, `NotProvable`, `Unreachable`.
    """
    wanted = sorted(set(blocks) - {number})
    if not wanted:
        return None
    if wanted[-1] > number:
        raise NotLinked(number, wanted[-1])
    query = select(HOPS.c.number).where(HOPS.c.chain_id == chain_id, HOPS.c.number <= number)
    hops = list(await session.scalars(query))
    return await along(session, parts, chain_id, ways(number, wanted, hops))


def ways(number: int, blocks: Iterable[int], hops: Sequence[int]) -> Ways:
    """The fewest steps over hops from one block down to others. Raises `NotLinked`."""
    found: dict[int, set[int]] = {}
    for block in blocks:
        between = path(number, block, hops)
        if between is None:
            raise NotLinked(number, block)
        at = number
        for further in (*between, block):
            found.setdefault(at, set()).add(further)
            at = further
    return found


async def along(session: AsyncSession, parts: Parts, chain_id: int, steps: Ways) -> Document:
    """The evidence of steps; the highest block may be any, the others are hops."""
    number = max(steps)
    pieces = [await _top(session, parts, chain_id, number, sorted(steps[number]))]
    for at in sorted(steps.keys() - {number}):
        pieces += await _of_hop(session, chain_id, at, sorted(steps[at]))
    return Evidence.of(*pieces).document


async def _top(
    session: AsyncSession, parts: Parts, chain_id: int, number: int, named: Sequence[int]
) -> Pieces:
    """The first step: from a hop that is kept, or from any block whose state a node has."""
    hop = await hop_books.get_hop(session, chain_id, number)
    if hop is not None:
        return (await hop_books.memory_of(session, chain_id, hop)).links(named)
    node = provable(chain_of(parts, chain_id).chain)
    return await asyncio.to_thread(_drawn, node, number, named)


def _drawn(node: Web3Chain, number: int, named: Sequence[int]) -> Pieces:
    drawing = Drawing(node)
    assert all(reaches(number, one) for one in named), "steps are within the window"
    drawn = drawing.links(drawing.head(number), named)
    lacking = [one for one in named if one not in drawn.reached]
    if lacking:
        raise StateNotAvailable(f"block {number} does not remember block {lacking[0]}")
    return drawn.pieces


async def _of_hop(
    session: AsyncSession, chain_id: int, number: int, named: Sequence[int]
) -> list[Pieces]:
    """What a hop proves of further hops, kept with it, and of any other block of its window."""
    hop = await hop_books.get_hop(session, chain_id, number)
    if hop is None:
        raise NotLinked(number, named[0])
    return [
        *(hop.step(chain_id, one) for one in named if one in hop.links),
        *await _rebuilt(session, chain_id, hop, [one for one in named if one not in hop.links]),
    ]


async def _rebuilt(
    session: AsyncSession, chain_id: int, hop: Hop, named: Sequence[int]
) -> list[Pieces]:
    if not named:
        return []
    memory = await hop_books.memory_of(session, chain_id, hop)
    return [memory.links(named)]
