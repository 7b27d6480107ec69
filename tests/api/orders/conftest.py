"""The people of a sale, and the work that is sold."""

import pytest

from nft.types import TokenRef
from tests.support.exchange import Exchange, Person
from tests.support.exchange_fixture import exchange

__all__ = ["exchange"]


@pytest.fixture
def artist(exchange: Exchange) -> Person:
    return exchange.person("artist")


@pytest.fixture
def collector(exchange: Exchange) -> Person:
    return exchange.person("collector")


@pytest.fixture
def buyer(exchange: Exchange) -> Person:
    return exchange.person("buyer")


@pytest.fixture
def work(exchange: Exchange, artist: Person, collector: Person) -> TokenRef:
    """A work of the artist's in the collector's hands, 7.5 % royalty."""
    return exchange.mint(artist, 1, title="Haze", to=collector)
