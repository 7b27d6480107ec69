"""
The history of registered contracts, read beside the follower by a thread and connection of its own.

A registered contract's first block is looked for; the follower then joins it, which means that it
listens from the next block on; everything up to there is read here. Its tokens are made at the
end, in one statement and under the cursor's lock, so that nobody is ever shown the owner of
years ago as the present one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from psycopg.errors import UniqueViolation
from sqlalchemy import Connection, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError

from indexer import birth, registry
from indexer.amend import pull_back
from indexer.apply import apply
from indexer.commit import CustodyBroken, add_facts, auctioned, notify, settle
from indexer.cursor import read_cursor
from indexer.facts import AUCTIONS, BLOCKS, CURSORS, Facts
from indexer.fetch import Reader, Stretch
from indexer.fold import EVER, Breaks, Span, fold
from indexer.mirror import Ways
from indexer.recompute import recompute
from indexer.registry import Registered
from indexer.sift import ChainTurned
from indexer.watch import Watch
from nft.chain.errors import AnswerInconsistent
from nft.chain.protocol import Chain
from nft.errors import ExchangeError, Unacceptable
from nft.types import Digest

log = structlog.get_logger(__name__)


class BranchFell(Exception):
    """The blocks that were read no longer stand in the mirror: they are read again."""


@contextmanager
def _not_overtaken() -> Iterator[None]:
    """A rebuild that read the same history meanwhile shows as rows that are there already."""
    try:
        yield
    except IntegrityError as error:
        if not isinstance(error.orig, UniqueViolation):
            raise
        raise BranchFell from error


class Backfill:
    """Reads histories on one chain, through a connection of its own."""

    def __init__(self, connection: Connection, chain: Chain, ways: Ways) -> None:
        self._connection = connection
        self._chain = chain
        self._chain_id = chain.chain_id
        self._reader = Reader(chain, checks=ways.checks, health=ways.health, pace=ways.pace)
        self._health = ways.health
        self._stop = ways.stop
        self._changed = ways.changed.set
        self._prove = ways.prove(connection) if ways.prove else None

    def step(self) -> bool:
        """
        Do one thing that is to be done; False when there is nothing.

        What cannot be done for one contract holds up no other. Raises the first reason when
        nothing could be done at all.
        """
        with self._connection.begin():
            waiting = registry.waiting(self._connection, self._chain_id)
            unread = registry.backfilling(self._connection, self._chain_id)
        if any(one.first_block is not None for one in waiting):
            self._changed()  # Until it joins: it could not yet, or the word of it was lost.
        sought = [(self._find, one) for one in waiting if one.first_block is None]
        failures: list[ExchangeError] = []
        for do, one in (*sought, *((self._read, one) for one in unread)):
            try:
                do(one)
            except ExchangeError as error:
                log.warning("a history waits", contract=str(one.contract), why=str(error))
                failures.append(error)
            else:
                return True
        if failures:
            raise failures[0]
        return False

    def _find(self, one: Registered) -> None:
        """Look for its first block; a contract that is none is refused."""
        with self._connection.begin():
            registry.seek(self._connection, self._chain_id, one.contract)
        head = self._chain.head()
        try:
            found = birth.find_birth(self._chain, one.contract, head.number)
        except Unacceptable as error:
            with self._connection.begin():
                registry.refuse(self._connection, self._chain_id, one.contract, str(error))
            return
        told = self._chain.find_block(head.number)
        with self._connection.begin():
            self._lock()
            hashes = {told.block_hash if told else None, self._held(head.number)}
            if not hashes <= {head.block_hash, None} or told is None:
                raise AnswerInconsistent("the chain turned while a first block was looked for")
            registry.set_first_block(
                self._connection, self._chain_id, one.contract, found.block, found.note
            )
        self._changed()

    def _read(self, one: Registered) -> None:
        if one.joined_block is None:
            return
        watch = Watch.only(one.contract, one.joined_block)
        try:
            at = one.next_block - 1
            if at < one.joined_block:
                for stretch in self._reader.stream(watch, at + 1, one.joined_block, None):
                    self._write(one, stretch)
                    at = stretch.tip.number
                    if self._stop.is_set():
                        return
            if at >= one.joined_block:  # Else the node lacks the newest: the next step goes on.
                self._finish(one)
        except ChainTurned as error:
            self._chain.doubt(str(error))
            raise AnswerInconsistent(str(error)) from error
        except BranchFell:  # Or the operator let go of it: then nothing of it is read again.
            self._health.backfill_over(str(one.contract))
            log.info("a history is read again from where the chain turned", contract=one.contract)

    # Writing

    def _write(self, one: Registered, stretch: Stretch) -> None:
        facts = apply(self._chain_id, stretch.items, stretch.watch)
        stands_on = self._common_block()
        with self._connection.begin(), _not_overtaken():
            self._keep_blocks(stretch, facts)
            add_facts(self._connection, facts)
            self._check(one, stretch, stands_on)
            registry.advance(self._connection, self._chain_id, one.contract, stretch.tip.number)
        self._health.count("backfill_events", len(stretch.items))
        self._health.backfill(
            str(one.contract),
            first=one.first_block or 0,
            read_to=stretch.tip.number,
            target=one.joined_block or 0,
        )

    def _keep_blocks(self, stretch: Stretch, facts: Facts) -> None:
        """Headers of blocks with facts; of others no reorg is followed here."""
        holding = facts.blocks()
        rows = [
            {
                "chain_id": self._chain_id,
                "number": block.number,
                "block_hash": block.block_hash,
                "parent_hash": block.parent_hash,
                "timestamp": block.timestamp,
                "has_facts": True,
            }
            for block in stretch.blocks
            if block.number in holding
        ]
        if rows:
            statement = upsert(BLOCKS)
            self._connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["chain_id", "number"], set_={"has_facts": True}
                ),
                rows,
            )

    def _common_block(self) -> tuple[int, Digest]:
        """
        The mirror's newest block, which the node has too: so it told a history of that branch.

        Below finality few headers are held, and a local chain turns there as well.
        """
        with self._connection.begin():
            cursor = read_cursor(self._connection, self._chain_id)
        if cursor is None:
            raise BranchFell
        told = self._chain.find_block(cursor.number)
        if told is None or told.block_hash != cursor.block_hash:
            raise AnswerInconsistent("the node stands on another branch than the mirror")
        return cursor.number, cursor.block_hash

    def _check(self, one: Registered, stretch: Stretch, stands_on: tuple[int, Digest]) -> None:
        """
        Whether what was read is of the branch that the mirror holds.

        Last, and under the cursor's lock: a rewind before it shows here, one after it finds the
        rows. Raises `BranchFell`.
        """
        number, block_hash = stands_on
        if self._lock() < number or self._held(number) not in (None, block_hash):
            raise BranchFell
        now = registry.find(self._connection, self._chain_id, one.contract)
        if now is None or now.joined_block != one.joined_block or now.is_complete:
            raise BranchFell
        held = self._connection.execute(
            select(BLOCKS.c.number, BLOCKS.c.block_hash).where(
                BLOCKS.c.chain_id == self._chain_id,
                BLOCKS.c.number.between(stretch.blocks[0].number, stretch.tip.number),
            )
        )
        told_here = {block.number: block.block_hash for block in stretch.blocks}
        if any(told_here.get(row.number, row.block_hash) != row.block_hash for row in held):
            self._chain.doubt("a history of another branch than the mirror's")
            raise AnswerInconsistent("the history that a node tells is of another branch")

    def _held(self, number: int) -> Digest | None:
        """The hash of a height; None below finality, where it cannot have changed meanwhile."""
        held: Digest | None = self._connection.execute(
            select(BLOCKS.c.block_hash).where(
                BLOCKS.c.chain_id == self._chain_id, BLOCKS.c.number == number
            )
        ).scalar()
        return held

    def _lock(self) -> int:
        """Keep the cursor where it is; its height, below zero where nothing is mirrored yet."""
        number: int | None = self._connection.execute(
            select(CURSORS.c.number).where(CURSORS.c.chain_id == self._chain_id).with_for_update()
        ).scalar()
        return -1 if number is None else number

    # The end

    def _finish(self, one: Registered) -> None:
        """Make the contract's tokens; from here on the follower keeps them."""
        try:
            self._make_tokens(one, Breaks.REFUSED)
        except CustodyBroken as error:
            log.warning("custody broken", contract=str(one.contract), why=str(error))
            if self._prove is not None:
                with self._connection.begin():
                    pull_back(self._connection, self._chain_id, (one.first_block or 0) - 1)
                self._prove(one.joined_block or 0, None)
            self._make_tokens(one, Breaks.WRITTEN)
        self._health.backfill_over(str(one.contract))
        self._changed()

    def _make_tokens(self, one: Registered, breaks: Breaks) -> None:
        joined = one.joined_block or 0
        with self._connection.begin():
            self._connection.execute(text("set local statement_timeout = 0"))
            self._connection.execute(text("set local work_mem = '128MB'"))
            past = Span((0, joined), one.contract)
            found = fold(self._connection, self._chain_id, (), past)
            settle(self._connection, self._chain_id, found, breaks)
            number = self._lock()  # Only now: this part is short whatever the history.
            now = registry.find(self._connection, self._chain_id, one.contract)
            if now is None or now.joined_block != joined:
                raise BranchFell
            since = Span((joined + 1, EVER[1]), one.contract)
            found = fold(self._connection, self._chain_id, (), since)
            settle(self._connection, self._chain_id, found, breaks)
            self._find_auctioned(one)
            pull_back(self._connection, self._chain_id, (one.first_block or 0) - 1)
            registry.complete(self._connection, self._chain_id, one.contract)
            notify(self._connection, self._chain_id, number)
        log.info("history complete", contract=str(one.contract))

    def _find_auctioned(self, one: Registered) -> None:
        """Works of which transfers alone say too little: for whom the auctions keep them."""
        of_contract = AUCTIONS.c.contract == one.contract
        works = auctioned(self._connection, self._chain_id, of_contract)
        if works:
            recompute(self._connection, self._chain_id, (), works)
