"""
The audit of what is kept: every copy is read again within a chosen time, and brought again if it
is not there.

Each place is audited by itself, the copies whose last reading is oldest first, so that samples
rotate through everything. A copy that does not come back falls (`at_risk`) and is made again at
once; what that needs more time for is taken up by the jobs of unfinished pins.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from math import ceil

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from media import keeping, ledger, places
from media.pinning import (
    AT_RISK,
    FALLEN,
    LOST,
    MAX_MISSES,
    PINNED,
    READ,
    READ_BACK,
    TAKE_ITS_WORD,
    Pinner,
    PlaceSilent,
)
from media.tables import ContentRow
from media.tables_pins import PinRow
from media.work import MediaParts
from nft import locks
from nft.content.cid import Cid
from nft.errors import BlockInvalid, BlockMissing, ExchangeError, PinFailed, Unreachable

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class AuditPlan:
    """How often everything is read again, and how much one run may read in a place."""

    days: int = 7
    """Every copy is read again within so many days; 0: no audits of their own accord."""
    most_bytes: int = 1 << 30
    most_seconds: float = 480
    """After so long a run ends, so that the next one of the place can begin."""
    runs_a_day: int = 144
    """Every ten minutes, which a run's share of the copies is worked out from."""
    is_everything: bool = False
    """Whatever its age, and what has fallen before as well."""

    def due_before(self, now: datetime) -> datetime:
        """
        A copy is due when half of its time is over.

        The other half is for places that are slow, and for runs that did not take place.
        """
        return now - timedelta(days=self.days) / 2

    def share(self, copies: int) -> int:
        """How many copies one run reads, so that all are read in half of the time."""
        return max(20, ceil(2 * copies / max(1, self.days * self.runs_a_day)))


EVERYTHING = AuditPlan(most_bytes=1 << 62, most_seconds=1e9, is_everything=True)
"""Of an audit that somebody asks for: all that there is."""


@dataclass(slots=True)
class Audited:
    """What one audit of a place found."""

    store: str
    checked: int = 0
    read_bytes: int = 0
    repaired: int = 0
    problems: list[dict[str, str]] = field(default_factory=list)
    """Copies that do not stand now: cid, store, state, problem."""
    silences: int = 0
    """How often the place did not answer; the audit ends there when it does so again and again."""

    def as_json(self) -> dict[str, object]:
        """For programs."""
        return asdict(self)


def audit(
    parts: MediaParts, store: str, plan: AuditPlan, *, now: datetime, repair: bool = True
) -> Audited:
    """Audit one place; empty when another worker is at it, or when nothing is due."""
    found = Audited(store)
    pinner = parts.pinners[store]
    with _alone(parts, store) as is_ours:
        if not is_ours:
            return found
        ends_at = parts.monotonic() + plan.most_seconds
        for cid, size in _due(parts, pinner, plan, now=now):
            if found.read_bytes and found.read_bytes + size > plan.most_bytes:
                break
            _look(parts, pinner, cid, found, now=now, repair=repair)
            found.read_bytes += size
            if found.silences >= MAX_MISSES or parts.monotonic() > ends_at:
                break
        with parts.sessions.begin() as session:
            places.audited(session, pinner, now=now)
    if found.problems:
        log.error("copies did not come back", store=store, count=len(found.problems))
    return found


def _due(
    parts: MediaParts, pinner: Pinner, plan: AuditPlan, *, now: datetime
) -> Iterator[tuple[str, int]]:
    """What this run reads, the oldest reading first; also what is at risk when all is asked for."""
    state = READ_BACK if pinner.can_be_read else PINNED
    last = func.coalesce(col(PinRow.read_at), col(PinRow.created_at))
    if not pinner.can_be_read:
        last = func.coalesce(col(PinRow.checked_at), col(PinRow.created_at))
    query = (
        select(col(PinRow.cid), func.coalesce(col(ContentRow.size), 0))
        .outerjoin(ContentRow, col(ContentRow.cid) == col(PinRow.cid))
        .where(
            col(PinRow.store) == pinner.name,
            col(PinRow.state).in_([state, *FALLEN] if plan.is_everything else [state]),
        )
    )
    with parts.sessions() as session:
        if plan.is_everything:
            query = query.order_by(col(PinRow.cid))
        else:
            share = plan.share(_copies(session, pinner.name, state))
            query = query.where(last < plan.due_before(now)).order_by(last).limit(share)
        rows = session.execute(query).all()
    yield from ((row[0], int(row[1])) for row in rows)


def _copies(session: Session, store: str, state: str) -> int:
    query = select(func.count()).where(col(PinRow.store) == store, col(PinRow.state) == state)
    return session.execute(query).scalar_one()


def _look(
    parts: MediaParts, pinner: Pinner, cid: str, found: Audited, *, now: datetime, repair: bool
) -> None:
    """Read one copy again; what fell is brought again."""
    found.checked += 1
    state = _read_again(parts, pinner, cid, found, now=now)
    if state not in FALLEN:
        return
    problem = found.problems.pop()
    if repair:
        try:
            state = keeping.pin(parts, cid, pinner.name, now=now)
        except ExchangeError as error:
            problem = {**problem, "problem": f"{problem['problem']}; then: {error}"}
    if state in (READ_BACK, PINNED):
        found.repaired += 1
        log.warning("a copy was made again", cid=cid, store=pinner.name, why=problem["problem"])
    else:
        state = LOST if state == LOST else AT_RISK
        found.problems.append({**problem, "state": state})


def _read_again(
    parts: MediaParts, pinner: Pinner, cid: str, found: Audited, *, now: datetime
) -> str:
    """The pin's state after reading its copy."""
    with keeping.alone(parts, cid, pinner.name):
        with parts.sessions() as session:
            row = ledger.find(session, cid, pinner.name)
        if row is None or row.state not in (READ_BACK, PINNED, *FALLEN):
            return READ_BACK  # Let go meanwhile.
        try:
            if row.state in FALLEN:
                raise PinFailed(pinner.name, cid, row.problem or "it fell before")
            _check(parts, pinner, cid)
        except (Unreachable, BlockInvalid, BlockMissing) as error:
            return _missed(parts, pinner, cid, error, found, now=now)
        places.note(parts, pinner, None, now=now)
        seen = READ if pinner.can_be_read else TAKE_ITS_WORD
        with parts.sessions.begin() as session:
            ledger.mark(session, cid, pinner.name, seen=seen, now=now)
        return READ_BACK


def _check(parts: MediaParts, pinner: Pinner, cid: str) -> None:
    if pinner.can_be_read:
        keeping.check_kept(parts, keeping.described(parts, cid), pinner)
    elif not pinner.says(Cid.parse(cid)):
        raise PinFailed(pinner.name, cid, "it says that it does not have it any more")


def _missed(
    parts: MediaParts,
    pinner: Pinner,
    cid: str,
    error: Exception,
    found: Audited,
    *,
    now: datetime,
) -> str:
    is_silent = isinstance(error, PlaceSilent)
    places.note(parts, pinner, error, now=now)
    with parts.sessions.begin() as session:
        state = ledger.mark_missed(
            session, cid, pinner.name, problem=str(error), is_sure=not is_silent, now=now
        )
    found.problems.append(
        {"cid": cid, "store": pinner.name, "state": state, "problem": str(error)[:500]}
    )
    found.silences += is_silent
    return state


@contextmanager
def _alone(parts: MediaParts, store: str) -> Iterator[bool]:
    """Whether nobody else audits the place now; the lock dies with us."""
    with (
        parts.engine.connect() as connection,
        locks.alone(connection, f"media audit:{store}") as is_alone,
    ):
        yield is_alone
