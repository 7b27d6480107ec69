"""
How an error is told: problem+json (RFC 9457) to programs, a page to people.

Each branch of the domain tree has one status; a leaf's class name is its stable `code`. Whatever
is outside the tree is our own bug and answers 500 without saying more than the request's id.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from psycopg import OperationalError as DriverError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from media.errors import DiskAlmostFull, UploadDiscarded
from nft.errors import (
    ChecksumMismatch,
    ChecksumNotKnown,
    Conflict,
    ExchangeError,
    FileTooLarge,
    Missing,
    NotACid,
    NotSignedIn,
    PathInvalid,
    RangeNotSatisfiable,
    Refused,
    StoreUnavailable,
    Unacceptable,
    Unreachable,
    UploadExpired,
)

log = structlog.get_logger()

STATUS: dict[type[ExchangeError], int] = {
    NotSignedIn: 401,
    Missing: 404,
    Refused: 403,
    Conflict: 409,
    Unacceptable: 422,
    Unreachable: 503,
    # Uploads (tus 1.0) and ranges have words of their own.
    UploadExpired: 410,
    UploadDiscarded: 410,
    DiskAlmostFull: 507,
    FileTooLarge: 413,
    ChecksumMismatch: 460,
    ChecksumNotKnown: 400,
    RangeNotSatisfiable: 416,
    NotACid: 400,
    PathInvalid: 400,
}

PROBLEM_JSON = "application/problem+json"
MAX_DETAIL = 600


def status_of(error: ExchangeError) -> int:
    """Status of the nearest ancestor listed; an error outside the tree is our own bug."""
    own: int | None = getattr(error, "status", None)
    if own is not None:
        return own
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def title_of(code: str) -> str:
    """`OrderExpired` as words, `Order expired`; `NotACid` is `Not a cid`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", code).lower()
    return words[:1].upper() + words[1:]


def problem(
    request: Request,
    *,
    status: int,
    code: str,
    detail: str,
    errors: list[dict[str, str]] | None = None,
    extra: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The body of a problem+json answer; `type` is a page that explains the code."""
    found: dict[str, Any] = {
        "type": f"/docs/errors/{code}",
        "title": title_of(code),
        "status": status,
        "detail": detail[:MAX_DETAIL],
        "code": code,
        "request_id": getattr(request.state, "request_id", ""),
    }
    if errors:
        found["errors"] = errors
    return found | (extra or {})


def wants_page(request: Request) -> bool:
    """Under `/api/` always JSON; elsewhere a page when the caller takes HTML."""
    path = request.url.path
    if path.startswith("/api/") or path == "/api":
        return False
    return "text/html" in request.headers.get("accept", "")


def respond(request: Request, found: dict[str, Any], headers: dict[str, str] | None) -> Response:
    """The same facts as JSON or as a page."""
    if wants_page(request):
        from api.pages import error_page  # pages import this module

        return error_page(request, found, headers)
    return JSONResponse(
        found, status_code=found["status"], headers=headers, media_type=PROBLEM_JSON
    )


async def on_domain_error(request: Request, error: Exception) -> Response:
    """An error of our own tree."""
    assert isinstance(error, ExchangeError)
    status = status_of(error)
    if isinstance(error, StoreUnavailable):
        # Whoever runs the house must look: no request mends a full or broken disk.
        log.error("the store of files does not work", why=str(error), path=request.url.path)
    headers: dict[str, str] = dict(getattr(error, "headers", None) or {})
    if isinstance(error, Unreachable):
        headers["Retry-After"] = str(error.retry_after_seconds)
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    detail = str(error)
    errors = [{"pointer": "/" + error.field, "detail": detail}] if error.field else None
    reasons = getattr(error, "reasons", None)
    extra: dict[str, Any] = dict(getattr(error, "extra", None) or {})
    if reasons:
        extra["reasons"] = [{"code": code, "detail": why} for code, why in reasons]
    found = problem(
        request,
        status=status,
        code=type(error).__name__,
        detail=detail,
        errors=errors,
        extra=extra,
    )
    return respond(request, found, headers)


async def on_invalid_body(request: Request, error: Exception) -> Response:
    """
    A request that does not fit the schema: each bad field with a JSON pointer.

    Outside the body, `in` says where the field stands: `query`, `path` or `header`.
    """
    assert isinstance(error, RequestValidationError)
    errors = []
    for item in error.errors()[:50]:
        where = [str(part).replace("~", "~0").replace("/", "~1") for part in item["loc"]]
        place, parts = (where[0], where[1:]) if where else ("body", [])
        found_at = {} if place == "body" else {"in": place}
        pointer = "".join(f"/{part}" for part in parts)
        errors.append({"pointer": pointer, **found_at, "detail": str(item["msg"])[:300]})
    is_not_json = any(item["type"] == "json_invalid" for item in error.errors())
    said = "; ".join(f"{item['pointer'] or 'body'}: {item['detail']}" for item in errors[:5])
    found = problem(
        request,
        status=400 if is_not_json else 422,
        code="NotJson" if is_not_json else "RequestInvalid",
        detail=said,
        errors=errors,
    )
    return respond(request, found, None)


async def on_http_error(request: Request, error: Exception) -> Response:
    """Routing's own refusals: 404, 405, 413 and their like."""
    assert isinstance(error, HTTPException)
    name = HTTPStatus(error.status_code).phrase
    code = "".join(word.capitalize() for word in re.split(r"[^A-Za-z]+", name))
    found = problem(request, status=error.status_code, code=code, detail=str(error.detail))
    return respond(request, found, dict(error.headers or {}))


async def on_database_down(request: Request, error: Exception) -> Response:
    """The database did not answer: worth trying again, and nothing was written."""
    log.warning("database unreachable", error=str(error)[:300])
    found = problem(
        request,
        status=503,
        code="DatabaseUnreachable",
        detail="the database did not answer; try again in a moment",
    )
    return respond(request, found, {"Retry-After": "2"})


async def on_bug(request: Request, error: Exception) -> Response:
    """Anything else is ours: logged whole, told briefly."""
    request_id = getattr(request.state, "request_id", "")
    log.error("unhandled error", path=request.url.path, request_id=request_id, exc_info=error)
    found = problem(
        request,
        status=500,
        code="InternalError",
        detail="something went wrong on our side; the request id names it in our log",
    )
    return respond(request, found, None)


def install(app: FastAPI) -> None:
    """Every door through which an error can leave."""
    app.add_exception_handler(ExchangeError, on_domain_error)
    app.add_exception_handler(RequestValidationError, on_invalid_body)
    app.add_exception_handler(HTTPException, on_http_error)
    app.add_exception_handler(OperationalError, on_database_down)
    app.add_exception_handler(PoolTimeout, on_database_down)
    app.add_exception_handler(DriverError, on_database_down)
    app.add_exception_handler(Exception, on_bug)
