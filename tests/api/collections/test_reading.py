"""
From an address to works with owners and provenance: a stranger's ERC-2309 collection, on anvil.
"""

from typing import Any

import pytest

from nft.chain.contracts import Erc721
from nft.types import Address
from tests.support.exchange import CHAIN_ID
from tests.support.registering import registered
from tests.support.strangers import Strangers
from tests.support.studio import Studio

pytestmark = pytest.mark.chain


@pytest.fixture
def strangers(studio: Studio) -> Strangers:
    return Strangers(studio.contracts.node)


async def provenance(studio: Studio, contract: Address, token_id: int) -> list[Any]:
    path = f"/api/tokens/{CHAIN_ID}/{contract}/{token_id}/provenance"
    return [(item["event"], item["from"], item["to"]) for item in (await studio.get(path))["items"]]


class TestReading:
    async def test_finds_the_works_that_a_range_minted(
        self, studio: Studio, strangers: Strangers
    ) -> None:
        one, other = strangers.people[1], strangers.people[2]
        contract = strangers.collection("Ranges", (one, 20), (other, 3))
        strangers.give(contract, 5, 1, other)
        strangers.tell(contract, "burn", 6)

        collection = await registered(studio, contract)

        assert collection["mirror"]["state"] == "complete"
        assert (collection["works"], collection["owners"]) == (22, 2)
        token = await studio.get(f"/api/tokens/{CHAIN_ID}/{contract}/5")
        asked = Erc721(contract)
        assert token["owner"] == str(asked.owner_of(5).ask(studio.chain)) == str(other)
        assert (token["creator"], token["transfer_count"]) == (str(one), 1)

    async def test_tells_where_a_work_has_been(self, studio: Studio, strangers: Strangers) -> None:
        one, other = strangers.people[1], strangers.people[2]
        contract = strangers.collection("Ranges", (one, 20))
        strangers.give(contract, 5, 1, other)

        await registered(studio, contract)

        nobody = str(Address(bytes(20)))
        assert await provenance(studio, contract, 4) == [("mint", nobody, str(one))]
        assert await provenance(studio, contract, 5) == [
            ("mint", nobody, str(one)),
            ("transfer", str(one), str(other)),
        ]

    async def test_lists_the_works_of_an_owner(self, studio: Studio, strangers: Strangers) -> None:
        one = Address(b"\x51" * 20)
        contract = strangers.collection("Ranges", (one, 4))

        await registered(studio, contract)

        found = await studio.get("/api/tokens", owner=str(one), contract=str(contract))
        assert sorted(item["token_id"] for item in found["items"]) == ["0", "1", "2", "3"]

    async def test_is_followed_from_then_on(self, studio: Studio, strangers: Strangers) -> None:
        one, other = strangers.people[1], strangers.people[2]
        contract = strangers.collection("Ranges", (one, 4))
        await registered(studio, contract)
        studio.mirror.refresh()

        strangers.give(contract, 2, 1, other)
        studio.catch_up()

        token = await studio.get(f"/api/tokens/{CHAIN_ID}/{contract}/2")
        assert token["owner"] == str(other)
