from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from nft.types import Address, TokenRef
from tests.support.exchange import Person
from tests.support.servers import Contracts
from tests.support.strangers import with_plain_token
from tests.support.trader import Trader
from tests.support.trader_fixture import trader

__all__ = ["trader"]


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


@pytest.fixture
def receiver() -> Address:
    """Who gets the royalty of works of somebody else's collection."""
    return Address(b"\x77" * 20)


@pytest.fixture
async def stranger(
    contracts: Contracts,
    migrated_url: str,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    receiver: Address,
) -> AsyncIterator[Trader]:
    """An exchange that mirrors a collection of somebody else's."""
    strange = with_plain_token(contracts, receiver)
    made = Trader(strange, migrated_url, tmp_path, seed=request.node.nodeid)
    yield made
    await made.close()


@pytest.fixture
async def later_stranger(
    contracts_put_back: Contracts,
    migrated_url: str,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    receiver: Address,
) -> AsyncIterator[Trader]:
    """The same on a chain whose clock the test may move."""
    strange = with_plain_token(contracts_put_back, receiver)
    made = Trader(strange, migrated_url, tmp_path, seed=request.node.nodeid)
    yield made
    await made.close()
