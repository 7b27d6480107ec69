"""
Lazy mints and editions: pinned first, signed for free, minted by whoever buys.
"""

from datetime import timedelta
from typing import Any

import pytest

from nft.types import ZERO_ADDRESS
from tests.media.pictures import png
from tests.support.exchange import CHAIN_ID, ETHER, Person
from tests.support.trader import Trader

pytestmark = pytest.mark.chain

HELD = "select count(*) from media_references where holder like :holder"


async def lazy(trader: Trader, artist: Person, price: int = ETHER, **more: Any) -> dict[str, Any]:
    """A voucher on the book, from the file on."""
    auth = await trader.sign_in(artist)
    list_at = {"price": str(price), **more.pop("sale", {})}
    intent = await trader.mint_through(
        artist, auth, png(120, 80), lazy=True, list_at=list_at, **more
    )
    assert intent["state"] == "prepared", intent
    return await trader.carry_out(artist, intent)


class TestLazyMint:
    async def test_begins_with_the_artist_and_pays_artist_and_platform(
        self, trader: Trader, artist, buyer
    ):
        voucher = await lazy(trader, artist)
        fees = trader.contracts.owner
        before = trader.held(ZERO_ADDRESS, artist)
        kept = trader.chain.balance(type(artist.address).parse(fees))

        intent = await trader.take(
            buyer, f"/api/vouchers/{voucher['hash']}/redeem", taker=str(buyer)
        )

        after = trader.held(ZERO_ADDRESS, artist)
        path = f"{CHAIN_ID}/{voucher['contract']}/{voucher['token_id']}"
        token = await trader.get(f"/api/tokens/{path}")
        history = (await trader.get(f"/api/tokens/{path}/provenance"))["items"]
        sold = await trader.get(f"/api/vouchers/{voucher['hash']}")
        assert (voucher["kind"], voucher["state"]) == ("voucher", "fillable")
        assert (voucher["title"], voucher["creator"]) == ("Harbour, early", str(artist))
        assert voucher["media"][0]["type"] == "image/png"
        assert intent["state"] in ("in_block", "confirmed", "final")
        assert after[0] - before[0] == int(voucher["split"]["seller"])
        paid = trader.chain.balance(type(artist.address).parse(fees)) - kept
        assert paid == int(voucher["split"]["platform_fee"]) == ETHER * 200 // 10_000
        assert (token["owner"], token["creator"]) == (str(buyer), str(artist))
        assert token["transfer_count"] == 1
        assert token["royalty"]["bps"] == 750
        assert [item["event"] for item in history] == ["mint", "sale"]
        assert (sold["state"], sold["minted"], sold["next_number"]) == ("filled", 1, None)

    async def test_sells_an_edition_one_by_one(self, trader: Trader, artist, buyer):
        voucher = await lazy(trader, artist, copies=3, sale={"max_per_recipient": 1})
        path = f"/api/vouchers/{voucher['hash']}/redeem"
        others = [trader.person("second"), trader.person("third"), trader.person("fourth")]

        await trader.take(buyer, path, taker=str(buyer))
        greedy = await trader.post(path, {"taker": str(buyer)})
        for other in others[:2]:
            await trader.take(other, path, taker=str(other))
        late = await trader.post(path, {"taker": str(others[2])})

        sold = await trader.get(f"/api/vouchers/{voucher['hash']}")
        first = int(voucher["token_id"])
        owners = [
            (await trader.get(f"/api/tokens/{CHAIN_ID}/{voucher['contract']}/{first + n}"))["owner"]
            for n in range(3)
        ]
        assert [one["code"] for one in greedy.json()["reasons"]] == ["RecipientLimit"]
        assert owners == [str(buyer), str(others[0]), str(others[1])]
        assert [one["code"] for one in late.json()["reasons"]] == ["OrderFilled"]
        assert (sold["state"], sold["minted"]) == ("filled", 3)

    async def test_can_be_paid_in_tokens(self, trader: Trader, artist, buyer):
        voucher = await lazy(trader, artist, sale={"currency": str(trader.weth)})

        intent = await trader.take(
            buyer, f"/api/vouchers/{voucher['hash']}/redeem", taker=str(buyer)
        )

        steps = [(step["id"], step["state"]) for step in intent["steps"]]
        assert steps == [("wrap", "complete"), ("allow", "complete"), ("redeem", "complete")]
        assert trader.held(trader.weth, artist) == [int(voucher["split"]["seller"])]

    async def test_is_cancelled_with_everything_else(self, trader: Trader, artist, buyer):
        voucher = await lazy(trader, artist)

        await trader.take(
            artist, "/api/orders/cancel-all", maker=str(artist), chain_id=str(CHAIN_ID)
        )
        refused = await trader.post(
            f"/api/vouchers/{voucher['hash']}/redeem", {"taker": str(buyer)}
        )

        found = await trader.get("/api/vouchers", state="cancelled")
        assert [one["hash"] for one in found["items"]] == [voucher["hash"]]
        assert [one["code"] for one in refused.json()["reasons"]] == ["OrderCancelled"]

    async def test_is_for_its_recipient_alone(self, trader: Trader, artist, buyer):
        voucher = await lazy(trader, artist, sale={"recipient": str(buyer)})
        stranger = trader.person("stranger")

        refused = await trader.post(
            f"/api/vouchers/{voucher['hash']}/redeem", {"taker": str(stranger)}
        )

        assert voucher["recipient"] == str(buyer)
        assert [one["code"] for one in refused.json()["reasons"]] == ["TakerMismatch"]
        assert (await trader.get(f"/api/vouchers/{voucher['hash']}"))["minted"] == 0

    async def test_needs_a_price(self, trader: Trader, artist):
        auth = await trader.sign_in(artist)
        upload = await trader.upload(auth, png(120, 80))
        body = trader.mint_body(artist, upload, lazy=True)

        refused = await trader.client.post("/api/mints", json=body, headers=auth)

        assert (refused.status_code, refused.json()["code"]) == (422, "LazyMintNeedsPrice")

    async def test_keeps_its_files_while_it_waits_for_a_buyer(self, trader: Trader, artist):
        voucher = await lazy(trader, artist)

        held = trader.rows(HELD, holder="intent:%")

        trader.clock.ahead += timedelta(days=20)
        await trader.worker.minutely()
        assert held[0][0] > 0
        assert trader.rows(HELD, holder="intent:%") == held
        assert (await trader.get(f"/api/vouchers/{voucher['hash']}"))["state"] == "fillable"

    async def test_lets_its_files_go_when_nobody_bought_in_time(self, trader: Trader, artist):
        voucher = await lazy(trader, artist)

        trader.clock.ahead += timedelta(days=32)
        await trader.worker.minutely()

        assert trader.rows(HELD, holder="intent:%")[0][0] == 0
        assert (await trader.get(f"/api/vouchers/{voucher['hash']}"))["state"] == "expired"

    async def test_gives_its_files_to_the_work_once_the_mint_is_final(
        self, trader: Trader, artist, buyer
    ):
        voucher = await lazy(trader, artist)
        held = trader.rows(HELD, holder="intent:%")
        await trader.take(buyer, f"/api/vouchers/{voucher['hash']}/redeem", taker=str(buyer))
        trader.contracts.node.mine(3)
        trader.catch_up()

        await trader.worker.minutely()

        assert trader.rows(HELD, holder="intent:%")[0][0] == 0
        assert trader.rows(HELD, holder="token:%") == held


class TestEdition:
    async def test_is_minted_at_once_and_listed_by_one_signature(
        self, trader: Trader, artist, buyer
    ):
        auth = await trader.sign_in(artist)
        intent = await trader.mint_through(
            artist, auth, png(120, 80), copies=4, list_at={"price": str(ETHER)}
        )

        await trader.carry_out(artist, intent)

        seen = await trader.intent(intent["id"])
        orders = (await trader.get("/api/orders", maker=str(artist)))["items"]
        names = [step["id"] for step in intent["steps"]]
        assert names == ["sign-statement", "mint", "approve", "sign-bulk"]
        assert {step["state"] for step in seen["steps"]} == {"complete"}
        assert len(seen["result"]["tokens"]) == 4
        assert [one["state"] for one in orders] == ["fillable"] * 4
        await trader.buy(buyer, orders[0])
        assert (await trader.order(orders[0]))["state"] == "filled"


class TestSplitRoyalties:
    async def test_stand_behind_a_splitter_that_is_made_first(
        self, trader: Trader, artist, seller, buyer
    ):
        auth = await trader.sign_in(artist)
        royalties = [
            {"receiver": str(artist), "bps": 500},
            {"receiver": str(seller), "bps": 250},
        ]
        intent = await trader.mint_through(
            artist, auth, png(120, 80), royalties=royalties, list_at={"price": str(ETHER)}
        )
        await trader.carry_out(artist, intent)
        (order,) = (await trader.get("/api/orders", maker=str(artist)))["items"]

        await trader.buy(buyer, order)

        splitter = order["split"]["royalty_receiver"]
        waiting = await trader.get(f"/api/accounts/{seller}/credits")
        before = trader.held(ZERO_ADDRESS, seller)[0]
        await trader.take(
            buyer,
            f"/api/splitters/{CHAIN_ID}/{splitter}/release",
            account=str(buyer),
            receiver=str(seller),
        )
        royalty = ETHER * 750 // 10_000
        assert [step["id"] for step in intent["steps"]][1:3] == ["splitter", "mint"]
        assert int(order["split"]["royalty"]) == royalty
        assert [one["splitter"] for one in waiting["splitters"]] == [splitter]
        owed = int(waiting["splitters"][0]["amount"])
        assert trader.held(ZERO_ADDRESS, seller)[0] - before == owed
        assert abs(owed - royalty // 3) <= royalty // 5_000
        assert (await trader.get(f"/api/accounts/{seller}/credits"))["splitters"] == []

    async def test_name_each_receiver_once(self, trader: Trader, artist):
        auth = await trader.sign_in(artist)
        upload = await trader.upload(auth, png(120, 80))
        twice = [{"receiver": str(artist), "bps": 100}] * 2
        body = trader.mint_body(artist, upload, royalties=twice)

        refused = await trader.client.post("/api/mints", json=body, headers=auth)

        assert (refused.status_code, refused.json()["code"]) == (422, "ReceiverTwice")
        assert refused.json()["errors"][0]["pointer"] == "/royalties/1/receiver"
