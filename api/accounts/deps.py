"""
Who is asking: by bearer token, or by cookie from our own pages.

A browser sends cookies along with other sites' requests too, so a write by cookie must show that
it comes from our own origin. A bearer token is not sent by itself and needs no such proof.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request

from api.accounts import service
from api.deps import NowDep, PartsDep
from api.parts import Parts
from nft.errors import NotSignedIn, Refused
from nft.types import Address

COOKIE = "vernissage_session"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class CrossSiteRequest(Refused):
    """A write that came with our cookie from somebody else's page."""

    def __init__(self) -> None:
        super().__init__("a write with a cookie must come from this site's own pages")


@dataclass(frozen=True, slots=True)
class Caller:
    """A signed-in account and the token it came with."""

    address: Address
    chain_id: int
    token: str


def token_of(request: Request) -> tuple[str, bool] | None:
    """The token sent, and whether it came as a cookie."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and value.strip():
        return value.strip(), False
    cookie = request.cookies.get(COOKIE)
    return (cookie, True) if cookie else None


def check_origin(request: Request, parts: Parts) -> None:
    """Refuse a write that another site's page had the browser send."""
    if request.method in _SAFE:
        return
    fetch_site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if origin is None and fetch_site is None:
        raise CrossSiteRequest
    if fetch_site is not None and fetch_site != "same-origin":
        raise CrossSiteRequest
    if origin is not None and not is_own_origin(origin, parts):
        raise CrossSiteRequest


def refuse_foreign_page(request: Request, parts: Parts) -> None:
    """Refuse what another site's page sent; a script, which names no page, may pass."""
    if {"origin", "sec-fetch-site"} & set(request.headers.keys()):
        check_origin(request, parts)


def is_own_origin(origin: str, parts: Parts) -> bool:
    """Whether an `Origin` is that of our pages, as configured."""
    ours = urlsplit(parts.public_url)
    theirs = urlsplit(origin)
    return (theirs.scheme, theirs.netloc.lower()) == (ours.scheme, ours.netloc.lower())


async def get_caller(request: Request, parts: PartsDep, now: NowDep) -> Caller | None:
    """The session that the request comes with, if it is alive."""
    sent = token_of(request)
    if sent is None:
        return None
    token, is_cookie = sent
    if is_cookie:
        check_origin(request, parts)
    async with parts.sessions() as session:
        row = await service.find_session(session, token, now=now)
        if row is None:
            return None
        caller = Caller(row.address, row.chain_id, token)
        await service.touch(session, row, now=now)
        await session.commit()
    return caller


MaybeCallerDep = Annotated[Caller | None, Depends(get_caller, scope="function")]


async def need_caller(caller: MaybeCallerDep) -> Caller:
    """The caller, or `NotSignedIn`."""
    if caller is None:
        raise NotSignedIn
    return caller


CallerDep = Annotated[Caller, Depends(need_caller)]


async def need_account(caller: CallerDep) -> Address:
    """The caller's address, or `NotSignedIn`."""
    return caller.address


async def maybe_account(caller: MaybeCallerDep) -> Address | None:
    """The caller's address, or None."""
    return caller.address if caller else None


AccountDep = Annotated[Address, Depends(need_account)]
MaybeAccountDep = Annotated[Address | None, Depends(maybe_account)]
