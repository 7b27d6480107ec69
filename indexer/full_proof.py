"""
The whole mirror proven against the whole chain, nothing taken on trust from earlier proofs.

Every header from the first block to the cursor is hashed and linked; every block whose bloom
allows a log of ours, or that has facts, is held against its receipts root and its rows are
compared with those that stand; and in one statement each transfer's sender is compared with the
receiver before. It reads one snapshot and writes nothing: what differs is named.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection, select, text

from indexer import ranges, registry
from indexer.apply import apply
from indexer.cursor import read_cursor
from indexer.evidence import Reach, differing, read, stored
from indexer.facts import BLOCKS, BREAKS, Item
from indexer.fold import EVER
from indexer.prove import first_block
from nft.chain.client import Web3Chain
from nft.chain.deployments import Deployment
from nft.chain.errors import AnswerInconsistent
from nft.chain.testimony import HEADERS_PER_REQUEST, Testimony, Told, linked
from nft.errors import Missing
from nft.proofs.receipts import ReceiptIn
from nft.types import Digest

SPAN = 4 * HEADERS_PER_REQUEST


class NothingToProve(Missing):
    """The chain has no mirror yet."""

    def __init__(self, chain_id: int) -> None:
        super().__init__(f"chain {chain_id} has not been mirrored yet")


@dataclass(slots=True)
class FullProof:
    """What was proven, and what does not hold."""

    first: int
    last: int
    headers: int = 0
    blocks: int = 0
    """Whose receipts were proven."""
    logs: int = 0
    transfers: int = 0
    breaks: int = 0
    """Transfers from somebody who was not the owner: proven lies of contracts."""
    differences: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, part: str) -> Iterator[None]:
        """Count the time within towards a part."""
        started = time.perf_counter()
        try:
            yield
        finally:
            took = time.perf_counter() - started
            self.seconds[part] = self.seconds.get(part, 0.0) + took


def prove_all(
    connection: Connection,
    chain: Web3Chain,
    deployment: Deployment,
    *,
    report: Callable[[FullProof, int], None] = lambda proof, number: None,
) -> FullProof:
    """
    Prove everything up to the cursor; `report` hears of each stretch and its last block.

    Raises `AnswerInconsistent` when the node stands on another branch than the mirror, and what
    nodes raise. A rising number of differences is no reason to stop.
    """
    with connection.begin():
        connection.exec_driver_sql("set transaction isolation level repeatable read, read only")
        connection.exec_driver_sql("set local statement_timeout = 0")
        connection.exec_driver_sql("set local idle_in_transaction_session_timeout = 0")
        cursor = read_cursor(connection, deployment.chain_id)
        if cursor is None:
            raise NothingToProve(deployment.chain_id)
        proof = FullProof(first_block(connection, deployment), cursor.number)
        trial = _Trial(connection, deployment, Testimony(chain), proof)
        parent: Digest | None = None
        for first in range(proof.first, proof.last + 1, SPAN):
            last = min(first + SPAN - 1, proof.last)
            parent = trial.span(first, last, parent)
            report(proof, last)
        if parent is not None and parent != cursor.block_hash:
            raise AnswerInconsistent(f"its block {cursor.number} is not the mirror's")
        with proof.timed("custody"):
            _custody(connection, deployment.chain_id, proof)
    return proof


class _Trial:
    """One pass over the chain."""

    def __init__(
        self,
        connection: Connection,
        deployment: Deployment,
        testimony: Testimony,
        proof: FullProof,
    ) -> None:
        self._connection = connection
        self._chain_id = deployment.chain_id
        self._testimony = testimony
        self._proof = proof
        self._reach = Reach.stored(connection, deployment)

    def span(self, first: int, last: int, parent: Digest | None) -> Digest:
        """Prove consecutive blocks; the hash of the last one."""
        proof = self._proof
        with proof.timed("headers"):
            blocks = linked(self._testimony.headers(range(first, last + 1)), first, parent)
            proof.headers += len(blocks)
        with proof.timed("bloom"):
            chosen = self._chosen(blocks)
        at, receipts = first, iter(self._testimony.all_receipts(chosen))
        while True:
            with proof.timed("receipts"):
                batch, told = next(receipts, ((), []))
            if not batch:
                break
            end = batch[-1].header.number
            self._compare(batch, told, at, end)
            at = end + 1
        if at <= last:
            self._compare((), (), at, last)
        return blocks[-1].header.block_hash

    def _chosen(self, blocks: Sequence[Told]) -> list[Told]:
        """Blocks that may hold a log of ours, and those that hold one although they may not."""
        told = self._holding(blocks[0].header.number, blocks[-1].header.number)
        found = []
        for block in blocks:
            header = block.header
            held = told.get(header.number)
            if held is not None and held[0] != header.block_hash:
                self._differs(header.number, "another hash")
            if held is not None and held[1] != header.timestamp:
                self._differs(header.number, "another time")
            may = self._reach.may_be_in(header.bloom)
            if held is not None and not may:
                self._differs(header.number, "facts that its bloom denies")
            if may:
                found.append(block)
        return found

    def _holding(self, first: int, last: int) -> dict[int, tuple[Digest, int]]:
        """Hash and time of the blocks that hold facts."""
        rows = self._connection.execute(
            select(BLOCKS.c.number, BLOCKS.c.block_hash, BLOCKS.c.timestamp).where(
                BLOCKS.c.chain_id == self._chain_id,
                BLOCKS.c.number.between(first, last),
                BLOCKS.c.has_facts,
            )
        )
        return {row.number: (row.block_hash, row.timestamp) for row in rows}

    def _compare(
        self, batch: Sequence[Told], told: Sequence[Sequence[ReceiptIn]], first: int, last: int
    ) -> None:
        with self._proof.timed("compare"):
            items: list[Item] = []
            for block, receipts in zip(batch, told, strict=True):
                proven, self._reach = read(self._chain_id, block.header, receipts, self._reach)
                items += proven.items
            right = apply(self._chain_id, items, self._reach.watch)
            there = stored(self._connection, self._chain_id, first, last)
            for number in sorted(differing(right, there)):
                self._differs(number, "other facts than its receipts prove")
        self._proof.blocks += len(batch)
        self._proof.logs += len(items)
        self._proof.transfers += len(right.moves)

    def _differs(self, number: int, what: str) -> None:
        self._proof.differences.append(f"block {number}: {what}")


# Custody

_CUSTODY = """
    select distinct on (block_number, log_index) block_number, log_index
    from (
        select block_number, log_index, sender,
            coalesce(lag(receiver) over token, :nobody) as owner,
            bool_or({shows}) over token as is_shown
        from {source} as moved
        where chain_id = :chain_id and contract <> all(cast(:unread as bytea[]))
        window token as (partition by contract, token_id order by block_number, log_index)
    ) as held
    where owner <> sender and is_shown
    order by block_number, log_index
"""

_CUSTODY_OF_RANGE = """
    select distinct on (block_number, log_index) block_number, log_index
    from (
        select touched.block_number, touched.log_index, touched.sender,
            coalesce(touched.holder, earlier.receiver, :nobody) as owner,
            touched.is_shown or (
                select coalesce(bool_or(shows), false) from ({before}) as happened
                where block_number < :first
            ) as is_shown
        from (
            select *, lag(receiver) over token as holder, bool_or({shows}) over token as is_shown
            from {source} as moved
            where chain_id = :chain_id and block_number between :first and :last
              and contract <> all(cast(:unread as bytea[]))
            window token as (partition by contract, token_id order by block_number, log_index)
        ) as touched
        left join lateral (
            select receiver from ({before}) as happened
            where touched.holder is null and block_number < :first
            order by block_number desc, log_index desc limit 1
        ) as earlier on true
    ) as held
    where owner <> sender and is_shown
    order by block_number, log_index
"""

_BEFORE = """
    select block_number, log_index, receiver, true as shows from chain_transfers
    where chain_id = :chain_id and contract = touched.contract and token_id = touched.token_id
"""


def broken_custody(
    connection: Connection,
    chain_id: int,
    blocks: tuple[int, int] | None = None,
    unread: Collection[bytes] = (),
) -> list[tuple[int, int]]:
    """
    Where a work left somebody who did not own it: blocks and log indexes, in order.

    The sender of each transfer is compared with the receiver of the token's transfer before it,
    in a range of blocks or in all. A break is a log that is missing or made up, or a contract
    that lies. `unread` are contracts whose history is not there yet.
    """
    has_ranges = ranges.exist(connection, chain_id)
    first, last = blocks or EVER
    statement = (_CUSTODY if blocks is None else _CUSTODY_OF_RANGE).format(
        source=ranges.HAPPENED if has_ranges else "chain_transfers",
        before=ranges.OF_ONE_TOKEN if has_ranges else _BEFORE,
        shows="shows" if has_ranges else "true",
    )
    values: dict[str, object] = {"chain_id": chain_id, "nobody": bytes(20)}
    values |= {"unread": [bytes(one) for one in unread]}
    if has_ranges or blocks is not None:
        values |= {"first": first, "last": last}
    return [
        (row.block_number, row.log_index) for row in connection.execute(text(statement), values)
    ]


def _custody(connection: Connection, chain_id: int, proof: FullProof) -> None:
    unread = [bytes(one.contract) for one in registry.backfilling(connection, chain_id)]
    found = broken_custody(connection, chain_id, unread=unread)
    written = connection.execute(
        select(BREAKS.c.block_number, BREAKS.c.log_index).where(BREAKS.c.chain_id == chain_id)
    )
    known = {(row.block_number, row.log_index) for row in written}
    proof.breaks = len(found)
    for number, log_index in sorted(known.symmetric_difference(found)):
        which = "a break that is not written down" if (number, log_index) in found else "no break"
        proof.differences.append(f"block {number}: {which} at log {log_index}")
