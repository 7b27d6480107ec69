"""
The book: `book_*` rows, written by the api alone.

Whether an order can be filled or how far an intent has come is computed from these rows, the
mirror and the clock; no column here repeats what the chain knows.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Computed,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from api import columns
from nft.database import AddressType, AmountType, DigestType, TokenIdType
from nft.types import Address, Digest


class NonceRow(SQLModel, table=True):
    """A sign-in nonce; deleting the row is what uses it up."""

    __tablename__ = "book_nonces"

    nonce: str = Field(primary_key=True)
    address: Address = Field(sa_type=AddressType)
    chain_id: int = Field(sa_type=BigInteger)
    message: str
    expires_at: datetime = columns.time()


class SessionRow(SQLModel, table=True):
    """A signed-in wallet. The token itself is never stored, only its SHA-256."""

    __tablename__ = "book_sessions"

    token_hash: Digest = Field(sa_type=DigestType, primary_key=True)
    address: Address = Field(sa_type=AddressType, index=True)
    chain_id: int = Field(sa_type=BigInteger)
    created_at: datetime = columns.now()
    last_used_at: datetime = columns.now()
    expires_at: datetime = columns.time()


class DraftRow(SQLModel, table=True):
    """A work being described; kept until it is minted or thrown away."""

    __tablename__ = "book_drafts"

    id: str = Field(primary_key=True)
    owner: Address = Field(sa_type=AddressType, index=True)
    body: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    revision: int = Field(default=1, sa_type=Integer)
    """Counts edits, so that two open tabs notice each other."""
    intent_id: str | None = None
    created_at: datetime = columns.now()
    updated_at: datetime = columns.now()


class IntentRow(SQLModel, table=True):
    """Something a wallet is about to do."""

    __tablename__ = "book_intents"
    __table_args__ = (Index("book_intents_account", "account", "created_at"),)

    id: str = Field(primary_key=True)
    """128 random bits: knowing it permits reading, signing and reporting."""
    kind: str
    """What it is to bring about, a word of `api.intents.evidence`."""
    account: Address = Field(sa_type=AddressType)
    chain_id: int = Field(sa_type=BigInteger)
    request: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    plan: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    """Steps and cost once prepared; None while preparing."""
    facts: dict[str, Any] = Field(
        default_factory=dict, sa_column=Column(JSONB, nullable=False, server_default="{}")
    )
    """What the outcome will be recognised by, and what the steps are made from."""
    problem: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    contract: Address | None = Field(default=None, sa_type=AddressType)
    token_id: int | None = Field(default=None, sa_type=TokenIdType)
    order_hash: Digest | None = Field(default=None, sa_type=DigestType)
    created_at: datetime = columns.now()
    expires_at: datetime = columns.time()
    abandoned_at: datetime | None = columns.maybe_time()


class IntentTransactionRow(SQLModel, table=True):
    """A transaction hash that a wallet reported for a step."""

    __tablename__ = "book_intent_transactions"

    intent_id: str = Field(primary_key=True)
    step: str = Field(primary_key=True)
    hash: Digest = Field(sa_type=DigestType, primary_key=True)
    nonce: int | None = Field(default=None, sa_type=BigInteger)
    reported_at: datetime = columns.now()


class SerialRow(SQLModel, table=True):
    """The next free work number of a creator in a collection; never handed out twice."""

    __tablename__ = "book_serials"

    chain_id: int = columns.key()
    contract: Address = Field(sa_type=AddressType, primary_key=True)
    creator: Address = Field(sa_type=AddressType, primary_key=True)
    next_serial: int = Field(sa_type=AmountType)


class OrderNonceRow(SQLModel, table=True):
    """The next nonce of a maker at an exchange: orders, auctions and vouchers share them."""

    __tablename__ = "book_order_nonces"

    chain_id: int = columns.key()
    exchange: Address = Field(sa_type=AddressType, primary_key=True)
    maker: Address = Field(sa_type=AddressType, primary_key=True)
    next_nonce: int = Field(sa_type=AmountType)


class OrderRow(SQLModel, table=True):
    """A signed order as it was posted."""

    __tablename__ = "book_orders"
    __table_args__ = (
        Index("book_orders_token", "chain_id", "contract", "token_id"),
        Index("book_orders_maker", "chain_id", "maker", "created_at"),
        Index("book_orders_nonce", "chain_id", "exchange", "maker", "nonce"),
        Index("book_orders_newest", "created_at", "order_hash"),
        Index("book_orders_hidden", "hidden_at", postgresql_where=text("hidden_at is not null")),
    )

    order_hash: Digest = Field(sa_type=DigestType, primary_key=True)
    chain_id: int = Field(sa_type=BigInteger)
    exchange: Address = Field(sa_type=AddressType)
    kind: int = Field(sa_type=SmallInteger)
    maker: Address = Field(sa_type=AddressType)
    taker: Address = Field(sa_type=AddressType)
    contract: Address = Field(sa_type=AddressType)
    token_id: int = Field(sa_type=TokenIdType)
    transfer_count: int = Field(sa_type=AmountType)
    more: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False, server_default="[]"))
    criteria: Digest = Field(sa_type=DigestType)
    metadata_digest: Digest = Field(sa_type=DigestType)
    currency: Address = Field(sa_type=AddressType)
    price: int = Field(sa_type=AmountType)
    end_price: int = Field(sa_type=AmountType)
    start: int = Field(sa_type=BigInteger)
    end: int = Field(sa_type=BigInteger)
    max_royalty_bps: int = Field(sa_type=Integer)
    max_fee_bps: int = Field(sa_type=Integer)
    nonce: int = Field(sa_type=AmountType)
    counter: int = Field(sa_type=AmountType)
    signature: bytes = Field(sa_type=LargeBinary)
    is_awaited: bool = columns.flag()
    """The maker's wallet did not exist yet when it signed (ERC-6492)."""
    bulk_index: int = Field(default=0, sa_type=Integer, sa_column_kwargs={"server_default": "0"})
    bulk_proof: list[str] = columns.json_list()
    """Siblings among the orders that one signature covers; empty when it was signed alone."""
    set_works: list[list[str]] = columns.json_list()
    """Of an offer on a set: token id and transfer count of each leaf, for the seller's proof."""
    hidden_at: datetime | None = columns.maybe_time()
    """The maker asked us not to hand it out; binds nobody else."""
    created_at: datetime = columns.now()


class AuctionRow(SQLModel, table=True):
    """A signed auction as it was posted."""

    __tablename__ = "book_auctions"
    __table_args__ = (
        Index("book_auctions_token", "chain_id", "contract", "token_id"),
        Index("book_auctions_seller", "chain_id", "seller", "created_at"),
        Index("book_auctions_newest", "created_at", "auction_hash"),
    )

    auction_hash: Digest = Field(sa_type=DigestType, primary_key=True)
    chain_id: int = Field(sa_type=BigInteger)
    auctions: Address = Field(sa_type=AddressType)
    """The contract that it was signed for."""
    seller: Address = Field(sa_type=AddressType)
    contract: Address = Field(sa_type=AddressType)
    token_id: int = Field(sa_type=TokenIdType)
    transfer_count: int = Field(sa_type=AmountType)
    reserve: int = Field(sa_type=AmountType)
    start: int = Field(sa_type=BigInteger)
    open_until: int = Field(sa_type=BigInteger)
    duration: int = Field(sa_type=BigInteger)
    end: int = Field(sa_type=BigInteger)
    min_step_bps: int = Field(sa_type=Integer)
    max_royalty_bps: int = Field(sa_type=Integer)
    max_fee_bps: int = Field(sa_type=Integer)
    nonce: int = Field(sa_type=AmountType)
    counter: int = Field(sa_type=AmountType)
    signature: bytes = Field(sa_type=LargeBinary)
    is_awaited: bool = columns.flag()
    hidden_at: datetime | None = columns.maybe_time()
    created_at: datetime = columns.now()


class VoucherRow(SQLModel, table=True):
    """A signed lazy mint as it was posted."""

    __tablename__ = "book_vouchers"
    __table_args__ = (
        Index("book_vouchers_token", "chain_id", "contract", "token_id"),
        Index("book_vouchers_signer", "chain_id", "signer", "created_at"),
        Index("book_vouchers_newest", "created_at", "voucher_hash"),
    )

    voucher_hash: Digest = Field(sa_type=DigestType, primary_key=True)
    chain_id: int = Field(sa_type=BigInteger)
    contract: Address = Field(sa_type=AddressType)
    signer: Address = Field(sa_type=AddressType)
    """The creator named by the token id, or a minter of the creator's."""
    token_id: int = Field(sa_type=TokenIdType)
    metadata_digest: Digest = Field(sa_type=DigestType)
    price: int = Field(sa_type=AmountType)
    currency: Address = Field(sa_type=AddressType)
    royalty_bps: int = Field(sa_type=Integer)
    royalty_receiver: Address = Field(sa_type=AddressType)
    recipient: Address = Field(sa_type=AddressType)
    fee_receiver: Address = Field(sa_type=AddressType)
    max_fee_bps: int = Field(sa_type=Integer)
    edition_size: int = Field(sa_type=BigInteger)
    max_per_recipient: int = Field(sa_type=BigInteger)
    start: int = Field(sa_type=BigInteger)
    end: int = Field(sa_type=BigInteger)
    nonce: int = Field(sa_type=AmountType)
    counter: int = Field(sa_type=AmountType)
    signature: bytes = Field(sa_type=LargeBinary)
    is_awaited: bool = columns.flag()
    hidden_at: datetime | None = columns.maybe_time()
    created_at: datetime = columns.now()


class IdempotencyRow(SQLModel, table=True):
    """The first answer to an Idempotency-Key, kept 24 hours."""

    __tablename__ = "book_idempotency"

    scope: str = Field(primary_key=True)
    """Who asked: an account, or the anonymous caller's route."""
    key: str = Field(primary_key=True)
    request_hash: Digest = Field(sa_type=DigestType)
    status: int | None = Field(default=None, sa_type=SmallInteger)
    """None while the first request still runs."""
    headers: dict[str, str] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    body: bytes | None = Field(default=None, sa_type=LargeBinary)
    created_at: datetime = columns.now()


class EventRow(SQLModel, table=True):
    """The feed: append-only, one order, written by one sequencer."""

    __tablename__ = "book_events"
    __table_args__ = (
        UniqueConstraint("natural_key"),
        Index("book_events_place", "place", "sequence"),
    )

    sequence: int = columns.key()
    natural_key: str
    """Place and kind, counted when the chain came back to a block that it had left."""
    place: str
    """Chain, block hash and log index; the newest entry of a place says whether it stands."""
    kind: str
    payload: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    created_at: datetime = columns.now()


class OutboxCursorRow(SQLModel, table=True):
    """How far the sequencer has read a chain's outbox; moves with the events it wrote."""

    __tablename__ = "book_outbox_cursors"

    chain_id: int = columns.key()
    last_id: int = Field(sa_type=BigInteger)


class CertificateRow(SQLModel, table=True):
    """A certificate of authenticity as issued: bytes that never change; versions are kept."""

    __tablename__ = "book_certificates"
    __table_args__ = (
        CheckConstraint(
            "(mint_block_hash IS NULL) <> (voucher_hash IS NULL)",
            name="book_certificates_rests_on_rule",
        ),
    )

    chain_id: int = columns.key()
    contract: Address = Field(sa_type=AddressType, primary_key=True)
    token_id: int = Field(sa_type=TokenIdType, primary_key=True)
    version: int = columns.key(Integer)
    code: str = Field(index=True)
    """Of the short link `/v/{code}`."""
    body: bytes = Field(sa_type=LargeBinary)
    tag: str | None = Field(
        default=None,
        sa_column=Column(Text, Computed("left(encode(sha256(body), 'hex'), 32)", persisted=True)),
    )
    """Of the bytes, as their ETag has it: made by PostgreSQL once, when the row is kept."""
    mint_block_hash: Digest | None = Field(default=None, sa_type=DigestType)
    """A reorganisation of the mint makes the version void; None before the mint."""
    voucher_hash: Digest | None = Field(default=None, sa_type=DigestType)
    """What offers the work, where the version was issued before its mint."""
    metadata_digest: Digest = Field(sa_type=DigestType)
    method: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """The verification method that signed: issuer and key."""
    has_evidence: bool = columns.flag()
    """Whether the proofs of the chain's facts are in it."""
    reason: str = Field(default="issued", sa_column_kwargs={"server_default": "issued"})
    """Why there is this version: `api.certificates.issuing` has the words."""
    issued_at: datetime = columns.now()
