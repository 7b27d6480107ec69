"""
`/api/certificates/….pdf`, `….zip`, `…/linked-art`, and `/V/{code}` of QR codes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pydantic_core
from fastapi import APIRouter, FastAPI, Request
from starlette.responses import RedirectResponse, Response

from api.certificates import service
from api.certificates.serving import desk_of
from api.deps import NowDep, PartsDep, ReadSessionDep
from api.etags import public_bytes
from api.forms import bundling, pdf
from api.forms.linked_art import linked_art
from api.forms.links import LINKED_ART, ZIP, link_header
from api.tokens.deps import TokenDep
from api.tokens.queries import get_token, provenance


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Warm the press, while the application answers already."""
    warming = asyncio.create_task(pdf.warm(app.state.parts))
    try:
        yield
    finally:
        warming.cancel()
        await asyncio.gather(warming, return_exceptions=True)


router = APIRouter(tags=["certificates"], lifespan=lifespan)


@router.get(
    "/api/certificates/{chain_id}/{contract}/{token_id}.pdf",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}}}},
)
async def get_pdf(
    token: TokenDep, request: Request, session: ReadSessionDep, parts: PartsDep, now: NowDep
) -> Response:
    """
    The certificate on paper: PDF/A-3 and PDF/UA-1, the credential attached as `certificate.json`.

    Of a work that is only offered it says first that nothing is minted, and names no owner.

    In the language of `?lang=`, else of `Accept-Language`. The same bytes each time; what counts
    is the attachment.
    """
    certificate = await desk_of(request.app).in_force(token)
    certificate = certificate or await service.get_certificate(session, parts, token, now=now)
    return await pdf.answer(request, session, parts, certificate)


@router.get(
    "/api/certificates/{chain_id}/{contract}/{token_id}.zip",
    response_class=Response,
    responses={200: {"content": {"application/zip": {}}}},
)
async def get_bundle(
    token: TokenDep, request: Request, session: ReadSessionDep, parts: PartsDep, now: NowDep
) -> Response:
    """
    The evidence bundle: everything that bears on the certificate, to be checked without us.

    `X-Ipfs-Path` names it where it is pinned; before that it is drawn for this answer. The same
    parts give the same bytes.
    """
    certificate = await service.get_certificate(session, parts, token, now=now)
    body, cid = await bundling.served(session, parts, certificate, now=now)
    headers = {
        "Content-Disposition": f'attachment; filename="certificate-{certificate.code}.zip"',
        "Link": link_header(token, parts.public_url, is_minted=certificate.is_minted),
    }
    if cid is not None:
        headers["X-Ipfs-Path"] = f"/ipfs/{cid}"
    return public_bytes(request, body, media_type=ZIP, headers=headers)


@router.get(
    "/api/certificates/{chain_id}/{contract}/{token_id}/linked-art",
    response_model=dict[str, Any],
)
async def get_linked_art(
    token: TokenDep, request: Request, session: ReadSessionDep, parts: PartsDep
) -> Response:
    """The work and its history as Linked Art 1.0, for museums and who reads their data."""
    work = await get_token(session, parts, token)
    history = await provenance(session, parts, token)
    body = pydantic_core.to_json(linked_art(work, history, parts.public_url))
    headers = {"Link": link_header(token, parts.public_url)}
    return public_bytes(request, body, media_type=LINKED_ART, headers=headers)


@router.get("/V/{code}", include_in_schema=False)
async def printed_link(code: str) -> Response:
    """Where a QR code on paper leads, which is written in capitals to be smaller."""
    return RedirectResponse(f"/v/{code[:40].lower()}", status_code=301)
