"""
Throwing the mirror of a chain away and reading it anew, without a moment in which it is gone.

The new mirror grows in a schema of its own and takes the old one's place in one transaction. An
indexer that runs meanwhile finds its cursor moved, and goes on from the new one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from psycopg.errors import DeadlockDetected
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError
from sqlmodel import SQLModel

from indexer.cursor import Cursor
from indexer.digest import Content, digest
from indexer.facts import BLOCKS, CONTRACTS, CURSORS, FACTS, OUTBOX, TOKENS
from indexer.mirror import LOCAL_CHAINS, Ways
from indexer.run import catch_up
from nft import locks
from nft.chain.deployments import Deployment
from nft.chain.protocol import Chain
from nft.errors import Conflict

log = structlog.get_logger(__name__)

TRIES = 5
"""How often a swap that was ended for the sake of another writer is made again."""

MIRRORED = (BLOCKS, *FACTS, TOKENS, CURSORS)

# What the outbox says last of each fact: that it was told, or that it was retracted. One place may
# have two facts: a transfer, and its sale elsewhere.
_STANDING = """
    with told as (
        select *, coalesce(payload->>'retracts', kind) as fact
        from "{old}".chain_outbox where chain_id = :chain_id
    ), standing as (
        select distinct on (block_number, block_hash, log_index, fact) *
        from told order by block_number, block_hash, log_index, fact, id desc
    )
"""

_RETRACT = (
    _STANDING
    + """
    insert into "{old}".chain_outbox
        (chain_id, block_number, block_hash, log_index, kind, payload)
    select chain_id, block_number, block_hash, log_index, 'retracted',
        payload || jsonb_build_object('retracts', kind)
    from standing where kind <> 'retracted' and not exists (
        select from "{new}".chain_outbox as fresh
        where fresh.chain_id = :chain_id and fresh.block_number = standing.block_number
          and fresh.block_hash = standing.block_hash and fresh.log_index = standing.log_index
          and fresh.kind = standing.fact
    )
    order by block_number desc, log_index desc
    """
)

_TELL = (
    _STANDING
    + """
    insert into "{old}".chain_outbox
        (chain_id, block_number, block_hash, log_index, kind, payload)
    select chain_id, block_number, block_hash, log_index, kind, payload
    from "{new}".chain_outbox as fresh
    where chain_id = :chain_id and not exists (
        select from standing
        where standing.block_number = fresh.block_number
          and standing.block_hash = fresh.block_hash and standing.log_index = fresh.log_index
          and standing.kind = fresh.kind
    )
    order by id
    """
)


_ALL_READ = text(
    """
    update index_contracts
    set read_to = joined_block, completed_at = coalesce(completed_at, now())
    where chain_id = :chain_id and joined_block is not null and refused is null
    """
)


# Who joined while the mirror was read is not in what was read, and joins anew. Its first block is
# looked for again: whoever finds it tells the follower.
_JOINED_LATE = """
    update "{old}".index_contracts as now set
        joined_block = null, read_to = null, completed_at = null,
        first_block = null, note = null, sought_at = null
    where chain_id = :chain_id and joined_block is not null and refused is null
      and not exists (select from "{new}".index_contracts as read
        where read.chain_id = now.chain_id and read.contract = now.contract)
"""


class ContractLeft(Conflict):
    """A contract was let go of while the mirror was read anew: what was read has it still."""

    def __init__(self, chain_id: int) -> None:
        super().__init__(f"a contract of chain {chain_id} was let go of meanwhile: rebuild again")


class NotReadThrough(Conflict):
    """What was read does not reach as far as the mirror: a node lags, or the chain turned."""

    def __init__(self, chain_id: int, final_number: int, read: Cursor | None) -> None:
        reached = "nothing" if read is None else f"block {read.number}"
        if read is not None and read.is_loading:
            reached += ", and its works were not made"
        super().__init__(
            f"of chain {chain_id} the node told {reached}, and the mirror is final up to block "
            f"{final_number}: nothing was replaced; rebuild again when the node is up to date"
        )


class RebuildRuns(Conflict):
    """The mirror is being read anew by somebody else."""

    def __init__(self, chain_id: int) -> None:
        super().__init__(f"chain {chain_id} is being rebuilt already: wait for that one's end")


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
        SQLModel.metadata.create_all(
            connection, tables=[*MIRRORED, OUTBOX, CONTRACTS], checkfirst=False
        )
    try:
        yield home
    finally:
        with connection.begin():
            connection.execute(text(f'set search_path to "{home}"'))
            connection.execute(text(f'drop schema if exists "{name}" cascade'))


def rebuild(
    connection: Connection, chain: Chain, deployment: Deployment, ways: Ways | None = None
) -> tuple[Content, Content]:
    """
    Rebuild from the chain alone; the content before and after is returned.

    Raises `RebuildRuns`, or `NotReadThrough` and `ContractLeft`, after which the mirror is what
    it was.
    """
    chain_id = deployment.chain_id
    name = f"chain_rebuild_{chain_id}"
    with _alone(connection, chain_id):
        before = digest(connection, chain_id)
        with side_schema(connection, name) as home:
            _take_registered(connection, chain_id, home)
            read = catch_up(connection, chain, deployment, ways).cursor
            _check_reach(chain_id, before.cursor, read)
            _put_in_place(connection, chain_id, new=name, old=home)
        return before, digest(connection, chain_id)


@contextmanager
def _alone(connection: Connection, chain_id: int) -> Iterator[None]:
    """Two would drop each other's tables, and one might put empty ones in the mirror's place."""
    with locks.alone(connection, f"vernissage rebuild of chain {chain_id}") as is_alone:
        if not is_alone:
            raise RebuildRuns(chain_id)
        yield


def _check_reach(chain_id: int, before: Cursor | None, read: Cursor | None) -> None:
    """What was final is not given up because a node does not know of it yet."""
    if before is None:
        return
    if read is None or read.is_loading:
        raise NotReadThrough(chain_id, before.final_number, read)
    if read.number < before.final_number and chain_id not in LOCAL_CHAINS:
        raise NotReadThrough(chain_id, before.final_number, read)


def _take_registered(connection: Connection, chain_id: int, home: str) -> None:
    """Contracts of others are read with the rest, from the first block of each."""
    with connection.begin():
        connection.execute(
            text(
                f'insert into index_contracts select * from "{home}".index_contracts '
                "where chain_id = :chain_id and joined_block is not null and refused is null"
            ),
            {"chain_id": chain_id},
        )
        connection.execute(_ALL_READ, {"chain_id": chain_id})


def _put_in_place(connection: Connection, chain_id: int, *, new: str, old: str) -> None:
    """
    Swap, as often as it takes to get past others.

    A history writes its rows first and takes the cursor last, so that it holds the follower up for
    a moment only; the swap has to hold the cursor from the beginning. Where the two block each
    other, PostgreSQL ends one, and if that is the swap, the other is through by the next time.
    """
    for tries_left in reversed(range(TRIES)):
        try:
            with connection.begin():
                connection.execute(text("set local statement_timeout = 0"))
                _swap(connection, chain_id, new=new, old=old)
            return
        except OperationalError as error:
            if not isinstance(error.orig, DeadlockDetected) or not tries_left:
                raise
            log.info("the swap gives way to another writer", chain_id=chain_id)


def _swap(connection: Connection, chain_id: int, *, new: str, old: str) -> None:
    """Replace the chain's rows; retract what fell, and tell only what does not stand told."""
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
    left = text(
        f'select from "{new}".index_contracts as read join "{old}".index_contracts as now '
        "using (chain_id, contract) where chain_id = :chain_id and now.left_block is not null "
        "limit 1"
    )
    if connection.execute(left, values).first() is not None:
        raise ContractLeft(chain_id)
    connection.execute(text(_JOINED_LATE.format(old=old, new=new)), values)
    connection.execute(text(f'set local search_path to "{old}"'))
    connection.execute(_ALL_READ, values)
    for statement in (_RETRACT, _TELL):
        connection.execute(text(statement.format(old=old, new=new)), values)
    connection.execute(
        text(
            "select pg_notify('vernissage_chain', json_build_object('chain_id', "
            "cast(:chain_id as bigint), 'block', number)::text) "
            f'from "{old}".chain_cursors where chain_id = :chain_id'
        ),
        values,
    )
