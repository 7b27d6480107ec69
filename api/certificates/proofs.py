"""
The proofs that go into a certificate, drawn from a node: the mint's receipt, and the work's state.
"""

from __future__ import annotations

from collections.abc import Iterator

from api.certificates.facts import Facts
from nft.chain.client import Web3Chain
from nft.chain.drawing import Drawing, Head
from nft.chain.drawing_works import DrawnWork, draw_work
from nft.chain.errors import StateNotAvailable
from nft.chain.protocol import Chain
from nft.errors import Unreachable
from nft.integrity import Document
from nft.layouts.collection import metadata_digest, our_collection
from nft.layouts.errors import LayoutUnknown, NotShown
from nft.proofs.errors import Disproved, EvidenceRefused, FormUnknown
from nft.proofs.evidence import Evidence
from nft.proofs.linked import ProvenChain, Vouched
from nft.types import Digest, TokenRef


class NotProvable(Unreachable):
    """What a node lacks, or tells in another way than the chain's hashes do."""

    retry_after_seconds = 60


UNDRAWN = (StateNotAvailable, Disproved, FormUnknown, Unreachable)
"""Why a node proves less than was asked for: it forgot, tells something else, or is silent."""


def provable(chain: Chain) -> Web3Chain:
    """The chain, if proofs can be drawn from it. Raises `NotProvable`."""
    if not isinstance(chain, Web3Chain):
        raise NotProvable("the chain is not reached through nodes that prove anything")
    return chain


def of_certificate(chain: Chain, facts: Facts) -> Document:
    """
    The `ChainEvidence` of a certificate.

    The state is that of the block in which the work was described as it is now (its mint, as a
    rule), where the node still has it, else that of the newest safe one. Raises `NotProvable`, and
    `Unreachable` when nobody answers.
    """
    mint = facts.mint
    node = provable(chain)
    drawing = Drawing(node)
    try:
        receipt = drawing.receipt(drawing.head(mint.block_hash), mint.transaction_hash)
        block, work = _settled_work(node, drawing, facts)
        proofs = Evidence.of(receipt.pieces, work.pieces)
    except (StateNotAvailable, Disproved, FormUnknown, EvidenceRefused) as error:
        raise NotProvable(str(error)) from error
    return {
        "type": "ChainEvidence",
        "layout": work.layout,
        "mint": {
            "block": str(mint.block_number),
            "index": str(receipt.index),
            "log": mint.log_index - receipt.first_log,
        },
        "state": {"block": str(block)},
        "proofs": proofs.document,
    }


def _settled_work(node: Web3Chain, drawing: Drawing, facts: Facts) -> tuple[int, DrawnWork]:
    """The work's state, and its block, that carries the description."""
    token, wanted = facts.statement.token, facts.statement.metadata_digest
    lacks: StateNotAvailable | Disproved = StateNotAvailable("the work with this description")
    for head in _heads(drawing, facts):
        try:
            work = draw_work(node, drawing, head, token)
        except (StateNotAvailable, Disproved) as error:
            lacks = error  # Forgotten, or of a local chain whose state was changed by hand.
            continue
        if _digest(work, head, token) == wanted:
            return head.header.number, work
    raise lacks


def _heads(drawing: Drawing, facts: Facts) -> Iterator[Head]:
    mint = facts.mint
    is_first = facts.described_block == mint.block_number
    yield drawing.head(mint.block_hash if is_first else facts.described_block)
    if facts.safe_number > facts.described_block:
        yield drawing.head(facts.safe_number)


def _digest(work: DrawnWork, head: Head, token: TokenRef) -> Digest | None:
    """What the drawn state says that the work carries; None of a contract that is none of ours."""
    header = head.header
    vouched = Vouched(header.number, header.block_hash, "rpc")
    proven = ProvenChain(token.chain_id, [Evidence.of(work.pieces)], [vouched])
    try:
        ours = our_collection(proven, header.number, token.contract).value
        return metadata_digest(proven, header.number, ours, token.token_id).value
    except (LayoutUnknown, NotShown):
        return None
