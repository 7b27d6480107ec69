"""
`/` and `/market`: the hang.
"""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api import pages
from api.accounts.deps import MaybeAccountDep
from api.collections.queries import list_collections
from api.deps import NowDep, PartsDep, ReadSessionDep
from api.home.kinds import KINDS, auctions_on, first_sales, narrowed
from api.home.wording import lines_of, outcome_of, totals_of
from api.languages import LANGUAGES, catalogue
from api.pages import render
from api.sales.standing import standing_of
from api.tokens.filters import TokenFilters
from api.tokens.queries import list_tokens
from api.tokens.schemas import TokenSort
from nft.types import Address

router = APIRouter(include_in_schema=False)

FIRST_WALL = 12
PAGE = 24
SORTS: tuple[TokenSort, ...] = get_args(TokenSort)


@router.get("/hang.css")
async def hang_css() -> Response:
    """The proportions of pictures as classes; the same bytes until the next release."""
    headers = {"Cache-Control": "public, max-age=86400"}
    return Response(pages.hang_css(), media_type="text/css", headers=headers)


@router.get("/words/{language}.js")
async def words(language: str) -> Response:
    """The messages that scripts show, as a module; English stands in the scripts themselves."""
    found = catalogue(language).browser if language in LANGUAGES else {}
    body = f"export default {json.dumps(found, ensure_ascii=False, sort_keys=True)};\n"
    headers = {"Cache-Control": "public, no-cache"}
    return Response(body, media_type="text/javascript", headers=headers)


@router.get("/")
async def home(
    request: Request, session: ReadSessionDep, parts: PartsDep, viewer: MaybeAccountDep
) -> Response:
    """The newest works and how many there are."""
    tokens = await list_tokens(session, parts, TokenFilters(), FIRST_WALL)
    collections = await list_collections(session, parts, 100, None)
    works = sum(each.works for each in collections.items)
    context: dict[str, Any] = {"viewer": viewer, "works": works, "tokens": tokens.items}
    context["auctions"] = await auctions_on(session, parts)
    return render(request, "home/home.html", context)


@router.get("/market")
async def market(
    request: Request,
    session: ReadSessionDep,
    parts: PartsDep,
    viewer: MaybeAccountDep,
    q: Annotated[str, Query(max_length=100)] = "",
    for_sale: Annotated[str, Query(max_length=10)] = "",
    max_eth: Annotated[str, Query(max_length=40)] = "",
    sort: Annotated[str, Query(max_length=20)] = "newest",
    creator: Annotated[str, Query(max_length=60)] = "",
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    part: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    """Everything on view, as the sentence above the hang asks for it."""
    asked: dict[str, Any] = {
        "q": q,
        "for_sale": for_sale if for_sale in KINDS else "",
        "max_eth": max_eth,
        "sort": sort if sort in SORTS else "newest",
        "wrong": "",
        "is_narrow": bool(q.strip() or for_sale or max_eth or creator),
    }
    filters = TokenFilters(
        q=q.strip() or None,
        for_sale=True if for_sale == "true" else None,
        creator=Address.parse(creator) if creator else None,
        sort=asked["sort"],
    )
    if max_eth.strip():
        wei = wei_of(max_eth)
        if wei is None:
            say = pages.speaker(request)
            asked["wrong"] = say("That is not an amount: write it in digits, as 0.5.")
        else:
            filters = replace(filters, max_price=wei)
    filters = await narrowed(session, parts, filters, asked["for_sale"])
    found = await list_tokens(session, parts, filters, PAGE, cursor)
    context = {
        "section": "market",
        "viewer": viewer,
        "asked": asked,
        "tokens": found.items,
        "following": found.next,
        "auctions": await auctions_on(session, parts),
        "vouchers": await first_sales(session, parts, filters)
        if asked["for_sale"] == "first"
        else [],
    }
    return render(request, "home/_page.html" if part == "hang" else "home/market.html", context)


@router.get("/cart")
async def cart_page(
    request: Request,
    session: ReadSessionDep,
    parts: PartsDep,
    now: NowDep,
    viewer: MaybeAccountDep,
    orders: Annotated[str, Query(max_length=4_000)] = "",
    bought: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """Works set aside to be bought at once, or what became of them."""
    part = parts.chains[min(parts.chains)]
    context: dict[str, Any] = {
        "section": "market",
        "viewer": viewer,
        "house": await standing_of(session, part, now),
        "outcome": None,
        "lines": [],
        "totals": [],
    }
    say = pages.speaker(request)
    if bought:
        context["outcome"] = await outcome_of(session, parts, bought, now, say)
    else:
        context["lines"] = await lines_of(session, parts, orders.split(","), now, say)
        context["totals"] = totals_of(context["lines"])
    return render(request, "home/cart.html", context)


def wei_of(text: str) -> int | None:
    """An amount typed in ETH as wei, to the last digit; None when it is not one."""
    try:
        value = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        return None
    if not value.is_finite() or value < 0 or value.adjusted() > 30:
        return None
    wei = value.scaleb(18)
    return int(wei) if wei == wei.to_integral_value() else None
