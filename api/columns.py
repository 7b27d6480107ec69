"""
Columns that tables of the book have in common.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, DateTime, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field


def key(kind: Any = BigInteger) -> Any:
    """A part of the primary key that nothing counts up, such as a chain's id."""
    return Field(sa_type=kind, primary_key=True, sa_column_kwargs={"autoincrement": False})


def now() -> Any:
    """When the row was made."""
    return Field(
        sa_column=Column(DateTime(timezone=True), server_default=func.now(), nullable=False)
    )


def time() -> Any:
    """A moment."""
    return Field(sa_column=Column(DateTime(timezone=True), nullable=False))


def maybe_time() -> Any:
    """A moment that has not come yet, or none."""
    return Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=True))


def flag() -> Any:
    """False until it is set."""
    return Field(
        default=False, sa_column=Column(Boolean, nullable=False, server_default=text("false"))
    )


def json_list() -> Any:
    """A JSON list, empty at first."""
    return Field(default_factory=list, sa_column=Column(JSONB, nullable=False, server_default="[]"))
