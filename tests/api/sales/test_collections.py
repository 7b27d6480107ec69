"""
Artists' own collections: deployed, minted into, governed by the artist alone; money that waits.
"""

from typing import Any

import pytest

from tests.media.pictures import png
from tests.support.exchange import CHAIN_ID, ETHER, Person
from tests.support.trader import Trader, work_of

pytestmark = pytest.mark.chain


async def deploy(trader: Trader, artist: Person, name: str = "Tides") -> dict[str, Any]:
    """An own collection, deployed and mirrored."""
    body = {"chain_id": str(CHAIN_ID), "artist": str(artist), "name": name, "symbol": "TIDE"}
    return await trader.take(artist, "/api/collections", **body)


class TestOwnCollection:
    async def test_is_where_it_was_said_to_be(self, trader: Trader, artist):
        intent = await deploy(trader, artist)

        contract = intent["result"]["contract"]
        found = await trader.get(f"/api/collections/{CHAIN_ID}/{contract}")
        again = await trader.post(
            "/api/collections",
            {
                "chain_id": str(CHAIN_ID),
                "artist": str(artist),
                "name": "Tides",
                "symbol": "TIDE",
            },
        )
        assert intent["state"] in ("in_block", "confirmed", "final")
        assert (found["name"], found["symbol"], found["artist"]) == ("Tides", "TIDE", str(artist))
        assert found["house"] is False
        assert (again.status_code, again.json()["code"]) == (409, "NotPossible")
        assert contract in again.json()["detail"]
        listed = await trader.get("/api/collections")
        assert contract in [one["contract"] for one in listed["items"]]

    async def test_takes_the_works_of_its_artist(self, trader: Trader, artist, buyer):
        contract = (await deploy(trader, artist))["result"]["contract"]
        auth = await trader.sign_in(artist)

        intent = await trader.mint_through(
            artist, auth, png(120, 80), contract=contract, list_at={"price": str(ETHER)}
        )
        await trader.carry_out(artist, intent)
        (order,) = (await trader.get("/api/orders", contract=contract))["items"]
        await trader.buy(buyer, order)

        assert order["contract"] == contract
        assert order["transfer_count"] == 0
        assert (await trader.order(order))["state"] == "filled"

    async def test_refuses_the_works_of_others(self, trader: Trader, artist, seller):
        contract = (await deploy(trader, artist))["result"]["contract"]
        auth = await trader.sign_in(seller)
        upload = await trader.upload(auth, png(120, 80))
        body = trader.mint_body(seller, upload, contract=contract)

        refused = await trader.client.post("/api/mints", json=body, headers=auth)

        assert (refused.status_code, refused.json()["code"]) == (422, "CollectionNotOpen")

    async def test_lets_a_named_minter_mint_until_the_name_is_taken_back(
        self, trader: Trader, artist, seller
    ):
        contract = (await deploy(trader, artist))["result"]["contract"]
        minters = f"/api/collections/{CHAIN_ID}/{contract}/minters"
        auth = await trader.sign_in(seller)
        named = {"account": str(artist), "minter": str(seller)}
        upload = await trader.upload(auth, png(120, 80))
        body = trader.mint_body(artist, upload, contract=contract)

        await trader.take(artist, minters, **named, allowed=True)
        asked = await trader.client.post("/api/mints", json=body, headers=auth)
        await trader.work()
        intent = await trader.intent(asked.json()["id"])
        await trader.carry_out(seller, intent)
        await trader.take(artist, minters, **named, allowed=False)
        refused = await trader.client.post("/api/mints", json=body, headers=auth)

        assert asked.status_code == 201, asked.text
        result = (await trader.intent(intent["id"]))["result"]
        token = await trader.get(f"/api/tokens/{CHAIN_ID}/{contract}/{result['token_id']}")
        assert (token["creator"], token["owner"]) == (str(artist), str(artist))
        assert (refused.status_code, refused.json()["code"]) == (403, "CreatorNotYou")

    async def test_is_governed_by_its_artist_alone(self, trader: Trader, artist, seller):
        contract = (await deploy(trader, artist))["result"]["contract"]
        place = f"/api/collections/{CHAIN_ID}/{contract}"

        refused = await trader.post(
            f"{place}/minters",
            {"account": str(seller), "minter": str(seller), "allowed": True},
        )
        royalty = await trader.take(
            artist, f"{place}/default-royalty", account=str(artist), bps=500
        )
        frozen = await trader.take(artist, f"{place}/freeze", account=str(artist))

        assert (refused.status_code, refused.json()["code"]) == (403, "NotTheArtist")
        assert royalty["state"] in ("in_block", "confirmed", "final")
        assert frozen["state"] in ("in_block", "confirmed", "final")

    async def test_can_be_offered_for_as_a_whole(self, trader: Trader, artist, buyer):
        contract = (await deploy(trader, artist))["result"]["contract"]
        auth = await trader.sign_in(artist)
        intent = await trader.mint_through(artist, auth, png(120, 80), contract=contract)
        await trader.carry_out(artist, intent)
        token_id = (await trader.intent(intent["id"]))["result"]["token_id"]

        offer = await trader.sell(buyer, kind="offer", contract=contract, price=str(ETHER))
        await trader.take(
            artist,
            f"/api/orders/{offer['hash']}/accept",
            seller=str(artist),
            token_id=token_id,
        )

        assert (offer["scope"], offer["state"]) == ("collection", "fillable")
        assert (await trader.order(offer))["state"] == "filled"

    @pytest.mark.parametrize(
        ("name", "symbol", "field"),
        [("", "T", "name"), ("a" * 65, "T", "name"), ("A", "T" * 17, "symbol")],
    )
    async def test_has_a_name_that_fits(self, trader: Trader, artist, name, symbol, field):
        body = {"chain_id": str(CHAIN_ID), "artist": str(artist), "name": name, "symbol": symbol}

        refused = await trader.post("/api/collections", body)

        assert (refused.status_code, refused.json()["code"]) == (422, "CollectionTextInvalid")
        assert refused.json()["errors"][0]["pointer"] == f"/{field}"


class TestCredits:
    async def test_are_empty_and_nothing_can_be_drawn(self, trader: Trader, buyer):
        found = await trader.get(f"/api/accounts/{buyer}/credits")

        refused = await trader.post(
            f"/api/accounts/{buyer}/credits/withdraw",
            {"chain_id": str(CHAIN_ID), "contract": str(trader.exchange)},
        )

        assert (found["credits"], found["splitters"]) == ([], [])
        assert (refused.status_code, refused.json()["code"]) == (409, "NothingToWithdraw")

    async def test_of_a_refused_payout_are_pushed_to_their_owner(
        self, trader: Trader, artist, seller, buyer
    ):
        # A wallet that takes no coin for now: an account with code that reverts.
        wallet = trader.person("wallet")
        work = trader.mint(artist, 1, royalty_receiver=wallet.address, to=seller)
        order = await trader.sell(seller, **work_of(work), price=str(ETHER))
        trader.contracts.node.call("anvil_setCode", str(wallet), "0x60006000fd")
        await trader.buy(buyer, order)
        trader.contracts.node.call("anvil_setCode", str(wallet), "0x")

        waiting = await trader.get(f"/api/accounts/{wallet}/credits")
        before = trader.chain.balance(wallet.address)
        intent = await trader.take(
            buyer,
            f"/api/accounts/{wallet}/credits/withdraw",
            chain_id=str(CHAIN_ID),
            contract=str(trader.exchange),
            sender=str(buyer),
        )

        royalty = ETHER * 750 // 10_000
        assert [(one["role"], one["amount"]) for one in waiting["credits"]] == [
            ("exchange", str(royalty))
        ]
        assert trader.chain.balance(wallet.address) - before == royalty
        assert intent["state"] in ("in_block", "confirmed", "final")
        assert (await trader.get(f"/api/accounts/{wallet}/credits"))["credits"] == []
