"""
The mirror's contracts: collections and splitters that factories made, what creators set in a
collection, and what the platform decided in exchange and auctions.

Each table keeps every change; the newest row of a key says what holds. The indexes begin with
that key.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, Index, Integer
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from indexer import columns
from nft.database import AddressType, AmountType, DigestType, TokenIdType
from nft.types import Address, Digest


class CollectionRow(SQLModel, table=True):
    """
    One `CollectionCreated` log: an artist's collection, watched from here on.

    Looked up by its address (is it ours, what is it called?) and by artist.
    """

    __tablename__ = "chain_collections"
    __table_args__ = (
        Index("chain_collections_contract", "chain_id", "contract"),
        Index("chain_collections_artist", "chain_id", "artist", "block_number"),
    )

    chain_id: int = columns.chain()
    block_number: int = columns.block()
    log_index: int = columns.log()
    contract: Address = Field(sa_type=AddressType)
    artist: Address = Field(sa_type=AddressType)
    name: str
    symbol: str
    transaction_hash: Digest = Field(sa_type=DigestType)


class DescriptionRow(SQLModel, table=True):
    """One `ContractURIUpdated` log: a collection describes itself anew (`contractURI` says how)."""

    __tablename__ = "chain_descriptions"
    __table_args__ = (Index("chain_descriptions_contract", "chain_id", "contract", "block_number"),)

    chain_id: int = columns.chain()
    block_number: int = columns.block()
    log_index: int = columns.log()
    contract: Address = Field(sa_type=AddressType)
    transaction_hash: Digest = Field(sa_type=DigestType)


class EditionRow(SQLModel, table=True):
    """
    One `EditionMinted` log: works in a row with one description.

    A work's number is its id less the first, plus one; the edition that an id belongs to is the
    one with the greatest first id not above it, if its size reaches so far: one step on the index.
    """

    __tablename__ = "chain_editions"
    __table_args__ = (Index("chain_editions_first", "chain_id", "contract", "first_token_id"),)

    chain_id: int = columns.chain()
    block_number: int = columns.block()
    log_index: int = columns.log()
    contract: Address = Field(sa_type=AddressType)
    first_token_id: int = Field(sa_type=TokenIdType)
    size: int = Field(sa_type=BigInteger)
    transaction_hash: Digest = Field(sa_type=DigestType)


class MinterRow(SQLModel, table=True):
    """One `MinterChanged` log; the newest of creator and minter decides."""

    __tablename__ = "chain_minters"
    __table_args__ = (Index("chain_minters_of", "chain_id", "contract", "creator", "minter"),)

    chain_id: int = columns.chain()
    block_number: int = columns.block()
    log_index: int = columns.log()
    contract: Address = Field(sa_type=AddressType)
    creator: Address = Field(sa_type=AddressType)
    minter: Address = Field(sa_type=AddressType)
    allowed: bool
    transaction_hash: Digest = Field(sa_type=DigestType)


class DefaultRoyaltyRow(SQLModel, table=True):
    """One `DefaultRoyaltyChanged` log; it concerns later mints alone, whose own log says it."""

    __tablename__ = "chain_default_royalties"
    __table_args__ = (
        Index("chain_default_royalties_of", "chain_id", "contract", "creator", "block_number"),
    )

    chain_id: int = columns.chain()
    block_number: int = columns.block()
    log_index: int = columns.log()
    contract: Address = Field(sa_type=AddressType)
    creator: Address = Field(sa_type=AddressType)
    royalty_bps: int = Field(sa_type=Integer)
    royalty_receiver: Address = Field(sa_type=AddressType)
    transaction_hash: Digest = Field(sa_type=DigestType)


class AllFrozenRow(SQLModel, table=True):
    """One `AllFrozen` log: every work of the creator there is frozen, minted or not yet."""

    __tablename__ = "chain_all_frozen"
    __table_args__ = (Index("chain_all_frozen_of", "chain_id", "contract", "creator"),)

    chain_id: int = columns.chain()
    block_number: int = columns.block()
    log_index: int = columns.log()
    contract: Address = Field(sa_type=AddressType)
    creator: Address = Field(sa_type=AddressType)
    transaction_hash: Digest = Field(sa_type=DigestType)


class GovernanceRow(SQLModel, table=True):
    """
    What the platform decided about an exchange or the auctions, in public.

    The fee at a second is the newest `fee` that has started then and was not replaced while it
    waited. A pause ends by itself. There are a handful of rows for each contract and event.
    """

    __tablename__ = "chain_governance"
    __table_args__ = (
        Index("chain_governance_of", "chain_id", "contract", "event", "block_number"),
    )

    chain_id: int = columns.chain()
    block_number: int = columns.block()
    log_index: int = columns.log()
    contract: Address = Field(sa_type=AddressType)
    event: str
    """
    `fee` (fee_bps, starts_at), `fee_receiver`, `guardian`, `owner`, `owner_proposed` (account),
    `paused` (account, ends_at), `unpaused` (account), `retired`, `currency` (currency, allowed),
    `fees_withdrawn` (account, currency, amount).
    """
    account: Address | None = Field(default=None, sa_type=AddressType)
    currency: Address | None = Field(default=None, sa_type=AddressType)
    allowed: bool | None = None
    fee_bps: int | None = Field(default=None, sa_type=Integer)
    starts_at: int | None = Field(default=None, sa_type=BigInteger)
    ends_at: int | None = Field(default=None, sa_type=BigInteger)
    amount: int | None = Field(default=None, sa_type=AmountType)
    transaction_hash: Digest = Field(sa_type=DigestType)


class SplitterRow(SQLModel, table=True):
    """
    One `SplitterCreated` log.

    Looked up by its address, and by a receiver (`shares @> '[{"receiver": "0x…"}]'`, one lookup
    in the inverted index).
    """

    __tablename__ = "chain_splitters"
    __table_args__ = (
        Index("chain_splitters_splitter", "chain_id", "splitter"),
        Index(
            "chain_splitters_receivers",
            "shares",
            postgresql_using="gin",
            postgresql_ops={"shares": "jsonb_path_ops"},
        ),
    )

    chain_id: int = columns.chain()
    block_number: int = columns.block()
    log_index: int = columns.log()
    splitter: Address = Field(sa_type=AddressType)
    shares: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    """`receiver` (checksummed) and `bps` of each, receivers ascending."""
    transaction_hash: Digest = Field(sa_type=DigestType)


class ReleaseRow(SQLModel, table=True):
    """One `Released` log: a splitter paid a receiver."""

    __tablename__ = "chain_releases"
    __table_args__ = (
        Index("chain_releases_splitter", "chain_id", "splitter", "currency", "receiver"),
        Index("chain_releases_receiver", "chain_id", "receiver", "block_number"),
    )

    chain_id: int = columns.chain()
    block_number: int = columns.block()
    log_index: int = columns.log()
    splitter: Address = Field(sa_type=AddressType)
    receiver: Address = Field(sa_type=AddressType)
    currency: Address = Field(sa_type=AddressType)
    amount: int = Field(sa_type=AmountType)
    transaction_hash: Digest = Field(sa_type=DigestType)


class SkipRow(SQLModel, table=True):
    """One `OrderSkipped` log: a best-effort purchase went on without this order."""

    __tablename__ = "chain_skips"
    __table_args__ = (Index("chain_skips_order", "chain_id", "order_hash"),)

    chain_id: int = columns.chain()
    block_number: int = columns.block()
    log_index: int = columns.log()
    exchange: Address = Field(sa_type=AddressType)
    order_hash: Digest = Field(sa_type=DigestType)
    reason: str
    """The first four bytes of what it reverted with, as `0x…`."""
    transaction_hash: Digest = Field(sa_type=DigestType)
