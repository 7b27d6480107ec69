"""Royalties and settlement: to the wei, refused rather than paid short."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nft.errors import OrderInvalid, RoyaltyTooHigh
from nft.royalties import Share, payouts, royalty_cap
from nft.settlement import split
from nft.tokens import OwnershipWord, check_royalty, creator_of, serial_of, token_id
from nft.types import ZERO_ADDRESS, Address

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
    )
    def test_the_word_unpacks_what_it_packs(self, owner, bps, frozen, payee, count):
        word = OwnershipWord(owner, bps, frozen, payee, count)

        assert OwnershipWord.unpack(word.pack()) == word

    @pytest.mark.parametrize("bps", [-1, 2_501, 10_000])
    def test_refuses_a_royalty_outside_our_collections_rule(self, bps):
        with pytest.raises(RoyaltyTooHigh):
            check_royalty(bps)
