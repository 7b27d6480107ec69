"""
Signing in, on the wire.
"""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from api.sales.elsewhere import VenueOut
from nft.types import Address


class NonceIn(BaseModel):
    """Who wants to sign in, and on which chain the wallet stands."""

    model_config = ConfigDict(extra="forbid")

    address: Address
    chain_id: str = Field(max_length=20)


class NonceOut(BaseModel):
    """The ERC-4361 text to sign, good once."""

    message: str
    expires_at: datetime


class SessionIn(BaseModel):
    """The text and the wallet's signature under it."""

    model_config = ConfigDict(extra="forbid")

    message: str = Field(max_length=4_000)
    signature: str = Field(max_length=20_000)


class SignedInOut(BaseModel):
    """A new session; the token is shown this once and stands in the cookie too."""

    address: str
    expires_at: datetime
    token: str


class SessionOut(BaseModel):
    """The present session."""

    address: str
    chain_id: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime


class RoyaltyLineOut(BaseModel):
    """One sale of a work that names the account, or that paid it."""

    chain_id: str
    contract: str
    token_id: str
    title: str | None
    """Null: the work's description has not reached us."""
    timestamp: datetime
    transaction_hash: str
    seller: str
    price: str
    currency: str
    venue: VenueOut | None
    """Null: sold here, where a royalty is paid or nothing is sold."""
    received: str
    owed: str | None
    """What the work asked for when it was sold; null: we do not know that it names the account."""


class TotalOut(BaseModel):
    """A sum in one currency."""

    currency: str
    amount: str


class RoyaltiesOut(BaseModel):
    """The newest sales of works that name an account, wherever they were sold."""

    account: str
    totals: list[TotalOut]
    """Of what was received as royalties in these lines."""
    items: list[RoyaltyLineOut]
