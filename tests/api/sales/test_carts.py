"""
Several listings bought in one transaction, all or those that can be had.
"""

import pytest

from nft.chain.contracts import Exchange as ExchangeContract
from nft.types import ZERO_ADDRESS
from tests.support.exchange import ETHER
from tests.support.trader import Trader, work_of

pytestmark = pytest.mark.chain


async def five(trader: Trader, artist, seller) -> list[dict]:
    found = []
    for serial in range(1, 6):
        ref = trader.mint(artist, serial, to=seller)
        found.append(await trader.sell(seller, **work_of(ref), price=str(ETHER // 2 + serial)))
    return found


class TestAll:
    async def test_buys_five_and_pays_what_was_shown(self, trader: Trader, artist, seller, buyer):
        orders = await five(trader, artist, seller)
        before = trader.held(ZERO_ADDRESS, seller, artist)

        intent = await trader.take(
            buyer,
            "/api/orders/fill",
            taker=str(buyer),
            orders=[one["hash"] for one in orders],
            mode="all",
        )

        after = trader.held(ZERO_ADDRESS, seller, artist)
        filled = [await trader.order(one) for one in orders]
        assert intent["state"] in ("in_block", "confirmed", "final")
        assert [one["state"] for one in filled] == ["filled"] * 5
        assert [one["split"] for one in filled] == [one["split"] for one in orders]
        assert after[0] - before[0] == sum(int(one["split"]["seller"]) for one in orders)
        assert after[1] - before[1] == sum(int(one["split"]["royalty"]) for one in orders)

    async def test_buys_none_where_one_cannot_be_had(self, trader: Trader, artist, seller, buyer):
        orders = await five(trader, artist, seller)
        await trader.take(
            seller,
            f"/api/orders/{orders[2]['hash']}/cancel",
            maker=str(seller),
            how="transaction",
        )

        refused = await trader.post(
            "/api/orders/fill", {"taker": str(buyer), "orders": [one["hash"] for one in orders]}
        )

        assert (refused.status_code, refused.json()["code"]) == (409, "OrderNotFillable")
        assert orders[2]["hash"] in refused.json()["detail"]
        assert (await trader.order(orders[0]))["state"] == "fillable"


class TestAvailable:
    async def test_leaves_out_what_is_gone_before_and_what_goes_meanwhile(
        self, trader: Trader, artist, seller, buyer
    ):
        orders = await five(trader, artist, seller)
        exchange = ExchangeContract(trader.exchange)
        trader.send(seller, exchange.cancel([int(orders[0]["nonce"])]))
        trader.catch_up()
        body = {
            "taker": str(buyer),
            "orders": [one["hash"] for one in orders],
            "mode": "available",
        }
        intent = await trader.ask("/api/orders/fill", body)
        trader.send(seller, exchange.cancel([int(orders[1]["nonce"])]))
        before = trader.held(ZERO_ADDRESS, buyer)[0]

        receipt = trader.send_step(buyer, intent["steps"][-1])
        trader.catch_up()

        spent = before - trader.held(ZERO_ADDRESS, buyer)[0] - trader.spent_on_gas(receipt)
        assert receipt["status"] == "0x1"
        assert [one["code"] for one in intent["warnings"]] == ["OrderLeftOut"]
        result = (await trader.intent(intent["id"]))["result"]
        assert [one["filled"] for one in result["orders"]] == [False, True, True, True]
        assert spent == sum(int(one["price"]) for one in orders[2:])
        states = [(await trader.order(one))["state"] for one in orders]
        assert states == ["cancelled", "cancelled", "filled", "filled", "filled"]

    async def test_says_so_when_nothing_is_left(self, trader: Trader, artist, seller, buyer, work):
        order = await trader.sell(seller, **work_of(work), price=str(ETHER))
        await trader.buy(buyer, order)
        other = trader.person("other")

        refused = await trader.post(
            "/api/orders/fill",
            {"taker": str(other), "orders": [order["hash"]], "mode": "available"},
        )

        assert refused.status_code == 409
        assert [one["code"] for one in refused.json()["reasons"]] == ["NothingLeft"]

    async def test_names_an_order_that_is_not_on_the_book(self, trader: Trader, buyer):
        body = {"taker": str(buyer), "orders": ["0x" + "ab" * 32]}

        refused = await trader.post("/api/orders/fill", body)

        assert (refused.status_code, refused.json()["code"]) == (404, "NoSuchOrder")
