"""
`/api/tokens`: works to read, and what their owners and creators may do with them.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.chains import mirror
from api.deps import PartsDep, ReadSessionDep
from api.etags import public_json
from api.pagination import DEFAULT_LIMIT, MAX_LIMIT, CursorQuery, LimitQuery, link_header
from api.tokens import history, queries
from api.tokens.deps import FiltersDep, TokenDep
from api.tokens.schemas import ProvenanceList, TokenList, TokenOut

router = APIRouter(tags=["works"])


@router.get("/api/tokens", response_model=TokenList)
async def list_tokens(
    request: Request,
    session: ReadSessionDep,
    parts: PartsDep,
    filters: FiltersDep,
    limit: LimitQuery | None = None,
    cursor: CursorQuery = None,
) -> Response:
    """A page of works. Whoever names works by `asset` gets all of them at once."""
    size = limit or (MAX_LIMIT if filters.assets else DEFAULT_LIMIT)
    found = await queries.list_tokens(session, parts, filters, size, cursor)
    head = mirror.head_header(await mirror.heads(session), filters.chain_id)
    return public_json(request, found, headers={**head, **link_header(request, found.next)})


@router.get("/api/tokens/{chain_id}/{contract}/{token_id}", response_model=TokenOut)
async def get_token(
    request: Request, session: ReadSessionDep, parts: PartsDep, ref: TokenDep
) -> Response:
    """One work: what the artist states, what the chain says, and its best listing."""
    found = await queries.get_token(session, parts, ref)
    head = mirror.head_header(await mirror.heads(session), ref.chain_id)
    return public_json(request, found, headers=head)


@router.get(
    "/api/tokens/{chain_id}/{contract}/{token_id}/provenance", response_model=ProvenanceList
)
async def get_provenance(
    request: Request,
    session: ReadSessionDep,
    parts: PartsDep,
    ref: TokenDep,
    limit: LimitQuery = MAX_LIMIT,
    cursor: CursorQuery = None,
) -> Response:
    """Where the work has been, oldest first."""
    found = await history.page(session, parts, ref, limit=limit, cursor=cursor)
    head = mirror.head_header(await mirror.heads(session), ref.chain_id)
    return public_json(request, found, headers={**head, **link_header(request, found.next)})
