"""Faults 13 to 15 and 25: heads that go back and forth, are null, silent or old."""

from typing import Any

import pytest

from api.local.processes import wait_until
from tests.indexer.faults.conftest import Scene
from tests.support.lying_node import at
from tests.support.scripted_node import Fault, null

pytestmark = pytest.mark.chain


def heights_while(scene: Scene, blocks: int) -> list[int]:
    """What a reader sees of the cursor while blocks come one by one."""
    seen: list[int] = []

    def look() -> bool:
        cursor = scene.cursor
        seen.append(-1 if cursor is None else cursor.number)
        return scene.is_at_head()

    for _ in range(blocks):
        scene.mint()
        assert wait_until(look, patience=20)
    return seen


def older_by(scene: Scene, blocks: int) -> Fault:
    """Another header than the newest."""
    return lambda header: scene.header(int(header["number"], 16) - blocks)


def honest_first(fault: Fault, every: int) -> Fault:
    """The truth, but every so often."""
    calls = [0]

    def told(result: Any) -> Any:
        calls[0] += 1
        return fault(result) if calls[0] % every == 0 else result

    return told


class TestHeadsGoingBack:
    def test_fault_13_r3_a_head_that_goes_back_and_forth(self, scene: Scene) -> None:
        scene.mint(3)
        wavering = honest_first(older_by(scene, 2), every=2)
        lie = scene.liar.lie("eth_getBlockByNumber", wavering, times=None, when=at("latest"))

        with scene.following():
            seen = heights_while(scene, 4)
            assert scene.becomes_true()

        assert lie.told >= 2
        assert seen == sorted(seen)
        assert scene.retracts() == 0

    def test_fault_13_r3_a_node_fifty_blocks_behind(self, scene: Scene) -> None:
        scene.node.mine(60)
        scene.mint(3)
        with scene.following(*scene.urls):
            assert scene.reaches_head()
            scene.liar.behind = 50
            seen = heights_while(scene, 3)
            assert scene.becomes_true()

        assert seen == sorted(seen)
        assert len(set(scene.transfers())) == len(scene.transfers()) == 6
        assert scene.retracts() == 0

    def test_fault_13_the_only_node_falls_behind_and_comes_back(self, scene: Scene) -> None:
        scene.mint(5)
        with scene.following():
            assert scene.reaches_head()
            scene.liar.behind = 3
            scene.mint()
            scene.liar.behind = 0

            assert scene.becomes_true()

        assert scene.retracts() == 0


class TestNullBlocks:
    def test_fault_14_the_block_just_announced_is_null(self, scene: Scene) -> None:
        scene.mint(2)
        with scene.following():
            assert scene.reaches_head()
            lie = scene.liar.lie("eth_getBlockByNumber", null, times=3, when=at(scene.head + 2))
            scene.node.mine()
            scene.mint()

            assert scene.becomes_true()

        assert lie.told <= 3

    def test_fault_14_the_newest_block_is_null(self, scene: Scene) -> None:
        scene.mint(2)
        with scene.following():
            assert scene.reaches_head()
            lie = scene.liar.lie("eth_getBlockByNumber", null, times=3, when=at("latest"))
            scene.mint()

            # What is pushed over the socket may carry the mirror on before anybody asks.
            assert wait_until(lambda: lie.told >= 1, patience=30)
            assert scene.becomes_true()

    def test_fault_14_r10_a_header_with_another_parent(self, scene: Scene) -> None:
        scene.mint(2)
        scene.catch_up(scene.urls)
        scene.mint(3)
        number = scene.head - 1

        def orphaned(header: Any) -> Any:
            return {**header, "parentHash": "0x" + "55" * 32}

        scene.liar.lie("eth_getBlockByNumber", orphaned, times=2, when=at(number))

        with scene.following(*scene.urls):
            assert scene.becomes_true()

        assert scene.retracts() == 0


class TestSilence:
    def test_fault_15_a_socket_that_stays_open_and_says_nothing(self, scene: Scene) -> None:
        scene.mint()
        with scene.following():
            assert scene.reaches_head()
            scene.liar.is_mute = True
            scene.mint()

            assert scene.becomes_true()

    def test_fault_15_heads_are_skipped(self, scene: Scene) -> None:
        scene.mint()
        with scene.following():
            assert scene.reaches_head()
            scene.liar.is_mute = True
            scene.mint(2)
            scene.liar.is_mute = False
            scene.mint()

            assert scene.becomes_true()

    def test_fault_15_sockets_are_refused(self, scene: Scene) -> None:
        scene.liar.has_sockets = False
        scene.mint()

        with scene.following():
            assert scene.reaches_head()
            scene.mint()
            assert scene.becomes_true()


class TestTime:
    def test_r17_blocks_of_one_second_and_of_the_future(self, scene: Scene) -> None:
        scene.node.call("anvil_setBlockTimestampInterval", 0)
        first, second = scene.mint(2)
        scene.node.call("anvil_removeBlockTimestampInterval")
        scene.node.call("evm_setNextBlockTimestamp", 4_000_000_000)
        scene.gift(first)
        scene.gift(second)

        with scene.following():
            assert scene.becomes_true()

        assert [block for block, _ in scene.transfers()] == sorted(
            block for block, _ in scene.transfers()
        )
        assert set(scene.owners().values()) == {scene.market.collector}

    def test_fault_25_how_far_behind_is_said(self, scene: Scene) -> None:
        scene.mint()
        with scene.following():
            assert scene.reaches_head()
            scene.liar.lie("eth_getLogs", null, times=None)
            scene.liar.lie("eth_getBlockReceipts", null, times=None)
            scene.mint(3)

            assert wait_until(lambda: bool(scene.health().get("trouble")), patience=10)
            behind = scene.health()
            scene.liar.repent()
            assert scene.becomes_true()
            assert wait_until(lambda: scene.health()["trouble"] is None, patience=10)

        assert behind["endpoints"][0]["name"] == scene.liar.url.removeprefix("http://")
        assert behind["endpoints"][0]["doubts"] > 0
        assert behind["head"]["number"] > scene.head - 3
