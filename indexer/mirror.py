"""
Following the chain, and turning back when it does.

A new head is one of five cases: the same, behind us, the next, further on, or of another parent.
Every fact hangs on its block and falls with it. What replaces a branch is read first, then the
old branch falls and the new one is written in the same transaction, so that nobody ever sees
half of each.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import Enum

import structlog
from sqlalchemy import Connection

from indexer import load, registry
from indexer.apply import apply
from indexer.commit import (
    Change,
    CustodyBroken,
    commit,
    read_found,
    stored_headers,
)
from indexer.cursor import Cursor, halt, hold, read_cursor
from indexer.custody import Judge, Prove
from indexer.facts import TOKENS
from indexer.fetch import Checks, Pace, Reader, Stretch
from indexer.finality import Finality
from indexer.fold import Breaks
from indexer.health import Health
from indexer.sift import ChainTurned
from indexer.watch import Watch
from nft.chain.deployments import Deployment
from nft.chain.protocol import Block, Chain
from nft.errors import Conflict
from nft.types import Digest

log = structlog.get_logger(__name__)

LOCAL_CHAINS = frozenset({31337, 1337})
"""Development nodes: alone, and free to forget what they had called final."""

PATIENCE_SECONDS = 6.0
"""How long a lower head of another branch may be a lagging node before it is a reorg."""


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


@dataclass(frozen=True)
class Ways:
    """How a mirror works: what it checks, counts and waits for. The defaults do for most."""

    finality_cap: Callable[[], int | None] | None = None
    """The newest block that a local node has saved: nothing above it is safe or final."""
    checks: Checks = field(default_factory=Checks)
    pace: Pace = field(default_factory=Pace)
    health: Health = field(default_factory=Health)
    may_load: bool = True
    """Whether a long history is loaded in bulk, or tokens kept current all the way."""
    stop: threading.Event = field(default_factory=threading.Event)
    """Set when a long reading shall end after the transaction it is in."""
    moved: Callable[[Cursor, int], None] = lambda cursor, events: None
    """Hears of every transaction: where it brought the mirror, and how many events it wrote."""
    prove: Callable[[Connection], Prove] | None = None
    """How breaks of custody are decided; without it they are believed when told twice."""
    changed: threading.Event = field(default_factory=threading.Event)
    """Set from any thread when more may have to be listened to."""
    clock: Callable[[], float] = time.monotonic


class Mirror:
    """The mirror of one chain, written through one connection."""

    def __init__(
        self,
        connection: Connection,
        chain: Chain,
        deployment: Deployment,
        ways: Ways | None = None,
    ) -> None:
        self.ways = ways or Ways()
        self._connection = connection
        self._chain = chain
        self._deployment = deployment
        ways = self.ways
        self._reader = Reader(chain, checks=ways.checks, health=ways.health, pace=ways.pace)
        self._prove = self.ways.prove(connection) if self.ways.prove else None
        self._judge = Judge(connection, chain, self._reader, self._prove)
        self._lower_since: float | None = None
        self._finality = Finality(chain, self.ways.finality_cap, self.ways.clock)
        self.refresh()

    @property
    def chain_id(self) -> int:
        """The chain's id."""
        return self._chain.chain_id

    @property
    def chain(self) -> Chain:
        """The chain that is mirrored."""
        return self._chain

    def refresh(self) -> None:
        """Read anew where the mirror stands and what is listened to: both are in the database."""
        with self._connection.begin():
            self.cursor = read_cursor(self._connection, self._chain.chain_id)
            self.watch = stored_watch(self._connection, self._deployment)
        self._is_loading = self.cursor is not None and self.cursor.is_loading

    @property
    def is_local(self) -> bool:
        """Whether the chain is a development node's."""
        return self._chain.chain_id in LOCAL_CHAINS

    def follow(self, head: Block | None = None) -> Outcome:
        """
        One pass: look at the head and do what its case asks for.

        `head` is one that a node has just announced; else it is asked for. Raises
        `ReorgBelowFinality`, or an error of the chain after which the pass can be repeated.
        """
        if self.ways.changed.is_set():
            self.ways.changed.clear()
            self.join()
            self.refresh()
        head = head or self._chain.head()
        cursor = self.cursor
        if cursor is None:
            return self._begin(head)
        if head.block_hash == cursor.block_hash:
            self._lower_since = None
            return self._stay(cursor, head)
        self.ways.health.head_seen(head.number)
        if head.number <= cursor.number:
            return self._turn(cursor, head) if self._is_reorg(cursor, head) else Outcome.BEHIND
        self._lower_since = None
        try:
            self._go_on(cursor, head)
        except ChainTurned:
            if self.cursor is not cursor:
                return Outcome.MOVED  # It turned while we read on: the next pass turns back.
            return self._turn(cursor, head)
        return Outcome.MOVED

    # The cases

    def _begin(self, head: Block) -> Outcome:
        first = self._first_block()
        if head.number < first:
            return Outcome.BEHIND
        is_long = head.number - first >= load.LONG_HISTORY
        self._is_loading = self.ways.may_load and is_long
        if is_long:
            # Lists of works are for readers, who come when the history is there.
            load.begin(self._connection, load.INDEXED if self._is_loading else (TOKENS,))
        with suppress(ChainTurned):  # The next pass turns back, or begins again.
            self._stream(first, head, None)
            if self._is_loading:
                self._open()
            elif is_long:
                load.make_indexes(self._connection)
        return Outcome.MOVED if self.cursor else Outcome.BEHIND

    def _first_block(self) -> int:
        """Of the deployment, or of a contract that joined before anything was read (a rebuild)."""
        with self._connection.begin():
            joined = registry.joined(self._connection, self._chain.chain_id)
        known = [one.first_block for one in joined if one.first_block is not None]
        return min([self._deployment.first_block, *known])

    def _stay(self, cursor: Cursor, head: Block) -> Outcome:
        """Nothing new; what is safe and final may have moved on without a block."""
        self._open()
        if not self._finality.is_due():
            return Outcome.SAME
        safe, final = self._finality.heights(head.number)
        final = self._finality.moved(cursor.final_number, final, self._hash_at)
        moved = replace(
            cursor,
            safe_number=max(cursor.safe_number, safe),
            final_number=max(cursor.final_number, final),
            head_number=head.number,
        )
        if moved != cursor:
            self._commit(Change(before=cursor, after=moved))
        return Outcome.SAME

    def _go_on(self, cursor: Cursor, head: Block) -> None:
        if head.parent_hash == cursor.block_hash and head.number == cursor.number + 1:
            self._write(self._reader.read_block(self.watch, head), head)
        else:
            self._stream(cursor.number + 1, head, cursor)
        self._open()

    def join(self) -> None:
        """
        Listen to contracts whose first block is known, from the next block on.

        Before the first block and in a bulk load none can: whoever reads histories asks again.
        Raises `CursorMoved`.
        """
        cursor, chain_id = self.cursor, self._chain.chain_id
        if cursor is None or cursor.is_loading:
            return
        with self._connection.begin():
            hold(self._connection, chain_id, cursor)  # Another writer's blocks lack them.
            for one in registry.waiting(self._connection, chain_id):
                if one.first_block is not None:
                    registry.join(self._connection, chain_id, one.contract, cursor.number)
        self.refresh()

    def _stream(self, first: int, head: Block, cursor: Cursor | None) -> None:
        """A long way: ranges are read ahead while the one before is written."""
        parent = cursor.block_hash if cursor else None
        if not self.ways.checks.links:
            self._reader.final_number = self._finality.heights(head.number)[1]
        for stretch in self._reader.stream(self.watch, first, head.number, parent):
            self._write(stretch, head)
            if self.ways.stop.is_set():
                return

    def _open(self) -> None:
        """At the end of a load, make what it left out; a break of custody is looked into first."""
        if not self._is_loading or self.ways.stop.is_set():
            return
        chain_id = self._chain.chain_id
        try:
            load.finish(self._connection, chain_id, self.watch, Breaks.REFUSED)
        except CustodyBroken as error:
            log.warning("custody broken", chain_id=chain_id, why=str(error))
            if self._prove is not None and self.cursor is not None:
                self._prove(self.cursor.number, None)
            load.finish(self._connection, chain_id, self.watch, Breaks.WRITTEN)
        self.refresh()

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
        now = self.ways.clock()
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
                stretch = self._reader.read_whole(watch, first, head.number, ancestor.block_hash)
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

    def _write(self, stretch: Stretch | None, head: Block, ancestor: Block | None = None) -> None:
        tip = stretch.tip if stretch is not None else ancestor
        if tip is None:
            raise ValueError("a change adds a stretch or rewinds")
        cursor = self.cursor
        safe, final = self._finality.heights(head.number, stretch.finality if stretch else None)
        if cursor is not None and ancestor is None:
            safe, final = max(safe, cursor.safe_number), max(final, cursor.final_number)
        if ancestor is not None and cursor is not None:
            final = max(final, min(cursor.final_number, ancestor.number))
        final = self._agreed(stretch, tip, min(final, tip.number))
        after = Cursor(
            number=tip.number,
            block_hash=tip.block_hash,
            timestamp=tip.timestamp,
            safe_number=min(max(safe, final), tip.number),
            final_number=final,
            head_number=head.number,
            is_loading=self._is_loading,
        )
        rewind_to = ancestor.number if ancestor is not None else None
        breaks = Breaks.REFUSED if self.ways.checks.custody else Breaks.WRITTEN
        change = Change(cursor, after, rewind_to, stretch, breaks=breaks, fallen=self.watch)
        self._commit(change)

    def _agreed(self, stretch: Stretch | None, tip: Block, final: int) -> int:
        """The final height as far as no two nodes contradict it."""
        blocks = (*stretch.blocks, tip) if stretch else (tip,)
        new = {block.number: block.block_hash for block in blocks}
        before = min(self.cursor.final_number if self.cursor else -1, tip.number)
        return self._finality.moved(
            before, final, lambda number: new.get(number) or self._hash_at(number)
        )

    def _hash_at(self, number: int) -> Digest | None:
        """The hash that we hold of a height, if we hold one."""
        held = stored_headers(self._connection, self._chain.chain_id, number, 1)
        return held[0].block_hash if held and held[0].number == number else None

    def _commit(self, change: Change) -> None:
        """What was found is watched once its creation stands, and no longer when that fell."""
        watch = self.watch
        if change.rewind_to is not None:
            watch = watch.as_of(change.rewind_to)
        if change.stretch is not None:
            watch = change.stretch.watch
            with self.ways.health.stage("apply"):
                items = change.stretch.items
                facts = apply(self._chain.chain_id, items, change.stretch.watch)
            change = replace(change, facts=facts)
        with self.ways.health.stage("commit"):
            self._carry_out(change, watch)
        self.cursor, self.watch = change.after, watch
        if change.rewind_to is not None:
            self.ways.health.rewound(change.rewind_to)
            self.refresh()  # Contracts that joined above the ancestor join at it now.
        events = len(change.stretch.items) if change.stretch else 0
        blocks = len(change.stretch.blocks) if change.stretch else 0
        self.ways.health.committed(change.after.number, blocks=blocks, events=events)
        self.ways.moved(change.after, events)

    def _carry_out(self, change: Change, watch: Watch) -> None:
        try:
            commit(self._connection, self._chain.chain_id, watch, change)
        except CustodyBroken as error:
            self._judge.settle(change, watch, error)


def stored_watch(connection: Connection, deployment: Deployment) -> Watch:
    """What is listened to: the deployment, what its factories made, what was registered."""
    joined = registry.joined(connection, deployment.chain_id)
    return Watch.over(
        deployment,
        read_found(connection, deployment.chain_id),
        {one.contract: one.joined_block or 0 for one in joined},
    )
