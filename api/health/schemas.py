"""
The standing of chains as JSON: what `/ready` and `/status` answer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from api.health.metrics import named
from api.health.standing import Audited, Backfill, Endpoint, Standing, Work

SHOWN_DIFFERENCES = 10


def ready_of(chains: Iterable[Standing], wanted: Collection[int]) -> dict[str, Any]:
    """Whether every chain that we work on can be served, and what stands in the way."""
    told = [one for one in chains if one.chain_id in wanted]
    return {
        "ready": all(one.is_history_complete for one in told),
        "chains_not_mirrored_yet": [str(one.chain_id) for one in told if one.cursor is None],
        "chains": [
            {
                "chain_id": str(one.chain_id),
                "history_complete": one.is_history_complete,
                "loading": one.cursor is not None and one.cursor.is_loading,
                "lag_blocks": one.lag_blocks,
                "lag_seconds": one.lag_seconds,
                "halted": one.cursor.halted if one.cursor is not None else None,
                "indexer_active": one.work is not None and one.work.is_active,
                "registered_contracts_backfilling": one.backfilling,
            }
            for one in told
        ],
    }


def status_of(chains: Iterable[Standing]) -> list[dict[str, Any]]:
    """Every mirrored chain; one that nobody has begun to mirror is left to `/ready`."""
    return [_chain(one) for one in chains if one.cursor is not None]


def _chain(one: Standing) -> dict[str, Any]:
    cursor = one.cursor
    assert cursor is not None
    return {
        "chain_id": str(one.chain_id),
        "block_number": str(cursor.number),
        "block_hash": str(cursor.block_hash),
        "head_number": str(one.head_number),
        "lag_blocks": one.lag_blocks,
        "lag_seconds": one.lag_seconds,
        "safe_number": str(cursor.safe_number),
        "final_number": str(cursor.final_number),
        "proved_number": None if cursor.proved_number is None else str(cursor.proved_number),
        "loading": cursor.is_loading,
        "history_complete": one.is_history_complete,
        "halted": cursor.halted,
        "seconds_since_moved": one.idle_seconds,
        "indexer": None if one.work is None else _indexer(one.work),
        "endpoints": []
        if one.work is None
        else [_endpoint(name, node) for name, node in named(one.work.endpoints)],
        "audit": None if one.audit is None else _audit(one.audit),
        "registered_contracts": [_contract(contract) for contract in one.contracts],
    }


def _indexer(work: Work) -> dict[str, Any]:
    return {
        "instance": work.instance,
        "active": work.is_active,
        "seconds_since_written": work.age_seconds,
        "since": work.document.get("since"),
        "trouble": work.trouble,
        "stages": {
            name: {"count": told.get("count"), "seconds": told.get("seconds")}
            for name, told in work.document.get("stages", {}).items()
        },
        "counters": work.document.get("counters", {}),
        "head_latency_seconds": {
            name: work.document.get("latency", {}).get(name) for name in ("count", "p50", "p99")
        },
    }


def _endpoint(name: str, node: Endpoint) -> dict[str, Any]:
    return {
        "name": name,
        "state": node.state,
        "height": None if node.height is None else str(node.height),
        "lag_blocks": node.lag_blocks,
        "latency_ms": node.latency_ms,
        "requests": node.requests,
        "failures": node.failures,
        "rate_limited": node.rate_limited,
        "lies": node.lies,
        "doubts": node.doubts,
        "last_error": node.last_error,
    }


def _audit(done: Audited) -> dict[str, Any]:
    return {
        "age_seconds": done.age_seconds,
        "finished_at": done.finished_at.isoformat(),
        "block_number": str(done.block_number),
        "how": done.how,
        "compared": done.compared,
        "difference_count": done.difference_count,
        "differences": done.differences[:SHOWN_DIFFERENCES],
        "contradiction_count": done.compared.get("contradictions", 0),
        "contradictions": done.contradictions[:SHOWN_DIFFERENCES],
    }


def _contract(one: Backfill) -> dict[str, Any]:
    def number(value: int | None) -> str | None:
        return None if value is None else str(value)

    return {
        "contract": str(one.contract),
        "first_block": number(one.first_block),
        "joined_block": number(one.joined_block),
        "read_to": number(one.read_to),
        "complete": one.is_complete,
        "refused": one.refused,
        "left_block": number(one.left_block),
    }
