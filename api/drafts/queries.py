"""
Drafts as the pages read them.
"""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from api.drafts import service
from api.drafts.schemas import DraftOut
from nft.types import Address


async def list_drafts(session: AsyncSession, owner: Address) -> list[DraftOut]:
    """An account's drafts, the last edited first."""
    return await service.list_drafts(session, owner)


async def get_draft(session: AsyncSession, owner: Address, draft_id: str) -> DraftOut:
    """One of them. Raises `NoSuchDraft`."""
    return service.draft_out(await service.find(session, owner, draft_id))
