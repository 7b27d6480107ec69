"""
`/docs`: the reference of the HTTP interface, drawn from our own files; `/docs/errors/{code}`: the
page that the `type` of a problem leads to.
"""

from __future__ import annotations

import re

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.accounts.deps import MaybeAccountDep
from api.errors import status_of, title_of
from api.etags import public_json
from api.pages import render, speaker
from nft.errors import ExchangeError, Missing

router = APIRouter(include_in_schema=False)


class NoSuchError(Missing):
    """No error of this exchange has that name."""

    def __init__(self, code: str) -> None:
        super().__init__(f"no error is called {code[:60]!r}")


OUTSIDE = {
    "RequestInvalid": (422, "The request does not fit its schema; `errors` names each field."),
    "NotJson": (400, "The body is not JSON."),
    "NotFound": (404, "There is nothing at this address."),
    "MethodNotAllowed": (405, "The address exists, but not for this method."),
    "DatabaseUnreachable": (503, "The database did not answer; nothing was written."),
    "InternalError": (500, "Something went wrong on our side; the request id names it."),
}
"""Codes that do not come from the tree of domain errors."""


@router.get("/api/openapi.json")
async def openapi(request: Request) -> Response:
    """The interface as OpenAPI 3.1, with a tag like every public answer."""
    return public_json(request, request.app.openapi())


@router.get("/docs")
async def reference(request: Request, viewer: MaybeAccountDep) -> Response:
    """The reference, without a third party's host."""
    return render(request, "docs/api.html", {"viewer": viewer})


@router.get("/docs/errors/{code}")
async def error_meaning(request: Request, code: str, viewer: MaybeAccountDep) -> Response:
    """What a code means and what to do about it."""
    status, meaning = find_meaning(code)
    say = speaker(request)
    advice = {
        400: say("Send what the reference describes."),
        401: say("Sign in with your wallet, or send the bearer token."),
        403: say("Another account may do this; yours may not."),
        404: say("Check the address. If it was there before, its block may have been withdrawn."),
        409: say("Look at the present state, then decide again."),
        422: say("Correct the field that is named, then send it again."),
        503: say("Wait for as long as Retry-After says, then send the same again."),
    }.get(status, say("Try again; if it stays, tell us the request id."))
    context = {
        "viewer": viewer,
        "code": code,
        "title": title_of(code),
        "meaning": meaning,
        "status": status,
        "advice": advice,
    }
    return render(request, "docs/error.html", context)


def find_meaning(code: str) -> tuple[int, str]:
    """Status and meaning of a code, from the error's own class. Raises `NoSuchError`."""
    if code in OUTSIDE:
        return OUTSIDE[code]
    for kind in _leaves(ExchangeError):
        if kind.__name__ == code:
            own: int | None = getattr(kind, "status", None)
            status = own or status_of(kind.__new__(kind))
            return status, re.sub(r"\s+", " ", (kind.__doc__ or "").strip())
    raise NoSuchError(code)


def _leaves(kind: type[ExchangeError]) -> list[type[ExchangeError]]:
    found = []
    for below in kind.__subclasses__():
        found += [below, *_leaves(below)]
    return found
