"""Nodes that fail: every call ends by its deadline, and the next node is asked."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from nft.chain.client import Web3Chain
from nft.chain.errors import AnswerInconsistent, RateLimited
from nft.errors import ChainMismatch, ChainUnreachable
from tests.support.scripted_node import (
    ScriptedNode,
    cut,
    drip,
    refuse,
    serving,
)

DEADLINE = 0.6


@pytest.fixture
def node() -> Iterator[ScriptedNode]:
    with serving(ScriptedNode()) as made:
        made.mine_empty(3)
        yield made


@pytest.fixture
def spare() -> Iterator[ScriptedNode]:
    with serving(ScriptedNode()) as made:
        made.mine_empty(5)
        yield made


def chain(*nodes: ScriptedNode) -> Web3Chain:
    return Web3Chain(1, [node.url for node in nodes], deadline_seconds=DEADLINE)


def spent(asked: Any) -> float:
    started = time.monotonic()
    with pytest.raises(ChainUnreachable):
        asked()
    return time.monotonic() - started


class TestDeadline:
    def test_ends_a_call_that_is_never_answered(self, node: ScriptedNode) -> None:
        for_ever = threading.Event()
        node.fault("eth_getBlockByNumber", lambda result: for_ever.wait(10))

        assert spent(chain(node).head) < 3 * DEADLINE
        for_ever.set()

    def test_ends_an_answer_that_drips(self, node: ScriptedNode) -> None:
        node.fault("eth_getBlockByNumber", drip)

        assert spent(chain(node).head) < 3 * DEADLINE

    def test_nobody_there_is_told_at_once(self) -> None:
        nowhere = Web3Chain(1, ["http://127.0.0.1:1"], deadline_seconds=5)

        assert spent(nowhere.head) < 1

    def test_a_url_with_a_key_is_not_shown(self) -> None:
        secret = Web3Chain(1, ["http://127.0.0.1:1/v3/sesame"], deadline_seconds=1)

        with pytest.raises(ChainUnreachable) as caught:
            secret.head()

        assert "sesame" not in str(caught.value)


class TestFailover:
    @pytest.mark.parametrize(
        "fault", [cut, refuse("slow down", status=429), refuse("oops", status=503)]
    )
    def test_asks_the_next_node(self, node: ScriptedNode, spare: ScriptedNode, fault: Any) -> None:
        node.fault("eth_getBlockByNumber", fault)

        assert chain(node, spare).head().number == 5

    def test_a_node_of_another_chain_is_never_believed(self, spare: ScriptedNode) -> None:
        with serving(ScriptedNode(chain_id=5)) as impostor:
            assert chain(impostor, spare).head().number == 5
            assert impostor.asked == ["eth_chainId"]

    def test_the_failed_node_is_left_alone_for_a_while(
        self, node: ScriptedNode, spare: ScriptedNode
    ) -> None:
        node.fault("eth_getBlockByNumber", cut)
        both = chain(node, spare)
        both.head()
        node.asked.clear()

        assert both.head().number == 5
        assert node.asked == []

    def test_a_doubted_node_is_not_asked_next(
        self, node: ScriptedNode, spare: ScriptedNode
    ) -> None:
        both = chain(node, spare)
        first = both.head().number

        both.doubt("it said two things")

        assert (first, both.head().number) == (3, 5)


class TestAnswers:
    def test_only_a_node_of_another_chain(self) -> None:
        with serving(ScriptedNode(chain_id=5)) as impostor, pytest.raises(ChainMismatch):
            chain(impostor).head()

    def test_too_many_requests_without_a_spare(self, node: ScriptedNode) -> None:
        node.fault("eth_getBlockByNumber", refuse("too many requests", code=-32005))

        with pytest.raises(RateLimited):
            chain(node).head()

    def test_a_malformed_block(self, node: ScriptedNode) -> None:
        node.fault("eth_getBlockByNumber", lambda header: {**header, "hash": "0x12"})

        with pytest.raises(AnswerInconsistent):
            chain(node).head()

    def test_text_instead_of_a_block(self, node: ScriptedNode) -> None:
        node.fault("eth_getBlockByNumber", lambda header: "sorry")

        with pytest.raises(AnswerInconsistent):
            chain(node).head()

    def test_blocks_come_in_the_order_asked(self, node: ScriptedNode) -> None:
        found = chain(node).blocks([2, 9, "latest", 0])

        assert [block and block.number for block in found] == [2, None, 3, 0]
