"""
Advisory locks of PostgreSQL by name, held until the transaction ends.
"""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


async def hold(session: AsyncSession, name: str) -> None:
    """Wait until nobody else holds the name, and keep others waiting."""
    query = text("select pg_advisory_xact_lock(hashtextextended(:name, 0))")
    await session.execute(query, {"name": name})


async def try_hold(session: AsyncSession, name: str) -> bool:
    """Hold the name unless somebody else does; whether it is held now."""
    query = text("select pg_try_advisory_xact_lock(hashtextextended(:name, 0))")
    return bool(await session.scalar(query, {"name": name}))
