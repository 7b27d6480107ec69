"""
Drafts: list, keep, read, edit, throw away.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api import idempotency
from api.accounts.deps import AccountDep
from api.deps import NowDep, PartsDep, ReadSessionDep, SessionDep
from api.drafts import queries, service
from api.drafts.schemas import DraftIn, DraftList, DraftOut, NewDraftIn
from api.drafts.service import DraftChanged, draft_out
from api.idempotency import Made
from api.tables import DraftRow

router = APIRouter(prefix="/api/drafts", tags=["drafts"])


@router.get("", operation_id="list_drafts")
async def list_drafts(
    account: AccountDep, session: ReadSessionDep, response: Response
) -> DraftList:
    """Your drafts, the last edited first."""
    response.headers["Cache-Control"] = "no-store"
    return DraftList(items=await queries.list_drafts(session, account))


@router.post("", status_code=201, operation_id="create_draft", response_model=DraftOut)
async def create_draft(
    body: NewDraftIn,
    request: Request,
    account: AccountDep,
    session: SessionDep,
    parts: PartsDep,
    now: NowDep,
) -> Response:
    """Keep a new draft."""

    async def make() -> Made:
        row = await service.create(session, account, body.body, now=now)
        return Made(draft_out(row), {"Location": f"/api/drafts/{row.id}", "ETag": _tag(row)})

    return await idempotency.once(request, session, parts, account=account, now=now, make=make)


@router.get("/{draft_id}", operation_id="get_draft")
async def get_draft(
    draft_id: str, account: AccountDep, session: ReadSessionDep, response: Response
) -> DraftOut:
    """One of your drafts."""
    row = await service.find(session, account, draft_id)
    response.headers.update({"ETag": _tag(row), "Cache-Control": "no-store"})
    return draft_out(row)


@router.put("/{draft_id}", operation_id="update_draft")
async def update_draft(
    draft_id: str,
    body: DraftIn,
    request: Request,
    account: AccountDep,
    session: SessionDep,
    now: NowDep,
    response: Response,
) -> DraftOut:
    """
    Keep an edit. `If-Match` (412) or `revision` (409) says which revision was edited.

    The refusal carries the draft as it is kept, so that neither edit is lost.
    """
    row = await service.find(session, account, draft_id, for_update=True)
    asked = request.headers.get("if-match", "*")
    if asked not in ("*", _tag(row)):
        raise DraftChanged(row, status=412)
    if body.revision not in (None, row.revision):
        raise DraftChanged(row, status=409)
    row = await service.update(session, row, body.body, now=now)
    response.headers["ETag"] = _tag(row)
    return draft_out(row)


@router.delete("/{draft_id}", status_code=204, operation_id="delete_draft")
async def delete_draft(draft_id: str, account: AccountDep, session: SessionDep) -> Response:
    """Throw a draft away; its uploads expire by themselves."""
    await session.delete(await service.find(session, account, draft_id))
    return Response(status_code=204)


def _tag(row: DraftRow) -> str:
    return f'"{row.revision}"'
