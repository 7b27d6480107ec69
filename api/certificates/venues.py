"""
The code of those who sold a work, where the code of its collection does not name them: the auction
house, an exchange of before, any of ours where the collection is a stranger's.

Only with their code in the evidence are their logs believed (`nft.verification.sales`).
"""

from __future__ import annotations

from contextlib import suppress

from api.certificates.proofs import UNDRAWN, provable
from api.parts import ChainParts
from nft.chain.drawing import Drawing
from nft.proofs.evidence import Evidence
from nft.proofs.pieces import Pieces
from nft.types import Address, TokenRef
from nft.verification.sales import read_sales


def unnamed(
    chain: ChainParts, evidence: Evidence, token: TokenRef, exchange: Address | None
) -> list[Address]:
    """Contracts of ours that sold the work by these receipts; `exchange` is named by its code."""
    placed = (chain.deployment.auctions, *chain.deployment.exchanges)
    ours = {one.address for one in placed} - {exchange}
    receipts = (included.receipt for included in evidence.receipts.values())
    sold = {sale.by for receipt in receipts for sale in read_sales(receipt.logs, token)}
    return sorted(ours & sold)


def draw(chain: ChainParts, number: int, addresses: list[Address]) -> list[Pieces]:
    """Account and code of each as of a block; what a node does not prove is left off."""
    found: list[Pieces] = []
    with suppress(*UNDRAWN):
        drawing = Drawing(provable(chain.chain))
        head = drawing.head(number)
        for address in addresses:
            found.append(drawing.state(head, address, with_code=True).pieces)
    return found
