"""
`/api/statements`, and the statement of a work: signed by its creator, checked by anybody.
"""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, Request, Response

from api.chains import mirror
from api.deps import PartsDep, ReadSessionDep
from api.etags import public_json
from api.idempotency import Made
from api.intents.schemas import IntentOut
from api.orders.writing import WritingDep
from api.statements import queries, service
from api.statements.schemas import PlacedStatement, StateIn, StatementIn, StatementOut
from api.tokens.deps import TokenDep

router = APIRouter(tags=["works"])


@router.post(
    "/api/statements",
    status_code=201,
    response_model=PlacedStatement,
    operation_id="place_statement",
    responses={200: {"description": "It is kept already."}},
)
async def place_statement(body: StatementIn, writing: WritingDep) -> Response:
    """
    Keep what a creator signed about works: before their mint, or at any time after.

    The signature is all the authority it needs. The certificate of each of the works has it from
    then on.
    """

    async def make() -> Made:
        session = writing.session
        digest, is_new = await service.place(session, writing.parts, body, writing.now)
        found = await queries.placed(session, digest)
        first = f"{found.chain_id}/{found.contract}/{found.works[0].token_id}"
        place = {"Location": f"/api/tokens/{first}/statement"}
        return Made(found, place, 201 if is_new else 200)

    return await writing.once(None, make)


@router.get(
    "/api/tokens/{chain_id}/{contract}/{token_id}/statement",
    response_model=StatementOut,
    operation_id="get_statement",
)
async def get_statement(
    request: Request, session: ReadSessionDep, parts: PartsDep, ref: TokenDep
) -> Response:
    """What the work's creator signed about it: typed data and signature, for anybody to check."""
    found = await queries.get_statement(session, parts, ref)
    head = mirror.head_header(await mirror.heads(session), ref.chain_id)
    return public_json(request, found, headers=head)


@router.post(
    "/api/tokens/{chain_id}/{contract}/{token_id}/statement",
    status_code=201,
    response_model=IntentOut,
    operation_id="state_token",
)
async def state_token(ref: TokenDep, body: StateIn, writing: WritingDep) -> Response:
    """The signature by which the creator states a work that is minted already."""
    return await writing.prepare(body.creator, partial(service.prepare, ref=ref, body=body))
