"""
Signing in and out, and what an account received.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.accounts import royalties, service
from api.accounts.deps import (
    COOKIE,
    AccountDep,
    CallerDep,
    check_origin,
    refuse_foreign_page,
    token_of,
)
from api.accounts.schemas import (
    NonceIn,
    NonceOut,
    RoyaltiesOut,
    SessionIn,
    SessionOut,
    SignedInOut,
)
from api.accounts.service import IDLE_LIFE, SESSION_LIFE
from api.deps import NowDep, PartsDep, ReadSessionDep, SessionDep
from api.parts import Parts
from api.tokens.deps import AddressPath, read_address
from nft.errors import NotSignedIn
from nft.types import parse_uint

router = APIRouter(tags=["accounts"])

PRIVATE = {"Cache-Control": "no-store"}


@router.post("/api/session/nonce", operation_id="offer_nonce")
async def offer_nonce(
    body: NonceIn, session: SessionDep, parts: PartsDep, now: NowDep, response: Response
) -> NonceOut:
    """Ask for the text to sign in with; its nonce works once, for ten minutes."""
    response.headers.update(PRIVATE)
    row = await service.offer_nonce(
        session,
        parts,
        address=body.address,
        chain_id=parse_uint(body.chain_id, maximum=2**53),
        now=now,
    )
    return NonceOut(message=row.message, expires_at=row.expires_at)


@router.post("/api/session", operation_id="sign_in")
async def sign_in(
    body: SessionIn,
    request: Request,
    session: SessionDep,
    parts: PartsDep,
    now: NowDep,
    response: Response,
) -> SignedInOut:
    """Begin a session with the signed text: an HttpOnly cookie, and a bearer token for scripts."""
    refuse_foreign_page(request, parts)  # nobody is signed in as somebody else by a visit
    made = await service.sign_in(
        session, parts, message=body.message, signature=body.signature, now=now
    )
    before = token_of(request)
    if before is not None:
        await service.end(session, before[0])
    response.headers.update(PRIVATE)
    _set_cookie(response, parts, made.token, max_age=int(SESSION_LIFE.total_seconds()))
    return SignedInOut(
        address=str(made.row.address), expires_at=made.row.expires_at, token=made.token
    )


@router.get("/api/session", operation_id="get_session")
async def get_session(
    caller: CallerDep, session: ReadSessionDep, now: NowDep, response: Response
) -> SessionOut:
    """Who is signed in, and until when."""
    response.headers.update(PRIVATE)
    row = await service.find_session(session, caller.token, now=now)
    if row is None:
        raise NotSignedIn
    return SessionOut(
        address=str(row.address),
        chain_id=str(row.chain_id),
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        expires_at=min(row.expires_at, row.last_used_at + IDLE_LIFE),
    )


@router.delete("/api/session", status_code=204, operation_id="sign_out")
async def sign_out(request: Request, session: SessionDep, parts: PartsDep) -> Response:
    """End this session; doing it twice is no error."""
    sent = token_of(request)
    if sent is not None:
        if sent[1]:
            check_origin(request, parts)
        await service.end(session, sent[0])
    return _signed_out(parts)


@router.delete("/api/sessions", status_code=204, operation_id="sign_out_everywhere")
async def sign_out_everywhere(
    account: AccountDep, session: SessionDep, parts: PartsDep
) -> Response:
    """End every session of the account."""
    await service.end_all(session, account)
    return _signed_out(parts)


@router.get("/api/accounts/{address}/royalties", operation_id="get_royalties")
async def get_royalties(
    address: AddressPath, session: ReadSessionDep, parts: PartsDep, response: Response
) -> RoyaltiesOut:
    """
    What works paid an account as royalties, here and on other venues, and what they did not pay.

    The newest 200 sales. A sale elsewhere that paid less than the work asked stands with both.
    """
    response.headers.update(PRIVATE)
    receiver = read_address("address", address)
    lines = await royalties.statement(session, sorted(parts.chains), receiver)
    return royalties.statement_out(receiver, lines)


def _signed_out(parts: Parts) -> Response:
    response = Response(status_code=204, headers=PRIVATE)
    _set_cookie(response, parts, "", max_age=0)
    return response


def _set_cookie(response: Response, parts: Parts, value: str, *, max_age: int) -> None:
    response.set_cookie(
        COOKIE,
        value,
        max_age=max_age,
        path="/",
        httponly=True,
        samesite="lax",
        secure=parts.public_url.startswith("https://"),
    )
