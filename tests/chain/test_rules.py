"""
Our rules against the deployed contracts: hashes, prices, bids, ends, and every split to the wei.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nft.auctions import MAX_BID, Auction, Bid, end_after_bid, latest_end, least_bid
from nft.chain import logs
from nft.chain.abi import Function
from nft.chain.contracts import Collection, Splitter, SplitterFactory
from nft.chain.errors import Reverted
from nft.chain.events import AuctionSettled, Credited, OrderFilled, VoucherFilled
from nft.chain.protocol import Call, Log
from nft.merkle import SetTree
from nft.orders import UNBOUND, Acceptance, Bulk, Item, Kind, Order, price_at, shares
from nft.permits import permit_of, permit_typed_data
from nft.royalties import Share
from nft.settlement import (
    Answer,
    Split,
    split_auction,
    split_listing,
    split_offer,
    split_voucher,
)
from nft.signing import (
    auction_hash,
    bulk_digest,
    bulk_tree,
    order_hash,
    typed_data_digest,
    voucher_hash,
)
from nft.tokens import token_id
from nft.types import UINT256_MAX, ZERO_ADDRESS, Address, Digest
from nft.vouchers import DEFAULT_ROYALTY
from tests.nft import strategies as drawn
from tests.support.servers import running_anvil
from tests.support.trading import CHAIN_ID, DIGEST, PRICE, ROYALTY_BPS, START, Market, Person

pytestmark = [pytest.mark.chain, pytest.mark.xdist_group("rules")]

ODD = 123_456_789_012_345_677
"""A price that no share divides."""

few = settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def market() -> Iterator[Market]:
    with running_anvil(*Market.OPTIONS) as node:
        made = Market(node)
        for one in (made.buyer, made.seller, made.artist):
            made.send(one, made.weth.deposit(10 * PRICE))
        made.send(made.buyer, made.weth.approve(made.exchange.address, UINT256_MAX))
        for operator in (made.exchange, made.auctions):
            call = made.house.set_approval_for_all(operator.address, True)
            made.send(made.seller, call)
        yield made


def said(market: Market, receipt: dict[str, Any]) -> list[Any]:
    """The events of a receipt that are ours."""
    forms = {key: form for table in logs.TABLES for key, form in table.items()}
    found = []
    for raw in receipt["logs"]:
        log = Log(
            address=Address.parse(raw["address"]),
            topics=tuple(bytes.fromhex(topic[2:]) for topic in raw["topics"]),
            data=bytes.fromhex(raw["data"][2:]),
            block_number=int(raw["blockNumber"], 16),
            block_hash=Digest.parse(raw["blockHash"]),
            transaction_hash=Digest.parse(raw["transactionHash"]),
            log_index=int(raw["logIndex"], 16),
        )
        found.append(logs.decode(log, forms))
    return found


def of_kind(market: Market, receipt: dict[str, Any], kind: type) -> list[Any]:
    return [one for one in said(market, receipt) if isinstance(one, kind)]


def paid(event: Any) -> Split:
    """What an event of a sale says was paid."""
    return Split(
        seller=event.price - event.royalty - event.fee,
        royalty=event.royalty,
        royalty_receiver=event.royalty_receiver,
        platform_fee=event.fee,
    )


def answer(market: Market, collection: Any, token: int, price: int) -> Answer:
    """What the token asks."""
    return Answer(*collection.royalty_info(token, price).ask(market.chain))


class Purse:
    """What accounts hold before, to say what they gained."""

    def __init__(self, market: Market, currency: Address = ZERO_ADDRESS) -> None:
        self.market = market
        self.currency = currency
        self.accounts = {
            "seller": market.seller.address,
            "artist": market.artist.address,
            "platform": market.platform.address,
            "buyer": market.buyer.address,
        }
        self.before = {name: self.held(one) for name, one in self.accounts.items()}

    def held(self, account: Address) -> int:
        if self.currency != ZERO_ADDRESS:
            return self.market.weth.balance_of(account).ask(self.market.chain)
        return self.market.chain.balance(account)

    def gained(self, name: str) -> int:
        return self.held(self.accounts[name]) - self.before[name]


def minted(market: Market, serial: int, *, bps: int = ROYALTY_BPS) -> int:
    """A work of the house that belongs to the seller."""
    token = token_id(market.artist.address, serial)
    call = market.house.mint(market.seller.address, token, DIGEST, bps)
    market.send(market.artist, call)
    return token


def now(market: Market) -> int:
    return market.chain.head().timestamp


def at(market: Market, seconds: int) -> None:
    """The next block's time."""
    market.node.call("evm_setNextBlockTimestamp", seconds)


class TestHashes:
    @few
    @given(drawn.orders)
    def test_of_orders(self, market: Market, order: Order) -> None:
        found = order_hash(order, chain_id=CHAIN_ID, exchange=market.exchange.address)

        assert market.exchange.hash_order(order).ask(market.chain) == found

    @few
    @given(drawn.orders, st.lists(drawn.digests, min_size=1, max_size=10), st.data())
    def test_of_orders_signed_together(
        self, market: Market, order: Order, proof: list[Digest], data: st.DataObject
    ) -> None:
        bulk = Bulk(data.draw(st.integers(0, 2 ** len(proof) - 1)), tuple(proof))

        found = bulk_digest(order, bulk, chain_id=CHAIN_ID, exchange=market.exchange.address)

        assert market.exchange.hash_bulk(order, bulk).ask(market.chain) == found

    @few
    @given(drawn.auctions)
    def test_of_auctions(self, market: Market, auction: Auction) -> None:
        found = auction_hash(auction, chain_id=CHAIN_ID, auctions=market.auctions.address)

        assert market.auctions.hash_auction(auction).ask(market.chain) == found

    @few
    @given(drawn.vouchers)
    def test_of_vouchers_in_house_and_clone(self, market: Market, voucher: Any) -> None:
        for collection in (market.house, market.clone):
            found = voucher_hash(voucher, chain_id=CHAIN_ID, collection=collection.address)
            assert collection.hash_voucher(voucher).ask(market.chain) == found


class TestPrices:
    @few
    @given(
        prices=st.tuples(st.integers(0, 2**128), st.integers(0, 2**128)).map(sorted),
        start=st.integers(0, 2**63),
        life=st.integers(1, 2**62),
        part=st.floats(0, 1),
    )
    def test_of_every_moment(
        self, market: Market, prices: list[int], start: int, life: int, part: float
    ) -> None:
        order = market.listing(market.seller, market.house, 1)
        order = replace(order, price=prices[1], end_price=prices[0], start=start, end=start + life)
        for seconds in (start, start + 1, start + int(life * part), start + life - 1, start + life):
            found = market.exchange.price_at(order, seconds).ask(market.chain)
            assert found == price_at(order, seconds)


class TestListings:
    @pytest.mark.parametrize("price", [1, 3, 19, 10_001, ODD, 10 * PRICE])
    def test_are_paid_as_told(self, market: Market, price: int) -> None:
        token = minted(market, 1_000 + price % 991)
        order = market.listing(market.seller, market.house, token, price=price, end_price=price)
        expected = split_listing(
            order,
            [answer(market, market.house, token, price)],
            fee_bps=market.exchange.fee_bps().ask(market.chain),
            now=now(market),
        )
        purse, kept = Purse(market), market.exchange.fees().ask(market.chain)

        receipt = market.send(
            market.buyer, market.exchange.fill(order, market.signed(market.seller, order))
        )

        (filled,) = of_kind(market, receipt, OrderFilled)
        assert [paid(filled)] == expected
        assert purse.gained("seller") == expected[0].seller
        assert purse.gained("artist") == expected[0].royalty
        assert market.exchange.fees().ask(market.chain) - kept == expected[0].platform_fee

    def test_that_fall_are_sold_at_the_price_of_the_second(self, market: Market) -> None:
        token, begin = minted(market, 10), now(market)
        order = market.listing(
            market.seller, market.house, token, price=ODD, end_price=7, start=begin,
            end=begin + 1_000,
        )  # fmt: skip
        signature = market.signed(market.seller, order)
        price = price_at(order, begin + 333)
        answers = [answer(market, market.house, token, price)]
        expected = split_listing(order, answers, fee_bps=250, now=begin + 333)
        purse = Purse(market)

        at(market, begin + 333)
        receipt = market.send(market.buyer, market.exchange.fill(order, signature))

        (filled,) = of_kind(market, receipt, OrderFilled)
        assert [paid(filled)] == expected
        gas = int(receipt["gasUsed"], 16) * int(receipt["effectiveGasPrice"], 16)
        assert purse.gained("buyer") == -price - gas

    def test_of_bundles_sell_each_work_at_its_share(self, market: Market) -> None:
        own, foreign = minted(market, 20), market.work_of(market.foreign, market.seller)
        order = market.listing(
            market.seller,
            market.house,
            own,
            price=ODD,
            end_price=ODD,
            more=(
                Item(market.foreign.address, foreign, UNBOUND),
                Item(market.house.address, minted(market, 21), 0),
            ),
        )
        answers = [
            Answer(*Collection(item.collection).royalty_info(item.token_id, part).ask(market.chain))
            for item, part in zip(order.items, shares(ODD, 3), strict=True)
        ]
        expected = split_listing(order, answers, fee_bps=250, now=now(market))

        receipt = market.send(
            market.buyer, market.exchange.fill(order, market.signed(market.seller, order))
        )

        filled = of_kind(market, receipt, OrderFilled)
        assert [paid(one) for one in filled] == expected
        assert sum(one.price for one in filled) == ODD

    def test_signed_together_are_bought_one_by_one(self, market: Market) -> None:
        tokens = [minted(market, serial) for serial in (30, 31, 32)]
        orders = [market.listing(market.seller, market.house, token) for token in tokens]
        tree = bulk_tree(orders)
        signature = market.seller.sign(
            bulk_digest(
                orders[0], tree.place(0), chain_id=CHAIN_ID, exchange=market.exchange.address
            )
        )
        places = [tree.place(index) for index in range(3)]

        first = market.exchange.fill(orders[2], signature, bulk=places[2])
        market.send(market.buyer, first)
        rest = market.exchange.buy_many(orders[:2], [signature, signature], bulks=places[:2])
        receipt = market.send(market.buyer, rest)

        assert [one.token_id for one in of_kind(market, receipt, OrderFilled)] == tokens[:2]
        with pytest.raises(Reverted) as caught:
            market.send(market.buyer, first)
        assert caught.value.code == "NonceUsed"

    def test_in_weth_take_a_permit_in_the_same_step(self, market: Market) -> None:
        token = minted(market, 40)
        order = market.listing(market.seller, market.house, token, currency=market.weth.address)
        deadline = START + 2**30
        spender = market.rival
        market.send(spender, market.weth.deposit(2 * PRICE))
        typed = permit_typed_data(
            token=market.weth.address,
            token_name="Wrapped Ether",
            token_version="1",
            chain_id=CHAIN_ID,
            owner=spender.address,
            spender=market.exchange.address,
            value=PRICE,
            nonce=market.weth.nonces(spender.address).ask(market.chain),
            deadline=deadline,
        )
        signature = spender.sign(typed_data_digest(typed))
        permit = permit_of(signature, value=PRICE, deadline=deadline)
        expected = split_listing(
            order, [answer(market, market.house, token, PRICE)], fee_bps=250, now=now(market)
        )
        purse = Purse(market, market.weth.address)

        call = market.exchange.fill_with_permit(order, market.signed(market.seller, order), permit)
        receipt = market.send(spender, call)

        assert [paid(one) for one in of_kind(market, receipt, OrderFilled)] == expected
        assert purse.gained("seller") == expected[0].seller
        assert purse.gained("artist") == expected[0].royalty


class TestOffers:
    def offer(self, market: Market, **changed: Any) -> Order:
        made = market.listing(
            market.buyer, market.foreign, 0, currency=market.weth.address, price=ODD,
            end_price=ODD, transfer_count=UNBOUND,
        )  # fmt: skip
        return replace(made, **changed)

    @pytest.mark.parametrize("kind", [Kind.TOKEN_OFFER, Kind.SET_OFFER, Kind.COLLECTION_OFFER])
    def test_are_paid_as_told(self, market: Market, kind: Kind) -> None:
        works = [market.work_of(market.foreign, market.seller) for _ in range(3)]
        tree = SetTree([(work, UNBOUND) for work in works])
        order = self.offer(
            market,
            kind=kind,
            token_id=works[1] if kind is Kind.TOKEN_OFFER else 0,
            **({"criteria": tree.root} if kind is Kind.SET_OFFER else {}),
        )
        asked = answer(market, market.foreign, works[1], ODD)
        expected = split_offer(order, asked, fee_bps=250)
        acceptance = Acceptance(
            token_id=works[1],
            proof=tree.proof(works[1]) if kind is Kind.SET_OFFER else (),
            min_proceeds=expected.seller,
        )
        purse = Purse(market, market.weth.address)

        call = market.exchange.accept(order, market.signed(market.buyer, order), acceptance)
        receipt = market.send(market.seller, call)

        (filled,) = of_kind(market, receipt, OrderFilled)
        assert paid(filled) == expected
        assert purse.gained("seller") == expected.seller
        assert purse.gained("artist") == expected.royalty
        assert purse.gained("buyer") == -ODD

    def test_on_a_creators_works_take_those_alone(self, market: Market) -> None:
        token = minted(market, 50)
        order = self.offer(
            market,
            kind=Kind.COLLECTION_OFFER,
            collection=market.house.address,
            token_id=token_id(market.artist.address, 0),
            metadata_digest=DIGEST,
        )
        acceptance = Acceptance(token_id=token, min_proceeds=0)

        call = market.exchange.accept(order, market.signed(market.buyer, order), acceptance)
        receipt = market.send(market.seller, call)

        assert order.creator == market.artist.address
        (filled,) = of_kind(market, receipt, OrderFilled)
        assert filled.token_id == token


class TestBids:
    @few
    @given(
        reserve=st.integers(1, MAX_BID),
        duration=st.integers(1, 30 * 86_400),
        open_until=st.integers(0, 2**31),
        end=st.one_of(st.just(0), st.integers(2**31, 2**31 + 2**20)),
    )
    def test_first_ones_and_the_latest_end(
        self, market: Market, reserve: int, duration: int, open_until: int, end: int
    ) -> None:
        auction = replace(
            market.auction(market.house, 1), reserve=reserve, open_until=open_until,
            duration=0 if end else duration, end=end,
        )  # fmt: skip

        assert market.auctions.least_bid(auction).ask(market.chain) == least_bid(auction, None)
        assert market.auctions.latest_end(auction).ask(market.chain) == latest_end(auction)

    @pytest.mark.parametrize(
        ("amount", "step_bps"), [(10**9, 0), (3 * 10**9, 1), (7 * 10**9, 5_001), (PRICE, 500)]
    )
    def test_next_ones(self, market: Market, amount: int, step_bps: int) -> None:
        token = market.work_of(market.foreign, market.seller)
        auction = replace(
            market.auction(market.foreign, token), reserve=amount, min_step_bps=step_bps
        )
        market.send(
            market.rival, market.auctions.open(auction, market.signed_auction(auction), amount)
        )

        for _ in range(3):
            standing = self.standing(market, auction)
            least = least_bid(auction, standing)
            assert market.auctions.least_bid(auction).ask(market.chain) == least
            with pytest.raises(Reverted) as caught:
                market.send(market.buyer, market.auctions.bid(auction, least - 10**9))
            assert caught.value.code == "BidTooLow"
            market.send(market.buyer, market.auctions.bid(auction, least))

    def test_late_ones_extend_the_end_up_to_the_latest(self, market: Market) -> None:
        token, begin = market.work_of(market.foreign, market.seller), now(market)
        auction = replace(
            market.auction(market.foreign, token), start=begin, open_until=begin + 2_000,
            duration=3_000,
        )  # fmt: skip
        market.send(
            market.rival, market.auctions.open(auction, market.signed_auction(auction), PRICE)
        )
        bidders = [market.buyer, market.rival]
        for number, before in enumerate((900, 600, 599, 300, 1)):
            standing = self.standing(market, auction)
            moment = standing.end - before
            at(market, moment)
            call = market.auctions.bid(auction, least_bid(auction, standing))
            market.send(bidders[number % 2], call)

            found = self.standing(market, auction)
            assert found.end == end_after_bid(auction, standing.end, moment)

    def standing(self, market: Market, auction: Auction) -> Bid:
        name = auction_hash(auction, chain_id=CHAIN_ID, auctions=market.auctions.address)
        _, bidder, amount, end = market.auctions.standing_bid(name).ask(market.chain)
        return Bid(bidder, amount, end)


class TestAuctions:
    def settled(self, market: Market, auction: Auction, *, royalty_bps: int | None = None) -> Any:
        """Opened, perhaps made dearer by the token, and settled."""
        call = market.auctions.open(auction, market.signed_auction(auction), PRICE)
        market.send(market.buyer, call)
        if royalty_bps is not None:
            self.set_royalty(market, royalty_bps)
        market.wait(86_400)
        asked = Answer(*market.foreign.royalty_info(auction.token_id, PRICE).ask(market.chain))
        expected = split_auction(auction, PRICE, asked, fee_bps=250)
        purse = Purse(market)
        receipt = market.send(market.other, market.auctions.settle(auction))
        (event,) = of_kind(market, receipt, AuctionSettled)
        assert paid(event) == expected
        assert purse.gained("seller") == expected.seller
        assert purse.gained("artist") == expected.royalty
        return event

    def set_royalty(self, market: Market, bps: int) -> None:
        function = Function("setRoyalty", ("address", "uint96"), ())
        data = function.encode(market.artist.address, bps)
        market.send(market.artist, Call(to=market.foreign.address, data=data))

    def test_are_paid_as_told(self, market: Market) -> None:
        token = market.work_of(market.foreign, market.seller)

        event = self.settled(market, market.auction(market.foreign, token))

        assert event.flags == 0

    def test_pay_the_signed_maximum_where_the_token_asks_more(self, market: Market) -> None:
        token = market.work_of(market.foreign, market.seller)
        try:
            event = self.settled(market, market.auction(market.foreign, token), royalty_bps=7_000)
        finally:
            self.set_royalty(market, ROYALTY_BPS)

        assert (event.royalty, event.flags) == (PRICE // 20, 4)


class TestVouchers:
    @pytest.mark.parametrize("price", [0, 1, 39, ODD])
    def test_are_paid_as_told(self, market: Market, price: int) -> None:
        voucher = replace(market.voucher(market.clone, 200 + price % 97), price=price)
        expected, purse = split_voucher(voucher), Purse(market)
        signature = market.signed_voucher(voucher, market.clone)

        receipt = market.send(
            market.buyer, market.clone.redeem(voucher, market.artist.address, signature)
        )

        (filled,) = of_kind(market, receipt, VoucherFilled)
        assert (filled.price, filled.fee) == (expected.price, expected.platform_fee)
        assert purse.gained("artist") == expected.seller
        assert purse.gained("platform") == expected.platform_fee
        assert of_kind(market, receipt, Credited) == []

    def test_without_a_fee_receiver_pay_the_artist_alone(self, market: Market) -> None:
        voucher = replace(
            market.voucher(market.house, 300),
            fee_receiver=ZERO_ADDRESS,
            royalty_bps=DEFAULT_ROYALTY,
        )
        purse, signature = Purse(market), market.signed_voucher(voucher, market.house)

        call = market.house.redeem(voucher, market.artist.address, signature)
        receipt = market.send(market.buyer, call)

        (filled,) = of_kind(market, receipt, VoucherFilled)
        assert (filled.fee, split_voucher(voucher).platform_fee) == (0, 0)
        assert purse.gained("artist") == PRICE


class TestSplitters:
    def test_stand_where_they_were_said_to(self, market: Market) -> None:
        factory = SplitterFactory(market.placed["splitter_factory"])
        parts = [Share(market.rival.address, 7_000), Share(market.artist.address, 3_000)]
        place = factory.predict(parts).ask(market.chain)

        market.send(market.other, factory.create(parts))

        splitter = Splitter(place)
        found = splitter.shares().ask(market.chain)
        assert found == tuple(sorted((one.receiver, one.bps) for one in parts))
        market.send(market.other, Call(to=place, data=b"", value=1_001))
        assert splitter.releasable(market.artist.address).ask(market.chain) == 300


class TestPeople:
    def test_cancelling_all_moves_the_counter_on(self, market: Market) -> None:
        who: Person = market.sellers[4]
        before, used = market.exchange.standing(who.address, 3).ask(market.chain)

        market.send(who, market.exchange.cancel_all())
        market.send(who, market.exchange.cancel([3]))

        after = market.exchange.standing(who.address, 3).ask(market.chain)
        assert not used
        assert after[0] > before
        assert after[1]
