"""
`/mint`: the studio, where a work is described before it is signed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from starlette.responses import Response

from api.accounts.deps import MaybeAccountDep
from api.chains.queries import chain_out
from api.chains.schemas import AsOf
from api.collections.studios import studios_of
from api.deps import NowDep, PartsDep, ReadSessionDep
from api.pages import render
from api.parts import Parts
from api.tables import DraftRow
from api.tokens.schemas import EditionOut, MediaOut, MintedOut, RoyaltyOut, TokenOut
from nft.errors import Missing
from nft.types import ZERO_ADDRESS, Address

router = APIRouter(include_in_schema=False)


BLANK = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="
"""Stands where the studio puts the file that only the browser has."""


class NoSuchDraft(Missing):
    """The draft does not exist, or is another account's."""

    def __init__(self, draft_id: str) -> None:
        super().__init__(f"you have no draft {draft_id[:64]!r}")


class PreviewIn(BaseModel):
    """What the studio knows of a work so far."""

    model_config = ConfigDict(extra="ignore")

    title: str = Field(default="", max_length=400)
    artist: str = Field(default="", max_length=600)
    alt_text: str = Field(default="", max_length=20_000)
    date: str = Field(default="", max_length=600)
    medium: str = Field(default="", max_length=600)
    dimensions: str = Field(default="", max_length=600)
    edition_number: int = Field(default=1, ge=0, le=10**9)
    edition_size: int | None = Field(default=1, ge=0, le=10**9)
    type: str = Field(default="", max_length=100)
    width: int | None = Field(default=None, ge=1, le=10**6)
    height: int | None = Field(default=None, ge=1, le=10**6)


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
        "max_bytes": parts.uploads.max_bytes,
    }


@router.post("/mint/preview")
async def preview(request: Request, body: PreviewIn, now: NowDep) -> Response:
    """The work as it will hang: the very template of the public page, over what is typed so far."""
    return render(request, "mints/_preview.html", {"token": preview_of(body, now=now)})


def _picture_of(body: PreviewIn) -> MediaOut:
    return MediaOut(
        role="image" if body.type.startswith("image/") else "animation",
        cid="",
        sha256="",
        type=body.type,
        size=0,
        url=BLANK,
        width=body.width,
        height=body.height,
    )


def preview_of(body: PreviewIn, *, now: datetime) -> TokenOut:
    """A work that is not one yet."""
    nobody = str(ZERO_ADDRESS)
    return TokenOut(
        chain_id="",
        contract=nobody,
        token_id="0",
        asset="",
        test=False,
        title=body.title,
        description="",
        artist=body.artist,
        alt_text=body.alt_text,
        date=body.date,
        medium=body.medium,
        dimensions=body.dimensions,
        edition=EditionOut(number=max(1, body.edition_number), size=body.edition_size),
        attributes=[],
        rights="",
        external_id="",
        creator="",
        owner=nobody,
        transfer_count=0,
        royalty=RoyaltyOut(receiver=nobody, bps=0),
        media=[_picture_of(body)] if body.type else [],
        metadata_digest=None,
        metadata_cid=None,
        metadata_known=True,
        token_uri=None,
        frozen=False,
        burned=False,
        minted=MintedOut(block_number="0", transaction_hash="", timestamp=now),
        listing=None,
        work_url="",
        certificate_url="",
        as_of=AsOf(block_number="0", block_hash="", timestamp=now, finality="pending"),
    )
