"""
Offers on a work, a set, a creator's works: prepared, signed, accepted, paid.
"""

import pytest

from nft.chain.contracts import Weth
from nft.types import ZERO_ADDRESS
from tests.support.exchange import CHAIN_ID, ETHER, Person
from tests.support.trader import Trader, work_of

pytestmark = pytest.mark.chain


async def accept(trader: Trader, seller: Person, order: dict, **more: str) -> dict:
    path = f"/api/orders/{order['hash']}/accept"
    return await trader.take(seller, path, seller=str(seller), **more)


class TestTokenOffer:
    async def test_pays_artist_and_seller_what_was_shown(
        self, trader: Trader, artist, seller, buyer, work
    ):
        offer = await trader.sell(buyer, kind="offer", **work_of(work), price=str(2 * ETHER))
        promised = offer["split"]
        before = trader.held(trader.weth, seller, artist, buyer)

        accepted = await accept(trader, seller, offer)

        after = trader.held(trader.weth, seller, artist, buyer)
        assert (offer["kind"], offer["scope"], offer["state"]) == ("offer", "token", "fillable")
        assert [step["id"] for step in accepted["steps"]] == ["approve", "accept"]
        assert accepted["state"] in ("in_block", "confirmed", "final")
        assert after[0] - before[0] == int(promised["seller"])
        assert after[1] - before[1] == int(promised["royalty"])
        assert before[2] - after[2] == 2 * ETHER
        assert (await trader.order(offer))["split"] == promised
        assert (await trader.token(work))["owner"] == str(buyer)

    async def test_is_prepared_in_three_steps_that_turn_complete(self, trader: Trader, buyer, work):
        body = {"kind": "offer", "maker": str(buyer), "chain_id": str(CHAIN_ID)}
        intent = await trader.ask(
            "/api/orders/prepare", {**body, **work_of(work), "price": str(ETHER)}
        )
        before = [(step["id"], step["state"]) for step in intent["steps"]]
        trader.send_step(buyer, intent["steps"][0])
        trader.catch_up()
        between = [step["state"] for step in (await trader.intent(intent["id"]))["steps"]]
        await trader.carry_out(buyer, await trader.intent(intent["id"]))

        assert before == [
            ("wrap", "incomplete"),
            ("allow", "incomplete"),
            ("sign-offer", "incomplete"),
        ]
        assert between == ["complete", "incomplete", "incomplete"]
        assert (await trader.intent(intent["id"]))["state"] == "final"

    async def test_cannot_be_filled_without_the_money(self, trader: Trader, seller, buyer, work):
        offer = await trader.sell(buyer, kind="offer", **work_of(work), price=str(ETHER))
        spend = trader.held(trader.weth, buyer)[0]
        trader.send(buyer, Weth(trader.weth).withdraw(spend))

        standing = await trader.order(offer)
        refused = await trader.post(f"/api/orders/{offer['hash']}/accept", {"seller": str(seller)})

        assert standing["state"] == "not_fillable"
        assert [one["code"] for one in standing["reasons"]] == ["BalanceTooLow"]
        assert refused.status_code == 409
        assert (await trader.get("/api/orders", kind="offer", state="fillable"))["items"] == []
        assert len((await trader.get("/api/orders", state="not_fillable"))["items"]) == 1

    async def test_is_made_in_a_token(self, trader: Trader, buyer, work):
        body = {"kind": "offer", "maker": str(buyer), "chain_id": str(CHAIN_ID)}
        asked = {**body, **work_of(work), "price": "5", "currency": str(ZERO_ADDRESS)}

        refused = await trader.post("/api/orders/prepare", asked)

        assert (refused.status_code, refused.json()["code"]) == (422, "TokenCurrencyNeeded")

    async def test_gives_at_least_what_the_seller_demands(
        self, trader: Trader, seller, buyer, work
    ):
        offer = await trader.sell(buyer, kind="offer", **work_of(work), price=str(ETHER))

        refused = await trader.post(
            f"/api/orders/{offer['hash']}/accept",
            {"seller": str(seller), "min_proceeds": str(ETHER)},
        )

        assert refused.status_code == 409
        assert [one["code"] for one in refused.json()["reasons"]] == ["ProceedsTooLow"]
        assert (await trader.order(offer))["state"] == "fillable"


class TestSetOffer:
    async def test_takes_any_work_of_the_set_and_no_other(
        self, trader: Trader, artist, seller, buyer, work
    ):
        wanted = [trader.mint(artist, serial, to=seller) for serial in (2, 3, 4)]
        offer = await trader.sell(
            buyer,
            kind="offer",
            contract=str(work.contract),
            set=[str(ref.token_id) for ref in wanted],
            price=str(ETHER),
        )
        path = f"/api/orders/{offer['hash']}/accept"

        outside = await trader.post(path, {"seller": str(seller), "token_id": str(work.token_id)})
        unnamed = await trader.post(path, {"seller": str(seller)})
        found = await trader.get("/api/orders", token_id=str(wanted[1].token_id))
        before = trader.held(trader.weth, seller)[0]
        await accept(trader, seller, offer, token_id=str(wanted[1].token_id))

        assert offer["scope"] == "set"
        assert offer["split"] is None
        assert [one["code"] for one in outside.json()["reasons"]] == ["NotInSet"]
        assert unnamed.status_code == 422
        assert [one["hash"] for one in found["items"]] == [offer["hash"]]
        assert (await trader.token(wanted[1]))["owner"] == str(buyer)
        assert trader.held(trader.weth, seller)[0] - before == ETHER - ETHER * 950 // 10_000
        assert (await trader.order(offer))["state"] == "filled"

    async def test_is_kept_with_the_works_that_were_signed(
        self, trader: Trader, artist, seller, buyer, work
    ):
        other = trader.mint(artist, 2, to=seller)
        body = {
            "kind": "offer",
            "maker": str(buyer),
            "chain_id": str(CHAIN_ID),
            "contract": str(work.contract),
            "set": [str(work.token_id), str(other.token_id)],
            "price": "5",
        }
        step = (await trader.ask("/api/orders/prepare", body))["steps"][-1]
        step["submit"]["body"]["set"][0]["token_id"] = "7"

        refused = await trader.post_signed(buyer, step)

        assert (refused.status_code, refused.json()["code"]) == (422, "OrderInvalid")
        assert (await trader.get("/api/orders"))["items"] == []


class TestCollectionOffer:
    async def test_by_creator_takes_any_of_their_works(
        self, trader: Trader, artist, seller, buyer, work
    ):
        stranger = trader.person("stranger")
        blank = trader.mint(stranger, 1)
        offer = await trader.sell(
            buyer,
            kind="offer",
            contract=str(work.contract),
            creator=str(artist),
            price=str(ETHER),
        )
        path = f"/api/orders/{offer['hash']}/accept"

        refused = await trader.post(
            path, {"seller": str(stranger), "token_id": str(blank.token_id)}
        )
        await accept(trader, seller, offer, token_id=str(work.token_id))

        assert (offer["scope"], offer["creator"]) == ("creator", str(artist))
        assert [one["code"] for one in refused.json()["reasons"]] == ["TokenMismatch"]
        assert (await trader.token(work))["owner"] == str(buyer)
        assert (await trader.token(blank))["owner"] == str(stranger)

    async def test_on_the_open_house_must_name_a_creator(self, trader: Trader, buyer, work):
        body = {
            "kind": "offer",
            "maker": str(buyer),
            "chain_id": str(CHAIN_ID),
            "contract": str(work.contract),
            "price": "5",
        }

        refused = await trader.post("/api/orders/prepare", body)

        assert (refused.status_code, refused.json()["code"]) == (422, "OfferNeedsCreator")
        assert refused.json()["errors"][0]["pointer"] == "/creator"


class TestAcceptMany:
    async def test_sells_several_works_in_one_transaction(
        self, trader: Trader, artist, seller, buyer, work
    ):
        other = trader.mint(artist, 2, to=seller)
        offers = [
            await trader.sell(buyer, kind="offer", **work_of(ref), price=str(ETHER))
            for ref in (work, other)
        ]

        body = {"seller": str(seller), "offers": [{"order": one["hash"]} for one in offers]}

        refused = await trader.post("/api/orders/accept", body)
        trader.wrap(buyer, ETHER)
        intent = await trader.take(seller, "/api/orders/accept", **body)

        # One purse for both offers, which held enough for either.
        assert [one["code"] for one in refused.json()["reasons"]] == ["BalanceTooLow"]
        assert [step["id"] for step in intent["steps"]] == ["approve", "accept_many"]
        assert [(await trader.order(one))["state"] for one in offers] == ["filled"] * 2
        assert len(intent["result"]["tokens"]) == 2
