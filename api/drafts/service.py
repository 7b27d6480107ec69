"""
Keeping drafts: every edit names the revision it was made on, so that two tabs notice each other.
"""

from __future__ import annotations

import json
import re
import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.drafts.schemas import DraftOut
from api.tables import DraftRow
from nft.errors import Conflict, Missing, Unacceptable
from nft.types import Address

MAX_BYTES = 131_072
MAX_DRAFTS = 200


class NoSuchDraft(Missing):
    """There is no such draft, or it is somebody else's."""

    def __init__(self, draft_id: str) -> None:
        super().__init__(f"there is no draft {draft_id[:64]!r}")


class DraftChanged(Conflict):
    """The draft was edited elsewhere in the meantime; the answer carries what is kept."""

    def __init__(self, kept: DraftRow, *, status: int) -> None:
        self.status = status
        self.extra = {"draft": draft_out(kept).model_dump(mode="json")}
        super().__init__(f"the draft was edited elsewhere; it is at revision {kept.revision} now")


class DraftNotStorable(Unacceptable):
    """Larger than a draft may be, or with characters that no database keeps."""

    field = "body"

    def __init__(self, why: str) -> None:
        super().__init__(f"the draft cannot be kept: {why}")


class TooManyDrafts(Conflict):
    """One account keeps so many drafts at most."""

    def __init__(self) -> None:
        super().__init__(f"you have {MAX_DRAFTS} drafts; throw one away first")


def draft_out(row: DraftRow) -> DraftOut:
    """The row as it is answered."""
    return DraftOut(
        id=row.id,
        revision=row.revision,
        body=row.body,
        intent_id=row.intent_id,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def check_body(body: dict[str, Any]) -> None:
    """Refuse what would not come back as it went in. Raises `DraftNotStorable`."""
    text = json.dumps(body, ensure_ascii=False)
    if len(text) > MAX_BYTES:
        raise DraftNotStorable(f"{len(text)} characters, above the maximum of {MAX_BYTES}")
    if "\\u0000" in text or any(0xD800 <= ord(sign) <= 0xDFFF for sign in text):
        raise DraftNotStorable("it holds a NUL or half of a surrogate pair")


async def list_drafts(session: AsyncSession, owner: Address) -> list[DraftOut]:
    """An account's drafts, the last edited first."""
    query = select(DraftRow).where(col(DraftRow.owner) == owner)
    found = await session.execute(query.order_by(col(DraftRow.updated_at).desc()))
    return [draft_out(row) for row in found.scalars()]


async def find(
    session: AsyncSession, owner: Address, draft_id: str, *, for_update: bool = False
) -> DraftRow:
    """An account's own draft. Raises `NoSuchDraft`."""
    is_ours = re.fullmatch(r"[0-9a-f]{32}", draft_id)
    row = await session.get(DraftRow, draft_id, with_for_update=for_update) if is_ours else None
    if row is None or row.owner != owner:
        raise NoSuchDraft(draft_id)
    return row


async def create(
    session: AsyncSession, owner: Address, body: dict[str, Any], *, now: datetime
) -> DraftRow:
    """Keep a new draft."""
    check_body(body)
    count = select(func.count()).where(col(DraftRow.owner) == owner)
    if (await session.execute(count)).scalar_one() >= MAX_DRAFTS:
        raise TooManyDrafts
    row = DraftRow(
        id=secrets.token_hex(16),
        owner=owner,
        body=body,
        revision=1,
        created_at=now,
        updated_at=now,
    )
    session.add(row)
    await session.flush()
    return row


async def update(
    session: AsyncSession, row: DraftRow, body: dict[str, Any], *, now: datetime
) -> DraftRow:
    """Keep an edit of a row that is locked and at the revision that was edited."""
    check_body(body)
    row.body = body
    row.revision += 1
    row.updated_at = now
    session.add(row)
    await session.flush()
    return row
