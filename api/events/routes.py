"""
`GET /api/events`: the feed, from any place on.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.chains import mirror
from api.deps import PartsDep, ReadSessionDep
from api.etags import public_json
from api.events.listen import lifespan
from api.events.schemas import EventList, EventOut
from api.events.sequencer import EVENTS
from api.pagination import (
    MAX_LIMIT,
    CursorInvalid,
    CursorQuery,
    LimitQuery,
    decode_cursor,
    encode_cursor,
    link_header,
)

router = APIRouter(tags=["events"], lifespan=lifespan)


@router.get("/api/events", response_model=EventList, operation_id="list_events")
async def list_events(
    request: Request,
    session: ReadSessionDep,
    parts: PartsDep,
    limit: LimitQuery = MAX_LIMIT,
    cursor: CursorQuery = None,
) -> Response:
    """
    What happened, in the one order that everybody sees, oldest first.

    Events are told while their block can still be withdrawn; then `retracted` follows. Ask again
    with `resume` and nothing is missed.
    """
    after = _position(parts.secret_key, cursor)
    found = await page(session, parts.secret_key, after=after, limit=limit)
    head = mirror.head_header(await mirror.heads(session))
    return public_json(request, found, headers={**head, **link_header(request, found.next)})


async def page(session: AsyncSession, secret: bytes, *, after: int, limit: int) -> EventList:
    """The events behind a place in the feed."""
    rows = (
        await session.execute(
            select(EVENTS)
            .where(EVENTS.c.sequence > after)
            .order_by(EVENTS.c.sequence)
            .limit(limit + 1)
        )
    ).all()
    shown = rows[:limit]
    resume = encode_cursor(secret, ["events", shown[-1].sequence if shown else after])
    items = [
        EventOut(
            sequence=str(row.sequence),
            id=row.natural_key,
            kind=row.kind,
            payload=_on_the_wire(row.payload),
            created_at=row.created_at,
        )
        for row in shown
    ]
    return EventList(items=items, next=resume if len(rows) > limit else None, resume=resume)


def _on_the_wire(payload: dict[str, Any]) -> dict[str, Any]:
    """What was told, with the block's time as every time is written here."""
    if "timestamp" not in payload:
        return payload
    timestamp = datetime.fromtimestamp(payload["timestamp"], UTC)
    return {**payload, "timestamp": timestamp.isoformat().replace("+00:00", "Z")}


def _position(secret: bytes, cursor: str | None) -> int:
    if cursor is None:
        return 0
    key = decode_cursor(secret, cursor)
    if len(key) != 2 or key[0] != "events":
        raise CursorInvalid
    return int(key[1])
