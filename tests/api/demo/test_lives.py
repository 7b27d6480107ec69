"""What happens to the works of the demo exhibition: the plan makes sense before it is run."""

from itertools import pairwise

import pytest

from api.demo.art.catalogue import works
from api.demo.lives import LIVES, Gift, Sale, wei
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

    def test_one_work_was_never_for_sale(self) -> None:
        quiet = [slug for slug, life in LIVES.items() if not life.turns and life.hanging is None]

        assert quiet == ["six-persimmons-once-more"]

    def test_one_work_is_held_back_for_somebody_other_than_its_holder(self) -> None:
        reserved = {
            slug: life.hanging.reserved_for
            for slug, life in LIVES.items()
            if life.hanging is not None and life.hanging.reserved_for is not None
        }

        assert list(reserved) == ["raked-garden-three-stones"]
        assert holders_of("raked-garden-three-stones")[-1] not in reserved.values()

    @every_life
    def test_prices_rise_as_collectors_hope(self, slug: str) -> None:
        life = LIVES[slug]
        sales = [int(wei(turn.price_eth)) for turn in life.turns if isinstance(turn, Sale)]
        asked = [int(wei(life.hanging.price_eth))] if life.hanging else []

        assert sorted(sales + asked) == sales + asked


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
