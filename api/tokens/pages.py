"""
`/works/…` and `/artists/…`: a work on its wall, and the hang of one seal.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from api.accounts.deps import MaybeAccountDep
from api.chains.queries import chain_out
from api.deps import NowDep, PartsDep, ReadSessionDep, chain_of
from api.home.kinds import auctions_on
from api.likenesses import service as likenesses
from api.pages import render
from api.parts import Parts
from api.sales.standing import standing_of
from api.standing.disputes import disputes_of
from api.statements import queries as statements
from api.tokens import kept
from api.tokens.cards import card_path
from api.tokens.deps import TokenDep, read_address
from api.tokens.filters import TokenFilters
from api.tokens.queries import get_token, list_tokens, provenance
from api.tokens.sale import sale_of
from api.tokens.schemas import TokenOut
from api.vouchers.queries import VoucherFilters, list_vouchers
from nft.types import Address, TokenRef

router = APIRouter(include_in_schema=False)

WALL = 48
ROLL = 100
"""The roll of artists is drawn from so many newest works."""


@dataclass(frozen=True, slots=True)
class ArtistLine:
    """One line of the roll of artists."""

    address: str
    name: str
    works: int
    titles: str


@router.get("/works/{chain_id}/{contract}/{token_id}")
async def work_page(
    request: Request,
    token: TokenDep,
    session: ReadSessionDep,
    parts: PartsDep,
    now: NowDep,
    viewer: MaybeAccountDep,
) -> Response:
    """A work, its label, and every hand it passed through."""
    context = await at_the_market(session, parts, token, viewer, now)
    context["card_path"] = card_path(context["token"])
    context["alike"] = await likenesses.of_token(session, parts, context["token"])
    context["kept"] = kept.of_work(context["token"].media)
    context["now"] = now
    context["provenance"] = await provenance(session, parts, token)
    context["custodian"] = str(chain_of(parts, token.chain_id).deployment.auctions.address)
    return render(request, "tokens/work.html", context)


@router.get("/works/{chain_id}/{contract}/{token_id}/sell")
async def sell_page(
    request: Request,
    token: TokenDep,
    session: ReadSessionDep,
    parts: PartsDep,
    now: NowDep,
    viewer: MaybeAccountDep,
) -> Response:
    """The ways in which an owner can sell, and who would get what."""
    context = await at_the_market(session, parts, token, viewer, now)
    context["is_owner"] = viewer is not None and str(viewer) == context["sale"].holder
    return render(request, "tokens/sell.html", context)


async def at_the_market(
    session: AsyncSession, parts: Parts, ref: TokenRef, viewer: Address | None, now: datetime
) -> dict[str, Any]:
    """A work, how it is for sale, and what the exchange says of itself."""
    part = chain_of(parts, ref.chain_id)
    token = await get_token(session, parts, ref)
    return {
        "section": "market",
        "viewer": viewer,
        "token": token,
        "statement": await statements.of_work(session, token),
        "sale": await sale_of(session, parts, token, viewer, now),
        "house": await standing_of(session, part, now),
        "disputed": await disputes_of(session, ref),
        "currencies_taken": chain_out(part).currencies,
        "tokens_taken": bool(part.deployment.currencies),
    }


@router.get("/artists")
async def artists_page(
    request: Request, session: ReadSessionDep, parts: PartsDep, viewer: MaybeAccountDep
) -> Response:
    """Who mints here."""
    found = await list_tokens(session, parts, TokenFilters(), ROLL)
    context = {"section": "artists", "viewer": viewer, "artists": roll_of(found.items)}
    return render(request, "artists/list.html", context)


@router.get("/artists/{address}")
async def artist_page(
    request: Request,
    address: str,
    session: ReadSessionDep,
    parts: PartsDep,
    viewer: MaybeAccountDep,
) -> Response:
    """What an address made, and what it holds of others."""
    who = read_address("address", address)
    created = await list_tokens(session, parts, TokenFilters(creator=who), WALL)
    owned = await list_tokens(session, parts, TokenFilters(owner=who), WALL)
    waiting = VoucherFilters(creator=who, state="fillable")
    context = {
        "section": "artists",
        "viewer": viewer,
        "address": str(who),
        "name": name_of(created.items),
        "created": created.items,
        "more_created": created.next is not None,
        "auctions": await auctions_on(session, parts),
        "vouchers": (await list_vouchers(session, parts, waiting, WALL)).items,
        "owned": [token for token in owned.items if token.creator != str(who)],
    }
    return render(request, "artists/artist.html", context)


def name_of(tokens: list[TokenOut]) -> str:
    """The name that stands on most of an address's works; empty when none does."""
    names = Counter(token.artist for token in tokens if token.artist)
    return names.most_common(1)[0][0] if names else ""


def roll_of(tokens: list[TokenOut]) -> list[ArtistLine]:
    """Artists by their newest work, with a few of their titles."""
    by_creator: dict[str, list[TokenOut]] = {}
    for token in tokens:
        by_creator.setdefault(token.creator, []).append(token)
    return [
        ArtistLine(
            address=creator,
            name=name_of(works),
            works=len(works),
            titles=" · ".join(token.title for token in works[:3] if token.title),
        )
        for creator, works in by_creator.items()
    ]
