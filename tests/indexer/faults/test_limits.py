"""Faults 11, 12 and 22: limits on ranges and results, in anybody's words, and limits of rate."""

import threading
import time
from typing import Any

import pytest

from tests.indexer.faults.conftest import Scene
from tests.support.lying_node import covering
from tests.support.scripted_node import Fault, Refuse, refuse

pytestmark = pytest.mark.chain

WORDS = [
    ("block range too large", -32602),
    ("query returned more than 10000 results", -32005),
    ("eth_getLogs is limited to a 1000 blocks range", -32614),
    ("exceed maximum block range: 5000", -32000),
    ("Log response size exceeded. You can make eth_getLogs requests with up to a 2K range", -32602),
    ("please narrow down your request", -32099),
    ("das geht so nicht", 12345),
]


def wider_than(blocks: int) -> Any:
    """For ranges of more blocks than that."""

    def when(params: list[Any]) -> bool:
        query = params[0]
        if "blockHash" in query:
            return False
        return int(query["toBlock"], 16) - int(query["fromBlock"], 16) + 1 > blocks

    return when


def more_than(count: int, message: str) -> Fault:
    """Refuses an answer of more logs."""

    def fault(logs: list[Any]) -> list[Any]:
        if len(logs) > count:
            raise Refuse(message, code=-32005)
        return logs

    return fault


class TestRanges:
    @pytest.mark.parametrize(("words", "code"), WORDS)
    def test_fault_11_a_range_refused_in_any_words(
        self, scene: Scene, words: str, code: int
    ) -> None:
        scene.mint(4)
        lie = scene.liar.lie(
            "eth_getLogs", refuse(words, code=code), times=None, when=wider_than(2)
        )

        with scene.following():
            assert scene.becomes_true()

        assert lie.told > 0

    @pytest.mark.parametrize("status", [400, 413, 422])
    def test_fault_11_a_range_refused_by_a_bare_status(self, scene: Scene, status: int) -> None:
        scene.mint(4)
        lie = scene.liar.lie(
            "eth_getLogs", refuse("no", status=status), times=None, when=wider_than(2)
        )

        with scene.following():
            assert scene.becomes_true()

        assert lie.told > 0

    def test_fault_11_too_many_results(self, scene: Scene) -> None:
        scene.mint(6)
        asked = scene.liar.lie("eth_getLogs", more_than(3, "more than 3 results"), times=None)

        with scene.following():
            assert scene.becomes_true()

        assert asked.told > 1

    def test_fault_12_one_block_over_the_limit(self, scene: Scene) -> None:
        scene.mint(2)
        block = scene.mint_together(3)
        scene.mint()
        lie = scene.liar.lie(
            "eth_getLogs", more_than(3, "query returned more than 3 results"), times=None
        )

        with scene.following():
            assert scene.becomes_true()

        assert lie.told > 0
        assert [number for number, _ in scene.transfers()].count(block) == 3

    def test_fault_12_one_block_over_the_limit_at_the_head(self, scene: Scene) -> None:
        scene.mint()
        with scene.following():
            assert scene.reaches_head()
            asked = scene.liar.lie(
                "eth_getLogs", more_than(3, "query returned more than 3 results"), times=None
            )
            block = scene.mint_together(3)

            assert scene.becomes_true()

        assert asked.told > 0
        assert [number for number, _ in scene.transfers()].count(block) == 3

    def test_fault_09_every_seam_of_small_ranges(self, scene: Scene) -> None:
        scene.mint(3)
        scene.mint_together(2)
        scene.mint(3)
        scene.liar.lie("eth_getLogs", refuse("too large"), times=None, when=wider_than(1))

        with scene.following():
            assert scene.reaches_head()
            scene.mint(2)
            assert scene.becomes_true()

        assert len(scene.transfers()) == len(set(scene.transfers())) == 10

    def test_fault_09_from_backfill_to_the_head(self, scene: Scene) -> None:
        scene.mint(4)
        busy = threading.Event()

        def mines_meanwhile(logs: list[Any]) -> list[Any]:
            scene.mint()
            busy.set()
            return logs

        scene.liar.lie("eth_getLogs", mines_meanwhile, times=3)

        with scene.following():
            assert busy.wait(10)
            scene.mint()
            assert scene.becomes_true()


class TestRate:
    def test_fault_22_too_many_requests_is_not_too_much(self, scene: Scene) -> None:
        scene.mint(4)
        slow_down = refuse("too many requests", status=429, after=1)
        scene.liar.lie("eth_getLogs", slow_down)

        with scene.following():
            assert scene.becomes_true()

        ranges = [params[0] for name, params in scene.liar.asked if name == "eth_getLogs"]
        assert ranges[0] == ranges[1]

    def test_fault_22_nothing_is_asked_before_retry_after(self, scene: Scene) -> None:
        scene.mint()
        with scene.following():
            assert scene.reaches_head()
            refused_at: list[float] = []

            def slow_down(result: Any) -> Any:
                refused_at.append(time.monotonic())
                raise Refuse("slow down", status=429, after=1)

            def note(result: Any) -> Any:
                refused_at.append(time.monotonic())
                return result

            scene.liar.lie("eth_getLogs", slow_down)
            scene.liar.lie("eth_getLogs", note)  # The next, which may come before a mint ends.
            scene.mint()
            assert scene.becomes_true()

        assert refused_at[1] - refused_at[0] >= 0.9

    def test_fault_22_a_limit_told_within_an_answer(self, scene: Scene) -> None:
        scene.mint(3)
        limited = refuse("compute units per second exceeded", code=429)
        lie = scene.liar.lie("eth_getLogs", limited)

        with scene.following(*scene.urls):
            assert scene.becomes_true()

        assert lie.told == 1
        assert "node doubted" not in scene.events()

    def test_fault_10_cut_at_five_hundred_without_a_word(self, scene: Scene) -> None:
        market = scene.market
        first = scene.mint()[0]
        digests = [bytes([1 + number % 250]) * 32 for number in range(130)]
        for start in (1_000, 2_000):
            call = market.collection.mint_many(market.artist, first + start, digests, 300)
            market.send(market.artist, call)
        last = scene.head
        cap = scene.liar.lie(
            "eth_getLogs", lambda logs: logs[:500], times=None, when=covering(last)
        )

        with scene.following():
            assert scene.becomes_true()

        assert cap.told > 1
