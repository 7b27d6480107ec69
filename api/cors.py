"""
What pages of other origins may read: public answers and public refusals, never with credentials.

A public answer names its headers itself (`api.etags`, `media.gateway`). Here is the rest of it: the
question that a browser asks first when a script sends JSON or `If-None-Match`, and the errors,
which nobody could read without these headers, `Retry-After` among them.
"""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

READERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link, Retry-After, Mirror-Head",
}

_READS = ("GET", "HEAD")
_POSTS = frozenset({"/api/certificates/verify"})
_PREFLIGHT = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "Accept, Content-Type, If-None-Match, Range",
    "Access-Control-Max-Age": "86400",
    "Vary": "Access-Control-Request-Method",
}


def methods_for(path: str) -> tuple[str, ...]:
    """With which methods any origin may ask at a path."""
    if path in _POSTS:
        return ("POST",)
    return _READS if path.startswith(("/api/", "/ipfs/")) else ()


class PublicReading:
    """Answers the browser's question in advance, and lets scripts read a public refusal."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on but the question itself."""
        methods = methods_for(scope["path"]) if scope["type"] == "http" else ()
        asked = Headers(scope=scope).get("access-control-request-method") if methods else None
        if scope.get("method") == "OPTIONS" and asked in methods:
            allowed = {**_PREFLIGHT, "Access-Control-Allow-Methods": ", ".join(methods)}
            await Response(status_code=204, headers=allowed)(scope, receive, send)
            return
        if scope.get("method") not in methods:
            await self.app(scope, receive, send)
            return

        async def send_readable(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] >= 400:
                headers = MutableHeaders(scope=message)
                for name, value in READERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_readable)
