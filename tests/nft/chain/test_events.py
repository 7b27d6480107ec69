from dataclasses import replace

import pytest

from nft.chain import events
from nft.chain.protocol import Log
from nft.types import UINT256_MAX, ZERO_ADDRESS, Address, Digest
from tests.support import scripted_node as node
from tests.support.people import ARTIST, COLLECTOR, EXCHANGE, HOUSE, ORDER, WORK
from tests.support.scripted_node import ScriptedLog, word

FORMS = {**events.COLLECTION, **events.EXCHANGE}


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


DIGEST = Digest(b"\x07" * 32)
ROYALTY = "RoyaltyChanged(uint256,uint16,address)"
MADE = [
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
        events.Minted(WORK, ARTIST, DIGEST, 750, COLLECTOR),
    ),
    (
        node.log(HOUSE, "MetadataDigestChanged(uint256,bytes32)", WORK, data=DIGEST),
        events.MetadataDigestChanged(WORK, DIGEST),
    ),
    (node.log(HOUSE, "Frozen(uint256)", WORK), events.Frozen(WORK)),
    (
        node.log(HOUSE, ROYALTY, WORK, data=words(500, ARTIST)),
        events.RoyaltyChanged(WORK, 500, ARTIST),
    ),
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
]


class TestDecode:
    @pytest.mark.parametrize(("log", "event"), MADE, ids=lambda value: type(value).__name__)
    def test_reads_each_event(self, log: ScriptedLog, event: events.Event) -> None:
        assert events.decode(placed(log), FORMS) == event

    @pytest.mark.parametrize(("log", "event"), MADE, ids=lambda value: type(value).__name__)
    def test_refuses_data_of_another_length(self, log: ScriptedLog, event: events.Event) -> None:
        longer = replace(placed(log), data=log.data + b"\0")

        assert events.decode(longer, FORMS) is None

    def test_an_erc20_transfer_is_nothing_to_us(self) -> None:
        log = node.log(
            HOUSE, "Transfer(address,address,uint256)", ARTIST, COLLECTOR, data=words(100)
        )

        assert events.decode(placed(log), FORMS) is None

    def test_a_log_without_topics_is_nothing_to_us(self) -> None:
        assert events.decode(placed(ScriptedLog(Address(b"\1" * 20), ())), FORMS) is None
