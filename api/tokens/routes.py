"""
`/api/tokens`: works to read, and what their owners and creators may do with them.
"""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, Request, Response

from api.accounts.deps import AccountDep
from api.chains import mirror
from api.deps import PartsDep, ReadSessionDep
from api.etags import public_json
from api.intents.schemas import IntentOut
from api.likenesses import service as likenesses
from api.likenesses.schemas import LikenessesOut
from api.orders.writing import WritingDep
from api.pagination import DEFAULT_LIMIT, MAX_LIMIT, CursorQuery, LimitQuery, link_header
from api.tokens import actions, corrections, history, queries
from api.tokens.deps import FiltersDep, TokenDep, read_address
from api.tokens.schemas import (
    BurnIn,
    FreezeIn,
    MetadataIn,
    ProvenanceList,
    TokenList,
    TokenOut,
    TransferIn,
)

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


@router.get("/api/tokens/{chain_id}/{contract}/{token_id}/likenesses", response_model=LikenessesOut)
async def get_likenesses(
    request: Request, session: ReadSessionDep, parts: PartsDep, ref: TokenDep
) -> Response:
    """What the work's pictures were compared with before the mint, what was found, and later."""
    token = await queries.get_token(session, parts, ref)
    found = await likenesses.of_token(session, parts, token)
    return public_json(request, found)


@router.post(
    "/api/tokens/{chain_id}/{contract}/{token_id}/transfer",
    status_code=201,
    response_model=IntentOut,
    operation_id="transfer_token",
)
async def transfer_token(ref: TokenDep, body: TransferIn, writing: WritingDep) -> Response:
    """The transaction that gives the work to somebody."""
    owner = read_address("owner", body.owner)
    return await writing.prepare(owner, partial(actions.prepare_transfer, ref=ref, body=body))


@router.post(
    "/api/tokens/{chain_id}/{contract}/{token_id}/burn",
    status_code=201,
    response_model=IntentOut,
    operation_id="burn_token",
)
async def burn_token(ref: TokenDep, body: BurnIn, writing: WritingDep) -> Response:
    """The transaction that destroys the work."""
    owner = read_address("owner", body.owner)
    return await writing.prepare(owner, partial(actions.prepare_burn, ref=ref, body=body))


@router.post(
    "/api/tokens/{chain_id}/{contract}/{token_id}/freeze",
    status_code=201,
    response_model=IntentOut,
    operation_id="freeze_token",
)
async def freeze_token(ref: TokenDep, body: FreezeIn, writing: WritingDep) -> Response:
    """The transaction that makes the work's description final."""
    creator = read_address("creator", body.creator)
    return await writing.prepare(creator, partial(actions.prepare_freeze, ref=ref, body=body))


@router.post(
    "/api/tokens/{chain_id}/{contract}/{token_id}/metadata",
    status_code=201,
    response_model=IntentOut,
    operation_id="correct_token",
)
async def correct_token(
    ref: TokenDep, body: MetadataIn, writing: WritingDep, account: AccountDep
) -> Response:
    """
    Correct the description; needs a session, because what is pinned is public.

    `preparing` until the new document is pinned and read back, then one transaction.
    """
    begin = partial(corrections.begin, ref=ref, body=body, account=account)
    return await writing.prepare(account, begin)
