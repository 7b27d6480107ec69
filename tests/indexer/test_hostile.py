"""
Contracts of others, and nodes, that mean harm: what they say changes nothing but what it is about.
"""

from typing import Any

import pytest

from indexer.amend import amend
from indexer.backfill import Backfill
from indexer.evidence import Proven, Reach
from indexer.facts import BREAKS, TOKENS, Move
from indexer.mirror import Mirror, Ways
from nft.chain.errors import AnswerInconsistent
from nft.proofs.headers import Header
from nft.types import ZERO_ADDRESS, Address, Digest
from tests.indexer.conftest import Studio
from tests.support.people import (
    ARTIST,
    AUCTIONS,
    COLLECTOR,
    FOREIGN,
    GALLERY,
    ORDER,
    STRANGER,
    deployed,
)
from tests.support.scripted_logs import opened, reclaimed, settled, transferred
from tests.support.scripted_node import ScriptedLog

WORK = 7


def given_to_auctions(contract: Address) -> tuple[ScriptedLog, ...]:
    """A work comes into the auctions' custody."""
    names = {"auction_hash": ORDER, "seller": ARTIST, "collection": contract, "token": WORK}
    return opened(AUCTIONS, **names), transferred(contract, ARTIST, AUCTIONS, WORK)


def ended(how: str) -> ScriptedLog:
    if how == "reclaimed":
        return reclaimed(AUCTIONS, auction_hash=ORDER, seller=ARTIST)
    return settled(
        AUCTIONS,
        auction_hash=ORDER,
        seller=ARTIST,
        winner=COLLECTOR,
        collection=FOREIGN,
        token=WORK,
    )


def joined(studio: Studio, mirror: Mirror, *, first: int = 1) -> None:
    """A stranger's contract is listened to from here on; its history is not read yet."""
    studio.register(first=first)
    mirror.join()


def read_histories(studio: Studio) -> None:
    backfill = Backfill(studio.connection, studio.chain, Ways())
    while backfill.step():
        pass


def proven(studio: Studio, number: int, reach: Reach) -> Proven:
    """A block as its receipts would have it, all of whose logs are transfers of works we mirror."""
    block = studio.node.blocks[number]
    parent, told = bytes.fromhex(block.parent_hash[2:]), bytes.fromhex(block.hash[2:])
    root = bytes(32)
    header = Header(number, Digest(told), Digest(parent), block.timestamp, 0, root, root, root)
    items = [
        Move(
            studio.node.chain_id,
            number,
            index,
            log.address,
            log.topics[3],
            log.topics[1][12:],
            log.topics[2][12:],
            bytes.fromhex(block.answer_logs()[index]["transactionHash"][2:]),
        )
        for index, log in enumerate(block.logs)
    ]
    return Proven(header, items)


class TestAuctions:
    @pytest.mark.parametrize("how", ["settled", "reclaimed"])
    def test_a_work_whose_contract_does_not_say_that_it_left(
        self, studio: Studio, how: str
    ) -> None:
        studio.node.mine(transferred(FOREIGN, ZERO_ADDRESS, ARTIST, WORK))
        studio.node.mine(*given_to_auctions(FOREIGN), one_transaction=True)
        studio.followed()
        kept = studio.rows(TOKENS, "owner", "held_for")
        studio.node.mine(ended(how))

        studio.followed()

        assert kept == [(AUCTIONS, ARTIST)]
        assert studio.rows(TOKENS, "owner", "held_for") == [(AUCTIONS, None)]
        assert studio.digest() == studio.fresh_digest()
        studio.node.drop(1)
        studio.node.mine(label="b")
        studio.node.mine(label="b")
        studio.followed()
        assert studio.rows(TOKENS, "owner", "held_for") == kept

    def test_a_history_with_a_work_in_custody(self, studio: Studio) -> None:
        studio.node.mine(transferred(STRANGER, ZERO_ADDRESS, ARTIST, WORK))
        studio.node.mine(*given_to_auctions(STRANGER), one_transaction=True)
        joined(studio, studio.followed())

        read_histories(studio)

        assert studio.rows(TOKENS, "owner", "held_for") == [(AUCTIONS, ARTIST)]


class TestAmending:
    def test_finds_no_break_in_a_history_that_is_not_read_yet(self, studio: Studio) -> None:
        studio.node.mine(transferred(STRANGER, ZERO_ADDRESS, ARTIST, WORK))
        mirror = studio.followed()
        joined(studio, mirror)
        studio.node.mine(
            transferred(FOREIGN, ZERO_ADDRESS, GALLERY, WORK),
            transferred(STRANGER, ARTIST, COLLECTOR, WORK),
        )
        studio.node.fault("eth_getLogs", lambda told: told[1:])
        mirror.follow()
        reach = Reach(mirror.watch, {})
        header = proven(studio, 2, reach).header

        amendment = amend(
            studio.connection,
            deployed(1),
            header,
            lambda reach: (proven(studio, 2, reach), reach),
        )

        assert amendment is not None
        assert (amendment.removed, amendment.added) == (1, 2)
        assert studio.rows(BREAKS) == []
        read_histories(studio)
        assert studio.rows(TOKENS, "contract", "owner") == [
            (STRANGER, COLLECTOR),
            (FOREIGN, GALLERY),
        ]


class TestNodes:
    @pytest.mark.parametrize("index", ["0x80000000", "0x100000000", "-0x1"])
    def test_a_place_that_no_log_has(self, studio: Studio, index: str) -> None:
        studio.node.mine(transferred(FOREIGN, ZERO_ADDRESS, ARTIST, WORK))
        studio.node.fault("eth_getLogs", lambda told: [{**log, "logIndex": index} for log in told])

        studio.followed()

        assert studio.digest() == studio.fresh_digest()

    @pytest.mark.parametrize("name", ["timestamp", "number"])
    @pytest.mark.parametrize("many", [1, 2])
    def test_a_head_beyond_all_calendars_and_heights(
        self, studio: Studio, name: str, many: int
    ) -> None:
        studio.followed()
        for token in range(many):
            studio.node.mine(transferred(FOREIGN, ZERO_ADDRESS, ARTIST, token))
        studio.node.fault("eth_getBlockByNumber", lambda head: {**head, name: hex(2**64)})

        with pytest.raises(AnswerInconsistent):
            studio.followed()

        studio.followed()
        assert studio.digest() == studio.fresh_digest()

    def test_receipts_that_write_addresses_in_capitals(self, studio: Studio) -> None:
        studio.followed()
        studio.node.mine(transferred(FOREIGN, ZERO_ADDRESS, ARTIST, WORK))
        studio.node.fault("eth_getLogs", lambda told: [])
        studio.node.fault("eth_getBlockReceipts", in_capitals)

        studio.followed()

        assert studio.owners() == {WORK: ARTIST}


def in_capitals(receipts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            **receipt,
            "logs": [
                {**log, "address": "0x" + log["address"][2:].upper()} for log in receipt["logs"]
            ],
        }
        for receipt in receipts
    ]
