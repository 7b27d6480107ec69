"""
How much of a request is taken into memory: what is not streamed to disk has a bound.
"""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY_BYTES = 8 * 1024 * 1024
"""Above the largest body that means anything: fifty works with their texts."""

_STREAMED = "/api/uploads"


class BoundedBodies:
    """Refuses a body at its first byte beyond the bound, whatever length it announced."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count what a route reads; uploads count for themselves."""
        if scope["type"] != "http" or scope["path"].startswith(_STREAMED):
            await self.app(scope, receive, send)
            return
        taken = 0

        async def receive_bounded() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > MAX_BODY_BYTES:
                raise HTTPException(413, f"a request's body is at most {MAX_BODY_BYTES} bytes")
            return message

        await self.app(scope, receive_bounded, send)
