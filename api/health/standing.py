"""
How each chain's mirror stands: read once, told by `/ready`, `/status`, `/metrics` and the page.

Three books are read: the cursor (what is mirrored), the record of the indexer at work (how it
does), and the newest audit (whether it is true).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.chains.mirror import CURSORS
from api.parts import Parts
from indexer.facts import AUDITS, CONTRACTS, HEALTH
from nft.types import Address

NEAR_BLOCKS = 16
"""So close to the head a mirror counts as complete: it is following, no longer catching up."""

FRESH_SECONDS = 5.0
"""An indexer at work writes once a second; after so long without a word nobody is."""

LISTED_CONTRACTS = 100

_URL = re.compile(r"[a-z][a-z0-9+.-]*://[^\s\"'<>]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A node as the indexer knows it; never more of its address than the host."""

    name: str
    state: str
    height: int | None
    lag_blocks: int | None
    latency_ms: float | None
    requests: int
    failures: int
    rate_limited: int
    lies: int
    doubts: int
    last_error: str | None

    @property
    def is_up(self) -> bool:
        """Whether it is asked at all."""
        return self.state == "healthy"

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Endpoint:
        """From the indexer's record, whatever version wrote it."""
        error = document.get("last_error")
        return cls(
            name=host_of(str(document.get("name", "?"))),
            state=str(document.get("state", "unknown")),
            height=document.get("height"),
            lag_blocks=document.get("lag_blocks"),
            latency_ms=document.get("latency_ms"),
            requests=int(document.get("requests") or 0),
            failures=int(document.get("failures") or 0),
            rate_limited=int(document.get("rate_limited") or 0),
            lies=int(document.get("lies") or 0),
            doubts=int(document.get("doubts") or 0),
            last_error=None if not error else without_urls(str(error)),
        )


@dataclass(frozen=True, slots=True)
class Backfill:
    """A registered contract of somebody else's and how far its history is read."""

    contract: Address
    first_block: int | None
    joined_block: int | None
    read_to: int | None
    is_complete: bool
    refused: str | None
    left_block: int | None = None
    """The operator let go of it: since when."""

    @property
    def share(self) -> float:
        """The part of its history that is read, from 0 to 1."""
        if self.is_complete:
            return 1.0
        if self.first_block is None or self.joined_block is None or self.read_to is None:
            return 0.0
        length = max(1, self.joined_block - self.first_block + 1)
        return max(0.0, min(1.0, (self.read_to - self.first_block + 1) / length))


@dataclass(frozen=True, slots=True)
class Audited:
    """The newest comparison with the chain."""

    age_seconds: float
    finished_at: datetime
    block_number: int
    how: str
    compared: dict[str, int]
    difference_count: int
    differences: list[dict[str, str]]
    contradictions: list[dict[str, str]]
    """Works of others' contracts that deny their own proven events: no fault of the mirror's."""


@dataclass(frozen=True, slots=True)
class Work:
    """What the indexer says of itself."""

    instance: str
    age_seconds: float
    document: dict[str, Any]
    endpoints: tuple[Endpoint, ...]

    @property
    def is_active(self) -> bool:
        """Whether somebody is at work."""
        return self.age_seconds < FRESH_SECONDS

    @property
    def trouble(self) -> str | None:
        """What it waits for."""
        said = self.document.get("trouble")
        return None if said is None else without_urls(str(said))


@dataclass(frozen=True, slots=True)
class Standing:
    """One chain."""

    chain_id: int
    name: str
    is_test: bool
    cursor: Row[Any] | None
    work: Work | None
    audit: Audited | None
    contracts: tuple[Backfill, ...]
    """The first hundred that are registered, those that are not complete first."""
    now: datetime
    """As blocks count it: a local chain's clock may be far ahead of the machine's."""
    written_now: datetime
    """As the database counts it, which dates what is written."""

    @property
    def head_number(self) -> int:
        """The newest block that anybody spoke of."""
        known = self.cursor.head_number if self.cursor is not None else 0
        if self.work is None or not self.work.is_active:
            return int(known)
        return max(known, self.work.document.get("head", {}).get("number") or 0)

    @property
    def lag_blocks(self) -> int:
        """Blocks still to be read."""
        return max(0, self.head_number - self.cursor.number) if self.cursor is not None else 0

    @property
    def lag_seconds(self) -> float:
        """How old the newest mirrored block is, if it is not the newest one; else 0."""
        if self.cursor is None or self.lag_blocks == 0:
            return 0.0
        return _seconds(self.now, datetime.fromtimestamp(self.cursor.timestamp, UTC))

    @property
    def is_history_complete(self) -> bool:
        """Whether our own contracts are read from their first block to near the head."""
        return (
            self.cursor is not None
            and not self.cursor.is_loading
            and self.lag_blocks <= NEAR_BLOCKS
        )

    @property
    def backfilling(self) -> int:
        """Registered contracts whose history is still being read."""
        return sum(not one.is_complete and one.refused is None for one in self.contracts)

    @property
    def idle_seconds(self) -> float:
        """Since the mirror moved."""
        return _seconds(self.written_now, self.cursor.updated_at) if self.cursor else 0.0


def _seconds(now: datetime, moment: datetime) -> float:
    return round(max((now - moment).total_seconds(), 0.0), 3)


async def standings(session: AsyncSession, parts: Parts, now: datetime) -> list[Standing]:
    """Every chain that we work on or that was ever mirrored, by its id."""
    cursors = {row.chain_id: row for row in await session.execute(select(CURSORS))}
    works = {row.chain_id: row for row in await session.execute(select(HEALTH))}
    audits = await _audits(session)
    contracts = await _contracts(session)
    written_now = (await session.execute(select(func.now()))).scalar_one()
    found = []
    for chain_id in sorted({*parts.chains, *cursors}):
        part = parts.chains.get(chain_id)
        found.append(
            Standing(
                chain_id=chain_id,
                name=part.name if part else f"Chain {chain_id}",
                is_test=bool(part and part.is_test),
                cursor=cursors.get(chain_id),
                work=_work(works.get(chain_id), written_now),
                audit=_audited(audits.get(chain_id), written_now),
                contracts=tuple(contracts.get(chain_id, ())),
                now=now,
                written_now=written_now,
            )
        )
    return found


async def _audits(session: AsyncSession) -> dict[int, Row[Any]]:
    newest = select(func.max(AUDITS.c.id)).group_by(AUDITS.c.chain_id)
    rows = await session.execute(select(AUDITS).where(AUDITS.c.id.in_(newest)))
    return {row.chain_id: row for row in rows}


async def _contracts(session: AsyncSession) -> dict[int, list[Backfill]]:
    rows = await session.execute(
        select(CONTRACTS)
        .order_by(
            CONTRACTS.c.completed_at.is_not(None),
            CONTRACTS.c.requested_at.desc(),
            CONTRACTS.c.contract,
        )
        .limit(LISTED_CONTRACTS)
    )
    found: dict[int, list[Backfill]] = {}
    for row in rows:
        found.setdefault(row.chain_id, []).append(
            Backfill(
                contract=row.contract,
                first_block=row.first_block,
                joined_block=row.joined_block,
                read_to=row.read_to,
                is_complete=row.completed_at is not None,
                refused=row.refused,
                left_block=row.left_block,
            )
        )
    return found


def _work(row: Row[Any] | None, now: datetime) -> Work | None:
    if row is None:
        return None
    return Work(
        instance=row.instance,
        age_seconds=_seconds(now, row.updated_at),
        document=row.document,
        endpoints=tuple(map(Endpoint.read, row.document.get("endpoints", ()))),
    )


def _audited(row: Row[Any] | None, now: datetime) -> Audited | None:
    if row is None:
        return None
    return Audited(
        age_seconds=_seconds(now, row.finished_at),
        finished_at=row.finished_at,
        block_number=row.block_number,
        how=row.how,
        compared=row.compared,
        difference_count=row.difference_count,
        differences=row.differences,
        contradictions=row.contradictions,
    )


def host_of(name: str) -> str:
    """The host alone, should a whole URL have slipped in: paths and queries carry keys."""
    return urlsplit(name).hostname or "?" if "://" in name else name.partition("/")[0]


def without_urls(said: str) -> str:
    """A text in which every URL is cut down to its host."""
    return _URL.sub(lambda found: host_of(found[0]), said)
