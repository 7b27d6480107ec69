"""
Which works a statement is of, and what is stated of each: read from their kept descriptions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.statements.errors import DescriptionUnknown, NotTheSigners
from media.tables import MetadataRow
from nft.certificates import described
from nft.integrity import Document
from nft.statements import WorkStatement, stated
from nft.tokens import creator_of
from nft.types import Address, Digest


@dataclass(frozen=True, slots=True)
class Wanted:
    """A work to be stated, by its first id and the digest of its description."""

    token_id: int
    copies: int
    metadata_digest: Digest


async def entries(
    session: AsyncSession, wanted: Sequence[Wanted], *, signer: Address
) -> list[WorkStatement]:
    """
    What is stated of each, in their order.

    Raises `DescriptionUnknown`, `NotTheSigners` or `StatementInvalid`.
    """
    documents = await _documents(session, {one.metadata_digest for one in wanted})
    found = []
    for position, one in enumerate(wanted):
        document = documents.get(one.metadata_digest)
        if document is None:
            raise DescriptionUnknown(position, one.metadata_digest)
        for end in (one.token_id, one.token_id + one.copies - 1):
            if creator_of(end % 2**256) != signer:
                raise NotTheSigners(position, str(creator_of(end % 2**256)), str(signer))
        found.append(
            stated(
                described(document),
                token_id=one.token_id,
                copies=one.copies,
                metadata_digest=one.metadata_digest,
            )
        )
    return found


async def _documents(session: AsyncSession, digests: set[Digest]) -> Mapping[Digest, Document]:
    query = select(col(MetadataRow.digest), col(MetadataRow.document)).where(
        col(MetadataRow.digest).in_(digests)
    )
    return {digest: document for digest, document in await session.execute(query)}
