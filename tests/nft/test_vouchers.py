"""Lazy mints: terms, reasons, and the one word for a voucher."""

from dataclasses import replace

import pytest

from nft.errors import OrderInvalid
from nft.types import ZERO_DIGEST
from nft.vouchers import (
    DEFAULT_ROYALTY,
    check_voucher,
    reasons_not_redeemable,
    voucher_state,
)
from tests.nft.samples import (
    BUYER,
    ETHER,
    EXCHANGE,
    HOUSE,
    NOON,
    SELLER,
    VOUCHER,
    VOUCHER_FACTS,
    WETH,
)


class TestCheck:
    @pytest.mark.parametrize(
        "change",
        [
            {},
            {"price": 0},
            {"currency": WETH},
            {"royalty_bps": DEFAULT_ROYALTY},
            {"edition_size": 25, "max_per_recipient": 2},
        ],
    )
    def test_takes_a_sound_one(self, change):
        check_voucher(replace(VOUCHER, **change), now=NOON, artist=SELLER, currencies={WETH})

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"metadata_digest": ZERO_DIGEST}, "metadata_digest"),
            ({"token_id": 9}, "token_id"),
            ({"edition_size": 0}, "edition_size"),
            ({"token_id": VOUCHER.token_id | 2**96 - 1, "edition_size": 2}, "edition_size"),
            ({"price": 2**128}, "price"),
            ({"royalty_bps": 2_501}, "royalty_bps"),
            ({"royalty_bps": DEFAULT_ROYALTY, "royalty_receiver": BUYER}, "royalty_receiver"),
            ({"max_fee_bps": 501}, "max_fee_bps"),
            ({"end": NOON}, "expires_at"),
            ({"start": NOON - 9, "end": NOON - 1}, "expires_at"),
            ({"currency": BUYER}, "currency"),
        ],
    )
    def test_names_the_field_that_breaks_a_rule(self, change, field):
        with pytest.raises(OrderInvalid) as caught:
            check_voucher(replace(VOUCHER, **change), now=NOON, artist=SELLER, currencies={WETH})
        assert caught.value.field == field

    def test_the_house_is_open_to_every_creator_and_any_currency(self):
        check_voucher(replace(VOUCHER, token_id=9, currency=BUYER), now=NOON)


def codes(voucher=VOUCHER, *, now=NOON, number=0, taker=None, **change):
    facts = replace(VOUCHER_FACTS, **change)
    reasons = reasons_not_redeemable(voucher, facts, now=now, number=number, taker=taker)
    return [one.code for one in reasons]


class TestReasons:
    def test_nothing_stands_in_the_way_of_a_sound_one(self):
        assert codes(taker=BUYER) == []

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"is_minted": True}, "AlreadyMinted"),
            ({"may_sign": False}, "SignerNotAllowed"),
            ({"is_nonce_used": True}, "NonceUsed"),
            ({"counter": 2}, "CounterMoved"),
            ({"counter": 0}, "CounterAhead"),
            ({"now": NOON - 1}, "NotStarted"),
            ({"now": NOON + 3_601}, "OrderExpired"),
            ({"number": 1}, "EditionExceeded"),
            ({"balance": ETHER - 1}, "BalanceTooLow"),
        ],
    )
    def test_says_what_stands_in_the_way(self, change, code):
        assert codes(**change) == [code]

    def test_some_are_for_one_collector_and_some_for_a_few_works_each(self):
        private = replace(VOUCHER, recipient=HOUSE)
        limited = replace(VOUCHER, edition_size=9, max_per_recipient=2)

        assert codes(private, taker=BUYER) == ["TakerMismatch"]
        assert codes(private, taker=HOUSE) == []
        assert codes(limited, taken=1) == []
        assert codes(limited, taken=2) == ["RecipientLimit"]

    def test_in_an_erc20_what_is_held_and_allowed_counts(self):
        dear = replace(VOUCHER, currency=WETH)

        assert codes(dear, balance=0, allowance=0) == ["BalanceTooLow", "AllowanceTooLow"]
        assert codes(dear, balance=ETHER, allowance=ETHER) == []

    def test_who_is_paid_oneself_needs_that_much_less(self):
        dear = replace(VOUCHER, currency=WETH)

        assert codes(dear, taker=SELLER, balance=ETHER // 50, allowance=ETHER // 50) == []
        rest = ETHER - ETHER // 50
        assert codes(dear, taker=EXCHANGE, balance=rest, allowance=rest) == []


class TestState:
    @pytest.mark.parametrize(
        ("change", "now", "state"),
        [
            ({}, NOON, "fillable"),
            ({"minted": 1}, NOON, "filled"),
            ({"is_nonce_used": True}, NOON, "cancelled"),
            ({"counter": 2}, NOON, "cancelled"),
            ({}, NOON + 3_601, "expired"),
            ({"may_sign": False}, NOON, "not_fillable"),
        ],
    )
    def test_is_one_word(self, change, now, state):
        facts = replace(VOUCHER_FACTS, **change)
        reasons = reasons_not_redeemable(VOUCHER, facts, now=now)

        assert voucher_state(VOUCHER, facts, reasons, now=now) == state

    def test_names_its_works_and_their_creator(self):
        edition = replace(VOUCHER, edition_size=3)

        assert edition.creator == SELLER
        assert list(edition.ids) == [VOUCHER.token_id + n for n in range(3)]
