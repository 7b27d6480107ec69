"""
What an issuer keeps: its keys, what became of certificates, and what it vouches for.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from api import columns
from nft.database import AddressType, DigestType, TokenIdType
from nft.types import Address, Digest


class IssuerKeyRow(SQLModel, table=True):
    """A key that certificates are, or were, signed with; the newest signs. None is ever removed."""

    __tablename__ = "book_issuer_keys"

    number: int = columns.key(Integer)
    """From 1; with the secret it makes the key."""
    public_key: Digest = Field(sa_type=DigestType, unique=True)
    """The 32 bytes, so that old certificates are checked whatever the secret is by now."""
    valid_from: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    compromised_from: datetime | None = columns.maybe_time()
    """Since when somebody else may have signed with it; None: nobody."""
    note: str = ""


class StatusEntryRow(SQLModel, table=True):
    """The place of a certificate's version in the lists of both purposes."""

    __tablename__ = "book_status_entries"
    __table_args__ = (UniqueConstraint("chain_id", "contract", "token_id", "version"),)

    list_number: int = columns.key(Integer)
    place: int = columns.key(Integer)
    """At random, so that neighbours in a list have nothing in common."""
    chain_id: int = Field(sa_type=BigInteger)
    contract: Address = Field(sa_type=AddressType)
    token_id: int = Field(sa_type=TokenIdType)
    version: int = Field(sa_type=Integer)
    allocated_at: datetime = columns.now()


class StatusChangeRow(SQLModel, table=True):
    """A revocation, a suspension, or its end: public, and kept for ever."""

    __tablename__ = "book_status_changes"
    __table_args__ = (
        Index("book_status_changes_token", "chain_id", "contract", "token_id", "version", "id"),
    )

    id: int | None = Field(default=None, sa_type=BigInteger, primary_key=True)
    chain_id: int = Field(sa_type=BigInteger)
    contract: Address = Field(sa_type=AddressType)
    token_id: int = Field(sa_type=TokenIdType)
    version: int = Field(sa_type=Integer)
    status: int = Field(sa_type=SmallInteger)
    """`nft.anchors.Status` from now on."""
    reason: str
    """A word of `api.certificates.status.REASONS`."""
    note: str = ""
    changed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class CheckpointRow(SQLModel, table=True):
    """A final block that the issuer vouches for."""

    __tablename__ = "book_checkpoints"

    chain_id: int = columns.key(BigInteger)
    number: int = columns.key(BigInteger)
    block_hash: Digest = Field(sa_type=DigestType)
    timestamp: int = Field(sa_type=BigInteger)
    noted_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class AnchorRow(SQLModel, table=True):
    """A day's tree over all certificates of a chain, and where its root came to stand."""

    __tablename__ = "book_anchors"

    chain_id: int = columns.key(BigInteger)
    day: int = columns.key(Integer)
    root: Digest = Field(sa_type=DigestType)
    leaves: bytes = Field(sa_type=LargeBinary)
    """33 bytes each, ascending: SHA-256 of the certificate, and its status then."""
    prepared_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    other_root: Digest | None = Field(default=None, sa_type=DigestType)
    """What the contract holds for this day, where that is another root: a day has one for good."""
    contract: Address | None = Field(default=None, sa_type=AddressType)
    anchorer: Address | None = Field(default=None, sa_type=AddressType)
    """Who wrote it into the contract; None: nobody yet."""
    block_number: int | None = Field(default=None, sa_type=BigInteger)
    timestamp: int | None = Field(default=None, sa_type=BigInteger)
    state_block: int | None = Field(default=None, sa_type=BigInteger)
    evidence: dict[str, Any] | None = Field(
        default=None, sa_column=Column(JSONB(none_as_null=True), nullable=True)
    )
    """Proof of the words in the contract as of the block `state_block`, once that was safe."""
    issuer_key: dict[str, Any] | None = Field(
        default=None, sa_column=Column(JSONB(none_as_null=True), nullable=True)
    )
    """The key of the issuer that the evidence proves beside them, if there is one."""


class AnchoredRow(SQLModel, table=True):
    """
    The first tree that has a certificate; its later ones say no earlier time.

    One for whose day the contract holds another root says nothing, and does not count.
    """

    __tablename__ = "book_anchored"
    __table_args__ = (Index("book_anchored_day", "chain_id", "day"),)

    certificate: Digest = Field(sa_type=DigestType, primary_key=True)
    """SHA-256 of the bytes."""
    chain_id: int = Field(sa_type=BigInteger)
    day: int = Field(sa_type=Integer)
