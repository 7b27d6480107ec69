from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from nft.types import TokenRef
from tests.support.exchange import Person
from tests.support.servers import Contracts
from tests.support.trader import Trader


@pytest.fixture
async def trader(
    contracts_put_back: Contracts, migrated_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Trader]:
    """An exchange of the test's own on the session's chain."""
    made = Trader(contracts_put_back, migrated_url, tmp_path, seed=request.node.nodeid)
    yield made
    await made.close()


@pytest.fixture
async def later(
    contracts_put_back: Contracts, migrated_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Trader]:
    """The same by a name that says: this test moves the chain's clock."""
    made = Trader(contracts_put_back, migrated_url, tmp_path, seed=request.node.nodeid)
    yield made
    await made.close()


@pytest.fixture
def artist(trader: Trader) -> Person:
    return trader.person("artist")


@pytest.fixture
def seller(trader: Trader) -> Person:
    return trader.person("seller")


@pytest.fixture
def buyer(trader: Trader) -> Person:
    return trader.person("buyer")


@pytest.fixture
def work(trader: Trader, artist: Person, seller: Person) -> TokenRef:
    """A work of the artist's in the seller's hands, 7.5 % royalty."""
    return trader.mint(artist, 1, title="Haze", to=seller)
