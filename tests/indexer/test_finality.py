"""Final is what no two nodes contradict; the one that is outvoted is named."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from sqlalchemy import Connection

from indexer.mirror import Mirror, Outcome
from nft.chain.client import Web3Chain
from tests.support.people import ARTIST, HOUSE, OTHER_WORK, WORK, deployed
from tests.support.scripted_logs import minted
from tests.support.scripted_node import ScriptedNode, serving


class Nodes:
    """Several nodes of one chain, of which some stand on a branch of their own."""

    def __init__(self, stack: ExitStack, *branches: str) -> None:
        self.nodes = [stack.enter_context(serving(ScriptedNode(chain_id=1))) for _ in branches]
        for node, branch in zip(self.nodes, branches, strict=True):
            node.mine_empty(2)
            node.mine(*minted(HOUSE, ARTIST, WORK if branch == "a" else OTHER_WORK), label=branch)
            node.mine_empty(80)
            node.safe, node.final = 60, 40

    def chain(self, connection: Connection) -> tuple[Web3Chain, Mirror]:
        """All of them behind one door, in their order."""
        chain = Web3Chain(1, [node.url for node in self.nodes], deadline_seconds=2)
        return chain, Mirror(connection, chain, deployed(1))


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as entered:
        yield entered


class TestSeveralNodes:
    def test_that_agree_move_it(self, connection: Connection, stack: ExitStack) -> None:
        _, mirror = Nodes(stack, "a", "a", "a").chain(connection)

        mirror.follow()

        assert mirror.cursor is not None
        assert mirror.cursor.final_number > 0

    def test_of_which_two_contradict_each_other_do_not(
        self, connection: Connection, stack: ExitStack
    ) -> None:
        _, mirror = Nodes(stack, "a", "b").chain(connection)

        mirror.follow()

        assert mirror.cursor is not None
        assert mirror.cursor.final_number < 3

    def test_the_one_that_is_outvoted_is_named(
        self, connection: Connection, stack: ExitStack
    ) -> None:
        chain, mirror = Nodes(stack, "b", "a", "a").chain(connection)

        while mirror.follow() in (Outcome.MOVED, Outcome.REWOUND):
            pass

        assert chain.transport.health()[0].doubts > 0
        assert mirror.cursor is not None
        assert mirror.cursor.final_number > 3

    def test_of_which_one_is_silent_go_on(self, connection: Connection, stack: ExitStack) -> None:
        nodes = Nodes(stack, "a")
        chain = Web3Chain(1, [nodes.nodes[0].url, "http://127.0.0.1:9"], deadline_seconds=2)
        mirror = Mirror(connection, chain, deployed(1))

        mirror.follow()

        assert mirror.cursor is not None
        assert mirror.cursor.final_number > 0
