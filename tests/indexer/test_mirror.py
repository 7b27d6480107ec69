import pytest

from indexer.cursor import CursorMoved
from indexer.facts import BLOCKS, CURSORS, OUTBOX, SALES, TOKENS
from indexer.mirror import PATIENCE_SECONDS, Outcome, ReorgBelowFinality
from indexer.rebuild import rebuild
from nft.types import ZERO_ADDRESS
from tests.indexer.conftest import Studio
from tests.support.people import (
    ARTIST,
    COLLECTOR,
    EXCHANGE,
    GALLERY,
    HOUSE,
    ORDER,
    OTHER_WORK,
    WORK,
    deployed,
)
from tests.support.scripted_logs import filled, minted, transferred


class TestTheFiveCases:
    def test_reads_from_the_deployment_to_the_head(self, studio: Studio) -> None:
        studio.node.mine(*minted(HOUSE, ARTIST, WORK))
        studio.node.mine(transferred(HOUSE, ARTIST, COLLECTOR, WORK))

        mirror = studio.followed()

        assert mirror.cursor is not None
        assert mirror.cursor.number == 2
        assert studio.owners() == {WORK: COLLECTOR}

    def test_waits_before_the_deployment(self, studio: Studio) -> None:
        assert studio.mirror().follow() is Outcome.BEHIND
        assert studio.rows(CURSORS) == []

    def test_the_same_head_asks_one_request_and_writes_nothing(self, studio: Studio) -> None:
        studio.node.mine_empty(2)
        mirror = studio.followed()
        studio.node.asked.clear()

        outcome = mirror.follow()

        assert outcome is Outcome.SAME
        assert studio.node.asked == ["eth_getBlockByNumber"]

    def test_the_next_block_is_read_by_its_hash(self, studio: Studio) -> None:
        studio.node.mine_empty(1)
        mirror = studio.followed()
        studio.node.mine(*minted(HOUSE, ARTIST, WORK))

        assert mirror.follow() is Outcome.MOVED
        assert studio.owners() == {WORK: ARTIST}

    def test_a_gap_is_filled_in_one_pass(self, studio: Studio) -> None:
        studio.node.mine_empty(1)
        mirror = studio.followed()
        studio.node.mine(*minted(HOUSE, ARTIST, WORK))
        studio.node.mine_empty(20)
        studio.node.mine(transferred(HOUSE, ARTIST, GALLERY, WORK))

        mirror.follow()

        assert mirror.cursor is not None
        assert mirror.cursor.number == 23
        assert studio.owners() == {WORK: GALLERY}

    def test_a_gap_longer_than_a_range_takes_several(self, studio: Studio) -> None:
        studio.node.mine(*minted(HOUSE, ARTIST, WORK))
        studio.node.mine_empty(600)

        mirror = studio.followed()

        assert mirror.cursor is not None
        assert mirror.cursor.number == 601

    def test_a_node_that_lags_changes_nothing(self, studio: Studio) -> None:
        studio.node.mine_empty(3)
        studio.node.mine(*minted(HOUSE, ARTIST, WORK))
        mirror = studio.followed()
        newest = studio.node.blocks.pop()

        outcomes = [mirror.follow(), mirror.follow()]
        studio.node.blocks.append(newest)

        assert outcomes == [Outcome.BEHIND, Outcome.BEHIND]
        assert mirror.follow() is Outcome.SAME
        assert studio.told() == ["minted"]


class TestReorgs:
    @pytest.mark.parametrize("depth", [1, 7, 64])
    def test_ends_equal_to_a_fresh_index(self, studio: Studio, depth: int) -> None:
        studio.node.mine(*minted(HOUSE, ARTIST, WORK))
        for _ in range(depth):
            studio.node.mine(*minted(HOUSE, COLLECTOR, len(studio.node.blocks)))
        mirror = studio.followed()

        studio.node.drop(depth)
        studio.node.mine(transferred(HOUSE, ARTIST, GALLERY, WORK), label="b")
        studio.node.mine_empty(depth, label="b")
        mirror.follow()

        assert studio.owners() == {WORK: GALLERY}
        assert studio.digest() == studio.fresh_digest()

    def test_tells_what_it_retracts_newest_first(self, studio: Studio) -> None:
        studio.node.mine(*minted(HOUSE, ARTIST, WORK))
        studio.node.mine(transferred(HOUSE, ARTIST, COLLECTOR, WORK))
        studio.node.mine(transferred(HOUSE, COLLECTOR, GALLERY, WORK))
        mirror = studio.followed()
        fallen = studio.node.blocks[3].hash

        studio.node.drop(2)
        studio.node.mine_empty(2, label="b")
        mirror.follow()

        assert studio.told() == ["minted", "transferred", "transferred", "retracted", "retracted"]
        told = studio.rows(OUTBOX, "block_number", "block_hash", "payload")
        assert [number for number, _, _ in told[3:]] == [3, 2]
        assert str(told[3][1]) == fallen
        assert told[3][2]["retracts"] == "transferred"

    def test_a_work_of_the_lost_branch_is_gone(self, studio: Studio) -> None:
        studio.node.mine_empty(1)
        studio.node.mine(*minted(HOUSE, ARTIST, WORK))
        mirror = studio.followed()

        studio.node.drop(1)
        studio.node.mine(label="b")
        mirror.follow()

        assert studio.owners() == {}

    def test_a_sale_falls_with_its_block(self, studio: Studio) -> None:
        studio.node.mine(*minted(HOUSE, ARTIST, WORK))
        studio.node.mine(
            transferred(HOUSE, ARTIST, COLLECTOR, WORK),
            filled(
                EXCHANGE,
                order_hash=ORDER,
                maker=ARTIST,
                taker=COLLECTOR,
                collection=HOUSE,
                token=WORK,
            ),
            one_transaction=True,
        )
        mirror = studio.followed()
        sold = studio.rows(SALES, "seller", "buyer")

        studio.node.drop(1)
        studio.node.mine_empty(2, label="b")
        mirror.follow()

        assert sold == [(ARTIST, COLLECTOR)]
        assert studio.rows(SALES) == []
        assert studio.rows(TOKENS, "owner", "transfer_count") == [(ARTIST, 0)]

    def test_returns_to_a_branch_it_had_left(self, studio: Studio) -> None:
        studio.node.mine(*minted(HOUSE, ARTIST, WORK))
        studio.node.mine(transferred(HOUSE, ARTIST, COLLECTOR, WORK))
        first_branch = list(studio.node.blocks)
        mirror = studio.followed()
        studio.node.drop(1)
        studio.node.mine(label="b")
        mirror.follow()

        studio.node.blocks = first_branch
        mirror.follow()

        assert studio.owners() == {WORK: COLLECTOR}
        assert studio.told() == ["minted", "transferred", "retracted", "transferred"]

    def test_a_shorter_branch_is_believed_when_it_stays(self, studio: Studio) -> None:
        studio.node.mine(*minted(HOUSE, ARTIST, WORK))
        studio.node.mine_empty(3)
        mirror = studio.followed()
        studio.node.drop(3)
        studio.node.mine(transferred(HOUSE, ARTIST, COLLECTOR, WORK), label="b")

        at_once = mirror.follow()
        studio.clock.now += PATIENCE_SECONDS
        later = mirror.follow()

        assert (at_once, later) == (Outcome.BEHIND, Outcome.REWOUND)
        assert studio.owners() == {WORK: COLLECTOR}

    def test_one_deeper_than_finality_stops_and_deletes_nothing(self, studio: Studio) -> None:
        studio.node.mine(*minted(HOUSE, ARTIST, WORK))
        studio.node.mine_empty(8)
        studio.node.final = 6
        mirror = studio.followed()
        before = studio.digest()

        studio.node.drop(7)
        studio.node.mine_empty(9, label="b")
        with pytest.raises(ReorgBelowFinality):
            mirror.follow()

        assert studio.digest() == before
        assert "was final" in studio.rows(CURSORS, "halted")[0]

    def test_goes_on_by_itself_when_the_node_comes_to_its_senses(self, studio: Studio) -> None:
        studio.node.mine_empty(8)
        studio.node.final = 6
        mirror = studio.followed()
        true_chain = list(studio.node.blocks)
        studio.node.drop(7)
        studio.node.mine_empty(9, label="b")
        with pytest.raises(ReorgBelowFinality):
            mirror.follow()

        studio.node.blocks = true_chain
        studio.node.mine(*minted(HOUSE, ARTIST, WORK))
        studio.mirror().follow()

        assert studio.rows(CURSORS, "halted") == [None]
        assert studio.owners() == {WORK: ARTIST}


class TestALocalChain:
    def test_a_rollback_rewinds(self, local_studio: Studio) -> None:
        local_studio.node.mine(*minted(HOUSE, ARTIST, WORK))
        local_studio.node.mine(transferred(HOUSE, ARTIST, COLLECTOR, WORK))
        mirror = local_studio.followed()

        local_studio.node.drop(1)
        outcome = mirror.follow()

        assert outcome is Outcome.REWOUND
        assert mirror.cursor is not None
        assert mirror.cursor.number == 1
        assert local_studio.owners() == {WORK: ARTIST}

    def test_a_rollback_below_what_was_final_rewinds_too(self, local_studio: Studio) -> None:
        local_studio.node.mine(*minted(HOUSE, ARTIST, WORK))
        local_studio.node.mine_empty(5)
        local_studio.node.final = 5
        mirror = local_studio.followed()

        local_studio.node.drop(4)
        mirror.follow()

        assert mirror.cursor is not None
        assert mirror.cursor.number <= 2
        assert mirror.cursor.final_number <= mirror.cursor.number
        local_studio.followed()
        assert local_studio.digest() == local_studio.fresh_digest()

    def test_another_chain_stops_the_mirror(self, local_studio: Studio) -> None:
        local_studio.node.mine(*minted(HOUSE, ARTIST, WORK))
        mirror = local_studio.followed()

        local_studio.node.drop(2)
        for _ in range(3):
            local_studio.node.mine(label="another chain")
        with pytest.raises(ReorgBelowFinality):
            mirror.follow()

        assert local_studio.owners() == {WORK: ARTIST}

    def test_nothing_above_the_saved_block_is_safe_or_final(self, local_studio: Studio) -> None:
        saved = [2]
        local_studio.finality_cap = lambda: saved[0]
        local_studio.node.mine_empty(6)
        local_studio.node.safe, local_studio.node.final = 5, 4
        mirror = local_studio.followed()
        capped = mirror.cursor
        saved[0] = 6

        mirror.follow()

        assert capped is not None
        assert (capped.safe_number, capped.final_number) == (2, 2)
        assert mirror.cursor is not None
        assert (mirror.cursor.safe_number, mirror.cursor.final_number) == (5, 4)


class TestFinality:
    def test_comes_from_the_nodes_tags(self, studio: Studio) -> None:
        studio.node.mine_empty(9)
        studio.node.safe, studio.node.final = 7, 5

        mirror = studio.followed()

        assert mirror.cursor is not None
        assert (mirror.cursor.safe_number, mirror.cursor.final_number) == (7, 5)

    def test_is_counted_where_the_node_knows_no_tags(self, studio: Studio) -> None:
        studio.node.safe = studio.node.final = None
        studio.node.mine_empty(100)

        mirror = studio.followed()

        assert mirror.cursor is not None
        assert (mirror.cursor.safe_number, mirror.cursor.final_number) == (68, 36)

    def test_moves_without_a_new_block(self, studio: Studio) -> None:
        studio.node.mine_empty(9)
        mirror = studio.followed()
        studio.node.final = 8
        studio.clock.now += 2

        mirror.follow()

        assert studio.rows(CURSORS, "final_number") == [8]

    def test_never_goes_back_on_one_branch(self, studio: Studio) -> None:
        studio.node.mine_empty(9)
        studio.node.final = 7
        mirror = studio.followed()
        studio.node.final = 3
        studio.node.mine()

        mirror.follow()

        assert studio.rows(CURSORS, "final_number") == [7]

    def test_lets_go_of_empty_headers_below_it(self, studio: Studio) -> None:
        studio.node.mine_empty(3)
        studio.node.mine(*minted(HOUSE, ARTIST, WORK))
        studio.node.mine_empty(5)
        studio.node.final = 8

        studio.followed()

        assert studio.heights() == [1, 4, 8, 9]


class TestTokens:
    def test_a_mint_counts_no_transfer(self, studio: Studio) -> None:
        studio.node.mine(*minted(HOUSE, ARTIST, WORK, bps=750))

        studio.followed()

        assert studio.rows(
            TOKENS, "creator", "owner", "transfer_count", "royalty_bps", "royalty_receiver"
        ) == [(ARTIST, ARTIST, 0, 750, ARTIST)]

    def test_a_burn_counts_and_leaves_nobody(self, studio: Studio) -> None:
        studio.node.mine(*minted(HOUSE, ARTIST, WORK))
        studio.node.mine(transferred(HOUSE, ARTIST, COLLECTOR, WORK))
        studio.node.mine(transferred(HOUSE, COLLECTOR, ZERO_ADDRESS, WORK))

        studio.followed()

        assert studio.rows(TOKENS, "owner", "transfer_count") == [(ZERO_ADDRESS, 2)]
        assert studio.told() == ["minted", "transferred", "burned"]

    def test_a_mint_to_somebody_else_keeps_its_creator(self, studio: Studio) -> None:
        studio.node.mine(transferred(HOUSE, ZERO_ADDRESS, COLLECTOR, WORK))

        studio.followed()

        assert studio.rows(TOKENS, "creator", "owner") == [(ARTIST, COLLECTOR)]

    def test_several_in_one_block_are_kept_apart(self, studio: Studio) -> None:
        studio.node.mine(
            *minted(HOUSE, ARTIST, WORK),
            *minted(HOUSE, ARTIST, OTHER_WORK),
            transferred(HOUSE, ARTIST, COLLECTOR, WORK),
            transferred(HOUSE, COLLECTOR, GALLERY, WORK),
        )

        studio.followed()

        assert studio.owners() == {WORK: GALLERY, OTHER_WORK: ARTIST}


class TestTwoWriters:
    def test_the_second_fails_and_doubles_nothing(self, studio: Studio) -> None:
        studio.node.mine_empty(1)
        first, second = studio.followed(), studio.mirror()
        studio.node.mine(*minted(HOUSE, ARTIST, WORK))
        first.follow()
        studio.node.mine(transferred(HOUSE, ARTIST, COLLECTOR, WORK))

        with pytest.raises(CursorMoved):
            second.follow()

        assert studio.transfers() == 1
        assert studio.rows(BLOCKS, "number") == [1, 2]


class TestARebuild:
    def test_retracts_what_was_told_of_a_branch_that_is_gone(self, studio: Studio) -> None:
        node = studio.node
        node.mine(*minted(HOUSE, ARTIST, WORK))
        node.mine(transferred(HOUSE, ARTIST, COLLECTOR, WORK))
        studio.followed()
        node.drop(1)
        node.mine(transferred(HOUSE, ARTIST, GALLERY, WORK), label="b")

        rebuild(studio.connection, studio.chain, deployed(node.chain_id))

        assert studio.told()[-3:] == ["transferred", "retracted", "transferred"]
        assert studio.owners() == {WORK: GALLERY}

    def test_tells_again_what_was_retracted_and_came_back(self, studio: Studio) -> None:
        node = studio.node
        node.mine(*minted(HOUSE, ARTIST, WORK))
        node.mine(transferred(HOUSE, ARTIST, COLLECTOR, WORK))
        mirror = studio.followed()
        first = list(node.blocks)
        node.drop(1)
        node.mine(label="b")
        mirror.follow()
        node.blocks = first

        rebuild(studio.connection, studio.chain, deployed(node.chain_id))

        assert studio.told()[-3:] == ["transferred", "retracted", "transferred"]
