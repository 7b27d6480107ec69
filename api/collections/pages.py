"""
`/collections/…`: the contracts in which works are kept.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.accounts.deps import MaybeAccountDep
from api.chains.queries import chain_out
from api.collections.queries import get_collection, list_collections
from api.deps import NowDep, PartsDep, ReadSessionDep, chain_of
from api.home.kinds import auctions_on
from api.pages import render
from api.sales.standing import standing_of
from api.tokens.deps import MAX_CHAIN_ID, read_address, read_uint
from api.tokens.filters import TokenFilters
from api.tokens.queries import list_tokens

router = APIRouter(include_in_schema=False)

WALL = 24


@router.get("/collections")
async def collections_page(
    request: Request, session: ReadSessionDep, parts: PartsDep, viewer: MaybeAccountDep
) -> Response:
    """Every collection that is mirrored."""
    found = await list_collections(session, parts, 100, None)
    context = {"viewer": viewer, "collections": found.items}
    return render(request, "collections/list.html", context)


@router.get("/collections/register")
async def register_page(request: Request, parts: PartsDep, viewer: MaybeAccountDep) -> Response:
    """Where a gallery has somebody else's contract mirrored."""
    chains = [chain_out(part) for _, part in sorted(parts.chains.items())]
    return render(request, "collections/register.html", {"viewer": viewer, "chains": chains})


@router.get("/collections/{chain_id}/{contract}")
async def collection_page(
    request: Request,
    chain_id: str,
    contract: str,
    session: ReadSessionDep,
    parts: PartsDep,
    now: NowDep,
    viewer: MaybeAccountDep,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
) -> Response:
    """One collection and its newest works."""
    chain = read_uint("chain_id", chain_id, maximum=MAX_CHAIN_ID)
    address = read_address("contract", contract)
    collection = await get_collection(session, parts, chain, address)
    part = chain_of(parts, chain)
    filters = TokenFilters(chain_id=chain, contract=address)
    found = await list_tokens(session, parts, filters, WALL, cursor)
    context = {
        "viewer": viewer,
        "collection": collection,
        "tokens": found.items,
        "following": found.next,
        "house": await standing_of(session, part, now),
        "currencies_taken": chain_out(part).currencies,
        "tokens_taken": bool(part.deployment.currencies),
        "auctions": await auctions_on(session, parts),
    }
    return render(request, "collections/collection.html", context)
