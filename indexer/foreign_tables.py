"""
The mirror of what only collections of others say: transfers of ranges, refreshed metadata, notes.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from indexer import columns
from nft.database import AddressType, DigestType, TokenIdType
from nft.types import Address, Digest


class RangeRow(SQLModel, table=True):
    """
    One `ConsecutiveTransfer` log (ERC-2309): a `Transfer` of every token of a range.

    Looked up by token: which ranges of its contract hold it.
    """

    __tablename__ = "chain_ranges"
    __table_args__ = (
        Index("chain_ranges_token", "chain_id", "contract", "first_token_id", "last_token_id"),
    )

    chain_id: int = columns.chain()
    block_number: int = columns.block()
    log_index: int = columns.log()
    contract: Address = Field(sa_type=AddressType)
    first_token_id: int = Field(sa_type=TokenIdType)
    last_token_id: int = Field(sa_type=TokenIdType)
    sender: Address = Field(sa_type=AddressType)
    receiver: Address = Field(sa_type=AddressType)
    transaction_hash: Digest = Field(sa_type=DigestType)


class RefreshRow(SQLModel, table=True):
    """
    One `MetadataUpdate` or `BatchMetadataUpdate` log (ERC-4906): look again.

    What the document then says is no part of the mirror, since https cannot be rebuilt: the
    versions are in `media_metadata`.
    """

    __tablename__ = "chain_refreshes"
    __table_args__ = (Index("chain_refreshes_contract", "chain_id", "contract", "block_number"),)

    chain_id: int = columns.chain()
    block_number: int = columns.block()
    log_index: int = columns.log()
    contract: Address = Field(sa_type=AddressType)
    first_token_id: int = Field(sa_type=TokenIdType)
    last_token_id: int = Field(sa_type=TokenIdType)
    transaction_hash: Digest = Field(sa_type=DigestType)


class NoteRow(SQLModel, table=True):
    """
    Anything else that a contract says of one of its works, as it says it.

    Looked up by token and kind: what was said last, however often it was said.
    """

    __tablename__ = "chain_notes"
    __table_args__ = (
        Index(
            "chain_notes_token",
            *("chain_id", "contract", "token_id", "kind", "block_number", "log_index"),
        ),
    )

    chain_id: int = columns.chain()
    block_number: int = columns.block()
    log_index: int = columns.log()
    contract: Address = Field(sa_type=AddressType)
    token_id: int = Field(sa_type=TokenIdType)
    kind: str
    """`locked`, `unlocked`, `user_changed`: as the feed tells it."""
    said: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    """The event's other values by their names: amounts as decimal strings."""
    transaction_hash: Digest = Field(sa_type=DigestType)
