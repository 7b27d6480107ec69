"""
Marked points: a program stops right before it writes to a table, and dies there if it is to.

Whoever holds a table in SHARE mode keeps every writer of it waiting, and no reader. So a program
of ours goes as far as a test wants, with nothing in it that knows of tests.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, LiteralString, cast

import psycopg
from psycopg import sql

from api.local.processes import wait_until

PATIENCE = 90
LOCKS = (
    "SELECT count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation "
    "JOIN pg_database d ON d.oid = l.database AND d.datname = current_database() "
    "WHERE c.relname = %s AND l.mode = %s AND l.granted IN (false, %s)"
)
CONNECTIONS = (
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
    "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)


@dataclass(frozen=True)
class Marks:
    """The tables of one database."""

    database_url: str

    def ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with self._connect() as connection:
            return connection.execute(cast("LiteralString", query), values).fetchall()

    def connections(self) -> set[int]:
        """The server's processes for everybody but us."""
        return {row[0] for row in self.ask(CONNECTIONS)}

    @contextmanager
    def stopped_at(self, *tables: str) -> Iterator[Callable[[], None]]:
        """
        Who writes to these tables one after the other, in transactions of their own or in one, goes
        no further than to the last, until the end of the block.

        Call what is given once the program was started: it returns when the program stands there.
        """
        held = self._hold(tables[0])

        def reach() -> None:
            nonlocal held
            for table, following in pairwise([*tables, ""]):
                self._expect(table, "RowExclusiveLock", is_held=False)
                if following:
                    # Asked for before the first is let go: granted once its writers are done.
                    asked = pool.submit(self._hold, following)
                    self._expect(following, "ShareLock", is_held=True)
                    held.close()
                    held = asked.result()

        with ThreadPoolExecutor(1) as pool:
            try:
                yield reach
            finally:
                held.close()

    def _connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(self.database_url.replace("+psycopg", ""))

    def _hold(self, table: str) -> psycopg.Connection[tuple[Any, ...]]:
        connection = self._connect()
        connection.execute(sql.SQL("LOCK TABLE {} IN SHARE MODE").format(sql.Identifier(table)))
        return connection

    def _expect(self, table: str, mode: str, *, is_held: bool) -> None:
        """Somebody asks for a lock, and waits for it unless it may be theirs already."""
        there = wait_until(
            lambda: self.ask(LOCKS, table, mode, is_held)[0][0] > 0, patience=PATIENCE
        )
        assert there, f"nobody asks for {table} ({mode})"
