"""
`GET /api/chains`.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.chains import queries
from api.chains.schemas import ChainList
from api.deps import PartsDep, ReadSessionDep
from api.etags import public_json

router = APIRouter(tags=["chains"])


@router.get("/api/chains", response_model=ChainList)
async def list_chains(request: Request, session: ReadSessionDep, parts: PartsDep) -> Response:
    """The chains this exchange works on, with what a wallet needs to add each."""
    return public_json(request, await queries.list_chains(session, parts))
