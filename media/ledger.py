"""
The pin ledger: who wants which content kept, where it is, and what was last seen there.

A content is wanted for as long as a holder (an intent, a token) refers to it. When the last one
lets go its pins become `unwanted`; a new wish at any time turns them back. Every step is written
down (`media_pin_events`), and a content's health moves in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session
from sqlmodel import col

from media import health, likenesses, news
from media.jobs import LATER, PIN, UNPIN, Job
from media.pinning import (
    FAIL,
    FAILED,
    GIVE_UP,
    LET_GO,
    LOSE,
    MAX_ATTEMPTS,
    MAX_MISSES,
    MISS,
    PINNED,
    READ,
    READ_BACK,
    REMOVE,
    REMOVED,
    SEND,
    SENT,
    TAKE_ITS_WORD,
    UNWANTED,
    WANT,
    WANTED,
    PinState,
    step,
    wait_after,
)
from media.tables_pins import PinEventRow, PinRow, ReferenceRow

LOOKED_AFTER = timedelta(minutes=5)
"""A job that was to bring a content may take so long, beyond its waiting, before another comes."""
AT_ONCE = 500
"""Jobs that one look after what is unfinished makes."""


def want(
    session: Session,
    cids: Iterable[str],
    *,
    stores: Sequence[str],
    holder: str,
    now: datetime,
    replicas: int | None = None,
) -> list[Job]:
    """
    Have contents kept in every store on behalf of `holder` (`intent:…`, `token:…`).

    `replicas` are the copies that must stand; all, without a number. Returns what is to be done;
    contents that are kept already cost nothing.
    """
    jobs = []
    wanted = sorted(set(cids))
    likenesses.publish(session, wanted)
    for cid in wanted:
        session.execute(
            upsert(ReferenceRow)
            .values(cid=cid, holder=holder, created_at=now)
            .on_conflict_do_nothing()
        )
        for store in stores:
            row = _begin(session, cid, store, now=now, why=f"wanted by {holder}")
            if row.state != READ_BACK:
                jobs.append(Job(PIN, {"cid": cid, "store": store}))
    for cid in wanted:
        health.settle(session, cid, now=now, wanted=replicas or len(stores))
    return jobs


def extend(
    session: Session, *, stores: Sequence[str], replicas: int, now: datetime, most: int = AT_ONCE
) -> list[Job]:
    """Have what is kept brought to places that were added since, some contents at a time."""
    jobs = []
    for store in stores:
        there = select(col(PinRow.cid)).where(
            col(PinRow.cid) == col(ReferenceRow.cid), col(PinRow.store) == store
        )
        missing = select(col(ReferenceRow.cid)).where(~there.exists()).distinct()
        for cid in session.execute(missing.limit(most)).scalars().all():
            _begin(session, cid, store, now=now, why="a place was added")
            jobs.append(Job(PIN, {"cid": cid, "store": store}, priority=LATER))
    for cid in sorted({job.args["cid"] for job in jobs}):
        health.settle(session, cid, now=now, wanted=replicas)
    return jobs


def retire(session: Session, *, stores: Sequence[str], now: datetime, most: int = AT_ONCE) -> int:
    """Forget the pins of places that are configured no more; returns how many."""
    query = select(PinRow).where(col(PinRow.store).not_in(stores))
    rows = session.execute(_in_order(query).limit(most).with_for_update()).scalars().all()
    for row in rows:
        _move(session, row, LET_GO, now=now, why="the place is not configured any more")
        _end(session, row, now=now, why="the place is not configured any more")
    for cid in sorted({row.cid for row in rows}):
        health.settle(session, cid, now=now)
    return len(rows)


def hand_on(session: Session, *, holder: str, to: str, now: datetime) -> None:
    """Let `to` hold what `holder` holds: an intent's contents become those of its token."""
    held = select(col(ReferenceRow.cid)).where(col(ReferenceRow.holder) == holder)
    for cid in session.execute(held).scalars().all():
        session.execute(
            upsert(ReferenceRow).values(cid=cid, holder=to, created_at=now).on_conflict_do_nothing()
        )
    session.execute(delete(ReferenceRow).where(col(ReferenceRow.holder) == holder))


def let_go(session: Session, *, holder: str, now: datetime | None = None) -> list[Job]:
    """End a holder's wishes; what nobody else wants is to be unpinned everywhere."""
    held = delete(ReferenceRow).where(col(ReferenceRow.holder) == holder)
    cids = session.execute(held.returning(col(ReferenceRow.cid))).scalars().all()
    # A wish that is about to be written holds these lines; the next statement then sees it.
    lines = select(PinRow).where(col(PinRow.cid).in_(cids))
    rows = session.execute(_in_order(lines).with_for_update()).scalars().all()
    wanted = select(col(ReferenceRow.cid)).where(col(ReferenceRow.cid).in_(cids))
    still = set(session.execute(wanted).scalars())
    moment = now or health.time_of(session)
    ended = [row for row in rows if row.cid not in still]
    for row in ended:
        _move(session, row, LET_GO, now=moment, why=f"let go by {holder}")
        row.due_at = moment + LOOKED_AFTER
    session.flush()
    for cid in sorted({row.cid for row in ended}):
        health.settle(session, cid, now=moment)
    return [Job(UNPIN, {"cid": row.cid, "store": row.store}) for row in ended]


def states(session: Session, cids: Iterable[str]) -> list[PinState]:
    """Where these contents stand."""
    query = select(PinRow).where(col(PinRow.cid).in_(list(cids)))
    return [
        PinState(row.cid, row.store, row.state, row.attempts, row.problem, row.read_at)
        for row in session.execute(_in_order(query)).scalars()
    ]


def find(session: Session, cid: str, store: str) -> PinRow | None:
    """One line, as it is."""
    return session.execute(select(PinRow).where(*_is(cid, store))).scalar_one_or_none()


def may_remove(session: Session, cid: str, store: str) -> bool:
    """Whether an unpin job still has something to do."""
    row = find(session, cid, store)
    return row is not None and row.state == UNWANTED


def mark(
    session: Session, cid: str, store: str, *, seen: str, now: datetime, why: str = ""
) -> bool:
    """Note what was seen in a place; false when the content has become unwanted meanwhile."""
    row = _locked(session, cid, store)
    if row is None or row.state == UNWANTED:
        return False
    row.read_at = now if seen == READ else row.read_at
    _move(session, row, seen, now=now, why=why)
    row.problem = None
    row.checked_at = now
    is_done = seen in (READ, TAKE_ITS_WORD)
    row.due_at = None if is_done else now + LOOKED_AFTER
    row.attempts = 0 if is_done else row.attempts
    row.sent_at = (row.sent_at or now) if seen == SEND else None
    session.flush()
    health.settle(session, cid, now=now)
    return True


def mark_failure(session: Session, cid: str, store: str, *, problem: str, now: datetime) -> int:
    """Note a failed attempt to bring a content; returns its number, 0 if nobody wants it."""
    row = _locked(session, cid, store)
    if row is None or row.state == UNWANTED:
        return 0
    row.attempts += 1
    seen = GIVE_UP if row.attempts >= MAX_ATTEMPTS else FAIL
    _note(session, row, seen, problem=problem, now=now)
    return row.attempts


def mark_lost(session: Session, cid: str, store: str, *, problem: str, now: datetime) -> None:
    """Note that a fallen copy cannot be made again: nobody has its bytes."""
    row = _locked(session, cid, store)
    if row is not None:
        row.attempts += 1
        _note(session, row, LOSE, problem=problem, now=now)


def mark_missed(
    session: Session, cid: str, store: str, *, problem: str, is_sure: bool, now: datetime
) -> str:
    """
    Note that a copy did not come back; returns the pin's state.

    A place that says nothing may do so a few times; one that says no, or gives other bytes, has
    lost its copy.
    """
    row = _locked(session, cid, store)
    if row is None or row.state not in (READ_BACK, PINNED):
        return REMOVED if row is None else row.state
    row.attempts += 1
    if is_sure or row.attempts >= MAX_MISSES:
        _note(session, row, MISS, problem=problem, now=now)
    else:
        row.problem, row.checked_at = problem[:500], now
        session.flush()
    return row.state


def forget(session: Session, cid: str, store: str, *, now: datetime) -> None:
    """Remove the line of a pin that was let go."""
    row = _locked(session, cid, store)
    if row is not None and row.state == UNWANTED:
        _end(session, row, now=now, why="the place let go")
        health.settle(session, cid, now=now)


def unfinished(session: Session, *, now: datetime) -> list[Job]:
    """
    Jobs for pins that should long be done: after a crash, or an outage that outlasted them.

    New works come before what has to be repaired. Each pin is looked after again when its next
    attempt is overdue.
    """
    query = select(PinRow).where(
        col(PinRow.state) != READ_BACK,
        col(PinRow.due_at) < now,
    )
    rows = session.execute(
        query.order_by(col(PinRow.due_at)).limit(AT_ONCE).with_for_update(skip_locked=True)
    )
    jobs = []
    for row in rows.scalars().all():
        row.due_at = now + LOOKED_AFTER + wait_after(row.attempts + 1)
        is_new = row.state in (WANTED, SENT, PINNED, FAILED)
        jobs.append(
            Job(
                UNPIN if row.state == UNWANTED else PIN,
                {"cid": row.cid, "store": row.store},
                priority=0 if is_new else LATER,
            )
        )
    session.flush()
    return jobs


def _begin(session: Session, cid: str, store: str, *, now: datetime, why: str) -> PinRow:
    """The locked line of a pin that is wanted from now on."""
    values = {"cid": cid, "store": store, "state": WANTED, "attempts": 0}
    dates = {"created_at": now, "changed_at": now, "due_at": now + LOOKED_AFTER}
    made = session.execute(
        upsert(PinRow).values(**values, **dates).on_conflict_do_nothing().returning(col(PinRow.cid))
    )
    is_new = made.scalar_one_or_none() is not None
    row = _locked(session, cid, store)
    assert row is not None
    if is_new:
        _write_down(session, row, (REMOVED, row.state), now=now, why=why)
    elif row.state in (FAILED, UNWANTED):
        _move(session, row, WANT, now=now, why=why)
        row.attempts, row.problem, row.due_at = 0, None, now + LOOKED_AFTER
        session.flush()
    return row


def _note(session: Session, row: PinRow, seen: str, *, problem: str, now: datetime) -> None:
    _move(session, row, seen, now=now, why=problem)
    row.problem, row.sent_at = problem[:500], None
    news.tell(session, row.cid)
    row.checked_at = now
    row.due_at = now + LOOKED_AFTER + wait_after(row.attempts + 1)
    session.flush()
    health.settle(session, row.cid, now=now)


def _move(session: Session, row: PinRow, seen: str, *, now: datetime, why: str) -> None:
    """The only place where a pin's state is written, with its history beside it."""
    before, after = row.state, step(row.state, seen)
    if after == before:
        return
    row.state, row.changed_at = after, now
    _write_down(session, row, (before, after), now=now, why=why or seen)


def _end(session: Session, row: PinRow, *, now: datetime, why: str) -> None:
    """The last step of a pin, which takes its line away."""
    _write_down(session, row, (row.state, step(row.state, REMOVE)), now=now, why=why)
    session.delete(row)
    session.flush()


def _write_down(
    session: Session, row: PinRow, states: tuple[str, str], *, now: datetime, why: str
) -> None:
    values = {"cid": row.cid, "store": row.store, "from_state": states[0], "to_state": states[1]}
    session.execute(insert(PinEventRow).values(happened_at=now, why=why[:500], **values))
    news.tell(session, row.cid)


def _locked(session: Session, cid: str, store: str) -> PinRow | None:
    query = select(PinRow).where(*_is(cid, store)).with_for_update()
    found = session.execute(query.execution_options(populate_existing=True))
    return found.scalar_one_or_none()


def _in_order(query: Select[Any]) -> Select[Any]:
    return query.order_by(col(PinRow.cid), col(PinRow.store))


def _is(cid: str, store: str) -> tuple[ColumnElement[bool], ...]:
    return (col(PinRow.cid) == cid, col(PinRow.store) == store)
