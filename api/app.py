"""
The web application: every part passed in, every slice's router mounted, nothing global.
"""

from __future__ import annotations

import secrets
from importlib import import_module
from pathlib import Path

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import errors
from api.bodies import BoundedBodies
from api.certificates.serving import Counter, Desk, is_asked_for
from api.cors import PublicReading
from api.forms.prints import Prints
from api.parts import Parts
from api.uploads.tus import TusHeaders

STATIC = Path(__file__).parent / "static"

# JSON first, then the pages, which share names with it.
ROUTERS = (
    "api.health.routes",
    "api.chains.routes",
    "api.accounts.routes",
    "api.uploads.routes",
    "api.drafts.routes",
    "api.mints.routes",
    "api.imports.routes",
    "api.intents.routes",
    "api.tokens.routes",
    "api.statements.routes",
    "api.collections.routes",
    "api.orders.routes",
    "api.orders.signatures",
    "api.auctions.routes",
    "api.vouchers.routes",
    "api.credits.routes",
    "api.forms.routes",
    "api.certificates.routes",
    "api.certificates.version_routes",
    "api.certificates.issuer_routes",
    "api.standing.routes",
    "api.events.routes",
    "api.gateway.routes",
    "api.exports.routes",
    "api.demo_wallet.routes",
    "api.home.pages",
    "api.tokens.pages",
    "api.tokens.cards",
    "api.collections.pages",
    "api.accounts.pages",
    "api.imports.pages",
    "api.mints.pages",
    "api.intents.pages",
    "api.vouchers.pages",
    "api.health.pages",
    "api.forms.pages",
    "api.certificates.pages",
    "api.standing.pages",
    "api.docs.pages",
)


def fixed_headers(media_url: str, *, is_secure: bool) -> dict[str, str]:
    """What every answer says of what its page may do."""
    policy = [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        f"img-src 'self' data: blob: {media_url}",
        f"media-src 'self' blob: {media_url}",
        f"frame-src {media_url}",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
    fixed = {
        "Content-Security-Policy": "; ".join(policy),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    }
    if is_secure:
        fixed["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return fixed


class SecurityHeaders:
    """
    The headers that every answer carries, errors and 304 included.

    A route that sets its own policy (an embed, a download) keeps it. Pages load nothing from
    elsewhere but pictures and sandboxed works of the media origin.
    """

    def __init__(self, app: ASGIApp, *, media_url: str, is_secure: bool) -> None:
        self.app = app
        self.fixed = fixed_headers(media_url, is_secure=is_secure)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add what is missing when the answer starts."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                for name, value in self.fixed.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)


class OurFiles(StaticFiles):
    """Style sheets, scripts and fonts: kept for long only under an address that names a hash."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Add how long the file may be kept."""
        found = await super().get_response(path, scope)
        is_named = scope.get("query_string", b"").startswith(b"v=")
        age = "max-age=31536000, immutable" if is_named else "no-cache"
        found.headers["Cache-Control"] = f"public, {age}"
        return found


class Exchange(FastAPI):
    """
    The application, with the counter for certificates in front of all of it.

    A layer among the others would answer them too, but each request would go through the
    framework's own layers first: half as much again as answering costs.
    """

    counter: Counter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a certificate that is in force; let the layers and routes answer the rest."""
        answer = await self.counter.desk.find(scope["path"]) if is_asked_for(scope) else None
        if answer is None:
            await super().__call__(scope, receive, send)
        else:
            await self.counter.send(answer, scope, send)


def create_app(parts: Parts) -> FastAPI:
    """Build the application from its parts."""
    app = Exchange(
        title="Vernissage",
        version="0.1.0",
        summary="An exchange for art whose papers anyone can check",
        openapi_url=None,  # `api.docs` hands it out, as a public answer.
        docs_url=None,
        redoc_url=None,
    )
    app.state.parts = parts
    app.state.prints = Prints(parts.pdf_memory_bytes)
    errors.install(app)
    for name in ROUTERS:
        app.include_router(import_module(name).router)
    app.mount("/static", OurFiles(directory=STATIC), name="static")
    app.add_middleware(BoundedBodies)
    app.add_middleware(TusHeaders)
    app.add_middleware(PublicReading)
    is_secure = parts.public_url.startswith("https://")
    app.add_middleware(SecurityHeaders, media_url=parts.media_url, is_secure=is_secure)
    fixed = fixed_headers(parts.media_url, is_secure=is_secure)
    app.state.certificates = Desk(parts)
    app.counter = Counter(app.state.certificates, fixed)
    return app
