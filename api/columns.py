"""
Columns that tables of the book have in common, and how rows of one work are asked for.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, ColumnElement, DateTime, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, col

from nft.types import TokenRef


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


def of_work(row: Any, token: TokenRef) -> tuple[ColumnElement[bool], ...]:
    """That rows of a table are one work's, for `where`; the table names works by three columns."""
    return (
        col(row.chain_id) == token.chain_id,
        col(row.contract) == token.contract,
        col(row.token_id) == token.token_id,
    )
