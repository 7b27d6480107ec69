"""
The works of an export, page after page in the order of their references.

Burned works are left out: nobody holds their contents any more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select, tuple_
from sqlalchemy.orm import Session
from sqlmodel import SQLModel

import media.tables  # noqa: F401  (fills the metadata)
from api.orders.facts import TOKENS
from media.exporting import Minted
from nft.types import ZERO_ADDRESS, Address, TokenRef

METADATA = SQLModel.metadata.tables["media_metadata"]

PAGE = 50
"""A document may have 262,144 bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Whose works, or which; one of the three is set."""

    artist: Address | None = None
    collection: tuple[int, Address] | None = None
    works: tuple[TokenRef, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As the manifest states it."""
        if self.artist is not None:
            return {"artist": str(self.artist)}
        if self.collection is not None:
            chain_id, contract = self.collection
            return {"collection": f"eip155:{chain_id}/erc721:{contract}"}
        return {"works": [work.caip19 for work in self.works]}

    def condition(self) -> ColumnElement[bool]:
        """As SQL."""
        if self.artist is not None:
            return TOKENS.c.creator == self.artist
        if self.collection is not None:
            chain_id, contract = self.collection
            return (TOKENS.c.chain_id == chain_id) & (TOKENS.c.contract == contract)
        return _REFERENCE.in_([(w.chain_id, w.contract, w.token_id) for w in self.works])


_COLUMNS = (TOKENS.c.chain_id, TOKENS.c.contract, TOKENS.c.token_id)
_REFERENCE = tuple_(*_COLUMNS)


def _is_there(scope: Scope) -> ColumnElement[bool]:
    return scope.condition() & (TOKENS.c.owner != ZERO_ADDRESS)


def count(scope: Scope) -> Select[Any]:
    """How many works."""
    return select(func.count()).select_from(TOKENS).where(_is_there(scope))


def page(scope: Scope, after: TokenRef | None) -> Select[Any]:
    """The next works behind `after`."""
    query = (
        select(
            TOKENS.c.chain_id,
            TOKENS.c.contract,
            TOKENS.c.token_id,
            TOKENS.c.creator,
            TOKENS.c.metadata_digest,
            METADATA.c.body,
            METADATA.c.document,
        )
        .outerjoin(METADATA, METADATA.c.digest == TOKENS.c.metadata_digest)
        .where(_is_there(scope))
        .order_by(*_COLUMNS)
        .limit(PAGE)
    )
    if after is not None:
        here = (after.chain_id, after.contract, after.token_id)
        place = (literal(value, column.type) for value, column in zip(here, _COLUMNS, strict=True))
        query = query.where(tuple_(*place) < _REFERENCE)
    return query


def minted(rows: Sequence[Any]) -> list[Minted]:
    """Rows of a page as the export takes them."""
    return [
        Minted(
            token=TokenRef(row.chain_id, row.contract, row.token_id),
            creator=row.creator,
            digest=row.metadata_digest,
            body=row.body,
            document=row.document,
        )
        for row in rows
    ]


def works(session: Session, scope: Scope) -> Iterator[Minted]:
    """All works of a scope, in order."""
    after: TokenRef | None = None
    while rows := session.execute(page(scope, after)).all():
        found = minted(rows)
        yield from found
        after = found[-1].token
