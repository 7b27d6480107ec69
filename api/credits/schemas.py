"""
Credits and splitters on the wire.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

_SHORT = Field(max_length=100)


class CreditOut(BaseModel):
    """A refused payout that a contract keeps for its owner."""

    chain_id: str
    contract: str
    """Which contract owes it."""
    role: str
    """`exchange`, `auctions` or `collection`."""
    currency: str
    amount: str


class ReleasableOut(BaseModel):
    """What a splitter owes an account."""

    chain_id: str
    splitter: str
    bps: int
    """The account's share."""
    currency: str
    amount: str


class CreditsOut(BaseModel):
    """Everything that waits for an account, as of now."""

    account: str
    credits: list[CreditOut]
    splitters: list[ReleasableOut]


class ShareOut(BaseModel):
    """One receiver of a splitter."""

    receiver: str
    bps: int
    releasable: dict[str, str]
    """By currency; empty while no node answers."""


class SplitterOut(BaseModel):
    """A splitter and what it owes."""

    chain_id: str
    splitter: str
    shares: list[ShareOut]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class WithdrawIn(_In):
    """
    Draw a credit.

    By the account itself it goes to `to` (or to the account); by anybody else (`sender`) to the
    account alone.
    """

    chain_id: str = _SHORT
    contract: str = _SHORT
    currency: str | None = Field(default=None, max_length=100)
    to: str | None = Field(default=None, max_length=100)
    sender: str | None = Field(default=None, max_length=100)


class ReleaseIn(_In):
    """Send a receiver its part; anybody may (`account` sends the transaction)."""

    account: str = _SHORT
    receiver: str = _SHORT
    currency: str | None = Field(default=None, max_length=100)
