"""
ERC-2309: ranges of tokens that move at once, and what becomes of each token in them.
"""

import pytest
from sqlalchemy import Connection

from indexer.facts import BREAKS, RANGES, TOKENS
from indexer.full_proof import broken_custody
from indexer.ranges import LISTED_AT_ONCE, LISTED_BELOW
from nft.types import UINT256_MAX, ZERO_ADDRESS, Address
from tests.indexer.conftest import Studio
from tests.support.people import ARTIST, COLLECTOR, FOREIGN, GALLERY
from tests.support.scripted_logs import log, transferred, word
from tests.support.scripted_node import ScriptedLog

MINTED = "minted_block", "minted_log_index", "creator", "transfer_count"


def moved(sender: Address, receiver: Address, first: int, last: int) -> ScriptedLog:
    """A `ConsecutiveTransfer` of somebody else's collection."""
    signature = "ConsecutiveTransfer(uint256,uint256,address,address)"
    return log(FOREIGN, signature, first, sender, receiver, data=word(last))


def minted(receiver: Address, first: int, last: int) -> ScriptedLog:
    return moved(ZERO_ADDRESS, receiver, first, last)


def given(sender: Address, receiver: Address, token: int) -> ScriptedLog:
    return transferred(FOREIGN, sender, receiver, token)


class TestMint:
    def test_lists_every_token(self, studio: Studio) -> None:
        studio.node.mine(minted(ARTIST, 5, 8), minted(COLLECTOR, 9, 9))

        studio.followed()

        assert studio.owners() == {5: ARTIST, 6: ARTIST, 7: ARTIST, 8: ARTIST, 9: COLLECTOR}
        assert studio.rows(TOKENS, *MINTED)[0] == (1, 0, ARTIST, 0)

    def test_is_told_once(self, studio: Studio) -> None:
        studio.node.mine(minted(ARTIST, 1, 5_000))

        studio.followed()

        assert studio.told() == ["range_transferred"]
        assert len(studio.owners()) == 5_000

    def test_lists_a_hundred_thousand_at_most(self, studio: Studio) -> None:
        studio.node.mine(minted(ARTIST, 1, UINT256_MAX))

        studio.followed()

        owners = studio.owners()
        assert (len(owners), max(owners)) == (LISTED_AT_ONCE, LISTED_AT_ONCE)
        assert studio.rows(RANGES, "last_token_id") == [UINT256_MAX]

    def test_lists_no_id_above_a_million(self, studio: Studio) -> None:
        studio.node.mine(minted(ARTIST, LISTED_BELOW - 2, LISTED_BELOW + 2))

        studio.followed()

        assert sorted(studio.owners()) == [LISTED_BELOW - 2, LISTED_BELOW - 1]

    def test_lists_nothing_of_ids_far_above(self, studio: Studio) -> None:
        studio.node.mine(minted(ARTIST, UINT256_MAX - 5, UINT256_MAX))

        studio.followed()

        assert studio.owners() == {}


class TestLater:
    def test_a_token_leaves_its_range(self, studio: Studio) -> None:
        studio.node.mine(minted(ARTIST, 1, 3))
        studio.followed()
        studio.node.mine(given(ARTIST, COLLECTOR, 2))

        studio.followed()

        assert studio.owners() == {1: ARTIST, 2: COLLECTOR, 3: ARTIST}
        assert studio.rows(TOKENS, *MINTED)[1] == (1, 0, ARTIST, 1)
        assert studio.rows(BREAKS) == []

    def test_all_in_one_reading(self, studio: Studio) -> None:
        studio.node.mine(minted(ARTIST, 1, 3))
        studio.node.mine(given(ARTIST, COLLECTOR, 2), given(COLLECTOR, GALLERY, 2))
        studio.node.mine(given(GALLERY, ZERO_ADDRESS, 2))

        studio.followed()

        assert studio.owners() == {1: ARTIST, 2: ZERO_ADDRESS, 3: ARTIST}
        assert studio.rows(TOKENS, *MINTED)[1] == (1, 0, ARTIST, 3)
        assert studio.rows(BREAKS) == []

    @pytest.mark.parametrize("pause", [True, False])
    def test_a_token_that_was_not_listed(self, studio: Studio, pause: bool) -> None:
        studio.node.mine(minted(ARTIST, 0, UINT256_MAX))
        if pause:
            studio.followed()
        studio.node.mine(given(ARTIST, COLLECTOR, UINT256_MAX))

        studio.followed()

        assert studio.owners()[UINT256_MAX] == COLLECTOR
        assert studio.rows(TOKENS, *MINTED)[-1] == (1, 0, ARTIST, 1)
        assert studio.rows(BREAKS) == []
        assert studio.digest() == studio.fresh_digest()

    @pytest.mark.parametrize("pause", [True, False])
    def test_a_range_moves_again(self, studio: Studio, pause: bool) -> None:
        studio.node.mine(minted(ARTIST, 1, 4))
        studio.node.mine(given(ARTIST, COLLECTOR, 3))
        if pause:
            studio.followed()
        studio.node.mine(moved(ARTIST, GALLERY, 1, 2), given(GALLERY, COLLECTOR, 1))

        studio.followed()

        assert studio.owners() == {1: COLLECTOR, 2: GALLERY, 3: COLLECTOR, 4: ARTIST}
        assert studio.rows(TOKENS, "transfer_count") == [2, 1, 1, 0]
        assert studio.rows(BREAKS) == []
        assert studio.digest() == studio.fresh_digest()

    def test_a_range_of_unlisted_tokens_moves_before_one_of_them(self, studio: Studio) -> None:
        low = LISTED_BELOW + 1
        studio.node.mine(minted(ARTIST, low, low + 9))
        studio.followed()
        studio.node.mine(moved(ARTIST, GALLERY, low, low + 5))
        studio.followed()
        studio.node.mine(given(GALLERY, COLLECTOR, low))

        studio.followed()

        assert studio.owners() == {low: COLLECTOR}
        assert studio.rows(TOKENS, *MINTED) == [(1, 0, ARTIST, 2)]
        assert studio.rows(BREAKS) == []
        assert studio.digest() == studio.fresh_digest()


class TestReorg:
    def test_a_range_falls_with_its_block(self, studio: Studio) -> None:
        studio.node.mine_empty(3)
        studio.node.mine(minted(ARTIST, 1, 3))
        studio.followed()
        studio.node.drop(1)
        studio.node.mine(label="b")
        studio.node.mine(label="b")

        studio.followed()

        assert studio.owners() == {}
        assert studio.rows(RANGES) == []
        assert studio.told() == ["range_transferred", "retracted"]

    def test_a_token_goes_back_into_its_range(self, studio: Studio) -> None:
        studio.node.mine(minted(ARTIST, 1, 3))
        studio.node.mine(given(ARTIST, COLLECTOR, 2))
        studio.followed()
        studio.node.drop(1)
        studio.node.mine(label="b")
        studio.node.mine(label="b")

        studio.followed()

        assert studio.owners() == {1: ARTIST, 2: ARTIST, 3: ARTIST}
        assert studio.digest() == studio.fresh_digest()

    def test_an_unlisted_token_is_not_listed_any_more(self, studio: Studio) -> None:
        studio.node.mine(minted(ARTIST, LISTED_BELOW, UINT256_MAX))
        studio.node.mine(given(ARTIST, COLLECTOR, LISTED_BELOW))
        studio.followed()
        studio.node.drop(1)
        studio.node.mine(label="b")
        studio.node.mine(label="b")

        studio.followed()

        assert studio.owners() == {}
        assert studio.digest() == studio.fresh_digest()


class TestLies:
    def test_a_range_from_somebody_who_holds_nothing(
        self, studio: Studio, connection: Connection
    ) -> None:
        studio.node.mine(minted(ARTIST, 1, 2))
        studio.node.mine(moved(GALLERY, COLLECTOR, 2, 3))

        studio.followed()

        assert studio.owners() == {1: ARTIST, 2: COLLECTOR, 3: COLLECTOR}
        assert studio.rows(BREAKS, "token_id", "owner", "sender")[0] == (2, ARTIST, GALLERY)

    @pytest.mark.parametrize("pause", [True, False])
    def test_is_no_break_of_a_token_that_nothing_has_listed(
        self, studio: Studio, pause: bool
    ) -> None:
        low = LISTED_BELOW + 1
        studio.node.mine(minted(ARTIST, low, low + 9), minted(ARTIST, 1, 2))
        studio.node.mine(moved(COLLECTOR, GALLERY, low, low + 5))
        if pause:
            studio.followed()
        studio.node.mine(given(GALLERY, COLLECTOR, low), moved(ARTIST, GALLERY, low, low + 5))

        studio.followed()

        assert studio.rows(BREAKS, "block_number", "log_index", "token_id") == [(3, 1, low)]
        with studio.connection.begin():
            assert broken_custody(studio.connection, studio.node.chain_id) == [(3, 1)]
            assert broken_custody(studio.connection, studio.node.chain_id, (2, 3)) == [(3, 1)]
        assert studio.digest() == studio.fresh_digest()
