"""
Bundles that are kept: which one stands for a work, what it was drawn from, and which are due.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Column, Index, Integer
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


class BundleDueRow(SQLModel, table=True):
    """A work whose bundle is to be drawn: its first, or one that says what came later."""

    __tablename__ = "book_bundles_due"
    __table_args__ = (Index("book_bundles_due_next", "due_at"),)

    chain_id: int = columns.key()
    contract: Address = Field(sa_type=AddressType, primary_key=True)
    token_id: int = Field(sa_type=TokenIdType, primary_key=True)
    due_at: datetime = columns.now()
    marks: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})
    """Times that it was put down again since; who draws sees by it that there was more news."""
    attempts: int = Field(default=0, sa_type=Integer, sa_column_kwargs={"server_default": "0"})
    why: str | None = None
    """What the last attempt lacked."""


class BundleCursorRow(SQLModel, table=True):
    """Up to which final block the moves of a chain were put down."""

    __tablename__ = "book_bundle_cursors"

    chain_id: int = columns.key()
    number: int = Field(sa_type=BigInteger)
