"""
`/mint`: the studio, where a work is described before it is signed.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from starlette.responses import Response

from api.accounts.deps import MaybeAccountDep
from api.chains.queries import chain_out
from api.collections.studios import studios_of
from api.deps import NowDep, PartsDep, ReadSessionDep
from api.mints.previews import PreviewIn, bare_file_of, files_of, preview_of
from api.pages import render
from api.parts import Parts
from api.tables import DraftRow
from media.formats import ACCEPTED
from media.formats.kinds import MAX_BYTES
from nft.errors import Missing
from nft.types import Address

router = APIRouter(include_in_schema=False)


class NoSuchDraft(Missing):
    """The draft does not exist, or is another account's."""

    def __init__(self, draft_id: str) -> None:
        super().__init__(f"you have no draft {draft_id[:64]!r}")


@router.get("/mint")
async def mint_page(
    request: Request, session: ReadSessionDep, parts: PartsDep, now: NowDep, viewer: MaybeAccountDep
) -> Response:
    """An empty sheet, and the drafts that wait."""
    context = await studio(session, parts, viewer, draft=None)
    return render(request, "mints/mint.html", context)


@router.get("/mint/{draft_id}")
async def draft_page(
    request: Request,
    draft_id: str,
    session: ReadSessionDep,
    parts: PartsDep,
    viewer: MaybeAccountDep,
) -> Response:
    """A draft as it was left, on whichever device."""
    draft = None
    if viewer is not None:
        draft = await session.get(DraftRow, draft_id)
        if draft is None or draft.owner != viewer:
            raise NoSuchDraft(draft_id)
    context = await studio(session, parts, viewer, draft=draft)
    context["refused"] = "refused" in request.query_params
    return render(request, "mints/mint.html", context)


async def studio(
    session: AsyncSession, parts: Parts, viewer: Address | None, *, draft: DraftRow | None
) -> dict[str, Any]:
    """What the page needs, for a viewer or for nobody."""
    part = parts.chains[min(parts.chains)]
    chain = chain_out(part)
    others: list[DraftRow] = []
    if viewer is not None:
        query = select(DraftRow).where(col(DraftRow.owner) == viewer)
        rows = await session.execute(query.order_by(col(DraftRow.updated_at).desc()).limit(20))
        others = [row for row in rows.scalars() if draft is None or row.id != draft.id]
    return {
        "section": "mint",
        "viewer": viewer,
        "draft": draft,
        "drafts": others,
        "refused": False,
        "chain": chain,
        "currencies_taken": chain.currencies,
        "collections": await studios_of(session, part, viewer) if viewer else [],
        "limits": limits(parts.uploads.max_bytes),
        "accepted": ACCEPTED,
    }


def limits(max_bytes: int) -> dict[str, int]:
    """The largest file of each kind, and of `any` other, in bytes."""
    return {**{kind: min(most, max_bytes) for kind, most in MAX_BYTES.items()}, "any": max_bytes}


@router.post("/mint/preview")
async def preview(
    request: Request, body: PreviewIn, parts: PartsDep, now: NowDep, viewer: MaybeAccountDep
) -> Response:
    """The work as it will hang: the very template of the public page, over what is typed so far."""
    files = bare_file_of(body)
    if body.files and viewer is not None:
        async with parts.sessions() as session:
            files = await files_of(session, parts, body, owner=viewer, now=now)
    token = preview_of(body, files, now=now)
    return render(request, "mints/_preview.html", {"token": token})
