"""
Several chains in one database, and a database that changes its mind.
"""

import threading

import pytest
from sqlalchemy import Connection, TextClause, text
from sqlalchemy.exc import DBAPIError

from api.local.processes import wait_until
from indexer import load
from indexer.run import connected
from indexer.standby import take_lock
from nft.database import execute, is_outage

INDEXES = text(
    "select count(*) from pg_index where indrelid in "
    "(cast('chain_transfers' as regclass), cast('chain_tokens' as regclass))"
)
WAITING = text(
    "select count(distinct pid) from pg_locks where not granted and pid <> pg_backend_pid() "
    "and (locktype = 'advisory' or relation = cast('chain_transfers' as regclass))"
)


def count(connection: Connection, query: TextClause) -> int:
    """One number, as of now."""
    with connection.begin():
        return int(connection.execute(query).scalar_one())


class TestTwoLoads:
    def test_that_end_at_once_make_the_indexes_once(
        self, connection: Connection, migrated_url: str
    ) -> None:
        whole = count(connection, INDEXES)
        load.begin(connection)
        failures: list[Exception] = []

        def end() -> None:
            with connected(migrated_url) as own:
                try:
                    load.make_indexes(own)
                except DBAPIError as error:
                    failures.append(error)

        chains = [threading.Thread(target=end) for _ in range(2)]
        with connected(migrated_url) as reader, connected(migrated_url) as looker:
            with reader.begin():
                reader.execute(text("lock table chain_transfers in row exclusive mode"))
                for chain in chains:
                    chain.start()
                assert wait_until(lambda: count(looker, WAITING) == 2, patience=20)
            for chain in chains:
                chain.join(20)

        assert failures == []
        assert count(connection, INDEXES) == whole


class TestADatabase:
    def test_that_is_read_only_since_a_failover_is_waited_for(self, connection: Connection) -> None:
        with connection.begin():
            execute(connection, "set transaction read only")
            with pytest.raises(DBAPIError) as caught:
                execute(connection, "delete from chain_cursors")

        assert is_outage(caught.value)

    def test_refuses_a_statement_of_ours_for_good(self, connection: Connection) -> None:
        with connection.begin(), pytest.raises(DBAPIError) as caught:
            execute(connection, "select from chain_nowhere")

        assert not is_outage(caught.value)

    def test_keeps_the_locks_of_chains_apart(
        self, connection: Connection, migrated_url: str
    ) -> None:
        with connected(migrated_url) as other:
            assert take_lock(connection, 1)
            assert take_lock(other, 2)
            assert not take_lock(other, 1)
