"""
How many rows there are, at a cost that does not grow with them.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are: counted up to a limit, beyond it the database's own estimate."""

    many: int
    is_exact: bool


COUNTED = 50_000
"""A count never looks at more rows than this, so that it stays cheap for ten million."""


async def count(session: AsyncSession, table: str, where: str = "true") -> Count:
    """Rows of a table of ours; `where` leaves some out of an exact count."""
    many = await session.scalar(
        text(f"select count(*) from (select from {table} where {where} limit {COUNTED}) as counted")
    )
    if (many or 0) < COUNTED:
        return Count(many or 0, is_exact=True)
    estimate = await session.scalar(
        text("select reltuples::bigint from pg_class where oid = cast(:table as regclass)"),
        {"table": table},
    )
    return Count(max(COUNTED, estimate or 0), is_exact=False)
