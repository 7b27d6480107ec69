"""
Works of other people's collections: unbound orders, and royalties that only the token knows.
"""

import pytest
from eth_abi import encode

from nft.chain.contracts import Erc721
from nft.chain.protocol import Call
from nft.types import ZERO_ADDRESS, TokenRef
from tests.support.exchange import CHAIN_ID, ETHER, Person
from tests.support.trader import Trader, work_of

pytestmark = pytest.mark.chain


def mint(trader: Trader, to: Person, token_id: int) -> TokenRef:
    """Anybody may mint there."""
    contract = trader.deployment.registered[0].address
    data = bytes.fromhex("40c10f19") + encode(["address", "uint256"], [str(to), token_id])
    assert trader.send(to, Call(to=contract, data=data))["status"] == "0x1"
    trader.catch_up()
    return TokenRef(CHAIN_ID, contract, token_id)


class TestStrangeCollection:
    async def test_is_sold_unbound_with_the_royalty_that_the_token_tells(
        self, stranger: Trader, receiver
    ):
        seller, buyer = stranger.person("seller"), stranger.person("buyer")
        work = mint(stranger, seller, 7)
        order = await stranger.sell(seller, **work_of(work), price=str(ETHER + 1))
        promised = order["split"]
        before = stranger.held(ZERO_ADDRESS, seller, receiver)

        await stranger.buy(buyer, order)

        after = stranger.held(ZERO_ADDRESS, seller, receiver)
        assert order["transfer_count"] is None
        assert order["state"] == "fillable"
        assert int(promised["royalty"]) == (ETHER + 1) * 500 // 10_000
        assert after[0] - before[0] == int(promised["seller"])
        assert after[1] - before[1] == int(promised["royalty"])
        assert (await stranger.order(order))["split"] == promised

    async def test_stops_a_sale_whose_royalty_rose_above_what_was_signed(
        self, stranger: Trader, receiver
    ):
        seller, buyer = stranger.person("seller"), stranger.person("buyer")
        work = mint(stranger, seller, 8)
        order = await stranger.sell(seller, **work_of(work), price=str(ETHER))
        selector = bytes.fromhex("8f2fc60b")  # setRoyalty(address,uint96)
        raised = encode(["address", "uint96"], [str(receiver), 900])
        stranger.send(seller, Call(to=work.contract, data=selector + raised))

        standing = await stranger.order(order)
        refused = await stranger.fill(buyer, order)

        assert standing["state"] == "not_fillable"
        assert [one["code"] for one in standing["reasons"]] == ["RoyaltyAboveMaximum"]
        assert standing["split"] is None
        assert refused.status_code == 409

    async def test_may_stay_good_when_the_work_comes_back(self, stranger: Trader):
        seller, buyer = stranger.person("seller"), stranger.person("buyer")
        work = mint(stranger, seller, 9)
        order = await stranger.sell(seller, **work_of(work), price=str(ETHER))
        token = Erc721(work.contract)
        stranger.send(seller, token.transfer(seller.address, buyer.address, 9))
        stranger.catch_up()
        away = await stranger.order(order)
        stranger.send(buyer, token.transfer(buyer.address, seller.address, 9))
        stranger.catch_up()

        back = await stranger.order(order)

        assert [one["code"] for one in away["reasons"]] == ["SellerNotOwner"]
        assert back["state"] == "fillable"

    async def test_lives_sixty_days_at_most(self, stranger: Trader):
        seller = stranger.person("seller")
        work = mint(stranger, seller, 10)
        body = {"maker": str(seller), "chain_id": str(CHAIN_ID), **work_of(work), "price": "5"}
        later = "2027-06-01T00:00:00Z"

        refused = await stranger.post("/api/orders/prepare", {**body, "expires_at": later})
        accepted = await stranger.ask("/api/orders/prepare", body)

        assert (refused.status_code, refused.json()["code"]) == (422, "OrderInvalid")
        assert refused.json()["errors"][0]["pointer"] == "/expires_at"
        assert [one["code"] for one in accepted["warnings"]] == ["UnboundOrder"]


class TestUndeliverable:
    async def test_gives_the_bid_back_as_credit_and_the_work_to_its_seller(
        self, later_stranger: Trader
    ):
        trader = later_stranger
        seller, bidder, anybody = (trader.person(name) for name in ("seller", "bidder", "any"))
        work = mint(trader, seller, 7)
        opened = await trader.sell(
            seller, kind="auction", **work_of(work), reserve=str(ETHER), duration=3_600
        )
        path = f"/api/auctions/{opened['hash']}"
        await trader.take(bidder, f"{path}/bid", bidder=str(bidder))
        code = trader.contracts.node.call("eth_getCode", str(work.contract), "latest")
        trader.contracts.node.call("anvil_setCode", str(work.contract), "0x60006000fd")
        early = await trader.post(f"{path}/unwind", {"account": str(anybody)})
        trader.wait(3_600 + 7 * 86_400 + 60)
        stuck = await trader.get(path)

        unwound = await trader.take(anybody, f"{path}/unwind", account=str(anybody))
        trader.contracts.node.call("anvil_setCode", str(work.contract), code)
        credits = (await trader.get(f"/api/accounts/{bidder}/credits"))["credits"]
        await trader.take(
            bidder,
            f"/api/accounts/{bidder}/credits/withdraw",
            chain_id=str(CHAIN_ID),
            contract=str(trader.deployment.auctions.address),
        )
        reclaimed = await trader.take(anybody, f"{path}/reclaim", account=str(anybody))
        again = await trader.post(f"{path}/reclaim", {"account": str(anybody)})

        assert (early.status_code, early.json()["code"]) == (409, "NotPossible")
        assert stuck["state"] == "undelivered"
        assert unwound["state"] in ("in_block", "confirmed", "final")
        assert [(one["role"], one["amount"]) for one in credits] == [("auctions", str(ETHER))]
        assert reclaimed["state"] in ("in_block", "confirmed", "final")
        assert (await trader.get(path))["state"] == "unwound"
        assert (await trader.token(work))["owner"] == str(seller)
        assert again.status_code == 409
