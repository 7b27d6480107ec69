"""
What creators have signed about their works: one row for a signature, one for each work of it.

Nothing here is ever changed or deleted. Whether a statement is of what a token says today is
found by its digest.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, Index, Integer, LargeBinary
from sqlmodel import Field, SQLModel

from api import columns
from nft.database import AddressType, AmountType, DigestType, TokenIdType
from nft.types import Address, Digest


class StatementRow(SQLModel, table=True):
    """A signature under the works of one sitting."""

    __tablename__ = "book_statements"

    digest: Digest = Field(sa_type=DigestType, primary_key=True)
    """The EIP-712 digest that was signed: chain, collection and works are in it."""
    chain_id: int = Field(sa_type=BigInteger)
    contract: Address = Field(sa_type=AddressType)
    signer: Address = Field(sa_type=AddressType)
    signature: bytes = Field(sa_type=LargeBinary)
    by_contract: bool = Field(sa_type=Boolean)
    """A contract wallet vouched for it (ERC-1271) when it came."""
    is_awaited: bool = Field(sa_type=Boolean)
    """The wallet did not exist yet (ERC-6492)."""
    works: bytes = Field(sa_type=LargeBinary)
    """The EIP-712 hash of every work, 32 bytes each, in the order that was signed."""
    created_at: datetime = columns.time()


class StatedWorkRow(SQLModel, table=True):
    """A work, or all copies of an edition, and its place among what was signed."""

    __tablename__ = "book_stated_works"
    __table_args__ = (
        Index("book_stated_works_token", "chain_id", "contract", "metadata_digest", "token_id"),
    )

    digest: Digest = Field(sa_type=DigestType, primary_key=True)
    place: int = columns.key(Integer)
    chain_id: int = Field(sa_type=BigInteger)
    contract: Address = Field(sa_type=AddressType)
    token_id: int = Field(sa_type=TokenIdType)
    """The first of the copies."""
    last_token_id: int = Field(sa_type=TokenIdType)
    copies: int = Field(sa_type=AmountType)
    metadata_digest: Digest = Field(sa_type=DigestType)
