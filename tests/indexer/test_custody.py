"""Works that left somebody who did not own them, found by one statement."""

from indexer.full_proof import broken_custody
from nft.types import ZERO_ADDRESS
from tests.indexer.conftest import Studio
from tests.support.people import COLLECTOR, FOREIGN, GALLERY, STRANGER
from tests.support.scripted_logs import log, transferred, word


def broken(studio: Studio, blocks: tuple[int, int] | None = None) -> list[tuple[int, int]]:
    with studio.connection.begin():
        return broken_custody(studio.connection, studio.node.chain_id, blocks)


class TestBrokenCustody:
    def test_names_who_sent_what_was_not_theirs(self, studio: Studio) -> None:
        studio.node.mine(transferred(FOREIGN, ZERO_ADDRESS, COLLECTOR, 3))
        studio.node.mine(transferred(FOREIGN, STRANGER, GALLERY, 3))
        studio.node.mine(transferred(FOREIGN, GALLERY, COLLECTOR, 3))

        studio.followed()

        assert broken(studio) == [(2, 0)]
        assert broken(studio, (2, 3)) == [(2, 0)]
        assert broken(studio, (3, 3)) == []

    def test_knows_owners_of_ranges(self, studio: Studio) -> None:
        signature = "ConsecutiveTransfer(uint256,uint256,address,address)"
        studio.node.mine(log(FOREIGN, signature, 1, ZERO_ADDRESS, COLLECTOR, data=word(9)))
        studio.node.mine(transferred(FOREIGN, COLLECTOR, GALLERY, 3))
        studio.node.mine(transferred(FOREIGN, STRANGER, GALLERY, 4))

        studio.followed()

        assert broken(studio) == [(3, 0)]
        assert broken(studio, (2, 3)) == [(3, 0)]


class TestMintedAgain:
    def test_keeps_a_work_that_comes_back_after_it_was_burned(self, studio: Studio) -> None:
        studio.node.mine(transferred(FOREIGN, ZERO_ADDRESS, COLLECTOR, 3))
        studio.followed()
        studio.node.mine(transferred(FOREIGN, COLLECTOR, ZERO_ADDRESS, 3))
        studio.followed()
        studio.node.mine(
            transferred(FOREIGN, ZERO_ADDRESS, GALLERY, 3),
            transferred(FOREIGN, ZERO_ADDRESS, STRANGER, 2**200),
        )
        studio.followed()

        assert studio.owners() == {3: GALLERY, 2**200: STRANGER}
        assert broken(studio) == []
        assert studio.digest() == studio.fresh_digest()

    def test_takes_a_second_mint_without_a_burn_for_a_break(self, studio: Studio) -> None:
        studio.node.mine(transferred(FOREIGN, ZERO_ADDRESS, COLLECTOR, 3))
        studio.followed()
        studio.node.mine(transferred(FOREIGN, ZERO_ADDRESS, GALLERY, 3))
        studio.followed()

        assert studio.owners() == {3: GALLERY}
        assert broken(studio) == [(2, 0)]
        assert studio.digest() == studio.fresh_digest()
