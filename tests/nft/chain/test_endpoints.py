"""Many nodes of one chain: spread, benched, limited, quarantined, and how that is told."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from api.local.processes import wait_until
from nft.chain import rpc
from nft.chain.endpoints import EndpointHealth, Limits, retry_seconds
from nft.chain.errors import RangeRefused, RateLimited
from nft.chain.transport import Transport
from nft.errors import ChainMismatch, ChainUnreachable
from tests.support.lying_node import LyingNode, lying
from tests.support.scripted_node import ScriptedNode, cut, refuse, serving

LATEST = ("eth_getBlockByNumber", ["latest", False])
CHAIN_ID = rpc.body([("eth_chainId", [])])


@pytest.fixture
def nodes() -> Iterator[list[ScriptedNode]]:
    """Three that agree on four blocks."""
    with (
        serving(ScriptedNode()) as first,
        serving(ScriptedNode()) as second,
        serving(ScriptedNode()) as third,
    ):
        made = [first, second, third]
        for node in made:
            node.mine_empty(4)
        yield made


def over(*nodes: ScriptedNode | LyingNode, **limits: Any) -> Transport:
    return Transport(1, [node.url for node in nodes], deadline_seconds=2, limits=Limits(**limits))


def height(transport: Transport) -> int:
    return int(transport.ask(LATEST)[0]["result"]["number"], 16)


def states(transport: Transport) -> list[str]:
    return [one.state for one in transport.health()]


class TestQuorum:
    def test_a_majority_decides(self, nodes: list[ScriptedNode]) -> None:
        verdict = over(*nodes).quorum(3)

        assert verdict.is_decided
        assert str(verdict.block_hash) == nodes[0].blocks[3].hash
        assert verdict.odd == ()

    def test_the_odd_one_out_is_named_and_benched(self, nodes: list[ScriptedNode]) -> None:
        nodes[0].drop(2)
        nodes[0].mine_empty(2, label="b")
        transport = over(*nodes)

        verdict = transport.quorum(3)

        assert verdict.odd == (transport.endpoints[0],)
        assert transport.endpoints[0].name in verdict.said
        assert states(transport) == ["benched", "healthy", "healthy"]
        assert transport.health()[0].doubts_by_reason == {
            "another hash for block # than the majority": 1
        }

    def test_a_tie_decides_nothing_and_says_so(self, nodes: list[ScriptedNode]) -> None:
        nodes[0].drop(2)
        nodes[0].mine_empty(2, label="b")
        transport = over(*nodes[:2])

        verdict = transport.quorum(3)

        assert not verdict.is_decided
        assert verdict.said.startswith("no majority on block 3")
        assert states(transport) == ["healthy", "healthy"]

    def test_one_voice_is_no_majority(self, nodes: list[ScriptedNode]) -> None:
        verdict = over(nodes[0]).quorum(3)

        assert not verdict.is_decided
        assert nodes[0].url.removeprefix("http://") in verdict.said

    def test_who_lacks_the_block_or_is_silent_abstains(self, nodes: list[ScriptedNode]) -> None:
        nodes[0].drop(2)
        nodes[1].fault("eth_getBlockByNumber", refuse("oops", status=500))
        transport = over(*nodes)

        verdict = transport.quorum(4)

        assert not verdict.is_decided
        assert verdict.silent == (transport.endpoints[0], transport.endpoints[1])

    def test_two_against_one_silent(self, nodes: list[ScriptedNode]) -> None:
        nodes[0].drop(2)

        assert over(*nodes).quorum(4).is_decided


class TestHeights:
    def test_a_node_far_behind_is_not_used_for_the_head(self, nodes: list[ScriptedNode]) -> None:
        nodes[1].mine_empty(10)
        transport = over(*nodes[:2])
        transport.probe()

        assert height(transport) == 14
        assert [one.lag_blocks for one in transport.health()] == [10, 0]

    def test_a_node_a_little_behind_is_not_believed_before_who_is_further(
        self, nodes: list[ScriptedNode]
    ) -> None:
        nodes[1].mine_empty(2)
        transport = over(*nodes[:2])
        transport.probe()

        assert [height(transport) for _ in range(3)] == [6, 6, 6]
        assert states(transport) == ["healthy", "healthy"]

    def test_a_node_a_little_behind_is_where_who_is_further_fell_silent(
        self, nodes: list[ScriptedNode]
    ) -> None:
        nodes[1].mine_empty(2)
        transport = over(*nodes[:2])
        transport.probe()
        nodes[1].fault("eth_getBlockByNumber", cut, cut)
        height(transport)
        asked = transport.health()[1].requests

        assert [height(transport) for _ in range(3)] == [4, 4, 4]
        assert transport.health()[1].requests == asked  # Benched: it is not waited for.

    def test_where_all_are_behind_a_height_that_was_made_up(
        self, nodes: list[ScriptedNode]
    ) -> None:
        transport = over(*nodes)
        transport.probe()
        transport.saw_head(transport.endpoints[2].name, 10**9)
        nodes[2].fault("eth_getBlockByNumber", cut, cut)

        assert height(transport) == 4


class TestLies:
    def test_a_proven_lie_is_quarantine(self, nodes: list[ScriptedNode]) -> None:
        transport = over(*nodes[:2])
        transport.probe()
        transport.prove_lie(transport.endpoints[0], "its logs are not in the receipts")
        nodes[0].asked.clear()

        transport.ask(LATEST)
        transport.probe()

        assert nodes[0].asked.count("eth_getBlockByNumber") == 1  # The probe alone.
        assert states(transport) == ["quarantined", "healthy"]
        assert transport.health()[0].lies == 1
        assert transport.health()[0].last_error == "its logs are not in the receipts"

    def test_a_quarantine_ends(self, nodes: list[ScriptedNode]) -> None:
        transport = over(*nodes[:2], quarantine_seconds=0.05)
        transport.prove_lie(transport.endpoints[0], "a lie")

        assert wait_until(lambda: states(transport)[0] == "healthy", patience=5)

    def test_with_everybody_in_quarantine_nobody_is_believed(
        self, nodes: list[ScriptedNode]
    ) -> None:
        transport = over(*nodes[:2])
        for endpoint in transport.endpoints:
            transport.prove_lie(endpoint, "a lie")

        with pytest.raises(ChainUnreachable, match="quarantine"):
            transport.ask(LATEST)

    def test_the_only_node_is_asked_again(self, nodes: list[ScriptedNode]) -> None:
        transport = over(nodes[0])
        transport.prove_lie(transport.endpoints[0], "a lie")

        assert height(transport) == 4

    def test_a_doubt_blames_who_answered_this_thread(self, nodes: list[ScriptedNode]) -> None:
        transport = over(*nodes[:2])
        transport.probe()
        transport.ask_bytes(CHAIN_ID, sticky=transport.endpoints[1])
        other = threading.Thread(target=lambda: transport.ask_bytes(CHAIN_ID))
        other.start()
        other.join()

        transport.doubt("two logs 3 in block 77")

        assert [one.doubts for one in transport.health()] == [0, 1]
        assert transport.health()[1].doubts_by_reason == {"two logs # in block #": 1}

    def test_reasons_do_not_grow_without_end(self, nodes: list[ScriptedNode]) -> None:
        transport = over(nodes[0])
        for letter in map(chr, range(0x4E00, 0x4E00 + 80)):
            transport.doubt(letter)

        assert len(transport.health()[0].doubts_by_reason) == 51
        assert transport.health()[0].doubts == 80


class TestBench:
    def test_grows_with_each_failure(self, nodes: list[ScriptedNode]) -> None:
        transport = over(*nodes[:2], bench_seconds=1, longest_bench_seconds=3)
        endpoint = transport.endpoints[0]

        benches = [bench_after_failure(transport, nodes[0]) for _ in range(3)]

        assert [round(bench) for bench in benches] == [1, 2, 3]
        assert endpoint.failed == 3

    def test_ends_at_once_when_the_node_answers_a_probe(self, nodes: list[ScriptedNode]) -> None:
        transport = over(*nodes[:2], bench_seconds=60)
        bench_after_failure(transport, nodes[0])

        transport.probe()
        nodes[0].asked.clear()

        # Of two that are well the quicker one is asked, which may be the other for a while.
        assert wait_until(
            lambda: bool(transport.ask(LATEST)) and "eth_getBlockByNumber" in nodes[0].asked,
            patience=10,
        )
        assert states(transport) == ["healthy", "healthy"]

    def test_over_it_the_node_is_probed_while_others_answer(
        self, nodes: list[ScriptedNode]
    ) -> None:
        transport = over(*nodes[:2], bench_seconds=0.01)
        bench_after_failure(transport, nodes[0])

        assert wait_until(
            lambda: bool(transport.ask(LATEST)) and transport.endpoints[0].is_proven, patience=5
        )

    def test_a_node_that_hangs_costs_a_caller_nothing_while_it_is_probed(
        self, nodes: list[ScriptedNode]
    ) -> None:
        transport = over(*nodes[:2], bench_seconds=0.01)
        bench_after_failure(transport, nodes[0])
        for_ever = threading.Event()
        nodes[0].fault("eth_chainId", lambda result: for_ever.wait(5))
        started = time.monotonic()

        asked = [height(transport) for _ in range(20)]
        took = time.monotonic() - started
        for_ever.set()

        assert asked == [4] * 20
        assert took < 1

    def test_of_another_chain_and_of_ours_again(self, nodes: list[ScriptedNode]) -> None:
        nodes[0].chain_id = 5
        transport = over(*nodes[:2])
        transport.ask(LATEST)
        before = states(transport)
        nodes[0].chain_id = 1

        transport.probe()

        assert before == ["wrong_chain", "healthy"]
        assert states(transport) == ["healthy", "healthy"]

    def test_another_chain_after_a_failure_is_noticed(self, nodes: list[ScriptedNode]) -> None:
        transport = over(nodes[0])
        transport.ask(LATEST)
        nodes[0].fault("eth_getBlockByNumber", cut, cut)
        with pytest.raises(ChainUnreachable):
            transport.ask(LATEST)
        nodes[0].chain_id = 5

        with pytest.raises(ChainMismatch):
            transport.ask(LATEST)


def bench_after_failure(transport: Transport, node: ScriptedNode) -> float:
    """Fail the first node once more; for how long it is benched then."""
    endpoint = transport.endpoints[0]
    endpoint.benched_until, endpoint.is_proven = 0.0, True
    node.fault("eth_getBlockByNumber", cut, cut)
    transport.ask_bytes(rpc.body([LATEST]), sticky=endpoint)
    return endpoint.benched(time.monotonic())


class TestRate:
    def test_nothing_is_asked_before_the_time_told(self, nodes: list[ScriptedNode]) -> None:
        transport = over(nodes[0])
        nodes[0].fault("eth_getBlockByNumber", refuse("slow down", status=429, after=30))
        with pytest.raises(RateLimited):
            transport.ask(LATEST)
        asked = len(nodes[0].asked)

        with pytest.raises(RateLimited) as caught:
            transport.ask(LATEST)

        assert len(nodes[0].asked) == asked
        assert 28 <= caught.value.retry_after_seconds <= 30
        assert transport.health()[0].rate_limited == 1
        assert transport.health()[0].failures == 0

    def test_a_short_time_is_waited_for(self, nodes: list[ScriptedNode]) -> None:
        transport = over(nodes[0])
        nodes[0].fault("eth_getBlockByNumber", refuse("slow down", status=429, after=1))
        started = time.monotonic()  # Before the refusal: the second runs from it.
        with pytest.raises(RateLimited):
            transport.ask(LATEST)

        assert height(transport) == 4
        assert time.monotonic() - started > 0.8

    def test_another_node_is_asked_meanwhile(self, nodes: list[ScriptedNode]) -> None:
        transport = over(*nodes[:2])
        nodes[0].fault("eth_getBlockByNumber", refuse("slow down", status=429, after=30))

        assert height(transport) == 4
        assert [one.requests > 0 for one in transport.health()] == [True, True]

    def test_a_budget_spreads_requests_over_time(self, nodes: list[ScriptedNode]) -> None:
        transport = over(nodes[0], per_second=50)
        transport.ask(LATEST)
        started = time.monotonic()

        transport.ask(LATEST, LATEST, LATEST, LATEST, LATEST)
        transport.ask(LATEST)

        assert time.monotonic() - started >= 0.1

    def test_a_spent_budget_sends_callers_elsewhere(self, nodes: list[ScriptedNode]) -> None:
        transport = over(*nodes[:2], per_second=1)
        transport.probe()

        transport.ask(LATEST)
        transport.ask(LATEST)

        assert [node.asked.count("eth_getBlockByNumber") for node in nodes[:2]] == [2, 2]

    @pytest.mark.parametrize(
        ("text", "seconds"),
        [("7", 7), ("0", 0), ("99999", 600), ("", None), ("soon", None)],
    )
    def test_retry_after(self, text: str, seconds: int | None) -> None:
        assert retry_seconds(text) == seconds

    def test_retry_after_as_a_date(self) -> None:
        assert retry_seconds("Wed, 21 Oct 2015 07:28:00 GMT") == 0
        assert retry_seconds("Wed, 21 Oct 2065 07:28:00 GMT") == 600


class TestRefusals:
    def test_a_range_refused_is_no_failure_of_the_node(self, nodes: list[ScriptedNode]) -> None:
        transport = over(*nodes[:2])
        nodes[0].fault("eth_getBlockByNumber", refuse("block range too large", status=400))

        with pytest.raises(RangeRefused):
            transport.ask(LATEST)

        assert states(transport) == ["healthy", "healthy"]

    def test_a_batch_in_another_order_is_put_right(self, nodes: list[ScriptedNode]) -> None:
        with lying(nodes[0].url) as liar:
            liar.is_reordering = True
            answers = over(liar).ask(("eth_chainId", []), LATEST)

        assert answers[0]["result"] == "0x1"

    def test_members_left_out_are_asked_for_elsewhere(self, nodes: list[ScriptedNode]) -> None:
        with lying(nodes[0].url) as liar:
            liar.members_lost = 1
            transport = over(liar, nodes[1])

            answers = transport.ask(("eth_chainId", []), LATEST)

        assert len(answers) == 2
        assert transport.health()[0].doubts_by_reason == {
            "the node's answer does not fit together: #.#.#.#:# left members of a batch out": 1
        }


class TestHealth:
    def test_names_hosts_and_never_keys(self, nodes: list[ScriptedNode]) -> None:
        urls = [f"{nodes[0].url}/v3/{key}" for key in ("sesame", "simsim")]
        transport = Transport(1, urls)
        transport.ask(LATEST)

        host = nodes[0].url.removeprefix("http://")
        assert [one.name for one in transport.health()] == [host, f"{host}#2"]
        assert "sesame" not in repr(transport.health())

    def test_of_a_node_that_answers(self, nodes: list[ScriptedNode]) -> None:
        transport = over(nodes[0])
        transport.ask(LATEST)
        told = transport.health()[0]

        assert isinstance(told, EndpointHealth)
        assert (told.state, told.height, told.lag_blocks, told.requests) == ("healthy", 4, 0, 1)
        assert told.latency_ms is not None
        assert (told.failures, told.doubts, told.lies, told.outstanding) == (0, 0, 0, 0)

    def test_of_a_node_that_does_not(self) -> None:
        transport = Transport(1, ["http://127.0.0.1:1"])
        with pytest.raises(ChainUnreachable):
            transport.ask(LATEST)

        told = transport.health()[0]
        assert (told.state, told.failures, told.height) == ("benched", 1, None)
        assert told.last_error.endswith("127.0.0.1:1: ConnectionRefusedError")

    def test_sockets_are_where_heads_come_from_and_nothing_else(self) -> None:
        named = Transport(1, ["https://a.example/key", "wss://b.example/key"])
        alone = Transport(1, ["ws://c.example:8546"])
        plain = Transport(1, ["http://d.example", "https://e.example"])

        assert [one.url for one in named.endpoints] == ["https://a.example/key"]
        assert named.sockets == ["wss://b.example/key"]
        assert [one.url for one in alone.endpoints] == ["http://c.example:8546"]
        assert plain.sockets == ["ws://d.example", "wss://e.example"]
