"""Works sold on the real Seaport, and what the mirror makes of it."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import select

from indexer.facts import OUTBOX, SALES
from indexer.rebuild import rebuild
from indexer.run import connected
from nft.chain import seaport
from nft.types import ZERO_ADDRESS, Address
from tests.chain.conftest import Market, Scene
from tests.chain.everything import ETHER
from tests.chain.test_proving import Court
from tests.support import seaport as venue
from tests.support.lying_node import lying
from tests.support.seaport import COIN, CURRENCY, SET, WORK, Item, Order, Signed

pytestmark = pytest.mark.chain

FEE, ROYALTY = ETHER // 40, 3 * ETHER // 40
"""What Seaport's shop takes of one ether, and what our works ask for."""


@dataclass
class Shop:
    """Orders on Seaport in works of the house collection."""

    scene: Scene
    controller: Address
    salt: int = 0

    @property
    def market(self) -> Market:
        return self.scene.market

    def work(self, token: int, receiver: Address | None = None) -> Item:
        return Item(WORK, self.market.collection.address, token, 1, receiver)

    def sign(self, order: Order) -> Signed:
        typed = order.typed_data(self.market.deployment.chain_id)
        return order, self.market.sign(order.maker, typed)

    def order(self, maker: Address, given: tuple[Item, ...], *asked: Item, **more: Any) -> Order:
        self.salt += 1
        now = self.market.now
        return Order(maker, given, asked, now - 1, now + 86_400, self.salt, **more)

    def listing(self, maker: Address, *tokens: int, royalty: int = ROYALTY) -> Order:
        """For one ether: the maker, the shop, and perhaps the artist."""
        paid = [(maker, ETHER - FEE - royalty), (self.market.gallery, FEE)]
        paid += [(self.market.artist, royalty)] if royalty else []
        asked = [Item(COIN, ZERO_ADDRESS, 0, amount, receiver) for receiver, amount in paid]
        return self.order(maker, tuple(map(self.work, tokens)), *asked)

    def weth(self, amount: int, receiver: Address | None = None) -> Item:
        return Item(CURRENCY, self.market.weth.address, 0, amount, receiver)

    def approve(self, *people: Address, operator: Address = seaport.V1_6) -> None:
        """Let Seaport move the people's works and WETH."""
        for person in people:
            self.market.send(person, self.market.collection.set_approval_for_all(operator, True))
            self.market.send(person, self.market.weth.approve(operator, 10 * ETHER))

    def owned(self) -> int:
        """A work of the artist's that the collector has."""
        token = self.market.mint()
        self.market.move(self.market.artist, self.market.collector, token)
        return token

    def sales(self, *names: str) -> list[Any]:
        """What the mirror says was sold."""
        self.scene.follow()
        chosen = [SALES.c[name] for name in names]
        query = select(*chosen).order_by(SALES.c.block_number, SALES.c.log_index)
        with self.scene.connection.begin():
            return [tuple(row) for row in self.scene.connection.execute(query)]

    def paid(self) -> list[dict[Address, int]]:
        """Who received what of each sale."""
        return [
            {Address.parse(one["receiver"]): int(one["amount"]) for one in payments}
            for (payments,) in self.sales("payments")
        ]


def last_left_out(logs: list[Any]) -> list[Any]:
    """A fault that leaves out the last order of those that Seaport filled."""
    filled = [log for log in logs if log["topics"][0] == "0x" + seaport.ORDER_FULFILLED.hex()]
    return [log for log in logs if log not in filled[-1:]]


@pytest.fixture
def shop(scene: Scene) -> Shop:
    market = scene.market
    controller = venue.place(market.node, market.owner)
    made = Shop(scene, controller)
    made.approve(market.artist, market.collector, market.people[3])
    market.send(market.people[3], market.weth.deposit(9 * ETHER))
    return made


@pytest.fixture
def friend(scene: Scene) -> Address:
    """Who buys, with WETH enough."""
    return scene.market.people[3]


class TestListings:
    def test_one_that_pays_the_royalty(self, shop: Shop, friend: Address) -> None:
        market, token = shop.market, shop.owned()
        market.send(friend, venue.fulfil(shop.sign(shop.listing(market.collector, token))))

        sold = shop.sales("kind", "exchange", "token_id", "seller", "buyer", "price", "works")

        assert sold == [("elsewhere", seaport.V1_6, token, market.collector, friend, ETHER, 1)]
        assert shop.paid() == [
            {
                market.collector: ETHER - FEE - ROYALTY,
                market.gallery: FEE,
                market.artist: ROYALTY,
            }
        ]

    def test_one_that_pays_none(self, shop: Shop, friend: Address) -> None:
        market, token = shop.market, shop.owned()
        order = shop.listing(market.collector, token, royalty=0)
        market.send(friend, venue.fulfil(shop.sign(order)))

        assert shop.paid() == [{market.collector: ETHER - FEE, market.gallery: FEE}]

    def test_with_a_tip(self, shop: Shop, friend: Address) -> None:
        market, token = shop.market, shop.owned()
        order, signature = shop.sign(shop.listing(market.collector, token))
        tipped = order.with_tip(Item(COIN, ZERO_ADDRESS, 0, 77, market.artist))
        market.send(friend, venue.fulfil((tipped, signature)))

        assert shop.sales("price") == [(ETHER + 77,)]
        assert shop.paid()[0][market.artist] == ROYALTY + 77

    def test_bought_for_somebody_else_through_a_conduit(self, shop: Shop, friend: Address) -> None:
        market, token = shop.market, shop.owned()
        key = bytes(friend) + bytes(12)
        conduit = venue.find_conduit(market.node, shop.controller, key)
        for call in venue.conduit_calls(shop.controller, key, friend, conduit):
            market.send(friend, call)
        shop.approve(market.collector, operator=conduit)
        order = replace(shop.listing(market.collector, token), conduit_key=key)
        market.send(friend, venue.fulfil_for(shop.sign(order), market.gallery))

        assert shop.sales("seller", "buyer", "price") == [(market.collector, market.gallery, ETHER)]

    def test_several_works_share_the_price(self, shop: Shop, friend: Address) -> None:
        market, tokens = shop.market, [shop.owned() for _ in range(3)]
        market.send(friend, venue.fulfil(shop.sign(shop.listing(market.collector, *tokens))))

        sold = shop.sales("token_id", "price", "works")

        part = ETHER // 3
        assert sold == [
            (tokens[0], part + 1, 3),
            (tokens[1], part, 3),
            (tokens[2], part, 3),
        ]
        assert sum(paid[market.artist] for paid in shop.paid()) == ROYALTY

    def test_two_bought_at_once(self, shop: Shop, friend: Address) -> None:
        market = shop.market
        orders = [shop.sign(shop.listing(market.collector, shop.owned())) for _ in range(2)]
        market.send(friend, venue.fulfil_available(friend, *orders))

        assert shop.sales("buyer", "price", "works") == [(friend, ETHER, 1)] * 2


class TestOffers:
    def test_one_accepted(self, shop: Shop, friend: Address) -> None:
        market, token = shop.market, shop.owned()
        asked = (shop.work(token, friend), shop.weth(FEE, market.gallery))
        order = shop.order(friend, (shop.weth(ETHER),), *asked, shop.weth(ROYALTY, market.artist))
        market.send(market.collector, venue.fulfil(shop.sign(order)))

        sold = shop.sales("maker", "seller", "buyer", "currency", "price")

        assert sold == [(friend, market.collector, friend, market.weth.address, ETHER)]
        assert shop.paid() == [
            {
                market.gallery: FEE,
                market.artist: ROYALTY,
                market.collector: ETHER - FEE - ROYALTY,
            }
        ]

    def test_one_on_any_work_of_the_collection(self, shop: Shop, friend: Address) -> None:
        market, token = shop.market, shop.owned()
        any_work = Item(SET, market.collection.address, 0, 1, friend)
        order = shop.order(friend, (shop.weth(ETHER),), any_work)
        call = venue.fulfil_for(shop.sign(order), market.collector, (True, 0, token))
        market.send(market.collector, call)

        assert shop.sales("token_id", "price") == [(token, ETHER)]


class TestMatchedOrders:
    def test_a_listing_and_an_offer_are_one_sale(self, shop: Shop, friend: Address) -> None:
        market, token = shop.market, shop.owned()
        sells = shop.order(
            market.collector, (shop.work(token),), shop.weth(9 * ETHER // 10, market.collector)
        )
        buys = shop.order(
            friend,
            (shop.weth(ETHER),),
            *(shop.work(token, friend), shop.weth(ETHER // 10, market.artist)),
        )
        pairs = (((0, 0), (1, 0)), ((1, 0), (0, 0)), ((1, 0), (1, 1)))
        market.send(market.gallery, venue.match(shop.sign(sells), shop.sign(buys), pairs=pairs))

        assert shop.sales("seller", "buyer", "price") == [(market.collector, friend, ETHER)]
        assert shop.paid() == [{market.collector: 9 * ETHER // 10, market.artist: ETHER // 10}]

    def test_a_sale_to_somebody_named(self, shop: Shop, friend: Address) -> None:
        market, token = shop.market, shop.owned()
        asked = Item(COIN, ZERO_ADDRESS, 0, ETHER, market.collector)
        sells = shop.order(market.collector, (shop.work(token),), asked, shop.work(token, friend))
        pays = shop.order(friend, (Item(COIN, ZERO_ADDRESS, 0, ETHER),))
        pairs = (((0, 0), (0, 1)), ((1, 0), (0, 0)))
        call = venue.match(shop.sign(sells), shop.sign(pays), pairs=pairs, value=ETHER)
        market.send(friend, call)

        assert shop.sales("seller", "buyer", "price", "works") == [
            (market.collector, friend, ETHER, 1)
        ]


class TestNoSale:
    def test_a_work_for_a_work(self, shop: Shop, friend: Address) -> None:
        market, token, other = shop.market, shop.owned(), shop.market.mint()
        market.move(market.artist, friend, other)
        order = shop.order(
            market.collector, (shop.work(token),), shop.work(other, market.collector)
        )
        market.send(friend, venue.fulfil(shop.sign(order)))

        assert shop.sales("price") == []

    def test_two_currencies(self, shop: Shop, friend: Address) -> None:
        market, token = shop.market, shop.owned()
        paid = (Item(COIN, ZERO_ADDRESS, 0, ETHER, market.collector), shop.weth(1, market.artist))
        order = shop.order(market.collector, (shop.work(token),), *paid)
        market.send(friend, venue.fulfil(shop.sign(order)))

        assert shop.sales("price") == []


class TestTheMirror:
    def test_tells_ours_and_theirs_of_one_block_apart(self, shop: Shop, friend: Address) -> None:
        market, ours, theirs = shop.market, shop.market.mint(), shop.owned()
        approval = market.collection.set_approval_for_all(market.exchange.address, True)
        market.send(market.artist, approval)
        order = market.listing(market.artist, ours, nonce=market.next_nonce())
        elsewhere = venue.fulfil(shop.sign(shop.listing(market.collector, theirs)))
        market.together(
            (market.gallery, market.exchange.fill(order, market.signature(order))),
            (friend, elsewhere),
        )

        sold = shop.sales("kind", "token_id")

        assert sorted(sold) == [("elsewhere", theirs), ("listing", ours)]

    def test_is_the_same_however_it_was_read(self, shop: Shop, friend: Address) -> None:
        market, token = shop.market, shop.owned()
        shop.scene.follow()
        market.send(friend, venue.fulfil(shop.sign(shop.listing(market.collector, token))))
        shop.scene.follow()

        before, after = rebuild(shop.scene.connection, market.chain, market.deployment)

        assert before == after
        assert shop.scene.digest() == shop.scene.fresh_digest()
        assert shop.sales("price") == [(ETHER,)]

    def test_takes_back_a_sale_whose_block_fell(self, shop: Shop, friend: Address) -> None:
        market, token = shop.market, shop.owned()
        market.send(friend, venue.fulfil(shop.sign(shop.listing(market.collector, token))))
        there = shop.sales("token_id")

        market.node.call("anvil_rollback", 1)
        market.move(market.collector, friend, token)
        market.node.mine()
        here = shop.sales("token_id")

        with shop.scene.connection.begin():
            told = shop.scene.connection.execute(select(OUTBOX).order_by(OUTBOX.c.id)).all()
        retracted = {row.payload["retracts"] for row in told if row.kind == "retracted"}
        assert (there, here) == ([(token,)], [])
        assert retracted == {"transferred", "sold_elsewhere"}
        assert told[-1].kind == "transferred"
        assert shop.scene.digest() == shop.scene.fresh_digest()


class TestALogLeftOut:
    def test_is_found_by_the_receipts_and_the_sale_told(
        self, shop: Shop, friend: Address, migrated_url: str
    ) -> None:
        market, tokens = shop.market, [shop.owned(), shop.owned()]
        calls = [venue.fulfil(shop.sign(shop.listing(market.collector, token))) for token in tokens]
        market.together(*((friend, call) for call in calls))
        with lying(market.node.rpc_url) as node, connected(migrated_url) as connection:
            court = Court(market, node, connection)
            node.lie("eth_getLogs", last_left_out, times=None)
            court.follow()
            before = court.column(select(SALES.c.token_id))
            court.prove()

            assert before == tokens[:1]
            assert court.column(select(SALES.c.token_id).order_by(SALES.c.log_index)) == tokens
            assert court.column(select(OUTBOX.c.kind).order_by(OUTBOX.c.id))[-1] == "sold_elsewhere"
            assert court.digest() == court.honest_digest()
