"""
`GET /api/collections` and one of them. Artists' own collections and registering those of others
come with their contracts.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.chains import mirror
from api.collections import queries
from api.collections.schemas import CollectionList, CollectionOut
from api.deps import PartsDep, ReadSessionDep
from api.etags import public_json
from api.pagination import DEFAULT_LIMIT, CursorQuery, LimitQuery, link_header
from api.tokens.deps import MAX_CHAIN_ID, AddressPath, ChainPath, read_address, read_uint

router = APIRouter(tags=["collections"])


@router.get("/api/collections", response_model=CollectionList)
async def list_collections(
    request: Request,
    session: ReadSessionDep,
    parts: PartsDep,
    limit: LimitQuery = DEFAULT_LIMIT,
    cursor: CursorQuery = None,
) -> Response:
    """The collections that are mirrored here."""
    found = await queries.list_collections(session, parts, limit, cursor)
    head = mirror.head_header(await mirror.heads(session))
    return public_json(request, found, headers={**head, **link_header(request, found.next)})


@router.get("/api/collections/{chain_id}/{contract}", response_model=CollectionOut)
async def get_collection(
    request: Request,
    session: ReadSessionDep,
    parts: PartsDep,
    chain_id: ChainPath,
    contract: AddressPath,
) -> Response:
    """One collection."""
    number = read_uint("chain_id", chain_id, maximum=MAX_CHAIN_ID)
    found = await queries.get_collection(session, parts, number, read_address("contract", contract))
    head = mirror.head_header(await mirror.heads(session), number)
    return public_json(request, found, headers=head)
