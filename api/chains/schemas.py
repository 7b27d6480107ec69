"""
What is said of a chain, and of the block that an answer stands on.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

Finality = Literal["pending", "safe", "final"]


class AsOf(BaseModel):
    """The block of an answer's last change, so that the answer stays equal until the next one."""

    block_number: str
    block_hash: str
    timestamp: datetime
    finality: Finality


class CurrencyOut(BaseModel):
    """What an amount counts; address zero is the chain's own coin."""

    address: str
    symbol: str
    decimals: int
    permit: bool
    """Whether the token takes a signature (ERC-2612) in place of an approval."""


class ContractsOut(BaseModel):
    """Our contracts on a chain, by address."""

    exchange: str
    house_collection: str
    auctions: str
    collection_factory: str
    splitter_factory: str
    validator: str
    anchors: str | None
    """Where roots over certificates are kept; null where it was not placed yet."""
    former_exchanges: list[str]
    """Retired, oldest first: nothing is sold there any more, and approvals may be taken back."""


class ChainOut(BaseModel):
    """A chain, with enough for a wallet to add it (EIP-3085)."""

    chain_id: str
    caip2: str
    name: str
    test: bool
    """Works and money on a test chain are worth nothing, and every document says so."""
    contracts: ContractsOut
    platform_fee_bps: int
    currencies: list[CurrencyOut]
    rpc_urls: list[str]
    explorer: str | None = None


class ChainList(BaseModel):
    """All of them; the list is short and never pages."""

    items: list[ChainOut]
    next: str | None = None
