"""
Bodies of the certificate routes.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from api.chains.schemas import AsOf
from api.tokens.schemas import ProvenanceItem, RoyaltyOut


class CheckOut(BaseModel):
    """One line of a verification report."""

    id: str
    result: Literal["pass", "fail", "not_checked"]
    required: bool
    detail: str
    input: str


class BlockOut(BaseModel):
    """A block that facts rest on, and why its hash is believed."""

    number: str
    hash: str
    linked: Literal["given", "rpc", "by proof", "no"]


class ReportOut(BaseModel):
    """A verification report: ordered checks, never one green tick."""

    verdict: Literal["pass", "fail", "incomplete"]
    valid: bool
    checks: list[CheckOut]
    blocks: list[BlockOut]


class ExtractOut(BaseModel):
    """State of a work at one block, as a node of ours answers it."""

    type: Literal["OwnershipExtract"] = "OwnershipExtract"
    asset: str
    chain_id: str
    contract: str
    token_id: str
    test: bool
    owner: str | None
    """Null when the work was burned or not yet minted at that block."""
    transfer_count: int
    frozen: bool
    royalty: RoyaltyOut
    metadata_digest: str | None
    provenance: list[ProvenanceItem]
    as_of: AsOf
