"""Nodes that fail: every call ends by its deadline, and the next node is asked."""

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from nft.chain import rpc
from nft.chain.client import Web3Chain
from nft.chain.errors import AnswerInconsistent, RateLimited
from nft.chain.transport import Transport
from nft.errors import ChainMismatch, ChainUnreachable
from tests.support.raw_server import answering
from tests.support.scripted_node import (
    Fault,
    ScriptedNode,
    cut,
    drip,
    refuse,
    serving,
)

DEADLINE = 0.6

CHAIN_ID = rpc.body([("eth_chainId", [])])
BLOCK_2 = rpc.body([("eth_getBlockByNumber", ["0x2", False])])


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


def waiting_at(barrier: threading.Barrier) -> Fault:
    def fault(result: Any) -> Any:
        barrier.wait()
        return result

    return fault


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
        "faults",
        [(cut, cut), (refuse("slow down", status=429),), (refuse("oops", status=503),)],
    )
    def test_asks_the_next_node(
        self, node: ScriptedNode, spare: ScriptedNode, faults: tuple[Fault, ...]
    ) -> None:
        node.fault("eth_getBlockByNumber", *faults)

        assert chain(node, spare).head().number == 5

    def test_a_node_of_another_chain_is_never_believed(self, spare: ScriptedNode) -> None:
        with serving(ScriptedNode(chain_id=5)) as impostor:
            assert chain(impostor, spare).head().number == 5
            assert impostor.asked == ["eth_chainId"]

    def test_the_failed_node_is_left_alone_for_a_while(
        self, node: ScriptedNode, spare: ScriptedNode
    ) -> None:
        node.fault("eth_getBlockByNumber", cut, cut)
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

    def test_a_connection_that_was_closed_is_opened_again(self, node: ScriptedNode) -> None:
        alone = chain(node)
        alone.head()
        node.fault("eth_getBlockByNumber", cut)

        assert alone.head().number == 3


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


class TestBytes:
    def test_come_as_the_node_sent_them(self, node: ScriptedNode) -> None:
        transport = Transport(1, [node.url], deadline_seconds=DEADLINE)
        body = rpc.body([("eth_chainId", []), ("eth_getBlockByNumber", ["0x2", False])])

        raw, endpoint = transport.ask_bytes(body, weight=2)

        told = json.loads(raw)
        assert [told[0]["result"], told[1]["result"]["number"]] == ["0x1", "0x2"]
        assert endpoint is transport.endpoints[0]

    def test_fail_over_like_any_call(self, node: ScriptedNode, spare: ScriptedNode) -> None:
        transport = Transport(1, [node.url, spare.url], deadline_seconds=DEADLINE)
        node.fault("eth_getBlockByNumber", cut, cut)

        _, endpoint = transport.ask_bytes(rpc.body([("eth_getBlockByNumber", ["0x2", False])]))

        assert endpoint is transport.endpoints[1]

    def test_one_range_stays_with_one_node(self, node: ScriptedNode, spare: ScriptedNode) -> None:
        transport = Transport(1, [node.url, spare.url], deadline_seconds=DEADLINE)
        transport.probe()
        chosen = transport.endpoints[1]

        answered = [transport.ask_bytes(CHAIN_ID, sticky=chosen)[1] for _ in range(3)]

        assert answered == [chosen] * 3

    def test_concurrent_calls_spread(self, node: ScriptedNode, spare: ScriptedNode) -> None:
        transport = Transport(1, [node.url, spare.url], deadline_seconds=5)
        transport.probe()
        both = threading.Barrier(2, timeout=5)
        node.fault("eth_getBlockByNumber", waiting_at(both))
        spare.fault("eth_getBlockByNumber", waiting_at(both))

        with ThreadPoolExecutor(2) as pool:
            asked = [pool.submit(transport.ask_bytes, BLOCK_2) for _ in range(2)]
            answered = {one.result()[1] for one in asked}

        assert answered == set(transport.endpoints)

    def test_a_portal_of_hypertext_is_no_answer(self) -> None:
        with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>") as server:
            transport = Transport(1, [server.url], deadline_seconds=DEADLINE)

            with pytest.raises(ChainUnreachable, match="not a JSON-RPC answer"):
                transport.ask_bytes(CHAIN_ID)
