"""
The rules said twice, in Python and in SQL, and the arithmetic of a sale: do they agree?
"""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nft.chain.contracts import Collection, Erc721
from nft.chain.contracts import Exchange as ExchangeContract
from nft.errors import OrderInvalid
from nft.settlement import split
from nft.types import Address
from tests.support.exchange import ETHER, Exchange

RECEIVER = Address(b"\x01" * 20)


class TestSplit:
    @given(
        price=st.integers(1, 2**128 - 1),
        royalty_bps=st.integers(0, 10_000),
        fee_bps=st.integers(0, 500),
    )
    def test_adds_up_to_the_price(self, price: int, royalty_bps: int, fee_bps: int):
        royalty = price * royalty_bps // 10_000

        try:
            divided = split(
                price,
                royalty=royalty,
                royalty_receiver=RECEIVER,
                fee_bps=fee_bps,
                max_royalty_bps=royalty_bps,
                max_fee_bps=fee_bps,
            )
        except OrderInvalid:
            assert royalty + price * fee_bps // 10_000 > price
            return

        assert divided.seller + divided.royalty + divided.platform_fee == price
        assert min(divided.seller, divided.royalty, divided.platform_fee) >= 0


@pytest.mark.chain
class TestStates:
    async def test_say_the_same_in_sql_as_in_python(self, exchange: Exchange):
        artist, buyer = exchange.person("artist"), exchange.person("buyer")
        works = [exchange.mint(artist, serial) for serial in range(1, 8)]
        house = Collection(exchange.house)
        orders = [await exchange.list(artist, work) for work in works]
        await exchange.buy(buyer, orders[0])
        exchange.send(artist, ExchangeContract(exchange.exchange).cancel([int(orders[1]["nonce"])]))
        exchange.send(
            artist,
            Erc721(exchange.house).transfer(artist.address, buyer.address, works[2].token_id),
        )
        exchange.send(artist, house.set_royalty(works[3].token_id, 2_000))
        exchange.send(artist, house.burn(works[4].token_id))
        exchange.catch_up()
        states = ["filled", "cancelled", "not_fillable", "not_fillable", "not_fillable"]
        expected = dict(
            zip((order["hash"] for order in orders), [*states, "fillable", "fillable"], strict=True)
        )

        told = {order["hash"]: (await exchange.order(order))["state"] for order in orders}
        listed = {
            item["hash"]: state
            for state in ("fillable", "not_fillable", "filled", "cancelled", "expired")
            for item in (await exchange.get("/api/orders", state=state))["items"]
        }

        assert told == expected
        assert listed == expected

    async def test_end_with_the_approval(self, exchange: Exchange):
        artist = exchange.person("artist")
        order = await exchange.list(artist, exchange.mint(artist, 1))
        withdraw = Erc721(exchange.house).set_approval_for_all(exchange.exchange, False)
        exchange.send(artist, withdraw)
        exchange.catch_up()

        assert (await exchange.order(order))["reasons"][0]["code"] == "NotApproved"
        assert (await exchange.get("/api/orders", state="fillable"))["items"] == []

    async def test_take_an_approval_of_the_single_work(self, exchange: Exchange):
        artist, buyer = exchange.person("artist"), exchange.person("buyer")
        work = exchange.mint(artist, 1)
        steps = (await exchange.prepare_listing(artist, work)).json()["steps"]
        order = (await exchange.post_signed(artist, steps[1])).json()
        exchange.send(artist, Erc721(work.contract).approve(exchange.exchange, work.token_id))
        exchange.catch_up()

        assert (await exchange.order(order))["state"] == "fillable"
        assert (await exchange.token(work))["listing"]["price"] == str(ETHER)
        await exchange.buy(buyer, order)

    async def test_page_without_loss(self, exchange: Exchange):
        artist = exchange.person("artist")
        work = exchange.mint(artist, 1)
        hashes = [(await exchange.list(artist, work, price))["hash"] for price in range(10, 15)]

        first = await exchange.get("/api/orders", maker=str(artist), limit=3)
        rest = await exchange.get("/api/orders", maker=str(artist), limit=3, cursor=first["next"])

        seen = [item["hash"] for item in itertools.chain(first["items"], rest["items"])]
        assert seen == hashes[::-1]
        assert rest["next"] is None
        assert (await exchange.token(work))["listing"]["price"] == "10"
