"""
The anchor of one certificate: its place in the first tree that has it, and the root's proof.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.certificates import issuers
from api.certificates.anchoring import (
    contract_of,
    find_key,
    tree_of,
    unpack,
    works_first_in,
)
from api.certificates.tables_issuer import AnchoredRow, AnchorRow
from api.certificates.versions import Certificate
from api.forms import due
from api.parts import ChainParts, Parts
from indexer.tables import CursorRow
from nft.anchors import SECONDS_OF_DAY, Anchor, IssuerKey, key_slot, root_slot
from nft.chain.client import Web3Chain
from nft.chain.drawing import Drawing
from nft.chain.errors import StateNotAvailable
from nft.errors import Missing, Unreachable
from nft.integrity import Document
from nft.proofs.evidence import Evidence
from nft.types import Digest

log = structlog.get_logger(__name__)


Stage = Literal["tree", "root", "safe"]
"""What a certificate waits for: a day's tree that has it, its root on the chain, a safe block."""


class AnchorWaiting(Missing):
    """The certificate is not anchored yet; it says how far that is."""

    def __init__(self, stage: Stage, why: str) -> None:
        self.stage = stage
        super().__init__(f"waiting: {why}")


async def anchor_of(session: AsyncSession, certificate: Certificate) -> Document:
    """The `vernissage-anchor-v1` of a certificate. Raises `AnchorWaiting`."""
    digest = Digest.sha256(certificate.body)
    first = await session.get(AnchoredRow, digest)
    if first is None:
        raise AnchorWaiting("tree", "it is in no day's tree; one is made after midnight UTC")
    row = await session.get(AnchorRow, (first.chain_id, first.day))
    day = datetime.fromtimestamp(first.day * SECONDS_OF_DAY, UTC).strftime("%Y-%m-%d")
    if row is None or row.anchorer is None:
        why = f"it is in the tree of {day}, whose root is not on the chain yet"
        raise AnchorWaiting("root", why)
    if row.evidence is None or row.contract is None or row.state_block is None:
        why = f"the root of {day} is in block {row.block_number}, not safe yet"
        raise AnchorWaiting("safe", why)
    tree = await asyncio.to_thread(tree_of, row.leaves)
    return Anchor(
        chain_id=row.chain_id,
        contract=row.contract,
        anchorer=row.anchorer,
        day=row.day,
        certificate=digest,
        status=unpack(row.leaves)[digest],
        proof=tree.proof(digest),
        state_block=row.state_block,
        issuer_key=_signer(certificate, row),
        evidence=Evidence.read(row.evidence).document,  # JSONB forgets the order of members
    ).as_json()


def _signer(certificate: Certificate, row: AnchorRow) -> IssuerKey | None:
    """The proven key, where it is the one that signed this certificate."""
    told = row.issuer_key
    method = str(certificate.document["proof"]["verificationMethod"])
    if told is None or method.rpartition("#")[2] != told["multikey"]:
        return None
    return IssuerKey(int(told["index"]), bytes.fromhex(told["key"][2:]))


async def anchored_at(session: AsyncSession, certificate: Certificate) -> datetime | None:
    """Since when a root on the chain shows that it existed; None where `anchor_of` still waits."""
    first = await session.get(AnchoredRow, Digest.sha256(certificate.body))
    row = await session.get(AnchorRow, (first.chain_id, first.day)) if first else None
    if row is None or row.evidence is None or row.timestamp is None:
        return None
    return datetime.fromtimestamp(row.timestamp, UTC)


# Proofs


async def prove_due(parts: Parts) -> int:
    """
    Draw and keep the proof of every root whose block is safe; how many.

    A root that is not there any more, its block having been undone, is sent again.
    """
    proven = 0
    for chain_id, chain in parts.chains.items():
        async with parts.sessions() as session:
            cursor = await session.get(CursorRow, chain_id)
            safe = -1 if cursor is None else cursor.safe_number
            rows = (
                await session.scalars(
                    select(AnchorRow).where(
                        col(AnchorRow.chain_id) == chain_id,
                        col(AnchorRow.evidence).is_(None),
                        col(AnchorRow.anchorer).is_not(None),
                        col(AnchorRow.block_number) <= safe,
                    )
                )
            ).all()
            key = (await issuers.keys(session, parts))[-1]
        for row in rows:
            try:
                drawn = await asyncio.to_thread(_draw, chain, row, safe, key)
            except (Unreachable, StateNotAvailable) as error:
                log.info("an anchor is proven later", day=row.day, why=str(error))
                continue
            proven += await _keep(parts, row, drawn)
    return proven


async def _keep(parts: Parts, row: AnchorRow, drawn: dict[str, Any] | None) -> bool:
    values: dict[str, Any] = drawn or {"anchorer": None, "block_number": None, "timestamp": None}
    async with parts.sessions.begin() as session:
        await session.execute(
            update(AnchorRow)
            .where(col(AnchorRow.chain_id) == row.chain_id, col(AnchorRow.day) == row.day)
            .values(**values)
        )
        if drawn is not None:
            await due.put_all(session, works_first_in(row.chain_id, row.day))
    return drawn is not None


def _draw(chain: ChainParts, row: AnchorRow, safe: int, key: issuers.Key) -> dict[str, Any] | None:
    """The proof as of the newest safe block; None where the root is not there."""
    node = chain.chain
    assert isinstance(node, Web3Chain), "proofs are drawn from nodes"
    assert row.anchorer is not None, "somebody anchored it"
    contract = contract_of(chain)
    drawing = Drawing(node)
    head = drawing.head(safe)
    first = root_slot(row.anchorer, row.day)
    slots = [first, first + 1]
    index = find_key(chain, contract, row.anchorer, key.public_key)
    if index is not None:
        of_key = key_slot(row.anchorer, index)
        slots += [of_key, of_key + 1]
    state = drawing.state(head, contract.address, slots)
    words = state.proven.storage
    if Digest(words[first].to_bytes(32, "big")) != row.root:
        return None
    told = None
    if index is not None and words[slots[2]] == int.from_bytes(key.public_key, "big"):
        told = {"index": index, "key": str(key.public_key), "multikey": key.multikey}
    return {
        "evidence": Evidence.of(state.pieces).document,
        "state_block": head.header.number,
        "issuer_key": told,
    }


@dataclass(frozen=True, slots=True)
class AnchoredUpTo:
    """How far a chain's days are anchored."""

    last: date | None
    """The last day whose root is on the chain."""
    waiting: int
    """Days whose trees are prepared and wait for somebody to write them."""

    def as_json(self, chain_id: int) -> Document:
        """For `/status`."""
        last = None if self.last is None else self.last.isoformat()
        return {"chain_id": str(chain_id), "last_day": last, "days_waiting": self.waiting}


async def anchored_of(session: AsyncSession, chain_id: int) -> AnchoredUpTo:
    """How far the days of a chain are anchored."""
    row = AnchorRow
    of_chain = col(row.chain_id) == chain_id
    last = await session.scalar(
        select(func.max(row.day)).where(of_chain, col(row.anchorer).is_not(None))
    )
    waiting = await session.scalar(
        select(func.count())
        .select_from(row)
        .where(of_chain, col(row.anchorer).is_(None), col(row.other_root).is_(None))
    )
    day = None if last is None else datetime.fromtimestamp(last * SECONDS_OF_DAY, UTC).date()
    return AnchoredUpTo(day, waiting or 0)
