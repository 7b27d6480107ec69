"""
Throwing the mirror of a chain away and reading it anew, without a moment in which it is gone.

The new mirror grows in a schema of its own and takes the old one's place in one transaction. An
indexer that runs meanwhile finds its cursor moved, and goes on from the new one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text
from sqlmodel import SQLModel

from indexer.apply import BLOCKS, CURSORS, FACTS, OUTBOX, TOKENS
from indexer.digest import Content, digest
from indexer.run import catch_up
from nft.chain.deployments import Deployment
from nft.chain.protocol import Chain

MIRRORED = (BLOCKS, *FACTS, TOKENS, CURSORS)


@contextmanager
def side_schema(connection: Connection, name: str) -> Iterator[str]:
    """
    Empty `chain_*` tables in a schema of their own, on this connection's search path.

    Made from the same definitions as the migrations; dropped at the end.
    """
    with connection.begin():
        home = str(connection.execute(text("select current_schema()")).scalar_one())
        connection.execute(text(f'drop schema if exists "{name}" cascade'))
        connection.execute(text(f'create schema "{name}"'))
        connection.execute(text(f'set search_path to "{name}"'))
        SQLModel.metadata.create_all(connection, tables=[*MIRRORED, OUTBOX], checkfirst=False)
    try:
        yield home
    finally:
        with connection.begin():
            connection.execute(text(f'set search_path to "{home}"'))
            connection.execute(text(f'drop schema if exists "{name}" cascade'))


def rebuild(
    connection: Connection, chain: Chain, deployment: Deployment
) -> tuple[Content, Content]:
    """Rebuild from the chain alone; the content before and after is returned."""
    chain_id = deployment.chain_id
    before = digest(connection, chain_id)
    name = f"chain_rebuild_{chain_id}"
    with side_schema(connection, name) as home:
        catch_up(connection, chain, deployment)
        with connection.begin():
            connection.execute(text("set local statement_timeout = 0"))
            _swap(connection, chain_id, new=name, old=home)
    return before, digest(connection, chain_id)


def _swap(connection: Connection, chain_id: int, *, new: str, old: str) -> None:
    """Replace the chain's rows; tell only what was not told before."""
    values = {"chain_id": chain_id}
    # The cursor first: an indexer that is about to commit waits here, and then finds it moved.
    for table in (CURSORS, *(part for part in MIRRORED if part is not CURSORS)):
        columns = ", ".join(column.name for column in table.columns)
        connection.execute(
            text(f'delete from "{old}".{table.name} where chain_id = :chain_id'), values
        )
        connection.execute(
            text(
                f'insert into "{old}".{table.name} ({columns}) '
                f'select {columns} from "{new}".{table.name} where chain_id = :chain_id'
            ),
            values,
        )
    columns = ", ".join(column.name for column in OUTBOX.columns if column.name != "id")
    connection.execute(
        text(
            f'insert into "{old}".chain_outbox ({columns}) '
            f'select {columns} from "{new}".chain_outbox as fresh '
            f'where chain_id = :chain_id and not exists (select from "{old}".chain_outbox as told '
            "where told.chain_id = fresh.chain_id and told.block_number = fresh.block_number "
            "and told.block_hash = fresh.block_hash and told.log_index = fresh.log_index "
            "and told.kind = fresh.kind) order by id"
        ),
        values,
    )
    connection.execute(
        text(
            "select pg_notify('vernissage_chain', json_build_object('chain_id', "
            "cast(:chain_id as bigint), 'block', number)::text) "
            f'from "{old}".chain_cursors where chain_id = :chain_id'
        ),
        values,
    )
