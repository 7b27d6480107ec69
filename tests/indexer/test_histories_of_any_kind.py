"""
Whatever happens, in whatever order it is heard, the mirror ends as a fresh index of what stands.

Histories of mints, moves, burns and sales, here and elsewhere, on branches that fall to random
depths, told by a node that now and then answers wrongly, read by an indexer that is begun anew now
and then, while a contract is registered at some point and its history read in between.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from api.local.processes import wait_until
from indexer import registry
from indexer.backfill import Backfill
from indexer.digest import digest
from indexer.facts import BREAKS
from indexer.mirror import Mirror, Outcome, Ways
from indexer.rebuild import rebuild, side_schema
from nft.chain.client import Web3Chain
from nft.errors import Unreachable
from tests.support.history import History
from tests.support.people import STRANGER, deployed
from tests.support.scripted_node import ScriptedNode, cut, empty, null, refuse, serving
from tests.support.spoiled import doubled, of_another_block, shuffled, with_removed_copies

CHAIN = 31337
"""A development node's: a lower head is a rewind."""


FAULTS: list[tuple[str, Callable[[Any], Any]]] = [
    ("eth_getLogs", doubled),
    ("eth_getLogs", shuffled),
    ("eth_getLogs", with_removed_copies),
    ("eth_getLogs", of_another_block),
    ("eth_getLogs", empty),
    ("eth_getLogs", null),
    ("eth_getLogs", refuse("block range too large")),
    ("eth_getLogs", refuse("computer says no", code=-32099)),
    ("eth_getLogs", refuse("slow down", status=429)),
    ("eth_getLogs", cut),
    ("eth_getBlockByNumber", null),
    ("eth_getBlockByNumber", cut),
    ("eth_getBlockByHash", null),
]
"""What bloom, links and custody see through; what only receipts roots see needs a real node."""

doing = st.tuples(st.integers(0, 4), st.integers(0, 11), st.integers(0, 2))
block = st.tuples(st.just("block"), st.lists(doing, min_size=1, max_size=4))
fall = st.tuples(st.just("fall"), st.integers(1, 7))
fault = st.tuples(st.just("fault"), st.integers(0, len(FAULTS) - 1))
read = st.tuples(st.sampled_from(["pass", "pass", "history", "restart"]), st.none())
asked = st.just([("register", None), ("pass", None)])
event = st.lists(st.one_of(block, block, read, fall, fault), min_size=4, max_size=25)
story = st.builds(lambda before, then, after: before + then + after, event, asked, event)
"""What happens before a contract is registered, and what after."""


class Indexer:
    """An indexer and the reader of histories beside it, a step at a time."""

    def __init__(self, connection: Connection, node: ScriptedNode) -> None:
        self.connection = connection
        self.chain = Web3Chain(CHAIN, [node.url], deadline_seconds=2)
        self.begin()

    def begin(self) -> None:
        """A new process."""
        self.ways = Ways()
        self.mirror = Mirror(self.connection, self.chain, deployed(CHAIN), self.ways)
        self.ways.changed.set()
        self.backfill = Backfill(self.connection, self.chain, self.ways)

    def catch_up(self) -> None:
        """To the head."""
        while self.mirror.follow() in (Outcome.MOVED, Outcome.REWOUND):
            pass

    def follow(self) -> None:
        """To the head, or to the first failure."""
        with suppress(Unreachable):
            self.catch_up()

    def register(self) -> None:
        """A gallery asks for a contract; where it began is known."""
        with self.connection.begin():
            registry.register(self.connection, CHAIN, STRANGER)
            registry.set_first_block(self.connection, CHAIN, STRANGER, 1)
        self.ways.changed.set()

    def read_history(self) -> None:
        """One thing that is to be done, if there is."""
        with suppress(Unreachable):
            self.backfill.step()

    def do(self, what: str) -> None:
        """One of the doings of a story."""
        doings = {
            "pass": self.follow,
            "restart": self.begin,
            "register": self.register,
            "history": self.read_history,
        }
        doings[what]()


def play(indexer: Indexer, node: ScriptedNode, told: list[tuple[str, Any]]) -> None:
    """Act a story out."""
    history = History(node)
    for what, how in told:
        if what == "block":
            history.play(how)
        elif what == "fall":
            history.fall(how)
        elif what == "fault":
            node.fault(*FAULTS[how])
        else:
            indexer.do(what)


def at_rest(indexer: Indexer, node: ScriptedNode) -> None:
    """All is well again, and everything is read, as soon as a node may be asked that refused."""
    node.heal()

    def is_read() -> bool:
        with suppress(Unreachable):
            indexer.catch_up()
            indexer.catch_up()
            while indexer.backfill.step():
                pass
            return True
        return False

    assert wait_until(is_read, patience=60)


def ends_as_a_fresh_index(connection: Connection, told: list[tuple[str, Any]]) -> None:
    """Act it out, and compare."""
    with serving(ScriptedNode(chain_id=CHAIN)) as node, side_schema(connection, "story"):
        node.mine()
        indexer = Indexer(connection, node)

        play(indexer, node, told)
        at_rest(indexer, node)

        with connection.begin():
            assert connection.execute(select(BREAKS)).all() == []
        ended = digest(connection, CHAIN)
        if ended.cursor is not None:
            before, after = rebuild(connection, indexer.chain, deployed(CHAIN))
            assert before == after == ended


USUAL = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.mark.timeout(600)
@settings(USUAL, max_examples=25)
@given(told=story)
def test_ends_as_a_fresh_index(connection: Connection, told: list[tuple[str, Any]]) -> None:
    ends_as_a_fresh_index(connection, told)


@pytest.mark.long
@pytest.mark.timeout(7200)
@settings(USUAL, max_examples=1_000)
@given(told=story)
def test_a_thousand_end_as_a_fresh_index(
    connection: Connection, told: list[tuple[str, Any]]
) -> None:
    ends_as_a_fresh_index(connection, told)
