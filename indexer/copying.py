"""
Rows into tables by binary COPY, within the transaction of the connection that is handed in.

A row of any table is a dictionary; transfers come as tuples in the order of their columns, which
is what makes them fast.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from struct import Struct
from typing import Any

from psycopg import Connection as Driver
from psycopg.types.json import Jsonb
from sqlalchemy import BigInteger, Boolean, Column, Connection, Integer, SmallInteger, Table
from sqlalchemy.dialects.postgresql import JSONB

from indexer.facts import TRANSFERS, Move, Row
from nft.database import AddressType, AmountType, DigestType, TokenIdType

Adapt = Callable[[Any], Any]

_KINDS: tuple[tuple[type, str, Adapt | None], ...] = (
    (AddressType, "bytea", bytes),
    (DigestType, "bytea", bytes),
    (TokenIdType, "bytea", lambda value: value.to_bytes(32, "big")),
    (AmountType, "numeric", Decimal),
    (BigInteger, "int8", None),
    (SmallInteger, "int2", None),
    (Integer, "int4", None),
    (Boolean, "bool", None),
    (JSONB, "jsonb", Jsonb),
)


def driver(connection: Connection) -> Driver[Any]:
    """The psycopg connection below: COPY is its own."""
    found: Any = connection.connection.driver_connection
    return found  # type: ignore[no-any-return]


def _kind(column: Column[Any]) -> tuple[str, Adapt | None]:
    for kind, name, adapt in _KINDS:
        if isinstance(column.type, kind):
            return name, adapt
    return "text", None


class Copier:
    """How rows of one table are copied: names, types and adapters of its columns, made once."""

    def __init__(self, table: Table, columns: Sequence[str] | None = None) -> None:
        chosen = [column for column in table.columns if columns is None or column.name in columns]
        self._table = table.name
        self._names = [column.name for column in chosen]
        kinds = [_kind(column) for column in chosen]
        self._types = [name for name, _ in kinds]
        self._adapts = [adapt for _, adapt in kinds]
        listed = ", ".join(f'"{name}"' for name in self._names)
        self._order = f'copy "{table.name}" ({listed}) from stdin (format binary)'.encode()

    def copy(self, connection: Connection, rows: Iterable[Row]) -> None:
        """Write dictionaries, each with every column."""
        pairs = list(zip(self._names, self._adapts, strict=True))
        self.copy_tuples(
            connection,
            (
                [
                    value if adapt is None or value is None else adapt(value)
                    for value, adapt in ((row[name], adapt) for name, adapt in pairs)
                ]
                for row in rows
            ),
        )

    def copy_tuples(self, connection: Connection, rows: Iterable[Sequence[Any]]) -> None:
        """Write rows that are in the order of the columns, and of the driver's own types."""
        with driver(connection).cursor() as cursor, cursor.copy(self._order) as copying:
            copying.set_types(self._types)
            write = copying.write_row
            for row in rows:
                write(row)


_COPIERS: dict[tuple[str, tuple[str, ...] | None], Copier] = {}


def copy(
    connection: Connection, to: Table, rows: Sequence[Row], columns: tuple[str, ...] | None = None
) -> None:
    """Write rows into a table; `columns` leaves out what the database fills in itself."""
    if not rows:
        return
    key = (to.name, columns)
    if key not in _COPIERS:
        _COPIERS[key] = Copier(to, columns)
    _COPIERS[key].copy(connection, rows)


_MOVES = f"copy {TRANSFERS.name} ({', '.join(Move._fields)}) from stdin (format binary)".encode()
_MOVE = Struct(">hiqiqii" + "i20si32si20si20si32s")
"""A transfer in PostgreSQL's binary form: the number of columns, then each after its width."""
_HEADER, _TRAILER = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"


def copy_moves(connection: Connection, moves: Sequence[Move]) -> None:
    """Write transfers: their widths never differ, so that each is packed in one step."""
    if not moves:
        return
    pack = _MOVE.pack
    rows = [
        pack(
            8, 8, chain, 8, block, 4, log, 20, contract, 32, token, 20, sender, 20, receiver, 32, of
        )
        for chain, block, log, contract, token, sender, receiver, of in moves
    ]
    with driver(connection).cursor() as cursor, cursor.copy(_MOVES) as copying:
        copying.write(b"".join((_HEADER, *rows, _TRAILER)))
