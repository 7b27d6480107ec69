"""
What the platform may do, as orders show it: a pause, a fee that rises, an end for good.
"""

from datetime import timedelta

import pytest

from nft.chain.contracts import Auctions
from nft.chain.contracts import Exchange as ExchangeContract
from nft.chain.protocol import Call
from nft.types import Address
from tests.support.exchange import ETHER
from tests.support.trader import Trader, work_of

pytestmark = pytest.mark.chain

WEEK = 7 * 86_400


def decide(trader: Trader, call: Call) -> None:
    """Sent by the owner, for whom the node signs."""
    transaction = {
        "from": trader.contracts.owner,
        "to": str(call.to),
        "data": "0x" + call.data.hex(),
    }
    sent = trader.contracts.node.call("eth_sendTransaction", transaction)
    assert trader.contracts.node.receipt(sent)["status"] == "0x1"
    trader.catch_up()


async def codes(trader: Trader, order: dict) -> list[str]:
    return [one["code"] for one in (await trader.order(order))["reasons"]]


class TestHouse:
    async def test_pauses_new_sales_and_nothing_else(self, later: Trader):
        seller, buyer = later.person("seller"), later.person("buyer")
        work = later.mint(seller, 1)
        order = await later.sell(seller, **work_of(work), price=str(ETHER))
        exchange = ExchangeContract(later.exchange)
        decide(later, exchange.set_guardian(Address.parse(later.contracts.owner)))
        decide(later, exchange.pause())

        paused = await codes(later, order)
        refused = await later.fill(buyer, order)
        cancelled = await later.post(
            f"/api/orders/{order['hash']}/cancel", {"maker": str(seller), "how": "transaction"}
        )
        listed = (await later.get("/api/orders", state="fillable"))["items"]
        decide(later, exchange.unpause())

        assert paused == ["Paused"]
        assert refused.status_code == 409
        assert listed == []
        assert cancelled.status_code == 201
        assert await codes(later, order) == []

    async def test_raises_the_fee_a_week_later(self, later: Trader):
        seller = later.person("seller")
        work = later.mint(seller, 1)
        order = await later.sell(seller, **work_of(work), price=str(ETHER))
        decide(later, ExchangeContract(later.exchange).set_fee(300))

        before = await codes(later, order)
        later.contracts.node.call("evm_increaseTime", hex(WEEK + 60))
        later.contracts.node.call("evm_mine")
        later.clock.ahead += timedelta(seconds=WEEK + 60)
        later.catch_up()
        after = await codes(later, order)
        anew = await later.sell(seller, **work_of(work), price=str(ETHER))

        assert before == []
        assert after == ["FeeAboveMaximum"]
        assert anew["max_fee_bps"] == 300
        assert int(anew["split"]["platform_fee"]) == ETHER * 300 // 10_000

    async def test_ends_first_bids_for_good_and_settles_what_runs(self, later: Trader):
        seller, bidder = later.person("seller"), later.person("bidder")
        running, waiting = [
            await later.sell(
                seller,
                kind="auction",
                **work_of(later.mint(seller, serial)),
                reserve=str(ETHER),
                duration=3_600,
            )
            for serial in (1, 2)
        ]
        path = f"/api/auctions/{running['hash']}"
        await later.take(bidder, f"{path}/bid", bidder=str(bidder))
        decide(later, Auctions(later.deployment.auctions.address).retire())

        refused = await later.post(f"/api/auctions/{waiting['hash']}/bid", {"bidder": str(bidder)})
        raised = await later.post(f"{path}/bid", {"bidder": str(later.person("rival"))})

        assert [one["code"] for one in refused.json()["reasons"]] == ["Retired"]
        assert raised.status_code == 201
