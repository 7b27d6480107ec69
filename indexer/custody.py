"""
A transfer from somebody who was not the owner: who is wrong, a node or the contract?

ERC-721 contracts name the owner before in every `Transfer`, so that a log that a node left out
shows at the token's next one. Asked again, elsewhere if there is an elsewhere, the missing log
usually turns up. If it does not, the receipts decide: what they prove against the block's header
is what the contract said, and is written down as a break of custody. A contract that is known
to lie is not asked about again; the prover behind the cursor looks at its blocks all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import structlog
from sqlalchemy import Connection, select

from indexer.apply import apply
from indexer.commit import Change, CustodyBroken, commit
from indexer.facts import BREAKS
from indexer.fetch import Reader, Stretch
from indexer.fold import Break, Breaks
from indexer.watch import Watch
from nft.chain.errors import AnswerInconsistent
from nft.chain.protocol import Chain

log = structlog.get_logger(__name__)

Prove = Callable[[int, Stretch | None], Stretch | None]
"""
Prove what the mirror holds up to a block, mending it, and then a stretch (if any), which comes
back as the receipts have it. None where no node offers receipts.
"""


class Judge:
    """Decides about breaks of custody on one chain."""

    def __init__(
        self, connection: Connection, chain: Chain, reader: Reader, prove: Prove | None = None
    ) -> None:
        self._connection = connection
        self._chain = chain
        self._reader = reader
        self.prove = prove

    def settle(self, change: Change, watch: Watch, error: CustodyBroken) -> None:
        """Carry out a change that broke custody, when it is known why."""
        if self._are_known(error.breaks):
            self._commit(replace(change, breaks=Breaks.WRITTEN), watch)
            return
        self._chain.doubt(str(error))
        log.warning("custody broken", chain_id=self._chain.chain_id, why=str(error))
        again = self._read_again(change)
        try:
            self._commit(again, watch)
        except CustodyBroken:
            self._by_proof(again, watch)

    def _by_proof(self, change: Change, watch: Watch) -> None:
        stretch = change.stretch
        if self.prove is None or stretch is None:
            self._commit(replace(change, breaks=Breaks.WRITTEN), watch)
            return
        proven = self.prove(stretch.blocks[0].number - 1, stretch)
        if proven is not None:
            change = self._with(change, proven)
        try:
            self._commit(change, watch)
        except CustodyBroken:
            self._commit(replace(change, breaks=Breaks.WRITTEN), watch)

    def _read_again(self, change: Change) -> Change:
        stretch = change.stretch
        if stretch is None:
            return change
        first, last = stretch.blocks[0], stretch.tip
        before = stretch.watch.as_of(first.number - 1)
        again = self._reader.read_whole(before, first.number, last.number, first.parent_hash)
        if again.tip.block_hash != last.block_hash:
            raise AnswerInconsistent(f"block {last.number} has become another")
        return self._with(change, again)

    def _with(self, change: Change, stretch: Stretch) -> Change:
        facts = apply(self._chain.chain_id, stretch.items, stretch.watch)
        return replace(change, stretch=stretch, facts=facts)

    def _commit(self, change: Change, watch: Watch) -> None:
        commit(self._connection, self._chain.chain_id, watch, change)

    def _are_known(self, breaks: Sequence[Break]) -> bool:
        """Whether every contract among them has broken custody before."""
        contracts = {one.contract for one in breaks}
        with self._connection.begin():
            known = self._connection.execute(
                select(BREAKS.c.contract)
                .where(
                    BREAKS.c.chain_id == self._chain.chain_id,
                    BREAKS.c.contract.in_(contracts),
                )
                .distinct()
            )
            return {bytes(row.contract) for row in known} == contracts
