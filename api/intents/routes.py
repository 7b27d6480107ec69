"""
Intents: reading them, listening to them, reporting what was sent, giving them up.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.responses import StreamingResponse

from api.accounts.deps import AccountDep
from api.deps import NowDep, PartsDep, ReadSessionDep, SessionDep
from api.intents import abandon, queries, service
from api.intents.reporting import report_transaction
from api.intents.schemas import IntentList, IntentOut, TransactionIn
from api.intents.stream import follow
from api.pagination import DEFAULT_LIMIT, CursorQuery, LimitQuery, link_header

router = APIRouter(prefix="/api/intents", tags=["intents"])


def created(response: Response, intent: IntentOut) -> IntentOut:
    """Point to a new intent; the route says 201."""
    response.headers["Location"] = f"/api/intents/{intent.id}"
    response.headers["Cache-Control"] = "no-store"
    return intent


@router.get("", operation_id="list_intents")
async def list_intents(
    request: Request,
    account: AccountDep,
    session: ReadSessionDep,
    parts: PartsDep,
    now: NowDep,
    response: Response,
    limit: LimitQuery = DEFAULT_LIMIT,
    cursor: CursorQuery = None,
) -> IntentList:
    """Your own intents, newest first."""
    found = await queries.list_intents(session, parts, account, now=now, limit=limit, cursor=cursor)
    response.headers.update(link_header(request, found.next))
    response.headers["Cache-Control"] = "no-store"
    return found


@router.get("/{intent_id}", operation_id="get_intent")
async def get_intent(
    intent_id: str, session: ReadSessionDep, parts: PartsDep, now: NowDep, response: Response
) -> IntentOut:
    """How far an intent has come."""
    response.headers["Cache-Control"] = "no-store"
    return await queries.get_intent(session, parts, intent_id, now=now)


@router.get("/{intent_id}/events", operation_id="follow_intent")
async def follow_intent(
    intent_id: str, request: Request, session: ReadSessionDep, parts: PartsDep, now: NowDep
) -> StreamingResponse:
    """Server-sent events: the intent now, and again whenever it changes (`event: intent`)."""
    await service.find(session, intent_id)
    return StreamingResponse(
        follow(parts, intent_id, request.is_disconnected),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


@router.post("/{intent_id}/transactions", status_code=201, operation_id="report_transaction")
async def report(
    intent_id: str,
    body: TransactionIn,
    session: SessionDep,
    parts: PartsDep,
    now: NowDep,
) -> IntentOut:
    """Tell which transaction was sent for a step; optional for success."""
    return await report_transaction(session, parts, intent_id, body, now=now)


@router.delete("/{intent_id}", operation_id="abandon_intent")
async def abandon_intent(
    intent_id: str, session: SessionDep, parts: PartsDep, now: NowDep
) -> IntentOut:
    """Give an intent up: what nothing else uses is unpinned, unsigned steps lose their use."""
    return await abandon.abandon(session, parts, intent_id, now=now)
