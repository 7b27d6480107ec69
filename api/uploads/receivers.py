"""
Requests that are bringing bytes: one for each upload, given up when it falls silent.

A phone that changed its network comes back on a new connection while the old one still seems to
be open. The new request is its owner's word: the old one is ended, and what it brought counts.
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio

SILENCE_SECONDS = 60.0
"""A request that brings nothing for so long is treated as cut."""
HAND_OVER_SECONDS = 10.0


class Turn:
    """One request's turn; what runs in its `scope` ends when it is silent or overtaken."""

    def __init__(self, silence_seconds: float) -> None:
        self.scope = anyio.CancelScope()
        self.ended = anyio.Event()
        self._silence_seconds = silence_seconds

    def listen(self) -> None:
        """The next bytes are waited for."""
        self.scope.deadline = anyio.current_time() + self._silence_seconds

    def hear(self) -> None:
        """They are here; what is done with them may take its time."""
        self.scope.deadline = math.inf


@dataclass
class Receivers:
    """What this process is receiving, by upload."""

    silence_seconds: float = SILENCE_SECONDS
    _turns: dict[str, Turn] = field(default_factory=dict)

    @asynccontextmanager
    async def turn(self, upload_id: str) -> AsyncIterator[Turn]:
        """End whoever else is sending for this upload, and be the one until the block is left."""
        before = self._turns.get(upload_id)
        mine = self._turns[upload_id] = Turn(self.silence_seconds)
        try:
            if before is not None:
                before.scope.cancel()
                with anyio.move_on_after(HAND_OVER_SECONDS):
                    await before.ended.wait()
            yield mine
        finally:
            mine.ended.set()
            if self._turns.get(upload_id) is mine:
                del self._turns[upload_id]
