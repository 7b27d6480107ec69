"""
`…/export.car`: everything public of an artist, a collection or a work, streamed as one CAR.

What is too much for one answer is exported on the command line. So many answers are made at once
by a process, since each reads as fast as its reader takes it.
"""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import AsyncIterator, Sequence
from threading import BoundedSemaphore
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.concurrency import iterate_in_threadpool
from starlette.responses import Response, StreamingResponse

from api.deps import PartsDep, ReadSessionDep
from api.etags import PUBLIC_HEADERS, matches
from api.exports.queries import Scope, count, minted, page
from api.parts import Parts
from api.tokens.deps import (
    MAX_CHAIN_ID,
    AddressPath,
    ChainPath,
    TokenDep,
    read_address,
    read_uint,
)
from media.exporting import Export, ExportTooLarge, Minted
from media.gateway import CAR_TYPE
from nft.errors import Unreachable
from nft.types import TokenRef

router = APIRouter(tags=["media"])

MOST_WORKS = 2_000
AT_ONCE = 4
_turns = BoundedSemaphore(AT_ONCE)

_DESCRIBED: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {CAR_TYPE: {"schema": {"type": "string", "format": "binary"}}},
        "description": "A CARv1; its first root is the manifest.",
    }
}


class ExportsBusy(Unreachable):
    """As many exports are being read as one process serves."""

    retry_after_seconds = 30

    def __init__(self) -> None:
        super().__init__(f"{AT_ONCE} exports are being read at once; try again in half a minute")


@router.get(
    "/api/artists/{address}/export.car",
    operation_id="export_artist",
    response_class=StreamingResponse,
    responses=_DESCRIBED,
)
async def export_artist(
    request: Request,
    session: ReadSessionDep,
    parts: PartsDep,
    address: AddressPath,
    allow_missing: bool = False,
) -> Response:
    """Every work that an address minted, with all files, as one CAR."""
    scope = Scope(artist=read_address("address", address))
    return await _answer(request, session, parts, scope, may_miss=allow_missing)


@router.get(
    "/api/collections/{chain_id}/{contract}/export.car",
    operation_id="export_collection",
    response_class=StreamingResponse,
    responses=_DESCRIBED,
)
async def export_collection(
    request: Request,
    session: ReadSessionDep,
    parts: PartsDep,
    chain_id: ChainPath,
    contract: AddressPath,
    allow_missing: bool = False,
) -> Response:
    """Every work of a collection, with all files, as one CAR."""
    number = read_uint("chain_id", chain_id, maximum=MAX_CHAIN_ID)
    scope = Scope(collection=(number, read_address("contract", contract)))
    return await _answer(request, session, parts, scope, may_miss=allow_missing)


@router.get(
    "/api/tokens/{chain_id}/{contract}/{token_id}/export.car",
    operation_id="export_token",
    response_class=StreamingResponse,
    responses=_DESCRIBED,
)
async def export_token(
    request: Request,
    session: ReadSessionDep,
    parts: PartsDep,
    token: TokenDep,
    allow_missing: bool = False,
) -> Response:
    """One work with all its files as a CAR."""
    return await _answer(request, session, parts, Scope(works=(token,)), may_miss=allow_missing)


async def _answer(
    request: Request, session: AsyncSession, parts: Parts, scope: Scope, *, may_miss: bool
) -> Response:
    works = (await session.execute(count(scope))).scalar_one()
    if works > MOST_WORKS:
        raise ExportTooLarge(works, MOST_WORKS, "works")
    if not _turns.acquire(blocking=False):
        raise ExportsBusy
    export = Export(parts.public, scope.as_json())
    # Whatever becomes of the answer, the turn ends with the export.
    weakref.finalize(export, _turns.release)
    try:
        await _gather(session, export, scope)
        export.check(may_miss=may_miss)
        manifest = await asyncio.to_thread(export.finish)
    except BaseException:
        export.close()
        raise
    headers = {
        **PUBLIC_HEADERS,
        "ETag": f'"{manifest}.export"',
        "Content-Disposition": f'attachment; filename="vernissage-{manifest}.car"',
        "X-Content-Type-Options": "nosniff",
    }
    if matches(request, headers["ETag"]):
        export.close()
        return Response(status_code=304, headers=headers)
    media_type = f"{CAR_TYPE}; version=1; order=dfs; dups=n"
    return StreamingResponse(_pieces(export), media_type=media_type, headers=headers)


async def _gather(session: AsyncSession, export: Export, scope: Scope) -> None:
    after: TokenRef | None = None
    while rows := (await session.execute(page(scope, after))).all():
        found = minted(rows)
        await asyncio.to_thread(_take_in, export, found)
        after = found[-1].token


def _take_in(export: Export, works: Sequence[Minted]) -> None:
    for work in works:
        export.add(work)


async def _pieces(export: Export) -> AsyncIterator[bytes]:
    """A block that fails breaks the answer off: there is no end of it that could be believed."""
    try:
        async for piece in iterate_in_threadpool(export.pieces()):
            yield piece
    finally:
        export.close()
