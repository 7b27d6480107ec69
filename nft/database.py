"""
The door to PostgreSQL: engines, sessions, and columns that speak our types.

A token id is stored as 32 bytes, an amount as numeric(78,0), an address as 20 bytes, a digest as
32 bytes; Python sees `int`, `Address` and `Digest`.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from decimal import Decimal
from typing import Any

import psycopg
from psycopg import Connection as Driver
from psycopg import Cursor
from psycopg.errors import ReadOnlySqlTransaction
from sqlalchemy import Connection, LargeBinary, Numeric
from sqlalchemy.engine import Dialect, Engine, create_engine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.types import TypeDecorator

from nft.types import Address, Digest

MIN_SERVER_VERSION = 150_000


class AddressType(TypeDecorator[Address]):
    """`Address` in a `bytea` of 20."""

    impl = LargeBinary(20)
    cache_ok = True

    def process_bind_param(self, value: Address | None, dialect: Dialect) -> bytes | None:
        """Plain bytes for the driver, which knows no subclass."""
        return None if value is None else bytes(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Address | None:
        """Back to an `Address`."""
        return None if value is None else Address(bytes(value))


class DigestType(TypeDecorator[Digest]):
    """`Digest` in a `bytea` of 32."""

    impl = LargeBinary(32)
    cache_ok = True

    def process_bind_param(self, value: Digest | None, dialect: Dialect) -> bytes | None:
        """Plain bytes for the driver, which knows no subclass."""
        return None if value is None else bytes(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Digest | None:
        """Back to a `Digest`."""
        return None if value is None else Digest(bytes(value))


class TokenIdType(TypeDecorator[int]):
    """A uint256 id in a `bytea` of 32, big-endian, so that keys sort and stay short."""

    impl = LargeBinary(32)
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> bytes | None:
        """Big-endian bytes."""
        return None if value is None else value.to_bytes(32, "big")

    def process_result_value(self, value: Any, dialect: Dialect) -> int | None:
        """Back to an `int`."""
        return None if value is None else int.from_bytes(bytes(value), "big")


class AmountType(TypeDecorator[int]):
    """A uint256 amount in numeric(78,0): sums and comparisons happen in SQL, exactly."""

    impl = Numeric(78, 0)
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> Decimal | None:
        """An exact decimal."""
        return None if value is None else Decimal(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> int | None:
        """Back to an `int`."""
        return None if value is None else int(value)


def sqlalchemy_url(database_url: str) -> str:
    """A `postgresql://` URL as SQLAlchemy wants it for psycopg 3."""
    scheme, rest = database_url.split("://", 1)
    if scheme in ("postgres", "postgresql"):
        scheme = "postgresql+psycopg"
    return f"{scheme}://{rest}"


def libpq_url(database_url: str) -> str:
    """The same URL as libpq and psycopg itself want it."""
    return "postgresql://" + database_url.split("://", 1)[1]


# A request that waits for ever holds a connection for ever: the server ends both.
_CONNECT: dict[str, Any] = {
    "connect_timeout": 5,
    "options": "-c statement_timeout=15000 -c idle_in_transaction_session_timeout=60000 "
    "-c timezone=UTC",
}

# A host that is lost says no goodbye. This end notices within five seconds.
_KEEPALIVES: dict[str, Any] = {
    "keepalives_idle": 2,
    "keepalives_interval": 1,
    "keepalives_count": 3,
    "tcp_user_timeout": 5_000,
}

# So does the server, so that it lets go of the lock that the session held. Sessions on a Unix
# socket need none of it.
_WATCHED = {
    **_KEEPALIVES,
    "options": _CONNECT["options"]
    + " -c tcp_keepalives_idle=2 -c tcp_keepalives_interval=1 -c tcp_keepalives_count=3"
    " -c tcp_user_timeout=5000"
    # A plan made for empty tables, and kept, takes minutes over full ones.
    " -c plan_cache_mode=force_custom_plan"
    # What a writer has to do it does again when it was stopped: stopped early, it never ends.
    " -c statement_timeout=600000",
}


def driver(connection: Connection) -> Driver[Any]:
    """The psycopg connection below one of SQLAlchemy's: COPY is its own."""
    found: Any = connection.connection.driver_connection
    return found  # type: ignore[no-any-return]


@contextmanager
def as_sqlalchemy() -> Iterator[None]:
    """What the driver raises, raised as SQLAlchemy does: whoever handles one handles both."""
    try:
        yield
    except psycopg.Error as error:
        raise DBAPIError.instance(None, None, error, psycopg.Error) from error


def drivers_words(statement: str) -> str:
    """A statement with `:names`, as SQLAlchemy's `text` takes it, as the driver takes it."""
    return re.sub(r"(?<!:):([a-z_]+)", r"%(\1)s", statement.replace("%", "%%"))


def execute(
    connection: Connection,
    statement: str,
    values: Mapping[str, object] | Sequence[object] = (),
) -> Cursor[Any]:
    """
    One statement in the driver's own words, within the connection's transaction.

    Where every tenth of a millisecond counts: composing a statement anew costs more than most
    take to run.
    """
    with as_sqlalchemy():
        return driver(connection).execute(statement, values)


def is_outage(error: DBAPIError) -> bool:
    """
    Whether the database is away or full, as against a statement of ours that it refuses.

    Read-only is what a server has become that was the primary before a failover.
    """
    is_away = isinstance(error, OperationalError) or error.connection_invalidated
    return is_away or isinstance(error.orig, ReadOnlySqlTransaction)


def make_async_engine(database_url: str, *, pool_size: int = 10) -> AsyncEngine:
    """Engine for the web process."""
    return create_async_engine(
        sqlalchemy_url(database_url),
        pool_size=pool_size,
        max_overflow=5,
        pool_timeout=5,
        pool_pre_ping=True,
        connect_args=_CONNECT,
    )


@asynccontextmanager
async def listening(database_url: str, *channels: str) -> AsyncIterator[psycopg.AsyncConnection]:
    """
    A connection that hears these channels. Raises `psycopg.Error` or `OSError` when it is lost.

    It only waits, so that without keepalives it would wait for ever for a server that is gone.
    """
    async with await psycopg.AsyncConnection.connect(
        libpq_url(database_url), autocommit=True, connect_timeout=5, **_KEEPALIVES
    ) as connection:
        for channel in channels:
            await connection.execute(f"LISTEN {channel}".encode())
        yield connection


def make_engine(database_url: str, *, pool_size: int = 5, is_watched: bool = False) -> Engine:
    """
    Engine for the indexer, the worker and the command line.

    `is_watched`: a session that holds a lock which must not outlive its host for long.
    """
    return create_engine(
        sqlalchemy_url(database_url),
        pool_size=pool_size,
        pool_pre_ping=True,
        connect_args={**_CONNECT, **_WATCHED} if is_watched else _CONNECT,
    )
