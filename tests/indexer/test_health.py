"""
The indexer's record of its own work.
"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from timeit import repeat
from typing import Any

import pytest
from sqlalchemy import Connection, select, text

from api.local.processes import wait_until
from indexer.health import STAGE_BOUNDS, Health
from indexer.heartbeat import beating
from indexer.index_tables import HealthRow
from tests.indexer.conftest import Clock

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
CHAIN = 31337


@dataclass(frozen=True)
class Node:
    """The state of an endpoint."""

    name: str
    height: int


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def health(clock: Clock) -> Health:
    return Health(clock=clock, now=lambda: NOON)


def stored(connection: Connection) -> list[HealthRow]:
    with connection.begin():
        return list(connection.execute(select(HealthRow.__table__)).all())


def wait_for_row(connection: Connection, is_wanted: Callable[[Any], bool]) -> Any:
    """The chain's row, once it is as wanted."""
    assert wait_until(lambda: any(map(is_wanted, stored(connection))), patience=10)
    return stored(connection)[0]


class TestStages:
    def test_adds_up_what_a_stage_took(self, health: Health, clock: Clock) -> None:
        with health.stage("fetch"):
            clock.now += 0.02
        with health.stage("fetch"):
            clock.now += 60

        fetch = health.document()["stages"]["fetch"]
        assert (fetch["count"], fetch["seconds"]) == (2, pytest.approx(60.02))
        assert fetch["buckets"][STAGE_BOUNDS.index(0.025)] == 1
        assert fetch["buckets"][-1] == 1

    def test_counts_a_stage_that_fails(self, health: Health) -> None:
        with pytest.raises(ConnectionError), health.stage("commit"):
            raise ConnectionError

        assert health.document()["stages"]["commit"]["count"] == 1

    def test_loses_nothing_between_threads(self, health: Health) -> None:
        def work(_: int) -> None:
            with health.stage("apply"):
                health.count("events", 2)

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(work, range(2_000)))

        document = health.document()
        assert document["stages"]["apply"]["count"] == 2_000
        assert document["counters"]["events"] == 4_000

    def test_costs_next_to_nothing(self) -> None:
        health = Health()

        def once() -> None:
            with health.stage("fetch"):
                pass

        # The aim is 2 µs; a busy machine is given some air.
        assert min(repeat(once, number=10_000, repeat=7)) / 10_000 < 5e-6


class TestLatencyAtTheHead:
    def test_runs_from_the_header_to_the_commit(self, health: Health, clock: Clock) -> None:
        health.head_seen(7)
        clock.now += 0.004
        health.committed(7, blocks=1, events=3)

        latency = health.document()["latency"]
        assert (latency["count"], latency["p50"]) == (1, pytest.approx(0.004))

    def test_counts_from_the_first_arrival_of_a_header(self, health: Health, clock: Clock) -> None:
        health.head_seen(7)
        clock.now += 0.1
        health.head_seen(7)
        health.committed(7, blocks=1, events=0)

        assert health.document()["latency"]["p99"] == pytest.approx(0.1)

    def test_counts_every_block_that_a_commit_makes_visible(self, health: Health) -> None:
        health.head_seen(7)
        health.head_seen(8)
        health.committed(8, blocks=2, events=0)

        assert health.document()["latency"]["count"] == 2

    def test_leaves_out_what_only_catches_up(self, health: Health) -> None:
        health.head_seen(5_000)
        health.committed(5_000, blocks=5_000, events=9)

        assert health.document()["latency"]["count"] == 0

    def test_sees_heights_anew_after_a_rewind(self, health: Health) -> None:
        health.head_seen(9)
        health.committed(9, blocks=1, events=0)
        health.rewound(6)
        health.head_seen(8)

        assert health.document()["head"] == {"number": 8, "seen_at": NOON.isoformat()}


class TestDocument:
    def test_names_endpoints(self) -> None:
        health = Health(endpoints=lambda: [Node("node.example", 7), {"name": "b", "height": 8}])

        assert health.document()["endpoints"] == [
            {"name": "node.example", "height": 7},
            {"name": "b", "height": 8},
        ]

    def test_forgets_a_backfill_that_is_over(self, health: Health) -> None:
        health.backfill("0xAa", first=1, read_to=5, target=10)
        health.backfill("0xBb", first=1, read_to=6, target=10)
        health.backfill_over("0xAa")

        assert health.document()["backfills"] == {"0xBb": {"first": 1, "read_to": 6, "target": 10}}


class TestPublishing:
    def test_keeps_one_row_for_a_chain(
        self, health: Health, clock: Clock, connection: Connection
    ) -> None:
        health.publish(connection, CHAIN)
        clock.now += 2
        health.count("rewinds")
        health.publish(connection, CHAIN)

        (row,) = stored(connection)
        assert row.instance == health.instance
        assert row.document["counters"]["rewinds"] == 1

    def test_writes_at_most_once_a_second(
        self, health: Health, clock: Clock, connection: Connection
    ) -> None:
        first = health.publish(connection, CHAIN)
        clock.now += 0.9
        second = health.publish(connection, CHAIN)

        assert (first, second) == (True, False)

    def test_stays_out_of_a_transaction_of_others(
        self, health: Health, connection: Connection
    ) -> None:
        with connection.begin():
            connection.execute(text("select 1"))
            written = health.publish(connection, CHAIN)

        assert not written
        assert stored(connection) == []


class TestHeartbeat:
    def test_writes_while_the_body_does_nothing(
        self, migrated_url: str, connection: Connection
    ) -> None:
        health = Health()

        with beating(health, migrated_url, CHAIN):
            first = wait_for_row(connection, lambda row: True)
            health.count("rewinds")
            second = wait_for_row(connection, lambda row: row.updated_at > first.updated_at)

        assert second.document["counters"]["rewinds"] == 1

    def test_ends_with_the_body(self, migrated_url: str, connection: Connection) -> None:
        with beating(Health(), migrated_url, CHAIN):
            wait_for_row(connection, lambda row: True)

        assert "health of chain 31337" not in {one.name for one in threading.enumerate()}

    def test_goes_on_after_an_outage_of_the_database(
        self, migrated_url: str, connection: Connection
    ) -> None:
        with beating(Health(), migrated_url, CHAIN):
            first = wait_for_row(connection, lambda row: True)
            with connection.begin():
                connection.execute(
                    text(
                        "select pg_terminate_backend(pid) from pg_stat_activity "
                        "where datname = current_database() and pid <> pg_backend_pid()"
                    )
                )
            second = wait_for_row(connection, lambda row: row.updated_at > first.updated_at)

        assert second.instance == first.instance
