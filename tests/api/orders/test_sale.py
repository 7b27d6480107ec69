"""
A listing from the signature to the money, on the real contracts.
"""

from datetime import timedelta

import pytest

from nft.chain.contracts import Collection, Erc721
from nft.chain.contracts import Exchange as ExchangeContract
from tests.support.exchange import ETHER

pytestmark = pytest.mark.chain


class TestSale:
    async def test_pays_everybody_in_one_transaction(
        self, exchange, artist, collector, buyer, work
    ):
        order = await exchange.list(collector, work, 3 * ETHER + 1)
        seller_before = exchange.chain.balance(collector.address)
        artist_before = exchange.chain.balance(artist.address)

        await exchange.buy(buyer, order)

        price = 3 * ETHER + 1
        royalty, fee = price * 750 // 10_000, price * 200 // 10_000
        assert exchange.chain.balance(artist.address) - artist_before == royalty
        assert exchange.chain.balance(collector.address) - seller_before == price - royalty - fee
        filled = await exchange.order(order)
        assert filled["state"] == "filled"
        assert filled["split"] == {
            "seller": str(price - royalty - fee),
            "royalty": str(royalty),
            "royalty_receiver": str(artist),
            "platform_fee": str(fee),
        }

    async def test_promises_what_is_paid(self, exchange, collector, buyer, work):
        order = await exchange.list(collector, work, 12_345_678_901_234_567)
        promised = order["split"]

        await exchange.buy(buyer, order)

        assert (await exchange.order(order))["split"] == promised
        assert order["state"] == "fillable"

    async def test_shows_in_token_and_provenance(self, exchange, artist, collector, buyer, work):
        order = await exchange.list(collector, work)
        assert (await exchange.token(work))["listing"]["hash"] == order["hash"]

        await exchange.buy(buyer, order)

        token = await exchange.token(work)
        history = (await exchange.get(f"/api/tokens/{work.path}/provenance"))["items"]
        assert token["owner"] == str(buyer)
        assert token["listing"] is None
        assert [item["event"] for item in history] == ["mint", "sale"]
        assert history[1]["from"] == str(collector)
        assert history[1]["royalty_receiver"] == str(artist)
        assert history[1]["royalty_paid"] == str(ETHER * 75 // 1000)

    async def test_asks_for_the_approval_only_once(self, exchange, artist, collector, work):
        other = exchange.mint(artist, 2, to=collector)
        await exchange.list(collector, work)

        prepared = (await exchange.prepare_listing(collector, other)).json()

        assert [step["state"] for step in prepared["steps"]] == ["complete", "incomplete"]
        assert prepared["cost"]["prompts"] == 1

    async def test_turns_the_intent_to_in_block(self, exchange, collector, buyer, work):
        order = await exchange.list(collector, work)
        filling = (await exchange.fill(buyer, order)).json()

        exchange.send_step(buyer, filling["steps"][0])
        exchange.catch_up()

        intent = await exchange.get(f"/api/intents/{filling['id']}")
        assert intent["state"] in ("in_block", "confirmed", "final")
        assert intent["result"]["token_id"] == str(work.token_id)


class TestListing:
    async def test_dies_when_the_work_leaves_and_comes_back(self, exchange, collector, buyer, work):
        order = await exchange.list(collector, work)
        collection = Erc721(work.contract)
        exchange.send(
            collector, collection.transfer(collector.address, buyer.address, work.token_id)
        )
        exchange.send(buyer, collection.transfer(buyer.address, collector.address, work.token_id))
        exchange.catch_up()

        standing = await exchange.order(order)
        refused = await exchange.fill(buyer, order)

        assert standing["state"] == "not_fillable"
        assert [reason["code"] for reason in standing["reasons"]] == ["OwnershipChanged"]
        assert refused.status_code == 409
        assert refused.json()["code"] == "OrderNotFillable"
        assert (await exchange.token(work))["listing"] is None

    async def test_expires(self, exchange, collector, buyer, work):
        order = await exchange.list(collector, work)
        exchange.clock.ahead += timedelta(days=31)

        refused = await exchange.fill(buyer, order)

        assert (await exchange.order(order))["state"] == "expired"
        assert refused.json()["code"] == "OrderExpired"
        assert refused.status_code == 409

    async def test_cannot_be_filled_once_the_royalty_is_above_the_signed_maximum(
        self, exchange, artist, buyer
    ):
        work = exchange.mint(artist, 3, royalty_bps=500)
        order = await exchange.list(artist, work)
        exchange.send(artist, Collection(work.contract).set_royalty(work.token_id, 900))
        exchange.catch_up()

        standing = await exchange.order(order)
        refused = await exchange.fill(buyer, order)

        assert standing["state"] == "not_fillable"
        assert [reason["code"] for reason in standing["reasons"]] == ["RoyaltyAboveMaximum"]
        assert standing["split"] is None
        assert refused.json()["reasons"][0]["code"] == "RoyaltyAboveMaximum"

    async def test_waits_for_the_approval(self, exchange, collector, buyer, work):
        prepared = (await exchange.prepare_listing(collector, work)).json()
        posted = await exchange.post_signed(collector, prepared["steps"][1])

        assert posted.status_code == 201
        assert posted.json()["state"] == "not_fillable"
        assert posted.json()["reasons"][0]["code"] == "NotApproved"


class TestCancel:
    async def test_by_transaction_binds_everybody(self, exchange, collector, buyer, work):
        order = await exchange.list(collector, work)
        body = {"maker": str(collector), "how": "transaction"}
        prepared = await exchange.client.post(f"/api/orders/{order['hash']}/cancel", json=body)

        exchange.send_step(collector, prepared.json()["steps"][0])
        exchange.catch_up()

        assert (await exchange.order(order))["state"] == "cancelled"
        assert (await exchange.fill(buyer, order)).json()["code"] == "OrderNotFillable"
        signed = ExchangeContract(exchange.exchange).is_nonce_used(
            collector.address, int(order["nonce"])
        )
        assert signed.ask(exchange.chain)

    async def test_all_voids_every_earlier_order(self, exchange, artist, collector, work):
        other = exchange.mint(artist, 4, to=collector)
        orders = [await exchange.list(collector, work), await exchange.list(collector, other)]

        exchange.send(collector, ExchangeContract(exchange.exchange).cancel_all())
        exchange.catch_up()

        assert [(await exchange.order(one))["state"] for one in orders] == ["cancelled"] * 2
        assert (await exchange.list(collector, work, 2 * ETHER))["state"] == "fillable"

    async def test_hiding_only_stops_us(self, exchange, collector, buyer, work):
        order = await exchange.list(collector, work)
        body = {"maker": str(collector), "how": "hide"}
        prepared = await exchange.client.post(f"/api/orders/{order['hash']}/cancel", json=body)

        hidden = await exchange.post_signed(collector, prepared.json()["steps"][0])

        assert hidden.status_code == 200
        standing = await exchange.order(order)
        assert (standing["hidden"], standing["state"]) == (True, "fillable")
        assert standing["signature"] is None
        assert (await exchange.fill(buyer, order)).json()["reasons"][0]["code"] == "OrderHidden"
        assert (await exchange.token(work))["listing"] is None

    async def test_hiding_takes_the_makers_signature(self, exchange, collector, buyer, work):
        order = await exchange.list(collector, work)
        body = {"maker": str(collector), "how": "hide"}
        prepared = await exchange.client.post(f"/api/orders/{order['hash']}/cancel", json=body)

        forged = await exchange.post_signed(buyer, prepared.json()["steps"][0])

        assert (forged.status_code, forged.json()["code"]) == (403, "SignatureNotMakers")
        assert (await exchange.order(order))["hidden"] is False

    async def test_is_the_makers_alone(self, exchange, collector, buyer, work):
        order = await exchange.list(collector, work)
        body = {"maker": str(buyer), "how": "transaction"}

        refused = await exchange.client.post(f"/api/orders/{order['hash']}/cancel", json=body)

        assert (refused.status_code, refused.json()["code"]) == (403, "NotTheMaker")
