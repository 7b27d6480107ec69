"""
Evidence: Merkle proofs of a chain's facts, in one object that stands in documents.

`Evidence.read` takes the canonical JSON and nothing else, and follows every proof in it from the
roots of its block's header; `Evidence.of` makes the canonical object of pieces that a node told.
Both end in values. None of them is a fact before its block's hash is believed: for that see
`nft.proofs.linked`.

The format is in `nft/CERTIFICATES.md`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from nft.proofs.errors import (
    EvidenceRefused,
    HeaderDisproved,
    ReceiptsDisproved,
    StateDisproved,
)
from nft.proofs.headers import Header, decode_header
from nft.proofs.history import HISTORY, block_of_slot
from nft.proofs.inclusion import Receipt, decode_receipt, listed, transaction_hash
from nft.proofs.keccak import keccak
from nft.proofs.pieces import Pieces, ReceiptPiece, StatePiece, joined
from nft.proofs.reading import check_ascending, read_pieces
from nft.proofs.rlp import NotCanonical
from nft.proofs.state import Account, account_at, word_at
from nft.proofs.trie import ProofBroken
from nft.types import Address, Digest


@dataclass(frozen=True, slots=True)
class State:
    """An account and the slots of it that are proven, in the state after a block."""

    account: Account
    storage: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Included:
    """A receipt of a block, and the hash of its transaction where that is proven too."""

    receipt: Receipt
    transaction_hash: Digest | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """An evidence object whose proofs hold; whether its blocks are the chain's is not said."""

    pieces: Pieces
    headers: Mapping[int, Header]
    states: Mapping[tuple[int, Address], State]
    receipts: Mapping[tuple[int, int], Included]
    """By block and index in it."""
    code: Mapping[Digest, bytes]
    """Deployed code by its Keccak-256."""

    @classmethod
    def read(cls, document: object) -> Self:
        """
        The evidence in parsed JSON. Raises `EvidenceRefused`, whatever is wrong.

        Members that stand twice in one object are for the parser of the JSON to refuse.
        """
        return cls._proven(read_pieces(document))

    @classmethod
    def of(cls, *pieces: Pieces) -> Self:
        """
        Evidence of what was drawn, in the canonical form.

        Raises `EvidenceRefused` where it proves nothing, or has what the format does not allow.
        """
        try:
            whole = joined(pieces).in_order()
        except HeaderDisproved as error:
            raise EvidenceRefused("header", "headers", why=str(error)) from error
        return cls.read(whole.document())

    @property
    def chain_id(self) -> int:
        """The chain that it says it is of; a block's hash alone vouches for that."""
        return self.pieces.chain_id

    @property
    def document(self) -> dict[str, Any]:
        """The canonical JSON."""
        return self.pieces.document()

    @classmethod
    def _proven(cls, pieces: Pieces) -> Self:
        headers = _headers(pieces.headers)
        states = _states(pieces.states, headers)
        receipts = _receipts(pieces.receipts, headers)
        needed = {block for block, _ in (*states, *receipts)} | _named(states)
        for at, number in enumerate(headers):
            if number not in needed:
                raise EvidenceRefused("header.unused", f"headers[{at}]", number)
        return cls(pieces, headers, states, receipts, _code(pieces.code, states))


def _headers(encoded: Sequence[bytes]) -> dict[int, Header]:
    found = []
    for at, one in enumerate(encoded):
        try:
            found.append(decode_header(one))
        except HeaderDisproved as error:
            raise EvidenceRefused("header", f"headers[{at}]", why=str(error)) from error
    check_ascending([header.number for header in found], "headers")
    return {header.number: header for header in found}


def _header(headers: Mapping[int, Header], block: int, place: str) -> Header:
    if block not in headers:
        raise EvidenceRefused("header.missing", place, block)
    return headers[block]


def _states(
    pieces: Sequence[StatePiece], headers: Mapping[int, Header]
) -> dict[tuple[int, Address], State]:
    check_ascending([(one.block, one.account) for one in pieces], "states")
    found = {}
    for at, one in enumerate(pieces):
        header = _header(headers, one.block, f"states[{at}].block")
        found[one.block, one.account] = _state(one, header, f"states[{at}]")
    return found


def _state(piece: StatePiece, header: Header, place: str) -> State:
    at = f"{place}.proof"
    storage = {}
    try:
        account = account_at(header.state_root, piece.account, piece.proof, is_strict=True)
        for index, (slot, proof) in enumerate(piece.storage.items()):
            at = f"{place}.storage[{index}].proof"
            storage[slot] = word_at(account.storage_root, slot, proof, is_strict=True)
    except (ProofBroken, NotCanonical, StateDisproved) as error:
        raise EvidenceRefused("proof", at, why=str(error)) from error
    return State(account, storage)


def _receipts(
    pieces: Sequence[ReceiptPiece], headers: Mapping[int, Header]
) -> dict[tuple[int, int], Included]:
    check_ascending([(one.block, one.index) for one in pieces], "receipts")
    found = {}
    for at, one in enumerate(pieces):
        header = _header(headers, one.block, f"receipts[{at}].block")
        found[one.block, one.index] = _included(one, header, f"receipts[{at}]")
    return found


def _included(piece: ReceiptPiece, header: Header, place: str) -> Included:
    rule, at = "proof", f"{place}.proof"
    hashed: Digest | None = None
    try:
        encoded = listed(header.receipts_root, piece.index, piece.proof)
        rule = "receipt"
        receipt = decode_receipt(encoded)
        if piece.transaction_proof is not None:
            rule, at = "proof", f"{place}.transaction_proof"
            transaction = listed(header.transactions_root, piece.index, piece.transaction_proof)
            rule = "transaction"
            hashed = transaction_hash(transaction)
    except ReceiptsDisproved as error:
        raise EvidenceRefused(rule, at, why=str(error)) from error
    return Included(receipt, hashed)


def _named(states: Mapping[tuple[int, Address], State]) -> set[int]:
    """The blocks that links name."""
    return {
        number
        for (block, account), state in states.items()
        if account == HISTORY
        for slot, word in state.storage.items()
        if word and (number := block_of_slot(slot, block)) is not None
    }


def _code(
    encoded: Sequence[bytes], states: Mapping[tuple[int, Address], State]
) -> dict[Digest, bytes]:
    found = {Digest(keccak(one)): one for one in encoded}
    check_ascending([keccak(one) for one in encoded], "code")
    proven = {state.account.code_hash for state in states.values()}
    for at, (hashed, code) in enumerate(found.items()):
        if not code or hashed not in proven:
            raise EvidenceRefused("code.unused", f"code[{at}]", str(hashed))
    return found
