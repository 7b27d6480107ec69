"""
Collections on the wire.
"""

from __future__ import annotations

from pydantic import BaseModel

from api.chains.schemas import AsOf


class CollectionOut(BaseModel):
    """An ERC-721 contract and what the mirror counts in it."""

    chain_id: str
    contract: str
    name: str
    symbol: str
    house: bool
    """Open to every creator; the platform has no power in it."""
    test: bool
    works: int
    """Tokens that exist; burned ones are left out."""
    creators: int
    owners: int
    for_sale: int
    first_block: str
    url: str
    as_of: AsOf | None
    """Null until the first work."""


class CollectionList(BaseModel):
    """A page of collections."""

    items: list[CollectionOut]
    next: str | None
    as_of: AsOf | None
