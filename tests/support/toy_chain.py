"""
A chain of a few blocks whose tries are built here: headers, accounts, storage, receipts, history.

What it proves is proven as a real chain proves it, in milliseconds and without a node.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from nft.proofs.evidence import Evidence
from nft.proofs.history import HISTORY, history_slot
from nft.proofs.keccak import keccak
from nft.proofs.pieces import Pieces, ReceiptPiece, StatePiece
from nft.proofs.rlp import encode_bytes, encode_int, encode_list
from nft.proofs.trie import Trie
from nft.types import Address, Digest

GENESIS = 1_770_000_000
SECONDS = 12


@dataclass(frozen=True)
class Log:
    """A log of a receipt."""

    address: bytes
    topics: tuple[bytes, ...]
    data: bytes = b""

    def encoded(self) -> bytes:
        topics = encode_list(b"".join(encode_bytes(topic) for topic in self.topics))
        return encode_list(encode_bytes(self.address) + topics + encode_bytes(self.data))


@dataclass
class Account:
    """An account: its code and the words of its storage."""

    code: bytes = b""
    storage: dict[int, int] = field(default_factory=dict)

    def trie(self) -> Trie:
        pairs = [
            (keccak(slot.to_bytes(32, "big")).hex(), encode_int(word))
            for slot, word in self.storage.items()
            if word
        ]
        return Trie(sorted(pairs))


class Block:
    """A block that is mined, with the tries that its header names."""

    def __init__(
        self,
        number: int,
        accounts: Mapping[Address, Account],
        receipts: Sequence[bytes],
        transactions: Sequence[bytes],
    ) -> None:
        self.number = number
        self.timestamp = GENESIS + SECONDS * number
        self.transactions = list(transactions)
        self._accounts = {address: (one.code, one.trie()) for address, one in accounts.items()}
        leaves = {
            keccak(address).hex(): encode_list(
                encode_int(1) + encode_int(0) + encode_bytes(trie.root) + encode_bytes(keccak(code))
            )
            for address, (code, trie) in self._accounts.items()
        }
        self._state = Trie(sorted(leaves.items()))
        self._receipts, self._transactions = Trie.ordered(receipts), Trie.ordered(transactions)
        self.header = self._header()
        self.hash = Digest(keccak(self.header))

    def _header(self) -> bytes:
        parts = [
            *(keccak(b"parent" + encode_int(self.number)), keccak(b"ommers"), bytes(20)),
            *(self._state.root, self._transactions.root, self._receipts.root, bytes(256), b""),
        ]
        numbers = (self.number, 30_000_000, 21_000, self.timestamp)
        tail = [b"", bytes(32), bytes(8)]
        encoded = [encode_bytes(part) for part in parts]
        encoded += [encode_int(number) for number in numbers]
        encoded += [encode_bytes(part) for part in tail] + [encode_int(7), encode_bytes(bytes(32))]
        return encode_list(b"".join(encoded))

    def state(self, address: Address, slots: Iterable[int] = ()) -> StatePiece:
        _, storage = self._accounts.get(address, (b"", Trie([])))
        return StatePiece(
            self.number,
            address,
            self._state.proof(keccak(address)),
            {slot: storage.proof(keccak(slot.to_bytes(32, "big"))) for slot in slots},
        )

    def receipt(self, index: int, *, with_transaction: bool = True) -> ReceiptPiece:
        key = encode_int(index)
        proof = self._transactions.proof(key) if with_transaction else None
        return ReceiptPiece(self.number, index, self._receipts.proof(key), proof)

    def transaction_hash(self, index: int) -> Digest:
        return Digest(keccak(self.transactions[index]))


class ToyChain:
    """Accounts as they are now, and the blocks that were mined so far."""

    def __init__(self, seed: int = 0, chain_id: int = 31337) -> None:
        self.random = Random(seed)
        self.chain_id = chain_id
        self.blocks: dict[int, Block] = {}
        self.accounts: dict[Address, Account] = {
            Address(self.random.randbytes(20)): Account(self.random.randbytes(9), {1: 1, 2: 2})
            for _ in range(self.random.randint(0, 24))
        }

    def mine(self, number: int, *transactions: Sequence[Log], crowd: int = 3) -> tuple[Block, int]:
        """A block with these transactions among others; it, and the index of the first."""
        before = self.random.randint(0, crowd)
        others = [[Log(self.random.randbytes(20), (self.random.randbytes(32),))]] * before
        all_logs = [*others, *transactions]
        history = self.accounts.setdefault(HISTORY, Account(b"\x33"))
        for known in self.blocks.values():
            if known.number < number <= known.number + 8191:
                history.storage[history_slot(known.number)] = int.from_bytes(known.hash, "big")
        encoded = [_receipt(logs) for logs in all_logs]
        sent = [b"\x02" + encode_list(encode_bytes(self.random.randbytes(60))) for _ in all_logs]
        self.blocks[number] = Block(number, self.accounts, encoded, sent)
        return self.blocks[number], before

    def links(self, number: int, *linked: int) -> Pieces:
        """What proves the hashes of older blocks in the state of one."""
        block = self.blocks[number]
        return self.pieces(
            states=[block.state(HISTORY, [history_slot(one) for one in linked])],
        )

    def pieces(
        self,
        states: Sequence[StatePiece] = (),
        receipts: Sequence[ReceiptPiece] = (),
        code: Sequence[bytes] = (),
    ) -> Pieces:
        """Pieces with the headers that they need."""
        numbers = {one.block for one in states} | {one.block for one in receipts}
        headers = tuple(self.blocks[number].header for number in sorted(numbers))
        return Pieces(self.chain_id, headers, tuple(states), tuple(receipts), tuple(code))


def evidence(*pieces: Pieces) -> dict:
    """The canonical object of pieces."""
    return Evidence.of(*pieces).document


def _receipt(logs: Sequence[Log]) -> bytes:
    encoded = encode_list(b"".join(log.encoded() for log in logs))
    outcome = encode_int(1) + encode_int(21_000) + encode_bytes(bytes(256))
    return b"\x02" + encode_list(outcome + encoded)
