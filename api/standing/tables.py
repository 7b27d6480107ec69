"""
What was said of works and accounts, by whom and when; rows are added and dated, never deleted.

The database itself refuses to delete from these tables (see the migration). Whether a binding
holds, or how a claim stands, is computed from the rows and the clock.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Identity,
    Index,
    LargeBinary,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from api import columns
from nft.database import AddressType, AmountType, DigestType, TokenIdType
from nft.types import Address, Digest


def _number() -> Any:
    return Field(
        default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True)
    )


class BindingRow(SQLModel, table=True):
    """An account's signed word that a domain is its own; what the domain says is in readings."""

    __tablename__ = "book_bindings"
    __table_args__ = (Index("book_bindings_account", "chain_id", "account"),)

    binding_hash: Digest = Field(sa_type=DigestType, primary_key=True)
    """The EIP-712 digest that was signed."""
    chain_id: int = Field(sa_type=BigInteger)
    account: Address = Field(sa_type=AddressType)
    domain: str
    method: str
    issued_at: datetime = columns.time()
    signature: bytes = Field(sa_type=LargeBinary)
    created_at: datetime = columns.now()
    withdrawn_at: datetime | None = columns.maybe_time()


class ReadingRow(SQLModel, table=True):
    """What a host answered when it was asked for what it publishes: the bytes themselves."""

    __tablename__ = "book_readings"
    __table_args__ = (
        Index("book_readings_host", "host", "read_at"),
        Index("book_readings_binding", "binding_hash", "read_at"),
    )

    id: int | None = _number()
    binding_hash: Digest | None = Field(default=None, sa_type=DigestType)
    """The binding it was read for; a countersignature's key is read for itself."""
    url: str
    host: str
    """The name that TLS vouched for."""
    outcome: str
    """`held`: it says what it should; `lost`: it does not; `silent`: it did not answer."""
    detail: str
    sha256: Digest | None = Field(default=None, sa_type=DigestType)
    body: bytes | None = Field(default=None, sa_type=LargeBinary)
    read_at: datetime = columns.time()


class CountersignatureRow(SQLModel, table=True):
    """A gallery's countersignature of a certificate, and where its key was read."""

    __tablename__ = "book_countersignatures"
    __table_args__ = (
        Index("book_countersignatures_token", "chain_id", "contract", "token_id"),
        Index("book_countersignatures_gallery", "gallery"),
    )

    countersignature_hash: Digest = Field(sa_type=DigestType, primary_key=True)
    """SHA-256 of the canonical document."""
    chain_id: int = Field(sa_type=BigInteger)
    contract: Address = Field(sa_type=AddressType)
    token_id: int = Field(sa_type=TokenIdType)
    certificate: Digest = Field(sa_type=DigestType)
    metadata_digest: Digest = Field(sa_type=DigestType)
    gallery: str
    public_key: str
    document: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    reading_id: int = Field(sa_type=BigInteger)
    """Of the DID document that listed the key."""
    created_at: datetime = columns.now()
    withdrawn_at: datetime | None = columns.maybe_time()
    withdrawal: dict[str, Any] | None = Field(
        default=None, sa_column=Column(JSONB(none_as_null=True))
    )


class MarkRow(SQLModel, table=True):
    """Lost or stolen, as owner or issuer said."""

    __tablename__ = "book_marks"
    __table_args__ = (Index("book_marks_token", "chain_id", "contract", "token_id"),)

    mark_hash: Digest = Field(sa_type=DigestType, primary_key=True)
    """The EIP-712 digest that was signed; of the issuer's, 32 random bytes."""
    chain_id: int = Field(sa_type=BigInteger)
    contract: Address = Field(sa_type=AddressType)
    token_id: int = Field(sa_type=TokenIdType)
    kind: str
    by: str
    account: Address | None = Field(default=None, sa_type=AddressType)
    """The owner; None for the issuer."""
    reason: str
    transfer_count: int | None = Field(default=None, sa_type=AmountType)
    block_number: int | None = Field(default=None, sa_type=BigInteger)
    """Where the chain named that owner."""
    block_hash: Digest | None = Field(default=None, sa_type=DigestType)
    signature: bytes | None = Field(default=None, sa_type=LargeBinary)
    issued_at: datetime = columns.time()
    created_at: datetime = columns.now()
    taken_back_at: datetime | None = columns.maybe_time()
    taken_back_by: str | None = None
    taken_back_reason: str | None = None
    taken_back_signature: bytes | None = Field(default=None, sa_type=LargeBinary)


class ClaimRow(SQLModel, table=True):
    """Somebody's claim against a work, with what it rests on as it was checked."""

    __tablename__ = "book_claims"
    __table_args__ = (
        Index("book_claims_token", "chain_id", "contract", "token_id"),
        Index("book_claims_claimant", "claimant", "created_at"),
    )

    id: str = Field(primary_key=True)
    chain_id: int = Field(sa_type=BigInteger)
    contract: Address = Field(sa_type=AddressType)
    token_id: int = Field(sa_type=TokenIdType)
    claimant: Address = Field(sa_type=AddressType)
    basis: str
    evidence: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    reason: str
    created_at: datetime = columns.now()
    decision: str | None = None
    decision_reason: str | None = None
    decided_at: datetime | None = columns.maybe_time()
    withdrawn_at: datetime | None = columns.maybe_time()
    withdrawn_reason: str | None = None


class AnswerRow(SQLModel, table=True):
    """What artist, owner, issuer or claimant said to a claim."""

    __tablename__ = "book_claim_answers"
    __table_args__ = (Index("book_claim_answers_claim", "claim_id", "id"),)

    id: int | None = _number()
    claim_id: str
    role: str
    account: Address | None = Field(default=None, sa_type=AddressType)
    words: str
    created_at: datetime = columns.now()


class StandingOutboxRow(SQLModel, table=True):
    """
    What the sequencer has yet to tell of all this.

    It marks what it told, rather than remembering a number: several writers commit out of order.
    """

    __tablename__ = "book_outbox"
    __table_args__ = (
        UniqueConstraint("natural_key"),
        Index("book_outbox_untold", "id", postgresql_where=text("NOT is_told")),
    )

    id: int | None = _number()
    natural_key: str
    place: str
    kind: str
    payload: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    is_told: bool = Field(
        default=False, sa_column=Column(Boolean, nullable=False, server_default=text("false"))
    )
