"""
Bundles that are kept: which one stands for a work, and what it was drawn from.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Column, Integer
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from api import columns
from nft.database import AddressType, TokenIdType
from nft.types import Address


class BundleRow(SQLModel, table=True):
    """The newest evidence bundle of a work; its bytes lie in the store, under its CID."""

    __tablename__ = "book_bundles"

    chain_id: int = columns.key()
    contract: Address = Field(sa_type=AddressType, primary_key=True)
    token_id: int = Field(sa_type=TokenIdType, primary_key=True)
    version: int = Field(sa_type=Integer)
    """Of the certificate in it."""
    block_number: int = Field(sa_type=BigInteger)
    """Of the extract in it; of a bundle without one the newest final block of then."""
    cid: str
    size: int = Field(sa_type=BigInteger)
    parts: list[str] = Field(sa_column=Column(JSONB, nullable=False))
    drawn_at: datetime = columns.time()
