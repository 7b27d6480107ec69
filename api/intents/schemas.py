"""
An intent on the wire.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from nft.types import Digest

IntentState = Literal[
    "preparing",
    "prepared",
    "submitted",
    "in_block",
    "confirmed",
    "final",
    "replaced",
    "dropped",
    "failed",
    "unknown",
    "abandoned",
]


class CostOut(BaseModel):
    """What carrying it out costs at most, and how often the wallet will ask."""

    network_max: str
    platform_fee: str
    currency: str
    prompts: int


class ProblemOut(BaseModel):
    """Why it does not go on, when it does not."""

    code: str
    detail: str


class TokenLinks(BaseModel):
    """A work that came of it."""

    chain_id: str
    contract: str
    token_id: str
    work_url: str
    certificate_url: str


class BoughtOut(BaseModel):
    """An order of a cart."""

    order_hash: str
    filled: bool


class ResultOut(BaseModel):
    """What came of it; there from `in_block` on, withdrawn when the chain turns back."""

    chain_id: str
    contract: str | None
    token_id: str | None
    transaction_hash: str | None
    work_url: str | None
    certificate_url: str | None
    order_hash: str | None = None
    tokens: list[TokenLinks] = []
    """All works of a mint of several; the first one is named above."""
    orders: list[BoughtOut] = []
    """Of a cart: which of its orders were had."""


class ReportOut(BaseModel):
    """A transaction hash that a wallet reported."""

    step: str
    hash: str
    state: Literal[
        "submitted", "in_block", "confirmed", "final", "failed", "replaced", "dropped", "unknown"
    ]
    detail: str | None = None


class WarningOut(BaseModel):
    """Something to know before signing; it stops nothing."""

    code: str
    detail: str
    url: str | None = None


class IntentOut(BaseModel):
    """Everything about an intent: knowing its id permits reading, signing and reporting."""

    intent: str
    id: str
    state: IntentState
    account: str
    chain_id: str
    created_at: datetime
    expires_at: datetime
    cost: CostOut | None
    problem: ProblemOut | None
    warnings: list[WarningOut] = []
    result: ResultOut | None
    steps: list[dict[str, Any]]
    transactions: list[ReportOut] = []
    request: dict[str, Any]
    """The body that asked for it, with defaults filled in."""


class IntentList(BaseModel):
    """A page of intents, newest first."""

    items: list[IntentOut]
    next: str | None


class TransactionIn(BaseModel):
    """A transaction that the wallet sent for a step."""

    model_config = ConfigDict(extra="forbid")

    step: str = Field(max_length=100)
    hash: Digest
