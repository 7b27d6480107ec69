"""
Alive, able to serve, how far, how much: for supervisors, balancers and people on call.
"""

from __future__ import annotations

from itertools import chain
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy import func, select

from api.certificates.anchor import anchored_of
from api.deps import NowDep, PartsDep, ReadSessionDep
from api.errors import wants_page
from api.events.sequencer import EVENTS
from api.health.counts import count
from api.health.keeping import keeping, keeping_of
from api.health.metrics import encoded, families
from api.health.pages import status_page
from api.health.papers import paper_metrics, papers, papers_of
from api.health.schemas import ready_of, status_of
from api.health.standing import standings

router = APIRouter(tags=["health"])

NO_STORE = {"Cache-Control": "no-store"}

COUNTED = {
    "works": ("chain_tokens", r"owner <> '\x0000000000000000000000000000000000000000'"),
    "sales": ("chain_sales", "true"),
    "orders": ("book_orders", "true"),
}
"""What is counted, in which table, and which rows of it."""


@router.get("/health", operation_id="health")
async def health(response: Response) -> dict[str, str]:
    """The process answers; nothing else is asked."""
    response.headers.update(NO_STORE)
    return {"status": "ok"}


@router.get("/ready", operation_id="ready")
async def ready(
    response: Response, session: ReadSessionDep, parts: PartsDep, now: NowDep
) -> dict[str, Any]:
    """
    The database answers and every chain's history is read to near its head; else 503.

    Registered contracts of others that are still being read do not make it unready.
    """
    found = ready_of(await standings(session, parts, now), parts.chains)
    response.headers.update(NO_STORE)
    if not found["ready"]:
        response.status_code = 503
        response.headers["Retry-After"] = "1"
    return found


@router.get("/status", operation_id="status", response_model=None)
async def status(
    request: Request, session: ReadSessionDep, parts: PartsDep, now: NowDep
) -> Response:
    """
    How far each chain is mirrored, how well, and when it was last compared with the chain; where
    the works' files are kept, and when they were last read back; which day's certificates were
    last anchored, and how certificates do.

    A page for who asks for HTML; `?format=json` gives the document to a browser too.
    """
    chains = await standings(session, parts, now)
    kept = await keeping(session, parts, now)
    anchored = {one.chain_id: await anchored_of(session, one.chain_id) for one in chains}
    certified = await papers(session, sorted(parts.chains), now)
    if wants_page(request) and request.query_params.get("format") != "json":
        return status_page(request, chains, kept, anchored, certified)
    events = await session.scalar(select(func.max(EVENTS.c.sequence)))
    document = {
        "time": now.isoformat().replace("+00:00", "Z"),
        "chains": status_of(chains),
        "media": keeping_of(kept),
        "anchors": [one.as_json(chain_id) for chain_id, one in anchored.items()],
        "certificates": papers_of(certified),
        "events": str(events or 0),
    }
    return JSONResponse(document, headers={**NO_STORE, "Vary": "Accept"})


@router.get("/metrics", operation_id="metrics")
async def metrics(
    request: Request, session: ReadSessionDep, parts: PartsDep, now: NowDep
) -> Response:
    """Prometheus text."""
    counts = {name: await count(session, table, where) for name, (table, where) in COUNTED.items()}
    events = await session.scalar(select(func.max(EVENTS.c.sequence)))
    told = families(
        await standings(session, parts, now),
        await keeping(session, parts, now),
        counts,
        events or 0,
    )
    certificates = paper_metrics(await papers(session, sorted(parts.chains), now))
    text, content_type = encoded(request.headers.get("accept", ""), chain(told, certificates))
    return Response(text, media_type=content_type, headers=NO_STORE)
