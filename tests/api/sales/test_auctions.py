"""
Auctions over HTTP: opened by the first bid, outbid, settled; and what stops them.
"""

from typing import Any

import pytest

from api.standing import marks
from nft.chain.contracts import Erc721
from nft.types import ZERO_ADDRESS, TokenRef
from tests.support.exchange import CHAIN_ID, ETHER, Person
from tests.support.trader import Trader, work_of

pytestmark = pytest.mark.chain

HOUR = 3_600


async def auction(trader: Trader, seller: Person, ref: TokenRef, **more: Any) -> dict[str, Any]:
    terms = {"reserve": str(ETHER), "duration": HOUR, **more}
    return await trader.sell(seller, kind="auction", **work_of(ref), **terms)


async def standing(trader: Trader, found: dict[str, Any]) -> dict[str, Any]:
    return await trader.get(f"/api/auctions/{found['hash']}")


class TestAuction:
    async def test_goes_to_the_highest_bidder_and_pays_everybody(self, later: Trader):
        artist, seller = later.person("artist"), later.person("seller")
        first, second, anybody = (later.person(name) for name in ("first", "second", "anybody"))
        work = later.mint(artist, 1, to=seller)
        opened = await auction(later, seller, work)
        path = f"/api/auctions/{opened['hash']}"
        before = later.held(ZERO_ADDRESS, seller, artist)

        bid = await later.take(first, f"{path}/bid", bidder=str(first))
        between = await standing(later, opened)
        kept = await later.token(work)
        held = later.held(ZERO_ADDRESS, first)[0]
        await later.take(second, f"{path}/bid", bidder=str(second), amount=str(2 * ETHER))
        returned = later.held(ZERO_ADDRESS, first)[0] - held
        early = await later.post(f"{path}/settle", {"account": str(anybody)})
        later.wait(HOUR + 1)
        ended = await standing(later, opened)
        settled = await later.take(anybody, f"{path}/settle", account=str(anybody))

        after = later.held(ZERO_ADDRESS, seller, artist)
        done = await standing(later, opened)
        bidden = await later.get("/api/auctions", bidder=str(first))
        assert (opened["state"], opened["least_bid"]) == ("open", str(ETHER))
        assert [one["hash"] for one in bidden["items"]] == [opened["hash"]]
        assert bid["state"] in ("in_block", "confirmed", "final")
        assert between["state"] == "running"
        assert between["standing_bid"] == {"bidder": str(first), "amount": str(ETHER)}
        assert between["least_bid"] == str(ETHER * 105 // 100)
        assert (kept["owner"], kept["held_for"]) == (opened["auctions"], str(seller))
        assert returned == ETHER
        assert (early.status_code, early.json()["code"]) == (409, "NotPossible")
        assert ended["state"] == "ended"
        assert [one["bidder"] for one in ended["bids"]] == [str(second), str(first)]
        assert settled["state"] in ("in_block", "confirmed", "final")
        assert (done["state"], done["winner"]) == ("settled", str(second))
        assert done["split"] == ended["split"]
        assert after[0] - before[0] == int(done["split"]["seller"])
        assert after[1] - before[1] == int(done["split"]["royalty"])
        assert (await later.token(work))["owner"] == str(second)

    async def test_refuses_bids_that_cannot_stand(self, trader: Trader, seller, buyer, work):
        opened = await auction(trader, seller, work)
        path = f"/api/auctions/{opened['hash']}/bid"

        low = await trader.post(path, {"bidder": str(buyer), "amount": str(ETHER // 2)})
        uneven = await trader.post(path, {"bidder": str(buyer), "amount": str(ETHER + 1)})
        own = await trader.post(path, {"bidder": str(seller)})

        assert (low.status_code, low.json()["code"]) == (409, "BidTooLow")
        assert low.json()["least_bid"] == str(ETHER)
        assert (uneven.status_code, uneven.json()["code"]) == (422, "OrderInvalid")
        assert [one["code"] for one in own.json()["reasons"]] == ["MakerIsTaker"]
        assert (await standing(trader, opened))["bids"] == []

    async def test_ends_when_the_work_leaves_before_a_bid(
        self, trader: Trader, seller, buyer, work
    ):
        opened = await auction(trader, seller, work)
        call = Erc721(work.contract).transfer(seller.address, buyer.address, work.token_id)
        trader.send(seller, call)
        trader.catch_up()

        found = await standing(trader, opened)
        refused = await trader.post(
            f"/api/auctions/{opened['hash']}/bid", {"bidder": str(trader.person("third"))}
        )

        assert found["state"] == "not_fillable"
        codes = [one["code"] for one in found["reasons"]]
        assert codes == ["SellerNotOwner", "OwnershipChanged"]
        assert (refused.status_code, refused.json()["code"]) == (409, "OrderNotFillable")

    async def test_can_be_cancelled_until_the_first_bid(
        self, trader: Trader, artist, seller, buyer, work
    ):
        opened = await auction(trader, seller, work)
        path = f"/api/auctions/{opened['hash']}"
        other = await auction(trader, seller, trader.mint(artist, 2, to=seller))
        other_path = f"/api/auctions/{other['hash']}"

        cancelled = await trader.take(
            seller, f"{path}/cancel", maker=str(seller), how="transaction"
        )
        await trader.take(buyer, f"{other_path}/bid", bidder=str(buyer))
        late = await trader.post(
            f"{other_path}/cancel", {"maker": str(seller), "how": "transaction"}
        )
        refused = await trader.post(f"{path}/bid", {"bidder": str(buyer)})

        assert cancelled["state"] in ("in_block", "confirmed", "final")
        assert (await standing(trader, opened))["state"] == "cancelled"
        assert refused.status_code == 409
        assert (late.status_code, late.json()["code"]) == (409, "OrderIsOver")
        assert (await standing(trader, other))["state"] == "running"

    async def test_is_reached_by_a_cancel_of_everything(self, trader: Trader, seller, work):
        opened = await auction(trader, seller, work)
        order = await trader.sell(seller, **work_of(work), price=str(ETHER))

        intent = await trader.take(
            seller, "/api/orders/cancel-all", maker=str(seller), chain_id=str(CHAIN_ID)
        )

        assert intent["state"] in ("in_block", "confirmed", "final")
        assert (await standing(trader, opened))["state"] == "cancelled"
        assert (await trader.order(order))["state"] == "cancelled"
        again = await trader.sell(seller, **work_of(work), price=str(ETHER))
        assert again["state"] == "fillable"

    async def test_hiding_only_stops_us(self, trader: Trader, seller, buyer, work):
        opened = await auction(trader, seller, work)
        path = f"/api/auctions/{opened['hash']}"

        hidden = await trader.take(seller, f"{path}/cancel", maker=str(seller), how="hide")
        refused = await trader.post(f"{path}/bid", {"bidder": str(buyer)})

        found = await standing(trader, opened)
        assert hidden["state"] == "final"
        assert (found["hidden"], found["state"], found["signature"]) == (True, "open", None)
        assert [one["code"] for one in refused.json()["reasons"]] == ["OrderHidden"]
        assert (await trader.get("/api/auctions"))["items"] == []
        assert len((await trader.get("/api/auctions", maker=str(seller)))["items"]) == 1

    async def test_is_posted_by_its_seller_alone(self, trader: Trader, seller, buyer, work):
        body = {"kind": "auction", "maker": str(seller), "chain_id": str(CHAIN_ID)}
        terms = {"reserve": str(ETHER), "duration": HOUR}
        intent = await trader.ask("/api/orders/prepare", {**body, **work_of(work), **terms})
        signing = intent["steps"][-1]

        forged = await trader.post_signed(buyer, signing)
        placed = await trader.post_signed(seller, signing)
        again = await trader.post_signed(seller, signing)

        assert (forged.status_code, forged.json()["code"]) == (403, "SignatureNotMakers")
        assert (placed.status_code, again.status_code) == (201, 200)
        assert placed.json()["state"] == "not_fillable"
        assert [one["code"] for one in placed.json()["reasons"]] == ["NotApproved"]
        listed = await trader.get("/api/auctions", state="not_fillable")
        assert [one["hash"] for one in listed["items"]] == [placed.json()["hash"]]

    @pytest.mark.parametrize(
        ("terms", "field"),
        [
            ({"reserve": "0", "duration": HOUR}, "reserve"),
            ({"reserve": "5", "duration": 60 * 86_400}, "duration"),
            ({"reserve": "5", "duration": HOUR, "end": "2099-01-01T00:00:00Z"}, "duration"),
            ({"reserve": "5", "open_until": "2020-01-01T00:00:00Z"}, "open_until"),
        ],
    )
    async def test_refuses_terms_nobody_could_bid_under(
        self, trader: Trader, seller, work, terms, field
    ):
        body = {"kind": "auction", "maker": str(seller), "chain_id": str(CHAIN_ID)}

        refused = await trader.post("/api/orders/prepare", {**body, **work_of(work), **terms})

        assert (refused.status_code, refused.json()["code"]) == (422, "OrderInvalid")
        assert refused.json()["errors"][0]["pointer"] == f"/{field}"


async def test_a_mark_is_read_before_a_bid_and_an_offer(trader: Trader, seller, buyer, work):
    opened = await auction(trader, seller, work)
    async with trader.parts.sessions.begin() as session:
        await marks.place_issuers(
            session, trader.parts, trader.clock(), token=work, kind="stolen", reason="A theft."
        )

    bid = await trader.ask(f"/api/auctions/{opened['hash']}/bid", {"bidder": str(buyer)})
    wanted = {"kind": "offer", "maker": str(buyer), "chain_id": str(CHAIN_ID), "price": "1000"}
    offer = await trader.ask("/api/orders/prepare", wanted | work_of(work))

    for prepared in (bid, offer):
        assert "WorkIsMarked" in [one["code"] for one in prepared["warnings"]]
