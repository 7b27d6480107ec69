"""
Evidence drawn from a node: receipts, state and links, as pieces that prove what they say.

Everything is read at a block's hash and held against its header before it is handed on; a node
that tells anything else raises. What a node has forgotten raises `StateNotAvailable`: state is to
be drawn while it is young, as most nodes keep it for some 128 blocks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from nft.chain.client import Web3Chain
from nft.chain.errors import AnswerInconsistent, StateNotAvailable
from nft.chain.protocol import BlockId
from nft.chain.testimony import Testimony, Told
from nft.proofs.errors import Disproved, FormUnknown
from nft.proofs.headers import Header, encode_header, proven_header
from nft.proofs.history import HISTORY, WINDOW, history_slot, reaches
from nft.proofs.keccak import keccak
from nft.proofs.pieces import Nodes, Pieces, ReceiptPiece, StatePiece, joined
from nft.proofs.receipts import ReceiptIn, encode_receipt
from nft.proofs.rlp import encode_int, unhex
from nft.proofs.state import Proven, proven_state
from nft.proofs.transactions import encode_transaction
from nft.proofs.trie import Trie, strict
from nft.types import Address, Digest

SLOTS = 256
"""Proven by one answer; some nodes refuse more than 1,024."""


@dataclass(frozen=True, slots=True)
class Head:
    """A header with the bytes that were hashed."""

    header: Header
    encoded: bytes
    transactions: tuple[str, ...] = ()
    """Hashes as the node lists them, which the header does not cover."""


@dataclass(frozen=True, slots=True)
class DrawnReceipt:
    """A receipt's pieces, and where it stands."""

    pieces: Pieces
    index: int
    """Of the receipt in its block."""
    first_log: int
    """Index in the block of its first log: logs of a receipt are counted from there."""


@dataclass(frozen=True, slots=True)
class DrawnState:
    """A state's pieces, and what they prove."""

    pieces: Pieces
    proven: Proven
    code: bytes | None
    """The account's code, where it was asked for."""


@dataclass(frozen=True, slots=True)
class DrawnLinks:
    """Links of a block, and the hashes that they prove."""

    pieces: Pieces
    reached: Mapping[int, Digest]
    """By number; what is not in it, the chain does not remember: it had no such memory then."""


class Drawing:
    """Draws evidence from the nodes of one chain."""

    def __init__(self, chain: Web3Chain, testimony: Testimony | None = None) -> None:
        self._chain = chain
        self._testimony = testimony or Testimony(chain)

    def head(self, block: BlockId) -> Head:
        """
        A block's header, proven.

        Raises `StateNotAvailable` where the node has no such block, `HeaderDisproved` or
        `AnswerInconsistent` where it is another.
        """
        found = self._chain.find_block(block)
        if found is None:
            raise StateNotAvailable(f"block {block} not found")
        if isinstance(block, Digest) and found.block_hash != block:
            raise AnswerInconsistent(f"asked for block {block}, got {found.block_hash}")
        header = proven_header(found.header, found.block_hash)
        listed = found.header.get("transactions") or []
        hashes = tuple(one if isinstance(one, str) else str(one["hash"]) for one in listed)
        return Head(header, encode_header(found.header), hashes)

    def receipt(self, block: Head, transaction: Digest) -> DrawnReceipt:
        """
        The receipt of a transaction of a block.

        The transaction is proven with it, unless the block holds one of a form that came later.
        Raises `StateNotAvailable` where the block has none of it, and what `Testimony` raises.
        """
        receipts = self._testimony.receipts([Told(block.header, block.transactions)])[0]
        hashes = [Digest.parse(one.transaction_hash) for one in receipts]
        if transaction not in hashes:
            raise StateNotAvailable(f"transaction {transaction} not found in its block")
        index = hashes.index(transaction)
        piece = ReceiptPiece(
            block=block.header.number,
            index=index,
            proof=Trie.ordered([encode_receipt(one) for one in receipts]).proof(encode_int(index)),
            transaction_proof=self._transaction_proof(block, index, transaction),
        )
        pieces = self._pieces(block, receipts=(piece,))
        return DrawnReceipt(pieces, index, _logs_before(receipts, index))

    def state(
        self, block: Head, account: Address, slots: Sequence[int] = (), *, with_code: bool = False
    ) -> DrawnState:
        """
        An account and slots of it after a block, and its code.

        Raises `StateNotAvailable` where the node has forgotten them, `StateDisproved` where it
        tells another state than the header's.
        """
        wanted = sorted(set(slots))
        states: list[StatePiece] = []
        words: dict[int, int] = {}
        for start in range(0, max(len(wanted), 1), SLOTS):
            piece, proven = self._proof(block, account, wanted[start : start + SLOTS])
            states.append(piece)
            words |= proven.storage
        code = self._code(block, account, proven.account.code_hash) if with_code else None
        pieces = self._pieces(block, states=tuple(states), code=(code,) if code else ())
        return DrawnState(pieces, Proven(proven.account, words), code)

    def links(self, block: Head, wanted: Iterable[int]) -> DrawnLinks:
        """
        What the history contract proves of older blocks as of this one.

        A block beyond the window is reached over others in between, whose state the node must
        still have; else it raises `StateNotAvailable`. For older evidence keep hops, see
        `nft.proofs.history`.
        """
        numbers = sorted({number for number in wanted if 0 <= number < block.header.number})
        near = [number for number in numbers if reaches(block.header.number, number)]
        far = [number for number in numbers if not reaches(block.header.number, number)]
        hop = max(block.header.number - WINDOW, 0) if far else None
        asked = near if hop is None else sorted({*near, hop})
        if not asked:
            return DrawnLinks(Pieces(self._chain.chain_id), {})
        drawn = self.state(block, HISTORY, [history_slot(number) for number in asked])
        remembered = {number: drawn.proven.storage[history_slot(number)] for number in asked}
        reached = {
            number: Digest(word.to_bytes(32, "big")) for number, word in remembered.items() if word
        }
        if hop is None or hop not in reached:
            return DrawnLinks(drawn.pieces, reached)
        further = self.links(self.head(reached[hop]), far)
        return DrawnLinks(joined([drawn.pieces, further.pieces]), {**further.reached, **reached})

    def _pieces(
        self,
        block: Head,
        *,
        states: tuple[StatePiece, ...] = (),
        receipts: tuple[ReceiptPiece, ...] = (),
        code: tuple[bytes, ...] = (),
    ) -> Pieces:
        return Pieces(self._chain.chain_id, (block.encoded,), states, receipts, code)

    def _proof(
        self, block: Head, account: Address, slots: Sequence[int]
    ) -> tuple[StatePiece, Proven]:
        answer = self._chain.proof(account, slots, block.header.block_hash)
        proven = proven_state(answer, block.header.state_root, account, slots)
        storage = {
            slot: _nodes(one["proof"])
            for slot, one in zip(slots, answer["storageProof"], strict=True)
        }
        piece = StatePiece(block.header.number, account, _nodes(answer["accountProof"]), storage)
        return piece, proven

    def _code(self, block: Head, account: Address, code_hash: bytes) -> bytes:
        code = self._chain.code(account, block.header.block_hash)
        if keccak(code) != code_hash:
            raise AnswerInconsistent(f"the code of {account} is not that of its account")
        return code

    def _transaction_proof(self, block: Head, index: int, transaction: Digest) -> Nodes | None:
        """None where a transaction of the block cannot be encoded, or the root is another's."""
        told = self._chain.transactions(block.header.block_hash)
        try:
            encoded = [encode_transaction(one) for one in told]
        except (FormUnknown, Disproved):
            return None
        trie = Trie.ordered(encoded)
        if trie.root != block.header.transactions_root:
            return None
        if keccak(encoded[index]) != transaction:
            # A receipt's root says nothing of its transaction's hash.
            raise AnswerInconsistent(f"receipt {index} is not that of {transaction}")
        return trie.proof(encode_int(index))


def _nodes(told: Sequence[str]) -> Nodes:
    return strict([unhex(node[2:]) for node in told])


def _logs_before(receipts: Sequence[ReceiptIn], index: int) -> int:
    return sum(len(one.logs) for one in receipts[:index])
