"""
The mirror: `chain_*` rows, written by the indexer alone.

Blocks, works and sales are here, auctions in `auction_tables`, contracts in `contract_tables`.

Every fact carries its block number and log index and falls with its block; there are no foreign
keys, because undoing a reorganisation is a delete by range (a key would cost two thirds of the
speed). `chain_tokens` is derived and recomputed for exactly the tokens that a block touched.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Index, Integer, SmallInteger, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from indexer import (  # noqa: F401  (fill the metadata)
    auction_tables,
    columns,
    contract_tables,
    foreign_tables,
    index_tables,
)
from nft.database import AddressType, AmountType, DigestType, TokenIdType
from nft.types import Address, Digest


class CursorRow(SQLModel, table=True):
    """How far the mirror has read a chain; moves in the transaction of the rows it covers."""

    __tablename__ = "chain_cursors"

    chain_id: int = columns.chain()
    number: int = Field(sa_type=BigInteger)
    block_hash: Digest = Field(sa_type=DigestType)
    timestamp: int = Field(sa_type=BigInteger)
    safe_number: int = Field(sa_type=BigInteger)
    final_number: int = Field(sa_type=BigInteger)
    head_number: int = Field(sa_type=BigInteger)
    """The newest block the node spoke of; minus `number`, the blocks still to be read."""
    proved_number: int | None = Field(default=None, sa_type=BigInteger)
    """Up to here every block that may hold a log of ours was proven by its receipts root."""
    is_loading: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    """Whether the first bulk load runs: facts are there, tokens and indexes not yet."""
    halted: str | None = None
    """Why the mirror stopped: the chain turned below finality. None while it follows."""
    updated_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), server_default=func.now(), nullable=False)
    )


class BlockRow(SQLModel, table=True):
    """A header: all above finality, below it those of blocks that hold facts."""

    __tablename__ = "chain_blocks"
    __table_args__ = (
        Index("chain_blocks_empty", "chain_id", "number", postgresql_where=text("not has_facts")),
    )

    chain_id: int = columns.chain()
    number: int = columns.block()
    block_hash: Digest = Field(sa_type=DigestType)
    parent_hash: Digest = Field(sa_type=DigestType)
    timestamp: int = Field(sa_type=BigInteger)
    has_facts: bool
    """Whether a fact stands in the block: its header stays below finality."""
    is_first: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    """Whether it is the first block read, whose header stays to tell one chain from another."""


class BreakRow(SQLModel, table=True):
    """
    A `Transfer` whose sender was not the owner: a contract that lies about custody.

    Only what the receipts root proves is written here, so that a log left out is never one.
    """

    __tablename__ = "chain_breaks"
    __table_args__ = (Index("chain_breaks_token", "chain_id", "contract", "token_id"),)

    chain_id: int = columns.chain()
    block_number: int = columns.block()
    log_index: int = columns.log()
    contract: Address = Field(sa_type=AddressType)
    token_id: int = Field(sa_type=TokenIdType)
    owner: Address = Field(sa_type=AddressType)
    """Who held it as the transfers before say; zero: nobody."""
    sender: Address = Field(sa_type=AddressType)
    """From whom the log says it came."""
    transaction_hash: Digest = Field(sa_type=DigestType)


class TransferRow(SQLModel, table=True):
    """One ERC-721 `Transfer` log."""

    __tablename__ = "chain_transfers"
    __table_args__ = (
        Index("chain_transfers_token", "chain_id", "contract", "token_id", "block_number"),
    )

    chain_id: int = columns.chain()
    block_number: int = columns.block()
    log_index: int = columns.log()
    contract: Address = Field(sa_type=AddressType)
    token_id: int = Field(sa_type=TokenIdType)
    sender: Address = Field(sa_type=AddressType)
    receiver: Address = Field(sa_type=AddressType)
    transaction_hash: Digest = Field(sa_type=DigestType)


class TokenChangeRow(SQLModel, table=True):
    """What happened to a token besides transfers: minted, metadata, royalty, frozen."""

    __tablename__ = "chain_token_changes"
    __table_args__ = (
        Index("chain_token_changes_token", "chain_id", "contract", "token_id", "block_number"),
    )

    chain_id: int = columns.chain()
    block_number: int = columns.block()
    log_index: int = columns.log()
    contract: Address = Field(sa_type=AddressType)
    token_id: int = Field(sa_type=TokenIdType)
    event: str
    """`minted`, `metadata`, `royalty` or `frozen`."""
    metadata_digest: Digest | None = Field(default=None, sa_type=DigestType)
    royalty_bps: int | None = Field(default=None, sa_type=Integer)
    royalty_receiver: Address | None = Field(default=None, sa_type=AddressType)
    transaction_hash: Digest = Field(sa_type=DigestType)


class TokenRow(SQLModel, table=True):
    """
    A token as of the cursor; derived from the rows above.

    A list of an owner's, creator's or contract's works is read newest mint first, so that each
    index ends in what its lists are ordered by. Every index costs a write for each transfer: there
    is none that no list asks for. See "Growth" in the README.
    """

    __tablename__ = "chain_tokens"
    __table_args__ = (
        Index("chain_tokens_by_owner", "owner", "minted_block"),
        Index("chain_tokens_by_creator", "creator", "minted_block"),
        Index("chain_tokens_by_contract", "contract", "minted_block"),
        Index(
            "chain_tokens_payee",
            "royalty_receiver",
            postgresql_where=text("royalty_receiver <> creator and royalty_bps > 0"),
        ),
        Index("chain_tokens_newest", "minted_block", "minted_log_index"),
        Index("chain_tokens_updated", "updated_block", "chain_id"),
        Index(
            "chain_tokens_by_digest",
            "metadata_digest",
            postgresql_where=text("metadata_digest is not null"),
        ),
        {"postgresql_with": {"autovacuum_vacuum_scale_factor": 0.02}},
    )

    chain_id: int = columns.chain()
    contract: Address = Field(sa_type=AddressType, primary_key=True)
    token_id: int = Field(sa_type=TokenIdType, primary_key=True)
    creator: Address = Field(sa_type=AddressType)
    owner: Address = Field(sa_type=AddressType)
    """Zero when burned; the auctions contract while it keeps the work."""
    held_for: Address | None = Field(default=None, sa_type=AddressType)
    """Whose the work is while `owner` only keeps it: the seller, until settled or reclaimed."""
    transfer_count: int = Field(sa_type=BigInteger)
    metadata_digest: Digest | None = Field(default=None, sa_type=DigestType)
    royalty_bps: int = Field(sa_type=Integer)
    royalty_receiver: Address = Field(sa_type=AddressType)
    is_frozen: bool
    """By itself, or with all works of its creator."""
    minted_block: int = Field(sa_type=BigInteger)
    minted_log_index: int = Field(sa_type=Integer)
    mint_transaction: Digest = Field(sa_type=DigestType)
    updated_block: int = Field(sa_type=BigInteger)
    """Block of the last change: the `as_of` of answers about this token."""


class SaleRow(SQLModel, table=True):
    """
    One `OrderFilled`, `AuctionSettled` or `VoucherFilled` log: what was actually paid.

    Or a sale on another venue, at the log of the work's `Transfer`: who was paid what is known
    then, but not what for.

    Looked up by work (its provenance), by what was signed (is it filled?) and by who was paid a
    royalty, or anything at all elsewhere; each index ends in what the answer is ordered by.
    """

    __tablename__ = "chain_sales"
    __table_args__ = (
        Index("chain_sales_token", "chain_id", "contract", "token_id", "block_number"),
        Index("chain_sales_order", "chain_id", "order_hash"),
        Index("chain_sales_royalty", "chain_id", "royalty_receiver", "block_number"),
        Index(
            "chain_sales_payments",
            "payments",
            postgresql_using="gin",
            postgresql_ops={"payments": "jsonb_path_ops"},
            postgresql_where=text("payments is not null"),
        ),
    )

    chain_id: int = columns.chain()
    block_number: int = columns.block()
    log_index: int = columns.log()
    kind: str = Field(sa_column_kwargs={"server_default": "listing"})
    """
    `listing`, `bundle` (a listing of several works), `offer`, `auction` or `voucher`; `elsewhere`
    is a sale on somebody else's exchange.
    """
    exchange: Address = Field(sa_type=AddressType)
    """The contract that settled it: an exchange, the auctions, a voucher's collection, a venue."""
    order_hash: Digest = Field(sa_type=DigestType)
    """Of what was signed: order, auction or voucher."""
    maker: Address = Field(sa_type=AddressType)
    taker: Address = Field(sa_type=AddressType)
    seller: Address = Field(sa_type=AddressType)
    buyer: Address = Field(sa_type=AddressType)
    contract: Address = Field(sa_type=AddressType)
    token_id: int = Field(sa_type=TokenIdType)
    currency: Address = Field(sa_type=AddressType)
    price: int = Field(sa_type=AmountType)
    royalty: int | None = Field(default=None, sa_type=AmountType)
    """None, as the two below, of a sale elsewhere: `payments` says who was paid."""
    royalty_receiver: Address | None = Field(default=None, sa_type=AddressType)
    fee: int | None = Field(default=None, sa_type=AmountType)
    fee_receiver: Address | None = Field(default=None, sa_type=AddressType)
    """Who was sent the fee; None where the contract keeps it."""
    flags: int = Field(sa_type=SmallInteger)
    nonce: int | None = Field(default=None, sa_type=AmountType)
    """Known when the log says it; a fill uses its nonce up."""
    transfer_log_index: int | None = Field(default=None, sa_type=Integer)
    """The `Transfer` of the same block in whose place the sale stands in a provenance."""
    payments: list[dict[str, str]] | None = Field(
        default=None, sa_column=Column(JSONB(none_as_null=True))
    )
    """Of a sale elsewhere, who received how much: `{"receiver", "amount"}`, the seller too."""
    works: int | None = Field(default=None, sa_type=Integer)
    """Of a sale elsewhere, how many works shared the order's price."""
    transaction_hash: Digest = Field(sa_type=DigestType)


class CancelRow(SQLModel, table=True):
    """A maker's cancel: of one nonce, or (nonce None) of everything below a new counter."""

    __tablename__ = "chain_cancels"
    __table_args__ = (Index("chain_cancels_maker", "chain_id", "exchange", "maker", "nonce"),)

    chain_id: int = columns.chain()
    block_number: int = columns.block()
    log_index: int = columns.log()
    exchange: Address = Field(sa_type=AddressType)
    maker: Address = Field(sa_type=AddressType)
    nonce: int | None = Field(default=None, sa_type=AmountType)
    counter: int | None = Field(default=None, sa_type=AmountType)
    transaction_hash: Digest = Field(sa_type=DigestType)


class ApprovalRow(SQLModel, table=True):
    """An ERC-721 approval log: of all works (token_id None) or of one; the newest decides."""

    __tablename__ = "chain_approvals"
    __table_args__ = (
        Index("chain_approvals_owner", "chain_id", "contract", "owner", "operator"),
        Index("chain_approvals_token", "chain_id", "contract", "token_id"),
    )

    chain_id: int = columns.chain()
    block_number: int = columns.block()
    log_index: int = columns.log()
    contract: Address = Field(sa_type=AddressType)
    owner: Address = Field(sa_type=AddressType)
    operator: Address = Field(sa_type=AddressType)
    token_id: int | None = Field(default=None, sa_type=TokenIdType)
    approved: bool
    transaction_hash: Digest = Field(sa_type=DigestType)


class CreditRow(SQLModel, table=True):
    """
    A failed payout kept for its owner (positive), or its withdrawal (negative).

    `contract` is the one that owes: an exchange, the auctions, or a collection (of vouchers). The
    sum over contract, account and currency is what can be withdrawn there.
    """

    __tablename__ = "chain_credits"
    __table_args__ = (Index("chain_credits_account", "chain_id", "account", "currency"),)

    chain_id: int = columns.chain()
    block_number: int = columns.block()
    log_index: int = columns.log()
    contract: Address = Field(sa_type=AddressType)
    account: Address = Field(sa_type=AddressType)
    currency: Address = Field(sa_type=AddressType)
    amount: int = Field(sa_type=AmountType)
    transaction_hash: Digest = Field(sa_type=DigestType)


class OutboxRow(SQLModel, table=True):
    """What the mirror has to tell; the api's sequencer gives it its place in the feed."""

    __tablename__ = "chain_outbox"
    __table_args__ = (Index("chain_outbox_block", "chain_id", "block_number"),)

    id: int | None = Field(default=None, sa_type=BigInteger, primary_key=True)
    chain_id: int = Field(sa_type=BigInteger)
    block_number: int = Field(sa_type=BigInteger)
    block_hash: Digest = Field(sa_type=DigestType)
    log_index: int = Field(sa_type=Integer)
    kind: str
    """Natural key with chain, block hash and log index: minted, transferred, sold, …, retracted."""
    payload: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    written_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), server_default=func.now(), nullable=False)
    )
