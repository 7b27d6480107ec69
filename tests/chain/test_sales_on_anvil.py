"""Every way to sell a work on a real node with the real contracts, mirrored as the chain says."""

import pytest
from sqlalchemy import select

from indexer.audit import audit
from indexer.facts import (
    ALL_FROZEN,
    BIDS,
    COLLECTIONS,
    DESCRIPTIONS,
    FACTS,
    OUTCOMES,
    SALES,
    SKIPS,
    SPLITTERS,
    TOKENS,
)
from indexer.rebuild import rebuild
from indexer.watch import Watch
from nft.chain import logs
from nft.chain.abi import topic
from nft.chain.contracts import Collection, Splitter
from nft.chain.protocol import LogFilter
from nft.orders import Item
from nft.royalties import Share
from nft.tokens import token_id
from nft.types import ZERO_ADDRESS, TokenRef
from tests.chain import everything
from tests.chain.conftest import Scene
from tests.chain.everything import DAY, ETHER, REFUSING, told
from tests.support import mirror_queries as queries

pytestmark = pytest.mark.chain


def rows(scene: Scene, query: object) -> list[dict[str, object]]:
    with scene.connection.begin():
        found = scene.connection.execute(query).mappings()  # type: ignore[call-overload]
        return [dict(row) for row in found]


def history(scene: Scene, ref: TokenRef) -> list[tuple[object, object, object]]:
    found = rows(scene, queries.provenance(ref))
    return [(row["event"], row["sender"], row["receiver"]) for row in found]


class TestEverything:
    def test_every_log_leaves_a_fact_and_the_digest_is_that_of_a_rebuild(
        self, scene: Scene
    ) -> None:
        market = scene.market
        everything.happen(market)
        market.node.mine(3)

        mirror = scene.follow()

        assert mirror.cursor is not None
        watch = Watch.over(market.deployment, mirror.watch.found)
        wanted = LogFilter(tuple(watch.forms), ())
        said = market.chain.logs(0, mirror.cursor.number, wanted)
        said = [log for log in said if log.topics[0] != topic("MetadataUpdate(uint256)")]
        assert {log.topics[0] for log in said} == {key for one in logs.TABLES for key in one}
        places = {
            (row["block_number"], row["log_index"])
            for table in FACTS
            for row in rows(scene, select(table.c.block_number, table.c.log_index))
        }
        assert places == {(log.block_number, log.log_index) for log in said}
        found = audit(scene.connection, market.chain, market.deployment)
        assert (found.auctions, found.differences) == (2, ())
        before, after = rebuild(scene.connection, market.chain, market.deployment)
        assert before == after

    def test_a_deep_reorg_leaves_what_a_fresh_index_says(self, scene: Scene) -> None:
        market = scene.market
        start = market.chain.head().number
        everything.creators_do(market)
        everything.artists_found(market)
        everything.makers_trade(market)
        scene.follow()

        depth = market.chain.head().number - start - 4
        market.node.call("anvil_reorg", depth, [])
        scene.follow()

        assert scene.digest() == scene.fresh_digest()


class TestSales:
    def test_a_bundle_is_one_sale_for_each_work(self, scene: Scene) -> None:
        market = scene.market
        first, second, third = (market.mint() for _ in range(3))
        house = market.collection.address
        more = (Item(house, second, 0), Item(house, third, 0))
        market.send(
            market.artist, market.collection.set_approval_for_all(market.exchange.address, True)
        )
        bundle = market.listing(market.artist, first, more=more, price=ETHER + 1)
        market.send(market.collector, market.exchange.fill(bundle, market.signature(bundle)))

        scene.follow()

        found = rows(scene, select(SALES).order_by(SALES.c.log_index))
        assert {row["kind"] for row in found} == {"bundle"}
        assert len({row["order_hash"] for row in found}) == 1
        assert sum(int(str(row["price"])) for row in found) == ETHER + 1
        for token in (first, second, third):
            assert history(scene, market.ref(token))[-1] == (
                "sale",
                market.artist,
                market.collector,
            )

    def test_an_offer_in_wrapped_coin(self, scene: Scene) -> None:
        market = scene.market
        token = market.mint()
        market.move(market.artist, market.collector, token)
        told_hash = everything.accept_offer(market, token)

        scene.follow()

        sold = rows(scene, queries.sales_of_orders(31337, [told_hash]))[0]
        assert (sold["kind"], sold["currency"]) == ("offer", market.weth.address)
        assert (sold["seller"], sold["buyer"]) == (market.collector, market.gallery)
        assert sold["royalty"] == 75 * 10**15

    def test_a_best_effort_purchase_names_what_it_passed_over(self, scene: Scene) -> None:
        market = scene.market
        market.send(
            market.artist, market.collection.set_approval_for_all(market.exchange.address, True)
        )
        orders = [market.listing(market.artist, market.mint(), nonce=n) for n in (1, 2)]
        signed = [market.signature(order) for order in orders]
        market.move(market.artist, market.gallery, orders[1].token_id)
        buying = market.exchange.buy_available(orders, signed, gas_per_item=300_000)
        market.send(market.collector, buying)

        scene.follow()

        skipped = rows(scene, select(SKIPS))
        hashes = [market.exchange.hash_order(order).ask(market.chain) for order in orders]
        assert [row["order_hash"] for row in skipped] == [hashes[1]]
        assert [row["order_hash"] for row in rows(scene, select(SALES))] == [hashes[0]]

    def test_a_refused_royalty_is_owed_by_the_exchange(self, scene: Scene) -> None:
        market, token = scene.market, token_id(scene.market.artist, 5)
        everything.refuse(market)
        market.send(
            market.artist, market.collection.mint(market.artist, token, told(5), 1_000, REFUSING)
        )
        market.sell(market.artist, market.collector, token)
        scene.follow()
        owed = rows(scene, queries.credit(31337, REFUSING))
        everything.relent(market)
        market.send(market.gallery, market.exchange.withdraw_for(REFUSING))
        scene.follow()

        assert owed == [
            {
                "contract": market.exchange.address,
                "currency": ZERO_ADDRESS,
                "amount": ETHER // 10,
            }
        ]
        assert rows(scene, queries.credit(31337, REFUSING)) == []


class TestAuctions:
    def test_from_the_first_bid_through_an_outbid_to_the_winner(self, scene: Scene) -> None:
        market, token = scene.market, scene.market.mint(bps=1_000)
        auction = market.auction(market.artist, token)
        told_hash = market.open(auction, market.collector)
        scene.follow()
        held = rows(scene, queries.token(market.ref(token)))[0]
        market.send(market.gallery, market.auctions.bid(auction, 2 * ETHER))
        scene.follow()
        standing = rows(scene, queries.auction(31337, told_hash))[0]
        there = market.auctions.standing_bid(told_hash).ask(market.chain)
        market.later(2 * DAY)
        market.send(market.people[5], market.auctions.settle(auction))
        market.node.mine(3)
        scene.follow()

        assert (held["owner"], held["held_for"]) == (market.auctions.address, market.artist)
        assert there == (1, standing["bidder"], standing["amount"], standing["ends_at"])
        assert [row["amount"] for row in rows(scene, queries.bids(31337, told_hash))] == [
            2 * ETHER,
            ETHER,
        ]
        ended = rows(scene, queries.auction(31337, told_hash))[0]
        now = rows(scene, queries.token(market.ref(token)))[0]
        assert ended["outcome"] == "settled"
        assert (now["owner"], now["held_for"]) == (market.gallery, None)
        assert history(scene, market.ref(token)) == [
            ("mint", ZERO_ADDRESS, market.artist),
            ("escrow", market.artist, market.auctions.address),
            ("sale", market.artist, market.gallery),
        ]
        sold = rows(scene, queries.sales_of_orders(31337, [told_hash]))[0]
        assert (sold["price"], sold["royalty"], sold["fee"]) == (
            2 * ETHER,
            ETHER // 5,
            ETHER // 25,
        )
        assert rows(scene, queries.running_auctions(31337)) == []
        assert audit(scene.connection, market.chain, market.deployment).differences == ()

    def test_what_cannot_be_delivered_is_unwound_and_reclaimed(self, scene: Scene) -> None:
        market, token = scene.market, scene.market.mint()
        auction = market.auction(market.artist, token)
        told_hash = market.open(auction, market.collector)
        everything.unwind(
            market, lambda: market.send(market.gallery, market.auctions.unwind(auction))
        )
        scene.follow()
        waiting = rows(scene, queries.token(market.ref(token)))[0]
        owed = rows(scene, queries.credit(31337, market.collector))
        market.send(market.gallery, market.auctions.reclaim(auction))
        scene.follow()

        back = rows(scene, queries.token(market.ref(token)))[0]
        outcomes = rows(scene, select(OUTCOMES.c.outcome).order_by(OUTCOMES.c.block_number))
        assert (waiting["owner"], waiting["held_for"]) == (
            market.auctions.address,
            market.artist,
        )
        assert [(row["contract"], row["amount"]) for row in owed] == [
            (market.auctions.address, ETHER)
        ]
        assert [row["outcome"] for row in outcomes] == ["unwound", "reclaimed"]
        assert (back["owner"], back["held_for"]) == (market.artist, None)
        assert history(scene, market.ref(token))[-1][0] == "return"
        assert rows(scene, queries.sales_of_orders(31337, [told_hash])) == []

    def test_an_audit_names_a_bid_that_is_missing(self, scene: Scene) -> None:
        market, token = scene.market, scene.market.mint()
        auction = market.auction(market.artist, token)
        told_hash = market.open(auction, market.collector)
        market.send(market.gallery, market.auctions.bid(auction, 2 * ETHER))
        market.node.mine(3)
        scene.follow()
        with scene.connection.begin():
            scene.connection.execute(BIDS.delete().where(BIDS.c.amount == 2 * ETHER))

        found = audit(scene.connection, market.chain, market.deployment).differences

        assert [(one.what, one.token_id) for one in found] == [(f"auction {told_hash}", token)]
        assert str(market.gallery) in found[0].chain


class TestVouchers:
    def test_a_lazy_mint_begins_with_the_artist(self, scene: Scene) -> None:
        market = scene.market
        own = market.create_collection(market.artist)
        voucher = market.voucher(8)
        told_hash = market.redeem(own, voucher, market.collector)

        scene.follow()

        ref = TokenRef(31337, own.address, voucher.token_id)
        assert history(scene, ref) == [
            ("mint", ZERO_ADDRESS, market.artist),
            ("sale", market.artist, market.collector),
        ]
        sold = rows(scene, queries.sales_of_orders(31337, [told_hash]))[0]
        assert (sold["kind"], sold["exchange"]) == ("voucher", own.address)
        assert (sold["fee"], sold["fee_receiver"]) == (3 * ETHER // 100, market.gallery)
        token = rows(scene, queries.token(ref))[0]
        assert (token["transfer_count"], token["royalty_bps"]) == (1, 750)


class TestCreators:
    def test_freezing_all_freezes_each_as_the_chain_says(self, scene: Scene) -> None:
        market, house = scene.market, scene.market.collection
        tokens = [market.mint(), market.mint()]
        market.send(market.artist, house.freeze_all())
        tokens.append(market.mint())

        scene.follow()

        found = rows(scene, select(TOKENS.c.is_frozen).order_by(TOKENS.c.token_id))
        assert [row["is_frozen"] for row in found] == [
            house.is_frozen(token).ask(market.chain) for token in tokens
        ]
        assert len(rows(scene, select(ALL_FROZEN))) == 1

    def test_minters_and_default_royalties_are_the_chains(self, scene: Scene) -> None:
        market, house = scene.market, scene.market.collection
        artist, about = market.artist, (31337, scene.market.collection.address, market.artist)
        for minter in (market.gallery, market.collector):
            market.send(artist, house.set_minter(minter, True))
        market.send(artist, house.set_minter(market.collector, False))
        for bps in (500, 600):
            market.send(artist, house.set_default_royalty(bps, market.gallery))

        scene.follow()

        assert rows(scene, queries.minters(*about)) == [{"minter": market.gallery}]
        royalty = rows(scene, queries.default_royalty(*about))[0]
        there = house.default_royalty(artist).ask(market.chain)
        assert (royalty["royalty_bps"], royalty["royalty_receiver"]) == there

    def test_an_edition_numbers_its_works(self, scene: Scene) -> None:
        market, first = scene.market, token_id(scene.market.artist, 700)
        market.send(
            market.artist,
            market.collection.mint_edition(market.artist, first, 3, told(4), 500),
        )

        scene.follow()

        assert rows(scene, queries.edition_of(market.ref(first + 2))) == [
            {"first_token_id": first, "size": 3}
        ]
        digests = rows(scene, select(TOKENS.c.metadata_digest))
        assert [row["metadata_digest"] for row in digests] == [told(4)] * 3


class TestCollections:
    def test_created_and_minted_in_one_block(self, scene: Scene) -> None:
        market, artist = scene.market, scene.market.artist
        address = market.factory.predict(artist, "Blue", "BLU").ask(market.chain)
        token = token_id(artist, 1)
        market.together(
            (artist, market.factory.create("Blue", "BLU")),
            (artist, Collection(address).mint(artist, token, told(1), 500)),
        )
        market.send(artist, Collection(address).set_contract_metadata(told(2)))

        scene.follow()

        found = rows(scene, queries.collections(31337, artist=artist))
        assert [(row["contract"], row["name"], row["symbol"]) for row in found] == [
            (address, "Blue", "BLU")
        ]
        owned = rows(scene, queries.token(TokenRef(31337, address, token)))
        assert [(row["owner"], row["creator"]) for row in owned] == [(artist, artist)]
        described = rows(scene, select(DESCRIPTIONS).order_by(DESCRIPTIONS.c.block_number))
        assert described[-1]["contract"] == address

    def test_a_reorg_that_drops_the_creation_drops_the_collection(self, scene: Scene) -> None:
        market, artist = scene.market, scene.market.artist
        market.mint()
        own = market.create_collection(artist)
        market.send(artist, own.mint(artist, token_id(artist, 1), told(1), 500))
        scene.follow()
        before = rows(scene, select(TOKENS.c.contract))

        market.node.call("anvil_rollback", 2)
        scene.follow()
        market.mint()
        scene.follow()

        assert {row["contract"] for row in before} == {market.collection.address, own.address}
        assert rows(scene, select(COLLECTIONS)) == []
        assert {row["contract"] for row in rows(scene, select(TOKENS.c.contract))} == {
            market.collection.address
        }
        assert scene.digest() == scene.fresh_digest()


class TestSplitters:
    def test_shares_and_releases(self, scene: Scene) -> None:
        market = scene.market
        shares = (Share(market.artist, 7_500), Share(market.gallery, 2_500))
        splitter = Splitter(market.splitters.predict(shares).ask(market.chain))
        market.send(market.artist, market.splitters.create(shares))
        token = token_id(market.artist, 5)
        market.send(
            market.artist,
            market.collection.mint(market.artist, token, told(5), 1_000, splitter.address),
        )
        market.sell(market.artist, market.collector, token)
        market.send(market.collector, splitter.release(market.gallery))

        scene.follow()

        paid = rows(scene, queries.released(31337, splitter.address, ZERO_ADDRESS))
        assert paid == [{"receiver": market.gallery, "amount": ETHER // 40}]
        assert [
            row["splitter"] for row in rows(scene, queries.splitters_of(31337, market.gallery))
        ] == [splitter.address]
        assert len(rows(scene, select(SPLITTERS))) == 1


class TestThePlatform:
    def test_its_fee_is_the_chains_before_and_after_a_rise(self, scene: Scene) -> None:
        market, exchange = scene.market, scene.market.exchange

        def fees() -> tuple[int, object]:
            scene.follow()
            here = rows(scene, queries.fee_bps(31337, exchange.address, market.now))
            return exchange.fee_bps().ask(market.chain), here[0]["fee_bps"]

        at_first = fees()
        market.send(market.owner, exchange.set_fee(300))
        waiting = fees()
        market.later(8 * DAY)
        risen = fees()

        assert [at_first, waiting, risen] == [(200, 200), (200, 200), (300, 300)]

    def test_its_currencies_and_its_pause(self, scene: Scene) -> None:
        market, exchange = scene.market, scene.market.exchange
        market.send(market.owner, exchange.set_guardian(market.gallery))
        market.send(market.gallery, exchange.pause())

        scene.follow()

        allowed = rows(scene, queries.decided(31337, exchange.address, "currency"))
        paused = rows(scene, queries.decided(31337, exchange.address, "paused"))
        assert [(row["currency"], row["allowed"]) for row in allowed] == [
            (market.weth.address, True)
        ]
        assert paused[0]["ends_at"] == exchange.paused_until().ask(market.chain)
