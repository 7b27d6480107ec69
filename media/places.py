"""
How each place answered last: written by the worker, read by every process.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, or_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from sqlmodel import col

from media.pinning import Pinner, PlaceSilent
from media.tables_pins import PlaceRow
from media.work import MediaParts

_OFTEN = timedelta(minutes=1)


def note(parts: MediaParts, pinner: Pinner, error: Exception | None, *, now: datetime) -> None:
    """
    Write down that a place answered, or did not.

    An answer that is bad is an answer. What is known already is written once a minute at most.
    """
    is_silent = isinstance(error, PlaceSilent)
    values = {
        "store": pinner.name,
        "can_be_read": pinner.can_be_read,
        "answered_at": None if is_silent else now,
        "silent_since": now if is_silent else None,
        "problem": str(error)[:500] if error is not None else None,
    }
    told = insert(PlaceRow).values(values)
    known = (
        col(PlaceRow.silent_since).is_(None)
        if is_silent
        else or_(
            col(PlaceRow.silent_since).is_not(None),
            col(PlaceRow.answered_at).is_(None),
            col(PlaceRow.answered_at) < now - _OFTEN,
        )
    )
    changed = {name: told.excluded[name] for name in ("can_be_read", "silent_since", "problem")}
    if not is_silent:
        changed["answered_at"] = told.excluded.answered_at
    with parts.sessions.begin() as session:
        session.execute(
            told.on_conflict_do_update(index_elements=["store"], set_=changed, where=known)
        )


def audited(session: Session, pinner: Pinner, *, now: datetime) -> None:
    """Write down that an audit of a place ended."""
    told = insert(PlaceRow).values(
        store=pinner.name, can_be_read=pinner.can_be_read, audited_at=now
    )
    session.execute(
        told.on_conflict_do_update(
            index_elements=["store"], set_={"audited_at": told.excluded.audited_at}
        )
    )


def forget_others(session: Session, stores: list[str]) -> None:
    """Drop the places that are configured no more."""
    session.execute(delete(PlaceRow).where(col(PlaceRow.store).not_in(stores)))
