"""Faults 1 to 4, 10 and 20: nodes that tell less than there is, and call it all."""

from typing import Any

import pytest

from tests.indexer.faults.conftest import Scene
from tests.support.lying_node import covering
from tests.support.scripted_node import Fault, empty, null, refuse

pytestmark = pytest.mark.chain


def half(logs: list[Any]) -> list[Any]:
    return logs[: len(logs) // 2]


def without_one(logs: list[Any]) -> list[Any]:
    return logs[:1] + logs[2:]


def without_the_last(logs: list[Any]) -> list[Any]:
    return logs[:-1]


def capped(size: int) -> Fault:
    return lambda logs: logs[:size]


def receipts_without_one(receipts: list[Any]) -> list[Any]:
    """The receipts hide the same log."""
    first, *others = receipts
    return [{**first, "logs": first["logs"][1:]}, *others]


class TestShortAtTheHead:
    def test_fault_01_a_range_past_the_nodes_head_is_empty(self, scene: Scene) -> None:
        scene.mint(2)
        scene.catch_up(scene.urls)
        scene.mint(3)
        lie = scene.liar.lie("eth_getLogs", empty, times=2, when=covering(scene.head))

        with scene.following():
            assert scene.becomes_true()

        assert lie.told > 0

    def test_fault_01_nodes_behind_a_balancer_at_different_heights(self, scene: Scene) -> None:
        scene.mint(4)
        scene.catch_up(scene.urls)
        scene.mint(4)
        scene.liar.behind = 3

        with scene.following(*scene.urls):
            assert scene.becomes_true()

        assert scene.retracts() == 0

    def test_fault_02_r7_no_logs_at_the_head_though_its_bloom_has_them(self, scene: Scene) -> None:
        scene.mint()
        with scene.following():
            assert scene.reaches_head()
            lie = scene.liar.lie("eth_getLogs", empty, times=3)
            scene.mint()

            assert scene.becomes_true()

        assert lie.told > 0

    def test_fault_02_neither_logs_nor_receipts_for_a_while(self, scene: Scene) -> None:
        scene.mint()
        with scene.following(*scene.urls):
            assert scene.reaches_head()
            scene.liar.lie("eth_getLogs", empty, times=2)
            scene.liar.lie("eth_getBlockReceipts", empty, times=2)
            scene.mint()

            assert scene.becomes_true()

        assert scene.is_blamed(scene.liar.url)


class TestShortInHistory:
    @pytest.mark.parametrize("fault", [empty, half, without_one, without_the_last])
    def test_fault_03_settled_blocks_answered_short_once(self, scene: Scene, fault: Fault) -> None:
        scene.mint(6)
        lie = scene.liar.lie("eth_getLogs", fault)

        with scene.following(*scene.urls):
            assert scene.becomes_true()

        assert lie.told == 1

    def test_fault_04_one_log_left_out(self, scene: Scene) -> None:
        scene.mint(2)
        block = scene.mint_together(3)
        lie = scene.liar.lie("eth_getLogs", without_one, when=covering(block))

        with scene.following(*scene.urls):
            assert scene.becomes_true()

        assert lie.told == 1
        assert scene.is_blamed(scene.liar.url)

    def test_fault_04_one_log_left_out_at_the_head(self, scene: Scene) -> None:
        scene.mint(2)
        with scene.following(scene.liar.url):
            assert scene.reaches_head()
            lie = scene.liar.lie("eth_getLogs", without_one)
            scene.mint_together(3)

            assert scene.becomes_true()

        assert lie.told == 1
        assert scene.is_blamed(scene.liar.url)

    def test_fault_04_the_last_log_left_out_which_no_later_transfer_reveals(
        self, scene: Scene
    ) -> None:
        token = scene.mint(2)[0]
        scene.market.together(
            (
                scene.market.artist,
                scene.market.collection.set_approval_for_all(scene.market.gallery, True),
            ),
            (
                scene.market.artist,
                scene.market.collection.transfer(
                    scene.market.artist, scene.market.collector, token
                ),
            ),
        )
        lie = scene.liar.lie("eth_getLogs", without_the_last, when=covering(scene.head))

        with scene.following(*scene.urls):
            assert scene.becomes_true()

        assert lie.told == 1
        assert scene.owners()[token] == scene.market.collector

    def test_fault_04_receipts_that_hide_it_too(self, scene: Scene) -> None:
        scene.mint(2)
        block = scene.mint_together(3)
        logs = scene.liar.lie("eth_getLogs", without_one, times=None, when=covering(block))
        scene.liar.lie("eth_getBlockReceipts", receipts_without_one, times=None)

        with scene.following(*scene.urls):
            assert scene.becomes_true()

        assert logs.told > 0

        assert scene.is_blamed(scene.liar.url)

    def test_fault_10_cut_at_a_round_number_without_a_word(self, scene: Scene) -> None:
        scene.mint(8)
        lie = scene.liar.lie("eth_getLogs", capped(10))

        with scene.following(*scene.urls):
            assert scene.becomes_true()

        assert lie.told == 1

    def test_fault_10_cut_always_by_the_only_node(self, scene: Scene) -> None:
        scene.mint(8)
        lie = scene.liar.lie("eth_getLogs", capped(10), times=None)

        with scene.following():
            assert scene.becomes_true()

        assert lie.told > 0


class TestPrunedHistory:
    def test_fault_20_r9_nothing_falls_that_cannot_be_read_again(self, scene: Scene) -> None:
        scene.mint(5)
        scene.catch_up(scene.urls)
        before = scene.digest()
        scene.reorganise(3)
        scene.mint(2)
        scene.liar.lie("eth_getLogs", empty, times=None)
        scene.liar.lie("eth_getBlockReceipts", null, times=None)

        with scene.following():
            assert not scene.reaches_head(patience=0.7)
            assert scene.digest() == before
            assert scene.retracts() == 0
            scene.liar.repent()

            assert scene.becomes_true()

    @pytest.mark.parametrize(
        ("logs", "receipts"),
        [
            (empty, null),
            (empty, empty),
            (refuse("pruned history unavailable", code=4444), null),
            (refuse("missing trie node"), refuse("header not found")),
        ],
        ids=["silently", "with empty receipts", "and says so", "in other words"],
    )
    def test_fault_20_r9_a_history_that_one_node_pruned_is_read_from_another(
        self, scene: Scene, logs: Fault, receipts: Fault
    ) -> None:
        scene.mint(4)
        old = covering(*range(scene.head - 1))
        lie = scene.liar.lie("eth_getLogs", logs, times=None, when=old)
        scene.liar.lie("eth_getBlockReceipts", receipts, times=None)

        with scene.following(*scene.urls):
            assert scene.becomes_true()

        assert lie.told > 0
        assert len(scene.transfers()) == 4

    def test_fault_20_r9_a_pruned_node_does_not_empty_an_old_range(self, scene: Scene) -> None:
        scene.mint(4)
        scene.catch_up(scene.urls)
        rows = scene.transfers()
        scene.liar.lie("eth_getLogs", empty, times=None, when=covering(*range(scene.head)))

        with scene.following():
            scene.mint()
            assert scene.becomes_true()

        assert scene.transfers()[: len(rows)] == rows
