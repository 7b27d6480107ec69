"""Fault 23, R11 and R12: killed at any point, and started twice."""

import signal

import pytest

from api.local.processes import wait_until
from tests.indexer.faults.conftest import Scene
from tests.support.follow import indexer

pytestmark = pytest.mark.chain


def dies_at(scene: Scene, statement: int) -> int | None:
    """How an indexer ended that kills itself before a statement, while blocks come."""
    with indexer(
        scene.deployment, scene.database_url, scene.liar.url, kill_after=statement
    ) as process:
        wait_until(lambda: process.exitcode is not None or not scene.mint(), patience=30)
        return process.exitcode


class TestKills:
    @pytest.mark.parametrize("statement", [6, 9, 12, 15])
    def test_fault_23_r11_between_rows_and_cursor(self, scene: Scene, statement: int) -> None:
        scene.mint(3)

        ended = dies_at(scene, statement)
        with scene.following():
            assert scene.becomes_true()

        assert ended == -signal.SIGKILL

    @pytest.mark.parametrize("statement", [7, 9])
    def test_fault_23_r11_during_a_rollback(self, scene: Scene, statement: int) -> None:
        scene.mint(4)
        scene.catch_up(scene.urls)
        scene.reorganise(3)
        scene.mint()

        ended = dies_at(scene, statement)
        with scene.following():
            assert scene.becomes_true()

        assert ended == -signal.SIGKILL


class TestTwo:
    def test_fault_23_r12_two_indexers_at_once(self, scene: Scene) -> None:
        scene.mint(2)

        with scene.following():
            assert scene.reaches_head()
            with scene.following():
                assert wait_until(
                    lambda: any("standing by" in event for event in scene.events()), patience=10
                )
                scene.mint(2)
                assert scene.becomes_true()

        assert len(scene.transfers()) == len(set(scene.transfers())) == 4
        assert scene.failures == []
