"""ERC-2309: transfers of neighbouring tokens; what becomes of them is in `test_ranges.py`."""

import pytest

from indexer import decoding
from indexer.decoders.erc2309 import RANGES_OF_A_BLOCK, TOKENS_OF_A_BLOCK, ConsecutiveTransfer
from indexer.facts import RANGES
from nft.chain import logs
from nft.types import UINT256_MAX, ZERO_ADDRESS
from tests.indexer.conftest import Studio
from tests.nft.chain.test_logs import placed
from tests.support.people import ARTIST, COLLECTOR, FOREIGN
from tests.support.scripted_logs import log, word
from tests.support.scripted_node import ScriptedLog

SIGNATURE = "ConsecutiveTransfer(uint256,uint256,address,address)"


def minted(first: int, size: int) -> ScriptedLog:
    return log(FOREIGN, SIGNATURE, first, ZERO_ADDRESS, ARTIST, data=word(first + size - 1))


def test_reads_both_ends() -> None:
    said = log(FOREIGN, SIGNATURE, 7, ZERO_ADDRESS, COLLECTOR, data=word(UINT256_MAX))

    found = logs.decode(placed(said), decoding.OTHERS)

    assert found == ConsecutiveTransfer(7, UINT256_MAX, ZERO_ADDRESS, COLLECTOR)


@pytest.mark.parametrize("data", [word(6), b"", word(8) + b"\0", word(8) * 2])
def test_what_runs_backwards_or_does_not_fit_is_nothing(data: bytes) -> None:
    said = log(FOREIGN, SIGNATURE, 7, ZERO_ADDRESS, COLLECTOR, data=data)

    assert logs.decode(placed(said), decoding.OTHERS) is None


HIGH = 10**9
"""Ids that are not listed before they move: rows that these tests need not wait for."""


def test_one_block_cannot_make_us_write_more_than_a_bound(studio: Studio) -> None:
    many = TOKENS_OF_A_BLOCK // 2
    studio.node.mine(*(minted(HIGH + number * many, many) for number in range(3)))
    studio.node.mine(minted(2 * HIGH, many))

    studio.followed()

    assert studio.rows(RANGES, "block_number", "log_index") == [(1, 0), (1, 1), (2, 0)]
    assert studio.digest() == studio.fresh_digest()


def test_one_block_has_so_many_ranges_at_most(studio: Studio) -> None:
    studio.node.mine(*(minted(HIGH + number, 1) for number in range(RANGES_OF_A_BLOCK + 2)))

    studio.followed()

    assert studio.rows(RANGES, "log_index") == list(range(RANGES_OF_A_BLOCK))


def test_a_range_of_any_size_alone_is_taken(studio: Studio) -> None:
    studio.node.mine(minted(HIGH, 10 * TOKENS_OF_A_BLOCK), minted(1, 1))

    studio.followed()

    assert studio.rows(RANGES, "first_token_id") == [HIGH]
