"""What a signature permits, in plain sentences; nothing that matters is left out."""

from dataclasses import replace

import pytest

from nft.explain import (
    Money,
    explain_auction,
    explain_bulk,
    explain_order,
    explain_voucher,
    moment,
    percent,
)
from nft.orders import UNBOUND, Item, Kind
from nft.types import ZERO_ADDRESS, Digest
from nft.vouchers import DEFAULT_ROYALTY
from tests.nft.samples import (
    AUCTION,
    BUYER,
    ETHER,
    HOUSE,
    NOON,
    OFFER,
    ORDER,
    SELLER,
    VOUCHER,
    WETH,
)

KNOWN = {WETH: Money("WETH", 18)}


def said(sentences: list[str]) -> str:
    assert all(one.strip() == one and one.endswith(".") for one in sentences)
    return " ".join(sentences)


class TestOrders:
    def test_a_listing_names_work_price_time_limits_and_the_way_back(self):
        text = said(explain_order(ORDER, title="Haze"))

        assert "You offer “Haze” to anybody for 1 ETH." in text
        assert "ends by itself when" in text
        assert f"Good from {moment(NOON)} to {moment(NOON + 3_600)}." in text
        assert "at most 7.5 %" in text
        assert "at most 2 %" in text
        assert "cancels number 3" in text

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"taker": BUYER}, f"to {BUYER} for"),
            ({"end_price": ETHER // 2}, "falls evenly from 1 ETH to 0.5 ETH"),
            ({"transfer_count": UNBOUND}, "stays good when the work leaves you"),
            ({"max_royalty_bps": 1_500}, "Mind the royalty: up to 15 %"),
            ({"currency": WETH}, "for 1 WETH."),
            ({"currency": HOUSE}, f"{ETHER} units of the token {HOUSE}"),
        ],
    )
    def test_a_listing_says_what_is_unusual(self, change, words):
        assert words in said(explain_order(replace(ORDER, **change), currencies=KNOWN))

    def test_a_bundle_names_every_work(self):
        text = said(explain_order(replace(ORDER, more=(Item(HOUSE, 6, 0), Item(WETH, 7, 0)))))

        for work in ("3 works together", f"token 5 of {HOUSE}", f"token 6 of {HOUSE}", str(WETH)):
            assert work in text

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({}, f"You offer 1 WETH for token 5 of {HOUSE}; its owner can sell it to you"),
            ({"taker": SELLER}, f"{SELLER} can sell it to you"),
            ({"metadata_digest": Digest(b"\x01" * 32)}, "the description that it has now"),
            ({"kind": Kind.SET_OFFER}, "any one work of a set"),
            ({"kind": Kind.COLLECTION_OFFER, "token_id": 0}, "whichever its owner picks"),
            (
                {"kind": Kind.COLLECTION_OFFER, "token_id": int(SELLER.hex(), 16) << 96},
                f"any one work of {SELLER}",
            ),
        ],
    )
    def test_an_offer_says_what_it_is_for(self, change, words):
        text = said(explain_order(replace(OFFER, **change), currencies=KNOWN))

        assert words in text
        assert "the exchange takes it at the sale" in text

    def test_orders_signed_together_are_all_named(self):
        orders = [ORDER, replace(ORDER, token_id=6, price=2 * ETHER, end_price=2 * ETHER)]

        text = said(explain_bulk(orders))

        assert "covers 2 orders" in text
        assert "1. You offer token 5" in text
        assert "2. You offer token 6" in text
        assert "for 2 ETH" in text


class TestAuctions:
    def test_name_reserve_times_steps_and_custody(self):
        text = said(explain_auction(AUCTION, title="Haze"))

        for words in (
            "“Haze”", "bids 1 ETH or more", "runs 24 hours from the first bid", "extends it",
            "at least 5 % higher", "nothing you do can call it back", "Until the first bid",
        ):  # fmt: skip
            assert words in text

    def test_say_a_fixed_end_and_an_unbound_work(self):
        fixed = replace(AUCTION, duration=0, end=NOON + 86_400 * 7, transfer_count=UNBOUND)

        text = said(explain_auction(fixed))

        assert f"It ends on {moment(NOON + 86_400 * 7)}" in text
        assert "stays good when the work leaves you" in text


class TestVouchers:
    def test_name_buyer_work_price_and_who_is_paid(self):
        text = said(explain_voucher(VOUCHER, title="Haze"))

        assert f"You let anybody mint “Haze” as a work of {SELLER} and buy it for 1 ETH." in text
        assert f"{VOUCHER.fee_receiver} is paid 2 % of it and the artist the rest" in text
        assert "Later sales owe 7.5 % of the price to the artist." in text

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"recipient": BUYER}, f"You let {BUYER} mint"),
            ({"edition_size": 25}, "the 25 works of the edition"),
            ({"edition_size": 25, "max_per_recipient": 2}, "at most 2 of them"),
            ({"fee_receiver": ZERO_ADDRESS}, "The artist is paid all of it"),
            ({"royalty_receiver": BUYER}, f"to {BUYER}."),
            ({"royalty_bps": DEFAULT_ROYALTY}, "set as default"),
            ({"price": 0}, "for 0 ETH"),
        ],
    )
    def test_say_what_is_unusual(self, change, words):
        assert words in said(explain_voucher(replace(VOUCHER, **change)))


class TestAmounts:
    @pytest.mark.parametrize(
        ("amount", "text"),
        [(1, "0.000000000000000001 ETH"), (10**18, "1 ETH"), (15 * 10**17, "1.5 ETH")],
    )
    def test_stand_in_full(self, amount, text):
        assert Money("ETH", 18).text(amount) == text

    def test_of_a_currency_without_decimals(self):
        assert Money("PTS", 0).text(12) == "12 PTS"

    def test_basis_points_are_percents(self):
        assert [percent(bps) for bps in (0, 1, 50, 750, 10_000)] == [
            "0 %", "0.01 %", "0.5 %", "7.5 %", "100 %",
        ]  # fmt: skip

    def test_a_time_beyond_the_calendar_is_its_last_minute(self):
        assert moment(2**64 - 1) == "9999-12-31 23:59 UTC"
