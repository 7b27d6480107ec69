"""
The indexer as a process: one active per chain, a standby that waits, and no outage that ends it.

The advisory lock lives on the connection that writes. Whoever loses the connection has lost the
lock, and cannot write any more.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from indexer import load
from indexer.backfill import Backfill
from indexer.beside import beside
from indexer.cursor import CursorMoved
from indexer.health import Health
from indexer.heartbeat import beating
from indexer.mirror import Mirror, Outcome, Ways
from indexer.nodes import looked_after
from indexer.proving import Proving, proving
from indexer.standby import LOOK_SECONDS, Unanswered, wait_for_lock
from nft.chain.client import Web3Chain
from nft.chain.deployments import Deployment
from nft.chain.heads import Heads
from nft.chain.protocol import Block, Chain
from nft.database import is_outage, make_engine
from nft.errors import ChainMismatch, Unreachable

log = structlog.get_logger(__name__)

IDLE_SECONDS = 0.25
"""How long a head is waited for before finality is looked after."""
LONGEST_PAUSE_SECONDS = 2.0


@contextmanager
def connected(database_url: str) -> Iterator[Connection]:
    """One connection, closed and forgotten at the end."""
    engine = make_engine(database_url, pool_size=1, is_watched=True)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def follow(
    database_url: str,
    rpc_urls: Sequence[str],
    deployment: Deployment,
    *,
    stop: threading.Event,
    poll_seconds: float = 0.1,
    ways: Ways | None = None,
    report: Callable[[Outcome], None] | None = None,
) -> None:
    """
    Follow a chain until `stop` is set, through outages of node and database.

    `report` hears the outcome of each pass. Raises `ReorgBelowFinality`, after which somebody
    must look.
    """
    chain = Web3Chain(deployment.chain_id, rpc_urls)
    ways = replace(ways or Ways(), stop=stop)
    ways.health.endpoints = chain.transport.health
    prover = Proving(database_url, chain, deployment, health=ways.health)
    ways = prover.beside(ways)
    pause = Pause(stop, ways.health)
    while not stop.is_set():
        try:
            with connected(database_url) as connection:
                if not wait_for_lock(connection, deployment.chain_id, stop):
                    return
                # Before anything that may take long: who stands by would take it for frozen.
                with beating(ways.health, database_url, deployment.chain_id):
                    mirror = _take_over(connection, chain, deployment, ways)
                    with (
                        proving(prover) if ways.checks.roots else nullcontext(),
                        _histories(database_url, mirror),
                        looked_after(database_url, chain),
                        chain.heads(poll_seconds=poll_seconds) as heads,
                    ):
                        _follow(mirror, heads, pause, report)
            if not stop.is_set():
                log.warning("no node answers: another indexer may go on", chain_id=chain.chain_id)
                stop.wait(4 * LOOK_SECONDS)
        except CursorMoved as error:
            pause.take(str(error))
        except DBAPIError as error:
            if not is_outage(error):
                raise
            pause.take(f"database: {type(error.orig).__name__}")


def _take_over(
    connection: Connection, chain: Web3Chain, deployment: Deployment, ways: Ways
) -> Mirror:
    ways.changed.set()  # What was registered while nobody was here joins at once.
    mirror = Mirror(connection, chain, deployment, ways)
    if mirror.cursor is not None and not mirror.cursor.is_loading:
        load.make_indexes(connection)  # Whoever was killed before it made them.
    log.info("following", chain_id=deployment.chain_id, cursor=mirror.cursor)
    return mirror


@contextmanager
def _histories(database_url: str, mirror: Mirror) -> Iterator[None]:
    """The histories of registered contracts, read beside the follower."""

    def begin(connection: Connection) -> Callable[[], bool]:
        return Backfill(connection, mirror.chain, mirror.ways).step

    name = f"histories of chain {mirror.chain_id}"
    with beside(name, database_url, begin):
        yield


def _follow(
    mirror: Mirror, heads: Heads, pause: Pause, report: Callable[[Outcome], None] | None
) -> None:
    """
    Pass after pass: at once where there may be more, else when a head is announced.

    Ends when told to stop, and when no node has answered for so long that another indexer, which
    may have other nodes or another way to them, should have its turn.
    """
    head: Block | None = None
    unanswered = Unanswered()
    while not pause.stop.is_set():
        try:
            outcome = mirror.follow(head)
            was_announced, head = head is not None, None
            if report is not None:
                report(outcome)
            if was_announced or outcome in (Outcome.SAME, Outcome.BEHIND):
                hint = heads.wait(IDLE_SECONDS)
                head = hint.block if hint is not None else None
        except (Unreachable, ChainMismatch) as error:
            head = None
            if unanswered.is_long(mirror.cursor):
                return
            pause.take(str(error))
        else:
            unanswered.over()
            pause.over()


class Pause:
    """Waiting after a failure: longer each time up to two seconds, said once per outage."""

    def __init__(self, stop: threading.Event, health: Health) -> None:
        self.stop = stop
        self._health = health
        self._failures = 0

    def take(self, why: str) -> None:
        """Wait, unless told to stop."""
        if self._failures == 0:
            log.warning("indexer waits", why=why)
        self._health.trouble(why)
        wait = min(LONGEST_PAUSE_SECONDS, 0.05 * 2**self._failures)
        self._failures = min(self._failures + 1, 10)
        self.stop.wait(wait)

    def over(self) -> None:
        """Things work again."""
        if self._failures:
            log.info("indexer goes on", after_failures=self._failures)
            self._health.trouble(None)
        self._failures = 0


def prepare_process() -> None:
    """
    Look for garbage seldom: a reading makes thousands of rows at a time, and hardly a cycle.

    Measured, a third of the time went into looking at rows that were about to be written.
    """
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)


def catch_up(
    connection: Connection, chain: Chain, deployment: Deployment, ways: Ways | None = None
) -> Mirror:
    """Read up to the head once, as rebuild and tests do; the mirror is returned."""
    mirror = Mirror(connection, chain, deployment, ways)
    while mirror.follow() in (Outcome.MOVED, Outcome.REWOUND):
        if mirror.ways.stop.is_set():
            break
    return mirror
