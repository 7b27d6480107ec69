"""
The mirror's auctions: openings, bids and how they ended.

What an auction stands at is never stored: its newest bid says who leads and until when, and an
outcome says that it is over. Everything of one auction is found by its hash, which is the digest
that its seller signed and never repeats.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, Integer
from sqlmodel import Field, SQLModel

from indexer import columns
from nft.database import AddressType, AmountType, DigestType, TokenIdType
from nft.types import Address, Digest


class AuctionRow(SQLModel, table=True):
    """
    One `AuctionOpened` log: the work is in custody from here on. Its first bid is a `BidRow`.

    Looked up by hash (one auction), by work (is it in custody, and whose is it?) and by seller
    (newest first).
    """

    __tablename__ = "chain_auctions"
    __table_args__ = (
        Index("chain_auctions_hash", "chain_id", "auction_hash"),
        Index("chain_auctions_token", "chain_id", "contract", "token_id", "block_number"),
        Index("chain_auctions_seller", "chain_id", "seller", "block_number"),
    )

    chain_id: int = columns.chain()
    block_number: int = columns.block()
    log_index: int = columns.log()
    auctions: Address = Field(sa_type=AddressType)
    """The contract that holds the auction, and the work."""
    auction_hash: Digest = Field(sa_type=DigestType)
    seller: Address = Field(sa_type=AddressType)
    contract: Address = Field(sa_type=AddressType)
    token_id: int = Field(sa_type=TokenIdType)
    transfer_log_index: int | None = Field(default=None, sa_type=Integer)
    """The `Transfer` of the same block that brought the work into custody."""
    transaction_hash: Digest = Field(sa_type=DigestType)


class BidRow(SQLModel, table=True):
    """
    One `BidPlaced` log. The newest of an auction is the standing one.

    By hash it is one step on the index to the standing bid, however many there were; by bidder
    for what somebody takes part in.
    """

    __tablename__ = "chain_bids"
    __table_args__ = (
        Index("chain_bids_auction", "chain_id", "auction_hash", "block_number", "log_index"),
        Index("chain_bids_bidder", "chain_id", "bidder", "block_number"),
    )

    chain_id: int = columns.chain()
    block_number: int = columns.block()
    log_index: int = columns.log()
    auctions: Address = Field(sa_type=AddressType)
    auction_hash: Digest = Field(sa_type=DigestType)
    bidder: Address = Field(sa_type=AddressType)
    amount: int = Field(sa_type=AmountType)
    ends_at: int = Field(sa_type=BigInteger)
    """The second in which the auction ends, as of this bid."""
    transaction_hash: Digest = Field(sa_type=DigestType)


class OutcomeRow(SQLModel, table=True):
    """
    One `AuctionSettled`, `AuctionUnwound` or `WorkReclaimed` log.

    Who paid what is in the sale of the same log; who had bid what, in the newest bid. An auction
    that was unwound keeps the work until a second row says `reclaimed`.
    """

    __tablename__ = "chain_outcomes"
    __table_args__ = (Index("chain_outcomes_auction", "chain_id", "auction_hash"),)

    chain_id: int = columns.chain()
    block_number: int = columns.block()
    log_index: int = columns.log()
    auctions: Address = Field(sa_type=AddressType)
    auction_hash: Digest = Field(sa_type=DigestType)
    outcome: str
    """`settled`, `unwound` or `reclaimed`."""
    transfer_log_index: int | None = Field(default=None, sa_type=Integer)
    """The `Transfer` of the same block by which the work left; None when it stayed."""
    transaction_hash: Digest = Field(sa_type=DigestType)
