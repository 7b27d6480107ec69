"""
A stranger's collection in which anyone moves anything, for long and wild histories.
"""

import random
from dataclasses import dataclass, field

from nft.chain.protocol import Call
from nft.types import Address
from tests.support.servers import Node
from tests.support.strangers import Strangers, double


@dataclass
class Crowd:
    """Its address, and the chance by which works pass on."""

    node: Node
    address: Address
    chance: random.Random
    minted: int = 0
    holders: int = 50
    _strangers: Strangers = field(init=False)

    def __post_init__(self) -> None:
        self._strangers = Strangers(self.node)

    def stir(self, mints: int, moves: int) -> None:
        """So many new works, and so many that pass on, in one transaction."""
        new = range(self.minted, self.minted + mints)
        self.minted += mints
        passed = [self.chance.randrange(self.minted) for _ in range(moves if self.minted else 0)]
        packed = [self.chance.randrange(1, self.holders) << 96 | work for work in (*new, *passed)]
        call = Call(self.address, double("CrowdToken")["move"].encode(packed))
        self._strangers.send(call)


def crowd_on(node: Node, chance: random.Random) -> Crowd:
    """A new collection."""
    return Crowd(node, Strangers(node).deploy("CrowdToken"), chance)
