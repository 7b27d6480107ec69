"""
The mirror of what only collections of others say: transfers of ranges, and refreshed metadata.
"""

from __future__ import annotations

from sqlalchemy import Index
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
