"""Works sold on other venues: asked about where works moved, and told in place of a transfer."""

from collections.abc import Sequence

import pytest

from indexer.backfill import Backfill
from indexer.facts import OUTBOX, SALES, TRANSFERS
from indexer.mirror import Ways
from indexer.rebuild import rebuild
from indexer.venues import VENUES
from nft.chain import seaport
from nft.types import ZERO_ADDRESS, Address, Digest
from tests.indexer.conftest import Studio
from tests.support import scripted_logs as logs
from tests.support.people import (
    ARTIST,
    COLLECTION_FACTORY,
    COLLECTOR,
    EXCHANGE,
    FOREIGN,
    GALLERY,
    HOUSE,
    ORDER,
    OTHER_WORK,
    STRANGER,
    WORK,
    deployed,
)
from tests.support.scripted_logs import minted, transferred
from tests.support.scripted_node import ScriptedLog, empty, refuse

COIN, ERC721 = 0, 2
BLUE = Address(b"\xb1" * 20)


def listed(*tokens: int, contract: Address = HOUSE, venue: Address = seaport.V1_6) -> ScriptedLog:
    """The artist's order on a venue, filled by the collector."""
    return logs.fulfilled(
        venue,
        order_hash=ORDER,
        offerer=ARTIST,
        recipient=COLLECTOR,
        offer=[(ERC721, contract, token, 1) for token in tokens],
        consideration=[
            ((COIN, ZERO_ADDRESS, 0, 90), ARTIST),
            ((COIN, ZERO_ADDRESS, 0, 11), GALLERY),
        ],
    )


def sold(*tokens: int, contract: Address = HOUSE) -> Sequence[ScriptedLog]:
    """The works on their way, and what the venue says of it."""
    moved = [transferred(contract, ARTIST, COLLECTOR, token) for token in tokens]
    return (*moved, listed(*tokens, contract=contract))


def requests(studio: Studio) -> int:
    """How often logs were asked for."""
    return studio.node.asked.count("eth_getLogs")


class TestASaleElsewhere:
    def test_stands_at_the_transfer_with_every_payment(self, studio: Studio) -> None:
        studio.node.mine(*minted(HOUSE, ARTIST, WORK))
        studio.node.mine(*sold(WORK), one_transaction=True)

        studio.followed()

        names = ("kind", "exchange", "order_hash", "seller", "buyer", "price", "works")
        assert studio.rows(SALES, *names) == [
            ("elsewhere", seaport.V1_6, ORDER, ARTIST, COLLECTOR, 101, 1)
        ]
        assert studio.rows(SALES, "log_index", "transfer_log_index") == [(0, 0)]
        assert studio.rows(SALES, "royalty", "royalty_receiver", "fee") == [(None, None, None)]
        assert studio.rows(SALES, "payments") == [
            [
                {"receiver": str(ARTIST), "amount": "90"},
                {"receiver": str(GALLERY), "amount": "11"},
            ]
        ]

    def test_is_told_beside_the_transfer(self, studio: Studio) -> None:
        studio.node.mine(*minted(HOUSE, ARTIST, WORK))
        studio.node.mine(*sold(WORK), one_transaction=True)

        studio.followed()

        assert studio.told() == ["minted", "transferred", "sold_elsewhere"]
        payload = studio.rows(OUTBOX, "payload")[-1]
        assert (payload["price"], payload["works"]) == ("101", 1)
        assert payload["payments"][1] == {"receiver": str(GALLERY), "amount": "11"}

    def test_of_several_works_is_one_for_each(self, studio: Studio) -> None:
        studio.node.mine(*minted(HOUSE, ARTIST, WORK), *minted(HOUSE, ARTIST, OTHER_WORK))
        studio.node.mine(*sold(WORK, OTHER_WORK), one_transaction=True)

        studio.followed()

        assert studio.rows(SALES, "token_id", "price", "works") == [
            (WORK, 51, 2),
            (OTHER_WORK, 50, 2),
        ]

    def test_of_a_collection_of_somebody_elses(self, studio: Studio) -> None:
        studio.node.mine(*sold(7, contract=FOREIGN), one_transaction=True)

        studio.followed()

        assert studio.rows(SALES, "contract", "token_id", "price") == [(FOREIGN, 7, 101)]

    def test_of_a_collection_made_in_the_same_block(self, studio: Studio) -> None:
        studio.node.mine(
            logs.created(COLLECTION_FACTORY, BLUE, ARTIST),
            *minted(BLUE, ARTIST, WORK),
            *sold(WORK, contract=BLUE),
            one_transaction=True,
        )

        studio.followed()

        assert studio.rows(SALES, "contract", "transfer_log_index") == [(BLUE, 3)]

    @pytest.mark.parametrize("venue", VENUES)
    def test_on_any_of_the_venues(self, studio: Studio, venue: Address) -> None:
        moved = transferred(HOUSE, ARTIST, COLLECTOR, WORK)
        studio.node.mine(moved, listed(WORK, venue=venue), one_transaction=True)

        studio.followed()

        assert studio.rows(SALES, "exchange", "price") == [(venue, 101)]

    def test_whose_work_was_sold_by_us_is_ours(self, studio: Studio) -> None:
        ours = logs.filled(
            EXCHANGE,
            order_hash=Digest(b"\x0e" * 32),
            maker=ARTIST,
            taker=COLLECTOR,
            collection=HOUSE,
            token=WORK,
        )
        studio.node.mine(*sold(WORK), ours, one_transaction=True)

        studio.followed()

        assert studio.rows(SALES, "kind", "price") == [("listing", 1000)]

    def test_in_another_transaction_than_the_move_is_none(self, studio: Studio) -> None:
        studio.node.mine(*sold(WORK))

        studio.followed()

        assert studio.transfers() == 1
        assert studio.rows(SALES) == []

    def test_that_names_a_stranger_as_venue_is_none(self, studio: Studio) -> None:
        forged = listed(WORK, venue=STRANGER)
        studio.node.mine(transferred(HOUSE, ARTIST, COLLECTOR, WORK), forged, one_transaction=True)

        studio.followed()

        assert studio.rows(SALES) == []


class TestAsking:
    def test_costs_nothing_where_no_venue_is(self, studio: Studio) -> None:
        studio.node.mine(*minted(HOUSE, ARTIST, WORK))
        studio.node.mine(transferred(HOUSE, ARTIST, COLLECTOR, WORK))

        studio.followed()

        assert requests(studio) == 1

    def test_is_left_out_where_works_were_only_minted_or_burned(self, studio: Studio) -> None:
        burned = transferred(HOUSE, ARTIST, ZERO_ADDRESS, WORK)
        studio.node.mine(*minted(HOUSE, ARTIST, WORK), burned, listed(WORK), one_transaction=True)

        studio.followed()

        assert requests(studio) == 1

    def test_once_for_a_block_in_which_works_moved(self, studio: Studio) -> None:
        works = (*minted(HOUSE, ARTIST, WORK), *minted(HOUSE, ARTIST, OTHER_WORK))
        studio.node.mine(*works, listed(OTHER_WORK))
        studio.node.mine(*sold(WORK), *sold(OTHER_WORK), one_transaction=True)
        studio.node.mine(listed(OTHER_WORK))

        studio.followed()

        assert requests(studio) == 2
        assert len(studio.rows(SALES)) == 2

    def test_that_is_answered_with_nothing_goes_to_the_receipts(self, studio: Studio) -> None:
        studio.node.mine(*sold(WORK), one_transaction=True)
        studio.node.fault("eth_getLogs", lambda told: told, empty)

        studio.followed()

        assert studio.rows(SALES, "price") == [101]

    def test_in_a_block_whose_logs_are_refused(self, studio: Studio) -> None:
        studio.node.mine(*sold(WORK), one_transaction=True)
        studio.node.fault("eth_getLogs", *[refuse("query returned more than 10000 results")] * 8)

        studio.followed()

        assert studio.rows(SALES, "price") == [101]


class TestAHistory:
    def test_of_a_contract_registered_later_has_its_sales(self, studio: Studio) -> None:
        studio.node.mine(*sold(7, contract=STRANGER), *sold(WORK), one_transaction=True)
        mirror = studio.followed()
        studio.register()
        mirror.join()
        backfill = Backfill(studio.connection, studio.chain, Ways())

        assert backfill.step()

        assert studio.rows(SALES, "contract", "log_index", "price") == [
            (STRANGER, 0, 101),
            (HOUSE, 2, 101),
        ]


class TestABranchThatFell:
    def test_takes_the_sale_and_says_so(self, studio: Studio) -> None:
        studio.node.mine(*minted(HOUSE, ARTIST, WORK))
        studio.node.mine(*sold(WORK), one_transaction=True)
        mirror = studio.followed()
        studio.node.drop(1)
        studio.node.mine(transferred(HOUSE, ARTIST, COLLECTOR, WORK), label="b")
        studio.node.mine(label="b")

        mirror.follow()

        assert studio.rows(SALES) == []
        assert studio.rows(TRANSFERS, "receiver")[-1] == COLLECTOR
        retracted = [row["retracts"] for row in studio.rows(OUTBOX, "payload") if "retracts" in row]
        assert sorted(retracted) == ["sold_elsewhere", "transferred"]
        assert studio.digest() == studio.fresh_digest()


class TestARebuild:
    def test_tells_nothing_again(self, studio: Studio) -> None:
        studio.node.mine(*minted(HOUSE, ARTIST, WORK))
        studio.node.mine(*sold(WORK), one_transaction=True)
        studio.followed()
        told = studio.told()

        before, after = rebuild(studio.connection, studio.chain, deployed())

        assert before == after
        assert studio.told() == told

    def test_tells_the_sales_of_a_mirror_that_did_not_know_venues(self, studio: Studio) -> None:
        studio.node.mine(*sold(WORK), one_transaction=True)
        studio.followed()
        with studio.connection.begin():
            studio.connection.execute(SALES.delete())
            studio.connection.execute(OUTBOX.delete().where(OUTBOX.c.kind == "sold_elsewhere"))

        rebuild(studio.connection, studio.chain, deployed())

        assert studio.told() == ["transferred", "sold_elsewhere"]
