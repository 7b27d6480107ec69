"""
The proofs that go into a certificate, drawn from a node: the mint's receipt, and the work's state.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from api.certificates.facts import Facts
from nft.chain.client import Web3Chain
from nft.chain.clones import Clone
from nft.chain.drawing import Drawing, DrawnState, Head
from nft.chain.errors import StateNotAvailable
from nft.chain.protocol import Chain
from nft.errors import ExchangeError
from nft.integrity import Document
from nft.proofs.errors import Disproved, EvidenceRefused, FormUnknown
from nft.proofs.evidence import Evidence
from nft.proofs.pieces import Pieces, joined
from nft.tokens import OwnershipWord, digest_slot, ownership_slot, payee_slot
from nft.types import Address, TokenRef

LAYOUT = "vernissage-collection-v1"


class NotProvable(ExchangeError):
    """What a node lacks, or tells in another way than the chain's hashes do."""


@dataclass(frozen=True, slots=True)
class WorkState:
    """A work of ours as the state after a block proves it."""

    pieces: Pieces
    word: OwnershipWord
    digest: int
    payee: Address | None
    """Who is paid royalties, where the word names one that is not the creator."""


def drawing_of(chain: Chain) -> Drawing:
    """How proofs are drawn from a chain. Raises `NotProvable` where its nodes give none."""
    if not isinstance(chain, Web3Chain):
        raise NotProvable("the chain is not reached through nodes that prove anything")
    return Drawing(chain)


def of_certificate(chain: Chain, facts: Facts) -> Document:
    """
    The `ChainEvidence` of a certificate.

    The state is that of the block in which the work was described as it is now (its mint, as a
    rule), where the node still has it, else that of the newest safe one. Raises `NotProvable`, and
    `Unreachable` when nobody answers.
    """
    mint, token = facts.statement.mint, facts.statement.token
    try:
        drawing = drawing_of(chain)
        receipt = drawing.receipt(drawing.head(mint.block_hash), mint.transaction_hash)
        block, state = _settled_state(drawing, facts)
        evidence = Evidence.of(receipt.pieces, state.pieces)
    except (StateNotAvailable, Disproved, FormUnknown, EvidenceRefused) as error:
        raise NotProvable(f"{token.caip19}: {error}") from error
    return {
        "type": "ChainEvidence",
        "layout": LAYOUT,
        "mint": {
            "block": str(mint.block_number),
            "index": str(receipt.index),
            "log": mint.log_index - receipt.first_log,
        },
        "state": {"block": str(block)},
        "proofs": evidence.document,
    }


def _settled_state(drawing: Drawing, facts: Facts) -> tuple[int, WorkState]:
    wanted = facts.statement.metadata_digest
    for head in _heads(drawing, facts):
        try:
            state = state_of(drawing, head, facts.statement.token)
        except StateNotAvailable:
            continue
        if state.digest == int.from_bytes(wanted, "big"):
            return head.header.number, state
    raise StateNotAvailable("of the work with this description")


def _heads(drawing: Drawing, facts: Facts) -> Iterator[Head]:
    mint = facts.statement.mint
    is_first = facts.described_block == mint.block_number
    yield drawing.head(mint.block_hash if is_first else facts.described_block)
    if facts.safe_number > facts.described_block:
        yield drawing.head(facts.safe_number)


def state_of(drawing: Drawing, head: Head, token: TokenRef) -> WorkState:
    """
    A work of ours after a block: its contract with its code, word, digest and payee.

    Raises `StateNotAvailable`, `Disproved`, `Unreachable`.
    """
    word_slot, digest = ownership_slot(token.token_id), digest_slot(token.token_id)
    drawn = drawing.state(head, token.contract, [word_slot, digest], with_code=True)
    pieces = [drawn.pieces]
    clone = Clone.read(drawn.code or b"")
    if clone is not None:
        pieces.append(drawing.state(head, clone.implementation, with_code=True).pieces)
    word = OwnershipWord.unpack(drawn.proven.storage[word_slot])
    payee = None
    if word.payee:
        named = drawing.state(head, token.contract, [payee_slot(word.payee)])
        payee = _address(named, payee_slot(word.payee))
        pieces.append(named.pieces)
    return WorkState(joined(pieces), word, drawn.proven.storage[digest], payee)


def _address(drawn: DrawnState, slot: int) -> Address:
    return Address((drawn.proven.storage[slot] & (2**160 - 1)).to_bytes(20, "big"))
