"""`vernissage index run`: several chains in one process, and a standby that takes over."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select, text

from api.cli.following import Followed, follow_all
from api.local.processes import wait_until
from indexer.cursor import read_cursor
from indexer.digest import digest
from indexer.facts import CURSORS, HEALTH
from indexer.rebuild import side_schema
from indexer.run import catch_up, connected
from tests.chain.conftest import Market, market_on
from tests.support.servers import ROOT, deploy_contracts, running_anvil
from tests.support.tcp_proxy import TcpProxy, stalls, wired

pytestmark = pytest.mark.chain

OTHER = 4242


@pytest.fixture
def other() -> Iterator[Market]:
    """A second chain, which is no development chain."""
    with running_anvil("--chain-id", str(OTHER)) as node:
        yield market_on(deploy_contracts(node))


@contextmanager
def running(url: str, markets: Sequence[Market]) -> Iterator[list[int]]:
    """All of them followed in threads of this process; filled with how many failed."""
    stop = threading.Event()
    failed: list[int] = []
    chains = [Followed(one.deployment, (one.node.rpc_url,)) for one in markets]
    thread = threading.Thread(
        target=lambda: failed.append(follow_all(url, chains, stop)), daemon=True
    )
    thread.start()
    try:
        yield failed
    finally:
        stop.set()
        thread.join(20)


def reaches_head(url: str, market: Market, *, patience: float = 20) -> bool:
    chain_id, head = market.deployment.chain_id, market.chain.head().number

    def is_there() -> bool:
        with connected(url) as connection:
            found = read_cursor(connection, chain_id)
        return found is not None and found.number >= head

    return wait_until(is_there, patience=patience)


def halted(url: str, chain_id: int) -> str | None:
    with connected(url) as connection:
        return connection.scalar(select(CURSORS.c.halted).where(CURSORS.c.chain_id == chain_id))


def content(url: str, market: Market) -> tuple[object, object]:
    """Digests of what is stored and of a mirror read from nothing."""
    chain_id = market.deployment.chain_id
    with connected(url) as connection:
        stored = digest(connection, chain_id).digest
        with side_schema(connection, "fresh"):
            catch_up(connection, market.chain, market.deployment)
            return stored, digest(connection, chain_id).digest


def turn_below_finality(market: Market) -> None:
    """Take back more blocks than the two that are not final, and mine others."""
    market.node.call("anvil_rollback", 8)
    market.later(1_000)
    market.node.mine(12)


class TestManyChains:
    def test_a_node_that_is_down_does_not_stop_the_other_chain(
        self, market: Market, other: Market, migrated_url: str
    ) -> None:
        with running(migrated_url, [market, other]):
            assert reaches_head(migrated_url, market)
            assert reaches_head(migrated_url, other)
            os.kill(other.node.pid, signal.SIGSTOP)
            market.mint()
            went_on = reaches_head(migrated_url, market, patience=5)
            os.kill(other.node.pid, signal.SIGCONT)
            other.mint()

            assert went_on
            assert reaches_head(migrated_url, other)

    def test_a_chain_that_halts_does_not_stop_the_other(
        self, market: Market, other: Market, migrated_url: str
    ) -> None:
        other.node.mine(20)
        with running(migrated_url, [market, other]) as failed:
            assert reaches_head(migrated_url, other)
            turn_below_finality(other)
            assert wait_until(lambda: halted(migrated_url, OTHER) is not None, patience=20)
            market.mint()

            assert reaches_head(migrated_url, market)
            assert halted(migrated_url, 31337) is None
        assert failed == [1]

    def test_the_process_ends_when_its_only_chain_halts(
        self, other: Market, migrated_url: str
    ) -> None:
        other.node.mine(20)
        with running(migrated_url, [other]) as failed:
            assert reaches_head(migrated_url, other)
            turn_below_finality(other)

            assert wait_until(lambda: bool(failed), patience=20)

    def test_each_chain_has_its_own_health(
        self, market: Market, other: Market, migrated_url: str
    ) -> None:
        def chains() -> list[int]:
            with connected(migrated_url) as connection:
                return list(connection.scalars(select(HEALTH.c.chain_id)))

        with running(migrated_url, [market, other]):
            assert wait_until(lambda: sorted(chains()) == [OTHER, 31337], patience=20)


@contextmanager
def index_run(
    url: str, market: Market, folder: Path, node: str | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """The program as it is deployed; `log_of` tells where it says what it does."""
    deployments = folder / "deployments"
    deployments.mkdir(exist_ok=True)
    (deployments / "31337.json").write_text(json.dumps(market.deployment.as_json()))
    half = folder / "started.log"
    with half.open("wb") as told:
        process = subprocess.Popen(
            [sys.executable, "-m", "api.cli", "index", "run"],
            cwd=ROOT,
            env={
                "PATH": "/usr/bin:/bin",
                "DATABASE_URL": url,
                "RPC_URLS": f"31337={node or market.node.rpc_url}",
                "DEPLOYMENTS_DIR": str(deployments),
            },
            stdout=told,
            stderr=told,
        )
    half.rename(log_of(folder, process))
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def log_of(folder: Path, process: subprocess.Popen[bytes]) -> Path:
    return folder / f"{process.pid}.log"


def stands_by(folder: Path, process: subprocess.Popen[bytes]) -> bool:
    """Whether it found another one active, and says so."""
    return wait_until(lambda: "standing by" in log_of(folder, process).read_text(), patience=60)


@contextmanager
def active_and_standby(
    url: str, market: Market, folder: Path, node: str | None = None
) -> Iterator[tuple[subprocess.Popen[bytes], subprocess.Popen[bytes]]]:
    """One that has read to the head, by `node` where that is given, and one that waits for it."""
    with index_run(url, market, folder, node) as active:
        assert reaches_head(url, market, patience=60)
        with index_run(url, market, folder) as standby:
            assert stands_by(folder, standby)
            yield active, standby


def writer(url: str) -> int:
    """The process that says of itself that it is the active one."""
    with connected(url) as connection:
        instance = connection.scalar(select(HEALTH.c.instance))
    return int(str(instance).rpartition(":")[2])


def fall_silent(wire: TcpProxy) -> None:
    """Take every question and answer none, as a network that drops what is sent."""
    wire.break_with(stalls)


class TestStandby:
    @pytest.mark.timeout(180)
    def test_takes_over_from_one_that_was_killed(
        self, market: Market, migrated_url: str, tmp_path: Path
    ) -> None:
        with active_and_standby(migrated_url, market, tmp_path) as (active, standby):
            active.send_signal(signal.SIGKILL)
            assert wait_until(lambda: writer(migrated_url) == standby.pid, patience=60)
            market.sell(market.artist, market.collector, market.mint())
            assert reaches_head(migrated_url, market)

        stored, fresh = content(migrated_url, market)
        assert stored == fresh

    @pytest.mark.timeout(300)
    def test_takes_over_from_one_that_is_frozen(
        self, market: Market, migrated_url: str, tmp_path: Path
    ) -> None:
        with active_and_standby(migrated_url, market, tmp_path) as (active, standby):
            active.send_signal(signal.SIGSTOP)
            assert wait_until(lambda: writer(migrated_url) == standby.pid, patience=90)
            market.sell(market.artist, market.collector, market.mint())
            assert reaches_head(migrated_url, market)
            active.send_signal(signal.SIGCONT)
            market.mint()

            assert stands_by(tmp_path, active)
            assert wait_until(lambda: writer(migrated_url) == standby.pid, patience=20)
            assert reaches_head(migrated_url, market)

        stored, fresh = content(migrated_url, market)
        assert stored == fresh

    @pytest.mark.timeout(300)
    @pytest.mark.parametrize("cut", [TcpProxy.refuse, fall_silent])
    def test_takes_over_from_one_that_is_cut_off_from_its_node(
        self, market: Market, migrated_url: str, tmp_path: Path, cut: Callable[[TcpProxy], None]
    ) -> None:
        with (
            wired(market.node.rpc_url) as wire,
            active_and_standby(migrated_url, market, tmp_path, wire.url) as (active, standby),
        ):
            cut(wire)

            assert wait_until(lambda: writer(migrated_url) == standby.pid, patience=90)
            market.mint()
            assert reaches_head(migrated_url, market)
            assert stands_by(tmp_path, active)

    @pytest.mark.timeout(180)
    def test_tells_nothing_twice(self, market: Market, migrated_url: str, tmp_path: Path) -> None:
        with active_and_standby(migrated_url, market, tmp_path) as (active, _):
            market.mint()
            active.send_signal(signal.SIGKILL)
            market.mint()
            assert reaches_head(migrated_url, market, patience=10)

        with connected(migrated_url) as connection:
            (kinds,) = connection.execute(
                text(
                    "select array_agg(kind order by id) from chain_outbox "
                    "where kind in ('minted', 'retracted')"
                )
            ).one()
        assert kinds == ["minted", "minted"]

    def test_a_session_tells_the_server_to_notice_a_lost_host(self, migrated_url: str) -> None:
        with connected(migrated_url) as connection:
            assert connection.scalar(text("show tcp_user_timeout")) == "5000"
            assert connection.scalar(text("show tcp_keepalives_idle")) == "2"

    def test_a_session_is_not_stopped_in_what_it_would_only_do_again(
        self, migrated_url: str
    ) -> None:
        with connected(migrated_url) as connection:
            assert connection.scalar(text("show statement_timeout")) == "10min"
