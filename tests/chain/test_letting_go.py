"""A contract that is let go of while an indexer follows it: nobody has to start that one again."""

import pytest

from api.local.processes import wait_until
from indexer import registry
from indexer.facts import CONTRACTS, TOKENS
from indexer.leaving import leave
from indexer.run import connected
from tests.chain.conftest import Market
from tests.chain.test_index_run import content, reaches_head, running
from tests.support.strangers import Strangers

pytestmark = pytest.mark.chain


def test_the_follower_goes_on_without_it(market: Market, migrated_url: str) -> None:
    strangers, chain_id = Strangers(market.node), market.deployment.chain_id
    flood = strangers.collection("Flood")
    strangers.tell(flood, "mint", strangers.people[0], 1)

    def is_complete() -> bool:
        with connected(migrated_url) as connection:
            row = registry.find(connection, chain_id, flood)
        return row is not None and row.is_complete

    with running(migrated_url, [market]) as failed:
        assert reaches_head(migrated_url, market)
        with connected(migrated_url) as connection, connection.begin():
            registry.register(connection, chain_id, flood)
        assert wait_until(is_complete, patience=20)
        strangers.tell(flood, "mint", strangers.people[0], 2)
        assert reaches_head(migrated_url, market)
        with connected(migrated_url) as connection:
            left = leave(connection, chain_id, flood, "it floods the mirror")
        for number in (3, 4):
            strangers.tell(flood, "mint", strangers.people[0], number)
            market.mint()
        assert reaches_head(migrated_url, market)

    stored, fresh = content(migrated_url, market)
    with connected(migrated_url) as connection:
        works = connection.execute(TOKENS.select()).all()
        kept = connection.execute(CONTRACTS.select()).one()
    assert failed == [0]
    assert left.works == 2
    assert [row.contract for row in works] == [market.deployment.house_collection.address] * 2
    assert kept.left_block == left.block
    assert stored == fresh
