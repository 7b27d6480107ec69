"""
Asking twice, posting twice, and everything that is refused before anything is taken.
"""

import pytest

from nft.chain.contracts import Erc721
from nft.chain.contracts import Exchange as ExchangeContract
from tests.support.exchange import CHAIN_ID, ETHER
from tests.support.trader import Trader, work_of

pytestmark = pytest.mark.chain


def nonces(trader: Trader) -> list[tuple]:
    return trader.rows("select next_nonce from book_order_nonces")


class TestIdempotency:
    async def test_of_a_cart_answers_the_same_intent(self, trader: Trader, seller, buyer, work):
        order = await trader.sell(seller, **work_of(work), price=str(ETHER))
        body = {"taker": str(buyer), "orders": [order["hash"]]}
        key = {"Idempotency-Key": "cart-1"}

        first = await trader.client.post("/api/orders/fill", json=body, headers=key)
        again = await trader.client.post("/api/orders/fill", json=body, headers=key)
        other = await trader.client.post(
            "/api/orders/fill", json={**body, "mode": "available"}, headers=key
        )

        assert first.json()["id"] == again.json()["id"]
        assert other.status_code == 422

    async def test_of_a_preparation_takes_one_nonce(self, trader: Trader, seller, work):
        body = {"maker": str(seller), "chain_id": str(CHAIN_ID), **work_of(work), "price": "5"}
        key = {"Idempotency-Key": "listing-1"}

        for _ in range(3):
            answer = await trader.client.post("/api/orders/prepare", json=body, headers=key)
            assert answer.status_code == 201

        assert [int(one) for (one,) in nonces(trader)] == [1]


class TestNonces:
    async def test_are_shared_by_every_kind(self, trader: Trader, artist, seller, work):
        other = trader.mint(artist, 2, to=seller)
        listing = await trader.sell(seller, **work_of(work), price=str(ETHER))
        auction = await trader.sell(
            seller, kind="auction", **work_of(other), reserve=str(ETHER), duration=3_600
        )
        offer = await trader.sell(
            seller, kind="offer", contract=str(work.contract), creator=str(artist), price="5"
        )

        numbers = [int(one["nonce"]) for one in (listing, auction, offer)]

        assert numbers == [0, 1, 2]
        assert {one["counter"] for one in (listing, auction, offer)} == {listing["counter"]}

    @pytest.mark.parametrize(
        "wanted",
        [
            {"price": "0"},
            {"price": "5", "end_price": "9"},
            {"price": "5", "expires_at": "2020-01-01T00:00:00Z"},
            {"price": "5", "taker": "maker"},
            {"kind": "auction", "reserve": "0"},
            {"kind": "offer", "price": "0"},
            {"kind": "auction"},
            {"kind": "lottery", "price": "5"},
        ],
    )
    async def test_are_not_taken_by_what_is_refused(self, trader: Trader, seller, work, wanted):
        body = {"maker": str(seller), "chain_id": str(CHAIN_ID), **work_of(work), **wanted}
        if body.get("taker") == "maker":
            body["taker"] = str(seller)

        refused = await trader.post("/api/orders/prepare", body)

        assert refused.status_code == 422, refused.text
        assert refused.headers["content-type"] == "application/problem+json"
        assert nonces(trader) == []

    async def test_of_an_offer_die_with_its_cancel(self, trader: Trader, seller, buyer, work):
        offer = await trader.sell(buyer, kind="offer", **work_of(work), price=str(ETHER))

        await trader.take(
            buyer, f"/api/orders/{offer['hash']}/cancel", maker=str(buyer), how="transaction"
        )
        refused = await trader.post(f"/api/orders/{offer['hash']}/accept", {"seller": str(seller)})

        assert (await trader.order(offer))["state"] == "cancelled"
        assert [one["code"] for one in refused.json()["reasons"]] == ["OrderCancelled"]


class TestWhatTheMirrorHasNotSeen:
    """Between a block and its mirroring the node knows better, in the same words."""

    async def test_of_a_listing(self, trader: Trader, seller, buyer, work):
        order = await trader.sell(seller, **work_of(work), price=str(ETHER))
        call = Erc721(work.contract).transfer(seller.address, buyer.address, work.token_id)
        trader.send(seller, call)

        refused = await trader.fill(trader.person("third"), order)

        assert (refused.status_code, refused.json()["code"]) == (409, "OrderNotFillable")
        codes = {one["code"] for one in refused.json()["reasons"]}
        assert {"SellerNotOwner", "OwnershipChanged"} <= codes

    async def test_of_an_auction(self, trader: Trader, seller, buyer, work):
        opened = await trader.sell(
            seller, kind="auction", **work_of(work), reserve=str(ETHER), duration=3_600
        )
        trader.send(seller, ExchangeContract(trader.exchange).cancel([int(opened["nonce"])]))

        refused = await trader.post(f"/api/auctions/{opened['hash']}/bid", {"bidder": str(buyer)})

        assert [one["code"] for one in refused.json()["reasons"]] == ["NonceUsed"]

    async def test_of_an_offer(self, trader: Trader, seller, buyer, work):
        offer = await trader.sell(buyer, kind="offer", **work_of(work), price=str(ETHER))
        approve = Erc721(work.contract).set_approval_for_all(trader.exchange, True)
        trader.send(seller, approve)
        trader.catch_up()
        trader.send(buyer, ExchangeContract(trader.exchange).cancel_all())

        refused = await trader.post(f"/api/orders/{offer['hash']}/accept", {"seller": str(seller)})

        assert [one["code"] for one in refused.json()["reasons"]] == ["CounterMoved"]

    async def test_an_offer_taken_back_asks_for_no_allowance(self, trader: Trader, buyer, work):
        offer = await trader.sell(buyer, kind="offer", **work_of(work), price=str(ETHER))
        await trader.take(
            buyer, f"/api/orders/{offer['hash']}/cancel", maker=str(buyer), how="transaction"
        )

        again = await trader.ask(
            "/api/orders/prepare",
            {
                "kind": "offer",
                "maker": str(buyer),
                "chain_id": str(CHAIN_ID),
                **work_of(work),
                "price": str(ETHER),
            },
        )

        states = [(step["id"], step["state"]) for step in again["steps"]]
        assert states == [
            ("wrap", "complete"),
            ("allow", "complete"),
            ("sign-offer", "incomplete"),
        ]
