"""Whatever happens and falls again: the mirror ends as one that reads the chain from nothing."""

import random
from dataclasses import dataclass, field, replace

import pytest

from indexer.mirror import Outcome
from indexer.rebuild import rebuild
from indexer.watch import Watch
from nft.chain import events, seaport
from nft.chain.deployments import Placed
from nft.royalties import Share
from nft.tokens import token_id
from nft.types import ZERO_ADDRESS, Address, Digest
from tests.indexer.conftest import Studio
from tests.nft.chain.test_logs import placed
from tests.support import scripted_logs as logs
from tests.support.people import (
    ARTIST,
    AUCTIONS,
    COLLECTION_FACTORY,
    COLLECTOR,
    EXCHANGE,
    FOREIGN,
    GALLERY,
    HOUSE,
    SPLITTER_FACTORY,
    STRANGER,
    deployed,
)
from tests.support.scripted_node import ScriptedLog

PEOPLE = (ARTIST, COLLECTOR, GALLERY)
CLONES = tuple(Address(bytes([0xB0 + n]) * 20) for n in range(4))
DIVIDERS = tuple(Address(bytes([0xD1 + n]) * 20) for n in range(2))


@dataclass
class Storyteller:
    """Logs at random, each by itself possible, in any order."""

    chance: random.Random
    made: int = field(default=0)

    def logs(self) -> list[ScriptedLog]:
        """Those of one block."""
        return [log for _ in range(self.chance.randrange(4)) for log in self._some()]

    def _some(self) -> list[ScriptedLog]:
        tell = self.chance.choice(
            [
                *(self._works, self._works, self._creators, self._makes),
                *(self._auctions, self._sales, self._elsewhere),
            ]
        )
        return list(tell())

    def _contract(self) -> Address:
        return self.chance.choice((HOUSE, FOREIGN, *CLONES))

    def _token(self) -> int:
        return token_id(self.chance.choice(PEOPLE), self.chance.randrange(3))

    def _hash(self) -> Digest:
        return Digest(bytes([self.chance.randrange(4)]) * 32)

    def _works(self) -> tuple[ScriptedLog, ...]:
        contract, token = self._contract(), self._token()
        owner, other = self.chance.sample(PEOPLE, 2)
        moved = logs.transferred(contract, owner, other, token)
        return self.chance.choice([logs.minted(contract, owner, token), (moved,)])

    def _creators(self) -> tuple[ScriptedLog, ...]:
        contract, token = self._contract(), self._token()
        frozen = logs.log(contract, "AllFrozen(address)", self.chance.choice(PEOPLE))
        one = logs.log(contract, "Frozen(uint256)", token)
        told = logs.log(
            contract, "MetadataDigestChanged(uint256,bytes32)", token, data=self._hash()
        )
        return (self.chance.choice([frozen, one, told]),)

    def _makes(self) -> tuple[ScriptedLog, ...]:
        """A collection or a splitter, perhaps once more, perhaps by nobody of ours."""
        factory = self.chance.choice((COLLECTION_FACTORY, COLLECTION_FACTORY, STRANGER))
        shares = (Share(ARTIST, 5_000), Share(COLLECTOR, 5_000))
        return (
            logs.created(factory, self.chance.choice(CLONES), ARTIST),
            logs.split(SPLITTER_FACTORY, self.chance.choice(DIVIDERS), shares),
            logs.log(
                self.chance.choice(DIVIDERS),
                "Released(address,address,uint256)",
                ARTIST,
                data=logs.word(0) + logs.word(self.chance.randrange(1, 9)),
            ),
        )

    def _auctions(self) -> tuple[ScriptedLog, ...]:
        names = {"auction_hash": self._hash(), "seller": ARTIST}
        contract, token = self._contract(), self._token()
        opened = logs.opened(AUCTIONS, collection=contract, token=token, **names)
        taken = logs.transferred(contract, ARTIST, AUCTIONS, token)
        left = logs.transferred(contract, AUCTIONS, COLLECTOR, token)
        back = logs.reclaimed(AUCTIONS, **names)
        work = {"collection": contract, "token": token}
        settled = logs.settled(AUCTIONS, winner=COLLECTOR, **names, **work)
        return self.chance.choice([(opened, taken), (left, settled), (back, left)])

    def _sales(self) -> tuple[ScriptedLog, ...]:
        contract, token = self._contract(), self._token()
        sold = logs.filled(
            EXCHANGE,
            order_hash=self._hash(),
            maker=ARTIST,
            taker=COLLECTOR,
            collection=contract,
            token=token,
            flags=self.chance.choice((0, 2)),
        )
        return logs.transferred(contract, ARTIST, COLLECTOR, token), sold

    def _elsewhere(self) -> tuple[ScriptedLog, ...]:
        """Sold on another venue, perhaps without its transfer, perhaps by two orders matched."""
        contract, token = self._contract(), self._token()
        sold = logs.fulfilled(
            seaport.V1_6,
            order_hash=self._hash(),
            offerer=ARTIST,
            recipient=COLLECTOR,
            offer=[(2, contract, token, 1)],
            consideration=[((0, ZERO_ADDRESS, 0, self.chance.randrange(3)), ARTIST)],
        )
        both = logs.matched(seaport.V1_6, self._hash(), self._hash())
        moved = logs.transferred(contract, ARTIST, COLLECTOR, token)
        return self.chance.choice([(moved, sold), (sold, both, moved), (sold,)])


class TestAnyHistory:
    @pytest.mark.parametrize("seed", range(6))
    def test_ends_as_a_fresh_index_and_as_a_rebuild(self, local_studio: Studio, seed: int) -> None:
        chance, node = random.Random(seed), local_studio.node
        story = Storyteller(chance)
        node.mine_empty(2)
        mirror = local_studio.followed()
        for step in range(25):
            if chance.random() < 0.3:
                node.drop(chance.randrange(1, max(2, min(8, len(node.blocks) - 2))))
            for _ in range(chance.randrange(4)):
                node.mine(*story.logs(), label=str(step), one_transaction=chance.random() < 0.7)
            if chance.random() < 0.1:
                mirror = local_studio.mirror()  # Another process goes on.
            while mirror.follow() in (Outcome.MOVED, Outcome.REWOUND):
                pass

        assert local_studio.digest() == local_studio.fresh_digest()
        before, after = rebuild(local_studio.connection, local_studio.chain, deployed(31337))
        assert before == after


class TestFormerExchanges:
    def test_are_listened_to_as_the_present_one_is(self) -> None:
        before = replace(deployed(), former_exchanges=(Placed(STRANGER, 1),))
        cancelled = logs.log(STRANGER, "NonceCancelled(address,uint256)", ARTIST, data=logs.word(4))

        found = Watch.over(before).decode(placed(cancelled))

        assert found == events.NonceCancelled(ARTIST, 4)
