import pytest
from eth_abi.abi import encode
from hypothesis import given
from hypothesis import strategies as st

from nft.chain import seaport
from nft.foreign_sales import Fill, Item, Kind, Move
from nft.types import UINT256_MAX, ZERO_ADDRESS, Address, Digest
from tests.nft.chain.test_logs import placed
from tests.support import scripted_logs as logs
from tests.support.people import ARTIST, COLLECTOR, FOREIGN, GALLERY, HOUSE, ORDER, WETH, WORK
from tests.support.scripted_node import ScriptedLog

COIN, CURRENCY, ERC721, ERC1155 = range(4)


def filled() -> ScriptedLog:
    return logs.fulfilled(
        seaport.V1_6,
        order_hash=ORDER,
        offerer=GALLERY,
        recipient=COLLECTOR,
        offer=[(ERC721, HOUSE, WORK, 1), (ERC1155, FOREIGN, 7, 5)],
        consideration=[
            ((COIN, ZERO_ADDRESS, 0, 90), GALLERY),
            ((CURRENCY, WETH, 0, UINT256_MAX), ARTIST),
        ],
    )


class TestFill:
    def test_has_every_item_with_its_receiver(self) -> None:
        assert seaport.fill(placed(filled())) == Fill(
            order_hash=ORDER,
            maker=GALLERY,
            taker=COLLECTOR,
            given=(Item(Kind.WORK, HOUSE, WORK, 1), Item(Kind.OTHER, FOREIGN, 7, 5)),
            received=(
                Item(Kind.COIN, ZERO_ADDRESS, 0, 90, GALLERY),
                Item(Kind.CURRENCY, WETH, 0, UINT256_MAX, ARTIST),
            ),
        )

    def test_of_nothing_for_nothing(self) -> None:
        nothing = logs.fulfilled(
            seaport.V1_6,
            order_hash=ORDER,
            offerer=GALLERY,
            recipient=COLLECTOR,
            offer=[],
            consideration=[],
        )

        assert seaport.fill(placed(nothing)) == Fill(ORDER, GALLERY, COLLECTOR, (), ())

    def test_an_item_of_an_unknown_type_is_no_work(self) -> None:
        strange = logs.fulfilled(
            seaport.V1_6,
            order_hash=ORDER,
            offerer=GALLERY,
            recipient=COLLECTOR,
            offer=[(255, HOUSE, WORK, 1)],
            consideration=[],
        )

        found = seaport.fill(placed(strange))

        assert found is not None
        assert found.given == (Item(Kind.OTHER, HOUSE, WORK, 1),)

    @pytest.mark.parametrize(
        ("at", "value"),
        [
            pytest.param(64, 2**256 - 32, id="a head that wraps round"),
            pytest.param(64, 2**255, id="a head far beyond"),
            pytest.param(96, 10_000, id="a head behind the end"),
            pytest.param(128, 2**256 - 1, id="a length that wraps round"),
            pytest.param(128, 100, id="more elements than there are"),
        ],
    )
    def test_what_points_outside_is_nothing(self, at: int, value: int) -> None:
        data = filled().data
        spoiled = data[:at] + logs.word(value) + data[at + 32 :]

        assert seaport.fill(placed(ScriptedLog(seaport.V1_6, filled().topics, spoiled))) is None

    def test_cut_anywhere_is_nothing_or_all_of_it(self) -> None:
        data, topics = filled().data, filled().topics

        cut = [
            seaport.fill(placed(ScriptedLog(seaport.V1_6, topics, data[:size])))
            for size in range(len(data))
        ]

        assert set(cut) == {None}

    def test_other_topics_are_nothing(self) -> None:
        fewer = ScriptedLog(seaport.V1_6, filled().topics[:2], filled().data)

        assert seaport.fill(placed(fewer)) is None
        assert seaport.fill(placed(logs.matched(seaport.V1_6, ORDER))) is None


class TestMatched:
    def test_names_the_orders(self) -> None:
        other = Digest(b"\x0e" * 32)

        assert seaport.matched(placed(logs.matched(seaport.V1_6, ORDER, other))) == (ORDER, other)

    def test_names_none_where_nothing_fits(self) -> None:
        cut = ScriptedLog(seaport.V1_6, (seaport.ORDERS_MATCHED,), encode(["uint256"], [32]))

        assert seaport.matched(placed(cut)) == ()
        assert seaport.matched(placed(filled())) == ()


words = st.integers(0, 12).map(lambda n: (32 * n).to_bytes(32, "big")) | st.binary(
    min_size=32, max_size=32
)
data = st.binary(max_size=900) | st.lists(words, max_size=24).map(b"".join)
topics = st.lists(st.sampled_from(seaport.TOPICS) | words, max_size=4).map(tuple)


class TestAnyBytes:
    @given(topics, data)
    def test_are_read_without_an_error(self, told: tuple[bytes, ...], body: bytes) -> None:
        move = Move(HOUSE, WORK, GALLERY, COLLECTOR, 3)
        log = placed(ScriptedLog(seaport.V1_6, told, body))

        assert len(seaport.sales([log, log], [move])) <= 1

    @given(data)
    def test_in_the_form_of_an_order_are_items_or_nothing(self, body: bytes) -> None:
        log = ScriptedLog(Address(bytes(20)), filled().topics, body)

        found = seaport.fill(placed(log))

        assert found is None or found.maker == GALLERY
