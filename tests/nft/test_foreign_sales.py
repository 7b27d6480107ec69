from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from nft.foreign_sales import Fill, Item, Kind, Move, Payment, Sale, sales
from nft.orders import shares
from nft.types import UINT256_MAX, ZERO_ADDRESS, Address, Digest
from tests.support.people import (
    ARTIST,
    COLLECTOR,
    FOREIGN,
    GALLERY,
    HOUSE,
    ORDER,
    OTHER_WORK,
    STRANGER,
    WETH,
    WORK,
)

OTHER_ORDER = Digest(b"\x0e" * 32)
SOLD = Move(HOUSE, WORK, GALLERY, COLLECTOR, 3)
"""The gallery sells the artist's work to the collector."""


def work(token: int = WORK, receiver: Address | None = None) -> Item:
    return Item(Kind.WORK, HOUSE, token, 1, receiver)


def coin(amount: int, receiver: Address | None = None) -> Item:
    return Item(Kind.COIN, ZERO_ADDRESS, 0, amount, receiver)


def weth(amount: int, receiver: Address | None = None) -> Item:
    return Item(Kind.CURRENCY, WETH, 0, amount, receiver)


def listing(*received: Item, given: tuple[Item, ...] = (work(),)) -> Fill:
    return Fill(ORDER, GALLERY, COLLECTOR, given, received)


def offer(*received: Item, given: tuple[Item, ...] = (weth(100),)) -> Fill:
    """The collector's, accepted by the gallery."""
    return Fill(OTHER_ORDER, COLLECTOR, GALLERY, given, received)


def one(fill: Fill, *moves: Move) -> Sale:
    (found,) = sales([fill], (), moves or (SOLD,))
    return found


class TestListings:
    def test_the_price_is_all_that_was_received_for_the_work(self) -> None:
        found = one(listing(coin(90, GALLERY), coin(3, STRANGER), coin(7, ARTIST)))

        assert (found.price, found.currency, found.works) == (100, ZERO_ADDRESS, 1)
        assert (found.maker, found.taker, found.order_hash) == (GALLERY, COLLECTOR, ORDER)
        assert found.payments == (
            Payment(GALLERY, 90),
            Payment(STRANGER, 3),
            Payment(ARTIST, 7),
        )

    def test_what_was_put_on_top_is_part_of_it_and_one_payment_with_the_rest(self) -> None:
        found = one(listing(coin(90, GALLERY), coin(5, GALLERY), coin(0, ARTIST)))

        assert (found.price, found.payments) == (95, (Payment(GALLERY, 95),))

    def test_a_buyer_who_has_it_sent_to_somebody_else_is_not_who_it_went_to(self) -> None:
        found = one(listing(weth(9, GALLERY)), replace(SOLD, receiver=STRANGER))

        assert (found.taker, found.currency) == (STRANGER, WETH)

    def test_to_somebody_named_asks_for_the_work_itself_too(self) -> None:
        found = one(listing(coin(90, GALLERY), work(receiver=COLLECTOR)))

        assert (found.price, found.move) == (90, SOLD)

    def test_works_sold_together_share_the_price_as_ours_do(self) -> None:
        second = Move(HOUSE, OTHER_WORK, GALLERY, COLLECTOR, 4)
        bundle = listing(coin(90, GALLERY), coin(11, ARTIST), given=(work(), work(OTHER_WORK)))

        found = sales([bundle], (), [SOLD, second])

        assert [sale.price for sale in found] == shares(101, 2)
        assert [sale.works for sale in found] == [2, 2]
        assert [[each.amount for each in sale.payments] for sale in found] == [[45, 6], [45, 5]]

    def test_a_work_that_did_not_move_was_not_sold(self) -> None:
        bundle = listing(coin(90, GALLERY), given=(work(OTHER_WORK), work()))

        (found,) = sales([bundle], (), [SOLD])

        assert (found.move, found.price) == (SOLD, 45)

    def test_resold_in_the_same_transaction_each_order_is_the_move_of_its_maker(self) -> None:
        again = Fill(OTHER_ORDER, COLLECTOR, STRANGER, (work(),), (coin(20, COLLECTOR),))
        moves = [SOLD, Move(HOUSE, WORK, COLLECTOR, STRANGER, 5)]

        found = sales([again, listing(coin(10, GALLERY))], (), moves)

        assert [(sale.move.log_index, sale.price) for sale in found] == [(3, 10), (5, 20)]

    def test_one_order_is_one_move_even_if_the_work_comes_back_and_goes_again(self) -> None:
        moves = [SOLD, Move(HOUSE, WORK, COLLECTOR, GALLERY, 4), replace(SOLD, log_index=5)]

        found = sales([listing(coin(10, GALLERY))], (), moves)

        assert [sale.move.log_index for sale in found] == [3]


class TestOffers:
    def test_the_price_is_what_was_offered_and_the_seller_has_what_the_others_leave(self) -> None:
        found = one(offer(work(receiver=COLLECTOR), weth(3, STRANGER), weth(7, ARTIST)))

        assert (found.price, found.currency, found.order_hash) == (100, WETH, OTHER_ORDER)
        assert (found.maker, found.taker) == (COLLECTOR, GALLERY)
        assert found.payments == (
            Payment(STRANGER, 3),
            Payment(ARTIST, 7),
            Payment(GALLERY, 90),
        )

    def test_a_seller_who_pays_more_than_was_offered_has_no_payment(self) -> None:
        found = one(offer(work(receiver=COLLECTOR), weth(107, ARTIST)))

        assert found.payments == (Payment(ARTIST, 107),)

    def test_a_work_that_went_to_somebody_else_was_not_sold_by_it(self) -> None:
        assert sales([offer(work(receiver=STRANGER))], (), [SOLD]) == []


class TestMatchedOrders:
    def test_two_sides_of_one_move_are_one_sale_at_the_buyers_price(self) -> None:
        asked = listing(weth(80, GALLERY), weth(5, STRANGER))
        bid = offer(work(receiver=COLLECTOR), weth(7, ARTIST), weth(1, STRANGER))

        (found,) = sales([asked, bid], {ORDER, OTHER_ORDER}, [SOLD])

        assert (found.price, found.maker, found.taker) == (100, COLLECTOR, GALLERY)
        assert found.payments == (
            Payment(GALLERY, 80),
            Payment(STRANGER, 6),
            Payment(ARTIST, 7),
        )

    def test_a_buyers_order_that_asks_for_nothing_leaves_the_sellers_price(self) -> None:
        asked = listing(coin(80, GALLERY), coin(5, ARTIST), work(receiver=COLLECTOR))
        gives = Fill(OTHER_ORDER, COLLECTOR, ZERO_ADDRESS, (coin(85),), ())

        (found,) = sales([asked, gives], {ORDER, OTHER_ORDER}, [SOLD])

        assert (found.price, found.order_hash) == (85, ORDER)

    def test_sides_in_two_currencies_have_no_price(self) -> None:
        bid = offer(work(receiver=COLLECTOR))

        assert sales([listing(coin(80, GALLERY)), bid], {ORDER, OTHER_ORDER}, [SOLD]) == []

    def test_orders_that_were_not_matched_do_not_share_a_move(self) -> None:
        found = sales([listing(weth(80, GALLERY)), offer(work(receiver=COLLECTOR))], (), [SOLD])

        assert [sale.price for sale in found] == [80]


class TestWithoutAPrice:
    def test_two_currencies(self) -> None:
        assert sales([listing(coin(9, GALLERY), weth(1, ARTIST))], (), [SOLD]) == []

    def test_a_work_for_a_work(self) -> None:
        exchanged = listing(work(OTHER_WORK, GALLERY), coin(9, GALLERY))

        assert sales([exchanged], (), [SOLD]) == []

    def test_together_with_tokens_that_come_in_numbers(self) -> None:
        many = Item(Kind.OTHER, FOREIGN, 1, 500)

        assert sales([listing(coin(9, GALLERY), given=(work(), many))], (), [SOLD]) == []

    def test_a_gift(self) -> None:
        assert sales([listing(coin(0, GALLERY))], (), [SOLD]) == []

    def test_more_than_any_currency_has(self) -> None:
        heap = listing(weth(UINT256_MAX, GALLERY), weth(UINT256_MAX, ARTIST))

        assert sales([heap], (), [SOLD]) == []

    def test_a_work_and_money_for_money(self) -> None:
        change = listing(weth(9, GALLERY), given=(work(), weth(1)))

        assert sales([change], (), [SOLD]) == []


people = st.sampled_from((ARTIST, COLLECTOR, GALLERY))
items = st.builds(
    Item,
    st.sampled_from(Kind),
    st.sampled_from((ZERO_ADDRESS, HOUSE, WETH)),
    st.sampled_from((0, 1)),
    st.sampled_from((0, 1, 100, UINT256_MAX)),
    people,
)
several = st.lists(items, max_size=3).map(tuple)
hashes = st.sampled_from((ORDER, OTHER_ORDER))
fills = st.lists(st.builds(Fill, hashes, people, people, several, several), max_size=3)
moves = st.lists(
    st.builds(Move, st.just(HOUSE), st.sampled_from((0, 1)), people, people, st.integers(0, 99)),
    max_size=4,
    unique_by=lambda move: move.log_index,
)


class TestAnything:
    @given(fills, st.sets(hashes), moves)
    def test_is_a_sale_of_a_move_once_at_a_price_that_is_an_amount(
        self, told: list[Fill], matched: set[Digest], moved: list[Move]
    ) -> None:
        found = sales(told, matched, moved)

        places = [sale.move.log_index for sale in found]
        assert len(set(places)) == len(places)
        assert {sale.move for sale in found} <= set(moved)
        assert all(0 <= sale.price <= UINT256_MAX for sale in found)
        assert all(payment.amount > 0 for sale in found for payment in sale.payments)
