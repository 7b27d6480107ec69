"""
What issuing keeps besides the certificates themselves: what waits, hops, proven receipts, audits.

The certificates' own rows are `api.tables.CertificateRow`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from api import columns
from nft.database import AddressType, DigestType, TokenIdType
from nft.types import Address, Digest


class IssuingCursorRow(SQLModel, table=True):
    """Up to which block a chain's changed works were put down as due."""

    __tablename__ = "book_certificate_cursors"

    chain_id: int = columns.key()
    number: int = Field(sa_type=BigInteger)
    method: str
    """Who signed then: with another key every work is looked at again."""


class CertificateDueRow(SQLModel, table=True):
    """A work whose certificate is to be looked at: issued, or followed by a new version."""

    __tablename__ = "book_certificates_due"
    __table_args__ = (Index("book_certificates_due_next", "due_at"),)

    chain_id: int = columns.key()
    contract: Address = Field(sa_type=AddressType, primary_key=True)
    token_id: int = Field(sa_type=TokenIdType, primary_key=True)
    due_at: datetime = columns.now()
    attempts: int = Field(default=0, sa_type=Integer, sa_column_kwargs={"server_default": "0"})
    why: str | None = None
    """What the last attempt lacked."""
    waiting_since: datetime = columns.now()
    """When it came to wait, whatever was tried since."""


class HopRow(SQLModel, table=True):
    """
    A block whose state proves the hashes of the 8,191 before it (EIP-2935), kept for ever.

    `book_block_hashes` holds those hashes, from which the proof of any one is made again.
    """

    __tablename__ = "book_hops"

    chain_id: int = columns.key()
    number: int = columns.key()
    block_hash: Digest = Field(sa_type=DigestType)
    header: bytes = Field(sa_type=LargeBinary)
    """RLP, as it is hashed."""
    account_proof: list[str] = columns.json_list()
    """Of the history contract's account, from the state root down."""
    links: dict[str, list[str]] = Field(
        default_factory=dict, sa_column=Column(JSONB, nullable=False, server_default="{}")
    )
    """Of the hops before that are in its window, by number: the proof of the slot with the hash."""
    drawn_at: datetime = columns.now()


class HopStandingRow(SQLModel, table=True):
    """How the last look at a chain's hops went."""

    __tablename__ = "book_hop_standings"

    chain_id: int = columns.key()
    looked_at: datetime = columns.now()
    is_supported: bool = Field(
        default=True, sa_column=Column(Boolean, nullable=False, server_default="true")
    )
    """False: the chain has no EIP-2935, so that old blocks are linked by nothing."""
    problem: str | None = None
    """Why no hop could be drawn that was due."""
    gaps: int = Field(default=0, sa_type=Integer, sa_column_kwargs={"server_default": "0"})
    """Times that hops came too late for the one before: older blocks cannot be linked."""


class BlockHashesRow(SQLModel, table=True):
    """The hashes of consecutive blocks, 32 bytes each; pages never overlap."""

    __tablename__ = "book_block_hashes"

    chain_id: int = columns.key()
    first: int = columns.key()
    hashes: bytes = Field(sa_type=LargeBinary)


class ReceiptProofRow(SQLModel, table=True):
    """A receipt as it was proven once, for extracts: it never changes, and costs a whole block."""

    __tablename__ = "book_receipt_proofs"

    chain_id: int = columns.key()
    block_hash: Digest = Field(sa_type=DigestType, primary_key=True)
    transaction_hash: Digest = Field(sa_type=DigestType, primary_key=True)
    block_number: int = Field(sa_type=BigInteger)
    first_log: int = Field(sa_type=Integer)
    """Logs of the block before those of this receipt."""
    header: str
    receipt: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    """As a member of `receipts` in an evidence object."""


class CertificateAuditRow(SQLModel, table=True):
    """One verification of every certificate in force, by ourselves."""

    __tablename__ = "book_certificate_audits"

    id: int | None = Field(default=None, sa_type=BigInteger, primary_key=True)
    finished_at: datetime = columns.now()
    checked: int = Field(sa_type=Integer)
    incomplete: int = Field(sa_type=Integer)
    failed: int = Field(sa_type=Integer)
    failures: list[dict[str, str]] = columns.json_list()
    """The first of them: which work, which version, which check, and why."""
