"""
Facts: one row per log, keyed by chain, block and log index, falling with their block.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from sqlalchemy import Table
from sqlmodel import SQLModel

from indexer import auction_tables, contract_tables, foreign_tables, index_tables, tables
from nft.types import Address, Digest

Row = dict[str, Any]
Token = tuple[Address, int]
"""A work by its contract and id."""


def table(row: type[SQLModel]) -> Table:
    """The SQL table of a row class."""
    found: Table = row.__table__  # type: ignore[attr-defined]
    return found


BLOCKS = table(tables.BlockRow)
TOKENS = table(tables.TokenRow)
CURSORS = table(tables.CursorRow)
OUTBOX = table(tables.OutboxRow)

TRANSFERS = table(tables.TransferRow)
CHANGES = table(tables.TokenChangeRow)
SALES = table(tables.SaleRow)
CANCELS = table(tables.CancelRow)
APPROVALS = table(tables.ApprovalRow)
CREDITS = table(tables.CreditRow)
AUCTIONS = table(auction_tables.AuctionRow)
BIDS = table(auction_tables.BidRow)
OUTCOMES = table(auction_tables.OutcomeRow)
COLLECTIONS = table(contract_tables.CollectionRow)
DESCRIPTIONS = table(contract_tables.DescriptionRow)
EDITIONS = table(contract_tables.EditionRow)
MINTERS = table(contract_tables.MinterRow)
DEFAULT_ROYALTIES = table(contract_tables.DefaultRoyaltyRow)
ALL_FROZEN = table(contract_tables.AllFrozenRow)
GOVERNANCE = table(contract_tables.GovernanceRow)
SPLITTERS = table(contract_tables.SplitterRow)
RELEASES = table(contract_tables.ReleaseRow)
SKIPS = table(contract_tables.SkipRow)
RANGES = table(foreign_tables.RangeRow)
REFRESHES = table(foreign_tables.RefreshRow)
BREAKS = table(tables.BreakRow)
CONTRACTS = table(index_tables.ContractRow)
HEALTH = table(index_tables.HealthRow)
AUDITS = table(index_tables.AuditRow)

FACTS = (
    *(TRANSFERS, CHANGES, SALES, CANCELS, APPROVALS, CREDITS),
    *(AUCTIONS, BIDS, OUTCOMES),
    *(COLLECTIONS, DESCRIPTIONS, EDITIONS, MINTERS, DEFAULT_ROYALTIES, ALL_FROZEN),
    *(GOVERNANCE, SPLITTERS, RELEASES, SKIPS, BREAKS),
    *(RANGES, REFRESHES),
)
"""Tables of facts."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a log stands."""

    chain_id: int
    block_number: int
    log_index: int
    contract: Address
    transaction_hash: Digest

    def key(self) -> Row:
        """The columns that every fact has."""
        return {
            "chain_id": self.chain_id,
            "block_number": self.block_number,
            "log_index": self.log_index,
            "transaction_hash": self.transaction_hash,
        }


@dataclass(slots=True)
class Facts:
    """Rows to be written, by table, in the order of their logs."""

    rows: dict[str, list[Row]] = field(default_factory=dict)

    def add(self, to: Table, row: Row) -> None:
        """One more row."""
        self.rows.setdefault(to.name, []).append(row)

    def of(self, of: Table) -> list[Row]:
        """The rows of one table."""
        return self.rows.get(of.name, [])

    def blocks(self) -> set[int]:
        """Blocks that hold a fact."""
        return {row["block_number"] for rows in self.rows.values() for row in rows}

    def tokens(self) -> set[Token]:
        """Tokens whose state these rows decide, each by itself."""
        return {
            (row["contract"], row["token_id"])
            for rows in (self.of(TRANSFERS), self.of(CHANGES), self.of(AUCTIONS))
            for row in rows
        }

    def creators(self) -> set[tuple[Address, Address]]:
        """Creators, by contract, of whom all works are decided."""
        return {(row["contract"], row["creator"]) for row in self.of(ALL_FROZEN)}

    def before(self, of: Table, at: Place) -> Iterator[Row]:
        """The rows of the place's transaction so far, newest first."""
        return takewhile(
            lambda row: row["transaction_hash"] == at.transaction_hash, reversed(self.of(of))
        )

    def transfer(self, at: Place, contract: Address, token_id: int) -> Row | None:
        """The transfer that a log speaks of: the nearest one before it of this work."""
        return next(
            (
                row
                for row in self.before(TRANSFERS, at)
                if row["contract"] == contract and row["token_id"] == token_id
            ),
            None,
        )
