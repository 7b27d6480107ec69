"""
`/api/certificates/…`: the credential, the extract, and a check of any document.
"""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.certificates import extract, service
from api.certificates.schemas import ExtractOut, ReportOut
from api.certificates.serving import lifespan, route_headers
from api.certificates.verifying import report_on
from api.chains import mirror
from api.deps import NowDep, PartsDep, ReadSessionDep, chain_of
from api.etags import PUBLIC_HEADERS, public_bytes, public_json
from api.tokens.deps import TokenDep
from nft.errors import Unacceptable
from nft.types import parse_uint
from nft.verification import read_hashes

router = APIRouter(prefix="/api/certificates", tags=["certificates"], lifespan=lifespan)

MAX_DOCUMENT_BYTES = 2_000_000
MAX_BUNDLE_BYTES = 8_000_000


class DocumentTooLarge(Unacceptable):
    """A document to verify is larger than any certificate."""

    status = 413

    def __init__(self, size: int, maximum: int = MAX_DOCUMENT_BYTES) -> None:
        super().__init__(f"{size} bytes, above the maximum of {maximum} bytes")


class NotADocument(Unacceptable):
    """The body is not a JSON object."""

    status = 400


class BlockNotNumeric(Unacceptable):
    """`block` is neither a number nor `safe` or `final`."""

    field = "block"


@router.post("/verify", response_model=ReportOut)
async def verify_document(request: Request, parts: PartsDep) -> Response:
    """
    Check a certificate, extract, evidence, or bundle (`application/zip`): the body is the file.

    `?block=<number>=0x<hash>` names blocks whose hash the reader trusts; it may be repeated.
    """
    file = await _read_file(request)
    hashes = read_hashes(request.query_params.getlist("block"))
    report = await report_on(parts, file, block_hashes=hashes)
    body = json.dumps(report.as_json()).encode()
    headers = {**PUBLIC_HEADERS, "Cache-Control": "no-store"}
    return Response(body, media_type="application/json", headers=headers)


async def _read_file(request: Request) -> bytes:
    is_bundle = request.headers.get("content-type", "").startswith("application/zip")
    maximum = MAX_BUNDLE_BYTES if is_bundle else MAX_DOCUMENT_BYTES
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > maximum:
            raise DocumentTooLarge(len(body), maximum)
    if is_bundle:
        return body
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise NotADocument(f"the body is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise NotADocument("the body is JSON, but not an object")
    return body


@router.head("/{chain_id}/{contract}/{token_id}", include_in_schema=False)
@router.get("/{chain_id}/{contract}/{token_id}", response_model=dict[str, Any])
async def get_certificate(
    token: TokenDep, request: Request, session: ReadSessionDep, parts: PartsDep, now: NowDep
) -> Response:
    """The certificate of authenticity in force: the credential itself, always the same bytes."""
    certificate = await service.get_certificate(session, parts, token, now=now)
    head = mirror.head_header(await mirror.heads(session), token.chain_id)
    wants_vc = "application/vc" in request.headers.get("accept", "")
    return public_bytes(
        request,
        certificate.body,
        media_type="application/vc" if wants_vc else "application/json",
        headers=route_headers(certificate, head),
    )


@router.get("/{chain_id}/{contract}/{token_id}/ownership", response_model=ExtractOut)
async def get_extract(
    token: TokenDep,
    request: Request,
    session: ReadSessionDep,
    parts: PartsDep,
    block: str = "final",
    receipts_from: Annotated[int, Query(ge=0, le=10_000)] = 0,
) -> Response:
    """
    Owner, royalty and provenance at one block: the newest final one, `safe`, or a number.

    With the proofs of all of it: nobody's word is needed who knows the block's hash. A state that
    the node no longer has answers 404 `StateNotAvailable`.
    """
    chain = chain_of(parts, token.chain_id)
    if block not in ("final", "safe") and not block.isdigit():
        raise BlockNotNumeric(f"{block[:40]!r} is neither a block number nor `safe` or `final`")
    wanted = block if block in ("final", "safe") else parse_uint(block, maximum=2**53)
    found = await extract.draw(session, parts, chain, token, wanted, receipts_from)
    head = mirror.head_header(await mirror.heads(session), token.chain_id)
    return public_json(request, found, headers=head)
