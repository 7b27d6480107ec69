"""
Facts: one row per log, keyed by chain, block and log index, falling with their block.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from itertools import takewhile
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Table
from sqlmodel import SQLModel

from indexer import auction_tables, contract_tables, foreign_tables, index_tables, tables
from nft.chain.protocol import Log
from nft.types import Address, Digest

Row = dict[str, Any]
Token = tuple[bytes, bytes]
"""A work by its contract and the 32 bytes of its id."""


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
NOTES = table(foreign_tables.NoteRow)
BREAKS = table(tables.BreakRow)
CONTRACTS = table(index_tables.ContractRow)
HEALTH = table(index_tables.HealthRow)
AUDITS = table(index_tables.AuditRow)

FACTS = (
    *(TRANSFERS, CHANGES, SALES, CANCELS, APPROVALS, CREDITS),
    *(AUCTIONS, BIDS, OUTCOMES),
    *(COLLECTIONS, DESCRIPTIONS, EDITIONS, MINTERS, DEFAULT_ROYALTIES, ALL_FROZEN),
    *(GOVERNANCE, SPLITTERS, RELEASES, SKIPS, BREAKS),
    *(RANGES, REFRESHES, NOTES),
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


class Move(NamedTuple):
    """
    A row of `chain_transfers` in the order of its columns, all in plain bytes.

    Nine logs of ten are these, so that they take the short way from the wire to COPY.
    """

    chain_id: int
    block_number: int
    log_index: int
    contract: bytes
    token_id: bytes
    sender: bytes
    receiver: bytes
    transaction_hash: bytes

    def row(self) -> Row:
        """The same as a row of any other table."""
        return {
            "chain_id": self.chain_id,
            "block_number": self.block_number,
            "log_index": self.log_index,
            "contract": Address(self.contract),
            "token_id": int.from_bytes(self.token_id, "big"),
            "sender": Address(self.sender),
            "receiver": Address(self.receiver),
            "transaction_hash": Digest(self.transaction_hash),
        }

    @classmethod
    def of(cls, row: Row) -> Move:
        """Read what `row` makes."""
        return cls(
            chain_id=row["chain_id"],
            block_number=row["block_number"],
            log_index=row["log_index"],
            contract=bytes(row["contract"]),
            token_id=row["token_id"].to_bytes(32, "big"),
            sender=bytes(row["sender"]),
            receiver=bytes(row["receiver"]),
            transaction_hash=bytes(row["transaction_hash"]),
        )


Item = Move | Log
"""A log on its way into the mirror: a transfer as its row, any other as it is."""


_block_of: Callable[[Move], int] = itemgetter(Move._fields.index("block_number"))
_contract_of: Callable[[Move], bytes] = itemgetter(Move._fields.index("contract"))
_receiver_of: Callable[[Move], bytes] = itemgetter(Move._fields.index("receiver"))


@dataclass(slots=True)
class Facts:
    """Rows to be written, by table, in the order of their logs."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    """All but transfers."""
    moves: list[Move] = field(default_factory=list)
    """The transfers."""

    def add(self, to: Table, row: Row) -> None:
        """One more row."""
        if to is TRANSFERS:
            self.moves.append(Move.of(row))
        else:
            self.rows.setdefault(to.name, []).append(row)

    def of(self, of: Table) -> list[Row]:
        """The rows of one table."""
        if of is TRANSFERS:
            return [move.row() for move in self.moves]
        return self.rows.get(of.name, [])

    def blocks(self) -> set[int]:
        """Blocks that hold a fact."""
        found = {row["block_number"] for rows in self.rows.values() for row in rows}
        found.update(map(_block_of, self.moves))
        return found

    def moved(self, contracts: Set[bytes], receivers: Set[bytes]) -> set[Token]:
        """Works of these contracts that moved, and those that came to one of these receivers."""
        if contracts.isdisjoint(map(_contract_of, self.moves)) and receivers.isdisjoint(
            map(_receiver_of, self.moves)
        ):
            return set()
        return {
            (move.contract, move.token_id)
            for move in self.moves
            if move.contract in contracts or move.receiver in receivers
        }

    def loud(self, quiet: Mapping[Address, int], newest: int) -> list[Move]:
        """
        Transfers above the block up to which nothing of their contract is told.

        None stands above the block `newest`.
        """
        if not self.moves:
            return []
        until = {quiet.get(one, -1) for one in set(map(_contract_of, self.moves))}  # type: ignore[call-overload]
        if min(until) >= newest:
            return []  # A history that nobody is told.
        return [move for move in self.moves if move.block_number > quiet.get(move.contract, -1)]  # type: ignore[call-overload]

    def tokens(self) -> set[Token]:
        """Tokens whose state these rows decide, each by itself."""
        return {(move.contract, move.token_id) for move in self.moves} | self.decided()

    def decided(self) -> set[Token]:
        """Those of them that more than a transfer decides."""
        return {
            (bytes(row["contract"]), row["token_id"].to_bytes(32, "big"))
            for rows in (self.of(CHANGES), self.of(AUCTIONS))
            for row in rows
        }

    def creators(self) -> set[tuple[Address, Address]]:
        """Creators, by contract, of whom all works are decided."""
        return {(row["contract"], row["creator"]) for row in self.of(ALL_FROZEN)}

    def before(self, of: Table, transaction_hash: bytes) -> Iterator[Row]:
        """The rows of the transaction so far, newest first."""
        return takewhile(
            lambda row: row["transaction_hash"] == transaction_hash, reversed(self.of(of))
        )

    def transfer(self, at: Place, contract: Address, token_id: int) -> Move | None:
        """The transfer that a log speaks of: the nearest one before it of this work."""
        work = token_id.to_bytes(32, "big")
        moved = takewhile(
            lambda move: move.transaction_hash == at.transaction_hash, reversed(self.moves)
        )
        return next(
            (move for move in moved if move.contract == contract and move.token_id == work), None
        )
