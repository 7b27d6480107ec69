"""A registered contract's history, read beside the follower, and what is shown meanwhile."""

from indexer.backfill import Backfill
from indexer.facts import BREAKS, CONTRACTS, CURSORS, TOKENS
from indexer.mirror import Mirror, Ways
from indexer.rebuild import rebuild
from nft.types import ZERO_ADDRESS
from tests.indexer.conftest import Studio
from tests.support.people import ARTIST, COLLECTOR, GALLERY, STRANGER, deployed
from tests.support.scripted_logs import transferred

FIRST, SECOND = 7, 2**255


def with_history(studio: Studio) -> Mirror:
    """A mirror of a chain on which strangers' works were minted and moved, in blocks 1 to 3."""
    studio.node.mine(transferred(STRANGER, ZERO_ADDRESS, ARTIST, FIRST))
    studio.node.mine(transferred(STRANGER, ZERO_ADDRESS, ARTIST, SECOND))
    studio.node.mine(transferred(STRANGER, ARTIST, COLLECTOR, FIRST))
    return studio.followed()


def joined(studio: Studio, mirror: Mirror) -> Backfill:
    """The same, with the contract registered and listened to from the next block on."""
    studio.register()
    mirror.join()
    return Backfill(studio.connection, studio.chain, Ways())


def read_all(backfill: Backfill) -> None:
    """Until nothing is left to do."""
    while backfill.step():
        pass


class TestAHistory:
    def test_is_read_up_to_where_the_follower_listens(self, studio: Studio) -> None:
        mirror = with_history(studio)
        backfill = joined(studio, mirror)

        read_all(backfill)

        assert studio.owners() == {FIRST: COLLECTOR, SECOND: ARTIST}
        assert studio.rows(CONTRACTS, "read_to") == [3]
        assert studio.rows(TOKENS, "transfer_count") == [1, 0]

    def test_is_told_to_nobody(self, studio: Studio) -> None:
        mirror = with_history(studio)
        backfill = joined(studio, mirror)

        read_all(backfill)

        assert studio.told() == []

    def test_shows_no_owner_of_years_ago(self, studio: Studio) -> None:
        mirror = with_history(studio)
        backfill = joined(studio, mirror)
        studio.node.mine(transferred(STRANGER, COLLECTOR, GALLERY, FIRST))

        mirror.follow()

        assert studio.owners() == {}
        assert studio.told() == ["transferred"]
        read_all(backfill)
        assert studio.owners() == {FIRST: GALLERY, SECOND: ARTIST}
        assert studio.rows(TOKENS, "transfer_count") == [2, 0]

    def test_is_followed_from_its_end_on(self, studio: Studio) -> None:
        mirror = with_history(studio)
        read_all(joined(studio, mirror))
        mirror.refresh()
        studio.node.mine(transferred(STRANGER, ARTIST, GALLERY, SECOND))

        mirror.follow()

        assert studio.owners() == {FIRST: COLLECTOR, SECOND: GALLERY}

    def test_ends_as_a_rebuild(self, studio: Studio) -> None:
        mirror = with_history(studio)
        read_all(joined(studio, mirror))
        studio.node.mine(transferred(STRANGER, ARTIST, GALLERY, SECOND))
        mirror.follow()

        before, after = rebuild(studio.connection, studio.chain, deployed(1))

        assert before == after
        assert studio.told() == ["transferred"]

    def test_that_a_rebuild_overtook_is_complete(self, studio: Studio) -> None:
        mirror = with_history(studio)
        backfill = joined(studio, mirror)

        rebuild(studio.connection, studio.chain, deployed(1))

        assert backfill.step() is False
        assert studio.owners() == {FIRST: COLLECTOR, SECOND: ARTIST}

    def test_in_which_logs_were_left_out_is_a_break(self, studio: Studio) -> None:
        mirror = with_history(studio)
        backfill = joined(studio, mirror)
        studio.node.mine(transferred(STRANGER, GALLERY, COLLECTOR, SECOND))
        mirror.follow()

        read_all(backfill)

        assert studio.rows(BREAKS, "owner", "sender") == [(ARTIST, GALLERY)]


class TestAReorg:
    def test_below_where_it_joined_is_read_by_the_follower(self, local_studio: Studio) -> None:
        mirror = with_history(local_studio)
        local_studio.register()
        mirror.join()
        backfill = Backfill(local_studio.connection, local_studio.chain, Ways())
        local_studio.node.drop(1)
        local_studio.node.mine(transferred(STRANGER, ARTIST, GALLERY, FIRST), label="other")
        local_studio.node.mine_empty(1)
        mirror.follow()

        read_all(backfill)

        assert local_studio.owners() == {FIRST: GALLERY, SECOND: ARTIST}
        before, after = rebuild(local_studio.connection, local_studio.chain, deployed(31337))
        assert before == after

    def test_below_its_creation_leaves_no_history(self, local_studio: Studio) -> None:
        studio = local_studio
        studio.node.mine_empty(2)
        mirror = studio.followed()
        studio.node.mine(transferred(STRANGER, ZERO_ADDRESS, ARTIST, FIRST))
        mirror.follow()
        studio.register(first=3)
        mirror.join()
        studio.node.drop(1)
        studio.node.mine(transferred(STRANGER, ZERO_ADDRESS, GALLERY, FIRST), label="other")
        studio.node.mine_empty(1)

        mirror.follow()

        assert studio.owners() == {FIRST: GALLERY}


class TestALoad:
    def test_makes_tokens_and_indexes_at_its_end(self, studio: Studio) -> None:
        studio.node.mine(transferred(STRANGER, ZERO_ADDRESS, ARTIST, FIRST))
        studio.node.mine_empty(2_100)

        mirror = studio.followed()

        assert mirror.cursor is not None
        assert mirror.cursor.number == 2_101
        assert studio.rows(CURSORS, "is_loading") == [False]
