"""
What the indexer keeps about its own work: registered contracts, health, audits.

`index_*` rows are no part of the mirror: a rebuild leaves them, and the digest does not cover
them. Their writer is this package, from whichever process calls it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Index, Integer, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from indexer import columns
from nft.database import AddressType, DigestType
from nft.types import Address, Digest


def _time(*, default: bool = False) -> Any:
    if default:
        return Column(DateTime(timezone=True), server_default=func.now(), nullable=False)
    return Column(DateTime(timezone=True), nullable=True)


class ContractRow(SQLModel, table=True):
    """
    A contract of somebody else's that is mirrored because it was registered.

    Its life: requested → `first_block` found → `joined_block` set (the follower listens from the
    block after it) → `read_to` climbs to `joined_block` (its history is then complete). Or it is
    refused, with the reason; or the operator let go of it (`left_block`), with the reason.
    """

    __tablename__ = "index_contracts"

    chain_id: int = columns.chain()
    contract: Address = Field(sa_type=AddressType, primary_key=True)
    requested_at: datetime = Field(sa_column=_time(default=True))
    requested_by: Address | None = Field(default=None, sa_type=AddressType)
    """The account that asked; None when it was the command line."""
    name: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """What it called itself when it was registered, cut and made fit to store."""
    symbol: str = Field(default="", sa_column_kwargs={"server_default": ""})
    sought_at: datetime | None = Field(default=None, sa_column=_time())
    """When the indexer began to look for its first block."""
    first_block: int | None = Field(default=None, sa_type=BigInteger)
    """The block that created it, found by asking for its code."""
    note: str | None = None
    """What is uncertain about the first block, in a sentence."""
    joined_block: int | None = Field(default=None, sa_type=BigInteger)
    """The cursor when the follower began to listen: history is read up to here."""
    read_to: int | None = Field(default=None, sa_type=BigInteger)
    """The last block of its history that has been read."""
    completed_at: datetime | None = Field(default=None, sa_column=_time())
    refused: str | None = None
    """Why it is not mirrored."""
    left_block: int | None = Field(default=None, sa_type=BigInteger)
    """The last block up to which it was followed, before the operator let go of it."""


class HealthRow(SQLModel, table=True):
    """
    What the active indexer of a chain says of itself, once a second while it works.

    The web process shows it at `/status` and `/metrics`; an old `updated_at` says that nobody is
    at work.
    """

    __tablename__ = "index_health"

    chain_id: int = columns.chain()
    instance: str
    """Host and process that write."""
    document: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    updated_at: datetime = Field(sa_column=_time(default=True))


class AuditRow(SQLModel, table=True):
    """One comparison of the mirror with the chain at a final block, kept for ever."""

    __tablename__ = "index_audits"
    __table_args__ = (Index("index_audits_newest", "chain_id", "id"),)

    id: int | None = Field(default=None, sa_type=BigInteger, primary_key=True)
    chain_id: int = Field(sa_type=BigInteger)
    block_number: int = Field(sa_type=BigInteger)
    block_hash: Digest = Field(sa_type=DigestType)
    how: str
    """`all` or `sample`."""
    compared: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    """How many of each: tokens, auctions, transfer counts, balances, proofs."""
    difference_count: int = Field(sa_type=Integer)
    differences: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    """The first hundred."""
    contradictions: list[dict[str, Any]] = Field(
        sa_column=Column(JSONB, nullable=False, server_default=text("'[]'::jsonb"))
    )
    """Works of others' contracts that deny their own proven events; the first hundred."""
    started_at: datetime = Field(sa_column=_time(default=True))
    finished_at: datetime = Field(sa_column=_time(default=True))
