"""Node faults: what is told is believed only when it fits together."""

from typing import Any

import pytest

from indexer.fetch import Reader
from indexer.sift import ChainTurned
from indexer.watch import Watch
from nft.chain.client import Web3Chain
from nft.chain.errors import AnswerInconsistent
from nft.types import Digest
from tests.indexer.conftest import Studio
from tests.support.people import ARTIST, COLLECTOR, HOUSE, STRANGER, WORK, deployed
from tests.support.scripted_logs import minted, transferred
from tests.support.scripted_node import (
    Fault,
    ScriptedNode,
    cut,
    empty,
    honest,
    null,
    refuse,
    serving,
)
from tests.support.spoiled import doubled, of_another_block, shuffled, with_removed_copies

WATCH = Watch.over(deployed())


def reader(node: ScriptedNode) -> Reader:
    chain = Web3Chain(node.chain_id, [node.url], deadline_seconds=2)
    return Reader(chain)


def mine_works(node: ScriptedNode, *, blocks: int, logs: int) -> None:
    """Blocks of mints, each of the same number of logs."""
    for block in range(blocks):
        first = WORK + block * logs
        mints = (minted(HOUSE, ARTIST, first + number) for number in range(logs // 2))
        node.mine(*(one for mint in mints for one in mint))


def of_a_stranger(logs: list[Any]) -> list[Any]:
    return [*logs, {**logs[0], "address": "0x" + STRANGER.hex(), "logIndex": "0x9"}]


def in_two_versions(logs: list[Any]) -> list[Any]:
    return [*logs, {**logs[0], "data": "0x00"}]


def forged(logs: list[Any]) -> list[Any]:
    return [{**logs[0], "topics": logs[0]["topics"], "logIndex": "0x7", "blockNumber": "0x2"}]


class TestSpoiledLogs:
    @pytest.mark.parametrize("fault", [doubled, shuffled, with_removed_copies])
    def test_what_can_be_put_right_is(self, studio: Studio, fault: Any) -> None:
        studio.node.mine(*minted(HOUSE, ARTIST, WORK))
        studio.node.mine(transferred(HOUSE, ARTIST, COLLECTOR, WORK))
        studio.node.fault("eth_getLogs", fault)

        studio.followed()

        assert studio.owners() == {WORK: COLLECTOR}
        assert studio.transfers() == 2

    @pytest.mark.parametrize(
        "fault", [of_another_block, of_a_stranger, in_two_versions, forged, null]
    )
    def test_what_contradicts_itself_is_asked_again(self, studio: Studio, fault: Any) -> None:
        studio.node.mine(*minted(HOUSE, ARTIST, WORK))
        studio.node.mine(transferred(HOUSE, ARTIST, COLLECTOR, WORK))
        studio.node.fault("eth_getLogs", fault)

        studio.followed()

        assert studio.digest() == studio.fresh_digest()
        assert studio.node.asked.count("eth_getLogs") >= 2

    def test_a_lie_that_stays_stops_at_the_last_good_block(self, studio: Studio) -> None:
        studio.node.mine(*minted(HOUSE, ARTIST, WORK))
        mirror = studio.followed()
        studio.node.mine(transferred(HOUSE, ARTIST, COLLECTOR, WORK))
        studio.node.fault("eth_getLogs", *[of_another_block] * 3)

        with pytest.raises(AnswerInconsistent):
            mirror.follow()

        assert studio.owners() == {WORK: ARTIST}

    def test_no_logs_against_the_bloom_are_taken_from_the_receipts(self, studio: Studio) -> None:
        studio.node.mine(*minted(HOUSE, ARTIST, WORK))
        studio.node.fault("eth_getLogs", *[empty] * 5)

        studio.followed()

        assert studio.owners() == {WORK: ARTIST}

    def test_no_receipts_against_the_bloom_are_not_believed(self, studio: Studio) -> None:
        studio.node.mine(*minted(HOUSE, ARTIST, WORK))
        studio.node.fault("eth_getLogs", *[empty] * 5)
        studio.node.fault("eth_getBlockReceipts", empty, empty)

        studio.followed()

        assert studio.owners() == {WORK: ARTIST}

    def test_a_node_without_receipts_is_asked_for_the_logs_again(self, studio: Studio) -> None:
        studio.node.mine(*minted(HOUSE, ARTIST, WORK))
        studio.node.fault("eth_getLogs", empty)
        studio.node.fault("eth_getBlockReceipts", refuse("no such method", code=-32601))

        studio.followed()

        assert studio.owners() == {WORK: ARTIST}

    def test_a_node_that_does_not_know_its_own_range_is_asked_again(self, studio: Studio) -> None:
        studio.node.mine(*minted(HOUSE, ARTIST, WORK))
        studio.node.fault("eth_getLogs", refuse("header not found"))

        studio.followed()

        assert studio.owners() == {WORK: ARTIST}


class TestSpoiledHeaders:
    def test_an_announced_block_answered_with_null_is_waited_for(self, studio: Studio) -> None:
        studio.node.mine_empty(1)
        mirror = studio.followed()
        studio.node.mine_empty(2)
        studio.node.fault("eth_getBlockByNumber", honest, null)

        mirror.follow()

        assert mirror.cursor is not None
        assert mirror.cursor.number == 3

    def test_blocks_that_do_not_link_are_asked_again(self, studio: Studio) -> None:
        studio.node.mine_empty(3)

        def orphaned(header: Any) -> Any:
            return {**header, "parentHash": "0x" + "55" * 32}

        studio.node.fault("eth_getBlockByNumber", honest, honest, orphaned)

        mirror = studio.followed()

        assert mirror.cursor is not None
        assert mirror.cursor.number == 3
        assert studio.heights() == [1, 2, 3]

    def test_the_newest_missing_header_ends_the_stretch_before_it(self) -> None:
        with serving(ScriptedNode()) as node:
            node.mine_empty(3)

            (stretch,) = reader(node).stream(WATCH, 1, 9, None)

        assert [block.number for block in stretch.blocks] == [1, 2, 3]

    def test_another_parent_is_a_turn(self) -> None:
        with serving(ScriptedNode()) as node:
            node.mine_empty(3)

            with pytest.raises(ChainTurned):
                list(reader(node).stream(WATCH, 2, 3, Digest(b"\x01" * 32)))


class TestRanges:
    def test_halve_until_the_node_accepts_and_grow_again(self) -> None:
        with serving(ScriptedNode()) as node:
            node.mine_empty(300)
            reading = reader(node)
            node.fault("eth_getLogs", *[refuse("block range too large")] * 3)

            parts = list(reading.stream(WATCH, 1, 300, None))

        assert [block.number for part in parts for block in part.blocks] == list(range(1, 301))
        assert reading.size > 64

    def test_words_nobody_knows_halve_too(self) -> None:
        with serving(ScriptedNode()) as node:
            node.mine_empty(64)
            node.fault("eth_getLogs", refuse("computer says no", code=-32099))

            stretch = reader(node).read_whole(WATCH, 1, 64, None)

        assert len(stretch.blocks) == 64
        assert node.asked.count("eth_getLogs") == 3

    def test_a_round_number_of_logs_is_believed_when_its_ends_are_whole(self) -> None:
        with serving(ScriptedNode()) as node:
            mine_works(node, blocks=50, logs=10)
            node.mine_empty(1)

            stretch = reader(node).read_whole(WATCH, 1, 51, None)

        assert len(stretch.items) == 500
        assert node.asked.count("eth_getLogs") == 3  # The range, its first block and its last.

    @pytest.mark.parametrize("kept", [slice(None, 500), slice(-500, None)], ids=["first", "last"])
    @pytest.mark.parametrize("logs", [10, 16])
    def test_a_round_number_that_was_cut_is_read_in_halves(self, kept: slice, logs: int) -> None:
        def cut_short(told: list[Any]) -> list[Any]:
            return told[kept]

        with serving(ScriptedNode()) as node:
            mine_works(node, blocks=60, logs=logs)
            node.fault("eth_getLogs", cut_short)

            stretch = reader(node).read_whole(WATCH, 1, 60, None)

        assert len(stretch.items) == 60 * logs

    def test_one_block_refused_is_read_from_its_receipts(self) -> None:
        with serving(ScriptedNode()) as node:
            node.mine(*minted(HOUSE, ARTIST, WORK))
            node.fault("eth_getLogs", refuse("query returned more than 10000 results"))

            stretch = reader(node).read_whole(WATCH, 1, 1, None)

        assert [log.log_index for log in stretch.items] == [0, 1]


class TestTransportFaults:
    @pytest.mark.parametrize(
        "faults",
        [(cut, cut), (refuse("slow down", status=429),), (refuse("oops", status=500),)],
    )
    def test_the_next_pass_goes_on(self, studio: Studio, faults: tuple[Fault, ...]) -> None:
        studio.node.mine_empty(1)
        mirror = studio.followed()
        studio.node.mine(*minted(HOUSE, ARTIST, WORK))
        studio.node.fault("eth_getLogs", *faults)

        with pytest.raises(Exception, match="did not answer"):
            mirror.follow()
        mirror.follow()

        assert studio.owners() == {WORK: ARTIST}
        assert studio.told() == ["minted"]
