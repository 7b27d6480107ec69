"""
Looking after the nodes while they are followed: who is back, who lags, and who stands alone.

Where there are several, all are asked for their head every now and then, and for the hash of a
block that the mirror holds. The odd one out is named and benched by the transport. A majority
against the mirror itself is an alarm: the follower then finds another branch, and turns or stops.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

import structlog
from sqlalchemy import Connection

from indexer.beside import beside
from indexer.commit import stored_headers
from indexer.cursor import read_cursor
from nft.chain.client import Web3Chain
from nft.chain.quorum import Verdict

log = structlog.get_logger(__name__)

ROUND_SECONDS = 15.0

SETTLED_BLOCKS = 3
"""Below the cursor, where nodes should agree even while blocks come."""


class Rounds:
    """Rounds of questions to all nodes of one chain."""

    def __init__(
        self,
        connection: Connection,
        chain: Web3Chain,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connection = connection
        self._chain = chain
        self._clock = clock
        self._next_at = clock()

    def step(self) -> bool:
        """A round when it is time; there is never more to do."""
        if self._clock() >= self._next_at and self.ask() is not None:
            self._next_at = self._clock() + ROUND_SECONDS
        return False

    def ask(self) -> Verdict | None:
        """Ask for heads and for a hash; None before anything is mirrored."""
        with self._connection.begin():
            cursor = read_cursor(self._connection, self._chain.chain_id)
        if cursor is None:
            return None
        self._chain.transport.probe()
        number = max(cursor.final_number, cursor.number - SETTLED_BLOCKS)
        held = stored_headers(self._connection, self._chain.chain_id, number, 1)
        verdict = self._chain.transport.quorum(held[0].number if held else number)
        if verdict.odd:
            log.error("nodes disagree", chain_id=self._chain.chain_id, said=verdict.said)
        if verdict.is_decided and held and held[0].block_hash != verdict.block_hash:
            log.error("mirror against the majority", said=verdict.said)
        return verdict


@contextmanager
def looked_after(database_url: str, chain: Web3Chain) -> Iterator[None]:
    """Rounds beside the follower, where there is more than one node."""
    name = f"nodes of chain {chain.chain_id}"
    is_alone = len(chain.endpoints) == 1
    with (
        nullcontext()
        if is_alone
        else beside(name, database_url, lambda connection: Rounds(connection, chain).step)
    ):
        yield
