"""
A rebuild that cannot end well leaves the mirror, and what was told of it, as they were.
"""

from contextlib import suppress
from threading import Event, Thread

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from api.local.processes import wait_until
from indexer.cursor import Cursor
from indexer.facts import CURSORS
from indexer.load import LONG_HISTORY
from indexer.mirror import Ways
from indexer.rebuild import NotReadThrough, RebuildRuns, rebuild
from indexer.run import connected
from tests.indexer.conftest import Studio
from tests.support.people import ARTIST, COLLECTOR, HOUSE, WORK, deployed
from tests.support.scripted_logs import minted, transferred


def sold(studio: Studio) -> None:
    """A mirror in which a work was minted and moved, and all of it is final."""
    studio.node.mine(*minted(HOUSE, ARTIST, WORK))
    studio.node.mine(transferred(HOUSE, ARTIST, COLLECTOR, WORK))
    studio.node.final = studio.node.safe = 2
    studio.followed()


class TestANodeThatIsBehind:
    @pytest.mark.parametrize("missing", [1, 2])
    def test_takes_nothing_final_away(self, studio: Studio, missing: int) -> None:
        """Of one that has no block of ours yet, the mirror would be empty."""
        sold(studio)
        before, told = studio.digest(), studio.told()
        studio.node.drop(missing)

        with pytest.raises(NotReadThrough, match="nothing was replaced"):
            rebuild(studio.connection, studio.chain, deployed(1))

        assert (studio.digest(), studio.told()) == (before, told)

    def test_may_be_a_local_one_that_began_anew(self, local_studio: Studio) -> None:
        sold(local_studio)
        local_studio.node.drop(1)

        rebuild(local_studio.connection, local_studio.chain, deployed(31337))

        assert local_studio.owners() == {WORK: ARTIST}


class TestARebuildThatWasStopped:
    def test_puts_no_half_in_the_mirrors_place(self, studio: Studio) -> None:
        sold(studio)
        studio.node.mine_empty(LONG_HISTORY)
        studio.followed()
        before, stop = studio.digest(), Event()
        ways = Ways(stop=stop, moved=lambda *_: stop.set())

        with pytest.raises(NotReadThrough):
            rebuild(studio.connection, studio.chain, deployed(1), ways)

        assert studio.digest() == before
        assert studio.rows(CURSORS, "is_loading") == [False]


class TestTwoRebuilds:
    def test_do_not_drop_each_others_tables(self, studio: Studio, migrated_url: str) -> None:
        sold(studio)
        refused: list[str] = []

        def meanwhile(cursor: Cursor, events: int) -> None:
            with connected(migrated_url) as other, pytest.raises(RebuildRuns) as caught:
                rebuild(other, studio.chain, deployed(1))
            refused.append(str(caught.value))

        before, after = rebuild(studio.connection, studio.chain, deployed(1), Ways(moved=meanwhile))

        assert refused
        assert before == after

    def test_may_follow_each_other_on_one_connection_or_two(
        self, studio: Studio, migrated_url: str
    ) -> None:
        sold(studio)
        rebuild(studio.connection, studio.chain, deployed(1))
        rebuild(studio.connection, studio.chain, deployed(1))

        with connected(migrated_url) as other:
            before, after = rebuild(other, studio.chain, deployed(1))

        assert before == after


class TestAHistoryThatEndsMeanwhile:
    def test_only_makes_the_swap_begin_again(self, studio: Studio, migrated_url: str) -> None:
        """It holds rows and wants the cursor; the swap holds the cursor and wants the rows."""
        sold(studio)
        has_rows = Event()

        def end() -> None:
            with connected(migrated_url) as other, other.begin():
                other.execute(text("update chain_tokens set transfer_count = transfer_count"))
                has_rows.set()
                assert wait_until(lambda: is_waiting(migrated_url), patience=30)
                # The server may end this side as well; then the swap goes on by itself.
                with suppress(OperationalError):
                    other.execute(text("select from chain_cursors for update"))

        def meanwhile(cursor: Cursor, events: int) -> None:
            if not has_rows.is_set():
                ending.start()
                assert has_rows.wait(30)

        ending = Thread(target=end)
        before, after = rebuild(studio.connection, studio.chain, deployed(1), Ways(moved=meanwhile))
        ending.join(30)

        assert before == after
        assert studio.owners() == {WORK: COLLECTOR}


def is_waiting(url: str) -> bool:
    """Whether somebody waits for what another transaction holds."""
    with connected(url) as connection, connection.begin():
        waiting = "datname = current_database() and wait_event_type = 'Lock'"
        found = connection.scalar(text(f"select count(*) from pg_stat_activity where {waiting}"))
        return bool(found)
