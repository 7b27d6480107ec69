"""
The feed on the wire.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel


class EventOut(BaseModel):
    """One event; an event once told is never changed, only retracted by a later one."""

    sequence: str
    id: str
    """Natural key: chain, block hash, log index and kind."""
    kind: str
    payload: dict[str, Any]
    created_at: datetime


class EventList(BaseModel):
    """A page of the feed in its one order; `next` is never null: it waits for what comes."""

    items: list[EventOut]
    next: str
