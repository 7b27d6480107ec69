"""
What holds at an exchange or the auctions right now: the fee, a pause, the end.

As the mirror tells it; where it tells nothing, what the deployment says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.parts import ChainParts
from indexer.contract_tables import GovernanceRow
from nft.types import WHOLE_BPS, Address


@dataclass(frozen=True, slots=True)
class Rules:
    """Of one contract, at one moment."""

    fee_bps: int
    is_paused: bool = False
    is_retired: bool = False

    @property
    def is_open(self) -> bool:
        """Whether new sales are possible."""
        return not (self.is_paused or self.is_retired)


GONE = Rules(fee_bps=WHOLE_BPS, is_retired=True)
"""Of a contract that is not ours any more: it takes more than anybody signed."""

House = Mapping[tuple[int, Address], Rules]
"""By chain and contract."""


def rules_of(house: House, chain_id: int, contract: Address) -> Rules:
    """Of one contract; `GONE` where it is none of ours."""
    return house.get((chain_id, contract), GONE)


async def house_rules(session: AsyncSession, chains: Iterable[ChainParts], now: int) -> House:
    """The rules of every exchange and auctions contract at `now` (Unix seconds); one query."""
    found: dict[tuple[int, Address], Rules] = {}
    for part in chains:
        deployment = part.deployment
        for contract in (deployment.exchange.address, deployment.auctions.address):
            found[deployment.chain_id, contract] = Rules(deployment.fee_bps)
    query = (
        select(GovernanceRow)
        .where(col(GovernanceRow.event).in_(("fee", "paused", "unpaused", "retired")))
        .order_by(col(GovernanceRow.block_number), col(GovernanceRow.log_index))
    )
    for row in (await session.execute(query)).scalars():
        key = (row.chain_id, row.contract)
        if key in found:
            found[key] = _after(found[key], row, now)
    return found


def _after(rules: Rules, row: GovernanceRow, now: int) -> Rules:
    if row.event == "fee" and row.fee_bps is not None and (row.starts_at or 0) <= now:
        return replace(rules, fee_bps=row.fee_bps)
    if row.event == "paused":
        return replace(rules, is_paused=now < (row.ends_at or 0))
    if row.event == "unpaused":
        return replace(rules, is_paused=False)
    if row.event == "retired":
        return replace(rules, is_retired=True)
    return rules


async def rules_now(session: AsyncSession, part: ChainParts, contract: Address, now: int) -> Rules:
    """Of one contract of a chain."""
    return rules_of(await house_rules(session, [part], now), part.deployment.chain_id, contract)
