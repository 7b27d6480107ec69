"""
What the schema should be: the tables of all three packages, with their CHECK constraints.

A row class says what Python takes; the constraint says it again in the database, because classes
with `table=True` accept anything. Lengths and signs follow from the column's type; the few words
that a column may hold are listed here.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, MetaData, Table
from sqlmodel import SQLModel

import api.certificates.tables
import api.certificates.tables_issuer
import api.forms.tables
import api.imports.tables
import api.standing.tables
import api.statements.tables
import api.tables
import indexer.tables
import media.tables
import media.tables_copies
from nft.database import AddressType, AmountType, DigestType, TokenIdType

TABLES = (
    api.tables,
    api.certificates.tables_issuer,
    api.certificates.tables,
    api.forms.tables,
    api.imports.tables,
    api.statements.tables,
    api.standing.tables,
    indexer.tables,
    media.tables,
    media.tables_copies,
)
PREFIXES = ("book_", "chain_", "index_", "media_")

SIGNED = {("chain_credits", "amount")}
"""A withdrawal is a negative credit; every other amount is 0 or more."""

RULES: dict[tuple[str, str], str] = {
    ("media_uploads", "state"): "state IN ('receiving', 'checking', 'ready', 'refused')",
    ("media_uploads", "stage"): (
        "stage IN ('receiving', 'hashed', 'checked', 'derived', 'compared')"
    ),
    ("media_uploads", "received"): "received BETWEEN 0 AND length",
    ("media_pins", "state"): (
        "state IN ('wanted', 'sent', 'pinned', 'read_back', "
        "'at_risk', 'lost', 'failed', 'unwanted')"
    ),
    ("media_pins", "attempts"): "attempts >= 0",
    ("media_pins", "read_at"): "read_at IS NOT NULL OR state <> 'read_back'",
    ("media_pin_events", "to_state"): "to_state <> from_state",
    ("media_health", "state"): "state IN ('coming', 'kept', 'at_risk', 'lost')",
    ("media_health", "wanted"): "wanted >= 1",
    ("media_health", "standing"): "(standing >= wanted) = (state = 'kept')",
    ("media_outbox", "kind"): "kind IN ('media.at_risk', 'media.lost', 'media.restored')",
    ("media_comparisons", "occasion"): "occasion IN ('upload', 'mint')",
    ("media_likenesses", "distance"): "distance BETWEEN 0 AND 256",
    ("media_fingerprints", "kinds"): "octet_length(hashes) = 32 * octet_length(kinds)",
    ("media_fingerprints", "qualities"): "octet_length(qualities) = octet_length(kinds)",
    ("media_fingerprints", "mirrored"): "octet_length(mirrored) = 96 * octet_length(kinds)",
    ("chain_token_changes", "royalty_bps"): "royalty_bps BETWEEN 0 AND 10000",
    ("chain_tokens", "transfer_count"): "transfer_count >= 0",
    ("chain_sales", "kind"): (
        "kind IN ('listing', 'bundle', 'offer', 'auction', 'voucher', 'elsewhere')"
    ),
    ("chain_sales", "works"): "works >= 1",
    ("chain_outcomes", "outcome"): "outcome IN ('settled', 'unwound', 'reclaimed')",
    ("chain_default_royalties", "royalty_bps"): "royalty_bps BETWEEN 0 AND 10000",
    ("chain_governance", "fee_bps"): "fee_bps BETWEEN 0 AND 10000",
    ("chain_editions", "size"): "size > 0",
    ("index_audits", "how"): "how IN ('all', 'sample')",
    ("book_drafts", "revision"): "revision >= 1",
    ("book_issuer_keys", "number"): "number >= 1",
    ("book_status_entries", "place"): "place BETWEEN 0 AND 131071",
    ("book_status_changes", "status"): "status BETWEEN 0 AND 2",
    ("book_anchors", "leaves"): "octet_length(leaves) % 33 = 0",
    ("book_imports", "rows"): "rows >= 0",
    ("book_statements", "works"): "octet_length(works) > 0 AND octet_length(works) % 32 = 0",
    ("book_import_rows", "edition_number"): "edition_number >= 1",
    ("book_orders", "kind"): "kind BETWEEN 0 AND 3",
    ("book_orders", "end"): 'start < "end"',
    ("book_orders", "max_royalty_bps"): "max_royalty_bps BETWEEN 0 AND 10000",
    ("book_orders", "max_fee_bps"): "max_fee_bps BETWEEN 0 AND 10000",
    ("book_auctions", "open_until"): "start <= open_until",
    ("book_bindings", "method"): "method IN ('well-known', 'did:web')",
    ("book_readings", "outcome"): "outcome IN ('held', 'lost', 'silent')",
    ("book_marks", "kind"): "kind IN ('lost', 'stolen')",
    ("book_marks", "by"): "\"by\" IN ('owner', 'issuer')",
    ("book_claims", "basis"): "basis IN ('earlier_work', 'bound_domain')",
    ("book_claims", "decision"): "decision IN ('upheld', 'rejected')",
    ("book_claim_answers", "role"): "role IN ('artist', 'owner', 'issuer', 'claimant')",
    ("book_vouchers", "end"): 'start <= "end"',
    ("book_vouchers", "edition_size"): "edition_size >= 1",
    ("book_certificates", "reason"): (
        "reason IN ('issued', 'mint', 'metadata', 'issuer', 'statement', 'evidence', "
        "'voucher', 'minted')"
    ),
    ("book_block_hashes", "hashes"): "octet_length(hashes) % 32 = 0",
}


def _rule(table: str, column: Column[object]) -> str | None:
    name = f'"{column.name}"'
    if isinstance(column.type, AddressType):
        return f"octet_length({name}) = 20"
    if isinstance(column.type, DigestType | TokenIdType):
        return f"octet_length({name}) = 32"
    if isinstance(column.type, AmountType) and (table, column.name) not in SIGNED:
        return f"{name} >= 0"
    return RULES.get((table, column.name))


def _add_checks(table: Table) -> None:
    for column in table.columns:
        rule = _rule(table.name, column)
        if rule is not None:
            table.append_constraint(CheckConstraint(rule, name=f"{table.name}_{column.name}_rule"))


def schema() -> MetaData:
    """A copy of the metadata with the constraints added; the tables themselves stay as they are."""
    found = MetaData()
    for table in SQLModel.metadata.sorted_tables:
        if table.name.startswith(PREFIXES):
            _add_checks(table.to_metadata(found))
    return found
