"""
Verified bytes by CID, twice: shown on the media origin, handed out as attachments here.

Whatever an artist uploaded is a stranger's file. The application's own origin never shows one;
the media origin has no cookies, nothing of ours but the frames that show models and pages, and a
sandbox policy on every answer.
"""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response, StreamingResponse

from api import errors
from api.app import SecurityHeaders
from api.cors import PublicReading
from api.deps import NowDep, PartsDep
from api.etags import matches
from api.gateway import frames, private
from api.parts import Parts
from media.gateway import Asked, answer
from media.store import BlockStore
from nft.errors import Refused

router = APIRouter(tags=["media"])
media_router = APIRouter(tags=["media"])


class NoServiceWorker(Refused):
    """A script of one work would answer for all others."""

    def __init__(self) -> None:
        super().__init__("no service worker can be registered on the origin of the works")


def _asked(
    request: Request, parts: Parts, cid: str, place: str = "/ipfs/", *, as_attachment: bool = False
) -> Asked:
    """The request undecoded: the gateway decodes the path once and judges it then."""
    raw_path = request.scope.get("raw_path", b"").decode("ascii", "replace").partition("?")[0]
    _, slash, below = raw_path.removeprefix(place).partition("/")
    return Asked(
        cid=cid,
        path=below,
        is_slashed=bool(slash),
        form=request.query_params.get("format"),
        accept=request.headers.get("accept", ""),
        range_header=request.headers.get("range"),
        filename=request.query_params.get("filename"),
        as_attachment=as_attachment,
        origin=parts.media_url,
        place=place,
    )


async def _serve(request: Request, store: BlockStore, asked: Asked) -> Response:
    if "service-worker" in request.headers:
        raise NoServiceWorker
    found = await asyncio.to_thread(answer, store, asked)
    if matches(request, found.etag):
        kept = {k: v for k, v in found.headers.items() if k != "Content-Length"}
        return Response(status_code=304, headers=kept)
    if request.method == "HEAD" or found.status == 301:
        return Response(status_code=found.status, headers=found.headers)
    return StreamingResponse(found.pieces, status_code=found.status, headers=found.headers)


@router.head("/ipfs/{cid}", include_in_schema=False)
@router.head("/ipfs/{cid}/{path:path}", include_in_schema=False)
@router.get("/ipfs/{cid}", operation_id="download_content")
@router.get("/ipfs/{cid}/{path:path}", operation_id="download_content_path")
async def download_content(cid: str, request: Request, parts: PartsDep) -> Response:
    """The bytes of a CID as a download; `?format=raw|car` answers blocks to be verified."""
    return await _serve(request, parts.public, _asked(request, parts, cid, as_attachment=True))


@media_router.api_route("/ipfs/{cid}", methods=["GET", "HEAD"])
@media_router.api_route("/ipfs/{cid}/{path:path}", methods=["GET", "HEAD"])
async def show_content(cid: str, request: Request, parts: PartsDep) -> Response:
    """The bytes of a CID with the type found in them, to be embedded by our pages."""
    return await _serve(request, parts.public, _asked(request, parts, cid))


@media_router.api_route("/_private/{ticket}/{cid}", methods=["GET", "HEAD"])
@media_router.api_route("/_private/{ticket}/{cid}/{path:path}", methods=["GET", "HEAD"])
async def show_private(
    ticket: str, cid: str, request: Request, parts: PartsDep, now: NowDep
) -> Response:
    """A content that is not public, for whoever was given the address."""
    place = private.check(parts.secret_key, ticket, cid, now=now)
    return await _serve(request, parts.private, _asked(request, parts, cid, place))


def create_media_app(parts: Parts) -> FastAPI:
    """The media origin's whole application: nothing but content, and frames to show it in."""
    app = FastAPI(title="Vernissage media", openapi_url=None, docs_url=None, redoc_url=None)
    app.state.parts = parts
    errors.install(app)
    app.include_router(media_router)
    app.include_router(frames.router)
    app.add_middleware(PublicReading)
    app.add_middleware(
        SecurityHeaders,
        media_url=parts.media_url,
        is_secure=parts.media_url.startswith("https://"),
    )
    return app
