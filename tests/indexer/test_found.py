"""Contracts that factories make: watched from their creation on, and no longer than it stands."""

from typing import Any

import pytest
from sqlalchemy import select

from indexer.facts import COLLECTIONS, RELEASES, SPLITTERS, TOKENS
from indexer.watch import ADDRESSES_PER_QUERY, Found, Watch, bloom_mask
from nft.chain.abi import topic
from nft.royalties import Share
from nft.tokens import token_id
from nft.types import ZERO_ADDRESS, Address
from tests.indexer.conftest import Studio
from tests.support.people import (
    ARTIST,
    COLLECTION_FACTORY,
    COLLECTOR,
    FOREIGN,
    GALLERY,
    HOUSE,
    SPLITTER_FACTORY,
    WORK,
    deployed,
)
from tests.support.scripted_logs import created, log, minted, split, transferred, word
from tests.support.scripted_node import ScriptedLog, empty, refuse

BLUE = Address(b"\xb1" * 20)
RED = Address(b"\x4e" * 20)
DIVIDER = Address(b"\xd1" * 20)
SHARES = (Share(ARTIST, 6_000), Share(GALLERY, 4_000))


def numbered(number: int) -> Address:
    return Address(number.to_bytes(20, "big"))


def released(splitter: Address, receiver: Address, amount: int) -> ScriptedLog:
    figures = word(ZERO_ADDRESS) + word(amount)
    return log(splitter, "Released(address,address,uint256)", receiver, data=figures)


def owners(studio: Studio) -> dict[tuple[Address, int], Address]:
    with studio.connection.begin():
        rows = studio.connection.execute(
            select(TOKENS.c.contract, TOKENS.c.token_id, TOKENS.c.owner)
        )
        return {(row.contract, row.token_id): row.owner for row in rows}


class TestACollection:
    def test_is_mirrored_from_the_very_transaction_of_its_creation(self, studio: Studio) -> None:
        studio.node.mine(
            created(COLLECTION_FACTORY, BLUE, ARTIST),
            *minted(BLUE, ARTIST, WORK),
            one_transaction=True,
        )

        studio.followed()

        assert owners(studio) == {(BLUE, WORK): ARTIST}
        assert studio.rows(COLLECTIONS, "contract", "artist", "name", "symbol") == [
            (BLUE, ARTIST, "Blue", "BLU")
        ]

    def test_in_the_block_that_follows_the_head(self, studio: Studio) -> None:
        studio.node.mine_empty(1)
        mirror = studio.followed()
        studio.node.mine(created(COLLECTION_FACTORY, BLUE, ARTIST), *minted(BLUE, ARTIST, WORK))

        mirror.follow()
        studio.node.mine(transferred(BLUE, ARTIST, COLLECTOR, WORK))
        mirror.follow()

        assert owners(studio) == {(BLUE, WORK): COLLECTOR}

    def test_in_later_blocks_of_the_same_range(self, studio: Studio) -> None:
        studio.node.mine(created(COLLECTION_FACTORY, BLUE, ARTIST))
        studio.node.mine(created(COLLECTION_FACTORY, RED, GALLERY))
        studio.node.mine(*minted(RED, GALLERY, token_id(GALLERY, 1)))
        studio.node.mine(*minted(BLUE, ARTIST, WORK), transferred(BLUE, ARTIST, COLLECTOR, WORK))

        studio.followed()

        assert owners(studio) == {(BLUE, WORK): COLLECTOR, (RED, token_id(GALLERY, 1)): GALLERY}

    def test_by_a_mirror_that_starts_anew(self, studio: Studio) -> None:
        studio.node.mine(created(COLLECTION_FACTORY, BLUE, ARTIST))
        studio.followed()
        studio.node.mine(*minted(BLUE, ARTIST, WORK))

        studio.followed()

        assert owners(studio) == {(BLUE, WORK): ARTIST}

    def test_of_a_stranger_that_only_looks_like_one_is_not(self, studio: Studio) -> None:
        studio.node.mine(created(HOUSE, BLUE, ARTIST), *minted(BLUE, ARTIST, WORK))

        studio.followed()

        assert owners(studio) == {}
        assert studio.rows(COLLECTIONS) == []

    def test_that_was_registered_as_somebody_elses_is_ours(self, studio: Studio) -> None:
        studio.node.mine(
            created(COLLECTION_FACTORY, FOREIGN, ARTIST), *minted(FOREIGN, ARTIST, WORK)
        )
        mirror = studio.followed()
        studio.node.mine(transferred(FOREIGN, ARTIST, COLLECTOR, WORK))
        mirror.follow()

        assert studio.rows(TOKENS, "owner", "royalty_bps") == [(COLLECTOR, 500)]
        assert studio.digest() == studio.fresh_digest()

    def test_names_the_creator_by_the_id_as_the_house_does(self, studio: Studio) -> None:
        studio.node.mine(created(COLLECTION_FACTORY, BLUE, ARTIST))
        studio.node.mine(transferred(BLUE, ZERO_ADDRESS, COLLECTOR, WORK))

        studio.followed()

        assert studio.rows(TOKENS, "creator", "owner") == [(ARTIST, COLLECTOR)]


class TestAReorg:
    def test_that_drops_the_creation_drops_the_collection(self, studio: Studio) -> None:
        studio.node.mine_empty(1)
        studio.node.mine(created(COLLECTION_FACTORY, BLUE, ARTIST), *minted(BLUE, ARTIST, WORK))
        mirror = studio.followed()

        studio.node.drop(1)
        studio.node.mine(*minted(BLUE, ARTIST, WORK), label="b")
        studio.node.mine(*minted(HOUSE, ARTIST, WORK), label="b")
        mirror.follow()

        assert owners(studio) == {(HOUSE, WORK): ARTIST}
        assert studio.rows(COLLECTIONS) == []
        assert studio.digest() == studio.fresh_digest()
        assert studio.told() == [
            *("collection_created", "minted", "retracted", "retracted"),
            "minted",
        ]

    def test_that_creates_it_later_watches_it_from_there(self, studio: Studio) -> None:
        studio.node.mine_empty(1)
        studio.node.mine(created(COLLECTION_FACTORY, BLUE, ARTIST))
        studio.node.mine(*minted(BLUE, ARTIST, WORK))
        mirror = studio.followed()

        studio.node.drop(2)
        studio.node.mine(label="b")
        studio.node.mine(created(COLLECTION_FACTORY, BLUE, ARTIST), label="b")
        studio.node.mine(transferred(BLUE, ZERO_ADDRESS, GALLERY, WORK), label="b")
        mirror.follow()

        assert owners(studio) == {(BLUE, WORK): GALLERY}
        assert studio.digest() == studio.fresh_digest()

    def test_a_rollback_alone_ends_the_watch_too(self, local_studio: Studio) -> None:
        local_studio.node.mine_empty(1)
        local_studio.node.mine(created(COLLECTION_FACTORY, BLUE, ARTIST))
        mirror = local_studio.followed()

        local_studio.node.drop(1)
        mirror.follow()
        local_studio.node.mine(*minted(BLUE, ARTIST, WORK), label="b")
        mirror.follow()

        assert owners(local_studio) == {}
        assert local_studio.digest() == local_studio.fresh_digest()


class TestFaults:
    def test_its_logs_left_out_are_taken_from_the_receipts(self, studio: Studio) -> None:
        studio.node.mine(created(COLLECTION_FACTORY, BLUE, ARTIST), *minted(BLUE, ARTIST, WORK))
        studio.node.fault("eth_getLogs", lambda logs: logs, empty)

        studio.followed()

        assert owners(studio) == {(BLUE, WORK): ARTIST}

    def test_a_second_query_that_is_refused_halves_the_range(self, studio: Studio) -> None:
        studio.node.mine(created(COLLECTION_FACTORY, BLUE, ARTIST))
        studio.node.mine_empty(6)
        studio.node.mine(*minted(BLUE, ARTIST, WORK))
        studio.node.fault("eth_getLogs", lambda logs: logs, refuse("too many results"))

        studio.followed()

        assert owners(studio) == {(BLUE, WORK): ARTIST}

    def test_one_block_refused_is_read_from_its_receipts(self, studio: Studio) -> None:
        studio.node.mine(created(COLLECTION_FACTORY, BLUE, ARTIST), *minted(BLUE, ARTIST, WORK))
        studio.node.fault("eth_getLogs", refuse("query returned more than 10000 results"))

        studio.followed()

        assert owners(studio) == {(BLUE, WORK): ARTIST}

    def test_an_answer_of_another_branch_is_asked_again(self, studio: Studio) -> None:
        def orphaned(logs: list[Any]) -> list[Any]:
            return [{**one, "blockHash": "0x" + "77" * 32} for one in logs]

        studio.node.mine(created(COLLECTION_FACTORY, BLUE, ARTIST), *minted(BLUE, ARTIST, WORK))
        studio.node.fault("eth_getLogs", lambda logs: logs, orphaned)

        studio.followed()

        assert owners(studio) == {(BLUE, WORK): ARTIST}


class TestASplitter:
    def test_what_it_pays_is_mirrored(self, studio: Studio) -> None:
        studio.node.mine(split(SPLITTER_FACTORY, DIVIDER, SHARES), released(DIVIDER, ARTIST, 60))
        studio.node.mine(released(DIVIDER, GALLERY, 40))

        studio.followed()

        assert studio.rows(RELEASES, "splitter", "receiver", "amount") == [
            (DIVIDER, ARTIST, 60),
            (DIVIDER, GALLERY, 40),
        ]
        assert studio.rows(SPLITTERS, "shares") == [
            [
                {"receiver": str(ARTIST), "bps": 6_000},
                {"receiver": str(GALLERY), "bps": 4_000},
            ]
        ]
        assert studio.told() == ["splitter_created", "released", "released"]


class TestMany:
    def test_collections_need_more_than_one_query(self, studio: Studio) -> None:
        count = ADDRESSES_PER_QUERY + 5
        made = [created(COLLECTION_FACTORY, numbered(n + 1), ARTIST) for n in range(count)]
        for start in range(0, count, 25):
            studio.node.mine(*made[start : start + 25])
        mirror = studio.followed()
        studio.node.mine(
            *minted(numbered(1), ARTIST, WORK),
            *minted(numbered(count), ARTIST, WORK),
            *minted(HOUSE, ARTIST, WORK),
        )
        studio.node.asked.clear()

        mirror.follow()

        assert set(owners(studio)) == {(one, WORK) for one in (numbered(1), numbered(count), HOUSE)}
        assert studio.node.asked.count("eth_getLogs") == 2
        assert studio.digest() == studio.fresh_digest()

    @pytest.mark.parametrize(("bits", "believed"), [(60, True), (2048, False)])
    def test_a_full_bloom_proves_nothing_about_them(self, bits: int, believed: bool) -> None:
        found = [Found(numbered(n + 1), 1, 0, is_collection=True) for n in range(100)]
        first = Watch.over(deployed(), found).parts[0]
        sale = bloom_mask(numbered(7)) | bloom_mask(topic("Transfer(address,address,uint256)"))
        bloom = sale | (1 << bits) - 1

        without = Watch.over(deployed()).parts[0]

        assert first.may_be_in(bloom) == (believed or without.may_be_in(bloom))
