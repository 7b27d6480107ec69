"""
Advisory locks of PostgreSQL by a name: nobody has to clean up after a process that dies.

One is held by a session or by a transaction and ends with it at the latest. Between the two, a
session's outlives commits and has to be given back where the connection is used for more.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

_TAKE = text("select pg_try_advisory_lock(hashtextextended(:name, 0))")
_GIVE_BACK = text("select pg_advisory_unlock(hashtextextended(:name, 0))")
_HOLD = text("select pg_advisory_xact_lock(hashtextextended(:name, 0))")


def take(connection: Connection, name: str) -> bool:
    """Whether nobody has it: then this session has, until it ends."""
    with connection.begin():
        return bool(connection.execute(_TAKE, {"name": name}).scalar_one())


@contextmanager
def alone(connection: Connection, name: str) -> Iterator[bool]:
    """Whether nobody else has it; nobody takes it until the body ends."""
    is_taken = take(connection, name)
    try:
        yield is_taken
    finally:
        if is_taken:
            with connection.begin():
                connection.execute(_GIVE_BACK, {"name": name})


def hold(connection: Connection, name: str) -> None:
    """Wait for it, and have it until this transaction ends."""
    connection.execute(_HOLD, {"name": name})
