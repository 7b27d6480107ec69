"""
A contract that joins the mirror while somebody else writes it loses nothing of its history.
"""

from collections.abc import Iterator
from threading import Event

import pytest
from sqlalchemy import Connection

from indexer import registry
from indexer.backfill import Backfill
from indexer.cursor import Cursor, CursorMoved
from indexer.facts import CONTRACTS
from indexer.fetch import Pace
from indexer.load import LONG_HISTORY
from indexer.mirror import Mirror, Ways
from indexer.rebuild import rebuild
from indexer.run import connected
from nft.chain.errors import AnswerInconsistent
from nft.types import ZERO_ADDRESS
from tests.indexer.conftest import Studio
from tests.indexer.test_birth import Archive
from tests.support.people import ARTIST, COLLECTOR, GALLERY, STRANGER, deployed
from tests.support.scripted_logs import transferred
from tests.support.scripted_node import honest, serving

WORK = 7


@pytest.fixture
def studio(connection: Connection) -> Iterator[Studio]:
    with serving(Archive(chain_id=1, lives=[(1, 1_000)])) as node:
        yield Studio(node, connection)


def registered(studio: Studio) -> Mirror:
    """A mirror that knows of a contract, and where its history begins, and has not joined it."""
    studio.node.mine(transferred(STRANGER, ZERO_ADDRESS, ARTIST, WORK))
    mirror = studio.followed()
    studio.register()
    return mirror


def goes_on(studio: Studio) -> None:
    """A follower begins anew, with the reader of histories beside it."""
    mirror = studio.mirror()
    backfill = Backfill(studio.connection, studio.chain, mirror.ways)
    mirror.ways.changed.set()
    for _ in range(2):
        mirror.follow()
        while backfill.step():
            pass


class TestJoining:
    def test_waits_for_who_knows_where_the_mirror_stands(self, studio: Studio) -> None:
        late = registered(studio)
        studio.node.mine(transferred(STRANGER, ARTIST, COLLECTOR, WORK))
        studio.followed()

        with pytest.raises(CursorMoved):
            late.join()

        assert studio.rows(CONTRACTS, "joined_block") == [None]
        goes_on(studio)
        assert studio.owners() == {WORK: COLLECTOR}

    def test_waits_for_the_first_block_of_a_mirror_that_has_none(self, studio: Studio) -> None:
        """The reader of histories was sooner than the follower, and tells it no second time."""
        studio.node.mine(transferred(STRANGER, ZERO_ADDRESS, ARTIST, WORK))
        studio.register()

        goes_on(studio)

        assert studio.owners() == {WORK: ARTIST}

    def test_waits_for_the_end_of_a_bulk_load_that_was_stopped(self, studio: Studio) -> None:
        studio.node.mine(transferred(STRANGER, ZERO_ADDRESS, ARTIST, WORK))
        studio.node.mine_empty(LONG_HISTORY)
        stop = Event()
        ways = Ways(pace=Pace(500, 500, 1), moved=lambda *_: stop.set(), stop=stop)
        Mirror(studio.connection, studio.chain, deployed(1), ways).follow()
        studio.register()
        stopped_at = studio.mirror().cursor
        assert stopped_at is not None
        assert stopped_at.is_loading

        goes_on(studio)

        assert studio.owners() == {WORK: ARTIST}

    def test_joins_anew_when_a_rebuild_did_not_know_of_it(
        self, studio: Studio, migrated_url: str
    ) -> None:
        follower = registered(studio)
        joined: list[Cursor] = []

        def meanwhile(cursor: Cursor, events: int) -> None:
            follower.join()
            joined.append(cursor)

        with connected(migrated_url) as other:
            rebuild(other, studio.chain, deployed(1), Ways(moved=meanwhile))

        assert joined
        studio.node.mine(transferred(STRANGER, ARTIST, COLLECTOR, WORK))
        with pytest.raises(CursorMoved):  # It listens to a contract that has not joined.
            follower.follow()
        goes_on(studio)
        assert studio.owners() == {WORK: COLLECTOR}
        before, after = rebuild(studio.connection, studio.chain, deployed(1))
        assert before.digest == after.digest


class TestFirstBlock:
    def test_is_looked_for_again_when_the_chain_turned(
        self, studio: Studio, migrated_url: str
    ) -> None:
        node = studio.node
        assert isinstance(node, Archive)
        node.lives = [(5, 1_000)]
        node.mine_empty(10)
        mirror = studio.followed()
        with studio.connection.begin():
            registry.register(studio.connection, 1, STRANGER, GALLERY)

        def turn(code: str) -> str:
            node.drop(8)
            node.mine(transferred(STRANGER, ZERO_ADDRESS, ARTIST, WORK), label="b")
            node.mine_empty(8, label="b")
            node.lives = [(3, 1_000)]
            mirror.follow()
            return code

        node.fault("eth_getCode", *[honest] * 3, turn)
        with connected(migrated_url) as other:
            backfill = Backfill(other, studio.chain, Ways())
            with pytest.raises(AnswerInconsistent):
                backfill.step()
            backfill.step()

        assert studio.rows(CONTRACTS, "first_block") == [3]
        goes_on(studio)
        assert studio.owners() == {WORK: ARTIST}
