"""
Receipts as proofs: drawn once from a node, kept for ever after.

One costs a block's header, all of its receipts and all of its transactions (three requests, of a
full block of Ethereum some megabytes), since its place in the block's lists is what is proven. A
receipt of a final block never changes, so that every later extract has it for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

from api.certificates import tables  # noqa: F401  (fills the metadata)
from nft.chain.drawing import Drawing
from nft.proofs.pieces import Pieces, ReceiptPiece, hex_list, unhex_list
from nft.types import Digest

PROOFS = SQLModel.metadata.tables["book_receipt_proofs"]

Place = tuple[Digest, Digest]
"""Hash of the block, hash of the transaction."""


@dataclass(frozen=True, slots=True)
class ProvenReceipt:
    """A receipt's proof, and how its logs are counted."""

    pieces: Pieces
    block_number: int
    index: int
    first_log: int
    """Logs of the block before those of this receipt."""

    @property
    def size(self) -> int:
        """Bytes of hex that it adds to an evidence object, nearly."""
        piece = self.pieces.receipts[0]
        nodes = (*piece.proof, *(piece.transaction_proof or ()), *self.pieces.headers)
        return sum(2 * len(node) + 4 for node in nodes)


def draw(drawing: Drawing, place: Place) -> ProvenReceipt:
    """Ask a node. Raises `StateNotAvailable`, `Disproved`, `FormUnknown`, `Unreachable`."""
    head = drawing.head(place[0])
    found = drawing.receipt(head, place[1])
    return ProvenReceipt(found.pieces, head.header.number, found.index, found.first_log)


async def kept(
    session: AsyncSession, chain_id: int, places: Sequence[Place]
) -> dict[Place, ProvenReceipt]:
    """Those that were proven before."""
    if not places:
        return {}
    rows = await session.execute(
        select(PROOFS).where(
            PROOFS.c.chain_id == chain_id,
            tuple_(PROOFS.c.block_hash, PROOFS.c.transaction_hash).in_(places),
        )
    )
    return {(row.block_hash, row.transaction_hash): _read(row) for row in rows}


async def keep(
    session: AsyncSession, chain_id: int, found: Mapping[Place, ProvenReceipt], *, final: int
) -> None:
    """Keep what was drawn of final blocks; twice is harmless."""
    rows = [_row(chain_id, place, one) for place, one in found.items() if one.block_number <= final]
    if rows:
        await session.execute(insert(PROOFS).values(rows).on_conflict_do_nothing())


def _row(chain_id: int, place: Place, one: ProvenReceipt) -> dict[str, Any]:
    piece = one.pieces.receipts[0]
    receipt: dict[str, Any] = {"index": str(piece.index), "proof": hex_list(piece.proof)}
    if piece.transaction_proof is not None:
        receipt["transaction_proof"] = hex_list(piece.transaction_proof)
    return {
        "chain_id": chain_id,
        "block_hash": place[0],
        "transaction_hash": place[1],
        "block_number": one.block_number,
        "first_log": one.first_log,
        "header": one.pieces.headers[0].hex(),
        "receipt": receipt,
    }


def _read(row: Any) -> ProvenReceipt:
    told = row.receipt
    index = int(told["index"])
    transaction = told.get("transaction_proof")
    piece = ReceiptPiece(
        row.block_number,
        index,
        unhex_list(told["proof"]),
        None if transaction is None else unhex_list(transaction),
    )
    pieces = Pieces(row.chain_id, (bytes.fromhex(row.header),), receipts=(piece,))
    return ProvenReceipt(pieces, row.block_number, index, row.first_log)
