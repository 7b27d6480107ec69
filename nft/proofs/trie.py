"""
Merkle Patricia tries: the root of a whole list, and the way down a proof.

A root is built in one pass over sorted keys; no node is kept, but by a `Trie`, which proves what
it holds. A proof is a list of nodes, each of which must be the one that its parent names, in
canonical form, used once and in order: what is left over or malformed makes the whole proof void.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from nft.errors import Unacceptable
from nft.proofs.keccak import keccak
from nft.proofs.rlp import EMPTY, Item, NotCanonical, decode, encode_bytes, encode_int, encode_list

EMPTY_ROOT = keccak(EMPTY)
"""The root of nothing."""

Pairs = Sequence[tuple[str, bytes]]
"""Keys as hex digits, one a nibble, sorted and distinct; values not empty."""

Kept = dict[bytes, bytes]
"""Nodes by their hash."""


class ProofBroken(Unacceptable):
    """A list of nodes that is no proof of that key under that root."""


def root_of(pairs: Pairs) -> bytes:
    """The root of the trie that holds exactly these."""
    return keccak(_node(pairs, 0, len(pairs), 0, None)) if pairs else EMPTY_ROOT


def ordered_root(values: Sequence[bytes]) -> bytes:
    """The root of a list: each value under the RLP of its index."""
    return root_of(_ordered(values))


class Trie:
    """A trie that keeps its nodes."""

    def __init__(self, pairs: Pairs) -> None:
        self._kept: Kept = {}
        top = _node(pairs, 0, len(pairs), 0, self._kept) if pairs else EMPTY
        self.root = keccak(top)
        self._kept[self.root] = top

    @classmethod
    def ordered(cls, values: Sequence[bytes]) -> Trie:
        """Of a list, as a block has its receipts and transactions."""
        return cls(_ordered(values))

    def proof(self, key: bytes) -> tuple[bytes, ...]:
        """The strict proof of what is under a key, or that nothing is."""
        walk = _Gathering(self._kept)
        walk.look_up(self.root, key.hex())
        return tuple(walk.taken)


def _ordered(values: Sequence[bytes]) -> Pairs:
    return sorted((_key(index), value) for index, value in enumerate(values))


@lru_cache(maxsize=4096)
def _key(index: int) -> str:
    return encode_int(index).hex()


def _node(pairs: Pairs, low: int, high: int, depth: int, kept: Kept | None) -> bytes:
    """The node of the pairs whose keys share their first `depth` nibbles."""
    first, value = pairs[low]
    if high - low == 1:
        return encode_list(encode_bytes(_compact(first[depth:], 2)) + encode_bytes(value))
    last = pairs[high - 1][0]
    end = depth
    while end < len(first) and first[end] == last[end]:
        end += 1
    branch = _branch(pairs, low, high, end, kept)
    if end == depth:
        return branch
    return encode_list(encode_bytes(_compact(first[depth:end], 0)) + _reference(branch, kept))


def _branch(pairs: Pairs, low: int, high: int, depth: int, kept: Kept | None) -> bytes:
    own = b""
    if len(pairs[low][0]) == depth:
        own = pairs[low][1]
        low += 1
    children = [EMPTY] * 16
    while low < high:
        digit = pairs[low][0][depth]
        end = low + 1
        while end < high and pairs[end][0][depth] == digit:
            end += 1
        children[int(digit, 16)] = _reference(_node(pairs, low, end, depth + 1, kept), kept)
        low = end
    return encode_list(b"".join(children) + encode_bytes(own))


def _reference(node: bytes, kept: Kept | None) -> bytes:
    """A node in its parent: itself when shorter than its hash."""
    if len(node) < 32:
        return node
    hashed = keccak(node)
    if kept is not None:
        kept[hashed] = node
    return b"\xa0" + hashed


def _compact(nibbles: str, flag: int) -> bytes:
    """A path in bytes, with its parity and whether a leaf (`flag` 2) ends it."""
    if len(nibbles) % 2:
        return bytes.fromhex(f"{flag + 1:x}{nibbles}")
    return bytes.fromhex(f"{flag:x}0{nibbles}")


def strict(proof: Sequence[bytes]) -> tuple[bytes, ...]:
    """A node's list in the one form that is strict: without what lies in a parent already."""
    found = tuple(node for at, node in enumerate(proof) if at == 0 or len(node) >= 32)
    return () if found == (EMPTY,) else found


# The way down a proof


def look_up(
    root: bytes, key: bytes, proof: Sequence[bytes], *, is_strict: bool = False
) -> bytes | None:
    """
    The value under a key, or None where the proof shows that there is none.

    Nodes differ in what they list: some repeat a node that lies in its parent, some list the root
    of an empty trie. A strict proof has neither, so that there is but one.

    Raises `ProofBroken` when the nodes do not lead from the root to either.
    """
    try:
        return _Walk(proof, is_strict).look_up(root, key.hex())
    except NotCanonical as error:
        raise ProofBroken(str(error)) from error


class _Walk:
    """One pass over the nodes of a proof."""

    def __init__(self, proof: Sequence[bytes], is_strict: bool) -> None:
        self._nodes = list(proof)
        self._next = 0
        self._is_strict = is_strict

    def look_up(self, root: bytes, nibbles: str) -> bytes | None:
        if root == EMPTY_ROOT and (not self._nodes or self._nodes == [EMPTY]):
            return self._ended(None) if self._is_strict else None
        reference: Item = root
        is_after_extension = False
        while True:
            node = self._named(reference)
            if len(node) == 17:
                child = _child(node, nibbles[:1])
                nibbles = nibbles[1:]
            elif is_after_extension:
                raise ProofBroken("an extension leads to no branch")
            else:
                path, is_leaf = _path(node[0])
                if is_leaf:
                    return self._ended(_value(node[1]) if path == nibbles else None)
                if not nibbles.startswith(path):
                    return self._ended(None)
                nibbles = nibbles[len(path) :]
                child = node[1]
                if child == b"":
                    raise ProofBroken("an extension to nowhere")
            is_after_extension = len(node) == 2
            if isinstance(child, _Found):
                return self._ended(child.value)
            reference = child

    def _named(self, reference: Item) -> list[Item]:
        """The node that its parent names by hash, or holds itself."""
        if isinstance(reference, list):
            # Some nodes list a short node once more, after the parent that holds it.
            is_listed = not self._is_strict and self._next < len(self._nodes)
            if is_listed and decode(self._nodes[self._next]) == reference:
                self._next += 1
            return _checked(reference)
        if len(reference) != 32:
            raise ProofBroken("a reference that is no hash")
        if self._next == len(self._nodes):
            raise ProofBroken("a node is missing")
        told = self._nodes[self._next]
        if keccak(told) != reference:
            raise ProofBroken(f"node {self._next} is not the one its parent names")
        if self._next and len(told) < 32:
            raise ProofBroken("a short node outside its parent")
        self._next += 1
        return _checked(decode(told))

    def _ended(self, value: bytes | None) -> bytes | None:
        if self._next != len(self._nodes):
            raise ProofBroken("nodes are left over")
        return value


class _Gathering(_Walk):
    """The way down a trie that is whole, and the nodes on it."""

    def __init__(self, kept: Kept) -> None:
        super().__init__([], is_strict=True)
        self._kept = kept
        self.taken: list[bytes] = []

    def _named(self, reference: Item) -> list[Item]:
        if isinstance(reference, list):
            return _checked(reference)
        self.taken.append(self._kept[reference])
        return _checked(decode(self.taken[-1]))


class _Found:
    """The way ends in a branch: there is its value, or nothing."""

    def __init__(self, value: bytes | None) -> None:
        self.value = value


def _checked(node: Item) -> list[Item]:
    """A node of two items or of seventeen, at least two of which are filled."""
    if not isinstance(node, list) or len(node) not in (2, 17):
        raise ProofBroken("a node of another form")
    if len(node) == 17 and sum(item != b"" for item in node) < 2:
        raise ProofBroken("a branch that parts nothing")
    for item in node[:-1] if len(node) == 17 else []:
        _check_reference(item)
    return node


def _check_reference(item: Item) -> None:
    if isinstance(item, list):
        if len(_encoded(item)) >= 32:
            raise ProofBroken("a long node within its parent")
    elif len(item) not in (0, 32):
        raise ProofBroken("a reference that is no hash")


def _encoded(item: Item) -> bytes:
    if isinstance(item, bytes):
        return encode_bytes(item)
    return encode_list(b"".join(map(_encoded, item)))


def _child(node: list[Item], digit: str) -> Item | _Found:
    if digit == "":
        return _Found(_value(node[16]) if node[16] != b"" else None)
    child = node[int(digit, 16)]
    return _Found(None) if child == b"" else child


def _path(item: Item) -> tuple[str, bool]:
    """The nibbles of a short node, and whether it is a leaf."""
    if not isinstance(item, bytes) or item == b"":
        raise ProofBroken("a path that is none")
    digits = item.hex()
    flag, rest = int(digits[0], 16), digits[1:]
    if flag > 3 or (not flag & 1 and rest[:1] != "0"):
        raise ProofBroken("a path with unknown flags")
    path = rest if flag & 1 else rest[1:]
    if not path and not flag & 2:
        raise ProofBroken("an extension of no length")
    return path, bool(flag & 2)


def _value(item: Item) -> bytes:
    if not isinstance(item, bytes) or item == b"":
        raise ProofBroken("a value that is none")
    return item
