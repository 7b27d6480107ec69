"""
Following the chain, and turning back when it does.

A new head is one of five cases: the same, behind us, the next, further on, or of another parent.
Every fact hangs on its block and falls with it. What replaces a branch is read first, then the
old branch falls and the new one is written in the same transaction, so that nobody ever sees
half of each.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from enum import Enum

import structlog
from sqlalchemy import Connection

from indexer.apply import apply
from indexer.commit import (
    Change,
    Cursor,
    commit,
    halt,
    read_cursor,
    read_found,
    stored_headers,
)
from indexer.fetch import ChainTurned, Reader, Stretch
from indexer.watch import Watch
from nft.chain.deployments import Deployment
from nft.chain.protocol import Block, Chain
from nft.errors import Conflict

log = structlog.get_logger(__name__)

LOCAL_CHAINS = frozenset({31337, 1337})
"""Development nodes: alone, and free to forget what they had called final."""

COUNTED_SAFE, COUNTED_FINAL = 32, 64
"""Depths where a node knows no `safe` and `finalized`."""

PATIENCE_SECONDS = 6.0
"""How long a lower head of another branch may be a lagging node before it is a reorg."""

FINALITY_SECONDS = 1.0
"""How often finality is asked for while no block comes."""


class ReorgBelowFinality(Conflict):
    """The chain left a branch that it had called final: the mirror stops and deletes nothing."""

    def __init__(self, chain_id: int, final_number: int) -> None:
        self.chain_id = chain_id
        self.final_number = final_number
        super().__init__(
            f"chain {chain_id} no longer has block {final_number}, which was final: either the "
            "node lies or it is another chain; the mirror stands still, nothing was deleted"
        )


class Outcome(Enum):
    """What a pass found."""

    SAME = "same"
    BEHIND = "behind"
    MOVED = "moved"
    REWOUND = "rewound"


class Mirror:
    """The mirror of one chain, written through one connection."""

    def __init__(
        self,
        connection: Connection,
        chain: Chain,
        deployment: Deployment,
        *,
        finality_cap: Callable[[], int | None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connection = connection
        self._chain = chain
        self._deployment = deployment
        self._reader = Reader(chain)
        self._cap = finality_cap
        self._clock = clock
        self._lower_since: float | None = None
        self._finality_asked_at = clock()
        self._cap_seen: int | None = None
        with connection.begin():
            self.cursor = read_cursor(connection, chain.chain_id)
            self.watch = Watch.over(deployment, read_found(connection, chain.chain_id))

    @property
    def is_local(self) -> bool:
        """Whether the chain is a development node's."""
        return self._chain.chain_id in LOCAL_CHAINS

    def follow(self) -> Outcome:
        """
        One pass: look at the head and do what its case asks for.

        Raises `ReorgBelowFinality`, or an error of the chain after which the pass can be repeated.
        """
        head = self._chain.head()
        cursor = self.cursor
        if cursor is None:
            return self._begin(head)
        if head.block_hash == cursor.block_hash:
            self._lower_since = None
            return self._stay(cursor, head)
        if head.number <= cursor.number:
            return self._turn(cursor, head) if self._is_reorg(cursor, head) else Outcome.BEHIND
        self._lower_since = None
        try:
            stretch = self._next(cursor, head)
        except ChainTurned:
            return self._turn(cursor, head)
        self._write(stretch, head)
        return Outcome.MOVED

    # The cases

    def _begin(self, head: Block) -> Outcome:
        first = self._deployment.first_block
        if head.number < first:
            return Outcome.BEHIND
        self._write(self._reader.read(self.watch, first, head.number, None), head)
        return Outcome.MOVED

    def _stay(self, cursor: Cursor, head: Block) -> Outcome:
        """Nothing new; what is safe and final may have moved on without a block."""
        cap = self._cap() if self._cap else None
        now = self._clock()
        if cap == self._cap_seen and now - self._finality_asked_at < FINALITY_SECONDS:
            return Outcome.SAME
        safe, final = self._finality(head.number)
        moved = replace(
            cursor,
            safe_number=max(cursor.safe_number, safe),
            final_number=max(cursor.final_number, final),
            head_number=head.number,
        )
        if moved != cursor:
            self._commit(Change(before=cursor, after=moved))
        return Outcome.SAME

    def _next(self, cursor: Cursor, head: Block) -> Stretch:
        if head.parent_hash == cursor.block_hash and head.number == cursor.number + 1:
            return self._reader.read_block(self.watch, head)
        first = cursor.number + 1
        return self._reader.read(self.watch, first, head.number, cursor.block_hash)

    def _is_reorg(self, cursor: Cursor, head: Block) -> bool:
        """
        Whether a head that is not above ours means another branch, or only a node behind.

        A development node is alone: what it says is so. Elsewhere a lower head must contradict
        what we hold, and go on doing so.
        """
        if self.is_local or head.number == cursor.number:
            return True
        held = stored_headers(self._connection, self._chain.chain_id, head.number, 1)
        if not held or held[0].number != head.number or held[0].block_hash == head.block_hash:
            self._lower_since = None
            return False
        now = self._clock()
        if self._lower_since is None:
            self._lower_since = now
        return now - self._lower_since >= PATIENCE_SECONDS

    def _turn(self, cursor: Cursor, head: Block) -> Outcome:
        """Rewind to the newest block that both sides have, and follow the other branch."""
        ancestor = self._common_ancestor(cursor, head)
        watch, stretch = self.watch.as_of(ancestor.number), None
        if head.number > ancestor.number:
            first = ancestor.number + 1
            try:
                stretch = self._reader.read(watch, first, head.number, ancestor.block_hash)
            except ChainTurned:
                return Outcome.BEHIND  # It turned again meanwhile: nothing was touched.
        log.warning(
            "chain turned",
            chain_id=self._chain.chain_id,
            depth=cursor.number - ancestor.number,
            ancestor=ancestor.number,
        )
        self._lower_since = None
        self._write(stretch, head, ancestor=ancestor)
        return Outcome.REWOUND

    def _common_ancestor(self, cursor: Cursor, head: Block) -> Block:
        """The newest stored header that the node has too. Raises `ReorgBelowFinality`."""
        below, count = min(cursor.number, head.number), 8
        while held := stored_headers(self._connection, self._chain.chain_id, below, count):
            told = self._chain.blocks([block.number for block in held])
            for ours, theirs in zip(held, told, strict=True):
                if theirs is not None and theirs.block_hash == ours.block_hash:
                    if ours.number < cursor.final_number and not self.is_local:
                        raise self._halted(cursor)
                    return ours
            below, count = held[-1].number - 1, min(4 * count, 128)
            if below < cursor.final_number and not self.is_local:
                break
        raise self._halted(cursor)

    def _halted(self, cursor: Cursor) -> ReorgBelowFinality:
        error = ReorgBelowFinality(self._chain.chain_id, cursor.final_number)
        halt(self._connection, self._chain.chain_id, str(error))
        return error

    # Writing

    def _finality(self, head_number: int) -> tuple[int, int]:
        """Safe and final height; on a local chain at most what the node has saved."""
        self._finality_asked_at = self._clock()
        safe, final = self._chain.blocks(["safe", "finalized"])
        found = (
            safe.number if safe else max(0, head_number - COUNTED_SAFE),
            final.number if final else max(0, head_number - COUNTED_FINAL),
        )
        if self._cap is None:
            return found
        self._cap_seen = self._cap()
        saved = self._cap_seen or 0
        return min(found[0], saved), min(found[1], saved)

    def _write(self, stretch: Stretch | None, head: Block, ancestor: Block | None = None) -> None:
        tip = stretch.tip if stretch is not None else ancestor
        if tip is None:
            raise ValueError("a change adds a stretch or rewinds")
        cursor = self.cursor
        safe, final = self._finality(head.number)
        if cursor is not None and ancestor is None:
            safe, final = max(safe, cursor.safe_number), max(final, cursor.final_number)
        if ancestor is not None and cursor is not None:
            final = max(final, min(cursor.final_number, ancestor.number))
        after = Cursor(
            number=tip.number,
            block_hash=tip.block_hash,
            timestamp=tip.timestamp,
            safe_number=min(max(safe, final), tip.number),
            final_number=min(final, tip.number),
            head_number=head.number,
        )
        facts = apply(self._chain.chain_id, stretch.logs, stretch.watch) if stretch else None
        rewind_to = ancestor.number if ancestor is not None else None
        self._commit(Change(cursor, after, rewind_to, stretch, facts))

    def _commit(self, change: Change) -> None:
        """What was found is watched once its creation stands, and no longer when that fell."""
        watch = self.watch
        if change.rewind_to is not None:
            watch = watch.as_of(change.rewind_to)
        if change.stretch is not None:
            watch = change.stretch.watch
        commit(self._connection, self._chain.chain_id, watch.collections, change)
        self.cursor, self.watch = change.after, watch
