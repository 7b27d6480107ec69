"""Faults 22, R1 and R2: connections refused, cut, stalled, dripped; batches torn."""

from collections.abc import Iterator
from typing import Any

import pytest

from api.local.processes import wait_until
from tests.indexer.faults.conftest import Scene
from tests.support.lying_node import lying
from tests.support.scripted_node import Fault, ScriptedNode, cut, refuse, serving
from tests.support.tcp_proxy import (
    TcpProxy,
    Wire,
    cuts,
    delays,
    drips,
    half_closes,
    shortens,
    stalls,
    wired,
)

pytestmark = pytest.mark.chain


@pytest.fixture
def wire(scene: Scene) -> Iterator[TcpProxy]:
    with wired(scene.node.rpc_url) as made:
        yield made


class TestNodeAway:
    def test_r1_refused_for_a_while(self, scene: Scene, wire: TcpProxy) -> None:
        scene.mint(2)
        with scene.following(wire.url):
            assert scene.reaches_head()
            wire.refuse()
            scene.mint(2)
            assert not scene.reaches_head(patience=0.5)
            before = scene.digest()
            wire.listen()

            assert scene.becomes_true()

        assert before != scene.digest()
        assert len(scene.transfers()) == len(set(scene.transfers())) == 4

    def test_r1_the_other_node_goes_on(self, scene: Scene, wire: TcpProxy) -> None:
        scene.mint(2)
        with scene.following(wire.url, scene.node.rpc_url):
            assert scene.reaches_head()
            wire.refuse()
            scene.mint(2)

            assert scene.becomes_true()

        assert scene.is_blamed(wire.url)

    def test_r2_accepted_and_never_answered(self, scene: Scene, wire: TcpProxy) -> None:
        scene.mint(2)
        wire.break_with(stalls, times=2)

        scene.catch_up([wire.url, scene.node.rpc_url], deadline_seconds=1)

        assert scene.becomes_true()
        assert scene.is_blamed(wire.url)

    def test_r2_and_nobody_else_to_ask(self, scene: Scene, wire: TcpProxy) -> None:
        scene.mint(2)
        scene.catch_up([wire.url])
        before = scene.digest()
        scene.mint()
        wire.break_with(stalls)

        with pytest.raises(Exception, match="did not answer"):
            scene.catch_up([wire.url], deadline_seconds=0.3)

        assert scene.digest() == before


class TestWire:
    @pytest.mark.parametrize(
        "broken", [cuts, shortens(0), shortens(40), shortens(700), half_closes(300)]
    )
    def test_fault_22_answers_cut_at_any_byte(
        self, scene: Scene, wire: TcpProxy, broken: Wire
    ) -> None:
        scene.mint(3)
        with scene.following(wire.url):
            assert scene.reaches_head()
            wire.break_with(broken, times=4)
            scene.mint(2)

            assert scene.becomes_true()

    def test_fault_22_half_an_answer_in_the_backfill(self, scene: Scene, wire: TcpProxy) -> None:
        scene.mint(5)
        wire.break_with(shortens(2_000), times=3)

        with scene.following(wire.url):
            assert scene.becomes_true()

    def test_fault_22_an_answer_that_drips_past_the_deadline(
        self, scene: Scene, wire: TcpProxy
    ) -> None:
        scene.mint(2)
        wire.break_with(drips)

        scene.catch_up([wire.url, scene.node.rpc_url], deadline_seconds=1)

        assert scene.becomes_true()

    def test_fault_22_slow_answers_are_waited_for(self, scene: Scene, wire: TcpProxy) -> None:
        scene.mint(2)
        with scene.following(wire.url):
            assert scene.reaches_head()
            wire.break_with(delays(0.2), times=5)
            scene.mint()

            assert scene.becomes_true()


class TestRefusals:
    @pytest.mark.parametrize(
        "fault", [refuse("oops", status=500), refuse("gateway", status=502), cut]
    )
    def test_fault_22_an_error_of_the_server(self, scene: Scene, fault: Fault) -> None:
        scene.mint(3)
        lie = scene.liar.lie("eth_getLogs", fault, times=3)

        with scene.following():
            assert scene.becomes_true()

        assert lie.told == 3

    def test_fault_22_a_batch_in_another_order(self, scene: Scene) -> None:
        scene.mint(3)
        scene.liar.is_reordering = True

        with scene.following():
            assert scene.reaches_head()
            scene.mint(2)
            assert scene.becomes_true()

        assert scene.liar.reordered > 0

    def test_fault_22_members_of_a_batch_left_out(self, scene: Scene) -> None:
        scene.mint(3)
        scene.liar.members_lost = 3

        with scene.following(*scene.urls):
            assert scene.becomes_true()

        assert scene.is_blamed(scene.liar.url)

    def test_r10_a_node_of_another_chain(self, scene: Scene) -> None:
        scene.mint(2)
        with serving(ScriptedNode(chain_id=5)) as foreign:
            foreign.mine_empty(500)

            with scene.following(foreign.url, scene.node.rpc_url):
                assert scene.becomes_true()

            assert set(foreign.asked) == {"eth_chainId"}
            assert scene.is_blamed(foreign.url)

    def test_r10_only_a_node_of_another_chain(self, scene: Scene) -> None:
        scene.mint(2)
        scene.catch_up([scene.node.rpc_url])
        before = scene.digest()
        with serving(ScriptedNode(chain_id=5)) as foreign, scene.following(foreign.url):
            assert wait_until(lambda: "indexer waits" in scene.events(), patience=10)

        assert scene.digest() == before
        assert scene.failures == []

    def test_r10_the_odd_one_out_of_three_is_named(self, scene: Scene) -> None:
        scene.mint(4)

        def of_another_fork(header: Any) -> Any:
            return {**header, "hash": "0x" + "66" * 32}

        with lying(scene.node.rpc_url) as other:
            by_height = scene.liar.lie(
                "eth_getBlockByNumber",
                of_another_fork,
                times=None,
                when=lambda params: params[0].startswith("0x"),
            )
            with scene.following(other.url, scene.liar.url, scene.node.rpc_url):
                assert scene.becomes_true()
                assert wait_until(lambda: "nodes disagree" in scene.events(), patience=10)

        assert by_height.told > 0
        assert scene.is_blamed(scene.liar.url)
        assert "mirror against the majority" not in scene.events()

    def test_r10_a_mirror_that_was_lied_to_hears_it_from_the_majority(self, scene: Scene) -> None:
        scene.mint(4)
        scene.catch_up([scene.node.rpc_url])
        with lying(scene.node.rpc_url) as other:
            for one in (scene.liar, other):
                one.lie(
                    "eth_getBlockByNumber",
                    lambda header: {**header, "hash": "0x" + "66" * 32},
                    times=None,
                    when=lambda params: params[0].startswith("0x"),
                )
            with scene.following(scene.node.rpc_url, scene.liar.url, other.url):
                assert wait_until(
                    lambda: "mirror against the majority" in scene.events(), patience=20
                )

        assert scene.retracts() == 0

    def test_two_liars_and_one_who_is_not(self, scene: Scene) -> None:
        scene.mint(4)
        with lying(scene.node.rpc_url) as other:
            for liar in (scene.liar, other):
                liar.lie("eth_getLogs", lambda logs: [{**logs[0], "blockHash": "0x" + "7" * 64}])
            urls = (scene.liar.url, other.url, scene.node.rpc_url)

            with scene.following(*urls):
                assert scene.becomes_true()

            assert scene.is_blamed(scene.liar.url)
