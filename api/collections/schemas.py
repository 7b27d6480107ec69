"""
Collections on the wire.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.chains.schemas import AsOf
from nft.types import Digest


class MirrorOut(BaseModel):
    """How far the history of a contract of somebody else's is read."""

    state: Literal["requested", "finding", "backfilling", "complete", "refused", "left"]
    first_block: str | None
    """Where its history begins; null until it is found."""
    read_to: str | None = None
    target_block: str | None = None
    """Read up to here by going back; from the block after it on the head is followed."""
    progress: float
    """The part of its history that is read, from 0 to 1."""
    refused: str | None = None
    """Why it is not mirrored, or not any more."""
    left_block: str | None = None
    """Since when it is not: the operator let go of it, and nothing of its works is shown."""
    note: str | None = None
    """What is uncertain about the first block."""


class CollectionOut(BaseModel):
    """An ERC-721 contract and what the mirror counts in it."""

    chain_id: str
    contract: str
    name: str
    symbol: str
    house: bool
    """Open to every creator; the platform has no power in it."""
    artist: str | None
    """Whose own collection it is; null for the house's and for those of others."""
    foreign: bool = False
    """Somebody else's contract: the mirror tells what its logs say, and vouches for nothing."""
    mirror: MirrorOut | None = None
    """Null for collections of ours, which are read from their first block on."""
    test: bool
    works: int
    """Tokens that exist; burned ones are left out."""
    creators: int
    owners: int
    for_sale: int
    first_block: str
    """Of somebody else's: 0 until it is found."""
    url: str
    as_of: AsOf | None
    """Null until the first work."""


class CollectionList(BaseModel):
    """A page of collections."""

    items: list[CollectionOut]
    next: str | None
    as_of: AsOf | None


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CollectionIn(_In):
    """A collection that an artist deploys for the own works."""

    chain_id: str = Field(max_length=20)
    artist: str = Field(max_length=100)
    name: str = Field(max_length=200)
    symbol: str = Field(default="", max_length=100)
    metadata_digest: Digest | None = None
    """Of the collection's own description, which must be kept here."""
    salt: Digest | None = None
    """Any 32 bytes; the same artist, name, symbol, description and salt give one address."""


class MinterIn(_In):
    """Who may mint in the account's name, or no longer."""

    account: str = Field(max_length=100)
    minter: str = Field(max_length=100)
    allowed: bool


class DefaultRoyaltyIn(_In):
    """Of works minted from now on without a royalty of their own."""

    account: str = Field(max_length=100)
    bps: int = Field(strict=True)
    receiver: str | None = Field(default=None, max_length=100)


class FreezeAllIn(_In):
    """Who gives up changing the own works."""

    account: str = Field(max_length=100)


class ContractMetadataIn(_In):
    """Another description of the collection itself."""

    account: str = Field(max_length=100)
    metadata_digest: Digest
