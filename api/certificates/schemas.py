"""
Bodies of the certificate routes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

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


Completeness = Literal["complete", "continuous", "attested"]


class LogPlaceOut(BaseModel):
    """Where a receipt of the evidence holds the log of a line."""

    block: str
    index: str
    """Of the receipt in its block."""
    log: int
    """Of the log in the receipt, from 0."""


class ExtractItem(ProvenanceItem):
    """A line of provenance, and where it is proven."""

    receipt: LogPlaceOut | None = None
    """Null of what no receipt in this answer proves."""


class ExtractOut(BaseModel):
    """State of a work at one block, with the proofs of all that it says."""

    type: Literal["OwnershipExtract"] = "OwnershipExtract"
    format: Literal["vernissage-extract-v1"] = "vernissage-extract-v1"
    asset: str
    chain_id: str
    contract: str
    token_id: str
    test: bool
    layout: str | None
    """How the contract keeps its owners; null where nobody knows: then receipts alone speak."""
    owner: str | None
    """Null when the work was burned or not yet minted at that block."""
    transfer_count: int | None
    """Null of a stranger's contract, which counts none."""
    frozen: bool
    royalty: RoyaltyOut | None
    """Null of a stranger's contract: nothing of it is proven."""
    metadata_digest: str | None
    provenance: list[ExtractItem]
    completeness: Completeness
    receipts_left_off: int
    """
    Moves that this answer has no receipt for: it holds so many bytes, and nodes are asked for so
    many at once. `receipts_from=<line>` asks for later ones; the same request again has more.
    """
    evidence: dict[str, Any]
    links: dict[str, Any] | None
    """Evidence that leads from this block to those of the history; null where none could be had."""
    as_of: AsOf


class VersionOut(BaseModel):
    """One version of a certificate."""

    version: int
    issued_at: datetime
    reason: Literal[
        "issued", "mint", "metadata", "issuer", "statement", "evidence", "voucher", "minted"
    ]
    """Why there is this version; a sale never is."""
    has_evidence: bool
    superseded: bool
    """Whether a later version is in force."""
    status: str
    """`valid`, `suspended` or `revoked`, as of now."""
    sha256: str
    """Of the bytes."""
    url: str


class VersionList(BaseModel):
    """Every version there was, the oldest first."""

    items: list[VersionOut]
    next: None = None
