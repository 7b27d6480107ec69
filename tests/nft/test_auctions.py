"""English auctions: terms, the least bid, the end, and the one word for each moment."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nft.auctions import (
    EXTENSION_SECONDS,
    GWEI,
    MAX_BID,
    Bid,
    auction_state,
    check_auction,
    end_after_bid,
    latest_end,
    least_bid,
    reasons_not_biddable,
)
from nft.errors import OrderInvalid
from nft.orders import DAY_SECONDS, UNBOUND
from nft.types import ZERO_ADDRESS
from tests.nft.samples import AUCTION, AUCTION_FACTS, BUYER, ETHER, HOUSE, NOON, SELLER

WEEK = 7 * DAY_SECONDS
SCHEDULED = replace(AUCTION, duration=0, end=NOON + WEEK)
whole = st.integers(1, 2**63).map(lambda amount: amount * GWEI)


class TestCheck:
    @pytest.mark.parametrize("auction", [AUCTION, SCHEDULED, replace(AUCTION, min_step_bps=0)])
    def test_takes_a_sound_one(self, auction):
        check_auction(auction, now=NOON)

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"seller": ZERO_ADDRESS}, "seller"),
            ({"reserve": 0}, "reserve"),
            ({"reserve": MAX_BID + 1}, "reserve"),
            ({"min_step_bps": 10_001}, "min_step_bps"),
            ({"max_royalty_bps": 9_801}, "max_royalty_bps"),
            ({"open_until": NOON - 1, "start": NOON}, "open_until"),
            ({"open_until": NOON, "start": NOON - 9}, "open_until"),
            ({"duration": 0}, "duration"),
            ({"end": NOON + 2 * WEEK}, "duration"),
            ({"duration": 30 * DAY_SECONDS + 1}, "duration"),
            ({"duration": 0, "end": NOON + WEEK - 1}, "end"),
            ({"duration": 0, "end": 2**32}, "end"),
            ({"transfer_count": UNBOUND, "open_until": NOON + 61 * DAY_SECONDS}, "open_until"),
        ],
    )
    def test_names_the_field_that_breaks_a_rule(self, change, field):
        with pytest.raises(OrderInvalid) as caught:
            check_auction(replace(AUCTION, **change), now=NOON)
        assert caught.value.field == field


class TestLeastBid:
    @given(st.integers(1, MAX_BID))
    def test_the_first_is_the_reserve_in_whole_gwei(self, reserve):
        found = least_bid(replace(AUCTION, reserve=reserve), None)

        assert found % GWEI == 0
        assert 0 <= found - reserve < GWEI

    @given(whole, st.integers(0, 10_000))
    def test_the_next_is_a_step_higher_in_whole_gwei(self, amount, bps):
        auction = replace(AUCTION, min_step_bps=bps)

        found = least_bid(auction, Bid(BUYER, amount, NOON))

        assert found % GWEI == 0
        assert found >= amount + GWEI
        assert (found - amount) * 10_000 >= amount * bps
        assert found == amount + GWEI or (found - GWEI - amount) * 10_000 < amount * bps


class TestEnd:
    def test_the_latest_is_a_day_after_the_planned(self):
        assert latest_end(AUCTION) == NOON + WEEK + DAY_SECONDS + DAY_SECONDS
        assert latest_end(SCHEDULED) == NOON + WEEK + DAY_SECONDS

    @given(st.integers(0, DAY_SECONDS), st.integers(1, WEEK))
    def test_a_late_bid_moves_it_on_but_never_back_nor_past_the_latest(self, moved, before):
        end = NOON + WEEK + moved
        now = end - before

        found = end_after_bid(SCHEDULED, end, now)

        assert end <= found <= latest_end(SCHEDULED)
        assert found == end or found in (now + EXTENSION_SECONDS, latest_end(SCHEDULED))
        assert (found == end) == (before >= EXTENSION_SECONDS or end == latest_end(SCHEDULED))


def codes(facts, *, now=NOON, auction=AUCTION, **given_):
    return [one.code for one in reasons_not_biddable(auction, facts, now=now, **given_)]


class TestReasons:
    def test_nothing_stands_in_the_way_of_a_first_bid(self):
        assert codes(AUCTION_FACTS) == []

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"owner": None}, "TokenGone"),
            ({"owner": HOUSE}, "SellerNotOwner"),
            ({"transfer_count": 3}, "OwnershipChanged"),
            ({"is_approved": False}, "NotApproved"),
            ({"is_locked": True}, "TokenLocked"),
            ({"is_nonce_used": True}, "NonceUsed"),
            ({"counter": 2}, "CounterMoved"),
            ({"counter": 0}, "CounterAhead"),
            ({"is_paused": True}, "Paused"),
            ({"is_retired": True}, "Retired"),
            ({"royalty": ETHER}, "RoyaltyAboveMaximum"),
            ({"fee_bps": 201}, "FeeAboveMaximum"),
            ({"is_settled": True}, "AuctionOver"),
            ({"is_unwound": True}, "AuctionOver"),
        ],
    )
    def test_says_what_stands_in_the_way(self, change, code):
        assert codes(replace(AUCTION_FACTS, **change)) == [code]

    def test_after_the_first_bid_only_the_end_counts(self):
        spoiled = replace(
            AUCTION_FACTS, bid=Bid(BUYER, ETHER, NOON + 9), owner=HOUSE, is_nonce_used=True,
            is_paused=True, fee_bps=500,
        )  # fmt: skip

        assert codes(spoiled) == []
        assert codes(spoiled, now=NOON + 9) == ["AuctionOver"]
        assert codes(spoiled, bidder=SELLER) == ["MakerIsTaker"]

    def test_a_first_bid_has_its_time(self):
        assert codes(AUCTION_FACTS, now=NOON - 1) == ["NotStarted"]
        assert codes(AUCTION_FACTS, now=NOON + WEEK) == []
        assert codes(AUCTION_FACTS, now=NOON + WEEK + 1) == ["OrderExpired"]
        assert codes(AUCTION_FACTS, now=NOON + WEEK, auction=SCHEDULED) == ["OrderExpired"]


class TestState:
    BID = Bid(BUYER, ETHER, NOON + 100)

    @pytest.mark.parametrize(
        ("change", "now", "state"),
        [
            ({}, NOON - 1, "scheduled"),
            ({}, NOON, "open"),
            ({"is_approved": False}, NOON, "not_fillable"),
            ({"is_nonce_used": True}, NOON, "cancelled"),
            ({"counter": 2}, NOON, "cancelled"),
            ({}, NOON + WEEK + 1, "expired"),
            ({"bid": BID, "is_nonce_used": True}, NOON, "running"),
            ({"bid": BID}, NOON + 100, "ended"),
            ({"bid": BID}, NOON + 100 + WEEK, "undelivered"),
            ({"bid": BID, "is_settled": True}, NOON, "settled"),
            ({"is_unwound": True}, NOON, "unwound"),
        ],
    )
    def test_is_one_word(self, change, now, state):
        facts = replace(AUCTION_FACTS, **change)
        reasons = reasons_not_biddable(AUCTION, facts, now=now)

        assert auction_state(AUCTION, facts, reasons, now=now) == state
