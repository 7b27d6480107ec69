"""
A registered contract that the operator lets go of: the mirror is as if it had never been there.
"""

from contextlib import suppress

import pytest

from indexer import registry
from indexer.backfill import Backfill
from indexer.cursor import CursorMoved
from indexer.facts import BLOCKS, CONTRACTS, CURSORS, NOTES, OUTBOX, SALES, TOKENS
from indexer.leaving import CannotLeave, Left, NotRegistered, leave
from indexer.mirror import Mirror, Ways
from indexer.rebuild import ContractLeft, rebuild
from indexer.run import connected
from nft.types import ZERO_ADDRESS, Address
from tests.indexer.conftest import Studio
from tests.support.people import ARTIST, COLLECTOR, EXCHANGE, FOREIGN, GALLERY, ORDER, deployed
from tests.support.scripted_logs import filled, log, transferred, word
from tests.support.scripted_node import ScriptedLog

HOSTILE = Address(b"\x66" * 20)
WORK, OTHER = 7, 2**255
WHY = "it floods the mirror"


def moved(contract: Address, token: int) -> tuple[ScriptedLog, ...]:
    return (
        transferred(contract, ZERO_ADDRESS, ARTIST, token),
        transferred(contract, ARTIST, COLLECTOR, token),
    )


def followed(studio: Studio) -> Mirror:
    """A mirror of works of ours, of the deployment's foreign contract, and of a hostile one."""
    studio.node.mine(*moved(HOSTILE, WORK))
    mirror = studio.followed()
    studio.register(HOSTILE, requested_by=GALLERY, name="Flood")
    mirror.join()
    backfill = Backfill(studio.connection, studio.chain, Ways())
    while backfill.step():
        pass
    mirror.refresh()
    studio.node.mine(*moved(HOSTILE, OTHER), log(HOSTILE, "Locked(uint256)", data=word(OTHER)))
    studio.node.mine(*moved(FOREIGN, WORK), transferred(HOSTILE, COLLECTOR, GALLERY, WORK))
    mirror.follow()
    return mirror


def let_go(studio: Studio) -> Left:
    return leave(studio.connection, 1, HOSTILE, WHY)


class TestLeaving:
    def test_takes_out_what_came_of_the_contract_and_nothing_else(self, studio: Studio) -> None:
        followed(studio)

        left = let_go(studio)

        assert (left.block, left.works, left.facts, left.retracted) == (3, 2, 6, 4)
        assert studio.rows(TOKENS, "contract", "token_id") == [(FOREIGN, WORK)]
        assert studio.rows(NOTES) == []
        assert studio.rows(BLOCKS, "number", "has_facts")[-2:] == [(2, False), (3, True)]
        assert studio.rows(CONTRACTS, "left_block", "refused") == [(3, WHY)]

    def test_ends_as_a_mirror_that_never_had_it(self, studio: Studio) -> None:
        followed(studio)

        let_go(studio)

        assert studio.digest() == studio.fresh_digest()
        before, after = rebuild(studio.connection, studio.chain, deployed(1))
        assert before == after

    def test_withdraws_what_was_told_and_still_stood(self, studio: Studio) -> None:
        followed(studio)
        told = studio.told()

        let_go(studio)

        assert told == ["minted", "transferred", "locked", "minted", "transferred", "transferred"]
        withdrawn = studio.rows(OUTBOX, "kind", "payload")[len(told) :]
        assert [kind for kind, _ in withdrawn] == ["retracted"] * 4
        assert [payload["retracts"] for _, payload in withdrawn] == [
            "transferred",
            "locked",
            "transferred",
            "minted",
        ]
        assert {payload["contract"] for _, payload in withdrawn} == {str(HOSTILE)}
        rebuild(studio.connection, studio.chain, deployed(1))
        assert len(studio.told()) == len(told) + 4

    def test_keeps_our_own_sale_of_its_work_without_the_transfer(self, studio: Studio) -> None:
        mirror = followed(studio)
        sale = filled(
            EXCHANGE,
            order_hash=ORDER,
            maker=GALLERY,
            taker=COLLECTOR,
            collection=HOSTILE,
            token=WORK,
        )
        studio.node.mine(transferred(HOSTILE, GALLERY, COLLECTOR, WORK), sale, one_transaction=True)
        mirror.follow()
        linked = studio.rows(SALES, "transfer_log_index")

        let_go(studio)

        assert linked != [None]
        assert studio.rows(SALES, "transfer_log_index", "seller") == [(None, GALLERY)]
        assert "sold" not in [
            payload.get("retracts") for _, payload in studio.rows(OUTBOX, "kind", "payload")
        ]
        assert studio.digest() == studio.fresh_digest()

    def test_has_the_rest_proven_once_more(self, studio: Studio) -> None:
        followed(studio)
        with studio.connection.begin():
            studio.connection.execute(CURSORS.update().values(proved_number=3))

        let_go(studio)

        assert studio.rows(CURSORS, "proved_number") == [0]


class TestTheFollower:
    def test_writes_nothing_that_it_read_before(self, studio: Studio) -> None:
        mirror = followed(studio)
        let_go(studio)
        studio.node.mine(*moved(HOSTILE, 9))

        with pytest.raises(CursorMoved):
            mirror.follow()

        studio.node.mine(*moved(FOREIGN, 9))
        studio.followed()
        assert studio.rows(TOKENS, "contract", "token_id") == [(FOREIGN, WORK), (FOREIGN, 9)]
        assert studio.digest() == studio.fresh_digest()

    def test_goes_on_without_it_when_it_is_told(self, studio: Studio) -> None:
        mirror = followed(studio)
        let_go(studio)
        mirror.refresh()
        studio.node.mine(*moved(HOSTILE, 9), *moved(FOREIGN, 9))

        mirror.follow()

        assert studio.rows(TOKENS, "contract", "token_id") == [(FOREIGN, WORK), (FOREIGN, 9)]

    def test_turns_back_over_blocks_that_had_it(self, studio: Studio) -> None:
        followed(studio)
        let_go(studio)
        studio.node.drop(2)
        studio.node.mine(*moved(FOREIGN, 3), label="b")
        studio.node.mine_empty(2, label="b")

        studio.followed()

        assert studio.rows(TOKENS, "token_id") == [3]
        assert studio.digest() == studio.fresh_digest()
        assert studio.rows(CONTRACTS, "left_block", "joined_block") == [(3, None)]


class TestHistories:
    def test_that_are_being_read_are_not_written(self, studio: Studio) -> None:
        studio.node.mine(*moved(HOSTILE, WORK))
        mirror = studio.followed()
        studio.register(HOSTILE)
        mirror.join()
        with studio.connection.begin():
            unread = registry.backfilling(studio.connection, 1)[0]
        let_go(studio)

        Backfill(studio.connection, studio.chain, Ways())._read(unread)

        assert studio.transfers() == 0
        assert studio.rows(TOKENS) == []

    def test_of_a_rebuild_that_read_it_are_thrown_away(
        self, studio: Studio, migrated_url: str
    ) -> None:
        followed(studio)

        with connected(migrated_url) as other:

            def meanwhile(*_: object) -> None:
                with suppress(NotRegistered):
                    leave(other, 1, HOSTILE, WHY)

            with pytest.raises(ContractLeft):
                rebuild(studio.connection, studio.chain, deployed(1), Ways(moved=meanwhile))

        assert studio.rows(TOKENS, "contract") == [FOREIGN]
        assert studio.digest() == studio.fresh_digest()


class TestComingBack:
    def test_is_for_the_operator_alone(self, studio: Studio) -> None:
        followed(studio)
        let_go(studio)

        with studio.connection.begin():
            by_others = registry.register(studio.connection, 1, HOSTILE, GALLERY)
            state = registry.find(studio.connection, 1, HOSTILE)
            by_operator = registry.register(studio.connection, 1, HOSTILE, is_operator=True)
            again = registry.find(studio.connection, 1, HOSTILE)

        assert (by_others, by_operator) == (False, True)
        assert state is not None
        assert (state.state, state.refused) == ("left", WHY)
        assert again is not None
        assert (again.state, again.left_block) == ("requested", None)

    def test_reads_it_all_anew(self, studio: Studio) -> None:
        mirror = followed(studio)
        before = studio.digest()
        let_go(studio)
        studio.register(HOSTILE, is_operator=True)
        mirror.join()
        backfill = Backfill(studio.connection, studio.chain, Ways())

        while backfill.step():
            pass

        assert studio.digest() == before


class TestRefusals:
    def test_of_what_nobody_registered(self, studio: Studio) -> None:
        followed(studio)
        let_go(studio)

        for contract in (HOSTILE, FOREIGN, COLLECTOR):
            with pytest.raises(NotRegistered):
                leave(studio.connection, 1, contract, WHY)

    def test_before_anything_is_mirrored(self, studio: Studio) -> None:
        with pytest.raises(CannotLeave, match="nothing of this chain"):
            let_go(studio)

    def test_while_the_first_history_is_loaded(self, studio: Studio) -> None:
        followed(studio)
        with studio.connection.begin():
            studio.connection.execute(CURSORS.update().values(is_loading=True))

        with pytest.raises(CannotLeave, match="being loaded"):
            let_go(studio)
