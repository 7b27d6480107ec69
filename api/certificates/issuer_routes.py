"""
What an issuer publishes beside certificates: its keys, status lists, checkpoints and anchors.
"""

from __future__ import annotations

from typing import Annotated, Any

import pydantic_core
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from api.certificates import anchor, checkpoints, issuers, status, versions
from api.certificates.versions import Certificate
from api.deps import NowDep, PartsDep, ReadSessionDep
from api.etags import public_bytes, public_json
from api.tokens.deps import TokenDep
from nft.anchors import Status
from nft.types import TokenRef, parse_uint

router = APIRouter(tags=["certificates"])

SHORT = {"Cache-Control": "public, max-age=300"}


class TurnOut(BaseModel):
    """One turn of a certificate's status."""

    status: str
    reason: str
    note: str
    changed_at: str


class StatusOut(BaseModel):
    """How a certificate stands, by this exchange's word."""

    status: str
    """valid, suspended or revoked."""
    version: int
    newest_version: int
    history: list[TurnOut]
    """Oldest first; none: it was always valid."""
    lists: list[dict[str, Any]]
    """Its places in the signed lists; none in certificates from before there were any."""


@router.get("/.well-known/did.json", response_model=dict[str, Any], operation_id="get_issuer")
@router.get("/did.json", response_model=dict[str, Any], include_in_schema=False)
async def get_issuer(
    request: Request, session: ReadSessionDep, parts: PartsDep, issuer: str | None = None
) -> Response:
    """
    Who signs certificates: a DID document with every key there ever was, and their dates.

    On a local stack each key is an issuer of its own; `?issuer=did:key:…` asks for an older one.
    """
    known = {f"did:key:{key.multikey}" for key in await issuers.keys(session, parts)}
    asked = issuer if issuer in known else None
    found = await issuers.document(session, parts, asked)
    return public_bytes(request, pydantic_core.to_json(found), headers=SHORT)


@router.get(
    "/api/status-lists/{purpose}/{number}",
    response_model=dict[str, Any],
    operation_id="get_status_list",
)
async def get_status_list(
    purpose: str,
    number: str,
    request: Request,
    session: ReadSessionDep,
    parts: PartsDep,
    now: NowDep,
    *,
    issuer: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """
    A signed list of which certificates are revoked, or suspended (W3C Bitstring Status List).

    It says nothing of which certificate is asked about. Dated, and the same for five minutes.
    `issuer` is for local stacks, where each key is an issuer of its own: the certificate's.
    """
    signer = await issuers.speaker_for(session, parts, issuer or "")
    if signer is None:
        signer = await issuers.current(session, parts)
    found = await status.draw_list(
        session, parts, signer, purpose, parse_uint(number, maximum=2**31 - 1), now=now
    )
    body = pydantic_core.to_json(found)
    return public_bytes(request, body, media_type="application/vc", headers=SHORT)


@router.get("/api/checkpoints", response_model=dict[str, Any], operation_id="get_checkpoints")
async def get_checkpoints(
    request: Request, session: ReadSessionDep, parts: PartsDep, now: NowDep
) -> Response:
    """
    A signed list of final blocks, one of each chain for each day, for readers without a node.

    Anybody may mirror it: it is believed for the sake of the key that signed it.
    """
    found = await checkpoints.draw(session, await issuers.current(session, parts), now=now)
    body = pydantic_core.to_json(found)
    return public_bytes(request, body, media_type="application/vc", headers=SHORT)


@router.get(
    "/api/certificates/{chain_id}/{contract}/{token_id}/anchor",
    response_model=dict[str, Any],
    operation_id="get_anchor",
)
async def get_anchor(
    token: TokenDep,
    request: Request,
    session: ReadSessionDep,
    version: Annotated[int | None, Query(ge=1)] = None,
) -> Response:
    """
    That the certificate existed by a block: its place in a day's tree, and the root's proof.

    404 `AnchorWaiting` says how far it is; the first tree that has the certificate is proven.
    """
    certificate = await _certificate(session, token, version)
    found = await anchor.anchor_of(session, certificate)
    return public_bytes(request, pydantic_core.to_json(found), headers=SHORT)


@router.get(
    "/api/certificates/{chain_id}/{contract}/{token_id}/status",
    response_model=StatusOut,
    operation_id="get_certificate_status",
)
async def get_status(
    token: TokenDep,
    request: Request,
    session: ReadSessionDep,
    version: Annotated[int | None, Query(ge=1)] = None,
) -> Response:
    """
    How a certificate stands now, and every turn there was, with its reason.

    What this exchange says; the signed lists that the certificate names prove it.
    """
    certificate = await _certificate(session, token, version)
    turns = await status.history(session, token, certificate.version)
    word = turns[-1].status.word if turns else Status.VALID.word
    found = {
        "status": word,
        "version": certificate.version,
        "newest_version": certificate.newest_version,
        "history": [turn.as_json() for turn in turns],
        "lists": certificate.document.get("credentialStatus", []),
    }
    return public_json(request, found)


async def _certificate(session: AsyncSession, token: TokenRef, version: int | None) -> Certificate:
    """The version asked for, or the one in force. Raises `NoSuchVersion`."""
    if version is not None:
        return await versions.get_version(session, token, version)
    newest = await versions.newest(session, token)
    if newest is None:
        raise versions.NoSuchVersion(token, 1)
    return versions.served(newest)
