"""
Reading statements: what a certificate carries, and what a work's page shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.parts import Parts
from api.statements.errors import DescriptionUnknown, NoSuchStatement
from api.statements.schemas import PlacedStatement, StatedOut, StatementOut
from api.statements.tables import StatedWorkRow, StatementRow
from api.statements.works import Wanted, entries
from api.tokens.queries import get_token
from api.tokens.schemas import TokenOut
from nft.signing import TypedData
from nft.statements import Signed, typed_data
from nft.types import Address, Digest, TokenRef


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


async def of_work(session: AsyncSession, work: TokenOut) -> Kept | None:
    """The statement about a work as it describes itself now, for its pages."""
    if work.metadata_digest is None:
        return None
    ref = TokenRef(int(work.chain_id), Address.parse(work.contract), int(work.token_id))
    return await find_kept(session, ref, Digest.parse(work.metadata_digest))


async def get_statement(session: AsyncSession, parts: Parts, ref: TokenRef) -> StatementOut:
    """What the creator signed of a work as it is now. Raises `NoSuchToken`, `NoSuchStatement`."""
    work = await get_token(session, parts, ref)
    kept = await of_work(session, work)
    if kept is None or work.metadata_digest is None:
        raise NoSuchStatement(ref.caip19)
    return StatementOut(
        chain_id=str(ref.chain_id),
        contract=str(ref.contract),
        token_id=str(ref.token_id),
        metadata_digest=work.metadata_digest,
        digest=str(kept.digest),
        statement=kept.signed.as_json(),
        typed_data=await _typed_data(session, kept),
        signed_by_contract=kept.signed.by_contract,
        received_at=kept.created_at,
    )


async def _typed_data(session: AsyncSession, kept: Kept) -> TypedData | None:
    """The whole message again; None when a description of a neighbour is not kept any more."""
    rows = await _works_of(session, kept.digest)
    wanted = [Wanted(one.token_id, one.copies, one.metadata_digest) for one in rows]
    try:
        works = await entries(session, wanted, signer=kept.signed.signer)
    except DescriptionUnknown:
        return None
    return typed_data(works, chain_id=rows[0].chain_id, contract=rows[0].contract)


async def _works_of(session: AsyncSession, digest: Digest) -> Sequence[StatedWorkRow]:
    query = select(StatedWorkRow).where(col(StatedWorkRow.digest) == digest)
    return (await session.execute(query.order_by(col(StatedWorkRow.place)))).scalars().all()


async def placed(session: AsyncSession, digest: Digest) -> PlacedStatement:
    """A statement that is kept, as it is told to who sent it."""
    row = await session.get_one(StatementRow, digest)
    works = await _works_of(session, digest)
    return PlacedStatement(
        digest=str(digest),
        chain_id=str(row.chain_id),
        contract=str(row.contract),
        signer=str(row.signer),
        signature="0x" + row.signature.hex(),
        works=[
            StatedOut(
                token_id=str(one.token_id),
                copies=str(one.copies),
                metadata_digest=str(one.metadata_digest),
                hash="0x" + row.works[32 * one.place : 32 * one.place + 32].hex(),
            )
            for one in works
        ],
    )
