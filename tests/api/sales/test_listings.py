"""
Listings of every sort, from the signature to the money, on the real contracts.
"""

from datetime import UTC, datetime, timedelta

import pytest

from nft.types import ZERO_ADDRESS
from tests.support.exchange import CHAIN_ID, ETHER
from tests.support.trader import Trader, work_of

pytestmark = pytest.mark.chain


def sums(split: dict[str, str]) -> tuple[int, int]:
    """What seller and artist get."""
    return int(split["seller"]), int(split["royalty"])


class TestPrivateSale:
    async def test_is_for_one_buyer_alone(self, trader: Trader, seller, buyer, work):
        stranger = trader.person("stranger")
        order = await trader.sell(seller, **work_of(work), price=str(ETHER), taker=str(buyer))

        refused = await trader.fill(stranger, order)
        await trader.buy(buyer, order)

        assert refused.status_code == 409
        assert [one["code"] for one in refused.json()["reasons"]] == ["TakerMismatch"]
        assert (await trader.order(order))["state"] == "filled"
        assert (await trader.token(work))["owner"] == str(buyer)


class TestFallingPrice:
    async def test_costs_what_the_moment_says_and_returns_the_rest(
        self, trader: Trader, artist, seller, buyer, work
    ):
        start = datetime.now(UTC) - timedelta(minutes=30)
        order = await trader.sell(
            seller,
            **work_of(work),
            price=str(2 * ETHER),
            end_price=str(ETHER),
            starts_at=start.isoformat(),
            expires_at=(start + timedelta(hours=1)).isoformat(),
        )
        assert (order["start_price"], order["end_price"]) == (str(2 * ETHER), str(ETHER))
        assert ETHER * 13 // 10 < int(order["price"]) < ETHER * 16 // 10
        before = trader.held(ZERO_ADDRESS, seller, artist, buyer)

        filling = (await trader.fill(buyer, order)).json()
        sent = int(filling["steps"][0]["transaction"]["value"])
        receipt = trader.send_step(buyer, filling["steps"][0])
        trader.catch_up()

        after = trader.held(ZERO_ADDRESS, seller, artist, buyer)
        filled = await trader.order(order)
        price = sum(int(filled["split"][part]) for part in ("seller", "royalty", "platform_fee"))
        assert filled["state"] == "filled"
        assert filled["price"] == str(price)
        assert ETHER < price < sent
        assert (after[0] - before[0], after[1] - before[1]) == sums(filled["split"])
        assert before[2] - after[2] == price + trader.spent_on_gas(receipt)

    async def test_never_rises(self, trader: Trader, seller, work):
        body = {"maker": str(seller), "chain_id": str(CHAIN_ID), **work_of(work)}
        refused = await trader.post("/api/orders/prepare", {**body, "price": "5", "end_price": "6"})

        assert (refused.status_code, refused.json()["code"]) == (422, "OrderInvalid")
        assert refused.json()["errors"][0]["pointer"] == "/end_price"


class TestBundle:
    async def test_sells_together_and_pays_each_artist(
        self, trader: Trader, artist, seller, buyer, work
    ):
        other_artist = trader.person("other")
        other = trader.mint(other_artist, 1, royalty_bps=300, to=seller)
        third = trader.mint(other_artist, 2, royalty_bps=0, to=seller)
        order = await trader.sell(
            seller, **work_of(work), more=[work_of(other), work_of(third)], price=str(ETHER + 1)
        )
        promised = order["split"]
        before = trader.held(ZERO_ADDRESS, seller, artist, other_artist)

        await trader.buy(buyer, order)

        after = trader.held(ZERO_ADDRESS, seller, artist, other_artist)
        share = (ETHER + 1) // 3
        first = ETHER + 1 - 2 * share
        royalties = (first * 750 // 10_000, share * 300 // 10_000)
        assert order["state"] == "fillable"
        assert [one["token_id"] for one in order["more"]] == [
            str(other.token_id),
            str(third.token_id),
        ]
        assert after[0] - before[0] == int(promised["seller"])
        assert (after[1] - before[1], after[2] - before[2]) == royalties
        assert int(promised["royalty"]) == sum(royalties)
        assert (await trader.order(order))["split"] == promised
        for ref in (work, other, third):
            assert (await trader.token(ref))["owner"] == str(buyer)

    async def test_dies_with_any_of_its_works(self, trader: Trader, artist, seller, buyer, work):
        other = trader.mint(artist, 2, to=seller)
        order = await trader.sell(seller, **work_of(work), more=[work_of(other)], price=str(ETHER))
        await trader.take(
            seller, f"/api/tokens/{other.path}/transfer", owner=str(seller), to=str(buyer)
        )

        standing = await trader.order(order)
        refused = await trader.fill(buyer, order)

        assert standing["state"] == "not_fillable"
        assert "SellerNotOwner" in [one["code"] for one in standing["reasons"]]
        assert refused.status_code == 409
        listed = await trader.get("/api/orders", state="not_fillable")
        assert [one["hash"] for one in listed["items"]] == [order["hash"]]
        assert (await trader.get("/api/orders", state="fillable"))["items"] == []
        # A work in a bundle is not for sale by itself.
        assert (await trader.token(work))["listing"] is None


class TestPaidInTokens:
    async def test_by_permit_in_one_transaction(self, trader: Trader, artist, seller, buyer, work):
        order = await trader.sell(
            seller, **work_of(work), price=str(3 * ETHER), currency=str(trader.weth)
        )
        trader.wrap(buyer, 3 * ETHER)
        before = trader.held(trader.weth, seller, artist, buyer)

        filling = (await trader.fill(buyer, order)).json()
        after_signing = await trader.post_signed(buyer, filling["steps"][1])
        intent = await trader.intent(filling["id"])
        await trader.carry_out(buyer, intent)

        after = trader.held(trader.weth, seller, artist, buyer)
        assert [(step["id"], step["state"]) for step in filling["steps"]] == [
            ("wrap", "complete"),
            ("permit", "incomplete"),
        ]
        assert after_signing.status_code == 201
        assert [step["id"] for step in intent["steps"]] == ["wrap", "permit", "fill"]
        assert [step["state"] for step in intent["steps"]] == ["complete", "complete", "incomplete"]
        assert (after[0] - before[0], after[1] - before[1]) == sums(order["split"])
        assert before[2] - after[2] == 3 * ETHER
        assert (await trader.order(order))["split"] == order["split"]
        assert (await trader.intent(filling["id"]))["state"] in ("in_block", "confirmed", "final")

    async def test_by_approval_with_coin_wrapped_first(self, trader: Trader, seller, buyer, work):
        order = await trader.sell(
            seller, **work_of(work), price=str(ETHER), currency=str(trader.weth)
        )

        filled = await trader.take(
            buyer, f"/api/orders/{order['hash']}/fill", taker=str(buyer), permit=False
        )

        assert [step["id"] for step in filled["steps"]] == ["wrap", "allow", "fill"]
        assert {step["state"] for step in filled["steps"]} == {"complete"}
        assert (await trader.token(work))["owner"] == str(buyer)

    async def test_takes_the_permit_of_the_buyer_alone(self, trader: Trader, seller, buyer, work):
        order = await trader.sell(
            seller, **work_of(work), price=str(ETHER), currency=str(trader.weth)
        )
        trader.wrap(buyer, ETHER)
        filling = (await trader.fill(buyer, order)).json()

        forged = await trader.post_signed(seller, filling["steps"][1])

        assert (forged.status_code, forged.json()["code"]) == (403, "SignatureNotMakers")
        assert len((await trader.intent(filling["id"]))["steps"]) == 2


class TestBulk:
    async def test_lists_many_with_one_signature(self, trader: Trader, artist, seller, buyer):
        works = [trader.mint(artist, serial, to=seller) for serial in range(1, 6)]
        listings = [
            {
                "maker": str(seller),
                "chain_id": str(CHAIN_ID),
                **work_of(ref),
                "price": str(ETHER + number),
            }
            for number, ref in enumerate(works)
        ]

        intent = await trader.ask("/api/orders/prepare", {"listings": listings})
        placed = await trader.carry_out(seller, intent)
        again = await trader.post_signed(seller, intent["steps"][-1])
        for order in placed["items"][:2]:
            await trader.buy(buyer, order)

        assert [step["id"] for step in intent["steps"]] == ["approve", "sign-bulk"]
        assert intent["cost"]["prompts"] == 2
        assert [one["state"] for one in placed["items"]] == ["fillable"] * 5
        assert len(placed["items"][0]["bulk"]["proof"]) == 3
        assert again.status_code == 200
        assert (await trader.intent(intent["id"]))["state"] == "final"
        states = [(await trader.order(one))["state"] for one in placed["items"]]
        assert states == ["filled"] * 2 + ["fillable"] * 3

    async def test_names_the_listing_at_fault_and_takes_none(
        self, trader: Trader, seller, buyer, artist, work
    ):
        strange = trader.mint(artist, 2, to=buyer)
        body = {"maker": str(seller), "chain_id": str(CHAIN_ID), "price": "5"}
        listings = [{**body, **work_of(work)}, {**body, **work_of(strange)}]

        refused = await trader.post("/api/orders/prepare", {"listings": listings})

        assert (refused.status_code, refused.json()["code"]) == (409, "SellerNotOwner")
        assert refused.json()["errors"][0]["pointer"].startswith("/listings/1")


class TestHighRoyalty:
    async def test_is_asked_about_once_more(self, trader: Trader, artist):
        work = trader.mint(artist, 7, royalty_bps=2_000)
        body = {
            "maker": str(artist),
            "chain_id": str(CHAIN_ID),
            **work_of(work),
            "price": str(ETHER),
        }

        refused = await trader.post("/api/orders/prepare", body)
        accepted = await trader.post("/api/orders/prepare", {**body, "accept_royalty": True})

        assert (refused.status_code, refused.json()["code"]) == (409, "RoyaltyNotAccepted")
        assert refused.json()["royalty_bps"] == 2_000
        assert accepted.status_code == 201
        assert accepted.json()["warnings"][0]["code"] == "RoyaltyAboveTenPercent"
