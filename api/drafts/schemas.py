"""
A draft on the wire. Its body is the mint page's own affair: any JSON object.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class NewDraftIn(BaseModel):
    """A draft to keep."""

    model_config = ConfigDict(extra="forbid")

    body: dict[str, Any] = Field(default_factory=dict)


class DraftIn(BaseModel):
    """A draft as it is now; `revision` is the one that was changed."""

    model_config = ConfigDict(extra="forbid")

    revision: int | None = Field(default=None, ge=1)
    body: dict[str, Any]


class DraftOut(BaseModel):
    """A draft as it is kept."""

    id: str
    revision: int
    body: dict[str, Any]
    intent_id: str | None
    """The mint that was prepared from it."""
    created_at: datetime
    updated_at: datetime


class DraftList(BaseModel):
    """All drafts of an account, the last edited first."""

    items: list[DraftOut]
    next: str | None = None
