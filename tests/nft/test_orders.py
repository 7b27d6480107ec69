"""What may be signed, at which price it sells, and what a bundle's works are sold for."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nft.errors import OrderInvalid
from nft.orders import UNBOUND, Item, Kind, check_order, price_at, shares
from nft.types import ZERO_ADDRESS, Address, Digest
from tests.nft.samples import BUYER, ETHER, HOUSE, NOON, OFFER, ORDER, SELLER, WETH


class TestCheckOrder:
    def test_takes_a_plain_listing(self):
        check_order(ORDER, now=NOON)

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"kind": Kind.TOKEN_OFFER}, "currency"),
            ({"currency": BUYER}, "currency"),
            ({"price": 0, "end_price": 0}, "price"),
            ({"price": 2**128, "end_price": 2**128}, "price"),
            ({"end_price": ETHER + 1}, "end_price"),
            ({"more": (Item(HOUSE, 5, 0),)}, "more"),
            ({"criteria": Digest(b"\x01" * 32)}, "criteria"),
            ({"metadata_digest": Digest(b"\x01" * 32)}, "metadata_digest"),
            ({"maker": Address(bytes(20))}, "maker"),
            ({"collection": Address(bytes(20))}, "collection"),
            ({"taker": SELLER}, "taker"),
            ({"end": NOON}, "expires_at"),
            ({"start": NOON - 100, "end": NOON - 10}, "expires_at"),
            ({"transfer_count": UNBOUND, "end": NOON + 61 * 86_400}, "expires_at"),
            ({"max_royalty_bps": 10_001}, "max_royalty_bps"),
        ],
    )
    def test_names_the_field_that_breaks_a_rule(self, change, field):
        with pytest.raises(OrderInvalid) as caught:
            check_order(replace(ORDER, **change), now=NOON)
        assert caught.value.field == field

    def test_takes_bundles_falling_prices_and_accepted_currencies(self):
        bundle = replace(ORDER, more=(Item(HOUSE, 6, 0), Item(BUYER, 5, UNBOUND)))
        falling = replace(ORDER, end_price=1, currency=WETH)

        check_order(bundle, now=NOON)
        check_order(falling, now=NOON, currencies={WETH})

    def test_one_unbound_work_of_a_bundle_shortens_its_life(self):
        bundle = replace(ORDER, more=(Item(HOUSE, 6, UNBOUND),), end=NOON + 61 * 86_400)

        with pytest.raises(OrderInvalid) as caught:
            check_order(bundle, now=NOON)
        assert caught.value.field == "expires_at"


ROOT = Digest(b"\x01" * 32)


class TestCheckOffer:
    @pytest.mark.parametrize(
        "change",
        [
            {},
            {"metadata_digest": ROOT},
            {"taker": SELLER},
            {"kind": Kind.SET_OFFER, "token_id": 0, "criteria": ROOT},
            {"kind": Kind.COLLECTION_OFFER, "token_id": 0},
            {"kind": Kind.COLLECTION_OFFER, "token_id": 7 << 96},
        ],
    )
    def test_takes_a_sound_one(self, change):
        check_order(replace(OFFER, **change), now=NOON, currencies={WETH})

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"currency": ZERO_ADDRESS}, "currency"),
            ({"currency": BUYER}, "currency"),
            ({"end_price": 1}, "end_price"),
            ({"more": (Item(HOUSE, 6, 0),)}, "more"),
            ({"transfer_count": 2}, "transfer_count"),
            ({"criteria": ROOT}, "criteria"),
            ({"kind": Kind.SET_OFFER, "token_id": 0}, "criteria"),
            ({"kind": Kind.SET_OFFER, "criteria": ROOT}, "token_id"),
            ({"kind": Kind.COLLECTION_OFFER}, "token_id"),
            ({"kind": Kind.COLLECTION_OFFER, "token_id": 0, "criteria": ROOT}, "criteria"),
            ({"end": NOON + 61 * 86_400}, "expires_at"),
        ],
    )
    def test_names_the_field_that_breaks_a_rule(self, change, field):
        with pytest.raises(OrderInvalid) as caught:
            check_order(replace(OFFER, **change), now=NOON, currencies={WETH})
        assert caught.value.field == field

    def test_a_creators_first_id_names_the_creator(self):
        of_one = replace(OFFER, kind=Kind.COLLECTION_OFFER, token_id=int(SELLER.hex(), 16) << 96)

        assert of_one.creator == SELLER
        assert replace(of_one, token_id=0).creator is None
        assert OFFER.creator is None


amounts = st.integers(1, 2**128 - 1)


class TestPriceAt:
    @given(amounts, st.integers(0, 2**64))
    def test_a_fixed_price_stays(self, price, now):
        assert price_at(replace(ORDER, price=price, end_price=price), now) == price

    @given(
        st.tuples(amounts, amounts).map(sorted),
        st.integers(0, 2**40),
        st.integers(1, 2**40),
        st.integers(0, 2**40),
    )
    def test_a_falling_one_never_rises_and_is_rounded_up(self, prices, start, life, elapsed):
        low, high = prices
        order = replace(ORDER, price=high, end_price=low, start=start, end=start + life)
        elapsed %= life

        now, later = (price_at(order, start + elapsed + more) for more in (0, 1))

        assert low <= later <= now <= high
        exact = high * life - (high - low) * elapsed
        assert exact <= now * life < exact + life

    def test_before_and_after_its_time_it_is_the_first_and_the_last(self):
        order = replace(ORDER, price=10, end_price=4)

        assert [price_at(order, now) for now in (0, NOON, NOON + 3_600, 2**63)] == [10, 10, 4, 4]

    def test_halfway(self):
        assert price_at(replace(ORDER, price=10, end_price=5), NOON + 1_800) == 8


class TestShares:
    @given(st.integers(0, 2**128), st.integers(1, 60))
    def test_are_equal_but_for_the_first_and_add_up(self, price, works):
        found = shares(price, works)

        assert sum(found) == price
        assert len(found) == works
        assert set(found[1:]) <= {price // works}
        assert 0 <= found[0] - price // works < works
