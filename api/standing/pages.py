"""
`/c/…/standing` and `/account/domains`: what others say of a work, and the desk to say it at.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse, Response

from api.accounts.deps import MaybeAccountDep
from api.chains.queries import chain_out
from api.deps import NowDep, PartsDep, ReadSessionDep
from api.pages import render, speaker
from api.standing import bindings, queries
from api.standing.schemas import ClaimOut
from api.standing.wording import words_of
from api.tokens.deps import TokenDep
from api.tokens.queries import get_token
from api.tokens.schemas import TokenOut
from nft.types import Address

router = APIRouter(include_in_schema=False)


@router.get("/c/{chain_id}/{contract}/{token_id}/standing")
async def standing_page(
    request: Request,
    token: TokenDep,
    session: ReadSessionDep,
    parts: PartsDep,
    now: NowDep,
    viewer: MaybeAccountDep,
) -> Response:
    """All that is said of a work, and the forms to mark, claim and answer."""
    work = await get_token(session, parts, token)
    standing = await queries.standing_of(session, parts, token, work, now)
    context = {
        "section": "verify",
        "viewer": viewer,
        "token": work,
        "standing": standing,
        "alike": standing.likenesses,
        "holder": work.held_for or work.owner,
        "own_bindings": await _own(session, viewer, now),
        "may_answer": [one.id for one in standing.claims if _may_answer(one, work, viewer)],
    }
    return render(request, "standing/standing.html", context | words_of(speaker(request)))


def _may_answer(claim: ClaimOut, work: TokenOut, viewer: Address | None) -> bool:
    parties = (claim.claimant, work.creator, work.held_for or work.owner)
    return claim.state in ("open", "answered") and viewer is not None and str(viewer) in parties


async def _own(session: AsyncSession, viewer: Address | None, now: Any) -> list[Any]:
    if viewer is None:
        return []
    found = await bindings.of_account(session, viewer, None)
    return [queries.binding_out(one, now) for one in bindings.standing(found, now)]


@router.get("/account/domains")
async def domains_page(
    request: Request,
    session: ReadSessionDep,
    parts: PartsDep,
    now: NowDep,
    viewer: MaybeAccountDep,
) -> Response:
    """The domains of an account, and how to bind one."""
    if viewer is None:
        return RedirectResponse("/account", status_code=302)
    found = await bindings.of_account(session, viewer, None)
    context = {
        "section": "account",
        "viewer": viewer,
        "bindings": [queries.binding_out(one, now) for one in found],
        "chains": [chain_out(part) for part in parts.chains.values()],
    }
    return render(request, "standing/domains.html", context | words_of(speaker(request)))
