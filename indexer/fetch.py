"""
Reading a stretch of the chain, and believing it only when it fits together.

One request brings the logs of a range and all its headers, from one node at once. Accepted is
only what links: headers parent by parent from the block we hold, logs by block hash, and a log
in every block whose bloom says that there may be one (else the block's receipts decide). The
range halves when a node refuses it and grows again while answers are small.

What a factory makes within a range is asked about in the same pass, over the same blocks: a
collection's logs may begin in the block, and the transaction, that created it.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Self

from indexer import venues
from indexer.facts import Item, Move
from indexer.finality import TAGS
from indexer.health import Health
from indexer.sift import ChainTurned, fitting, linked, may_be_cut, merged
from indexer.watch import Found, Part, Watch, parts_of
from nft.chain.errors import (
    AnswerInconsistent,
    MethodUnknown,
    NodeRefused,
    RangeRefused,
    StateNotAvailable,
)
from nft.chain.protocol import Block, Chain
from nft.chain.wire_log import WireLog
from nft.errors import Unacceptable
from nft.types import Digest

LARGEST_RANGE = 512
"""Blocks per request; as many headers travel with it."""

FIRST_RANGE = 128

LARGEST_WHOLE = 2_048
"""Blocks of another branch that are read before the old one falls."""

LOGS_PER_ANSWER = 16_000
"""What an answer should hold at most: some 10 MB, a transaction of a fifth of a second."""

TRIES = 3
"""Times an inconsistent answer is asked again, elsewhere if there is an elsewhere."""

BLOCKS_AT_ONCE = 100
"""Blocks that other venues are asked about in one batch."""

READERS = 2
"""Ranges that are asked for at once; one more waits until it is written."""


@dataclass(frozen=True, slots=True)
class Checks:
    """
    What is asked of a node's answer before it is believed; each can be left out.

    Costs, on 2,401 blocks with 200,000 logs: `links` and `bloom` need every header of a range
    (0.04 s, one batch member a block), `custody` one comparison in the statement that writes the
    owners (nothing measurable). Receipts roots are proven behind the cursor, by `prove.py`.
    """

    links: bool = True
    """Headers follow each other; without it final ranges bring their last header alone."""
    bloom: bool = True
    """A block whose bloom speaks of a log has one; needs `links`."""
    custody: bool = True
    """A transfer comes from the owner we hold; without it a break is written down unasked."""
    roots: bool = True
    """Behind the cursor, every block is proven by its receipts root."""

    @classmethod
    def named(cls, names: Iterable[str]) -> Self:
        """Only these. Raises `NoSuchCheck`."""
        chosen = {name.strip() for name in names if name.strip()}
        known = [field.name for field in fields(cls)]
        for name in sorted(chosen.difference(known)):
            raise NoSuchCheck(name, known)
        return cls(**{name: name in chosen for name in known})


class NoSuchCheck(Unacceptable):
    """A check was named that there is not."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"there is no check {name!r}; there are {', '.join(known)}")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Consecutive blocks, at least one, and what is mirrored of their logs, in order."""

    blocks: tuple[Block, ...]
    items: Sequence[Item]
    watch: Watch
    """With what was made in these blocks: it reads their logs, and asks for the next."""
    finality: tuple[Block | None, Block | None] | None = None
    """The node's `safe` and `finalized`, when they were asked for in the same breath."""

    @property
    def tip(self) -> Block:
        """The last block."""
        return self.blocks[-1]


@dataclass(frozen=True, slots=True)
class Pace:
    """How much is asked for at once; what is mirrored does not depend on it."""

    first_range: int = FIRST_RANGE
    """Blocks of the first request."""
    largest_range: int = LARGEST_RANGE
    readers: int = READERS


class Reader:
    """Reads stretches of one chain."""

    def __init__(
        self,
        chain: Chain,
        *,
        checks: Checks | None = None,
        health: Health | None = None,
        pace: Pace | None = None,
    ) -> None:
        self._chain = chain
        self.checks = checks or Checks()
        self._health = health or Health()
        self._pace = pace or Pace()
        self.size = self._pace.first_range
        self.final_number = -1
        """Up to here nothing turns, so that headers can be left out."""

    def stream(
        self, watch: Watch, first: int, last: int, parent: Digest | None
    ) -> Iterator[Stretch]:
        """
        Everything from `first` to `last` in stretches that follow each other, read ahead.

        `parent` is the hash of the block before, None when we hold none. Ends early where the
        node lacks the newest blocks. Raises `ChainTurned` when a stretch does not follow the one
        before, `AnswerInconsistent` when no node told a whole story.
        """
        pool = ThreadPoolExecutor(self._pace.readers, thread_name_prefix="fetch")
        pending: deque[tuple[int, int, Watch, Future[Stretch]]] = deque()
        at = first
        try:
            while pending or at <= last:
                while at <= last and len(pending) <= self._pace.readers:
                    end = min(last, at + self.size - 1)
                    asked = pool.submit(self._read_patiently, watch, at, end)
                    pending.append((at, end, watch, asked))
                    at = end + 1
                start, end, asked_with, future = pending.popleft()
                stretch = _following(future.result(), start, parent)
                stretch = self._grown(stretch, asked_with, watch)
                watch, parent = stretch.watch, stretch.tip.block_hash
                yield stretch
                if stretch.tip.number < end:
                    return
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def read_whole(self, watch: Watch, first: int, last: int, parent: Digest | None) -> Stretch:
        """All of it as one stretch, `LARGEST_WHOLE` blocks at most. Raises like `stream`."""
        last = min(last, first + LARGEST_WHOLE - 1)
        parts = list(self.stream(watch, first, last, parent))
        blocks = tuple(block for part in parts for block in part.blocks)
        return Stretch(blocks, [item for part in parts for item in part.items], parts[-1].watch)

    def read_block(self, watch: Watch, block: Block) -> Stretch:
        """
        The stretch of one block whose header is at hand, with the node's word on finality.

        A bloom that denies every log of ours saves asking for them.
        """
        parts = [part for part in watch.parts if not block.bloom or part.may_be_in(block.bloom)]
        for attempt in range(TRIES):
            try:
                return self._read_block(watch, block, parts)
            except (AnswerInconsistent, NodeRefused) as error:
                self._doubt(str(error), attempt)
            except StateNotAvailable as error:
                raise ChainTurned(str(error)) from error
        raise AssertionError("the loop above returns or raises")

    def _read_block(self, watch: Watch, block: Block, parts: Sequence[Part]) -> Stretch:
        if not parts:
            safe, final = self._chain.blocks(TAGS)
            return Stretch((block,), (), watch, (safe, final))
        try:
            span = self._chain.span(parts[0].filter, block.block_hash, TAGS)
        except RangeRefused:
            return self._from_receipts_alone(watch, block)
        safe, final = span.blocks
        kept = self._settled(parts[0], [block], span.logs)
        for part in parts[1:]:
            kept = merged(kept, self._asked(part, [block], block.block_hash))
        return self._discovered(watch, [block], kept, block.block_hash, (safe, final))

    def _doubt(self, why: str, attempt: int) -> None:
        """Ask again; the last time what is being handled goes on as it is."""
        self._health.count("doubted")
        self._chain.doubt(why)
        if attempt == TRIES - 1:
            raise AnswerInconsistent(why)

    def _read_patiently(self, watch: Watch, first: int, last: int) -> Stretch:
        for attempt in range(TRIES):
            try:
                return self._read(watch, first, last)
            except (AnswerInconsistent, StateNotAvailable) as error:
                self._doubt(str(error), attempt)
        raise AssertionError("the loop above returns or raises")

    def _read(self, watch: Watch, first: int, last: int) -> Stretch:
        """One range, in halves where the node refuses the whole or may have cut it."""
        where = (first, last)
        try:
            with self._health.stage("fetch"):
                blocks, logs = self._ask(watch.parts[0], first, last)
        except (RangeRefused, NodeRefused):
            if last == first:
                found = linked([self._chain.find_block(first)], first, None)
                return self._from_receipts_alone(watch, found[0])
            self.size = max(1, (last - first + 1) // 2)
            return self._halves(watch, first, last)
        if may_be_cut(logs) and last > first and self._is_cut(watch.parts[0], blocks, logs):
            return self._halves(watch, first, last)
        self._learn(last - first + 1, len(logs))
        with self._health.stage("decode"):
            kept = self._settled(watch.parts[0], blocks, logs)
        for part in watch.parts[1:]:
            kept = merged(kept, self._asked(part, blocks, where))
        return self._discovered(watch, blocks, kept, where)

    def _is_cut(self, part: Part, blocks: Sequence[Block], logs: Sequence[WireLog]) -> bool:
        """
        Whether a round number of logs may not be all.

        Where no bloom contradicts a silent block, only the first and the last block that speak can
        have been told in part: these are asked for by themselves.
        """
        if not (self.checks.links and self.checks.bloom):
            return True
        told = Counter(map(attrgetter("block_number"), logs))
        counts = {int(number, 16): count for number, count in told.items()}
        ends = {min(counts), max(counts)}
        edges = [block for block in blocks if block.number in ends]
        silent = [block for block in blocks if block.number not in counts]
        if len(edges) < len(ends) or any(part.may_be_in(block.bloom) for block in silent):
            return True
        try:
            alone = self._chain.logs_of(part.filter, [block.block_hash for block in edges])
        except (RangeRefused, NodeRefused):
            return True
        return [len(one) for one in alone] != [counts[block.number] for block in edges]

    def _ask(self, part: Part, first: int, last: int) -> tuple[list[Block], Sequence[WireLog]]:
        if self.checks.links or last > self.final_number:
            span = self._chain.span(part.filter, (first, last), range(first, last + 1))
            return linked(span.blocks, first, None), span.logs
        span = self._chain.span(part.filter, (first, last), [last])
        holding = {int(log.block_number, 16) for log in span.logs} - {last}
        told = [*self._chain.blocks(sorted(holding)), span.blocks[0]]
        if any(block is None for block in told):
            raise AnswerInconsistent(f"a block of {first} to {last} is null")
        return [block for block in told if block is not None], span.logs

    def _halves(self, watch: Watch, first: int, last: int) -> Stretch:
        middle = (first + last) // 2
        one = self._read(watch, first, middle)
        if one.tip.number < middle:
            return one
        other = self._read(one.watch, middle + 1, last)
        if self.checks.links and other.blocks[0].parent_hash != one.tip.block_hash:
            raise AnswerInconsistent(f"block {middle + 1} does not follow the block before it")
        return Stretch((*one.blocks, *other.blocks), [*one.items, *other.items], other.watch)

    def _learn(self, blocks: int, logs: int) -> None:
        """Larger ranges while answers are small, smaller ones where they are not."""
        if logs > LOGS_PER_ANSWER:
            self.size = max(1, min(self.size, blocks * LOGS_PER_ANSWER // logs))
        elif blocks >= self.size and logs <= LOGS_PER_ANSWER // 2:
            self.size = min(self._pace.largest_range, 2 * self.size)

    def _discovered(
        self,
        watch: Watch,
        blocks: Sequence[Block],
        kept: list[Item],
        where: tuple[int, int] | Digest,
        finality: tuple[Block | None, Block | None] | None = None,
    ) -> Stretch:
        """With what was made in these blocks, and what it said there."""
        found = watch.discover(kept)
        for part in parts_of({one.address: one.forms for one in found}, {}):
            kept = merged(kept, since_creation(self._asked(part, blocks, where), found))
        kept = merged(kept, self._elsewhere(blocks, kept))
        return Stretch(tuple(blocks), kept, watch.with_found(found), finality)

    def _grown(self, stretch: Stretch, asked_with: Watch, watch: Watch) -> Stretch:
        """With what the ranges before it found while this one was on its way."""
        missed = [one for one in watch.found if one not in asked_with.found]
        if not missed:
            return stretch
        kept, where = list(stretch.items), (stretch.blocks[0].number, stretch.tip.number)
        for part in parts_of({one.address: one.forms for one in missed}, {}):
            kept = merged(kept, since_creation(self._asked(part, stretch.blocks, where), missed))
        kept = merged(kept, self._elsewhere(stretch.blocks, kept))
        known = {one.address for one in watch.found}
        found = [one for one in stretch.watch.found if one.address not in known]
        return Stretch(stretch.blocks, kept, watch.with_found(found))

    def _elsewhere(self, blocks: Sequence[Block], kept: Sequence[Item]) -> list[Item]:
        """What other venues say of the transactions in which works moved."""
        asked = venues.blocks_to_ask(kept, blocks)
        said: list[Item] = []
        for start in range(0, len(asked), BLOCKS_AT_ONCE):
            some = asked[start : start + BLOCKS_AT_ONCE]
            told = self._chain.logs_of(venues.PART.filter, [block.block_hash for block in some])
            for block, logs in zip(some, told, strict=True):
                said += self._settled(venues.PART, [block], logs)
        return venues.of_moves(said, kept)

    def _asked(
        self, part: Part, blocks: Sequence[Block], where: tuple[int, int] | Digest
    ) -> list[Item]:
        try:
            logs = self._chain.span(part.filter, where, []).logs
        except RangeRefused:
            return [item for block in blocks for item in self._from_receipts(part, block)]
        return self._settled(part, blocks, logs)

    def _settled(self, part: Part, blocks: Sequence[Block], logs: Sequence[WireLog]) -> list[Item]:
        """What fits of the answer; where a bloom speaks of more than none, the receipts say."""
        kept = fitting(self._chain.chain_id, blocks, logs, part)
        if not self.checks.bloom:
            return kept
        holding = {item.block_number for item in kept}
        for block in blocks:
            if block.number not in holding and part.may_be_in(block.bloom):
                kept = merged(kept, self._from_receipts(part, block))
        return kept

    def _from_receipts_alone(self, watch: Watch, block: Block) -> Stretch:
        """One block whose logs the node refuses as too many."""
        kept: list[Item] = []
        for part in watch.parts:
            kept = merged(kept, self._from_receipts(part, block))
        found = watch.discover(kept)
        for part in parts_of({one.address: one.forms for one in found}, {}):
            kept = merged(kept, since_creation(self._from_receipts(part, block), found))
        for asked in venues.blocks_to_ask(kept, [block]):
            said = venues.of_moves(self._from_receipts(venues.PART, asked), kept)
            kept = merged(kept, said)
        return Stretch((block,), kept, watch.with_found(found))

    def _from_receipts(self, part: Part, block: Block) -> list[Item]:
        """The block's logs by another way; a node without receipts is asked a second time."""
        try:
            logs = self._chain.receipt_logs(block.block_hash)
        except MethodUnknown:
            logs = self._chain.span(part.filter, block.block_hash, []).logs
            return fitting(self._chain.chain_id, [block], logs, part)
        if block.bloom and not logs:
            raise AnswerInconsistent(f"no receipts for block {block.number}, whose bloom has bits")
        wanted = [log for log in logs if part.asks_for(log)]
        return fitting(self._chain.chain_id, [block], wanted, part)


def since_creation(items: Sequence[Item], found: Sequence[Found]) -> list[Item]:
    """Whatever the range, a contract is heard from the log of its creation on."""
    born: dict[bytes, tuple[int, int]] = {one.address: (one.block, one.log_index) for one in found}
    return [item for item in items if (item.block_number, item.log_index) > born[_contract(item)]]


def _contract(item: Item) -> bytes:
    return item.contract if isinstance(item, Move) else item.address


def _following(stretch: Stretch, first: int, parent: Digest | None) -> Stretch:
    """Raises `ChainTurned` when the stretch does not follow the block before it."""
    begins = stretch.blocks[0]
    if parent is not None and begins.number == first and begins.parent_hash != parent:
        raise ChainTurned(f"block {first} has another parent")
    return stretch
