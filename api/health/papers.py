"""
How certificates do, as `/status` and `/metrics` tell it: issued, waiting, linked, audited.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from prometheus_client.core import GaugeMetricFamily, Metric
from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

import api.tables  # noqa: F401  (fills the metadata)
from api.certificates import tables  # noqa: F401
from api.health.counts import Count, count

DUE = SQLModel.metadata.tables["book_certificates_due"]
HOPS = SQLModel.metadata.tables["book_hops"]
STANDINGS = SQLModel.metadata.tables["book_hop_standings"]
AUDITS = SQLModel.metadata.tables["book_certificate_audits"]


@dataclass(frozen=True, slots=True)
class Linking:
    """How a chain's old blocks are linked to new ones."""

    chain_id: int
    last_hop: int | None
    hops: int
    drawn_at: datetime | None
    standing: Row[Any] | None

    @property
    def is_supported(self) -> bool:
        """Whether the chain remembers its blocks' hashes (EIP-2935)."""
        return self.standing is None or bool(self.standing.is_supported)

    @property
    def gaps(self) -> int:
        """Times that a hop came too late for the one before."""
        return 0 if self.standing is None else int(self.standing.gaps)

    @property
    def problem(self) -> str | None:
        """Why none could be drawn that was due."""
        return None if self.standing is None else self.standing.problem


@dataclass(frozen=True, slots=True)
class Papers:
    """All certificates."""

    issued: Count
    """Versions, all of them."""
    waiting: Count
    """Works whose certificate is to be issued, or lacks something."""
    lacks: str | None
    """What the one lacks that was tried most often."""
    waiting_since: datetime | None
    """Since when the one waits that waits longest."""
    links: tuple[Linking, ...]
    audit: Row[Any] | None
    now: datetime

    def link_of(self, chain_id: int) -> Linking:
        """How a chain's blocks are linked; one that nobody asks any more by nothing."""
        known = {one.chain_id: one for one in self.links}
        return known.get(chain_id, Linking(chain_id, None, 0, None, None))

    @property
    def audit_age_seconds(self) -> float | None:
        """Since every certificate was verified last."""
        if self.audit is None:
            return None
        age: float = (self.now - self.audit.finished_at).total_seconds()
        return round(max(age, 0.0), 3)


async def papers(session: AsyncSession, chain_ids: list[int], now: datetime) -> Papers:
    """As the books have it now."""
    hops = {
        row.chain_id: row
        for row in await session.execute(
            select(
                HOPS.c.chain_id,
                func.max(HOPS.c.number).label("last"),
                func.count().label("many"),
                func.max(HOPS.c.drawn_at).label("drawn_at"),
            ).group_by(HOPS.c.chain_id)
        )
    }
    looks = {row.chain_id: row for row in await session.execute(select(STANDINGS))}
    last = await session.execute(select(AUDITS).order_by(AUDITS.c.id.desc()).limit(1))
    lacks = select(DUE.c.why).where(DUE.c.why.is_not(None)).order_by(DUE.c.attempts.desc()).limit(1)
    return Papers(
        issued=await count(session, "book_certificates", "true"),
        waiting=await count(session, "book_certificates_due", "true"),
        lacks=await session.scalar(lacks),
        waiting_since=await session.scalar(select(func.min(DUE.c.waiting_since))),
        links=tuple(
            Linking(
                chain_id=one,
                last_hop=hops[one].last if one in hops else None,
                hops=hops[one].many if one in hops else 0,
                drawn_at=hops[one].drawn_at if one in hops else None,
                standing=looks.get(one),
            )
            for one in sorted({*chain_ids, *hops})
        ),
        audit=last.first(),
        now=now,
    )


def papers_of(found: Papers) -> dict[str, Any]:
    """The member `certificates` of `/status`."""
    return {
        "issued": found.issued.many,
        "waiting": found.waiting.many,
        "waits_for": found.lacks,
        "waiting_since": None if found.waiting_since is None else found.waiting_since.isoformat(),
        "links": [_link(one) for one in found.links],
        "audit": None
        if found.audit is None
        else {
            "age_seconds": found.audit_age_seconds,
            "finished_at": found.audit.finished_at.isoformat(),
            "checked": found.audit.checked,
            "incomplete": found.audit.incomplete,
            "failed": found.audit.failed,
            "failures": found.audit.failures[:10],
        },
    }


def _link(one: Linking) -> dict[str, Any]:
    return {
        "chain_id": str(one.chain_id),
        "supported": one.is_supported,
        "last_hop": None if one.last_hop is None else str(one.last_hop),
        "hops": one.hops,
        "drawn_at": None if one.drawn_at is None else one.drawn_at.isoformat(),
        "gaps": one.gaps,
        "problem": one.problem,
    }


def paper_metrics(found: Papers) -> Iterator[Metric]:
    """For Prometheus."""
    for name, words, value in (
        ("issued", "versions of certificates that were issued", found.issued.many),
        ("waiting", "works whose certificate is to be issued", found.waiting.many),
        (
            "audit_age_seconds",
            "since every certificate was verified last",
            found.audit_age_seconds,
        ),
        (
            "audit_failed",
            "certificates that failed at the last audit",
            None if found.audit is None else found.audit.failed,
        ),
    ):
        if value is not None:
            yield GaugeMetricFamily(f"vernissage_certificates_{name}", words, value)
    last = GaugeMetricFamily(
        "vernissage_certificates_last_hop", "newest block kept to link old ones", labels=["chain"]
    )
    for one in found.links:
        if one.last_hop is not None:
            last.add_metric([str(one.chain_id)], one.last_hop)
    yield last
