"""Why an order cannot be filled, and the one word for it."""

from dataclasses import replace

import pytest

from nft.fillability import Facts, WorkFacts, reasons_not_fillable, state_of
from nft.merkle import SetTree
from nft.orders import UNBOUND, Acceptance, Item, Kind
from nft.types import Address, Digest
from tests.nft.samples import BUYER, ETHER, FACTS, HOUSE, NOON, OFFER, ORDER, SELLER, WETH


def codes(order, facts, **given):
    return [one.code for one in reasons_not_fillable(order, facts, now=NOON, **given)]


class TestFillability:
    def test_nothing_stands_in_the_way_of_a_sound_listing(self):
        assert reasons_not_fillable(ORDER, FACTS, now=NOON) == []
        assert state_of(FACTS, [], order=ORDER, now=NOON) == "fillable"

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"owner": BUYER}, "SellerNotOwner"),
            ({"owner": None}, "TokenGone"),
            ({"transfer_count": 4}, "OwnershipChanged"),
            ({"is_approved": False}, "NotApproved"),
            ({"is_locked": True}, "TokenLocked"),
            ({"is_nonce_used": True}, "NonceUsed"),
            ({"counter": 2}, "CounterMoved"),
            ({"royalty": ETHER * 75 // 1_000 + 1}, "RoyaltyAboveMaximum"),
            ({"fee_bps": 201}, "FeeAboveMaximum"),
        ],
    )
    def test_says_what_stands_in_the_way(self, change, code):
        reasons = reasons_not_fillable(ORDER, replace(FACTS, **change), now=NOON)

        assert [reason.code for reason in reasons] == [code]

    @pytest.mark.parametrize(
        ("now", "codes"),
        [
            (NOON - 1, ["NotStarted"]),
            (NOON, []),
            (NOON + 3_600, []),
            (NOON + 3_601, ["OrderExpired"]),
        ],
    )
    def test_both_ends_of_its_time_are_inclusive(self, now, codes):
        reasons = reasons_not_fillable(ORDER, FACTS, now=now)

        assert [reason.code for reason in reasons] == codes

    @pytest.mark.parametrize(
        ("change", "now", "state"),
        [
            ({"filled": True, "owner": BUYER}, NOON, "filled"),
            ({"cancelled": True}, NOON, "cancelled"),
            ({"counter": 9}, NOON, "cancelled"),
            ({}, NOON + 9_999, "expired"),
            ({"is_approved": False}, NOON, "not_fillable"),
        ],
    )
    def test_has_one_word_for_its_state(self, change, now, state):
        facts = replace(FACTS, **change)
        reasons = reasons_not_fillable(ORDER, facts, now=now)

        assert state_of(facts, reasons, order=ORDER, now=now) == state

    def test_a_work_that_left_and_came_back_is_not_for_sale(self):
        came_back = replace(FACTS, owner=SELLER, transfer_count=ORDER.transfer_count + 2)

        assert reasons_not_fillable(ORDER, came_back, now=NOON)[0].code == "OwnershipChanged"

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"counter": 0}, "CounterAhead"),
            ({"is_paused": True}, "Paused"),
            ({"is_retired": True}, "Retired"),
            ({"balance": ETHER - 1}, "BalanceTooLow"),
        ],
    )
    def test_says_what_the_moment_is_lacking(self, change, code):
        assert codes(ORDER, replace(FACTS, **change)) == [code]

    def test_of_a_private_sale_and_of_the_seller(self):
        private = replace(ORDER, taker=BUYER)

        assert codes(private, FACTS, taker=BUYER) == []
        assert codes(private, FACTS, taker=HOUSE) == ["TakerMismatch"]
        assert codes(ORDER, FACTS, taker=SELLER) == ["MakerIsTaker"]

    def test_in_an_erc20_the_payer_must_hold_and_allow_the_price(self):
        order = replace(ORDER, currency=WETH)
        poor = replace(FACTS, balance=0, allowance=0, is_currency_allowed=False)

        found = codes(order, poor)

        assert found == ["CurrencyUnsupported", "BalanceTooLow", "AllowanceTooLow"]

    def test_a_receiver_of_the_royalty_who_buys_pays_that_much_less(self):
        order = replace(ORDER, currency=WETH)
        just = replace(FACTS, balance=ETHER - FACTS.royalty, allowance=ETHER - FACTS.royalty)

        assert codes(order, just, taker=BUYER) == []
        assert codes(order, just, taker=HOUSE) == ["BalanceTooLow", "AllowanceTooLow"]

    def test_a_price_that_fell_to_nothing_is_none(self):
        order = replace(ORDER, end_price=0, end=NOON, start=NOON - 1)
        unpaid = replace(FACTS, royalty=0)

        assert codes(order, unpaid) == ["PriceZero"]


class TestBundles:
    BUNDLE = replace(ORDER, price=9, end_price=9, more=(Item(HOUSE, 6, 0), Item(HOUSE, 7, UNBOUND)))
    SOUND = WorkFacts(
        owner=SELLER, transfer_count=0, is_approved=True, royalty=0, royalty_receiver=BUYER
    )
    FACTS = replace(FACTS, royalty=0, more=(SOUND, SOUND))

    def test_every_work_is_looked_at(self):
        assert codes(self.BUNDLE, self.FACTS) == []
        for change, expected in (
            ({"owner": None}, "TokenGone"),
            ({"owner": HOUSE}, "SellerNotOwner"),
            ({"is_approved": False}, "NotApproved"),
            ({"is_locked": True}, "TokenLocked"),
            ({"royalty": 2}, "RoyaltyAboveMaximum"),
        ):
            bad = replace(self.FACTS, more=(self.SOUND, replace(self.SOUND, **change)))
            assert codes(self.BUNDLE, bad) == [expected]

    def test_only_bound_works_are_held_to_a_count(self):
        other = replace(self.SOUND, transfer_count=4)

        assert codes(self.BUNDLE, replace(self.FACTS, more=(other, self.SOUND))) == [
            "OwnershipChanged"
        ]
        assert codes(self.BUNDLE, replace(self.FACTS, more=(self.SOUND, other))) == []


class TestOffers:
    FACTS: Facts = replace(FACTS, royalty_receiver=HOUSE, balance=ETHER, allowance=ETHER)
    MEETING = Acceptance(token_id=5, min_proceeds=0)

    def met(self, order, facts=FACTS, **changed):
        acceptance = replace(self.MEETING, **changed)
        return codes(order, facts, taker=SELLER, acceptance=acceptance)

    def test_nothing_stands_in_the_way_of_a_sound_one(self):
        assert codes(OFFER, self.FACTS) == []
        assert self.met(OFFER) == []

    def test_the_buyers_money_is_looked_at_before_anybody_accepts(self):
        poor = replace(self.FACTS, balance=ETHER - 1, allowance=0)

        assert codes(OFFER, poor) == ["BalanceTooLow", "AllowanceTooLow"]

    def test_of_sets_and_collections_nobody_asks_for_a_work_before(self):
        wide = replace(OFFER, kind=Kind.COLLECTION_OFFER, token_id=0)
        nothing = replace(self.FACTS, owner=None, royalty=10 * ETHER)

        assert codes(wide, nothing) == []
        assert codes(OFFER, nothing) == ["TokenGone", "RoyaltyAboveMaximum"]

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"token_id": 6}, "TokenMismatch"),
            ({"transfer_count": 2}, "OfferBound"),
            ({"proof": (Digest(bytes(32)),)}, "NotInSet"),
            ({"min_proceeds": ETHER}, "ProceedsTooLow"),
        ],
    )
    def test_are_not_met_by_something_else(self, change, code):
        assert self.met(OFFER, **change) == [code]

    def test_are_met_by_the_owner_alone(self):
        facts = replace(self.FACTS, owner=HOUSE, is_approved=False)

        assert self.met(OFFER, facts) == ["SellerNotOwner", "NotApproved"]

    def test_are_not_met_by_a_work_that_is_locked(self):
        facts = replace(self.FACTS, is_locked=True)

        assert self.met(OFFER, facts) == ["TokenLocked"]

    def test_for_metadata_die_when_it_changes(self):
        dressed = replace(self.FACTS, metadata_digest=Digest(b"\x01" * 32))
        order = replace(OFFER, metadata_digest=Digest(b"\x01" * 32))

        assert self.met(order, dressed) == []
        assert self.met(order, replace(dressed, metadata_digest=Digest(b"\x02" * 32))) == [
            "MetadataMismatch"
        ]

    def test_on_a_set_are_met_by_its_works_at_their_count(self):
        tree = SetTree([(5, 2), (6, 0), (7, UNBOUND)])
        order = replace(OFFER, kind=Kind.SET_OFFER, token_id=0, criteria=tree.root)

        assert self.met(order, transfer_count=2, proof=tree.proof(5)) == []
        assert self.met(order, transfer_count=3, proof=tree.proof(5)) == ["NotInSet"]
        assert self.met(order, token_id=7, proof=tree.proof(7)) == []
        moved = replace(self.FACTS, transfer_count=9)
        assert self.met(order, moved, transfer_count=2, proof=tree.proof(5)) == ["OwnershipChanged"]

    def test_on_a_creators_works_are_met_by_those(self):
        creator = int(SELLER.hex(), 16) << 96
        order = replace(OFFER, kind=Kind.COLLECTION_OFFER, token_id=creator)

        assert self.met(order, token_id=creator | 8) == []
        assert self.met(order, token_id=int(Address(BUYER).hex(), 16) << 96 | 8) == [
            "TokenMismatch"
        ]
