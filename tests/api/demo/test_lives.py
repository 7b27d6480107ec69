"""What happens to the works of the demo exhibition: the plan makes sense before it is run."""

from itertools import pairwise

import pytest

from api.demo.art.catalogue import works
from api.demo.lives import LIVES, OWN_COLLECTIONS, Auction, Falling, Gift, Hanging, Sale, wei
from api.demo.people import PEOPLE, Person

every_life = pytest.mark.parametrize("slug", LIVES)


class TestLives:
    def test_every_work_has_one(self) -> None:
        assert set(LIVES) == {work.slug for work in works()}

    @every_life
    def test_nobody_receives_what_they_hold(self, slug: str) -> None:
        holders = holders_of(slug)

        assert all(before != after for before, after in pairwise(holders))

    @every_life
    def test_everybody_is_one_of_the_people(self, slug: str) -> None:
        assert set(holders_of(slug)) <= set(PEOPLE)

    def test_one_work_was_resold_several_times(self) -> None:
        assert max(len(life.turns) for life in LIVES.values()) == 4

    def test_one_work_was_given(self) -> None:
        gifts = [turn for life in LIVES.values() for turn in life.turns if isinstance(turn, Gift)]

        assert len(gifts) == 1

    def test_one_work_was_never_for_sale_and_is_wanted(self) -> None:
        quiet = [slug for slug, life in LIVES.items() if not life.turns and life.hanging is None]

        assert quiet == ["six-persimmons-once-more"]
        assert [slug for slug, life in LIVES.items() if life.offer is not None] == quiet

    def test_one_work_is_held_back_for_somebody_other_than_its_holder(self) -> None:
        reserved = {
            slug: life.hanging.reserved_for
            for slug, life in LIVES.items()
            if isinstance(life.hanging, Hanging) and life.hanging.reserved_for is not None
        }

        assert list(reserved) == ["raked-garden-three-stones"]
        assert holders_of("raked-garden-three-stones")[-1] not in reserved.values()

    @every_life
    def test_prices_rise_as_collectors_hope(self, slug: str) -> None:
        life = LIVES[slug]
        sales = [int(wei(turn.price_eth)) for turn in life.turns if isinstance(turn, Sale)]
        asked = [int(wei(life.hanging.price_eth))] if isinstance(life.hanging, Hanging) else []

        assert sorted(sales + asked) == sales + asked

    def test_one_work_is_minted_by_its_buyer(self) -> None:
        (life,) = (life for life in LIVES.values() if life.is_lazy)

        assert isinstance(life.turns[0], Sale)

    def test_one_price_falls(self) -> None:
        (falling,) = (one.hanging for one in LIVES.values() if isinstance(one.hanging, Falling))

        assert int(wei(falling.price_eth)) > int(wei(falling.end_price_eth)) > 0

    def test_one_auction_has_a_bid_that_is_outbid_by_enough(self) -> None:
        (auction,) = (one.hanging for one in LIVES.values() if isinstance(one.hanging, Auction))

        bids = [int(wei(bid.price_eth)) for bid in auction.bids]
        bidders = [bid.bidder for bid in auction.bids]
        assert bids[0] >= int(wei(auction.reserve_eth))
        assert all(after * 100 >= before * 105 for before, after in pairwise(bids))
        assert len(set(bidders)) == len(bidders) == 2

    def test_one_work_pays_two_people_no_more_than_asks_for_a_yes(self) -> None:
        ((slug, life),) = (pair for pair in LIVES.items() if pair[1].collaborators)
        work = next(work for work in works() if work.slug == slug)

        assert work.maker not in {one.person for one in life.collaborators}
        assert work.royalty_bps + sum(one.bps for one in life.collaborators) <= 1_000

    def test_one_artist_has_an_own_collection(self) -> None:
        (artist,) = OWN_COLLECTIONS

        assert artist.role == "artist"


class TestWei:
    @pytest.mark.parametrize(
        ("ether", "amount"),
        [("1", 10**18), ("0.65", 65 * 10**16), ("2.1", 21 * 10**17), ("0.18", 18 * 10**16)],
    )
    def test_is_exact(self, ether: str, amount: int) -> None:
        assert wei(ether) == str(amount)


def holders_of(slug: str) -> list[Person]:
    """Everybody who has held a work, its artist first."""
    maker = next(work.maker for work in works() if work.slug == slug)
    return [maker, *(turn.to for turn in LIVES[slug].turns)]
