"""
Reading a stretch of the chain, and believing it only when it fits together.

One request brings the logs of a range and all its headers, from one node at once. Accepted is
only what links: headers parent by parent from the block we hold, logs by block hash, and a log
in every block whose bloom says that there may be one (else the block's receipts decide). The
range halves when a node refuses it and grows again when it answers.

What a factory makes within a range is asked about in the same pass, over the same blocks: a
collection's logs may begin in the block, and the transaction, that created it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from indexer import venues
from indexer.watch import Found, Part, Watch, bloom_mask, parts_of
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
    watch: Watch
    """With what was made in these blocks: it reads their logs, and asks for the next."""

    @property
    def tip(self) -> Block:
        """The last block."""
        return self.blocks[-1]


class Reader:
    """Reads stretches of one chain."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self.size = LARGEST_RANGE

    def read(self, watch: Watch, first: int, last: int, parent: Digest | None) -> Stretch:
        """
        As many blocks from `first` on as one request may bring, at most to `last`.

        `parent` is the hash of the block before, None when we hold none. Raises `ChainTurned`
        when `first` has another parent, `AnswerInconsistent` when no node told a whole story.
        """
        for attempt in range(TRIES):
            try:
                return self._read_once(watch, first, last, parent)
            except (AnswerInconsistent, StateNotAvailable) as error:
                self._chain.doubt(str(error))
                if attempt == TRIES - 1:
                    raise AnswerInconsistent(str(error)) from error
        raise AssertionError("the loop above returns or raises")

    def read_block(self, watch: Watch, block: Block) -> Stretch:
        """The stretch of one block whose header is at hand, logs asked by its hash."""
        for attempt in range(TRIES):
            try:
                span = self._chain.span(watch.parts[0].filter, block.block_hash, [])
                return self._whole(watch, [block], span.logs, block.block_hash)
            except RangeRefused:
                return self._from_receipts_alone(watch, block)
            except (AnswerInconsistent, NodeRefused) as error:
                self._chain.doubt(str(error))
                if attempt == TRIES - 1:
                    raise
            except StateNotAvailable as error:
                raise ChainTurned(str(error)) from error
        raise AssertionError("the loop above returns or raises")

    def _read_once(self, watch: Watch, first: int, last: int, parent: Digest | None) -> Stretch:
        end = min(last, first + self.size - 1)
        while True:
            where = (first, end)
            try:
                span = self._chain.span(watch.parts[0].filter, where, range(first, end + 1))
                blocks = linked(span.blocks, first, parent)
                stretch = self._whole(watch, blocks, span.logs, where)
            except (RangeRefused, NodeRefused):
                if end == first:
                    blocks = linked([self._chain.find_block(first)], first, parent)
                    return self._from_receipts_alone(watch, blocks[0])
                self.size = (end - first + 1) // 2
                end = first + self.size - 1
                continue
            if end - first + 1 == self.size:
                self.size = min(LARGEST_RANGE, 2 * self.size)
            return stretch

    def _whole(
        self,
        watch: Watch,
        blocks: Sequence[Block],
        logs: Sequence[Log],
        where: tuple[int, int] | Digest,
    ) -> Stretch:
        """The answer to the first query, and to the others: for the rest, and for what is new."""
        first, *others = watch.parts
        kept = self._settled(first, blocks, logs)
        for part in others:
            kept += self._asked(part, blocks, where)
        found = watch.discover(kept)
        for part in parts_of({one.address: one.forms for one in found}, {}):
            kept += since_creation(self._asked(part, blocks, where), found)
        kept += self._elsewhere(blocks, kept)
        return _stretch(blocks, kept, watch.with_found(found))

    def _elsewhere(self, blocks: Sequence[Block], kept: Sequence[Log]) -> list[Log]:
        """What other venues say of the transactions in which works moved."""
        said: list[Log] = []
        for block in venues.blocks_to_ask(kept, blocks):
            said += self._asked(venues.PART, [block], block.block_hash)
        return venues.of_moves(said, kept)

    def _asked(
        self, part: Part, blocks: Sequence[Block], where: tuple[int, int] | Digest
    ) -> list[Log]:
        return self._settled(part, blocks, self._chain.span(part.filter, where, []).logs)

    def _settled(self, part: Part, blocks: Sequence[Block], logs: Sequence[Log]) -> list[Log]:
        """What fits of the answer; where a bloom speaks of more than none, the receipts say."""
        kept = fitting(blocks, logs, part)
        holding = {log.block_number for log in kept}
        for block in blocks:
            if block.number not in holding and part.may_be_in(block.bloom):
                kept += self._from_receipts(part, block)
        return kept

    def _from_receipts_alone(self, watch: Watch, block: Block) -> Stretch:
        """One block whose logs the node refuses as too many."""
        kept = [log for part in watch.parts for log in self._from_receipts(part, block)]
        found = watch.discover(kept)
        for part in parts_of({one.address: one.forms for one in found}, {}):
            kept += since_creation(self._from_receipts(part, block), found)
        for asked in venues.blocks_to_ask(kept, [block]):
            kept += venues.of_moves(self._from_receipts(venues.PART, asked), kept)
        return _stretch([block], kept, watch.with_found(found))

    def _from_receipts(self, part: Part, block: Block) -> list[Log]:
        """The block's logs by another way; a node without receipts is asked a second time."""
        try:
            receipts = self._chain.block_receipts(block.block_hash)
        except MethodUnknown:
            again = self._chain.span(part.filter, block.block_hash, []).logs
            return fitting([block], again, part)
        logs = [log for receipt in receipts for log in receipt.logs]
        if block.bloom and not logs:
            raise AnswerInconsistent(f"no receipts for block {block.number}, whose bloom has bits")
        return fitting([block], [log for log in logs if part.wants(log)], part)


def since_creation(logs: Sequence[Log], found: Sequence[Found]) -> list[Log]:
    """Whatever the range, a contract is heard from the log of its creation on."""
    born = {one.address: (one.block, one.log_index) for one in found}
    return [log for log in logs if (log.block_number, log.log_index) > born[log.address]]


def _stretch(blocks: Sequence[Block], logs: Sequence[Log], watch: Watch) -> Stretch:
    """A log of a contract that two queries asked about is one log."""
    by_place = {(log.block_number, log.log_index): log for log in logs}
    return Stretch(tuple(blocks), tuple(by_place[place] for place in sorted(by_place)), watch)


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


def fitting(blocks: Sequence[Block], logs: Sequence[Log], part: Part) -> list[Log]:
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
        if not part.wants(log):
            if log.address in part.forms:
                continue  # Another contract's event of the same filter: not ours to mirror.
            raise AnswerInconsistent(f"a log of {log.address}, which was not asked for")
        mask = bloom_mask(log.address) | bloom_mask(log.topics[0])
        if block.bloom & mask != mask:
            raise AnswerInconsistent(f"block {log.block_number} denies a log told for it")
        if kept.setdefault((log.block_number, log.log_index), log) != log:
            raise AnswerInconsistent(f"two logs {log.log_index} in block {log.block_number}")
    return list(kept.values())
