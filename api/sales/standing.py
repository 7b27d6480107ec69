"""
The exchange as pages show it: what it takes, what it will take, whether it is paused or over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.parts import ChainParts
from indexer.contract_tables import GovernanceRow


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds at the exchange of one chain."""

    fee_bps: int
    next_fee_bps: int | None = None
    next_fee_at: datetime | None = None
    paused_until: datetime | None = None
    is_retired: bool = False

    @property
    def is_closed(self) -> bool:
        """Whether nothing new can be sold now."""
        return self.is_retired or self.paused_until is not None


async def standing_of(session: AsyncSession, part: ChainParts, now: datetime) -> Standing:
    """What the mirror says of the exchange; one query."""
    deployment = part.deployment
    query = (
        select(GovernanceRow)
        .where(
            col(GovernanceRow.chain_id) == deployment.chain_id,
            col(GovernanceRow.contract) == deployment.exchange.address,
            col(GovernanceRow.event).in_(("fee", "paused", "unpaused", "retired")),
        )
        .order_by(col(GovernanceRow.block_number), col(GovernanceRow.log_index))
    )
    return after(list((await session.execute(query)).scalars()), deployment.fee_bps, now)


def after(rows: list[GovernanceRow], fee_bps: int, now: datetime) -> Standing:
    """What holds after these decisions, oldest first."""
    seconds = int(now.timestamp())
    coming: tuple[int, int] | None = None
    paused_until, is_retired = 0, False
    for row in rows:
        if row.event == "fee" and row.fee_bps is not None:
            starts_at = row.starts_at or 0
            coming = (row.fee_bps, starts_at) if starts_at > seconds else None
            fee_bps = fee_bps if coming else row.fee_bps
        elif row.event == "paused":
            paused_until = row.ends_at or 0
        elif row.event == "unpaused":
            paused_until = 0
        elif row.event == "retired":
            is_retired = True
    return Standing(
        fee_bps=fee_bps,
        next_fee_bps=coming[0] if coming else None,
        next_fee_at=datetime.fromtimestamp(coming[1], UTC) if coming else None,
        paused_until=datetime.fromtimestamp(paused_until, UTC) if paused_until > seconds else None,
        is_retired=is_retired,
    )
