"""
The prover as a thread beside the follower: a connection of its own, woken by each commit.

Outages of node and database are waited out. Where blocks cannot be proven at all, it says so, and
tries again a minute later; the mirror goes on without.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from indexer.amend import BlockGone
from indexer.cursor import Cursor
from indexer.health import Health
from indexer.mirror import Ways
from indexer.prove import Prover, by_receipts
from nft.chain.client import Web3Chain
from nft.chain.deployments import Deployment
from nft.chain.testimony import ProofsUnavailable
from nft.database import is_outage, make_engine
from nft.errors import ChainMismatch, Unreachable

log = structlog.get_logger(__name__)

IDLE_SECONDS = 1.0
"""How often it looks by itself, for what came without a commit of this process."""
LONGEST_PAUSE_SECONDS = 2.0


class Proving:
    """One chain's prover, through outages."""

    def __init__(
        self,
        database_url: str,
        chain: Web3Chain,
        deployment: Deployment,
        *,
        health: Health | None = None,
    ) -> None:
        self._database_url = database_url
        self._chain = chain
        self._deployment = deployment
        self._health = health or Health()
        self._changed: Callable[[], None] = lambda: None
        """Called when a block was put right: the follower may have more to listen to."""
        self._wake = threading.Event()
        self._failures = 0
        self.unavailable: str | None = None
        """Why blocks cannot be proven at present."""

    def beside(self, ways: Ways) -> Ways:
        """How a follower works that has this prover at its side."""

        self._changed = ways.changed.set

        def moved(cursor: Cursor, events: int) -> None:
            ways.moved(cursor, events)
            self.wake()

        return replace(
            ways,
            moved=moved,
            prove=by_receipts(self._chain, self._deployment, self._health),
        )

    def wake(self) -> None:
        """The mirror moved: there is something to prove."""
        self._wake.set()

    def run(self, stop: threading.Event) -> None:
        """Prove until told to stop; `wake` is to be called after `stop` is set, too."""
        while not stop.is_set():
            engine = make_engine(self._database_url, pool_size=1)
            try:
                with engine.connect() as connection:
                    self._run(connection, stop)
            except DBAPIError as error:
                if not is_outage(error):
                    raise
                self._pause(stop, f"database: {type(error.orig).__name__}")
            finally:
                engine.dispose()

    def _run(self, connection: Connection, stop: threading.Event) -> None:
        prover = Prover(
            connection,
            self._chain,
            self._deployment,
            health=self._health,
            on_amend=lambda amendment: self._changed(),
        )
        while not stop.is_set():
            self._wake.clear()
            try:
                has_more = prover.step()
            except ProofsUnavailable as error:
                if self.unavailable is None:
                    log.warning("no proofs", chain_id=prover.chain_id, why=str(error))
                self.unavailable = str(error)
                stop.wait(error.retry_after_seconds)
                continue
            except BlockGone as error:
                self._pause(stop, str(error))
                continue
            except (Unreachable, ChainMismatch) as error:
                self._pause(stop, str(error))
                continue
            if has_more:
                self.unavailable = None
                self._failures = 0
            else:
                self._wake.wait(IDLE_SECONDS)

    def _pause(self, stop: threading.Event, why: str) -> None:
        """Longer each time; said once per outage."""
        if self._failures == 0:
            log.warning("prover waits", chain_id=self._deployment.chain_id, why=why)
        wait = min(LONGEST_PAUSE_SECONDS, 0.05 * 2**self._failures)
        self._failures = min(self._failures + 1, 10)
        stop.wait(wait)


@contextmanager
def proving(prover: Proving) -> Iterator[Proving]:
    """The prover at work in a thread of its own while the body runs."""
    over = threading.Event()

    def work() -> None:
        try:
            prover.run(over)
        except Exception:
            # The mirror needs no prover to go on, but somebody must look.
            log.exception("the prover ended")
            raise

    thread = threading.Thread(target=work, name="prover", daemon=True)
    thread.start()
    try:
        yield prover
    finally:
        over.set()
        prover.wake()
        thread.join(timeout=15)
