"""
The pin ledger: who wants which content kept, where it is, and what was last seen there.

A content is wanted for as long as a holder (an intent, a token) refers to it. When the last one
lets go its pins become `unwanted`; a new wish at any time turns them back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from sqlmodel import col

from media import news
from media.jobs import PIN, UNPIN, Job
from media.pinning import FAILED, PINNED, READ_BACK, UNWANTED, WANTED, PinState, after_failure
from media.tables import PinRow, ReferenceRow


def want(
    session: Session,
    cids: Iterable[str],
    *,
    stores: Sequence[str],
    holder: str,
    now: datetime,
) -> list[Job]:
    """
    Have contents kept in every store on behalf of `holder` (`intent:…`, `token:…`).

    Returns what is to be done; contents that are kept already cost nothing.
    """
    jobs = []
    for cid in sorted(set(cids)):
        session.execute(
            insert(ReferenceRow)
            .values(cid=cid, holder=holder, created_at=now)
            .on_conflict_do_nothing()
        )
        for store in stores:
            row = {"cid": cid, "store": store, "state": WANTED, "attempts": 0, "created_at": now}
            again = col(PinRow.state).in_((FAILED, UNWANTED))
            session.execute(
                insert(PinRow)
                .values(row)
                .on_conflict_do_update(
                    index_elements=["cid", "store"],
                    set_={"state": WANTED, "attempts": 0, "problem": None},
                    where=again,
                )
            )
            news.tell(session, cid)
            if _state(session, cid, store) != READ_BACK:
                jobs.append(Job(PIN, {"cid": cid, "store": store}))
    return jobs


def hand_on(session: Session, *, holder: str, to: str, now: datetime) -> None:
    """Let `to` hold what `holder` holds: an intent's contents become those of its token."""
    held = select(col(ReferenceRow.cid)).where(col(ReferenceRow.holder) == holder)
    for cid in session.execute(held).scalars().all():
        session.execute(
            insert(ReferenceRow).values(cid=cid, holder=to, created_at=now).on_conflict_do_nothing()
        )
    session.execute(delete(ReferenceRow).where(col(ReferenceRow.holder) == holder))


def let_go(session: Session, *, holder: str) -> list[Job]:
    """End a holder's wishes; what nobody else wants is to be unpinned everywhere."""
    held = delete(ReferenceRow).where(col(ReferenceRow.holder) == holder)
    cids = session.execute(held.returning(col(ReferenceRow.cid))).scalars().all()
    # A wish that is about to be written holds these lines; the next statement then sees it.
    lines = select(col(PinRow.cid)).where(col(PinRow.cid).in_(cids))
    session.execute(lines.order_by(col(PinRow.cid), col(PinRow.store)).with_for_update())
    wanted = select(col(ReferenceRow.cid)).where(col(ReferenceRow.cid) == col(PinRow.cid))
    ended = session.execute(
        update(PinRow)
        .where(col(PinRow.cid).in_(cids), ~wanted.exists())
        .values(state=UNWANTED)
        .returning(col(PinRow.cid), col(PinRow.store))
    )
    pins = sorted((row.cid, row.store) for row in ended)
    return [Job(UNPIN, {"cid": cid, "store": store}) for cid, store in pins]


def states(session: Session, cids: Iterable[str]) -> list[PinState]:
    """Where these contents stand."""
    query = (
        select(PinRow)
        .where(col(PinRow.cid).in_(list(cids)))
        .order_by(col(PinRow.cid), col(PinRow.store))
    )
    return [
        PinState(row.cid, row.store, row.state, row.attempts, row.problem)
        for row in session.execute(query).scalars()
    ]


def is_wanted(session: Session, cid: str, store: str) -> bool:
    """Whether a pin job still has something to do."""
    return _state(session, cid, store) in (WANTED, PINNED, FAILED)


def may_remove(session: Session, cid: str, store: str) -> bool:
    """Whether an unpin job still has something to do."""
    return _state(session, cid, store) == UNWANTED


def mark(session: Session, cid: str, store: str, *, state: str, now: datetime) -> bool:
    """Move a pin on; false when it has become unwanted meanwhile."""
    moved = session.execute(
        update(PinRow)
        .where(*_is(cid, store), col(PinRow.state) != UNWANTED)
        .values(state=state, problem=None, checked_at=now)
        .returning(col(PinRow.cid))
    )
    news.tell(session, cid)
    return moved.scalar_one_or_none() is not None


def mark_failure(session: Session, cid: str, store: str, *, problem: str, now: datetime) -> int:
    """Note a failed attempt; returns its number."""
    row = session.execute(
        select(PinRow).where(*_is(cid, store)).with_for_update()
    ).scalar_one_or_none()
    if row is None or row.state == UNWANTED:
        return 0
    row.attempts += 1
    row.state = after_failure(row.attempts)
    row.problem = problem[:500]
    row.checked_at = now
    session.flush()
    news.tell(session, cid)
    return row.attempts


def forget(session: Session, cid: str, store: str) -> None:
    """Remove the line of a pin that was let go."""
    session.execute(delete(PinRow).where(*_is(cid, store), col(PinRow.state) == UNWANTED))


def unfinished(session: Session, *, before: datetime) -> list[Job]:
    """Jobs for pins that should long be done: after a crash, or an outage that outlasted them."""
    query = select(PinRow).where(
        col(PinRow.state).in_((WANTED, PINNED, UNWANTED, FAILED)),
        (col(PinRow.checked_at) < before)
        | (col(PinRow.checked_at).is_(None) & (col(PinRow.created_at) < before)),
    )
    return [
        Job(UNPIN if row.state == UNWANTED else PIN, {"cid": row.cid, "store": row.store})
        for row in session.execute(query).scalars()
    ]


def _state(session: Session, cid: str, store: str) -> str | None:
    return session.execute(select(col(PinRow.state)).where(*_is(cid, store))).scalar_one_or_none()


def _is(cid: str, store: str) -> tuple[ColumnElement[bool], ...]:
    return (col(PinRow.cid) == cid, col(PinRow.store) == store)
