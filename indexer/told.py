"""
What the mirror tells: facts as entries of the outbox, retractions included.

An entry is made from a fact's row alone, so that the same function says what happened when the
row is written and what is withdrawn when it falls.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Table

from indexer.apply import APPROVALS, CANCELS, CHANGES, CREDITS, FACTS, SALES, TRANSFERS, Row
from nft.types import Address, Digest

_CHANGES = {"metadata": "metadata_changed", "royalty": "royalty_changed", "frozen": "frozen"}


def kind_of(table: Table, row: Row) -> str | None:
    """The entry's kind in past tense; None for what another entry tells already."""
    if table is TRANSFERS:
        if not any(row["sender"]):
            return "minted"
        return "transferred" if any(row["receiver"]) else "burned"
    if table is CHANGES:
        return _CHANGES.get(row["event"])  # `minted` is told by its transfer.
    if table is SALES:
        return "sold"
    if table is CANCELS:
        return "all_cancelled" if row["nonce"] is None else "nonce_cancelled"
    if table is CREDITS:
        return "credited" if row["amount"] > 0 else "withdrawn"
    return "approval_changed" if table is APPROVALS else None


def wire(value: Any) -> Any:
    """A column's value as JSON: amounts and ids as decimal strings, the rest as on the wire."""
    if isinstance(value, Address | Digest):
        return str(value)
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    return str(value)


_PLAIN = {"log_index", "transfer_log_index", "royalty_bps", "flags"}


def payload_of(row: Row) -> dict[str, Any]:
    """The row's columns as JSON."""
    return {name: value if name in _PLAIN else wire(value) for name, value in row.items()}


def entries(
    rows: Mapping[str, list[Row]], blocks: Mapping[int, Row], *, retracted: bool = False
) -> list[Row]:
    """
    Outbox rows in the order of the chain; retractions newest first.

    `blocks` are the rows of `chain_blocks` that the facts stand in.
    """
    found = list(_entries(rows, blocks))
    found.sort(key=lambda entry: (entry["block_number"], entry["log_index"]), reverse=retracted)
    if not retracted:
        return found
    return [
        {**entry, "kind": "retracted", "payload": {**entry["payload"], "retracts": entry["kind"]}}
        for entry in found
    ]


def _entries(rows: Mapping[str, list[Row]], blocks: Mapping[int, Row]) -> Iterable[Row]:
    for table in FACTS:
        for row in rows.get(table.name, []):
            kind = kind_of(table, row)
            if kind is None:
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
