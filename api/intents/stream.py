"""
An intent told as it changes: server-sent events, each with the whole of it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import anyio

from api.intents import queries
from api.intents.schemas import IntentOut
from api.parts import Parts
from nft.errors import ExchangeError

EVERY_SECONDS = 1.0
BEAT_EVERY = 10
"""Rounds without news before a comment keeps the connection open."""
MAX_ROUNDS = 1_200
"""Twenty minutes; a client that still listens connects again by itself."""


async def follow(
    parts: Parts, intent_id: str, is_disconnected: Callable[[], Awaitable[bool]]
) -> AsyncIterator[str]:
    """Events until the intent is at its end, or the client is gone. Opens its own sessions."""
    told = ""
    quiet = 0
    for _ in range(MAX_ROUNDS):
        if await is_disconnected():
            return
        try:
            present = await _read(parts, intent_id)
        except ExchangeError:
            return
        text = present.model_dump_json()
        if text != told:
            told, quiet = text, 0
            yield f"event: intent\ndata: {text}\n\n"
        if present.state in ("final", "abandoned"):
            return
        quiet += 1
        if quiet % BEAT_EVERY == 0:
            yield ": still here\n\n"
        await anyio.sleep(EVERY_SECONDS)


async def _read(parts: Parts, intent_id: str) -> IntentOut:
    async with parts.sessions() as session:
        return await queries.get_intent(session, parts, intent_id, now=parts.clock())
