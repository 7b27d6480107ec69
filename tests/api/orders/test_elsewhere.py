"""
Works sold on Seaport: their provenance, and what their artists were paid and were not.
"""

import secrets
from dataclasses import dataclass
from typing import Any

import pytest

from api.sales.elsewhere import royalty_paid
from nft.chain import seaport
from nft.chain.contracts import Collection
from nft.types import ZERO_ADDRESS, Address, TokenRef
from tests.support import seaport as venue
from tests.support.exchange import CHAIN_ID, ETHER, Exchange, Person
from tests.support.people import ARTIST, COLLECTOR, GALLERY
from tests.support.seaport import COIN, WORK, Item, Order

ROYALTY = 75 * ETHER // 1000


@dataclass
class Elsewhere:
    """Seaport on the exchange's chain."""

    exchange: Exchange

    def approve(self, seller: Person) -> None:
        call = Collection(self.exchange.house).set_approval_for_all(seaport.V1_6, True)
        self.exchange.send(seller, call)

    def sell(
        self, seller: Person, buyer: Person, *works: TokenRef, **royalty: tuple[Person, int]
    ) -> None:
        """For one ether, with the royalty that somebody chose to pay."""
        self.approve(seller)
        paid = [(receiver.address, amount) for receiver, amount in royalty.values()]
        paid.insert(0, (seller.address, ETHER - sum(amount for _, amount in paid)))
        now = self.exchange.chain.head().timestamp
        order = Order(
            seller.address,
            tuple(Item(WORK, work.contract, work.token_id, 1) for work in works),
            tuple(Item(COIN, ZERO_ADDRESS, 0, amount, receiver) for receiver, amount in paid),
            now - 1,
            now + 86_400,
            secrets.randbits(64),
        )
        signature = bytes.fromhex(seller.sign(order.typed_data(CHAIN_ID))[2:])
        receipt = self.exchange.send(buyer, venue.fulfil((order, signature)))
        assert receipt["status"] == "0x1"
        self.exchange.catch_up()

    async def provenance(self, work: TokenRef) -> list[dict[str, Any]]:
        return list((await self.exchange.get(f"/api/tokens/{work.path}/provenance"))["items"])

    async def statement(self, person: Person) -> dict[str, Any]:
        return await self.exchange.get(f"/api/accounts/{person}/royalties")


@pytest.fixture
def elsewhere(exchange: Exchange) -> Elsewhere:
    venue.place(exchange.contracts.node, Address.parse(exchange.contracts.owner))
    return Elsewhere(exchange)


@pytest.mark.chain
class TestProvenance:
    async def test_says_where_for_how_much_and_who_was_paid(
        self, elsewhere, artist, collector, buyer, work
    ):
        elsewhere.sell(collector, buyer, work, royalty=(artist, ROYALTY))

        _, sold = await elsewhere.provenance(work)

        assert (sold["event"], sold["sale_kind"]) == ("sale", "elsewhere")
        assert sold["venue"] == {"name": "Seaport 1.6", "address": str(seaport.V1_6)}
        assert (sold["from"], sold["to"], sold["seller"]) == (
            str(collector),
            str(buyer),
            str(collector),
        )
        assert (sold["price"], sold["currency"]) == (str(ETHER), str(ZERO_ADDRESS))
        assert (sold["royalty_paid"], sold["royalty_receiver"]) == (str(ROYALTY), str(artist))
        assert sold["platform_fee"] is None
        assert sold["payments"] == [
            {"receiver": str(collector), "amount": str(ETHER - ROYALTY)},
            {"receiver": str(artist), "amount": str(ROYALTY)},
        ]

    async def test_says_that_no_royalty_was_paid(self, elsewhere, artist, collector, buyer, work):
        elsewhere.sell(collector, buyer, work)

        _, sold = await elsewhere.provenance(work)

        assert (sold["royalty_paid"], sold["royalty_receiver"]) == ("0", str(artist))

    async def test_leaves_open_what_an_artist_who_sells_was_paid_for(
        self, elsewhere, exchange, artist, buyer
    ):
        own = exchange.mint(artist, 2)
        elsewhere.sell(artist, buyer, own)

        _, sold = await elsewhere.provenance(own)

        assert (sold["price"], sold["royalty_paid"]) == (str(ETHER), None)

    async def test_says_how_many_works_shared_the_price(
        self, elsewhere, exchange, artist, collector, buyer, work
    ):
        other = exchange.mint(artist, 2, to=collector)
        elsewhere.sell(collector, buyer, work, other, royalty=(artist, ROYALTY))

        _, sold = await elsewhere.provenance(other)

        assert (sold["works"], sold["price"]) == (2, str(ETHER // 2))
        assert sold["royalty_paid"] == str(ROYALTY // 2)

    async def test_of_a_sale_here_names_no_venue(self, exchange, elsewhere, collector, buyer, work):
        await exchange.buy(buyer, await exchange.list(collector, work))

        _, sold = await elsewhere.provenance(work)

        assert (sold["venue"], sold["payments"], sold["works"]) == (None, None, None)


@pytest.mark.chain
class TestPages:
    async def test_of_the_work_and_of_its_certificate_speak_of_the_venue(
        self, exchange, elsewhere, collector, buyer, work
    ):
        elsewhere.sell(collector, buyer, work)

        shown = (await exchange.client.get(f"/works/{work.path}")).text
        paper = (await exchange.client.get(f"/c/{work.path}")).text
        chinese = (await exchange.client.get(f"/works/{work.path}", params={"lang": "zh"})).text

        assert "bought on Seaport 1.6 for" in shown
        assert "no royalty was paid" in shown
        assert "Sold once on another venue." in paper
        assert "Sold 0 times through this exchange." in paper
        assert "在 Seaport 1.6 以" in chinese


@pytest.mark.chain
class TestStatement:
    async def test_sums_what_was_paid_here_and_elsewhere(
        self, exchange, elsewhere, artist, collector, buyer, work
    ):
        elsewhere.sell(collector, buyer, work, royalty=(artist, ROYALTY))
        await exchange.buy(collector, await exchange.list(buyer, work))

        told = await elsewhere.statement(artist)

        assert told["totals"] == [{"currency": str(ZERO_ADDRESS), "amount": str(2 * ROYALTY)}]
        assert [each["venue"] and each["venue"]["name"] for each in told["items"]] == [
            None,
            "Seaport 1.6",
        ]
        assert [each["title"] for each in told["items"]] == ["Haze", "Haze"]

    async def test_says_what_was_not_paid(self, elsewhere, artist, collector, buyer, work):
        elsewhere.sell(collector, buyer, work, royalty=(artist, 1))

        (line,) = (await elsewhere.statement(artist))["items"]

        assert (line["received"], line["owed"], line["price"]) == ("1", str(ROYALTY), str(ETHER))

    async def test_goes_by_what_the_work_asked_for_at_that_time(
        self, exchange, elsewhere, artist, collector, buyer, work
    ):
        elsewhere.sell(collector, buyer, work)
        exchange.send(artist, Collection(work.contract).set_royalty(work.token_id, 0))
        exchange.catch_up()

        (line,) = (await elsewhere.statement(artist))["items"]

        assert (line["received"], line["owed"]) == ("0", str(ROYALTY))

    async def test_is_the_named_receivers_and_not_the_makers(
        self, exchange, elsewhere, artist, collector, buyer
    ):
        gallery = exchange.person("gallery")
        shared = exchange.mint(artist, 3, royalty_receiver=gallery.address, to=collector)
        elsewhere.sell(collector, buyer, shared)

        unpaid = (await elsewhere.statement(gallery))["items"]

        assert [(each["received"], each["owed"]) for each in unpaid] == [("0", str(ROYALTY))]
        assert (await elsewhere.statement(artist))["items"] == []

    async def test_leaves_out_what_one_sold_oneself_and_what_others_were_paid(
        self, exchange, elsewhere, artist, collector, buyer, work
    ):
        elsewhere.sell(collector, buyer, work, fee=(exchange.person("shop"), 5))

        assert (await elsewhere.statement(collector))["items"] == []
        assert (await elsewhere.statement(buyer))["items"] == []

    async def test_of_nobody_is_empty(self, elsewhere):
        told = await elsewhere.statement(Person("nobody", b"\x07" * 32))

        assert (told["totals"], told["items"]) == ([], [])


class TestRoyaltyPaid:
    def test_is_unknown_where_the_work_names_nobody(self):
        payments = [{"receiver": str(ARTIST), "amount": "5"}]

        assert royalty_paid(payments, COLLECTOR, None) is None
        assert royalty_paid(payments, COLLECTOR, GALLERY) == 0
        assert royalty_paid(payments, COLLECTOR, ARTIST) == 5
