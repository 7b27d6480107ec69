"""What a node leaves out or makes up, found out by receipts and put right."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from indexer import registry
from indexer.backfill import Backfill
from indexer.facts import BLOCKS, CURSORS, OUTBOX, RANGES, TOKENS, TRANSFERS
from indexer.fetch import Checks
from indexer.mirror import Ways
from indexer.rebuild import rebuild
from indexer.run import connected
from nft.chain.client import Web3Chain
from nft.chain.testimony import ProofsUnavailable
from nft.tokens import token_id
from nft.types import Address, Digest
from tests.chain.conftest import Market
from tests.support.court import STRANGER, Court, court_of, hiding, prover_process
from tests.support.lying_node import at
from tests.support.scripted_node import refuse
from tests.support.strangers import Strangers

pytestmark = pytest.mark.chain

UNKNOWN = refuse("the method does not exist", code=-32601)


@pytest.fixture
def court(market: Market, migrated_url: str) -> Iterator[Court]:
    with court_of(market, migrated_url) as made:
        yield made


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


class TestRewind:
    def test_takes_the_proof_back(self, court: Court) -> None:
        court.mint_two()
        ancestor = court.market.chain.head().number
        court.mint_two()
        court.follow()
        court.prove()

        court.market.node.call("anvil_rollback", court.market.chain.head().number - ancestor)
        court.follow()

        assert court.proved() == ancestor
        assert court.prove().tally.amended == 0

    def test_proves_nothing_where_nothing_was_proven(self, court: Court) -> None:
        court.mint_two()
        court.mint_two()
        court.follow()

        court.market.node.call("anvil_rollback", 1)
        court.follow()

        assert court.one(select(CURSORS.c.proved_number)) is None


class TestNodeWithoutReceipts:
    def test_is_asked_for_each_transaction(self, court: Court) -> None:
        _, work = court.mint_two()
        court.node.lie("eth_getLogs", hiding(work), times=None)
        court.node.lie("eth_getBlockReceipts", UNKNOWN, times=None)
        court.follow()

        court.prove()

        assert len(court.amended) == 1
        assert court.digest() == court.honest_digest()

    def test_of_any_kind_proves_nothing(self, court: Court) -> None:
        court.mint_two()
        court.node.lie("eth_getBlockReceipts", UNKNOWN, times=None)
        court.node.lie("eth_getTransactionReceipt", UNKNOWN, times=None)
        court.follow()

        with pytest.raises(ProofsUnavailable):
            court.prove()

        assert court.one(select(CURSORS.c.proved_number)) is None

    def test_is_no_liar_when_it_hashes_otherwise(self, court: Court) -> None:
        court.mint_two()
        court.follow()
        court.node.lie(
            "eth_getBlockByNumber", lambda told: {**told, "extraData": "0x01"}, times=None
        )

        with pytest.raises(ProofsUnavailable, match="hashes to"):
            court.prove()

        assert [one.lies for one in court.chain.endpoints] == [0]


class TestKill:
    @pytest.mark.parametrize("statement", [4, 9, 14, 30, 36])
    def test_loses_nothing(self, court: Court, migrated_url: str, statement: int) -> None:
        _, work = court.mint_two()
        court.node.lie("eth_getLogs", hiding(work), times=None)
        court.follow()

        with prover_process(court, migrated_url, kill_after=statement) as process:
            process.join(20)

        assert process.exitcode == -9
        court.prove()
        assert court.digest() == court.honest_digest()
        assert court.column(select(OUTBOX.c.kind)).count("minted") == 2


class TestHistories:
    def test_one_that_ends_while_its_blocks_are_proven_is_proven_too(
        self, court: Court, migrated_url: str
    ) -> None:
        court.market.mint()
        strangers = Strangers(court.market.node)
        contract = strangers.collection("Ranges", (strangers.people[1], 3))
        chain_id, born = court.market.deployment.chain_id, court.market.chain.head().number
        mirror = court.follow()
        with court.connection.begin():
            registry.register(court.connection, chain_id, contract)
            registry.set_first_block(court.connection, chain_id, contract, born)
        mirror.join()
        court.node.lie("eth_getLogs", lambda logs: [], times=None)

        with connected(migrated_url) as other:
            ways = Ways(checks=Checks(bloom=False))
            backfill = Backfill(other, court.chain, ways)

            def late(receipts: Any) -> Any:
                while backfill.step():
                    pass
                return receipts

            told = court.node.lie("eth_getBlockReceipts", late)
            court.prove()

        assert told.told == 1
        assert court.proved() == born
        assert len(court.column(select(RANGES.c.log_index))) == 1
        owned = select(TOKENS.c.token_id).where(TOKENS.c.contract == contract)
        assert court.column(owned) == [0, 1, 2]


class TestARebuild:
    def test_that_ends_while_blocks_are_proven_is_proven_from_its_beginning(
        self, court: Court, migrated_url: str
    ) -> None:
        _, work = court.mint_two()
        court.follow()
        court.prove()
        court.mint_two()
        court.follow()

        def meanwhile(receipts: Any) -> Any:
            court.node.lie("eth_getLogs", hiding(work), times=None)
            with connected(migrated_url) as other:
                rebuild(other, court.chain, court.market.deployment)
            return receipts

        told = court.node.lie("eth_getBlockReceipts", meanwhile)

        court.prove()

        assert told.told == 1
        assert len(court.amended) == 1
        assert court.digest() == court.honest_digest()


class TestTimes:
    def test_of_a_block_is_what_its_header_says(self, court: Court) -> None:
        court.follow()
        court.market.mint()
        number = court.market.chain.head().number

        def later(header: Any) -> Any:
            return {**header, "timestamp": hex(int(header["timestamp"], 16) + 60)}

        court.node.lie("eth_getBlockByNumber", later, times=None, when=at("latest", number))
        court.follow()
        court.node.repent()
        told = court.column(select(OUTBOX.c.payload["timestamp"].as_integer()))
        lied = court.digest()

        court.prove()

        assert court.digest() == court.honest_digest() != lied
        assert court.amended == [number]
        right = court.one(select(BLOCKS.c.timestamp).where(BLOCKS.c.number == number))
        assert court.one(select(CURSORS.c.timestamp)) == right == told[-1] - 60
        again = court.column(select(OUTBOX.c.payload["timestamp"].as_integer()))[len(told) :]
        assert again == [right + 60] * (len(again) // 2) + [right] * (len(again) // 2)
