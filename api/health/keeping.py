"""
How the works' files are kept, as `/status`, its page and `/metrics` tell it.

Counts look at no more rows than `api.health.counts` allows; what is at risk or lost has an index
of its own, and so has the oldest reading of a place.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from anyio import to_thread
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.health.counts import COUNTED, Count, count
from api.parts import Parts
from media.disk import writable_bytes
from media.pinning import AT_RISK, LOST, READ_BACK
from media.tables_pins import HealthRow, PinRow, PlaceRow

FALLEN_THERE = "state <> 'read_back' and state in ('at_risk', 'lost')"
"""The first half is what the small index of unfinished pins has as its condition."""


@dataclass(frozen=True, slots=True)
class Place:
    """One place where works are kept."""

    name: str
    can_be_read: bool
    standing: Count
    """Copies that came back when they were last read."""
    fallen: Count
    """Copies that did not."""
    oldest_read_at: datetime | None
    answered_at: datetime | None
    silent_since: datetime | None
    problem: str | None
    audited_at: datetime | None

    @property
    def is_silent(self) -> bool:
        """Whether it did not answer when it was last asked."""
        return self.silent_since is not None


@dataclass(frozen=True, slots=True)
class Keeping:
    """All contents in all places."""

    contents: Count
    at_risk: Count
    lost: Count
    replicas: int
    """Copies of each that are to stand."""
    places: tuple[Place, ...]
    free_bytes: int | None
    """What our own store can still take; None: nothing, it is read-only or gone."""
    now: datetime

    def age_at(self, place: Place) -> float | None:
        """Seconds since the copy of a place that was read longest ago was read."""
        return _age(self, place.oldest_read_at)

    @property
    def oldest_read_at(self) -> datetime | None:
        """The copy that nobody has looked at for longest."""
        known = [one.oldest_read_at for one in self.places if one.oldest_read_at is not None]
        return min(known, default=None)


async def keeping(session: AsyncSession, parts: Parts, now: datetime) -> Keeping:
    """Read what the worker wrote."""
    rows = (await session.execute(select(PlaceRow))).scalars()
    known = {row.store: row for row in rows}
    return Keeping(
        contents=await count(session, "media_health"),
        at_risk=await _fallen(session, AT_RISK),
        lost=await _fallen(session, LOST),
        replicas=parts.replicas or len(parts.pin_stores),
        places=tuple([await _place(session, name, known.get(name)) for name in parts.pin_stores]),
        free_bytes=await to_thread.run_sync(writable_bytes, parts.private.folder),
        now=now,
    )


async def _fallen(session: AsyncSession, state: str) -> Count:
    query = select(col(HealthRow.cid)).where(col(HealthRow.state) == state).limit(COUNTED)
    many = await session.scalar(select(func.count()).select_from(query.subquery()))
    return Count(many or 0, is_exact=(many or 0) < COUNTED)


async def _place(session: AsyncSession, name: str, row: PlaceRow | None) -> Place:
    oldest = select(func.min(col(PinRow.read_at))).where(
        col(PinRow.store) == name, col(PinRow.state) == READ_BACK
    )
    return Place(
        name=name,
        can_be_read=row.can_be_read if row is not None else True,
        standing=await _copies(session, name, "state = 'read_back'"),
        fallen=await _copies(session, name, FALLEN_THERE),
        oldest_read_at=await session.scalar(oldest),
        answered_at=row.answered_at if row is not None else None,
        silent_since=row.silent_since if row is not None else None,
        problem=row.problem if row is not None else None,
        audited_at=row.audited_at if row is not None else None,
    )


async def _copies(session: AsyncSession, store: str, where: str) -> Count:
    query = text(
        "select count(*) from (select from media_pins where store = :store "
        f"and {where} limit :most) as counted"
    )
    found = await session.scalar(query, {"store": store, "most": COUNTED})
    return Count(found or 0, is_exact=(found or 0) < COUNTED)


def keeping_of(kept: Keeping) -> dict[str, Any]:
    """As `/status` answers it."""
    return {
        "contents": kept.contents.many,
        "contents_exact": kept.contents.is_exact,
        "replicas": kept.replicas,
        "at_risk": kept.at_risk.many,
        "lost": kept.lost.many,
        "store_writable": kept.free_bytes is not None,
        "store_free_bytes": None if kept.free_bytes is None else str(kept.free_bytes),
        "oldest_read_at": _wire(kept.oldest_read_at),
        "oldest_read_seconds": _age(kept, kept.oldest_read_at),
        "places": [_place_of(kept, one) for one in kept.places],
    }


def _place_of(kept: Keeping, one: Place) -> dict[str, Any]:
    return {
        "name": one.name,
        "can_be_read_back": one.can_be_read,
        "standing": one.standing.many,
        "standing_exact": one.standing.is_exact,
        "fallen": one.fallen.many,
        "oldest_read_at": _wire(one.oldest_read_at),
        "oldest_read_seconds": _age(kept, one.oldest_read_at),
        "answered_at": _wire(one.answered_at),
        "silent_since": _wire(one.silent_since),
        "audited_at": _wire(one.audited_at),
    }


def _wire(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")


def _age(kept: Keeping, moment: datetime | None) -> float | None:
    return None if moment is None else round(max(0.0, (kept.now - moment).total_seconds()), 3)
