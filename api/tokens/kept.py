"""
Where the files of works are kept, and when that was last seen: facts of the pin ledger.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.tokens.schemas import HealthOut, MediaOut, PinOut
from media.pinning import FALLEN, KEPT, LOST, UNWANTED
from media.tables_pins import HealthRow, PinRow


async def add(session: AsyncSession, files: Iterable[MediaOut]) -> None:
    """Say of each file where it is kept; of those that are not ours to keep, nothing."""
    by_cid: dict[str, list[MediaOut]] = {}
    for file in files:
        by_cid.setdefault(file.cid, []).append(file)
    if not by_cid:
        return
    query = select(PinRow).where(col(PinRow.cid).in_(by_cid), col(PinRow.state) != UNWANTED)
    rows = await session.execute(query.order_by(col(PinRow.cid), col(PinRow.store)))
    for row in rows.scalars():
        for file in by_cid[row.cid]:
            file.pins.append(PinOut(store=row.store, state=row.state, read_at=row.read_at))
    healths = await session.execute(select(HealthRow).where(col(HealthRow.cid).in_(by_cid)))
    for health in healths.scalars():
        for file in by_cid[health.cid]:
            file.health = _health(health, file.pins)


def _health(row: HealthRow, pins: list[PinOut]) -> HealthOut:
    readings = [pin.read_at for pin in pins if pin.read_at is not None]
    return HealthOut(
        state=row.state,
        wanted=row.wanted,
        standing=row.standing,
        read_at=max(readings, default=None),
        changed_at=row.changed_at,
    )


@dataclass(frozen=True, slots=True)
class WorkKept:
    """A work as its page tells it: the file that is kept worst speaks for all."""

    places: int
    """In which every file stands."""
    read_at: datetime | None
    """When the file whose reading is oldest was last read back."""
    is_at_risk: bool
    is_lost: bool
    is_coming: bool


def of_work(media: Iterable[MediaOut]) -> WorkKept | None:
    """All files of a work together; None when none of them is ours to keep."""
    healths = [one.health for one in media if one.health is not None]
    if not healths:
        return None
    readings = [one.read_at for one in healths]
    known = [moment for moment in readings if moment is not None]
    return WorkKept(
        places=min(one.standing for one in healths),
        read_at=min(known) if len(known) == len(readings) else None,
        is_at_risk=any(one.state in FALLEN for one in healths),
        is_lost=any(one.state == LOST for one in healths),
        is_coming=not all(one.state == KEPT or one.state in FALLEN for one in healths),
    )
