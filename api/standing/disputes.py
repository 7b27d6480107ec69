"""
What must be known of a work before it is bought: marks that stand and claims that are not over.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.columns import of_work
from api.intents.service import Warning_
from api.standing.tables import ClaimRow, MarkRow
from nft.types import TokenRef


async def disputes_of(session: AsyncSession, token: TokenRef) -> tuple[list[str], list[str]]:
    """Marks that stand (`lost`, `stolen`) and states of claims that are not over, for one work."""
    standing = select(col(MarkRow.kind)).where(
        *of_work(MarkRow, token),
        col(MarkRow.taken_back_at).is_(None),
    )
    kinds = sorted(set((await session.execute(standing)).scalars()))
    going = select(col(ClaimRow.decision)).where(
        *of_work(ClaimRow, token),
        col(ClaimRow.withdrawn_at).is_(None),
        col(ClaimRow.decision).is_distinct_from("rejected"),
    )
    states = [one or "open" for one in (await session.execute(going)).scalars()]
    return kinds, sorted(set(states))


async def warnings_of(session: AsyncSession, tokens: Iterable[TokenRef]) -> list[Warning_]:
    """What to say before somebody signs to buy these works; it stops nothing."""
    found = []
    for token in tokens:
        marks, claims = await disputes_of(session, token)
        url = f"/c/{token.path}/standing"
        if marks:
            why = f"{token.caip19} is marked as {' and '.join(marks)}; read who says so, and why"
            found.append(Warning_("WorkIsMarked", why, url))
        if claims:
            state = "was upheld" if "upheld" in claims else "is not decided"
            why = f"a claim against {token.caip19} {state}; read what, and what is answered"
            found.append(Warning_("WorkIsClaimed", why, url))
    return found
