"""
A history that cannot be read at the first try: what it needs then, and that it holds up no other.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection

from indexer import registry
from indexer.backfill import Backfill
from indexer.facts import CONTRACTS
from indexer.fetch import Pace
from indexer.mirror import Mirror, Ways
from nft.chain.errors import AnswerInconsistent
from nft.errors import Unreachable
from nft.types import ZERO_ADDRESS, Address
from tests.indexer.conftest import Studio
from tests.indexer.test_birth import Archive
from tests.support.people import ARTIST, COLLECTOR, GALLERY, STRANGER
from tests.support.scripted_logs import transferred
from tests.support.scripted_node import Refuse, serving

WORK = 7
UNREADABLE = Address(b"\x0e" * 20)


class Grudge(Archive):
    """A node that has no answer about one contract."""

    def _honest(self, method: str, params: list[Any]) -> Any:
        if method == "eth_getCode" and params[0].lower() == "0x" + UNREADABLE.hex():
            raise Refuse("internal error")
        return super()._honest(method, params)


@pytest.fixture
def studio(connection: Connection) -> Iterator[Studio]:
    with serving(Grudge(chain_id=1, lives=[(1, 1_000)])) as node:
        yield Studio(node, connection)


def moved(studio: Studio) -> Mirror:
    """A work of a stranger's, minted and moved in blocks 1 and 3 of a chain that is mirrored."""
    studio.node.mine(transferred(STRANGER, ZERO_ADDRESS, ARTIST, WORK))
    studio.node.mine_empty(1)
    studio.node.mine(transferred(STRANGER, ARTIST, COLLECTOR, WORK))
    studio.node.mine_empty(1)
    return studio.followed()


def joined(studio: Studio, mirror: Mirror) -> None:
    """The follower listens from the next block on."""
    studio.register()
    mirror.join()


def without(number: int) -> tuple[Any, Any]:
    """What a node says whose head lies below a block: of headers and of logs."""

    def headers(header: Any) -> Any:
        return None if header["number"] == hex(number) else header

    def logs(found: Any) -> Any:
        return [log for log in found if int(log["blockNumber"], 16) < number]

    return headers, logs


class TestANodeThatLags:
    def test_leaves_no_hole_at_the_end_of_a_history(self, studio: Studio) -> None:
        mirror = moved(studio)
        joined(studio, mirror)
        headers, logs = without(3)
        studio.node.fault("eth_getBlockByNumber", *[headers] * 4)
        studio.node.fault("eth_getLogs", logs)
        backfill = Backfill(studio.connection, studio.chain, Ways())

        backfill.step()

        assert studio.rows(CONTRACTS, "read_to") == [2]
        assert studio.owners() == {}
        while backfill.step():
            pass
        assert studio.owners() == {WORK: COLLECTOR}


class TestANodeOfAnotherBranch:
    def test_does_not_end_the_reading_of_histories(self, studio: Studio) -> None:
        mirror = moved(studio)
        joined(studio, mirror)

        def astray(header: Any) -> Any:
            return (
                header | {"parentHash": "0x" + "ab" * 32} if header["number"] == "0x3" else header
            )

        studio.node.fault("eth_getBlockByNumber", *[astray] * 20)
        backfill = Backfill(studio.connection, studio.chain, Ways(pace=Pace(1, 1, 1)))

        with pytest.raises(AnswerInconsistent):  # Which whoever runs it waits out.
            backfill.step()

        studio.node.heal()
        while backfill.step():
            pass
        assert studio.owners() == {WORK: COLLECTOR}


class TestAContractThatCannotBeRead:
    def test_holds_up_no_other(self, studio: Studio) -> None:
        mirror = moved(studio)
        with studio.connection.begin():
            registry.register(studio.connection, 1, UNREADABLE, GALLERY)
        with studio.connection.begin():
            registry.register(studio.connection, 1, STRANGER, GALLERY)
        backfill = Backfill(studio.connection, studio.chain, mirror.ways)

        backfill.step()
        mirror.follow()
        backfill.step()

        assert studio.owners() == {WORK: COLLECTOR}
        with pytest.raises(Unreachable):
            backfill.step()


class TestWordOfAFirstBlock:
    def test_that_was_lost_is_given_again(self, studio: Studio) -> None:
        """Its row was committed, and the connection ended before the answer to that came."""
        mirror = moved(studio)
        studio.register()
        backfill = Backfill(studio.connection, studio.chain, mirror.ways)

        backfill.step()
        mirror.follow()
        backfill.step()

        assert studio.owners() == {WORK: COLLECTOR}
