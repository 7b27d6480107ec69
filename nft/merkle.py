"""
Trees of hashes: the set that an offer is for, and orders that one signature covers.

They differ. A set is a Merkle tree of sorted pairs, as OpenZeppelin's `merkle-tree` builds it: a
proof needs no positions. Orders signed together are the nested array of an EIP-712 message: the
left half comes before the right, and an order has an index.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from eth_hash.auto import keccak

from nft.errors import OrderInvalid
from nft.orders import Bulk
from nft.types import Digest

MAX_BULK_HEIGHT = 10
"""Levels of orders signed together: 1,024 of them at most."""

MAX_SET_HEIGHT = 32
"""The longest proof that the exchange reads."""


def set_leaf(token_id: int, transfer_count: int) -> Digest:
    """A work in a set: hashed twice, so that no node of the tree passes for a leaf."""
    encoded = token_id.to_bytes(32, "big") + transfer_count.to_bytes(32, "big")
    return Digest(keccak(keccak(encoded)))


def _sorted_pair(one: bytes, other: bytes) -> Digest:
    return Digest(keccak(one + other if one < other else other + one))


def verify_in_set(root: Digest, leaf: Digest, proof: Iterable[Digest]) -> bool:
    """Whether the proof leads from the leaf to the root."""
    node = leaf
    for sibling in proof:
        node = _sorted_pair(node, sibling)
    return node == root


class SetTree:
    """
    The tree of a set offer, of `(token id, transfer count)`; the count may be `UNBOUND`.

    Node 0 is the root, and the children of node i are 2i+1 and 2i+2. Raises `OrderInvalid` for
    an empty set or a work named twice.
    """

    def __init__(self, works: Iterable[tuple[int, int]]) -> None:
        self.works = tuple(works)
        if not self.works:
            raise OrderInvalid("token_ids", "a set has at least one work")
        if len({token_id for token_id, _ in self.works}) != len(self.works):
            raise OrderInvalid("token_ids", "the set names a work twice")
        leaves = sorted((set_leaf(*work), work[0]) for work in self.works)
        size = 2 * len(leaves) - 1
        nodes = [Digest(bytes(32))] * size
        self._places: dict[int, int] = {}
        for place, (leaf, token_id) in zip(range(size - 1, -1, -1), leaves, strict=False):
            nodes[place] = leaf
            self._places[token_id] = place
        for place in range(size - len(leaves) - 1, -1, -1):
            nodes[place] = _sorted_pair(nodes[2 * place + 1], nodes[2 * place + 2])
        self._nodes = nodes

    @property
    def root(self) -> Digest:
        """What the offer signs as `criteria`."""
        return self._nodes[0]

    def proof(self, token_id: int) -> tuple[Digest, ...]:
        """The siblings from a work's leaf up. Raises `KeyError` for a work outside the set."""
        place = self._places[token_id]
        found = []
        while place:
            found.append(self._nodes[place + 1 if place % 2 else place - 1])
            place = (place - 1) // 2
        return tuple(found)


def bulk_height(orders: int) -> int:
    """How many levels that many orders need, at least one. Raises `OrderInvalid` above 1,024."""
    if not 1 <= orders <= 1 << MAX_BULK_HEIGHT:
        raise OrderInvalid("orders", f"{orders} orders cannot be signed together")
    return max(1, (orders - 1).bit_length())


def bulk_node(leaf: Digest, bulk: Bulk) -> Digest:
    """The root that an order's place leads to; bit i of the index says whether it is right."""
    node = leaf
    for level, sibling in enumerate(bulk.proof):
        is_right = bulk.index >> level & 1
        node = Digest(keccak(sibling + node if is_right else node + sibling))
    return node


@dataclass(frozen=True, slots=True)
class BulkTree:
    """Struct hashes of orders in pairs, level by level, leaves first."""

    levels: tuple[tuple[Digest, ...], ...]

    @classmethod
    def of(cls, leaves: Sequence[Digest], padding: Digest) -> BulkTree:
        """Of the orders' struct hashes; `padding` is that of the order of zeros."""
        height = bulk_height(len(leaves))
        level = (*leaves, *[padding] * ((1 << height) - len(leaves)))
        levels = [level]
        while len(level) > 1:
            pairs = zip(level[::2], level[1::2], strict=True)
            level = tuple(Digest(keccak(left + right)) for left, right in pairs)
            levels.append(level)
        return cls(tuple(levels))

    @property
    def height(self) -> int:
        """Levels of pairs."""
        return len(self.levels) - 1

    @property
    def root(self) -> Digest:
        """What EIP-712 makes of the nested array."""
        return self.levels[-1][0]

    def place(self, index: int) -> Bulk:
        """What travels beside the signature for the order at this index."""
        proof = tuple(self.levels[i][index >> i ^ 1] for i in range(self.height))
        return Bulk(index, proof)
