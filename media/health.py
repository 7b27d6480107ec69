"""
How a content stands in all its places, and telling the world when that turns.

Moved in the transaction that moves one of its pins, after the pins' own lines are locked: whoever
comes second counts what the first one wrote. Only a turn is told: `media.at_risk`, `media.lost`,
`media.restored`.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session
from sqlmodel import col

from media.pinning import AT_RISK, COMING, FALLEN, KEPT, LOST, UNWANTED, health_of
from media.tables_pins import HealthRow, MediaOutboxRow, PinRow

CHANNEL = "vernissage_chain"
"""On which the sequencer hears that an outbox has something."""

TOLD = {AT_RISK: "media.at_risk", LOST: "media.lost", KEPT: "media.restored"}
"""What each state is told as when a content falls into it, or rises back."""


def settle(session: Session, cid: str, *, now: datetime, wanted: int | None = None) -> None:
    """
    Count a content's copies anew; tells when fewer stand than were wanted, and when they do again.

    `wanted` sets how many copies are to stand. A content that has no pin left has no health.
    """
    first = {"cid": cid, "state": COMING, "wanted": wanted or 1, "standing": 0, "changed_at": now}
    session.execute(upsert(HealthRow).values(first).on_conflict_do_nothing())
    query = select(HealthRow).where(col(HealthRow.cid) == cid).with_for_update()
    row = session.execute(query.execution_options(populate_existing=True)).scalar_one()
    pins = select(col(PinRow.state)).where(col(PinRow.cid) == cid, col(PinRow.state) != UNWANTED)
    states = list(session.execute(pins).scalars())
    if not states:
        session.delete(row)
        session.flush()
        return
    row.wanted = wanted or row.wanted
    before = row.state
    row.state, row.standing = health_of(states, wanted=row.wanted)
    if row.state != before:
        row.changed_at = now
        if before in FALLEN or row.state in FALLEN:
            _tell(session, row, now=now)
    session.flush()


def _tell(session: Session, row: HealthRow, *, now: datetime) -> None:
    kind = TOLD.get(row.state)
    if kind is None:
        return
    payload = {
        "cid": row.cid,
        "wanted": row.wanted,
        "standing": row.standing,
        "at": now.isoformat().replace("+00:00", "Z"),
    }
    # Numbers must be seen in their order, or whoever reads behind the larger one misses the other.
    session.execute(text("select pg_advisory_xact_lock(hashtextextended('media outbox', 0))"))
    session.execute(
        insert(MediaOutboxRow).values(cid=row.cid, kind=kind, payload=payload, written_at=now)
    )
    session.execute(text("select pg_notify(:channel, '')"), {"channel": CHANNEL})


def time_of(session: Session) -> datetime:
    """The database's clock."""
    return session.execute(select(func.now())).scalar_one()
