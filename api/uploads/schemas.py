"""
An upload on the wire.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from media.formats import Kind


class FindingOut(BaseModel):
    """
    Something the artist should answer before the file becomes public.

    Some findings say more than that, in further members that go with the code.
    """

    model_config = ConfigDict(extra="allow")

    code: str
    detail: str


class NoticeOut(BaseModel):
    """Something to know: the very same file was minted before."""

    code: str
    detail: str
    url: str


class PinOut(BaseModel):
    """Where the file is kept, and what was last seen there."""

    store: str
    state: Literal["wanted", "sent", "pinned", "read_back", "at_risk", "lost", "failed"]
    checked_at: datetime | None


class MediaOut(BaseModel):
    """The facts of a file: hashes once its last byte is here, the rest once it is checked."""

    type: str | None
    size: int
    sha256: str
    cids: dict[str, str]
    width: int | None
    height: int | None
    frames: int | None
    blur: str | None
    kind: Kind | None
    details: dict[str, Any]
    """What this kind alone has: `duration`, `codec`, `pages` and the like."""
    pins: list[PinOut]


class UploadProblemOut(BaseModel):
    """Why the file was refused."""

    code: str
    detail: str


class UploadOut(BaseModel):
    """An upload: bytes received, then what was found."""

    id: str
    state: Literal["receiving", "checking", "ready", "refused"]
    stage: Literal["receiving", "hashed", "checked", "derived", "compared"]
    """How far it is, whatever becomes of it."""
    filename: str
    offset: int
    length: int
    expires_at: datetime
    findings: list[FindingOut]
    notices: list[NoticeOut] = []
    media: MediaOut | None
    problem: UploadProblemOut | None
