"""
Blocks that were never mined, with whatever state, receipts and transactions a test wants in them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from nft.proofs.headers import Header, decode_header
from nft.proofs.history import HISTORY, history_slot
from nft.proofs.keccak import keccak
from nft.proofs.linked import Vouched
from nft.proofs.pieces import Nodes, Pieces, ReceiptPiece, StatePiece
from nft.proofs.rlp import encode_bytes, encode_int, encode_list
from nft.proofs.trie import Trie
from nft.types import Address, Digest

CHAIN_ID = 31337
CONTRACT = Address(b"\xc0" * 20)
CODE = b"\x60\x00\x60\x00\xf3"
EMPTY_UNCLES = keccak(b"\xc0")


@dataclass(frozen=True)
class Made:
    """An account: what it holds by slot, and its code."""

    storage: Mapping[int, int] = field(default_factory=dict)
    code: bytes = b""

    @cached_property
    def trie(self) -> Trie:
        return Trie(sorted((_key(slot), encode_int(word)) for slot, word in self.storage.items()))

    @property
    def leaf(self) -> bytes:
        parts = (self.trie.root, keccak(self.code))
        return encode_list(encode_int(1) + encode_int(7) + b"".join(map(encode_bytes, parts)))


@dataclass(frozen=True)
class Block:
    """A block and its header."""

    number: int
    accounts: Mapping[Address, Made] = field(default_factory=dict)
    receipts: Sequence[bytes] = ()
    transactions: Sequence[bytes] = ()
    later: Sequence[bytes] = ()
    """Items that a later fork appends."""

    @cached_property
    def state(self) -> Trie:
        pairs = ((keccak(name).hex(), made.leaf) for name, made in self.accounts.items())
        return Trie(sorted(pairs))

    @cached_property
    def header(self) -> bytes:
        roots = (self.state.root, self._transactions.root, self._receipts.root)
        parts = (bytes(32), EMPTY_UNCLES, bytes(20), *roots, bytes(256))
        numbers = (0, self.number, 30_000_000, 21_000, 1_700_000_000 + 12 * self.number)
        rest = (b"", bytes(32), bytes(8), *self.later)
        return encode_list(
            b"".join(map(encode_bytes, parts))
            + b"".join(map(encode_int, numbers))
            + b"".join(map(encode_bytes, rest))
        )

    @property
    def read(self) -> Header:
        return decode_header(self.header)

    @property
    def block_hash(self) -> Digest:
        return Digest(keccak(self.header))

    @property
    def given(self) -> Vouched:
        """The reader names its hash."""
        return Vouched(self.number, self.block_hash)

    def shows(self, account: Address, *slots: int) -> Pieces:
        """Evidence of slots, and of the code."""
        made = self.accounts.get(account, Made())
        storage = {slot: made.trie.proof(bytes.fromhex(_key(slot))) for slot in sorted(slots)}
        piece = StatePiece(self.number, account, self.state.proof(keccak(account)), storage)
        return Pieces(CHAIN_ID, (self.header,), (piece,), (), (made.code,) if made.code else ())

    def links(self, *numbers: int) -> Pieces:
        """Evidence of older blocks."""
        return self.shows(HISTORY, *map(history_slot, numbers))

    def receipt(self, index: int) -> Pieces:
        """Evidence of a receipt and its transaction."""
        key = encode_int(index)
        told: Nodes | None = self._transactions.proof(key) if self.transactions else None
        piece = ReceiptPiece(self.number, index, self._receipts.proof(key), told)
        return Pieces(CHAIN_ID, (self.header,), (), (piece,))

    @cached_property
    def _receipts(self) -> Trie:
        return Trie.ordered(self.receipts)

    @cached_property
    def _transactions(self) -> Trie:
        return Trie.ordered(self.transactions)


def remembering(*blocks: Block, storage: Mapping[int, int] | None = None) -> dict[Address, Made]:
    """The history contract, holding these blocks' hashes."""
    known = {history_slot(one.number): int.from_bytes(one.block_hash, "big") for one in blocks}
    return {HISTORY: Made({**known, **(storage or {})})}


def receipt(
    logs: Iterable[bytes] = (), *, kind: int = 2, status: bytes = b"\1", rest: bytes = b""
) -> bytes:
    """A receipt of any type."""
    body = encode_bytes(status) + encode_int(21_000) + encode_bytes(bytes(256))
    whole = encode_list(body + encode_list(b"".join(logs)) + rest)
    return (bytes([kind]) if kind else b"") + whole


def log(address: Address, topics: Iterable[bytes], data: bytes = b"") -> bytes:
    """A log in it."""
    listed = encode_list(b"".join(map(encode_bytes, topics)))
    return encode_list(encode_bytes(address) + listed + encode_bytes(data))


def _key(slot: int) -> str:
    return keccak(slot.to_bytes(32, "big")).hex()
