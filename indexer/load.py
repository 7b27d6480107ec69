"""
The first load of a long history: rows first, tokens and indexes when all is there.

An index costs less built at once than kept in order row by row, and an owner less found once
than changed with every transfer. The cursor moves with the rows all the same, so that a load that
was killed goes on where it was; `is_loading` says on it that tokens are still to come.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, Table, func, select, text, update

from indexer import registry
from indexer.commit import notify, settle
from indexer.facts import CURSORS, TOKENS, TRANSFERS, Token
from indexer.fold import EVER, Breaks, Span, fold
from indexer.recompute import recompute
from indexer.watch import Watch
from nft import locks

LONG_HISTORY = 2_000
"""Blocks from which on a first reading is a load."""

AT_ONCE = 5_000
"""Tokens that are derived in one statement."""

INDEXED = (TRANSFERS, TOKENS)
"""Tables whose indexes are made when a load is over."""


def begin(connection: Connection, tables: Sequence[Table] = INDEXED) -> None:
    """Drop the indexes of large tables, where no row of any chain is in them."""
    with connection.begin():
        for table in tables:
            if connection.execute(select(table.c.chain_id).limit(1)).first() is None:
                _drop_indexes(connection, table)


def _drop_indexes(connection: Connection, table: Table) -> None:
    for index in table.indexes:
        connection.execute(text(f'drop index if exists "{index.name}"'))


_STANDING = text(
    """
    select relname from pg_class join pg_index on indexrelid = oid
    where indrelid = cast(:table as regclass)
    """
)
"""Indexes of a table: what reflection asks takes ten times as long, and once for each index."""


def _make_indexes(connection: Connection, table: Table) -> None:
    standing = set(connection.scalars(_STANDING, {"table": table.name}))
    for index in sorted(table.indexes, key=lambda one: str(one.name)):
        if index.name not in standing:
            index.create(connection, checkfirst=False)


def _alone(connection: Connection) -> None:
    """
    Wait until no other chain makes indexes, for the rest of this transaction.

    The tables are shared, and an index that another chain is making cannot be seen yet: making it
    too would fail. First of all, while nothing is held that the other may wait for.
    """
    connection.execute(text("set local statement_timeout = 0"))
    locks.hold(connection, "vernissage indexes")


def finish(connection: Connection, chain_id: int, watch: Watch, breaks: Breaks) -> None:
    """
    Make tokens and indexes from the facts, and open the mirror, in one transaction.

    Raises `CustodyBroken` unless breaks are to be written: nothing has changed then.
    """
    with connection.begin():
        _alone(connection)
        connection.execute(text("set local work_mem = '128MB'"))
        connection.execute(text("set local maintenance_work_mem = '128MB'"))
        number = connection.execute(
            update(CURSORS)
            .where(CURSORS.c.chain_id == chain_id)
            .values(is_loading=False, updated_at=func.clock_timestamp())
            .returning(CURSORS.c.number)
        ).scalar_one()
        unread = registry.unread(connection, chain_id)
        connection.execute(TOKENS.delete().where(TOKENS.c.chain_id == chain_id))
        found = fold(connection, chain_id, watch.collections, Span(EVER, unread=unread))
        settle(connection, chain_id, found, breaks)
        for table in INDEXED:
            _make_indexes(connection, table)
        decided = _decided(connection, chain_id, watch)
        for start in range(0, len(decided), AT_ONCE):
            some = decided[start : start + AT_ONCE]
            recompute(connection, chain_id, watch.collections, some)
        notify(connection, chain_id, number)
    analyze(connection)


def make_indexes(connection: Connection) -> None:
    """Those that a first reading did without, if they are not there yet."""
    with connection.begin():
        _alone(connection)
        connection.execute(text("set local maintenance_work_mem = '128MB'"))
        for table in INDEXED:
            _make_indexes(connection, table)


def analyze(connection: Connection) -> None:
    """Tell the planner what it has to do with: it would plan for empty tables."""
    with connection.begin():
        connection.execute(text("analyze chain_transfers, chain_tokens"))


_DECIDED = text(
    """
    select contract, token_id from chain_tokens
    where chain_id = :chain_id
      and (contract = any(cast(:ours as bytea[])) or owner = any(cast(:keepers as bytea[])))
    union select contract, token_id from chain_token_changes where chain_id = :chain_id
    union select contract, token_id from chain_auctions where chain_id = :chain_id
    """
)


def _decided(connection: Connection, chain_id: int, watch: Watch) -> Sequence[Token]:
    """Tokens of which transfers alone say too little, as `commit` has it for a stretch."""
    rows = connection.execute(
        _DECIDED,
        {
            "chain_id": chain_id,
            "ours": _bytes(watch.collections),
            "keepers": _bytes(watch.keepers),
        },
    )
    return [(bytes(row.contract), bytes(row.token_id)) for row in rows]


def _bytes(addresses: Collection[bytes]) -> list[bytes]:
    return [bytes(one) for one in sorted(addresses)]
