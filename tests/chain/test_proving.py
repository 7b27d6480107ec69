"""What nodes leave out or make up, found out by receipts and put right; on anvil and geth."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, select

from indexer.digest import digest
from indexer.facts import BLOCKS, CURSORS, OUTBOX, TOKENS, TRANSFERS
from indexer.fetch import Checks
from indexer.mirror import Mirror, Outcome, Ways
from indexer.prove import Prover
from indexer.rebuild import side_schema
from indexer.run import catch_up, connected
from nft.chain.client import Web3Chain
from nft.tokens import token_id
from nft.types import Address, Digest
from tests.chain.conftest import Market
from tests.support.lying_node import LyingNode, lying
from tests.support.scripted_node import Fault

pytestmark = pytest.mark.chain

STRANGER = Address(b"\x42" * 20)


def hiding(work: int) -> Fault:
    """A fault that leaves a work's first transfer out; what else its block holds hides that."""
    topic = f"{work:#066x}"

    def fault(logs: list[Any]) -> list[Any]:
        first = next((log for log in logs if log["topics"][3:] == [topic]), None)
        return [log for log in logs if log is not first]

    return fault


class Court:
    """A market behind a node that lies, its mirror and its prover."""

    def __init__(self, market: Market, node: LyingNode, connection: Connection) -> None:
        self.market, self.node, self.connection = market, node, connection
        self.chain = Web3Chain(market.deployment.chain_id, [node.url])
        self.amended: list[int] = []

    def follow(self) -> Mirror:
        """Read to the head from the node that may lie."""
        return catch_up(self.connection, self.chain, self.market.deployment)

    def follow_blindly(self) -> None:
        """The same, with no look at any bloom."""
        ways = Ways(checks=Checks(bloom=False))
        mirror = Mirror(self.connection, self.chain, self.market.deployment, ways)
        while mirror.follow() is not Outcome.SAME:
            pass

    def prove(self) -> Prover:
        """Prove everything there is."""
        prover = Prover(
            self.connection,
            self.chain,
            self.market.deployment,
            on_amend=lambda amendment: self.amended.append(amendment.number),
        )
        while prover.step():
            pass
        return prover

    def digest(self) -> Digest:
        """The mirror's digest."""
        return digest(self.connection, self.market.deployment.chain_id).digest

    def honest_digest(self) -> Digest:
        """That of a mirror read from nothing, of the real node."""
        with side_schema(self.connection, "honest"):
            catch_up(self.connection, self.market.chain, self.market.deployment)
            return self.digest()

    def one(self, query: Any) -> Any:
        """The first column of the first row."""
        with self.connection.begin():
            return self.connection.execute(query).scalar()

    def column(self, query: Any) -> list[Any]:
        """The first column."""
        with self.connection.begin():
            return list(self.connection.execute(query).scalars())

    def proved(self) -> int:
        """How far the cursor says the mirror is proven."""
        return int(self.one(select(CURSORS.c.proved_number)))

    def mint_two(self) -> tuple[int, int]:
        """Two works of one transaction; the height of its block, and the first work."""
        self.market.serial += 2
        first = token_id(self.market.artist, self.market.serial)
        digests = [Digest(bytes([self.market.serial, n]) * 16) for n in (1, 2)]
        call = self.market.collection.mint_many(self.market.artist, first, digests, 300, STRANGER)
        self.market.serial += 1
        receipt = self.market.send(self.market.artist, call)
        return int(receipt["blockNumber"], 16), first


@pytest.fixture
def court(market: Market, migrated_url: str) -> Iterator[Court]:
    with lying(market.node.rpc_url) as node, connected(migrated_url) as connection:
        yield Court(market, node, connection)


class TestHonestNode:
    def test_everything_is_proven(self, court: Court) -> None:
        court.mint_two()
        court.market.sell(court.market.artist, court.market.collector, court.market.mint())
        court.follow()

        prover = court.prove()

        assert court.proved() == court.market.chain.head().number
        assert prover.tally.amended == 0
        assert prover.tally.logs > 6

    def test_a_second_look_costs_nothing(self, court: Court) -> None:
        court.mint_two()
        court.follow()
        court.prove()
        asked = len(court.node.asked)

        prover = court.prove()

        assert prover.tally.headers == 0
        assert len(court.node.asked) == asked


class TestLogLeftOut:
    def test_in_history(self, court: Court) -> None:
        number, work = court.mint_two()
        court.market.mint()
        court.node.lie("eth_getLogs", hiding(work), times=None)
        court.follow()

        court.prove()

        assert court.amended == [number]
        assert court.digest() == court.honest_digest()
        assert court.proved() == court.market.chain.head().number

    def test_at_the_head(self, court: Court) -> None:
        court.follow()
        court.prove()
        number, work = court.mint_two()
        court.node.lie("eth_getLogs", hiding(work), times=None)
        court.follow()

        court.prove()

        assert court.amended == [number]
        assert court.digest() == court.honest_digest()

    def test_is_told_when_it_is_found(self, court: Court) -> None:
        _, work = court.mint_two()
        court.node.lie("eth_getLogs", hiding(work), times=None)
        court.follow()
        told = court.column(select(OUTBOX.c.kind))

        court.prove()

        assert sorted(court.column(select(OUTBOX.c.kind))) == sorted([*told, "minted"])

    def test_of_a_block_that_was_let_go_of(self, court: Court) -> None:
        """Nothing of it was told, and its header was pruned below finality."""
        number, _ = court.mint_two()
        court.market.node.mine(100)
        court.node.lie("eth_getLogs", lambda logs: [], times=None)
        court.follow_blindly()
        assert court.column(select(TRANSFERS.c.token_id)) == []
        assert court.one(select(BLOCKS.c.number).where(BLOCKS.c.number == number)) is None
        court.node.repent()

        court.prove()

        assert number in court.amended
        assert court.digest() == court.honest_digest()

    def test_the_node_that_still_lies_is_named(self, court: Court) -> None:
        _, work = court.mint_two()
        court.node.lie("eth_getLogs", hiding(work), times=None)
        court.follow()

        court.prove()

        assert [one.lies for one in court.chain.endpoints] == [1]

    def test_of_two_nodes_only_the_liar_is_named(self, court: Court) -> None:
        _, work = court.mint_two()
        court.node.lie("eth_getLogs", hiding(work), times=None)
        court.follow()
        court.chain = Web3Chain(31337, [court.node.url, court.market.node.rpc_url])

        court.prove()

        assert [one.lies for one in court.chain.endpoints] == [1, 0]


class TestLogMadeUp:
    def test_is_retracted(self, court: Court) -> None:
        number, first = court.mint_two()

        def forged(logs: list[Any]) -> list[Any]:
            return [
                {
                    **log,
                    "topics": [*log["topics"][:2], "0x" + "00" * 12 + "66" * 20, log["topics"][3]],
                }
                if int(log["blockNumber"], 16) == number and len(log["topics"]) == 4
                else log
                for log in logs
            ]

        court.node.lie("eth_getLogs", forged, times=None)
        court.follow()
        thief = Address(b"\x66" * 20)
        assert court.one(select(TOKENS.c.owner).where(TOKENS.c.token_id == first)) == thief

        court.prove()

        assert court.amended == [number]
        assert court.one(select(TOKENS.c.owner).where(TOKENS.c.token_id == first)) != thief
        assert court.column(select(OUTBOX.c.kind)).count("retracted") == 2
        assert court.digest() == court.honest_digest()


class TestCollectionLeftOut:
    def test_its_own_logs_are_found_too(self, court: Court) -> None:
        court.market.mint()
        own = court.market.create_collection(court.market.artist)
        market = court.market
        work = token_id(market.artist, 1)
        market.send(market.artist, own.mint(STRANGER, work, Digest(b"\x07" * 32), 500))
        market.mint()
        factory = str(market.deployment.collection_factory.address).lower()
        court.node.lie(
            "eth_getLogs",
            lambda logs: [log for log in logs if log["address"] != factory],
            times=None,
        )
        court.follow_blindly()
        assert own.address not in court.column(select(TRANSFERS.c.contract))
        court.node.repent()

        court.prove()

        assert own.address in court.column(select(TRANSFERS.c.contract))
        assert court.digest() == court.honest_digest()
