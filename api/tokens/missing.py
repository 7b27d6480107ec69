"""
Why a work is not shown: nobody knows it, or its contract is not followed any more.
"""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from api.collections.registering import find_registered
from nft.errors import NoSuchToken
from nft.types import TokenRef


class NoLongerFollowed(NoSuchToken):
    """The operator let go of the work's contract: what the mirror knew of it was taken out."""

    def __init__(self, token: str, block: int, reason: str) -> None:
        super().__init__(token)
        self.extra = {"left_block": str(block), "reason": reason}
        self.args = (
            f"the contract of {token} is no longer followed since block {block}: {reason}",
        )


async def missing(session: AsyncSession, ref: TokenRef) -> NoSuchToken:
    """The error for a work that the mirror has not."""
    row = await find_registered(session, ref.chain_id, ref.contract)
    if row is not None and row.left_block is not None:
        return NoLongerFollowed(ref.caip19, row.left_block, row.refused or "")
    return NoSuchToken(ref.caip19)
