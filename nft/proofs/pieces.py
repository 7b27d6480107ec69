"""
What evidence is made of: raw headers, nodes of tries and code, put together and in order.

Pieces are as they were drawn; that they prove anything is for `nft.proofs.evidence` to find out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nft.proofs.headers import decode_header
from nft.proofs.keccak import keccak
from nft.types import Address

FORMAT = "vernissage-evidence-v1"

Nodes = tuple[bytes, ...]
"""A proof: the nodes from the root down, in strict form (`nft.proofs.trie.strict`)."""


@dataclass(frozen=True, slots=True)
class StatePiece:
    """Proofs of an account and of some of its slots, in the state after a block."""

    block: int
    account: Address
    proof: Nodes
    storage: Mapping[int, Nodes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReceiptPiece:
    """Proofs of a receipt and, where it could be had, of its transaction."""

    block: int
    index: int
    proof: Nodes
    transaction_proof: Nodes | None = None


@dataclass(frozen=True, slots=True)
class Pieces:
    """Everything of one evidence object."""

    chain_id: int
    headers: tuple[bytes, ...] = ()
    states: tuple[StatePiece, ...] = ()
    receipts: tuple[ReceiptPiece, ...] = ()
    code: tuple[bytes, ...] = ()

    def in_order(self) -> Pieces:
        """The same, each once and where it belongs. Raises `HeaderDisproved` for no header."""
        states: dict[tuple[int, Address], StatePiece] = {}
        for one in self.states:
            key = one.block, one.account
            known = states.get(key, one)
            storage = dict(sorted({**one.storage, **known.storage}.items()))
            states[key] = StatePiece(*key, known.proof, storage)
        receipts: dict[tuple[int, int], ReceiptPiece] = {}
        for receipt in self.receipts:
            there = receipts.get((receipt.block, receipt.index))
            if there is None or there.transaction_proof is None:
                receipts[receipt.block, receipt.index] = receipt
        return Pieces(
            self.chain_id,
            tuple(sorted(set(self.headers), key=lambda one: decode_header(one).number)),
            tuple(states[key] for key in sorted(states)),
            tuple(receipts[key] for key in sorted(receipts)),
            tuple(sorted(set(self.code), key=keccak)),
        )

    def document(self) -> dict[str, Any]:
        """The JSON of pieces that are in order."""
        return {
            "format": FORMAT,
            "chain_id": str(self.chain_id),
            "headers": hex_list(self.headers),
            "states": [_state(one) for one in self.states],
            "receipts": [_receipt(one) for one in self.receipts],
            "code": hex_list(self.code),
        }


def hex_list(values: Iterable[bytes]) -> list[str]:
    """Nodes, headers or code as JSON holds them."""
    return ["0x" + value.hex() for value in values]


def unhex_list(texts: Iterable[str]) -> Nodes:
    """Inverse of `hex_list`, of what we wrote ourselves."""
    return tuple(bytes.fromhex(text[2:]) for text in texts)


def joined(pieces: Sequence[Pieces]) -> Pieces:
    """All of one chain in one. Raises `ValueError` for none, or for several chains."""
    chains = {one.chain_id for one in pieces}
    if len(chains) != 1:
        raise ValueError(f"pieces of {len(chains)} chains")
    return Pieces(
        chains.pop(),
        tuple(header for one in pieces for header in one.headers),
        tuple(state for one in pieces for state in one.states),
        tuple(receipt for one in pieces for receipt in one.receipts),
        tuple(code for one in pieces for code in one.code),
    )


def _state(piece: StatePiece) -> dict[str, Any]:
    return {
        "block": str(piece.block),
        "account": "0x" + piece.account.hex(),
        "proof": hex_list(piece.proof),
        "storage": [
            {"slot": f"{slot:#066x}", "proof": hex_list(proof)}
            for slot, proof in piece.storage.items()
        ],
    }


def _receipt(piece: ReceiptPiece) -> dict[str, Any]:
    found: dict[str, Any] = {
        "block": str(piece.block),
        "index": str(piece.index),
        "proof": hex_list(piece.proof),
    }
    if piece.transaction_proof is not None:
        found["transaction_proof"] = hex_list(piece.transaction_proof)
    return found
