"""
The chains, the collections, and how the exchange says that it is well.
"""

from dataclasses import replace
from datetime import timedelta

import pytest

from api.chains.queries import contracts_out
from nft.chain.contracts import Exchange as Contract
from nft.chain.deployments import OURS, Placed
from tests.support.exchange import Exchange
from tests.support.people import EXCHANGE, GALLERY, STRANGER, deployed

pytestmark = pytest.mark.chain


class TestChains:
    async def test_say_enough_for_a_wallet(self, exchange: Exchange):
        (weth,) = exchange.deployment.currencies

        found = await exchange.get("/api/chains")

        chain = found["items"][0]
        assert found["next"] is None
        assert (chain["chain_id"], chain["caip2"], chain["test"]) == (
            "31337",
            "eip155:31337",
            True,
        )
        assert chain["currencies"] == [
            {"address": "0x" + "00" * 20, "symbol": "ETH", "decimals": 18, "permit": False},
            {"address": str(weth.address), "symbol": "WETH", "decimals": 18, "permit": True},
        ]
        assert chain["rpc_urls"] == ["http://rpc.test"]

    async def test_name_every_contract(self, exchange: Exchange):
        found = await exchange.get("/api/chains")

        told = found["items"][0]["contracts"]
        placed = exchange.deployment.as_json()
        assert {name: {"address": told.pop(name)} for name in OURS} == {
            name: {"address": placed[name]["address"]} for name in OURS
        }
        assert told == {"anchors": placed["anchors"]["address"], "former_exchanges": []}

    async def test_tell_the_fee_of_now(self, exchange: Exchange):
        node = exchange.contracts.node
        saved = node.call("evm_snapshot")
        try:
            before = await self._fee(exchange)
            self._set_fee(exchange, 150)
            fallen = await self._fee(exchange)
            self._set_fee(exchange, 300)
            announced = await self._fee(exchange)
            exchange.clock.ahead = timedelta(days=8)
            risen = await self._fee(exchange)
        finally:
            node.call("evm_revert", saved)

        assert [before, fallen, announced, risen] == [200, 150, 150, 300]

    def _set_fee(self, exchange: Exchange, bps: int) -> None:
        call = Contract(exchange.exchange).set_fee(bps)
        sent = {
            "from": exchange.contracts.owner,
            "to": str(call.to),
            "data": "0x" + call.data.hex(),
        }
        node = exchange.contracts.node
        assert node.receipt(node.call("eth_sendTransaction", sent))["status"] == "0x1"
        exchange.catch_up()

    async def _fee(self, exchange: Exchange) -> int:
        found = await exchange.get("/api/chains")
        return int(found["items"][0]["platform_fee_bps"])

    def test_name_every_exchange_there_ever_was(self):
        first, second = Placed(STRANGER, 1), Placed(GALLERY, 5)
        deployment = replace(deployed(31337), former_exchanges=(first, second))

        told = contracts_out(deployment)

        assert told.exchange == str(EXCHANGE)
        assert told.former_exchanges == [str(STRANGER), str(GALLERY)]


class TestCollections:
    async def test_count_what_is_there(self, exchange: Exchange):
        artist, collector = exchange.person("artist"), exchange.person("collector")
        exchange.mint(artist, 1)
        await exchange.list(collector, exchange.mint(artist, 2, to=collector))

        one = await exchange.get(f"/api/collections/31337/{exchange.house}")
        listed = (await exchange.get("/api/collections"))["items"]

        assert listed == [one]
        assert one["house"] is True
        assert one["name"]
        assert one["for_sale"] == 1
        assert one["works"] >= 2

    async def test_refuse_a_cursor_that_is_not_theirs(self, exchange: Exchange):
        answer = await exchange.client.get("/api/collections?cursor=zzz")

        assert (answer.status_code, answer.json()["code"]) == (422, "CursorInvalid")

    async def test_are_told_from_other_contracts(self, exchange: Exchange):
        answer = await exchange.client.get(f"/api/collections/31337/{exchange.exchange}")

        assert (answer.status_code, answer.json()["code"]) == (404, "NoSuchCollection")


class TestHealth:
    async def test_is_ready_once_every_chain_was_read(self, exchange: Exchange):
        before = await exchange.client.get("/ready")
        exchange.catch_up()

        after = await exchange.client.get("/ready")

        assert (before.status_code, after.status_code) == (503, 200)
        assert (await exchange.client.get("/health")).json() == {"status": "ok"}

    async def test_says_how_far(self, exchange: Exchange):
        exchange.catch_up()

        status = await exchange.get("/status")
        metrics = (await exchange.client.get("/metrics")).text

        head = exchange.chain.head()
        assert status["chains"][0]["block_number"] == str(head.number)
        assert status["chains"][0]["lag_blocks"] == 0
        assert f'vernissage_mirror_block{{chain="31337"}} {head.number}' in metrics
