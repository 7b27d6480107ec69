"""
What others of the house add to a certificate: the artist's own statement, places in status lists.
"""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from api.certificates import status
from api.parts import Parts
from api.statements import queries as statements
from nft.certificates import Statement
from nft.integrity import Document
from nft.types import TokenRef


async def statement_of(session: AsyncSession, statement: Statement) -> Document | None:
    """What the creator signed about exactly these facts before the mint."""
    return await statements.find(session, statement.token, statement.metadata_digest)


async def entries_of(
    session: AsyncSession, parts: Parts, token: TokenRef, version: int
) -> tuple[Document, ...]:
    """Where the version's standing can be looked up, for each purpose."""
    return tuple(await status.allocate(session, parts, token, version))
