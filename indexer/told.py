"""
What the mirror tells: facts as entries of the outbox, retractions included.

An entry is made from a fact's row alone, so that the same function says what happened when the
row is written and what is withdrawn when it falls.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Table

from indexer.facts import (
    ALL_FROZEN,
    APPROVALS,
    AUCTIONS,
    BIDS,
    CANCELS,
    CHANGES,
    COLLECTIONS,
    CREDITS,
    DEFAULT_ROYALTIES,
    DESCRIPTIONS,
    EDITIONS,
    FACTS,
    GOVERNANCE,
    MINTERS,
    NOTES,
    OUTCOMES,
    RANGES,
    REFRESHES,
    RELEASES,
    SALES,
    SKIPS,
    SPLITTERS,
    Facts,
    Move,
    Row,
)
from nft.types import Address, Digest, checksummed

_BY_COLUMN: Mapping[str, tuple[str, Mapping[str, str | None]]] = {
    CHANGES.name: (
        "event",
        {
            "minted": None,  # Told by its transfer.
            "metadata": "metadata_changed",
            "royalty": "royalty_changed",
            "frozen": "frozen",
        },
    ),
    SALES.name: (
        "kind",
        {
            "listing": "sold",
            "bundle": "sold",
            "offer": "offer_accepted",
            "auction": "auction_settled",
            "voucher": "voucher_sold",
            "elsewhere": "sold_elsewhere",
        },
    ),
    OUTCOMES.name: (
        "outcome",
        {
            "settled": None,  # Told by its sale.
            "unwound": "auction_unwound",
            "reclaimed": "work_reclaimed",
        },
    ),
    GOVERNANCE.name: (
        "event",
        {
            "fee": "fee_changed",
            "fee_receiver": "fee_receiver_changed",
            "guardian": "guardian_changed",
            "owner": "owner_changed",
            "owner_proposed": "owner_proposed",
            "paused": "paused",
            "unpaused": "unpaused",
            "retired": "retired",
            "currency": "currency_changed",
            "fees_withdrawn": "fees_withdrawn",
        },
    ),
}
"""Kinds by a column of the row."""

_ALWAYS: Mapping[str, str] = {
    APPROVALS.name: "approval_changed",
    AUCTIONS.name: "auction_opened",
    BIDS.name: "bid_placed",
    COLLECTIONS.name: "collection_created",
    DESCRIPTIONS.name: "collection_described",
    EDITIONS.name: "edition_minted",
    MINTERS.name: "minter_changed",
    DEFAULT_ROYALTIES.name: "default_royalty_changed",
    ALL_FROZEN.name: "all_frozen",
    SPLITTERS.name: "splitter_created",
    RELEASES.name: "released",
    SKIPS.name: "order_skipped",
    RANGES.name: "range_transferred",
    REFRESHES.name: "metadata_refreshed",
}


def kind_of(table: Table, row: Row) -> str | None:
    """The entry's kind in past tense; None for what another entry tells already."""
    if table is CANCELS:
        return "all_cancelled" if row["nonce"] is None else "nonce_cancelled"
    if table is CREDITS:
        return "credited" if row["amount"] > 0 else "withdrawn"
    if table is NOTES:
        kind: str = row["kind"]
        return kind
    if table.name in _BY_COLUMN:
        column, kinds = _BY_COLUMN[table.name]
        return kinds[row[column]]
    return _ALWAYS.get(table.name)  # A break of custody is told by its transfer.


def wire(value: Any) -> Any:
    """A column's value as JSON: amounts and ids as decimal strings, the rest as on the wire."""
    if isinstance(value, Address | Digest):
        return str(value)
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    return str(value)


_PLAIN = {
    *("log_index", "transfer_log_index", "flags", "size", "shares", "payments", "works", "said"),
    *("royalty_bps", "fee_bps", "starts_at", "ends_at"),
}
"""Columns that are JSON as they are: small numbers, seconds, shares."""


def payload_of(row: Row) -> dict[str, Any]:
    """The row's columns as JSON."""
    return {name: value if name in _PLAIN else wire(value) for name, value in row.items()}


_OF_THE_CONTRACT = {APPROVALS.name, RANGES.name, REFRESHES.name, NOTES.name}
"""Tables in which a contract of somebody else's speaks for itself."""

SPOKEN = frozenset(
    {
        *("minted", "transferred", "burned", "sold_elsewhere"),
        *(_ALWAYS[name] for name in _OF_THE_CONTRACT if name in _ALWAYS),
    }
)
"""Kinds that come of such a contract's transfers and other logs; notes have kinds of their own."""


def _is_history(table: Table, row: Row, quiet: Mapping[Address, int]) -> bool:
    """Whether it happened in a contract of others before anybody registered it."""
    if table.name not in _OF_THE_CONTRACT:
        return False
    return bool(row["block_number"] <= quiet.get(row["contract"], -1))


def entries(
    facts: Facts,
    blocks: Mapping[int, Row],
    quiet: Mapping[Address, int],
    *,
    retracted: bool = False,
) -> list[Row]:
    """
    Outbox rows in the order of the chain; retractions newest first.

    `blocks` are the rows of `chain_blocks` that the facts stand in; `quiet` are contracts of
    others by the block up to which nothing of theirs is told.
    """
    found = list(_entries(facts, blocks, quiet))
    found.sort(key=lambda entry: (entry["block_number"], entry["log_index"]), reverse=retracted)
    if not retracted:
        return found
    return [
        {**entry, "kind": "retracted", "payload": {**entry["payload"], "retracts": entry["kind"]}}
        for entry in found
    ]


def _moved(move: Move, block: Row) -> Row:
    """The entry of a transfer, at once: nine of ten are these."""
    minted, burned = not any(move.sender), not any(move.receiver)
    return {
        "chain_id": move.chain_id,
        "block_number": move.block_number,
        "block_hash": block["block_hash"],
        "log_index": move.log_index,
        "kind": "minted" if minted else "burned" if burned else "transferred",
        "payload": {
            "chain_id": str(move.chain_id),
            "block_number": str(move.block_number),
            "log_index": move.log_index,
            "contract": checksummed(move.contract),
            "token_id": str(int.from_bytes(move.token_id, "big")),
            "sender": checksummed(move.sender),
            "receiver": checksummed(move.receiver),
            "transaction_hash": f"0x{move.transaction_hash.hex()}",
            "timestamp": block["timestamp"],
        },
    }


def _entries(
    facts: Facts, blocks: Mapping[int, Row], quiet: Mapping[Address, int]
) -> Iterable[Row]:
    for move in facts.loud(quiet, max(blocks, default=-1)):
        yield _moved(move, blocks[move.block_number])
    for table in FACTS:
        for row in facts.rows.get(table.name, []):
            kind = kind_of(table, row)
            if kind is None or _is_history(table, row, quiet):
                continue
            block = blocks[row["block_number"]]
            yield {
                "chain_id": row["chain_id"],
                "block_number": row["block_number"],
                "block_hash": block["block_hash"],
                "log_index": row["log_index"],
                "kind": kind,
                "payload": {**payload_of(row), "timestamp": block["timestamp"]},
            }
