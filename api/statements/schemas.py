"""
Statements on the wire.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.mints.schemas import MAX_COPIES, MAX_WORKS
from nft.types import Address, Digest


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class StatedIn(_In):
    """One work, or all copies of an edition: the description that the digest names is stated."""

    token_id: str = Field(max_length=80)
    copies: int = Field(default=1, ge=1, le=MAX_COPIES, strict=True)
    metadata_digest: Digest


class StatementIn(_In):
    """What a creator signed about works of the own hand; the signature is all the authority."""

    chain_id: str = Field(max_length=20)
    contract: Address
    signer: Address
    works: list[StatedIn] = Field(min_length=1, max_length=MAX_WORKS)
    signature: str = Field(max_length=20_000)


class StateIn(_In):
    """Who made the work and is to sign."""

    creator: Address


class StatedOut(BaseModel):
    """A work of it."""

    token_id: str
    copies: str
    metadata_digest: str
    hash: str
    """EIP-712 `hashStruct` of the work's entry."""


class PlacedStatement(BaseModel):
    """A statement that is kept now."""

    digest: str
    """The EIP-712 digest that was signed."""
    chain_id: str
    contract: str
    signer: str
    signature: str
    works: list[StatedOut]


class StatementOut(BaseModel):
    """What the artist signed about a work, with all that is needed to check it."""

    chain_id: str
    contract: str
    token_id: str
    metadata_digest: str
    """Of the description that the token carries, and that the statement is of."""
    digest: str
    statement: dict[str, Any]
    """As it stands in the certificate."""
    typed_data: dict[str, Any] | None
    """What the wallet was shown; its EIP-712 digest is `digest`. Null when a description of a
    neighbour is not kept any more: its hash still stands among the statement's `works`."""
    signed_by_contract: bool
    """A contract wallet signed (ERC-1271): its chain says whether the signature holds."""
    received_at: datetime
