"""
Reading statements: what a certificate carries, and what a work's page shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.statements.tables import StatedWorkRow, StatementRow
from nft.statements import Signed
from nft.types import Digest, TokenRef


@dataclass(frozen=True, slots=True)
class Kept:
    """A statement of a work as it is kept."""

    signed: Signed
    digest: Digest
    created_at: datetime


async def find(
    session: AsyncSession, token: TokenRef, metadata_digest: Digest
) -> dict[str, Any] | None:
    """
    The member `statement` of the certificate of a work with this description; None without one.

    The first that was signed stands: signing again changes no certificate.
    """
    kept = await find_kept(session, token, metadata_digest)
    return kept.signed.as_json() if kept else None


async def find_kept(session: AsyncSession, token: TokenRef, metadata_digest: Digest) -> Kept | None:
    """The same with its name and its time."""
    query = (
        select(StatementRow, StatedWorkRow)
        .join(StatedWorkRow, col(StatedWorkRow.digest) == col(StatementRow.digest))
        .where(
            col(StatedWorkRow.chain_id) == token.chain_id,
            col(StatedWorkRow.contract) == token.contract,
            col(StatedWorkRow.metadata_digest) == metadata_digest,
            col(StatedWorkRow.token_id) <= token.token_id,
            col(StatedWorkRow.last_token_id) >= token.token_id,
        )
        .order_by(col(StatementRow.created_at), col(StatementRow.digest), col(StatedWorkRow.place))
        .limit(1)
    )
    found = (await session.execute(query)).first()
    if found is None:
        return None
    statement, work = found
    hashes = statement.works
    signed = Signed(
        signer=statement.signer,
        signature=statement.signature,
        copies=work.copies,
        token_id=work.token_id,
        place=work.place,
        works=tuple(Digest(hashes[at : at + 32]) for at in range(0, len(hashes), 32)),
        by_contract=statement.by_contract,
    )
    return Kept(signed, statement.digest, statement.created_at)


async def are_signed(session: AsyncSession, digests: list[Digest]) -> set[Digest]:
    """Which of these EIP-712 digests are those of statements that came."""
    query = select(col(StatementRow.digest)).where(col(StatementRow.digest).in_(digests))
    return set((await session.execute(query)).scalars())
