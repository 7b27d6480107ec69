"""
Keyset pages: an opaque cursor over the sort key, stable while rows are added.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Query
from starlette.requests import Request

from nft.errors import Unacceptable

DEFAULT_LIMIT = 24
MAX_LIMIT = 100

LimitQuery = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
CursorQuery = Annotated[str | None, Query(max_length=400)]


class CursorInvalid(Unacceptable):
    """The cursor is not one of ours, or was made for another list."""

    def __init__(self) -> None:
        super().__init__("the cursor is not one that this list handed out")


def encode_cursor(secret: bytes, key: list[Any]) -> str:
    """The sort key of the last row, with a MAC so that nobody makes up keys."""
    body = json.dumps(key, separators=(",", ":")).encode()
    mac = hmac.digest(secret, b"cursor" + body, hashlib.sha256)[:12]
    return base64.urlsafe_b64encode(mac + body).decode().rstrip("=")


def decode_cursor(secret: bytes, cursor: str) -> list[Any]:
    """Inverse of `encode_cursor`. Raises `CursorInvalid`."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise CursorInvalid from error
    mac, body = raw[:12], raw[12:]
    if not hmac.compare_digest(mac, hmac.digest(secret, b"cursor" + body, hashlib.sha256)[:12]):
        raise CursorInvalid
    found: list[Any] = json.loads(body)
    return found


def page(items: list[Any], following: str | None) -> dict[str, Any]:
    """The one shape of a list."""
    return {"items": items, "next": following}


def link_header(request: Request, following: str | None) -> dict[str, str]:
    """`Link: <…>; rel="next"` (RFC 8288) when there is a next page."""
    if following is None:
        return {}
    query = [(k, v) for k, v in request.query_params.multi_items() if k != "cursor"]
    target = f"{request.url.path}?{urlencode([*query, ('cursor', following)])}"
    return {"Link": f'<{target}>; rel="next"'}
