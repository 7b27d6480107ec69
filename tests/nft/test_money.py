"""Royalties and settlement: to the wei, refused rather than paid short."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nft.errors import OrderInvalid, RoyaltyTooHigh
from nft.orders import Item, shares
from nft.royalties import Share, payouts, royalty_cap
from nft.settlement import (
    Answer,
    Split,
    split,
    split_auction,
    split_listing,
    split_offer,
    split_voucher,
    total,
)
from nft.tokens import OwnershipWord, check_royalty, creator_of, serial_of, token_id
from nft.types import ZERO_ADDRESS, Address
from tests.nft.samples import AUCTION, ETHER, NOON, OFFER, ORDER, VOUCHER

ARTIST = Address(b"\xa1" * 20)
STUDIO = Address(b"\x57" * 20)

prices = st.integers(min_value=1, max_value=2**128)
addresses = st.binary(min_size=20, max_size=20).map(Address)


class TestPayouts:
    def test_rounds_each_share_down(self):
        assert payouts(999, [Share(ARTIST, 250), Share(STUDIO, 50)]) == {ARTIST: 24, STUDIO: 4}

    def test_pays_a_receiver_named_twice_once(self):
        assert payouts(10_000, [Share(ARTIST, 100), Share(ARTIST, 200)]) == {ARTIST: 300}

    def test_refuses_shares_above_the_price(self):
        with pytest.raises(RoyaltyTooHigh) as caught:
            payouts(1, [Share(ARTIST, 9_999), Share(STUDIO, 2)])
        assert caught.value.claimed_bps == 10_001

    @given(prices, st.lists(st.tuples(addresses, st.integers(0, 100)), max_size=100))
    def test_never_pays_more_than_the_price(self, price, shares):
        owed = payouts(price, [Share(who, bps) for who, bps in shares])

        assert sum(owed.values()) <= price


class TestSplit:
    @given(prices, st.integers(0, 2_500), st.integers(0, 500))
    def test_adds_up_to_the_price(self, price, royalty_bps, fee_bps):
        found = split(
            price,
            royalty=price * royalty_bps // 10_000,
            royalty_receiver=ARTIST,
            fee_bps=fee_bps,
            max_royalty_bps=royalty_bps,
            max_fee_bps=fee_bps,
        )

        assert found.seller + found.royalty + found.platform_fee == price

    def test_burns_nothing_when_the_token_names_nobody(self):
        found = split(
            1_000,
            royalty=100,
            royalty_receiver=ZERO_ADDRESS,
            fee_bps=200,
            max_royalty_bps=0,
            max_fee_bps=200,
        )

        assert (found.royalty, found.seller, found.platform_fee) == (0, 980, 20)

    @pytest.mark.parametrize(
        ("royalty", "fee_bps", "field"),
        [(76, 200, "max_royalty_bps"), (75, 201, "max_fee_bps")],
    )
    def test_refuses_what_the_maker_did_not_sign(self, royalty, fee_bps, field):
        with pytest.raises(OrderInvalid) as caught:
            split(
                1_000,
                royalty=royalty,
                royalty_receiver=ARTIST,
                fee_bps=fee_bps,
                max_royalty_bps=750,
                max_fee_bps=200,
            )
        assert caught.value.field == field

    def test_refuses_royalty_and_fee_above_the_price(self):
        with pytest.raises(OrderInvalid) as caught:
            split(
                1_000,
                royalty=1_000,
                royalty_receiver=ARTIST,
                fee_bps=100,
                max_royalty_bps=10_000,
                max_fee_bps=500,
            )
        assert caught.value.field == "price"

    @given(prices, st.integers(0, 10_000))
    def test_the_cap_is_rounded_up(self, price, bps):
        assert price * bps <= royalty_cap(price, bps) * 10_000 < price * bps + 10_000


class TestKinds:
    @given(prices, st.lists(st.integers(0, 1_000), min_size=1, max_size=6), st.integers(0, 500))
    def test_a_bundle_pays_each_work_by_its_share(self, price, bps, fee_bps):
        order = replace(
            ORDER, price=price, end_price=price, max_royalty_bps=1_000, max_fee_bps=500,
            more=tuple(Item(ARTIST, n, 0) for n in range(1, len(bps))),
        )  # fmt: skip
        parts = shares(price, len(bps))
        answers = [
            Answer(ARTIST, part * one // 10_000) for part, one in zip(parts, bps, strict=True)
        ]

        found = split_listing(order, answers, fee_bps=fee_bps, now=NOON)

        assert [one.price for one in found] == parts
        assert total(found).price == price
        assert total(found).royalty == sum(one.royalty for one in answers)

    def test_a_falling_price_is_divided_as_it_stands(self):
        order = replace(ORDER, price=10_000, end_price=0)

        (found,) = split_listing(order, [Answer(ARTIST, 375)], fee_bps=200, now=NOON + 1_800)

        assert (found.seller, found.royalty, found.platform_fee) == (4_525, 375, 100)

    def test_a_total_names_a_receiver_that_is_the_only_one(self):
        one, other = Split(1, 2, ARTIST, 3), Split(1, 2, STUDIO, 3)

        assert total([one, one]).royalty_receiver == ARTIST
        assert total([one, other]).royalty_receiver == ZERO_ADDRESS
        assert total([one, replace(other, royalty=0)]).royalty_receiver == ARTIST

    def test_the_seller_to_an_offer_may_demand_a_least(self):
        answer = Answer(ARTIST, ETHER // 20)
        proceeds = split_offer(OFFER, answer, fee_bps=200).seller

        assert proceeds == ETHER * 93 // 100
        assert split_offer(OFFER, answer, fee_bps=200, min_proceeds=proceeds).seller == proceeds
        with pytest.raises(OrderInvalid) as caught:
            split_offer(OFFER, answer, fee_bps=200, min_proceeds=proceeds + 1)
        assert caught.value.field == "min_proceeds"

    @given(
        st.integers(1, 2**64).map(lambda amount: amount * 10**9),
        st.integers(0, 2**128),
        st.integers(0, 10_000),
        st.integers(0, 500),
    )
    def test_an_auction_pays_at_most_what_was_signed(self, bid, asked, max_royalty_bps, fee_bps):
        auction = replace(AUCTION, max_royalty_bps=max_royalty_bps, max_fee_bps=0)
        auction = replace(auction, max_fee_bps=min(300, 10_000 - max_royalty_bps))

        found = split_auction(auction, bid, Answer(ARTIST, asked), fee_bps=fee_bps)

        assert found.price == bid
        assert found.seller >= 0
        assert found.royalty == min(asked, royalty_cap(bid, max_royalty_bps))
        assert found.platform_fee == bid * min(fee_bps, auction.max_fee_bps) // 10_000

    def test_a_token_that_names_nobody_gets_no_royalty(self):
        found = split_auction(AUCTION, ETHER, Answer(ZERO_ADDRESS, ETHER), fee_bps=200)

        assert (found.royalty, found.royalty_receiver) == (0, ZERO_ADDRESS)

    @given(prices, st.integers(0, 500))
    def test_a_lazy_mint_pays_artist_and_platform(self, price, bps):
        voucher = replace(VOUCHER, price=price, max_fee_bps=bps)

        found = split_voucher(voucher)

        assert found.price == price
        assert found.platform_fee == price * bps // 10_000
        assert split_voucher(replace(voucher, fee_receiver=ZERO_ADDRESS)).seller == price


class TestTokenIds:
    @given(addresses, st.integers(0, 2**96 - 1))
    def test_the_id_names_creator_and_serial(self, creator, serial):
        found = token_id(creator, serial)

        assert (creator_of(found), serial_of(found)) == (creator, serial)

    @given(
        addresses,
        st.integers(0, 2**14 - 1),
        st.booleans(),
        st.integers(0, 2**32 - 1),
        st.integers(0, 2**48 - 1),
        st.booleans(),
    )
    def test_the_word_unpacks_what_it_packs(self, owner, bps, frozen, payee, count, approved):
        word = OwnershipWord(owner, bps, frozen, payee, count, approved)

        assert OwnershipWord.unpack(word.pack()) == word

    @pytest.mark.parametrize("bps", [-1, 2_501, 10_000])
    def test_refuses_a_royalty_outside_our_collections_rule(self, bps):
        with pytest.raises(RoyaltyTooHigh):
            check_royalty(bps)
