"""
Exchanges and auction houses, known by their code: what they log of a price is what was paid.
"""

from __future__ import annotations

from nft.layouts.collection import code_at
from nft.layouts.registry import recognise, venues
from nft.proofs.linked import Fact, ProvenChain
from nft.types import Address


def venue_at(chain: ProvenChain, block: int, address: Address) -> Fact[str]:
    """
    Which contract of ours stands at an address, as of a block: `Exchange` or `Auctions`.

    Raises `NotShown` where account or code is not in the evidence, `LayoutUnknown` where the code
    is of neither.
    """
    fact, code = code_at(chain, block, address)
    found = recognise(code, address, chain.chain_id, venues())
    return Fact(fact, found.implementation.contract)
