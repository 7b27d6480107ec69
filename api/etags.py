"""
Strong ETags over content alone, and the 304 that they allow.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import pydantic_core
from starlette.requests import Request
from starlette.responses import Response

from api.cors import READERS

PUBLIC_HEADERS = {
    **READERS,
    "Cache-Control": "public, max-age=0, must-revalidate",
    "Vary": "Accept, Accept-Language",
}


def etag_of(body: bytes) -> str:
    """A strong tag: the same bytes, the same tag, whoever asks."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def matches(request: Request, tag: str) -> bool:
    """Whether `If-None-Match` names the tag (RFC 9110, weak comparison)."""
    return is_named(request.headers.get("if-none-match", ""), tag)


def is_named(asked: str, tag: str) -> bool:
    """Whether the value of an `If-None-Match` names the tag."""
    tags = {part.strip().removeprefix("W/") for part in asked.split(",")}
    return tag in tags or "*" in tags


def public_bytes(
    request: Request,
    body: bytes,
    *,
    media_type: str = "application/json",
    headers: Mapping[str, str] | None = None,
    tag: str | None = None,
) -> Response:
    """A public answer with its tag, or 304 when the caller has it."""
    tag = tag or etag_of(body)
    head = {**PUBLIC_HEADERS, "ETag": tag, **(headers or {})}
    if matches(request, tag):
        return Response(status_code=304, headers=head)
    return Response(body, media_type=media_type, headers=head)


def public_json(
    request: Request, found: object, *, headers: Mapping[str, str] | None = None
) -> Response:
    """A public JSON answer; pydantic models and plain values alike."""
    return public_bytes(request, pydantic_core.to_json(found), headers=headers)
