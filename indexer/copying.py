"""
Rows into tables by binary COPY, within the transaction of the connection that is handed in.

A row of any table is a dictionary. Transfers come as tuples in the order of their columns, and
they and what is told of them are packed by themselves, which is what makes them fast.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from itertools import chain, islice
from struct import Struct
from typing import Any

import msgspec
from psycopg import Copy
from psycopg.types.json import Jsonb
from sqlalchemy import BigInteger, Boolean, Column, Connection, Integer, SmallInteger, Table
from sqlalchemy.dialects.postgresql import JSONB

from indexer.facts import BLOCKS, OUTBOX, TRANSFERS, Move, Row
from nft.database import (
    AddressType,
    AmountType,
    DigestType,
    TokenIdType,
    as_sqlalchemy,
    driver,
)

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
    (JSONB, "jsonb", partial(Jsonb, dumps=msgspec.json.encode)),
)


def _kind(column: Column[Any]) -> tuple[str, Adapt | None]:
    for kind, name, adapt in _KINDS:
        if isinstance(column.type, kind):
            return name, adapt
    return "text", None


@contextmanager
def _copying(connection: Connection, order: bytes) -> Iterator[Copy]:
    with as_sqlalchemy(), driver(connection).cursor() as cursor, cursor.copy(order) as copying:
        yield copying


class Copier:
    """How rows of one table are copied: names, types and adapters of its columns, made once."""

    def __init__(self, table: Table) -> None:
        self._names = [column.name for column in table.columns]
        kinds = [_kind(column) for column in table.columns]
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
        with _copying(connection, self._order) as copying:
            copying.set_types(self._types)
            write = copying.write_row
            for row in rows:
                write(row)


_COPIERS: dict[str, Copier] = {}


def copy(connection: Connection, to: Table, rows: Sequence[Row]) -> None:
    """Write rows into a table, each with every column."""
    if not rows:
        return
    if to.name not in _COPIERS:
        _COPIERS[to.name] = Copier(to)
    _COPIERS[to.name].copy(connection, rows)


_MOVES = f"copy {TRANSFERS.name} ({', '.join(Move._fields)}) from stdin (format binary)".encode()
_MOVE = Struct(">hiqiqii" + "i20si32si20si20si32s")
"""A transfer in PostgreSQL's binary form: the number of columns, then each after its width."""
_HEADER, _TRAILER = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"


def copy_moves(connection: Connection, moves: Sequence[Move]) -> None:
    """Write transfers: their widths never differ, so that each is packed in one step."""
    if not moves:
        return
    pack = _MOVE.pack
    rows = (
        pack(
            8, 8, chain, 8, block, 4, log, 20, contract, 32, token, 20, sender, 20, receiver, 32, of
        )
        for chain, block, log, contract, token, sender, receiver, of in moves
    )
    _write(connection, _MOVES, rows)


_BLOCKS = (
    f"copy {BLOCKS.name} (chain_id, number, block_hash, parent_hash, timestamp, has_facts, "
    "is_first) from stdin (format binary)"
).encode()
_BLOCK = Struct(">hiqiq" + "i32si32s" + "iq" + "i?i?")
"""A header, whose widths never differ either: there are as many as blocks."""


def copy_blocks(connection: Connection, rows: Sequence[Row]) -> None:
    """Write headers."""
    if not rows:
        return
    packed = [
        _BLOCK.pack(
            *(7, 8, row["chain_id"], 8, row["number"]),
            *(32, row["block_hash"], 32, row["parent_hash"], 8, row["timestamp"]),
            *(1, row["has_facts"], 1, row["is_first"]),
        )
        for row in rows
    ]
    _write(connection, _BLOCKS, packed)


_ENTRIES = (
    f"copy {OUTBOX.name} (chain_id, block_number, log_index, block_hash, kind, payload) "
    "from stdin (format binary)"
).encode()
_ENTRY = Struct(">hiqiqii" + "i32si")
"""An entry of the outbox up to the width of its kind."""
_WIDTH, _JSONB_VERSION = Struct(">i").pack, b"\1"


def copy_entries(connection: Connection, entries: Sequence[Row]) -> None:
    """Write entries of the outbox, in this order; the rest of their columns is the database's."""
    if not entries:
        return
    rows: list[bytes] = []
    for entry in entries:
        kind, payload = entry["kind"].encode(), msgspec.json.encode(entry["payload"])
        chain, block, log = entry["chain_id"], entry["block_number"], entry["log_index"]
        rows += (
            _ENTRY.pack(6, 8, chain, 8, block, 4, log, 32, entry["block_hash"], len(kind)),
            *(kind, _WIDTH(len(payload) + 1), _JSONB_VERSION, payload),
        )
    _write(connection, _ENTRIES, rows)


_AT_ONCE = 1_000
"""
Pieces that are packed before they are sent: so little stays in a processor's cache, and its
memory serves for the next ones.
"""


def _write(connection: Connection, order: bytes, rows: Iterable[bytes]) -> None:
    pieces = chain((_HEADER,), rows, (_TRAILER,))
    with _copying(connection, order) as copying:
        while part := b"".join(islice(pieces, _AT_ONCE)):
            copying.write(part)
