"""
`/account`: what is yours: works, drafts, what waits for your wallet, royalties, sessions.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from sqlalchemy import select
from sqlmodel import col
from starlette.responses import Response

from api.accounts.deps import MaybeCallerDep
from api.accounts.royalties import statement, totals
from api.accounts.service import list_sessions, token_hash
from api.accounts.wording import old_approvals, owed_to, sections_of
from api.chains.queries import chain_out
from api.collections.studios import studios_of
from api.deps import NowDep, PartsDep, ReadSessionDep
from api.intents.pages import work_of
from api.intents.queries import list_intents
from api.intents.wording import kind_words, state_words
from api.pages import render, speaker
from api.sales.standing import standing_of
from api.tables import DraftRow
from api.tokens.filters import TokenFilters
from api.tokens.queries import list_tokens

router = APIRouter(include_in_schema=False)

OPEN_STATES = frozenset({"preparing", "prepared", "submitted", "in_block", "failed", "unknown"})


@router.get("/account")
async def account_page(
    request: Request, session: ReadSessionDep, parts: PartsDep, now: NowDep, caller: MaybeCallerDep
) -> Response:
    """The account of whoever is signed in; else the way in."""
    if caller is None:
        return render(request, "accounts/signin.html", {"section": "account"})
    viewer, say = caller.address, speaker(request)
    owned = await list_tokens(session, parts, TokenFilters(owner=viewer), 48)
    created = await list_tokens(session, parts, TokenFilters(creator=viewer), 48)
    intents = await list_intents(session, parts, viewer, now=now)
    drafts = await session.execute(
        select(DraftRow)
        .where(col(DraftRow.owner) == viewer)
        .order_by(col(DraftRow.updated_at).desc())
        .limit(20)
    )
    kinds, states = kind_words(say), state_words(say)
    royalties = await statement(session, sorted(parts.chains), viewer)
    this = token_hash(caller.token)
    context = {
        "section": "account",
        "viewer": viewer,
        "owned": owned.items,
        "created": created.items,
        "drafts": list(drafts.scalars()),
        "intents": [
            {
                "id": each.id,
                "words": kinds.get(each.intent, each.intent),
                "title": work_of(each.request).get("title") or "",
                "state_words": states[each.state],
            }
            for each in intents.items
            if each.state in OPEN_STATES
        ],
        "royalties": royalties,
        "royalty_totals": totals(royalties),
        "sessions": [
            {
                "is_this": row.token_hash == this,
                "device": getattr(row, "device", None),
                "last_used_at": row.last_used_at,
                "expires_at": row.expires_at,
            }
            for row in await list_sessions(session, viewer)
        ],
    }
    return render(request, "accounts/account.html", context)


@router.get("/account/trade")
async def trade_page(
    request: Request, session: ReadSessionDep, parts: PartsDep, now: NowDep, caller: MaybeCallerDep
) -> Response:
    """What was signed and could still be acted on, what was bid, and what is owed."""
    if caller is None:
        return render(request, "accounts/signin.html", {"section": "account"})
    viewer, say = caller.address, speaker(request)
    part = parts.chains[min(parts.chains)]
    context = {
        "section": "account",
        "viewer": viewer,
        "chain": chain_out(part),
        "house": await standing_of(session, part, now),
        "credits": await owed_to(session, parts, viewer, say),
        "sections": await sections_of(session, parts, viewer, say),
        "approvals": await old_approvals(session, parts, viewer, say, now),
    }
    return render(request, "accounts/trade.html", context)


@router.get("/account/collections")
async def own_collections_page(
    request: Request, session: ReadSessionDep, parts: PartsDep, caller: MaybeCallerDep
) -> Response:
    """Where an artist mints, on whose word, and with which royalty."""
    if caller is None:
        return render(request, "accounts/signin.html", {"section": "account"})
    part = parts.chains[min(parts.chains)]
    context = {
        "section": "account",
        "viewer": caller.address,
        "chain": chain_out(part),
        "collections": await studios_of(session, part, caller.address),
    }
    return render(request, "accounts/collections.html", context)
