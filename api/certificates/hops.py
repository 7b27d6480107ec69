"""
Hops: blocks kept by the worker, from which blocks that the chain forgot are linked (EIP-2935).

The state of a hop proves the hashes of the 8,191 blocks before it. Kept are its header, the proof
of the history contract's account, the proofs of the hops before it, and the hashes themselves, 32
bytes a block, from which any other proof is made again: some 130 KB for 4,000 blocks. A hop is
drawn at a final block; a worker that was away takes what it missed at once, as far as the window
goes, and beyond it where the node still has old state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nft.chain.client import Web3Chain
from nft.chain.drawing import Drawing, Head
from nft.chain.errors import AnswerInconsistent
from nft.errors import Conflict
from nft.proofs.errors import StateDisproved
from nft.proofs.history import HISTORY, WINDOW, Memory, history_slot, window
from nft.proofs.pieces import Nodes, Pieces, StatePiece
from nft.proofs.trie import EMPTY_ROOT
from nft.types import Digest

HEADERS_PER_REQUEST = 128


class NoMemory(Conflict):
    """The chain does not keep its block hashes in its state (EIP-2935)."""

    def __init__(self) -> None:
        super().__init__("the chain has no EIP-2935: old blocks cannot be linked")


@dataclass(frozen=True, slots=True)
class Hop:
    """What is kept of one block."""

    number: int
    block_hash: Digest
    header: bytes
    account_proof: Nodes
    links: Mapping[int, Nodes]

    @property
    def reached(self) -> list[int]:
        """Hops before it that it proves."""
        return sorted(self.links)

    def step(self, chain_id: int, further: int) -> Pieces:
        """Evidence of the hash of another hop."""
        storage = {history_slot(further): self.links[further]}
        piece = StatePiece(self.number, HISTORY, self.account_proof, storage)
        return Pieces(chain_id, (self.header,), (piece,))


@dataclass(frozen=True, slots=True)
class DrawnHop:
    """A hop that was not kept yet, and the hashes that nobody has yet."""

    hop: Hop
    first: int
    hashes: bytes


@dataclass(frozen=True, slots=True)
class Known:
    """What the books hold of a chain."""

    hops: tuple[int, ...]
    hashes: Mapping[int, Digest]
    """Of the blocks of the newest hop's window, and all after it."""

    @property
    def last(self) -> int | None:
        """The newest hop."""
        return self.hops[-1] if self.hops else None


def next_block(last: int | None, final: int, every: int) -> int | None:
    """
    Where the next hop is due, None while none is.

    After a long absence it is the farthest that still reaches the hop before.
    """
    if last is None:
        return final if final > 0 else None
    if final - last < every:
        return None
    return min(final, last + WINDOW)


def draw(chain: Web3Chain, known: Known, number: int) -> DrawnHop:
    """
    A hop at a block, asked of a node.

    Raises `NoMemory`, `StateNotAvailable`, `StateDisproved`, `Unreachable`.
    """
    drawing = Drawing(chain)
    head = drawing.head(number)
    drawn = drawing.state(head, HISTORY)
    if drawn.proven.account.storage_root == EMPTY_ROOT:
        raise NoMemory
    held = {at: known.hashes[at] for at in window(number) if at in known.hashes}
    fresh = _hashes(chain, head, max(held) + 1 if held else window(number).start)
    memory, first = _memory(drawing, head, drawn.pieces, {**held, **fresh})
    links = {
        at: nodes
        for at in known.hops
        if at in window(number)
        for nodes in memory.links([at]).states[0].storage.values()
    }
    proof = drawn.pieces.states[0].proof
    hop = Hop(number, head.header.block_hash, head.encoded, proof, links)
    kept = [fresh[at] for at in sorted(fresh) if at >= first]
    return DrawnHop(hop, number - len(kept), b"".join(kept))


def _hashes(chain: Web3Chain, head: Head, first: int) -> dict[int, Digest]:
    """Of the blocks from the first to the one before the head; the memory's root vouches for it."""
    found: dict[int, Digest] = {}
    numbers = range(first, head.header.number)
    for at in range(0, len(numbers), HEADERS_PER_REQUEST):
        part = numbers[at : at + HEADERS_PER_REQUEST]
        for number, block in zip(part, chain.blocks(part), strict=True):
            if block is None or block.number != number:
                raise AnswerInconsistent(f"block {number} is missing below a final one")
            found[number] = block.block_hash
    return found


def _memory(
    drawing: Drawing, head: Head, state: Pieces, hashes: Mapping[int, Digest]
) -> tuple[Memory, int]:
    """
    The memory as of the head, and the first block that is in it.

    It may be younger than its window: the blocks before the fork that brought it are not in it.
    """
    proof = state.states[0].proof
    oldest = min(hashes)
    try:
        return Memory(state.chain_id, head.encoded, proof, hashes), oldest
    except StateDisproved:
        first = _first_remembered(drawing, head, oldest)
        if first == oldest:
            raise
        younger = {at: value for at, value in hashes.items() if at >= first}
        return Memory(state.chain_id, head.encoded, proof, younger), first


def _first_remembered(drawing: Drawing, head: Head, low: int) -> int:
    high = head.header.number - 1
    while low < high:
        middle = (low + high) // 2
        if drawing.links(head, [middle]).reached:
            high = middle
        else:
            low = middle + 1
    return low
