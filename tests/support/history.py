"""
Histories of works as they could happen: minted, moved, burned, sold here and on another venue, on
branches that fall.

A history is played to a scripted node and keeps the owners of every block, so that whoever
continues after a branch fell sells only what its owner has.
"""

from dataclasses import dataclass, field

from nft.chain import seaport
from nft.types import ZERO_ADDRESS, Address, Digest
from tests.support import scripted_logs as logs
from tests.support.people import ARTIST, COLLECTOR, EXCHANGE, FOREIGN, GALLERY, HOUSE, STRANGER
from tests.support.scripted_node import ScriptedLog, ScriptedNode

PEOPLE = (ARTIST, COLLECTOR, GALLERY)
CONTRACTS = (HOUSE, FOREIGN, STRANGER)
"""Ours, one that is mirrored from the first block on, and one that is registered on the way."""

Work = tuple[Address, int]


@dataclass
class History:
    """A node's chain, and who owns what at each of its blocks."""

    node: ScriptedNode
    branch: int = 0
    owners: list[dict[Work, Address]] = field(default_factory=lambda: [{}])
    """One for each block of the node."""

    def play(self, doings: list[tuple[int, int, int]]) -> None:
        """A block in which each of these is done: what, to which work, by or for whom."""
        now = dict(self.owners[-1])
        told = [log for what, work, who in doings for log in self._do(now, what, work, who)]
        together = len(doings) % 2 == 1  # A sale elsewhere is one transaction with its transfer.
        self.node.mine(*told, label=str(self.branch), one_transaction=together)
        self.owners.append(now)

    def fall(self, depth: int) -> None:
        """The newest blocks are gone; what comes is another branch."""
        depth = min(depth, len(self.node.blocks) - 2)
        if depth > 0:
            self.node.drop(depth)
            del self.owners[-depth:]
            self.branch += 1

    def _do(
        self, now: dict[Work, Address], what: int, work: int, who: int
    ) -> tuple[ScriptedLog, ...]:
        contract = CONTRACTS[work % 3]
        token = (int.from_bytes(ARTIST, "big") << 96) + 1 + work // 3
        owner, other = now.get((contract, token)), PEOPLE[who % 3]
        if owner is None:
            now[contract, token] = other
            if contract == HOUSE:
                return logs.minted(contract, other, token)
            return (logs.transferred(contract, ZERO_ADDRESS, other, token),)
        if what == 0:
            del now[contract, token]
            return (logs.transferred(contract, owner, ZERO_ADDRESS, token),)
        now[contract, token] = other
        moved = logs.transferred(contract, owner, other, token)
        if what == 1:
            return (moved,)
        order = Digest(token.to_bytes(32, "big"))
        if what == 3:
            names = {"order_hash": order, "maker": owner, "taker": other}
            return moved, logs.filled(EXCHANGE, collection=contract, token=token, **names)
        sold = logs.fulfilled(
            seaport.V1_6,
            order_hash=order,
            offerer=owner,
            recipient=other,
            offer=[(2, contract, token, 1)],
            consideration=[((0, ZERO_ADDRESS, 0, 7), owner)],
        )
        return moved, sold
