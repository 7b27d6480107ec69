"""What is sold, how, and whose it is meanwhile."""

import pytest

from indexer.facts import (
    AUCTIONS,
    BIDS,
    CREDITS,
    EDITIONS,
    GOVERNANCE,
    OUTCOMES,
    SALES,
    SKIPS,
    TOKENS,
)
from nft.tokens import token_id
from nft.types import ZERO_ADDRESS, Digest
from tests.indexer.conftest import Studio
from tests.support import mirror_queries as queries
from tests.support import people
from tests.support import scripted_logs as logs
from tests.support.people import (
    ARTIST,
    COLLECTOR,
    EXCHANGE,
    FOREIGN,
    GALLERY,
    HOUSE,
    ORDER,
    OTHER_WORK,
    WETH,
    WORK,
)
from tests.support.scripted_logs import minted, transferred, word
from tests.support.scripted_node import ScriptedLog

KEEPER = people.AUCTIONS
AUCTION = Digest(b"\xa0" * 32)
MAKER_BOUGHT = 2


def filled(token: int, *, order: Digest = ORDER, offer: bool = False) -> ScriptedLog:
    maker, taker = (COLLECTOR, ARTIST) if offer else (ARTIST, COLLECTOR)
    return logs.filled(
        EXCHANGE,
        order_hash=order,
        maker=maker,
        taker=taker,
        collection=HOUSE,
        token=token,
        flags=MAKER_BOUGHT if offer else 0,
    )


def opening(*, token: int = WORK, amount: int = 10) -> tuple[ScriptedLog, ...]:
    return (
        logs.opened(KEEPER, auction_hash=AUCTION, seller=ARTIST, collection=HOUSE, token=token),
        bid(amount),
        transferred(HOUSE, ARTIST, KEEPER, token),
    )


def bid(amount: int) -> ScriptedLog:
    return logs.bid(KEEPER, auction_hash=AUCTION, bidder=COLLECTOR, amount=amount, end=9_000)


def settling() -> tuple[ScriptedLog, ...]:
    return (
        transferred(HOUSE, KEEPER, COLLECTOR, WORK),
        logs.settled(
            KEEPER,
            auction_hash=AUCTION,
            seller=ARTIST,
            winner=COLLECTOR,
            collection=HOUSE,
            token=WORK,
        ),
    )


def held(studio: Studio) -> list[tuple[object, object]]:
    return studio.rows(TOKENS, "owner", "held_for")


def history(studio: Studio) -> list[tuple[object, object, object]]:
    query = queries.provenance(people.ref(WORK))
    with studio.connection.begin():
        rows = studio.connection.execute(query).all()
    return [(row.event, row.sender, row.receiver) for row in rows]


class TestKindsOfSale:
    def test_a_listing(self, studio: Studio) -> None:
        studio.node.mine(*minted(HOUSE, ARTIST, WORK))
        studio.node.mine(
            transferred(HOUSE, ARTIST, COLLECTOR, WORK), filled(WORK), one_transaction=True
        )

        studio.followed()

        assert studio.rows(SALES, "kind", "seller", "buyer") == [("listing", ARTIST, COLLECTOR)]
        assert studio.told()[-1] == "sold"

    def test_an_offer(self, studio: Studio) -> None:
        studio.node.mine(*minted(HOUSE, ARTIST, WORK))
        studio.node.mine(
            transferred(HOUSE, ARTIST, COLLECTOR, WORK),
            filled(WORK, offer=True),
            one_transaction=True,
        )

        studio.followed()

        assert studio.rows(SALES, "kind", "seller", "buyer") == [("offer", ARTIST, COLLECTOR)]
        assert studio.told()[-1] == "offer_accepted"

    def test_an_offer_for_a_work_that_is_not_mirrored(self, studio: Studio) -> None:
        studio.node.mine(filled(WORK, offer=True))

        studio.followed()

        assert studio.rows(SALES, "seller", "buyer", "transfer_log_index") == [
            (ARTIST, COLLECTOR, None)
        ]

    def test_a_bundle_is_a_sale_for_each_work(self, studio: Studio) -> None:
        studio.node.mine(*minted(HOUSE, ARTIST, WORK), *minted(HOUSE, ARTIST, OTHER_WORK))
        studio.node.mine(
            transferred(HOUSE, ARTIST, COLLECTOR, WORK),
            transferred(HOUSE, ARTIST, COLLECTOR, OTHER_WORK),
            filled(WORK),
            filled(OTHER_WORK),
            one_transaction=True,
        )

        studio.followed()

        assert studio.rows(SALES, "kind", "token_id", "transfer_log_index") == [
            ("bundle", WORK, 0),
            ("bundle", OTHER_WORK, 1),
        ]

    def test_two_listings_bought_together_are_no_bundle(self, studio: Studio) -> None:
        studio.node.mine(
            filled(WORK), filled(OTHER_WORK, order=Digest(b"\x0e" * 32)), one_transaction=True
        )

        studio.followed()

        assert studio.rows(SALES, "kind") == ["listing", "listing"]

    def test_a_voucher_begins_with_its_artist(self, studio: Studio) -> None:
        mint, described = minted(HOUSE, ARTIST, WORK)
        studio.node.mine(
            mint,
            transferred(HOUSE, ARTIST, COLLECTOR, WORK),
            described,
            logs.redeemed(HOUSE, voucher_hash=ORDER, signer=GALLERY, buyer=COLLECTOR, token=WORK),
            one_transaction=True,
        )

        studio.followed()

        assert history(studio) == [
            ("mint", ZERO_ADDRESS, ARTIST),
            ("sale", ARTIST, COLLECTOR),
        ]
        assert studio.rows(SALES, "kind", "maker", "seller", "fee", "fee_receiver", "royalty") == [
            ("voucher", GALLERY, ARTIST, 20, logs.FEE_RECEIVER, 0)
        ]
        assert studio.rows(TOKENS, "transfer_count") == [1]
        assert studio.told() == ["minted", "transferred", "voucher_sold"]


class TestAuctions:
    def test_in_custody_the_work_is_still_the_sellers(self, studio: Studio) -> None:
        studio.node.mine(*minted(HOUSE, ARTIST, WORK))
        studio.node.mine(*opening(), one_transaction=True)
        studio.node.mine(bid(20))

        studio.followed()

        assert held(studio) == [(KEEPER, ARTIST)]
        assert studio.rows(AUCTIONS, "seller", "transfer_log_index") == [(ARTIST, 2)]
        assert studio.rows(BIDS, "amount", "ends_at") == [(10, 9_000), (20, 9_000)]
        assert history(studio)[-1] == ("escrow", ARTIST, KEEPER)
        assert studio.told()[1:] == ["auction_opened", "bid_placed", "transferred", "bid_placed"]

    def test_settled_it_is_the_winners_and_a_sale_of_the_seller(self, studio: Studio) -> None:
        studio.node.mine(*minted(HOUSE, ARTIST, WORK))
        studio.node.mine(*opening(), one_transaction=True)
        studio.node.mine(*settling(), one_transaction=True)

        studio.followed()

        assert held(studio) == [(COLLECTOR, None)]
        assert studio.rows(SALES, "kind", "exchange", "order_hash", "seller", "buyer") == [
            ("auction", KEEPER, AUCTION, ARTIST, COLLECTOR)
        ]
        assert history(studio)[-1] == ("sale", ARTIST, COLLECTOR)
        assert studio.rows(OUTCOMES, "outcome") == ["settled"]
        assert studio.told()[-1] == "auction_settled"

    def test_unwound_it_waits_for_the_seller_who_reclaims_it(self, studio: Studio) -> None:
        studio.node.mine(*minted(HOUSE, ARTIST, WORK))
        studio.node.mine(*opening(), one_transaction=True)
        studio.node.mine(
            logs.unwound(KEEPER, auction_hash=AUCTION, bidder=COLLECTOR, amount=10),
        )
        mirror = studio.followed()
        waiting = held(studio)

        studio.node.mine(
            logs.reclaimed(KEEPER, auction_hash=AUCTION, seller=ARTIST),
            transferred(HOUSE, KEEPER, ARTIST, WORK),
            one_transaction=True,
        )
        mirror.follow()

        assert waiting == [(KEEPER, ARTIST)]
        assert held(studio) == [(ARTIST, None)]
        assert history(studio)[-1] == ("return", KEEPER, ARTIST)
        assert studio.told()[-3:] == ["auction_unwound", "work_reclaimed", "transferred"]

    def test_a_reorg_gives_the_work_back_into_custody(self, studio: Studio) -> None:
        studio.node.mine(*minted(HOUSE, ARTIST, WORK))
        studio.node.mine(*opening(), one_transaction=True)
        studio.node.mine(*settling(), one_transaction=True)
        mirror = studio.followed()

        studio.node.drop(1)
        studio.node.mine_empty(2, label="b")
        mirror.follow()

        assert held(studio) == [(KEEPER, ARTIST)]
        assert studio.digest() == studio.fresh_digest()

    def test_a_work_merely_sent_there_is_nobodys(self, studio: Studio) -> None:
        studio.node.mine(*minted(HOUSE, ARTIST, WORK))
        studio.node.mine(*opening(), one_transaction=True)
        studio.node.mine(*settling(), one_transaction=True)
        studio.node.mine(transferred(HOUSE, COLLECTOR, KEEPER, WORK))

        studio.followed()

        assert held(studio) == [(KEEPER, None)]

    def test_of_a_collection_of_somebody_elses(self, studio: Studio) -> None:
        studio.node.mine(transferred(FOREIGN, ZERO_ADDRESS, ARTIST, 7))
        studio.node.mine(
            logs.opened(KEEPER, auction_hash=AUCTION, seller=ARTIST, collection=FOREIGN, token=7),
            bid(5),
            transferred(FOREIGN, ARTIST, KEEPER, 7),
            one_transaction=True,
        )

        studio.followed()

        assert held(studio) == [(KEEPER, ARTIST)]


class TestFreezing:
    def test_all_works_of_a_creator_at_once(self, studio: Studio) -> None:
        elsewhere = token_id(GALLERY, 1)
        studio.node.mine(*minted(HOUSE, ARTIST, WORK), *minted(HOUSE, GALLERY, elsewhere))
        studio.node.mine(logs.log(HOUSE, "AllFrozen(address)", ARTIST))
        studio.node.mine(*minted(HOUSE, ARTIST, OTHER_WORK))

        studio.followed()

        assert dict(studio.rows(TOKENS, "token_id", "is_frozen")) == {
            WORK: True,
            OTHER_WORK: True,
            elsewhere: False,
        }

    def test_a_reorg_thaws_them(self, studio: Studio) -> None:
        studio.node.mine(*minted(HOUSE, ARTIST, WORK))
        studio.node.mine(logs.log(HOUSE, "AllFrozen(address)", ARTIST))
        mirror = studio.followed()
        frozen = studio.rows(TOKENS, "is_frozen", "updated_block")

        studio.node.drop(1)
        studio.node.mine_empty(2, label="b")
        mirror.follow()

        assert frozen == [(True, 2)]
        assert studio.rows(TOKENS, "is_frozen", "updated_block") == [(False, 1)]
        assert studio.digest() == studio.fresh_digest()


class TestTheRest:
    def test_an_edition_numbers_its_works(self, studio: Studio) -> None:
        edition = logs.log(HOUSE, "EditionMinted(uint256,uint256)", WORK, data=word(2))
        studio.node.mine(edition, *minted(HOUSE, ARTIST, WORK), *minted(HOUSE, ARTIST, OTHER_WORK))

        studio.followed()

        assert studio.rows(EDITIONS, "first_token_id", "size") == [(WORK, 2)]
        with studio.connection.begin():
            found = studio.connection.execute(queries.edition_of(people.ref(OTHER_WORK))).one()
        assert OTHER_WORK - found.first_token_id + 1 == 2

    def test_credits_name_the_contract_that_owes_them(self, studio: Studio) -> None:
        signature = "Credited(address,address,uint256)"
        for contract, currency in ((EXCHANGE, WETH), (KEEPER, ZERO_ADDRESS), (HOUSE, WETH)):
            data = word(currency) + word(5)
            studio.node.mine(logs.log(contract, signature, ARTIST, data=data))
        drawn = word(WETH) + word(5) + word(ARTIST)
        studio.node.mine(
            logs.log(HOUSE, "Withdrawn(address,address,uint256,address)", ARTIST, data=drawn)
        )

        studio.followed()

        assert studio.rows(CREDITS, "contract", "amount") == [
            *((EXCHANGE, 5), (KEEPER, 5)),
            *((HOUSE, 5), (HOUSE, -5)),
        ]
        with studio.connection.begin():
            found = studio.connection.execute(queries.credit(1, ARTIST)).all()
        assert {(row.contract, row.currency) for row in found} == {
            (EXCHANGE, WETH),
            (KEEPER, ZERO_ADDRESS),
        }

    def test_an_order_that_a_purchase_passed_over(self, studio: Studio) -> None:
        data = b"\xde\xad\xbe\xef".ljust(32, b"\0")
        studio.node.mine(logs.log(EXCHANGE, "OrderSkipped(bytes32,bytes4)", ORDER, data=data))

        studio.followed()

        assert studio.rows(SKIPS, "order_hash", "reason") == [(ORDER, "0xdeadbeef")]

    @pytest.mark.parametrize(
        ("made", "kind", "values"),
        [
            (
                logs.log(EXCHANGE, "FeeChanged(uint16,uint256)", data=word(250) + word(77)),
                "fee_changed",
                {"fee_bps": 250, "starts_at": 77},
            ),
            (
                logs.log(KEEPER, "FeeReceiverChanged(address)", GALLERY),
                "fee_receiver_changed",
                {"account": GALLERY},
            ),
            (
                logs.log(KEEPER, "GuardianChanged(address)", GALLERY),
                "guardian_changed",
                {"account": GALLERY},
            ),
            (
                logs.log(KEEPER, "Paused(address,uint256)", GALLERY, data=word(99)),
                "paused",
                {"account": GALLERY, "ends_at": 99},
            ),
            (logs.log(KEEPER, "Unpaused(address)", GALLERY), "unpaused", {"account": GALLERY}),
            (logs.log(EXCHANGE, "Retired()"), "retired", {}),
            (
                logs.log(EXCHANGE, "CurrencyAllowed(address,bool)", WETH, data=word(0)),
                "currency_changed",
                {"currency": WETH, "allowed": False},
            ),
            (
                logs.log(
                    EXCHANGE,
                    "FeesWithdrawn(address,address,uint256)",
                    GALLERY,
                    data=word(WETH) + word(6),
                ),
                "fees_withdrawn",
                {"account": GALLERY, "currency": WETH, "amount": 6},
            ),
            (
                logs.log(EXCHANGE, "OwnershipTransferStarted(address,address)", ARTIST, GALLERY),
                "owner_proposed",
                {"account": GALLERY},
            ),
            (
                logs.log(EXCHANGE, "OwnershipTransferred(address,address)", ARTIST, GALLERY),
                "owner_changed",
                {"account": GALLERY},
            ),
        ],
    )
    def test_what_the_platform_decides(
        self, studio: Studio, made: ScriptedLog, kind: str, values: dict[str, object]
    ) -> None:
        studio.node.mine(made)

        studio.followed()

        names = ("account", "currency", "allowed", "fee_bps", "starts_at", "ends_at", "amount")
        row = dict(zip(names, studio.rows(GOVERNANCE, *names)[0], strict=True))
        assert {name: value for name, value in row.items() if value is not None} == values
        assert studio.rows(GOVERNANCE, "contract") == [made.address]
        assert studio.told() == [kind]

    def test_the_fee_that_holds(self, studio: Studio) -> None:
        start = 1_700_000_000
        week = 7 * 86_400

        def fee(bps: int, begins: int) -> ScriptedLog:
            return logs.log(EXCHANGE, "FeeChanged(uint16,uint256)", data=word(bps) + word(begins))

        studio.node.mine(fee(200, start + 1))
        studio.node.mine(fee(300, start + 2 + week))
        studio.node.mine(fee(250, start + 3 + week))
        studio.followed()

        def at(seconds: int) -> int:
            with studio.connection.begin():
                query = queries.fee_bps(1, EXCHANGE, start + seconds)
                return int(studio.connection.execute(query).scalar_one())

        assert [at(1), at(2 + week), at(3 + week)] == [200, 200, 250]
