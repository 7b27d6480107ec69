"""
One digest over everything the mirror says about a chain.

Two mirrors that saw different reorgs, ranges or crashes on their way to the same block have the
same digest; a rebuild gives it again. What depends on the way stays out: empty headers, the
outbox, times of writing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import Connection

from indexer.cursor import Cursor, read_cursor
from indexer.facts import BLOCKS, FACTS, TOKENS
from nft.database import driver
from nft.types import Digest


@dataclass(frozen=True, slots=True)
class Content:
    """The mirror of one chain in 32 bytes, as of its cursor."""

    cursor: Cursor | None
    digest: Digest
    rows: int


def digest(connection: Connection, chain_id: int) -> Content:
    """Hash every fact, token and header with facts, ordered by key, as of one moment."""
    hashed, rows = hashlib.sha256(), 0
    with connection.begin():
        connection.exec_driver_sql("set transaction isolation level repeatable read, read only")
        connection.exec_driver_sql("set local statement_timeout = 0")
        cursor = read_cursor(connection, chain_id)
        below = driver(connection)
        for table in (BLOCKS, *FACTS, TOKENS):
            columns = ", ".join(
                sorted(column.name for column in table.columns if column.name != "is_first")
            )
            keys = ", ".join(column.name for column in table.primary_key)
            kept = "and has_facts" if table is BLOCKS else ""
            query = (
                f"copy (select {columns} from {table.name} where chain_id = {chain_id:d} {kept} "
                f"order by {keys}) to stdout"
            )
            hashed.update(f"{table.name}({columns})\n".encode())
            with below.cursor() as reading, reading.copy(query.encode()) as copied:
                for line in copied:
                    hashed.update(line)
                    rows += bytes(line).count(b"\n")
    return Content(cursor, Digest(hashed.digest()), rows)
