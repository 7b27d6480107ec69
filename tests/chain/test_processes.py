"""The indexer as a process: killed anywhere, started twice, cut off from node and database."""

import json
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from multiprocessing.process import BaseProcess

import psycopg
import pytest

from api.local.processes import wait_until
from indexer.audit import audit
from indexer.cursor import Cursor, read_cursor
from indexer.run import connected, follow
from indexer.standby import take_lock
from nft.database import libpq_url
from tests.chain.conftest import Market, Scene
from tests.support.follow import indexer as follow_process

pytestmark = pytest.mark.chain


def indexer(
    market: Market, url: str, *, kill_after: int | None = None
) -> AbstractContextManager[BaseProcess]:
    """An indexer process of this market."""
    return follow_process(market.deployment, url, market.node.rpc_url, kill_after=kill_after)


def cursor(url: str, chain_id: int = 31337) -> Cursor | None:
    with connected(url) as connection:
        return read_cursor(connection, chain_id)


def reaches_head(market: Market, url: str, *, patience: float = 20) -> bool:
    head = market.chain.head().number

    def is_there() -> bool:
        found = cursor(url)
        return found is not None and found.number >= head

    return wait_until(is_there, patience=patience)


def season(market: Market) -> None:
    """Some of everything."""
    token = market.mint()
    market.mint()
    market.sell(market.artist, market.collector, token)
    market.move(market.collector, market.gallery, token)
    market.send(market.gallery, market.collection.burn(token))


def works_until_dead(market: Market, process: BaseProcess) -> int | None:
    """Mint while the process lives; how it ended."""
    wait_until(lambda: process.exitcode is not None or market.mint() < 0, patience=30)
    return process.exitcode


class TestKills:
    @pytest.mark.timeout(300)
    def test_killed_at_a_dozen_points_the_digest_is_a_clean_runs(
        self, scene: Scene, migrated_url: str
    ) -> None:
        ends = []

        for statement in (5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 19, 27):
            season(scene.market)
            with indexer(scene.market, migrated_url, kill_after=statement) as process:
                ends.append(works_until_dead(scene.market, process))
        scene.follow()

        assert ends == [-signal.SIGKILL] * 12
        assert scene.digest() == scene.fresh_digest()
        market = scene.market
        assert audit(scene.connection, market.chain, market.deployment).differences == ()

    @pytest.mark.timeout(300)
    def test_killed_in_a_rewind_the_digest_is_a_clean_runs(
        self, scene: Scene, migrated_url: str
    ) -> None:
        ends = []

        for statement in (7, 9, 11, 14, 17, 20):
            season(scene.market)
            scene.follow()
            scene.market.node.call("anvil_rollback", 4)
            with indexer(scene.market, migrated_url, kill_after=statement) as process:
                ends.append(works_until_dead(scene.market, process))
        scene.follow()

        assert ends == [-signal.SIGKILL] * 6
        assert scene.digest() == scene.fresh_digest()


class TestTwoIndexers:
    def test_the_second_waits_and_takes_over(self, market: Market, migrated_url: str) -> None:
        season(market)
        with indexer(market, migrated_url) as active:
            assert reaches_head(market, migrated_url)
            with connected(migrated_url) as third:
                assert not take_lock(third, 31337)
            with indexer(market, migrated_url) as standby:
                active.kill()
                season(market)

                assert reaches_head(market, migrated_url)
                assert standby.is_alive()

    def test_a_stop_is_prompt(self, market: Market, migrated_url: str) -> None:
        with indexer(market, migrated_url) as process:
            assert reaches_head(market, migrated_url)

            process.terminate()

            process.join(10)
            assert process.exitcode == 0


@contextmanager
def following(market: Market, url: str) -> Iterator[None]:
    """The loop in a thread of this process."""
    stop = threading.Event()
    thread = threading.Thread(
        target=follow,
        args=(url, [market.node.rpc_url], market.deployment),
        kwargs={"stop": stop},
        daemon=True,
    )
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(10)


class TestOutages:
    def test_a_lost_connection_to_the_database_is_made_again(
        self, market: Market, migrated_url: str
    ) -> None:
        with following(market, migrated_url):
            assert reaches_head(market, migrated_url)
            with psycopg.connect(libpq_url(migrated_url), autocommit=True) as admin:
                admin.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity "
                    "where datname = current_database() and pid <> pg_backend_pid()"
                )
            season(market)

            assert reaches_head(market, migrated_url)

    def test_a_disk_that_is_full_is_waited_for(self, market: Market, migrated_url: str) -> None:
        """It shows in COPY, which does not go through SQLAlchemy."""
        with (
            psycopg.connect(libpq_url(migrated_url), autocommit=True) as admin,
            following(market, migrated_url),
        ):
            assert reaches_head(market, migrated_url)
            admin.execute(
                "create function is_full() returns trigger language plpgsql as "
                "$$ begin raise exception 'no space left' using errcode = 'disk_full'; end $$; "
                "create sequence refused; "
                "create trigger no_space before insert on chain_transfers "
                "for each statement when (nextval('refused') > 0) execute function is_full()"
            )
            before = cursor(migrated_url)
            season(market)
            tried = "select from refused where is_called"
            assert wait_until(lambda: admin.execute(tried).rowcount == 1, patience=20)
            stays = cursor(migrated_url)
            admin.execute("drop trigger no_space on chain_transfers")

            assert stays is not None
            assert before is not None
            assert stays.number == before.number
            assert reaches_head(market, migrated_url)

    def test_a_node_that_accepts_and_never_answers_is_waited_for(
        self, market: Market, migrated_url: str
    ) -> None:
        with following(market, migrated_url):
            season(market)
            assert reaches_head(market, migrated_url)

            os.kill(market.node.pid, signal.SIGSTOP)
            still_there = cursor(migrated_url)
            os.kill(market.node.pid, signal.SIGCONT)
            season(market)

            assert still_there is not None
            assert reaches_head(market, migrated_url)

    def test_news_are_notified_with_the_block(self, market: Market, migrated_url: str) -> None:
        with (
            psycopg.connect(libpq_url(migrated_url), autocommit=True) as listener,
            following(market, migrated_url),
        ):
            assert reaches_head(market, migrated_url)
            listener.execute("listen vernissage_chain")
            market.mint()
            news = next(listener.notifies(timeout=10, stop_after=1))

        assert json.loads(news.payload)["chain_id"] == 31337
        assert json.loads(news.payload)["block"] >= market.chain.head().number - 1
