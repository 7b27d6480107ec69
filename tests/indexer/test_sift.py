"""
Answers put in the order of the chain: whatever order a node tells logs in, and however often.
"""

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest

from indexer.bench import alone
from indexer.facts import Move
from indexer.sift import fitting
from indexer.watch import Watch
from nft.chain.errors import AnswerInconsistent
from nft.chain.logs import TRANSFER_TOPIC
from nft.chain.protocol import Block, Log
from nft.chain.wire_log import WireLog
from nft.types import Address, Digest

CHAIN = 31337
CONTRACT = Address(b"c" * 20)
FULL = 2**2048 - 1
BLOCKS = [
    Block(number, Digest(bytes([number] * 32)), Digest(bytes([number - 1] * 32)), 0, bloom=FULL)
    for number in (7, 8)
]
PART = Watch.over(alone(CHAIN, 1), [], {CONTRACT: 0}).parts[0]


def told(number: int, index: int, *, transaction: int = 1, data: str = "0x") -> WireLog:
    """A transfer of work `index` in one of the blocks, or with `data` what only looks like one."""
    return WireLog(
        address=f"0x{CONTRACT.hex()}",
        topics=[f"0x{TRANSFER_TOPIC.hex()}", *(f"0x{one:064x}" for one in (1, 2, abs(index)))],
        data=data,
        block_number=hex(number),
        block_hash=f"0x{bytes([number] * 32).hex()}",
        transaction_hash=f"0x{transaction:064x}",
        log_index=hex(index),
    )


def places(logs: Sequence[WireLog]) -> list[tuple[int, int]]:
    """Where what is kept of an answer stands, in the order in which it is kept."""
    kept = fitting(CHAIN, BLOCKS, logs, PART)
    return [(item.block_number, item.log_index) for item in kept]


IN_ORDER = [told(number, index, transaction=index // 2) for number in (7, 8) for index in range(6)]
IN_PLACE = [(number, index) for number in (7, 8) for index in range(6)]


class TestOrder:
    def test_what_is_in_order_stays(self) -> None:
        assert places(IN_ORDER) == IN_PLACE

    @pytest.mark.parametrize("seed", range(20))
    def test_what_is_shuffled_is_put_right(self, seed: int) -> None:
        shuffled = random.Random(seed).sample(IN_ORDER, len(IN_ORDER))
        assert places(shuffled) == IN_PLACE

    @pytest.mark.parametrize("at", range(len(IN_ORDER) - 1))
    def test_two_neighbours_that_changed_places_are_put_right(self, at: int) -> None:
        logs = list(IN_ORDER)
        logs[at], logs[at + 1] = logs[at + 1], logs[at]
        assert places(logs) == IN_PLACE

    def test_blocks_that_changed_places_are_put_right(self) -> None:
        assert places([*IN_ORDER[6:], *IN_ORDER[:6]]) == IN_PLACE

    def test_a_log_told_twice_is_kept_once(self) -> None:
        assert places([*IN_ORDER[:3], *IN_ORDER[2:]]) == IN_PLACE

    def test_two_logs_of_one_place_are_not_believed(self) -> None:
        with pytest.raises(AnswerInconsistent, match="two logs 2 in block 7"):
            places([*IN_ORDER[:3], told(7, 2, transaction=9), *IN_ORDER[3:]])

    def test_other_logs_have_their_place_among_transfers(self) -> None:
        other = told(7, 2, transaction=1, data="0x00")
        logs = [*IN_ORDER[:2], IN_ORDER[3], other, *IN_ORDER[4:]]
        assert places(logs) == IN_PLACE
        kinds = {type(item) for item in fitting(CHAIN, BLOCKS, logs, PART)}
        assert kinds == {Move, Log}

    def test_blocks_above_the_newest_are_left_out(self) -> None:
        alone_in_seven = fitting(CHAIN, BLOCKS[:1], IN_ORDER, PART)
        assert [item.log_index for item in alone_in_seven] == list(range(6))

    def test_a_transfer_is_read_to_its_last_byte(self) -> None:
        (kept,) = fitting(CHAIN, BLOCKS, [told(8, 5)], PART)
        block = BLOCKS[1]
        assert kept == Move(
            chain_id=CHAIN,
            block_number=block.number,
            log_index=5,
            contract=CONTRACT,
            token_id=(5).to_bytes(32, "big"),
            sender=(1).to_bytes(20, "big"),
            receiver=(2).to_bytes(20, "big"),
            transaction_hash=(1).to_bytes(32, "big"),
        )

    def test_a_bloom_that_denies_a_log_is_not_believed(self) -> None:
        with pytest.raises(AnswerInconsistent, match="denies"):
            fitting(CHAIN, [replace(one, bloom=0) for one in BLOCKS], IN_ORDER, PART)

    @pytest.mark.parametrize("data", ["0x", "0x00"])
    @pytest.mark.parametrize("index", [-1, 2**31])
    def test_an_index_that_no_block_has_is_not_believed(self, index: int, data: str) -> None:
        with pytest.raises(AnswerInconsistent, match=f"log {index} of block 8"):
            places([*IN_ORDER[:6], told(8, index, data=data)])
