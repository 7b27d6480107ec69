"""
kill -9, again and again, at moments nobody chose, while the chain goes on and turns.

At the end the mirror is that of an indexer that was never killed, everything is proven, and
nobody was told anything twice.
"""

import random
import threading
from dataclasses import dataclass

import pytest
from sqlalchemy import Connection, func, select

from api.local.processes import wait_until
from indexer import registry
from indexer.digest import digest
from indexer.facts import CURSORS, OUTBOX
from indexer.rebuild import rebuild
from tests.chain.conftest import Market, Scene
from tests.support.crowd import Crowd, crowd_on
from tests.support.follow import indexer

pytestmark = pytest.mark.chain

SEED = 20261126
FEWEST_SECONDS, MOST_SECONDS = 0.02, 0.9
"""An indexer lives so long: it dies while it connects, catches up, rewinds, proves or waits."""


@dataclass
class Season:
    """What happens on the chain while indexers die."""

    market: Market
    crowd: Crowd
    chance: random.Random

    def go_on(self) -> None:
        """One thing more: works of ours or of a stranger's, or a branch that falls."""
        doing = self.chance.choice([self._ours, self._theirs, self._theirs, self._turn])
        doing()

    def _ours(self) -> None:
        token = self.market.mint()
        self.market.sell(self.market.artist, self.market.collector, token)

    def _theirs(self) -> None:
        self.crowd.stir(self.chance.randrange(40), self.chance.randrange(40))

    def _turn(self) -> None:
        """Blocks fall, with what was in them; others take their place."""
        self.market.node.call("anvil_reorg", self.chance.randrange(1, 7), [])


def register(connection: Connection, crowd: Crowd) -> None:
    with connection.begin():
        registry.register(connection, 31337, crowd.address)


def is_at_rest(connection: Connection, market: Market) -> bool:
    """Everything is read, and proven, and no history is under way."""
    with connection.begin():
        row = connection.execute(select(CURSORS)).first()
        unread = registry.unread(connection, 31337) or registry.waiting(connection, 31337)
    return (
        row is not None
        and not unread
        and row.block_hash == market.chain.head().block_hash
        and row.proved_number == row.number
    )


def told(connection: Connection) -> int:
    with connection.begin():
        return connection.execute(select(func.count()).select_from(OUTBOX)).scalar_one()


def survive(scene: Scene, url: str, kills: int) -> None:
    """Kill so many indexers, and then let one live."""
    market = scene.market
    chance = random.Random(SEED)
    season = Season(market, crowd_on(market.node, chance), chance)
    season.crowd.stir(100, 200)
    market.node.mine(8)  # No branch that falls reaches the contracts.
    for killed in range(kills):
        with indexer(market.deployment, url, market.node.rpc_url):
            life = chance.uniform(FEWEST_SECONDS, MOST_SECONDS)
            if killed == kills // 3:
                register(scene.connection, season.crowd)
            for _ in range(chance.randrange(3)):
                season.go_on()
            threading.Event().wait(life)
    with indexer(market.deployment, url, market.node.rpc_url):
        assert wait_until(lambda: is_at_rest(scene.connection, market), patience=90)

    before = told(scene.connection)
    ended, rebuilt = rebuild(scene.connection, market.chain, market.deployment)
    assert ended == rebuilt
    assert told(scene.connection) == before
    assert digest(scene.connection, 31337) == ended


@pytest.mark.timeout(400)
def test_twelve_kills(scene: Scene, migrated_url: str) -> None:
    survive(scene, migrated_url, 12)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_two_hundred_kills(scene: Scene, migrated_url: str) -> None:
    survive(scene, migrated_url, 200)
