"""
Proving, behind the cursor, that the mirror has every log there was and none that was not.

For each block the header is fetched once more, hashed and linked to the blocks the mirror stands
on. Where its bloom allows a log of ours, or the mirror has one, all receipts are fetched and held
against the header's root; the logs that they prove become rows, and the rows are compared with
those that stand. `proved_number` on the cursor says how far that is done. A block that differs is
put right by `amend`, and the node that still tells it wrong is named and left out for a while.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import structlog
from sqlalchemy import Connection, func, select, update

from indexer import registry
from indexer.amend import Amendment, BlockGone, amend
from indexer.apply import apply
from indexer.custody import Prove
from indexer.evidence import TRANSFER, Proven, Reach, differing, read, stored
from indexer.facts import BLOCKS, CONTRACTS, CURSORS, Item, Move
from indexer.fetch import Stretch
from indexer.health import Health
from nft.chain.client import Web3Chain
from nft.chain.deployments import Deployment
from nft.chain.errors import AnswerInconsistent
from nft.chain.protocol import Log, LogFilter
from nft.chain.testimony import ProofsUnavailable, Testimony, Told, linked
from nft.chain.wire_log import WireLog
from nft.proofs.receipts import ReceiptIn
from nft.types import Address, Digest

log = structlog.get_logger(__name__)

SPAN = 512
"""Blocks that are linked before their receipts are looked at."""

CATCHING_UP = 1_024
"""Behind by more, the follower needs the machine: history is proven when it is read."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where mirror and proof stand."""

    number: int
    block_hash: Digest
    proved_number: int
    """The last block of which everything is proven; before the first block: nothing is."""
    is_busy: bool
    """Whether the follower is catching up, or loads."""


@dataclass(slots=True)
class Tally:
    """What a prover has done."""

    headers: int = 0
    blocks: int = 0
    """Whose receipts were proven."""
    logs: int = 0
    """Of ours in them."""
    amended: int = 0


class Prover:
    """Proves the mirror of one chain, through one connection."""

    def __init__(
        self,
        connection: Connection,
        chain: Web3Chain,
        deployment: Deployment,
        *,
        health: Health | None = None,
        on_amend: Callable[[Amendment], None] = lambda amendment: None,
    ) -> None:
        self._connection = connection
        self._deployment = deployment
        self._testimony = Testimony(chain)
        self._health = health or Health()
        self._on_amend = on_amend
        self.tally = Tally()

    @property
    def chain_id(self) -> int:
        """The chain that is proven."""
        return self._deployment.chain_id

    def standing(self) -> Standing | None:
        """Where mirror and proof stand; None before the first block is mirrored."""
        with self._connection.begin():
            row = self._connection.execute(
                select(CURSORS).where(CURSORS.c.chain_id == self.chain_id)
            ).first()
            if row is None:
                return None
            proved = row.proved_number
            if proved is None:
                proved = first_block(self._connection, self._deployment) - 1
        behind = row.head_number - row.number
        is_busy = row.is_loading or behind > CATCHING_UP
        return Standing(row.number, row.block_hash, min(proved, row.number), is_busy)

    def step(self, at_most: int | None = None) -> bool:
        """
        Prove one more span behind the cursor, at most to a block; False when there is none.

        While the follower catches up it rests, unless somebody asks for a block.

        Raises what nodes and database raise, `BlockGone` when the chain turned meanwhile, and
        `ProofsUnavailable`; every one of these may be tried again.
        """
        standing = self.standing()
        if standing is None or (standing.is_busy and at_most is None):
            return False
        end = standing.number if at_most is None else min(at_most, standing.number)
        if standing.proved_number >= end:
            return False
        with self._health.stage("prove"):
            self._prove_span(standing.proved_number + 1, end)
        return True

    def prove_stretch(self, stretch: Stretch) -> Stretch:
        """The stretch as receipts have it."""
        watch = stretch.watch.as_of(stretch.blocks[0].number - 1)
        with self._connection.begin():
            reach = replace(Reach.stored(self._connection, self._deployment), watch=watch)
        holding = {item.block_number for item in stretch.items}
        wanted = [
            block.block_hash
            for block in stretch.blocks
            if block.number in holding or not block.bloom or reach.may_be_in(block.bloom)
        ]
        items: list[Item] = []
        blocks = every(self._testimony.headers(wanted))
        for batch, told in self._testimony.all_receipts(blocks):
            more, reach = self._read(batch, told, reach)
            items += more
        return replace(stretch, items=items, watch=reach.watch)

    # One span

    def _prove_span(self, first: int, target: int) -> None:
        anchor, anchor_hash = self._anchor(min(first + SPAN - 1, target))
        holding, times = self._holding(first, anchor)
        with self._connection.begin():
            reach = Reach.stored(self._connection, self._deployment)
        chosen: list[Told] = []
        misdated: set[int] = set()
        parent: Digest | None = None
        for start in range(first, anchor + 1, SPAN):
            numbers = range(start, min(start + SPAN, anchor + 1))
            blocks = linked(self._testimony.headers(numbers), start, parent)
            self.tally.headers += len(blocks)
            parent = blocks[-1].header.block_hash
            misdated |= {
                one.header.number
                for one in blocks
                if times.get(one.header.number, one.header.timestamp) != one.header.timestamp
            }
            chosen += [
                one
                for one in blocks
                if one.header.number in holding or reach.may_be_in(one.header.bloom)
            ]
        if parent != anchor_hash:
            raise BlockGone(f"block {anchor}: the node stands on another branch")
        for number in sorted(misdated):
            self._amend(linked(self._testimony.headers([number]), number, None)[0])
        if self._compare(chosen, reach, first, anchor):
            self._advance(first, anchor, anchor_hash, reach)

    def _anchor(self, number: int) -> tuple[int, Digest]:
        """The first block from there on whose hash the mirror holds: at last the cursor's."""
        query = (
            select(BLOCKS.c.number, BLOCKS.c.block_hash)
            .where(BLOCKS.c.chain_id == self.chain_id, BLOCKS.c.number >= number)
            .order_by(BLOCKS.c.number)
            .limit(1)
        )
        with self._connection.begin():
            row = self._connection.execute(query).first()
        if row is None:
            raise BlockGone(f"block {number}")
        return row.number, row.block_hash

    def _holding(self, first: int, last: int) -> tuple[set[int], dict[int, int]]:
        """The blocks with facts, and the times of all whose headers are held."""
        query = select(BLOCKS.c.number, BLOCKS.c.timestamp, BLOCKS.c.has_facts).where(
            BLOCKS.c.chain_id == self.chain_id, BLOCKS.c.number.between(first, last)
        )
        with self._connection.begin():
            rows = self._connection.execute(query).all()
        return {row.number for row in rows if row.has_facts}, {
            row.number: row.timestamp for row in rows
        }

    def _compare(self, chosen: Sequence[Told], reach: Reach, first: int, last: int) -> bool:
        """
        Amend whatever differs, of these blocks and of those between them.

        False when contracts came to light that were not listened to: the same blocks may hold
        logs of theirs, and are to be looked at once more.
        """
        at, known = first, {one.header.number: one for one in chosen}
        for batch, told in self._testimony.all_receipts(chosen):
            items, grown = self._read(batch, told, reach)
            end = batch[-1].header.number
            self._settle(items, grown, (at, end), known)
            if grown is not reach:
                return False
            at = end + 1
        if at <= last:
            self._settle([], reach, (at, last), known)
        return True

    def _settle(
        self,
        items: Sequence[Item],
        reach: Reach,
        span: tuple[int, int],
        known: Mapping[int, Told],
    ) -> None:
        right = apply(self.chain_id, items, reach.watch)
        with self._connection.begin():
            there = stored(self._connection, self.chain_id, *span)
        for number in sorted(differing(right, there)):
            block = known.get(number) or linked(self._testimony.headers([number]), number, None)[0]
            self._amend(block)

    def _amend(self, block: Told) -> Amendment | None:
        receipts = self._testimony.receipts([block])[0]

        def prove(reach: Reach) -> tuple[Proven, Reach]:
            return read(self.chain_id, block.header, receipts, reach)

        amendment = amend(self._connection, self._deployment, block.header, prove)
        if amendment is None:
            return None
        self.tally.amended += 1
        self._health.count("amended")
        reach, number = amendment.reach, block.header.number
        truth = _kept(prove(reach)[0], reach)
        blamed = self._testimony.blame(
            block.header,
            _filter(reach),
            lambda logs: _places(logs, reach, number) != truth,
        )
        log.error(
            "mirror amended",
            chain_id=self.chain_id,
            block=amendment.number,
            removed=amendment.removed,
            added=amendment.added,
            nodes=blamed,
        )
        self._on_amend(amendment)
        return amendment

    def _advance(self, first: int, number: int, block_hash: Digest, reach: Reach) -> None:
        """
        Say so, unless the chain turned or somebody pulled the proof back meanwhile.

        A history that came to its end meanwhile was not looked at, and what it pulled back to may
        lie above all that was proven before: then these blocks are proven once more. So are all
        after a rebuild, of which nothing is proven.
        """
        stands = (
            select(BLOCKS.c.number)
            .where(
                BLOCKS.c.chain_id == self.chain_id,
                BLOCKS.c.number == number,
                BLOCKS.c.block_hash == block_hash,
            )
            .exists()
        )
        with self._connection.begin():
            # First the lock that the end of a history takes, too.
            here = select(CURSORS.c.number).where(CURSORS.c.chain_id == self.chain_id)
            self._connection.execute(here.with_for_update())
            if registry.whole(self._connection, self.chain_id) != reach.whole:
                return
            nothing = first_block(self._connection, self._deployment) - 1
            before = func.coalesce(CURSORS.c.proved_number, nothing)
            self._connection.execute(
                update(CURSORS)
                .where(
                    CURSORS.c.chain_id == self.chain_id,
                    CURSORS.c.number >= number,
                    before.between(first - 1, number),
                    stands,
                )
                .values(proved_number=number)
            )

    def _read(
        self, blocks: Sequence[Told], told: Sequence[Sequence[ReceiptIn]], reach: Reach
    ) -> tuple[list[Item], Reach]:
        """The logs of ours in these blocks."""
        items: list[Item] = []
        for block, receipts in zip(blocks, told, strict=True):
            proven, reach = read(self.chain_id, block.header, receipts, reach)
            items += proven.items
        self.tally.blocks += len(blocks)
        self.tally.logs += len(items)
        return items, reach


def by_receipts(
    chain: Web3Chain, deployment: Deployment, health: Health | None = None
) -> Callable[[Connection], Prove]:
    """
    What decides about a break of custody on a connection: the mirror below it is proven, and put
    right, and then the stretch that shows it. None where blocks cannot be proven.
    """

    def on(connection: Connection) -> Prove:
        prover = Prover(connection, chain, deployment, health=health)

        def prove(below: int, stretch: Stretch | None) -> Stretch | None:
            try:
                while prover.step(at_most=below):
                    pass
                return None if stretch is None else prover.prove_stretch(stretch)
            except ProofsUnavailable:
                return None
            except BlockGone as error:  # The follower asks again, and turns if it has to.
                raise AnswerInconsistent(str(error)) from error

        return prove

    return on


def first_block(connection: Connection, deployment: Deployment) -> int:
    """The first block of which the mirror may hold anything."""
    oldest = connection.execute(
        select(func.min(CONTRACTS.c.first_block)).where(
            CONTRACTS.c.chain_id == deployment.chain_id, CONTRACTS.c.joined_block.is_not(None)
        )
    ).scalar()
    first = deployment.first_block
    return first if oldest is None else min(first, oldest)


def every(found: Sequence[Told | None]) -> list[Told]:
    """All of them, or the node lacks one."""
    if any(one is None for one in found):
        raise AnswerInconsistent("a block is null")
    return [one for one in found if one is not None]


def _filter(reach: Reach) -> LogFilter:
    """One query about everything; a node that refuses so many addresses is not caught."""
    topics = sorted({topic for table in reach.watch.forms.values() for topic in table})
    return LogFilter(tuple(reach.watch.forms), tuple(topics))


Words = tuple[int, str, tuple[str, ...], str]
"""A log by its index, contract, topics and data, as a node words them."""


def _places(logs: Sequence[WireLog], reach: Reach, number: int) -> set[Words]:
    """What a node tells of the block, in a form to be compared."""
    found = set()
    for one in logs:
        known = reach.by_text.get(one.address.lower())
        index = int(one.log_index, 16)
        is_ours = known and one.topics and one.topics[0].lower() in known[1]
        if known and is_ours and reach.holds(known[0], number, index):
            found.add((index, one.address.lower(), tuple(one.topics), one.data))
    return found


def _kept(proven: Proven, reach: Reach) -> set[Words]:
    """What it should have told: other venues' logs are asked for by another query."""
    asked = reach.watch.forms
    return {
        _words(item) for item in proven.items if isinstance(item, Move) or item.address in asked
    }


def _words(item: Move | Log) -> Words:
    if isinstance(item, Log):
        topics = tuple("0x" + topic.hex() for topic in item.topics)
        return item.log_index, f"0x{item.address.hex()}", topics, "0x" + item.data.hex()
    words = (item.sender.rjust(32, b"\0"), item.receiver.rjust(32, b"\0"), item.token_id)
    topics = (TRANSFER, *("0x" + word.hex() for word in words))
    return item.log_index, f"0x{Address(item.contract).hex()}", topics, "0x"
