from dataclasses import replace

import pytest
from eth_abi.abi import encode

from nft.chain import events, logs
from nft.chain.protocol import Log
from nft.royalties import Share
from nft.types import UINT256_MAX, ZERO_ADDRESS, Address, Digest
from tests.support import scripted_logs as node
from tests.support.people import (
    ARTIST,
    AUCTIONS,
    COLLECTION_FACTORY,
    COLLECTOR,
    EXCHANGE,
    GALLERY,
    HOUSE,
    ORDER,
    SPLITTER_FACTORY,
    WORK,
)
from tests.support.scripted_logs import word
from tests.support.scripted_node import ScriptedLog

FORMS = {key: form for table in logs.TABLES for key, form in table.items()}
DIGEST = Digest(b"\x07" * 32)


def placed(log: ScriptedLog) -> Log:
    return Log(
        address=log.address,
        topics=log.topics,
        data=log.data,
        block_number=1,
        block_hash=Digest(b"\x01" * 32),
        transaction_hash=Digest(b"\x02" * 32),
        log_index=0,
    )


def words(*values: int | bytes) -> bytes:
    return b"".join(map(word, values))


OF_COLLECTIONS = [
    (node.transferred(HOUSE, ARTIST, COLLECTOR, WORK), events.Transfer(ARTIST, COLLECTOR, WORK)),
    (
        node.log(HOUSE, "Approval(address,address,uint256)", ARTIST, EXCHANGE, UINT256_MAX),
        events.Approval(ARTIST, EXCHANGE, UINT256_MAX),
    ),
    (
        node.log(HOUSE, "ApprovalForAll(address,address,bool)", ARTIST, EXCHANGE, data=words(1)),
        events.ApprovalForAll(ARTIST, EXCHANGE, True),
    ),
    (
        node.minted(HOUSE, ARTIST, WORK, digest=DIGEST, bps=750, receiver=COLLECTOR)[1],
        events.Minted(WORK, DIGEST, 750, COLLECTOR),
    ),
    (
        node.log(HOUSE, "EditionMinted(uint256,uint256)", WORK, data=words(25)),
        events.EditionMinted(WORK, 25),
    ),
    (
        node.log(HOUSE, "MetadataDigestChanged(uint256,bytes32)", WORK, data=DIGEST),
        events.MetadataDigestChanged(WORK, DIGEST),
    ),
    (node.log(HOUSE, "Frozen(uint256)", WORK), events.Frozen(WORK)),
    (
        node.log(HOUSE, "RoyaltyChanged(uint256,uint16,address)", WORK, data=words(500, ARTIST)),
        events.RoyaltyChanged(WORK, 500, ARTIST),
    ),
    (
        node.redeemed(HOUSE, voucher_hash=ORDER, signer=ARTIST, buyer=COLLECTOR, token=WORK),
        events.VoucherFilled(
            ORDER, ARTIST, COLLECTOR, WORK, ZERO_ADDRESS, 1000, node.FEE_RECEIVER, 20
        ),
    ),
    (
        node.log(HOUSE, "MinterChanged(address,address,bool)", ARTIST, GALLERY, data=words(0)),
        events.MinterChanged(ARTIST, GALLERY, False),
    ),
    (
        node.log(
            HOUSE,
            "DefaultRoyaltyChanged(address,uint16,address)",
            ARTIST,
            data=words(900, GALLERY),
        ),
        events.DefaultRoyaltyChanged(ARTIST, 900, GALLERY),
    ),
    (node.log(HOUSE, "AllFrozen(address)", ARTIST), events.AllFrozen(ARTIST)),
    (node.log(HOUSE, "ContractURIUpdated()"), events.ContractURIUpdated()),
]

OF_THE_EXCHANGE = [
    (
        node.filled(
            EXCHANGE,
            order_hash=ORDER,
            maker=ARTIST,
            taker=COLLECTOR,
            collection=HOUSE,
            token=WORK,
            price=UINT256_MAX,
            royalty=7,
            royalty_receiver=ARTIST,
            fee=3,
        ),
        events.OrderFilled(
            ORDER, ARTIST, COLLECTOR, HOUSE, WORK, ZERO_ADDRESS, UINT256_MAX, ARTIST, 7, 3, 0
        ),
    ),
    (
        node.log(
            EXCHANGE,
            "OrderSkipped(bytes32,bytes4)",
            ORDER,
            data=b"\xde\xad\xbe\xef".ljust(32, b"\0"),
        ),
        events.OrderSkipped(ORDER, b"\xde\xad\xbe\xef"),
    ),
    (
        node.log(EXCHANGE, "NonceCancelled(address,uint256)", ARTIST, data=words(9)),
        events.NonceCancelled(ARTIST, 9),
    ),
    (
        node.log(EXCHANGE, "AllCancelled(address,uint256)", ARTIST, data=words(11)),
        events.AllCancelled(ARTIST, 11),
    ),
    (
        node.log(
            EXCHANGE, "Credited(address,address,uint256)", ARTIST, data=words(ZERO_ADDRESS, 5)
        ),
        events.Credited(ARTIST, ZERO_ADDRESS, 5),
    ),
    (
        node.log(
            EXCHANGE,
            "Withdrawn(address,address,uint256,address)",
            ARTIST,
            data=words(ZERO_ADDRESS, 5, COLLECTOR),
        ),
        events.Withdrawn(ARTIST, ZERO_ADDRESS, 5, COLLECTOR),
    ),
    (
        node.log(EXCHANGE, "CurrencyAllowed(address,bool)", GALLERY, data=words(1)),
        events.CurrencyAllowed(GALLERY, True),
    ),
    (
        node.log(EXCHANGE, "FeeChanged(uint16,uint256)", data=words(250, 1_800_000_000)),
        events.FeeChanged(250, 1_800_000_000),
    ),
    (
        node.log(EXCHANGE, "FeeReceiverChanged(address)", GALLERY),
        events.FeeReceiverChanged(GALLERY),
    ),
    (node.log(EXCHANGE, "GuardianChanged(address)", GALLERY), events.GuardianChanged(GALLERY)),
    (
        node.log(EXCHANGE, "Paused(address,uint256)", GALLERY, data=words(7)),
        events.Paused(GALLERY, 7),
    ),
    (node.log(EXCHANGE, "Unpaused(address)", GALLERY), events.Unpaused(GALLERY)),
    (node.log(EXCHANGE, "Retired()"), events.Retired()),
    (
        node.log(
            EXCHANGE,
            "FeesWithdrawn(address,address,uint256)",
            GALLERY,
            data=words(ZERO_ADDRESS, 6),
        ),
        events.FeesWithdrawn(GALLERY, ZERO_ADDRESS, 6),
    ),
    (
        node.log(EXCHANGE, "OwnershipTransferStarted(address,address)", ARTIST, GALLERY),
        events.OwnershipTransferStarted(ARTIST, GALLERY),
    ),
    (
        node.log(EXCHANGE, "OwnershipTransferred(address,address)", ARTIST, GALLERY),
        events.OwnershipTransferred(ARTIST, GALLERY),
    ),
]

OF_AUCTIONS_AND_FACTORIES = [
    (
        node.opened(AUCTIONS, auction_hash=ORDER, seller=ARTIST, collection=HOUSE, token=WORK),
        events.AuctionOpened(ORDER, ARTIST, HOUSE, WORK),
    ),
    (
        node.bid(AUCTIONS, auction_hash=ORDER, bidder=COLLECTOR, amount=10**18, end=77),
        events.BidPlaced(ORDER, COLLECTOR, 10**18, 77),
    ),
    (
        node.settled(
            AUCTIONS,
            auction_hash=ORDER,
            seller=ARTIST,
            winner=COLLECTOR,
            collection=HOUSE,
            token=WORK,
        ),
        events.AuctionSettled(ORDER, ARTIST, COLLECTOR, HOUSE, WORK, 1000, ARTIST, 50, 20, 0),
    ),
    (
        node.log(
            AUCTIONS,
            "AuctionUnwound(bytes32,address,uint256)",
            ORDER,
            COLLECTOR,
            data=words(8),
        ),
        events.AuctionUnwound(ORDER, COLLECTOR, 8),
    ),
    (
        node.log(AUCTIONS, "WorkReclaimed(bytes32,address)", ORDER, ARTIST),
        events.WorkReclaimed(ORDER, ARTIST),
    ),
    (
        node.log(HOUSE, "Released(address,address,uint256)", ARTIST, data=words(GALLERY, 4)),
        events.Released(ARTIST, GALLERY, 4),
    ),
]

MADE = [*OF_COLLECTIONS, *OF_THE_EXCHANGE, *OF_AUCTIONS_AND_FACTORIES]


class TestDecode:
    @pytest.mark.parametrize(("log", "event"), MADE, ids=lambda value: type(value).__name__)
    def test_reads_each_event(self, log: ScriptedLog, event: events.Event) -> None:
        assert logs.decode(placed(log), FORMS) == event

    @pytest.mark.parametrize(("log", "event"), MADE, ids=lambda value: type(value).__name__)
    def test_refuses_data_of_another_length(self, log: ScriptedLog, event: events.Event) -> None:
        longer = replace(placed(log), data=log.data + b"\0")

        assert logs.decode(longer, FORMS) is None

    def test_an_erc20_transfer_is_nothing_to_us(self) -> None:
        log = node.log(
            HOUSE, "Transfer(address,address,uint256)", ARTIST, COLLECTOR, data=words(100)
        )

        assert logs.decode(placed(log), FORMS) is None

    def test_a_log_without_topics_is_nothing_to_us(self) -> None:
        assert logs.decode(placed(ScriptedLog(Address(b"\1" * 20), ())), FORMS) is None


CREATED = "CollectionCreated(address,address,string,string)"


class TestDataOfAnyLength:
    @pytest.mark.parametrize("name", ["Blue", "", "蓝" * 40, "a" * 32])
    def test_a_new_collection_tells_its_names(self, name: str) -> None:
        log = node.created(COLLECTION_FACTORY, HOUSE, ARTIST, name, "BLU")

        found = logs.decode(placed(log), FORMS)

        assert found == events.CollectionCreated(HOUSE, ARTIST, name, "BLU")

    def test_names_that_no_database_keeps_are_made_fit(self) -> None:
        data = encode(["bytes", "bytes"], [b"\xff\0x", b"BLU"])
        log = node.log(COLLECTION_FACTORY, CREATED, HOUSE, ARTIST, data=data)

        found = logs.decode(placed(log), FORMS)

        assert isinstance(found, events.CollectionCreated)
        assert found.name == "\N{REPLACEMENT CHARACTER}" * 2 + "x"

    @pytest.mark.parametrize(
        "data", [b"", words(1 << 200, 64), words(64, 64, 33, 0), words(64, 1 << 255, 0)]
    )
    def test_texts_that_point_nowhere_are_nothing(self, data: bytes) -> None:
        log = node.log(COLLECTION_FACTORY, CREATED, HOUSE, ARTIST, data=data)

        assert logs.decode(placed(log), FORMS) is None

    def test_a_new_splitter_tells_its_shares(self) -> None:
        shares = (Share(ARTIST, 6_000), Share(GALLERY, 4_000))
        log = node.split(SPLITTER_FACTORY, HOUSE, shares)

        assert logs.decode(placed(log), FORMS) == events.SplitterCreated(HOUSE, shares)

    @pytest.mark.parametrize("data", [b"", words(32), words(32, 2, ARTIST, 1), words(64, 0)])
    def test_shares_that_do_not_fit_are_nothing(self, data: bytes) -> None:
        signature = "SplitterCreated(address,(address,uint16)[])"
        log = node.log(SPLITTER_FACTORY, signature, HOUSE, data=data)

        assert logs.decode(placed(log), FORMS) is None
