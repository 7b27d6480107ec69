"""
The feed on the wire.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel


class EventOut(BaseModel):
    """One event. What was told is never changed, only retracted by a later one."""

    sequence: str
    id: str
    """Natural key: chain, block hash, log index, kind. The same event never has another."""
    kind: str
    """minted, transferred, burned, sold, …, or `retracted` with `payload.retracts`."""
    payload: dict[str, Any]
    created_at: datetime


class EventList(BaseModel):
    """A page of the feed in its one order."""

    items: list[EventOut]
    next: str | None
    """Null at the present end of the feed."""
    resume: str
    """The cursor to ask with later; never null, so that a subscriber misses nothing."""
