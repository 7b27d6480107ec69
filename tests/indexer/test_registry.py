"""
A registered contract's row through its life, rewinds included.
"""

import json

import pytest
from sqlalchemy import Connection

from indexer import registry
from indexer.registry import Registered
from nft.database import libpq_url
from nft.types import Address

CHAIN = 1
GALLERY = Address(b"\xdd" * 20)
WORKS = Address(b"\x0a" * 20)
OTHERS = Address(b"\x0b" * 20)


@pytest.fixture
def opened(connection: Connection) -> Connection:
    """A connection within a transaction that nobody commits."""
    connection.begin()
    return connection


def asked(connection: Connection, **values: str) -> Registered:
    registry.register(connection, CHAIN, WORKS, GALLERY, **values)
    return found(connection)


def found(connection: Connection) -> Registered:
    row = registry.find(connection, CHAIN, WORKS)
    assert row is not None
    return row


def joined(connection: Connection, *, first: int, at: int) -> None:
    asked(connection)
    registry.set_first_block(connection, CHAIN, WORKS, first)
    registry.join(connection, CHAIN, WORKS, at)


class TestRegister:
    def test_waits_to_be_looked_at(self, opened: Connection) -> None:
        row = asked(opened, name="Foreign Works", symbol="FW")

        assert (row.state, row.name, row.symbol) == ("requested", "Foreign Works", "FW")
        assert registry.waiting(opened, CHAIN) == [row]
        assert registry.joined(opened, CHAIN) == []

    def test_is_news_once(self, opened: Connection) -> None:
        first = registry.register(opened, CHAIN, WORKS, GALLERY, name="Foreign")
        second = registry.register(opened, CHAIN, WORKS, None, name="Renamed")

        assert (first, second) == (True, False)
        assert found(opened).name == "Foreign"

    def test_is_of_one_chain(self, opened: Connection) -> None:
        asked(opened)

        assert registry.waiting(opened, CHAIN + 1) == []

    def test_keeps_a_hostile_name_on_one_short_line(self, opened: Connection) -> None:
        row = asked(opened, name="a\0b\n\ud800<script>\u202e" + "x" * 5_000)

        assert row.name.startswith("a\N{REPLACEMENT CHARACTER}b ?<script>x")
        assert len(row.name) == registry.LONGEST_NAME

    def test_tries_a_refused_one_once_more(self, opened: Connection) -> None:
        asked(opened)
        registry.refuse(opened, CHAIN, WORKS, "there is no code")

        news = registry.register(opened, CHAIN, WORKS, GALLERY)

        assert news
        assert (found(opened).state, found(opened).refused) == ("requested", None)

    def test_tells_whoever_listens(self, connection: Connection, migrated_url: str) -> None:
        import psycopg

        with psycopg.connect(libpq_url(migrated_url), autocommit=True) as listener:
            listener.execute("listen vernissage_registry")

            with connection.begin():
                registry.register(connection, CHAIN, WORKS, GALLERY)

            told = next(listener.notifies(timeout=5))
        assert json.loads(told.payload) == {"chain_id": CHAIN, "contract": str(WORKS)}


class TestItsLife:
    def test_is_sought(self, opened: Connection) -> None:
        asked(opened)

        registry.seek(opened, CHAIN, WORKS)

        assert found(opened).state == "finding"
        assert registry.waiting(opened, CHAIN) == [found(opened)]

    def test_is_refused_with_the_reason(self, opened: Connection) -> None:
        asked(opened)

        registry.refuse(opened, CHAIN, WORKS, "there is no code")

        assert (found(opened).state, found(opened).refused) == ("refused", "there is no code")
        assert registry.waiting(opened, CHAIN) == []

    def test_is_not_refused_once_it_joined(self, opened: Connection) -> None:
        joined(opened, first=10, at=29)

        registry.refuse(opened, CHAIN, WORKS, "too late")

        assert (found(opened).state, found(opened).refused) == ("backfilling", None)

    def test_reads_its_history_once_joined(self, opened: Connection) -> None:
        joined(opened, first=10, at=29)

        row = found(opened)

        assert (row.state, row.next_block, row.progress) == ("backfilling", 10, 0.0)
        assert registry.joined(opened, CHAIN) == registry.backfilling(opened, CHAIN) == [row]
        assert registry.waiting(opened, CHAIN) == []

    def test_says_how_far_it_is(self, opened: Connection) -> None:
        joined(opened, first=10, at=29)

        registry.advance(opened, CHAIN, WORKS, 14)

        row = found(opened)
        assert (row.state, row.next_block, row.progress) == ("backfilling", 15, 0.25)

    def test_is_not_complete_before_its_tokens_are_made(self, opened: Connection) -> None:
        joined(opened, first=10, at=29)

        registry.advance(opened, CHAIN, WORKS, 29)

        assert found(opened).state == "backfilling"
        assert registry.unread(opened, CHAIN) == {WORKS}
        assert registry.joined(opened, CHAIN) == [found(opened)]

    def test_has_no_history_when_it_is_younger_than_the_cursor(self, opened: Connection) -> None:
        joined(opened, first=30, at=29)

        assert (found(opened).state, found(opened).progress) == ("complete", 1.0)

    def test_can_be_said_to_be_complete(self, opened: Connection) -> None:
        joined(opened, first=10, at=29)

        registry.complete(opened, CHAIN, WORKS)

        assert (found(opened).state, found(opened).read_to) == ("complete", 29)

    def test_stands_beside_others(self, opened: Connection) -> None:
        joined(opened, first=10, at=29)
        registry.register(opened, CHAIN, OTHERS, GALLERY)

        assert [row.contract for row in registry.every(opened, CHAIN)] == [WORKS, OTHERS]
        assert [row.contract for row in registry.waiting(opened, CHAIN)] == [OTHERS]


class TestCutBack:
    def test_leaves_what_a_rewind_does_not_reach(self, opened: Connection) -> None:
        joined(opened, first=10, at=29)
        registry.advance(opened, CHAIN, WORKS, 14)
        before = found(opened)

        registry.cut_back(opened, CHAIN, 29)

        assert found(opened) == before

    def test_joins_at_the_ancestor(self, opened: Connection) -> None:
        joined(opened, first=10, at=29)
        registry.advance(opened, CHAIN, WORKS, 14)

        registry.cut_back(opened, CHAIN, 25)

        row = found(opened)
        assert (row.joined_block, row.read_to, row.state) == (25, 14, "backfilling")

    def test_still_waits_for_its_tokens(self, opened: Connection) -> None:
        joined(opened, first=10, at=29)
        registry.advance(opened, CHAIN, WORKS, 27)

        registry.cut_back(opened, CHAIN, 25)

        row = found(opened)
        assert (row.joined_block, row.read_to, row.state) == (25, 25, "backfilling")

    def test_stays_complete(self, opened: Connection) -> None:
        joined(opened, first=10, at=29)
        registry.complete(opened, CHAIN, WORKS)

        registry.cut_back(opened, CHAIN, 25)

        assert (found(opened).state, found(opened).read_to) == ("complete", 25)

    def test_has_no_history_when_its_creation_fell(self, opened: Connection) -> None:
        joined(opened, first=27, at=29)

        registry.cut_back(opened, CHAIN, 25)

        row = found(opened)
        assert (row.first_block, row.joined_block, row.state) == (26, 25, "complete")

    def test_looks_again_for_a_creation_that_fell_before_it_joined(
        self, opened: Connection
    ) -> None:
        asked(opened)
        registry.set_first_block(opened, CHAIN, WORKS, 27)

        registry.cut_back(opened, CHAIN, 25)

        assert (found(opened).state, found(opened).first_block) == ("requested", None)
