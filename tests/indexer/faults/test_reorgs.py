"""Faults 5, 6, 16 to 19 and 21, R4 to R6: branches that fall, and nodes that hold on to them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import text

from api.local.processes import wait_until
from indexer.facts import COLLECTIONS, CURSORS, SALES
from indexer.mirror import ReorgBelowFinality
from indexer.run import connected
from tests.indexer.faults.conftest import Scene
from tests.support.scripted_node import empty, refuse

pytestmark = pytest.mark.chain

MIXTURES = text(
    """
    select count(*) from chain_transfers as fact
    where not exists (
        select from chain_blocks as block
        where block.chain_id = fact.chain_id and block.number = fact.block_number
    ) or fact.block_number > (
        select block_number from chain_cursors where chain_id = fact.chain_id
    )
    """
)


@contextmanager
def watched(scene: Scene) -> Iterator[list[int]]:
    """A reader that looks all the time for facts without a block, or above the cursor."""
    stop, found = threading.Event(), []

    def look() -> None:
        with connected(scene.database_url) as connection:
            while not stop.wait(0.002):
                with connection.begin():
                    found.append(connection.execute(MIXTURES).scalar_one())

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield found
    finally:
        stop.set()
        thread.join(10)


class TestBranches:
    @pytest.mark.parametrize("depth", [1, 7, 30])
    def test_r4_the_winning_branch_is_mirrored(self, scene: Scene, depth: int) -> None:
        scene.mint(2)
        scene.mint(min(depth, 7))
        scene.node.mine(max(1, depth - 7))
        with scene.following(), watched(scene) as mixtures:
            assert scene.reaches_head()
            scene.reorganise(depth)
            scene.mint()

            assert scene.becomes_true()

        assert set(mixtures) == {0}

    @pytest.mark.long
    def test_r4_sixty_four_deep_on_a_local_chain(self, local_scene: Scene) -> None:
        local_scene.mint(70)
        with local_scene.following():
            assert local_scene.reaches_head()
            local_scene.reorganise(64)

            assert local_scene.becomes_true()

    def test_fault_17_onto_blocks_that_are_empty_where_ours_were_not(self, scene: Scene) -> None:
        scene.mint(4)
        with scene.following():
            assert scene.reaches_head()
            scene.reorganise(3)

            assert scene.becomes_true()

        assert scene.retracts() > 0
        assert len(scene.owners()) == 1

    def test_fault_17_onto_a_block_with_our_event_where_ours_was_empty(self, scene: Scene) -> None:
        scene.mint()
        snapshot = scene.node.call("evm_snapshot")
        scene.node.mine(2)
        with scene.following():
            assert scene.reaches_head()
            scene.node.call("evm_revert", snapshot)
            scene.mint(2)

            assert scene.becomes_true()

        assert len(scene.owners()) == 3

    def test_fault_17_onto_a_branch_that_is_shorter(self, local_scene: Scene) -> None:
        local_scene.mint(5)
        with local_scene.following():
            assert local_scene.reaches_head()
            local_scene.node.call("anvil_rollback", 3)
            local_scene.market.serial = 50
            local_scene.mint()

            assert local_scene.becomes_true()

        assert len(local_scene.owners()) == 3

    def test_fault_16_the_same_transaction_in_another_block(self, scene: Scene) -> None:
        token = scene.mint()[0]
        snapshot = scene.node.call("evm_snapshot")
        scene.gift(token)
        with scene.following():
            assert scene.reaches_head()
            first = scene.transfers()
            scene.node.call("evm_revert", snapshot)
            scene.node.mine(2)
            scene.gift(token)

            assert scene.becomes_true()

        assert scene.transfers()[-1][0] == first[-1][0] + 2
        assert scene.told()[-4:] == ["minted", "transferred", "retracted", "transferred"]

    def test_r5_a_sale_in_the_branch_that_fell_is_retracted(self, scene: Scene) -> None:
        market = scene.market
        token = scene.mint()[0]
        snapshot = scene.node.call("evm_snapshot")
        market.sell(market.artist, market.collector, token)
        with scene.following():
            assert scene.reaches_head()
            assert len(scene.rows(SALES)) == 1
            scene.node.call("evm_revert", snapshot)
            scene.node.mine(3)

            assert scene.becomes_true()

        assert scene.rows(SALES) == []
        assert scene.owners() == {token: market.artist}
        assert "retracted" in scene.told()

    def test_fault_21_a_collection_of_the_branch_that_fell(self, scene: Scene) -> None:
        market = scene.market
        scene.mint()
        snapshot = scene.node.call("evm_snapshot")
        market.create_collection(market.gallery)
        with scene.following():
            assert scene.reaches_head()
            before = len(scene.rows(COLLECTIONS))
            scene.node.call("evm_revert", snapshot)
            scene.mint(2)

            assert scene.becomes_true()

        assert (before, len(scene.rows(COLLECTIONS))) == (1, 0)

    def test_fault_18_the_chain_turns_again_while_it_is_read(self, scene: Scene) -> None:
        scene.mint(5)
        scene.catch_up(scene.urls)
        scene.reorganise(3)

        has_turned = threading.Event()

        def turning(logs: list[Any]) -> list[Any]:
            scene.reorganise(2)
            has_turned.set()
            return logs

        lie = scene.liar.lie("eth_getLogs", turning)

        with scene.following(), watched(scene) as mixtures:
            assert has_turned.wait(20)  # Else the work is minted into a block that falls.
            scene.mint()
            assert scene.becomes_true()

        assert lie.told == 1
        assert set(mixtures) == {0}

    def test_fault_18_a_replacement_that_cannot_be_read_leaves_the_old_branch(
        self, scene: Scene
    ) -> None:
        scene.mint(5)
        scene.catch_up(scene.urls)
        before = scene.digest()
        scene.reorganise(3)
        scene.mint(2)
        scene.liar.lie("eth_getLogs", refuse("oops", status=500), times=None)

        with scene.following():
            assert not scene.reaches_head(patience=0.7)
            assert scene.digest() == before
            scene.liar.repent()

            assert scene.becomes_true()


class TestLosingForks:
    def test_fault_06_logs_of_the_branch_that_fell(self, scene: Scene) -> None:
        scene.mint(4)
        scene.catch_up(scene.urls)
        span = {"fromBlock": hex(scene.head - 2), "toBlock": hex(scene.head)}
        fallen = scene.liar.real("eth_getLogs", [span])
        scene.reorganise(3)
        scene.mint()
        lie = scene.liar.lie("eth_getLogs", lambda logs: fallen, times=2)

        with scene.following():
            assert scene.becomes_true()

        assert lie.told > 0
        assert scene.is_blamed(scene.liar.url)

    def test_fault_05_an_unknown_hash_answered_with_nothing(self, scene: Scene) -> None:
        scene.mint(2)
        with scene.following():
            assert scene.reaches_head()
            logs = scene.liar.lie("eth_getLogs", empty, times=2)
            receipts = scene.liar.lie("eth_getBlockReceipts", empty, times=2)
            scene.reorganise(1)
            scene.mint()

            assert scene.becomes_true()

        assert logs.told + receipts.told > 0

    def test_fault_06_a_node_that_stays_on_the_losing_fork(self, scene: Scene) -> None:
        scene.mint(4)
        with scene.following(*scene.urls):
            assert scene.reaches_head()
            losing = scene.header("latest")
            scene.reorganise(2)
            lie = scene.liar.lie(
                "eth_getBlockByNumber",
                lambda header: losing,
                times=6,
                when=lambda params: params[0] == "latest",
            )
            scene.mint(2)
            # Only the socket may have carried the mirror on, whose heads are the real node's.
            assert scene.becomes_true()
            assert wait_until(lambda: lie.told > 0, patience=30)
            assert scene.is_at_head()


class TestBelowFinality:
    def test_fault_19_r6_stops_and_deletes_nothing(self, final_scene: Scene) -> None:
        final_scene.mint(6)
        with final_scene.following():
            assert final_scene.reaches_head()
            before = final_scene.digest()
            final_scene.reorganise(5)
            final_scene.mint()

            assert wait_until(lambda: bool(final_scene.failures), patience=20)

        assert isinstance(final_scene.failures[0], ReorgBelowFinality)
        assert final_scene.digest() == before
        assert final_scene.retracts() == 0

    def test_fault_19_r6_and_stops_again_when_it_is_started_again(self, final_scene: Scene) -> None:
        final_scene.mint(6)
        final_scene.catch_up([final_scene.node.rpc_url])
        before = final_scene.digest()
        final_scene.reorganise(5)
        final_scene.mint()

        with final_scene.following():
            assert wait_until(lambda: len(final_scene.failures) == 1, patience=20)
        with final_scene.following():
            assert wait_until(lambda: len(final_scene.failures) == 2, patience=20)

        assert {type(one) for one in final_scene.failures} == {ReorgBelowFinality}
        assert final_scene.rows(CURSORS, "halted") == [str(final_scene.failures[1])]
        assert final_scene.digest() == before
        assert final_scene.retracts() == 0

    def test_fault_19_a_development_node_that_begins_again(self, local_scene: Scene) -> None:
        local_scene.mint(2)
        with local_scene.following():
            assert local_scene.reaches_head()
            before = local_scene.digest()
            local_scene.node.call("anvil_reset")
            local_scene.node.mine(3)

            assert wait_until(lambda: bool(local_scene.failures), patience=20)

        assert isinstance(local_scene.failures[0], ReorgBelowFinality)
        assert local_scene.digest() == before
