"""
Reading a stretch of the chain, and believing it only when it fits together.

One request brings the logs of a range and all its headers, from one node at once. Accepted is
only what links: headers parent by parent from the block we hold, logs by block hash, and a log
in every block whose bloom says that there may be one (else the block's receipts decide). The
range halves when a node refuses it and grows again when it answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from indexer.watch import Watch, bloom_mask
from nft.chain.errors import (
    AnswerInconsistent,
    MethodUnknown,
    NodeRefused,
    RangeRefused,
    StateNotAvailable,
)
from nft.chain.protocol import Block, Chain, Log
from nft.types import Digest

LARGEST_RANGE = 256
"""Blocks per request; as many headers travel with it."""

TRIES = 3
"""Times an inconsistent answer is asked again, elsewhere if there is an elsewhere."""


class ChainTurned(Exception):
    """The first block read does not follow the block we hold: the chain has another branch."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Consecutive blocks, at least one, and their logs in order."""

    blocks: tuple[Block, ...]
    logs: tuple[Log, ...]

    @property
    def tip(self) -> Block:
        """The last block."""
        return self.blocks[-1]


class Reader:
    """Reads stretches of one chain."""

    def __init__(self, chain: Chain, watch: Watch) -> None:
        self._chain = chain
        self._watch = watch
        self.size = LARGEST_RANGE

    def read(self, first: int, last: int, parent: Digest | None) -> Stretch:
        """
        As many blocks from `first` on as one request may bring, at most to `last`.

        `parent` is the hash of the block before, None when we hold none. Raises `ChainTurned`
        when `first` has another parent, `AnswerInconsistent` when no node told a whole story.
        """
        for attempt in range(TRIES):
            try:
                return self._read_once(first, last, parent)
            except (AnswerInconsistent, StateNotAvailable) as error:
                self._chain.doubt(str(error))
                if attempt == TRIES - 1:
                    raise AnswerInconsistent(str(error)) from error
        raise AssertionError("the loop above returns or raises")

    def read_block(self, block: Block) -> Stretch:
        """The stretch of one block whose header is at hand, logs asked by its hash."""
        for attempt in range(TRIES):
            try:
                span = self._chain.span(self._watch.filter, block.block_hash, [])
                return self._settled([block], span.logs)
            except RangeRefused:
                return Stretch((block,), tuple(self._from_receipts(block)))
            except (AnswerInconsistent, NodeRefused) as error:
                self._chain.doubt(str(error))
                if attempt == TRIES - 1:
                    raise
            except StateNotAvailable as error:
                raise ChainTurned(str(error)) from error
        raise AssertionError("the loop above returns or raises")

    def _read_once(self, first: int, last: int, parent: Digest | None) -> Stretch:
        end = min(last, first + self.size - 1)
        while True:
            numbers = range(first, end + 1)
            try:
                span = self._chain.span(self._watch.filter, (first, end), numbers)
            except (RangeRefused, NodeRefused):
                if end == first:
                    return self._read_receipts(first, parent)
                self.size = (end - first + 1) // 2
                end = first + self.size - 1
                continue
            if end - first + 1 == self.size:
                self.size = min(LARGEST_RANGE, 2 * self.size)
            blocks = linked(span.blocks, first, parent)
            return self._settled(blocks, span.logs)

    def _read_receipts(self, number: int, parent: Digest | None) -> Stretch:
        """One block whose logs the node refuses as too many."""
        blocks = linked([self._chain.find_block(number)], number, parent)
        return Stretch(tuple(blocks), tuple(self._from_receipts(blocks[0])))

    def _settled(self, blocks: Sequence[Block], logs: Sequence[Log]) -> Stretch:
        kept = fitting(blocks, logs, self._watch)
        holding = {log.block_number for log in kept}
        for block in blocks:
            if block.number not in holding and self._watch.may_be_in(block.bloom):
                kept += self._from_receipts(block)
        kept.sort(key=lambda log: (log.block_number, log.log_index))
        return Stretch(tuple(blocks), tuple(kept))

    def _from_receipts(self, block: Block) -> list[Log]:
        """The block's logs by another way; a node without receipts is asked a second time."""
        try:
            receipts = self._chain.block_receipts(block.block_hash)
        except MethodUnknown:
            again = self._chain.span(self._watch.filter, block.block_hash, []).logs
            return fitting([block], again, self._watch)
        logs = [log for receipt in receipts for log in receipt.logs]
        if block.bloom and not logs:
            raise AnswerInconsistent(f"no receipts for block {block.number}, whose bloom has bits")
        return fitting([block], [log for log in logs if self._watch.wants(log)], self._watch)


def linked(found: Sequence[Block | None], first: int, parent: Digest | None) -> list[Block]:
    """
    The leading headers that the node has, each the parent of the next.

    A node behind a balancer may lack the newest. Raises `AnswerInconsistent` or `ChainTurned`.
    """
    blocks: list[Block] = []
    for number, block in enumerate(found, first):
        if block is None:
            break
        if block.number != number:
            raise AnswerInconsistent(f"asked for block {number}, got {block.number}")
        if blocks and block.parent_hash != blocks[-1].block_hash:
            raise AnswerInconsistent(f"block {number} does not follow the block before it")
        blocks.append(block)
    if not blocks:
        raise AnswerInconsistent(f"block {first} was announced and is null")
    if parent is not None and blocks[0].parent_hash != parent:
        raise ChainTurned(f"block {first} has another parent")
    return blocks


def fitting(blocks: Sequence[Block], logs: Sequence[Log], watch: Watch) -> list[Log]:
    """
    The logs of these blocks, each once; what is `removed` is left out.

    Raises `AnswerInconsistent` for a log of another branch, of a block that was not asked for,
    of a contract that is not ours, denied by its block's bloom, or told in two versions.
    """
    by_number = {block.number: block for block in blocks}
    kept: dict[tuple[int, int], Log] = {}
    for log in logs:
        if log.removed or log.block_number > blocks[-1].number:
            continue
        block = by_number.get(log.block_number)
        if block is None or block.block_hash != log.block_hash:
            raise AnswerInconsistent(f"a log of another block {log.block_number}")
        if not watch.wants(log):
            if log.address in watch.forms:
                continue  # Another contract's event of the same filter: not ours to mirror.
            raise AnswerInconsistent(f"a log of {log.address}, which was not asked for")
        mask = bloom_mask(log.address) | bloom_mask(log.topics[0])
        if block.bloom & mask != mask:
            raise AnswerInconsistent(f"block {log.block_number} denies a log told for it")
        if kept.setdefault((log.block_number, log.log_index), log) != log:
            raise AnswerInconsistent(f"two logs {log.log_index} in block {log.block_number}")
    return list(kept.values())
