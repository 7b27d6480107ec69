"""
Alive, able to serve, how far, how much: for supervisors, balancers and people on call.
"""

from __future__ import annotations

import resource
from typing import Any

from fastapi import APIRouter, Response
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.chains import mirror
from api.chains.mirror import CURSORS
from api.deps import NowDep, PartsDep, ReadSessionDep
from api.events.sequencer import EVENTS
from api.orders.facts import ORDERS, SALES, TOKENS
from api.parts import Parts
from nft.types import ZERO_ADDRESS

router = APIRouter(tags=["health"])

NO_STORE = {"Cache-Control": "no-store"}


@router.get("/health", operation_id="health")
async def health(response: Response) -> dict[str, str]:
    """The process answers; nothing else is asked."""
    response.headers.update(NO_STORE)
    return {"status": "ok"}


@router.get("/ready", operation_id="ready")
async def ready(response: Response, session: ReadSessionDep, parts: PartsDep) -> dict[str, Any]:
    """The database answers and every chain has been read at least once; else 503."""
    heads = await mirror.heads(session)
    waiting = [str(number) for number in sorted(parts.chains) if number not in heads]
    response.headers.update(NO_STORE)
    if waiting:
        response.status_code = 503
        response.headers["Retry-After"] = "1"
    return {"ready": not waiting, "chains_not_mirrored_yet": waiting}


@router.get("/status", operation_id="status")
async def status(
    response: Response, session: ReadSessionDep, parts: PartsDep, now: NowDep
) -> dict[str, Any]:
    """How far each chain is mirrored, and how far behind."""
    response.headers.update(NO_STORE)
    return {
        "time": now,
        "chains": await _chains(session, parts),
        "events": str(await session.scalar(select(func.max(EVENTS.c.sequence))) or 0),
    }


async def _chains(session: AsyncSession, parts: Parts) -> list[dict[str, Any]]:
    now = parts.clock()
    rows = await session.execute(select(CURSORS).order_by(CURSORS.c.chain_id))
    return [
        {
            "chain_id": str(row.chain_id),
            "block_number": str(row.number),
            "block_hash": str(row.block_hash),
            "head_number": str(row.head_number),
            "lag_blocks": max(row.head_number - row.number, 0),
            "safe_number": str(row.safe_number),
            "final_number": str(row.final_number),
            "halted": row.halted,
            "seconds_since_moved": round(max((now - row.updated_at).total_seconds(), 0), 3),
        }
        for row in rows
    ]


@router.get("/metrics", operation_id="metrics")
async def metrics(session: ReadSessionDep, parts: PartsDep) -> Response:
    """Prometheus text, written by hand: a dozen gauges need no library."""
    lines: list[str] = []
    for chain in await _chains(session, parts):
        label = f'{{chain="{chain["chain_id"]}"}}'
        lines += [
            f"vernissage_mirror_block{label} {chain['block_number']}",
            f"vernissage_mirror_lag_blocks{label} {chain['lag_blocks']}",
            f"vernissage_mirror_final_block{label} {chain['final_number']}",
            f"vernissage_mirror_halted{label} {int(chain['halted'] is not None)}",
            f"vernissage_mirror_idle_seconds{label} {chain['seconds_since_moved']}",
        ]
    counted = {
        "vernissage_works": select(func.count()).where(TOKENS.c.owner != ZERO_ADDRESS),
        "vernissage_sales": select(func.count()).select_from(SALES),
        "vernissage_orders": select(func.count()).select_from(ORDERS),
        "vernissage_events": select(func.max(EVENTS.c.sequence)),
    }
    for name, query in counted.items():
        lines.append(f"{name} {await session.scalar(query) or 0}")
    used = resource.getrusage(resource.RUSAGE_SELF)
    lines += [
        f"process_cpu_seconds_total {used.ru_utime + used.ru_stime:.3f}",
        f"process_peak_memory_bytes {used.ru_maxrss * 1024}",
    ]
    text = "\n".join(lines) + "\n"
    return Response(text, media_type="text/plain; version=0.0.4", headers=NO_STORE)
