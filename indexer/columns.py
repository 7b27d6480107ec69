"""
The columns that every mirrored fact has: where its log stands.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Integer
from sqlmodel import Field


def chain() -> Any:
    """The chain's id, first part of every key."""
    return Field(sa_type=BigInteger, primary_key=True, sa_column_kwargs={"autoincrement": False})


def block() -> Any:
    """The block, by which a fact falls."""
    return chain()


def log() -> Any:
    """The log's number within its block."""
    return Field(sa_type=Integer, primary_key=True, sa_column_kwargs={"autoincrement": False})
