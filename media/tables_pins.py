"""
What is kept where, how that came about, and how healthy it is: `media_*` rows of the pin ledger.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Index, Integer, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


def _now() -> Any:
    return Field(
        sa_column=Column(DateTime(timezone=True), server_default=func.now(), nullable=False)
    )


def _time() -> Any:
    return Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=True))


class ReferenceRow(SQLModel, table=True):
    """Why a content is kept public: an intent or a token that names it. None left: unpin."""

    __tablename__ = "media_references"

    cid: str = Field(primary_key=True)
    holder: str = Field(primary_key=True)
    """`intent:<id>` or `token:<caip19>`."""
    created_at: datetime = _now()


class PinRow(SQLModel, table=True):
    """The pin ledger: one content in one place. Done means read back with an equal hash."""

    __tablename__ = "media_pins"
    __table_args__ = (
        Index("media_pins_read", "store", "read_at"),
        Index(
            "media_pins_unfinished", "due_at", postgresql_where=text("state not in ('read_back')")
        ),
    )

    cid: str = Field(primary_key=True)
    store: str = Field(primary_key=True)
    """`embedded`, `kubo` or a service's name."""
    state: str
    """One of `media.pinning.STATES` but `removed`."""
    attempts: int = Field(default=0, sa_type=Integer)
    """In vain, in a row: to bring it, or to read it again."""
    problem: str | None = None
    checked_at: datetime | None = _time()
    """When the place was last asked, whatever it answered."""
    read_at: datetime | None = _time()
    """The last independent reading with equal hashes; stays when a later one fails."""
    changed_at: datetime = _now()
    """Since when it is in this state."""
    sent_at: datetime | None = _time()
    """When a place took the wish that it has not fulfilled yet."""
    due_at: datetime | None = _time()
    """When somebody looks after it, should the job that does so be gone."""
    created_at: datetime = _now()


class PinEventRow(SQLModel, table=True):
    """Every step of every pin, for ever: append-only, also when the pin itself is gone."""

    __tablename__ = "media_pin_events"
    __table_args__ = (Index("media_pin_events_cid", "cid", "id"),)

    id: int | None = Field(default=None, sa_type=BigInteger, primary_key=True)
    cid: str
    store: str
    from_state: str
    """`removed` where the pin began."""
    to_state: str
    happened_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    why: str


class HealthRow(SQLModel, table=True):
    """A content in all its places; moves in the transaction that moves one of its pins."""

    __tablename__ = "media_health"
    __table_args__ = (
        Index(
            "media_health_fallen", "state", postgresql_where=text("state in ('at_risk', 'lost')")
        ),
    )

    cid: str = Field(primary_key=True)
    state: str
    """One of `media.pinning.HEALTHS`."""
    wanted: int = Field(sa_type=Integer)
    """Copies that are to stand."""
    standing: int = Field(sa_type=Integer)
    """Copies that were read back and have not been missed since."""
    changed_at: datetime = _now()


class PlaceRow(SQLModel, table=True):
    """How a place answered the worker last, so that every process can say it."""

    __tablename__ = "media_places"

    store: str = Field(primary_key=True)
    can_be_read: bool
    answered_at: datetime | None = _time()
    silent_since: datetime | None = _time()
    """None: it answers."""
    problem: str | None = None
    audited_at: datetime | None = _time()
    """The end of the last audit there."""


class MediaOutboxRow(SQLModel, table=True):
    """What media has to tell; the api's sequencer gives it its place in the feed."""

    __tablename__ = "media_outbox"

    id: int | None = Field(default=None, sa_type=BigInteger, primary_key=True)
    cid: str
    kind: str
    """media.at_risk, media.lost or media.restored."""
    payload: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    written_at: datetime = _now()
