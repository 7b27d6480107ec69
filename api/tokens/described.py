"""
What the works of others were found to be described by: strangers' words, shown as such.

Only title, description, traits and the address of a picture are taken from such a document. Its
other words (an artist's name, files by content) could repeat those of a work that was minted here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

from api.tokens import documents
from api.tokens.schemas import MetadataVersionOut
from nft.types import TokenRef

FOUND = SQLModel.metadata.tables["media_token_metadata"]

LONGEST_TITLE = 300
LONGEST_DESCRIPTION = 20_000
LONGEST_URL = 2_048
MOST_TRAITS = 256


@dataclass(frozen=True, slots=True)
class Described:
    """The newest document of a token, and every version that there was."""

    document: Mapping[str, Any] = field(default_factory=dict)
    versions: list[MetadataVersionOut] = field(default_factory=list)

    @property
    def is_known(self) -> bool:
        """Whether any version is a document."""
        return bool(self.document)

    @property
    def image_url(self) -> str | None:
        """The address of the picture as the document writes it; nothing of ours follows it."""
        told = documents.text(self.document, "image") or documents.text(self.document, "image_url")
        return told if told and len(told) <= LONGEST_URL else None

    @property
    def believed(self) -> dict[str, Any]:
        """What may be shown of it."""
        return {
            "name": documents.text(self.document, "name")[:LONGEST_TITLE],
            "description": documents.text(self.document, "description")[:LONGEST_DESCRIPTION],
            "attributes": [
                {
                    "trait_type": documents.text(one, "trait_type")[:LONGEST_TITLE],
                    "value": str(one["value"])[:LONGEST_TITLE],
                }
                for one in documents.parts(self.document, "attributes")[:MOST_TRAITS]
                if isinstance(one.get("value"), str | int | float)
            ],
        }


NOT_DESCRIBED = Described()


async def described(session: AsyncSession, tokens: Iterable[TokenRef]) -> dict[TokenRef, Described]:
    """What was found of these tokens, those of whom nothing was left out."""
    wanted = [(one.chain_id, one.contract, one.token_id) for one in tokens]
    if not wanted:
        return {}
    key = (FOUND.c.chain_id, FOUND.c.contract, FOUND.c.token_id)
    newest = await session.execute(
        select(*key, FOUND.c.document)
        .ext(distinct_on(*key))
        .where(tuple_(*key).in_(wanted), FOUND.c.sha256.is_not(None), FOUND.c.error.is_(None))
        .order_by(*key, FOUND.c.version.desc())
    )
    known = {TokenRef(*row[:3]): row.document for row in newest}
    rows = await session.execute(
        select(*(column for column in FOUND.c if column.name != "document"))
        .where(tuple_(*key).in_(wanted))
        .order_by(*key, FOUND.c.version)
    )
    versions: dict[TokenRef, list[MetadataVersionOut]] = {}
    for row in rows:
        versions.setdefault(TokenRef(row.chain_id, row.contract, row.token_id), []).append(
            MetadataVersionOut(
                version=row.version,
                fetched_at=row.fetched_at,
                block_number=str(row.block_number),
                uri=row.uri,
                sha256=str(row.sha256) if row.sha256 else None,
                size=row.size,
                error=row.error,
            )
        )
    return {token: Described(known.get(token, {}), told) for token, told in versions.items()}
