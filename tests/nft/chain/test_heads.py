"""New heads: pushed where a node offers it, and never trusted to be."""

import threading
from collections.abc import Iterator

import pytest

from api.local.processes import wait_until
from nft.chain.client import Web3Chain
from nft.chain.heads import Heads
from nft.chain.transport import Transport
from nft.errors import ChainUnreachable
from tests.support.pushing_node import Pusher, pushing
from tests.support.scripted_node import ScriptedNode, cut, serving
from tests.support.servers import running_anvil


@pytest.fixture
def node() -> Iterator[ScriptedNode]:
    with serving(ScriptedNode()) as made:
        made.mine_empty(3)
        yield made


@pytest.fixture
def pusher() -> Iterator[Pusher]:
    with pushing() as made:
        yield made


def heads_of(node: ScriptedNode, pusher: Pusher, *, rest_seconds: float = 60) -> Heads:
    """Heads that have met the present head, and listen to the socket."""
    transport = Transport(1, [node.url, pusher.url], deadline_seconds=2)
    heads = Heads(transport, poll_seconds=0.01, watch_seconds=0.1, rest_seconds=rest_seconds)
    assert pusher.wait_for(1)
    assert wait_until(lambda: heads.is_pushed, patience=5)
    assert heads.wait(1) is not None
    return heads


def number_of(heads: Heads, seconds: float = 2) -> tuple[str, int] | None:
    hint = heads.wait(seconds)
    return None if hint is None or hint.block is None else (hint.by, hint.block.number)


def miss_two(node: ScriptedNode, heads: Heads) -> None:
    """Two heads that are not pushed."""
    node.mine()
    heads.wait(2)
    node.mine()
    heads.wait(2)


class TestPolling:
    def test_where_nothing_is_pushed(self, node: ScriptedNode) -> None:
        with Web3Chain(1, [node.url]).heads(poll_seconds=0.01) as heads:
            first = number_of(heads)
            node.mine()

            assert (first, number_of(heads)) == (("poll", 3), ("poll", 4))

    def test_says_nothing_of_a_head_it_told(self, node: ScriptedNode) -> None:
        with Web3Chain(1, [node.url]).heads(poll_seconds=0.01) as heads:
            heads.wait(1)

            assert heads.wait(0.1) is None

    def test_raises_when_nobody_answers(self, node: ScriptedNode) -> None:
        node.fault("eth_getBlockByNumber", *[cut] * 3)

        with (
            Web3Chain(1, [node.url]).heads(poll_seconds=0.01) as heads,
            pytest.raises(ChainUnreachable),
        ):
            heads.wait(1)


class TestPushes:
    def test_carry_the_whole_header(self) -> None:
        with (
            running_anvil() as anvil,
            Web3Chain(31337, [anvil.rpc_url]).heads(poll_seconds=0.01) as heads,
        ):
            assert wait_until(lambda: heads.is_pushed, patience=5)
            before = heads.wait(1)
            anvil.mine()
            hint = heads.wait(2)

        assert before is not None
        assert hint is not None
        assert (hint.by, hint.block and hint.block.number) == ("push", 1)
        assert hint.block is not None
        assert before.block is not None
        assert hint.block.parent_hash == before.block.block_hash

    def test_of_several_the_newest_counts(self, node: ScriptedNode, pusher: Pusher) -> None:
        with heads_of(node, pusher) as heads:
            node.mine_empty(3)
            for block in node.blocks[-3:]:
                pusher.push(block.header())
            told = {number_of(heads), number_of(heads, 0.05), number_of(heads, 0.05)} - {None}

            assert max(told) == ("push", 6)  # type: ignore[type-var]

    def test_without_a_hash_says_only_that_something_is_new(
        self, node: ScriptedNode, pusher: Pusher
    ) -> None:
        with heads_of(node, pusher) as heads:
            pusher.push({"number": "0x4"})
            hint = heads.wait(1)

            assert hint is not None
            assert hint.block is None

    def test_tell_the_height_of_their_node(self) -> None:
        with running_anvil() as anvil:
            chain = Web3Chain(31337, [anvil.rpc_url])
            with chain.heads() as heads:
                assert wait_until(lambda: heads.is_pushed, patience=5)
                heads.wait(1)
                anvil.mine(7)
                assert wait_until(lambda: chain.transport.best_height == 7, patience=5)

    def test_of_another_chain_are_not_listened_to(self, node: ScriptedNode) -> None:
        with pushing(chain_id=5) as foreign:
            transport = Transport(1, [node.url, foreign.url])
            with Heads(transport, poll_seconds=0.01) as heads:
                assert number_of(heads) == ("poll", 3)
                assert wait_until(lambda: heads.connections >= 2, patience=5)

                assert foreign.subscriptions == 0
                assert not heads.is_pushed


class TestSocketsThatFail:
    def test_silence_is_noticed(self, node: ScriptedNode, pusher: Pusher) -> None:
        with heads_of(node, pusher) as heads:
            node.mine()

            assert number_of(heads) == ("poll", 4)
            assert heads.misses == 1

    def test_after_two_misses_it_is_opened_anew(self, node: ScriptedNode, pusher: Pusher) -> None:
        with heads_of(node, pusher) as heads:
            miss_two(node, heads)

            assert pusher.wait_for(2)

    def test_missing_again_it_is_left_alone(self, node: ScriptedNode, pusher: Pusher) -> None:
        with heads_of(node, pusher) as heads:
            miss_two(node, heads)
            assert pusher.wait_for(2)
            assert wait_until(lambda: heads.is_pushed, patience=5)
            miss_two(node, heads)
            assert pusher.wait_until_left()
            node.mine()

            assert number_of(heads) == ("poll", 8)
            assert pusher.subscriptions == 2

    def test_a_skipped_head_is_a_hint_with_another_parent(
        self, node: ScriptedNode, pusher: Pusher
    ) -> None:
        with heads_of(node, pusher) as heads:
            node.mine_empty(2)
            pusher.push(node.blocks[-1].header())
            hint = heads.wait(1)

            assert hint is not None
            assert hint.block is not None
            assert hint.block.number == 5

    def test_old_heads_for_ever_do_not_hide_the_new_one(
        self, node: ScriptedNode, pusher: Pusher
    ) -> None:
        with heads_of(node, pusher) as heads:
            old = node.blocks[1].header()
            node.mine()
            pusher.push(old)
            first = number_of(heads)
            pusher.push(old)

            assert first == ("push", 1)
            assert number_of(heads) == ("poll", 4)

    def test_a_branch_that_comes_back_is_told_again(
        self, node: ScriptedNode, pusher: Pusher
    ) -> None:
        with heads_of(node, pusher) as heads:
            here = node.blocks[-1].header()
            node.drop(1)
            node.mine(label="b")
            pusher.push(node.blocks[-1].header())
            there = heads.wait(1)
            pusher.push(here)
            back = heads.wait(1)

            assert there is not None
            assert back is not None
            assert back.block is not None
            assert str(back.block.block_hash) == here["hash"]

    def test_one_that_closes_is_opened_again(self, node: ScriptedNode, pusher: Pusher) -> None:
        with heads_of(node, pusher) as heads:
            pusher.subscribers[0].close()
            assert pusher.wait_for(2)
            assert wait_until(lambda: heads.is_pushed, patience=5)
            node.mine()
            pusher.push(node.blocks[-1].header())

            assert number_of(heads) == ("push", 4)


class TestClosing:
    def test_leaves_no_thread_and_no_socket(self, node: ScriptedNode, pusher: Pusher) -> None:
        heads = heads_of(node, pusher)
        heads.close()

        assert pusher.wait_until_left()
        assert "heads" not in {thread.name for thread in threading.enumerate()}

    def test_answers_who_waits(self, node: ScriptedNode, pusher: Pusher) -> None:
        heads = heads_of(node, pusher)
        answered: list[object] = []
        reader = threading.Thread(target=lambda: answered.append(heads.wait(30)))
        reader.start()
        heads.close()
        reader.join(5)

        assert answered == [None]
