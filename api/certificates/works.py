"""
A work's state at one block, as a node proves it, in the words of an extract.
"""

from __future__ import annotations

from dataclasses import dataclass

from api.certificates.proofs import NotProvable, provable
from api.tokens.schemas import RoyaltyOut
from nft.chain.drawing import Drawing, Head
from nft.chain.drawing_works import draw_work
from nft.chain.protocol import Chain
from nft.layouts import foreign
from nft.layouts.collection import metadata_digest, our_collection, ownership, royalty
from nft.proofs.errors import Disproved, EvidenceRefused, FormUnknown
from nft.proofs.evidence import Evidence
from nft.proofs.linked import ProvenChain, Vouched
from nft.proofs.pieces import Pieces
from nft.types import ZERO_DIGEST, Address, Digest, TokenRef


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What is proven of a work at a block."""

    pieces: Pieces
    block_hash: Digest
    timestamp: int
    layout: str | None
    """None: of a stranger's contract that is written in no way we know."""
    owner: Address | None
    transfer_count: int | None = None
    is_frozen: bool = False
    royalty: RoyaltyOut | None = None
    digest: Digest | None = None
    exchange: Address | None = None
    """The one that the collection's code names."""


def read_state(chain: Chain, token: TokenRef, number: int) -> State:
    """
    Raises `StateNotAvailable` for what the node has forgotten, `NotProvable`, `Unreachable`.
    """
    node = provable(chain)
    drawing = Drawing(node)
    try:
        head = drawing.head(number)
        work = draw_work(node, drawing, head, token)
        vouched = Vouched(number, head.header.block_hash, "rpc")
        proven = ProvenChain(token.chain_id, [Evidence.of(work.pieces)], [vouched])
    except (Disproved, FormUnknown, EvidenceRefused) as error:
        raise NotProvable(str(error)) from error
    if work.layout is not None and not work.is_presumed:
        return _ours(proven, head, token, work.pieces, work.layout)
    owner = None
    if work.layout is not None:
        owner = foreign.owner_of(proven, number, token, work.layout).value.owner
    return State(
        pieces=work.pieces,
        block_hash=head.header.block_hash,
        timestamp=head.header.timestamp,
        layout=work.layout,
        owner=owner,
    )


def _ours(proven: ProvenChain, head: Head, token: TokenRef, pieces: Pieces, layout: str) -> State:
    number = head.header.number
    ours = our_collection(proven, number, token.contract).value
    word = ownership(proven, number, token).value
    owed = royalty(proven, number, ours, token.token_id).value
    digest = metadata_digest(proven, number, ours, token.token_id).value
    return State(
        pieces=pieces,
        block_hash=head.header.block_hash,
        timestamp=head.header.timestamp,
        layout=layout,
        owner=word.owner,
        transfer_count=word.transfer_count,
        is_frozen=word.is_frozen,
        royalty=RoyaltyOut(receiver=str(owed.receiver), bps=owed.bps),
        digest=digest if digest != ZERO_DIGEST else None,
        exchange=ours.exchange,
    )
