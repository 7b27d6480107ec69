"""
The chain's own memory of its block hashes (EIP-2935), and hops that lead back by it.

Every block writes its parent's hash into a system contract, at the parent's number modulo 8,191.
The state of a block therefore proves the hashes of the 8,191 blocks before it. Nodes forget state
within minutes, but this storage is made of nothing else than block hashes, which they never forget:
whoever keeps the account's proof of one block, a *hop*, can rebuild the storage at any time and
prove any block of the window. A hop every 4,000 blocks reaches every certificate there will be.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from nft.proofs.errors import StateDisproved
from nft.proofs.headers import Header, decode_header
from nft.proofs.keccak import keccak
from nft.proofs.pieces import Nodes, Pieces, StatePiece
from nft.proofs.rlp import NotCanonical, encode_bytes
from nft.proofs.state import account_at
from nft.proofs.trie import ProofBroken, Trie
from nft.types import Address, Digest

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


def window(as_of: int) -> range:
    """The blocks whose hashes the state of a block may hold."""
    return range(max(as_of - WINDOW, 0), as_of)


def path(start: int, target: int, hops: Iterable[int]) -> list[int] | None:
    """
    The fewest hops that lead from a block down to another, newest first; none where it is in reach.

    None when a gap between hops is wider than the window.
    """
    found: list[int] = []
    kept = sorted(hop for hop in hops if target < hop < start)
    at = start
    while not reaches(at, target):
        lowest = next((hop for hop in kept if reaches(at, hop)), None)
        if lowest is None:
            return None
        found.append(lowest)
        at = lowest
    return found


class Memory:
    """
    The whole storage of the history contract after one block, rebuilt from block hashes.

    A full window takes 75 ms at best and 100 on a busy machine, the first of a process 25 more; a
    proof out of it takes 0.1 ms.
    """

    def __init__(
        self, chain_id: int, header: bytes, proof: Nodes, hashes: Mapping[int, Digest]
    ) -> None:
        """
        From a header, the strict proof of the contract's account, and hashes by number.

        The hashes are those of `window`, without the blocks before the chain had such a memory:
        these are not in it. Hashes outside of the window are passed over.

        Raises `HeaderDisproved` for no header, and `StateDisproved` where the proof is another's,
        or the hashes are not exactly those that the contract holds.
        """
        self._chain_id = chain_id
        self._encoded = header
        self._proof = proof
        self.header: Header = decode_header(header)
        self._trie = Trie(_pairs({number: hashes[number] for number in self._own(hashes)}))
        root = _storage_root(self.header, proof)
        if self._trie.root != root:
            raise StateDisproved(f"{len(hashes)} hashes are not what block {self.number} remembers")

    @property
    def number(self) -> int:
        """The block in whose state this is."""
        return self.header.number

    def links(self, wanted: Iterable[int]) -> Pieces:
        """
        Evidence of the hashes of these blocks, as of this one.

        Raises `StateDisproved` for a block outside of the window.
        """
        numbers = sorted(set(wanted))
        for number in numbers:
            if not reaches(self.number, number):
                raise StateDisproved(f"block {self.number} does not remember block {number}")
        slots = sorted(map(history_slot, numbers))
        storage = {slot: self._trie.proof(keccak(slot.to_bytes(32, "big"))) for slot in slots}
        piece = StatePiece(self.number, HISTORY, self._proof, storage)
        return Pieces(self._chain_id, (self._encoded,), (piece,))

    def _own(self, hashes: Mapping[int, Digest]) -> Sequence[int]:
        return [number for number in window(self.number) if number in hashes]


def _storage_root(header: Header, proof: Nodes) -> bytes:
    try:
        return account_at(header.state_root, HISTORY, proof, is_strict=True).storage_root
    except (ProofBroken, NotCanonical) as error:
        raise StateDisproved(str(error)) from error


def _pairs(hashes: Mapping[int, Digest]) -> list[tuple[str, bytes]]:
    by_slot = {history_slot(number): value for number, value in hashes.items()}
    return [
        (key, encode_bytes(by_slot[slot].lstrip(b"\0"))) for key, slot in _keys() if slot in by_slot
    ]


@lru_cache(maxsize=1)
def _keys() -> list[tuple[str, int]]:
    """Every slot by its key in the trie, sorted: they are the same for every block."""
    return sorted((keccak(slot.to_bytes(32, "big")).hex(), slot) for slot in range(WINDOW))
