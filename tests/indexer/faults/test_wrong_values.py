"""Faults 5, 7, 8 and 24: logs that are doubled, removed, foreign, forged or oddly worded."""

from typing import Any

import pytest

from api.local.processes import wait_until
from indexer.facts import TOKENS
from nft.chain.abi import topic
from nft.types import ZERO_ADDRESS, Address
from tests.indexer.faults.conftest import Scene
from tests.support.scripted_node import Fault
from tests.support.spoiled import doubled, shuffled, with_removed_copies
from tests.support.strangers import Strangers

pytestmark = pytest.mark.chain

TRANSFER = topic("Transfer(address,address,uint256)")
LARGEST = 2**256 - 1

SAYS_ANYTHING = "606035604035602035600035600060 00a400".replace(" ", "")
"""Logs four topics, the words it was called with."""

SAYS_ERC20 = "606035600052604035602035600035602060 00a300".replace(" ", "")
"""Logs three topics, and the fourth word as data: an ERC-20's Transfer."""


def every(change: dict[str, Any]) -> Fault:
    """The same change to every log."""
    return lambda logs: [{**log, **change} for log in logs]


def without(*names: str) -> Fault:
    """Every log without some of its fields."""
    return lambda logs: [
        {name: value for name, value in log.items() if name not in names} for log in logs
    ]


def removed_of_another_block(logs: list[Any]) -> list[Any]:
    other = {"removed": True, "blockHash": "0x" + "66" * 32, "logIndex": "0x63"}
    return [{**log, **other} for log in logs] + logs


def of_two_blocks_of_one_height(logs: list[Any]) -> list[Any]:
    return logs + [{**log, "blockHash": "0x" + "66" * 32} for log in logs]


def one_index_twice(logs: list[Any]) -> list[Any]:
    return [*logs, {**logs[-1], "data": "0x" + "00" * 31 + "01"}]


def counted_per_transaction(logs: list[Any]) -> list[Any]:
    return [{**log, "logIndex": "0x0"} for log in logs]


def of_a_stranger(logs: list[Any]) -> list[Any]:
    return [*logs, {**logs[-1], "address": "0x" + "99" * 20, "logIndex": "0x63"}]


def last_transfer(logs: list[Any]) -> dict[str, Any]:
    """The newest Transfer among them."""
    name = "0x" + TRANSFER.hex()
    return next(log for log in reversed(logs) if log["topics"][0] == name)


def invented(logs: list[Any]) -> list[Any]:
    """A transfer that never was, in a block that has others of the contract."""
    true = last_transfer(logs)
    _, _, receiver, token = true["topics"]
    topics = [true["topics"][0], receiver, "0x" + "99" * 20 + "00" * 12, token]
    return [*logs, {**true, "topics": topics, "logIndex": "0x63"}]


def altered(logs: list[Any]) -> list[Any]:
    """Another receiver than the true one."""
    true = last_transfer(logs)
    name, sender, _, token = true["topics"]
    topics = [name, sender, "0x" + "00" * 12 + "99" * 20, token]
    return [{**log, "topics": topics} if log is true else log for log in logs]


def said(scene: Scene, contract: Address, *words: int | bytes) -> None:
    """Have an odd contract log words."""
    data = b"".join(
        word.to_bytes(32, "big") if isinstance(word, int) else bytes(word).rjust(32, b"\0")
        for word in words
    )
    sender = str(scene.market.artist)
    digest = scene.node.call(
        "eth_sendTransaction", {"from": sender, "to": str(contract), "data": "0x" + data.hex()}
    )
    assert scene.node.receipt(digest)["status"] == "0x1"


class TestSpoiledAnswers:
    @pytest.mark.parametrize(
        "fault",
        [doubled, shuffled, with_removed_copies, removed_of_another_block],
    )
    def test_fault_07_08_r8_what_can_be_put_right_is(self, scene: Scene, fault: Fault) -> None:
        scene.mint(2)
        scene.mint_together(2)
        lie = scene.liar.lie("eth_getLogs", fault)

        with scene.following():
            assert scene.becomes_true()

        assert lie.told == 1

    @pytest.mark.parametrize(
        "fault",
        [of_two_blocks_of_one_height, one_index_twice, of_a_stranger],
    )
    def test_fault_07_08_r8_r10_what_contradicts_itself_is_asked_elsewhere(
        self, scene: Scene, fault: Fault
    ) -> None:
        scene.mint(2)
        scene.mint_together(2)
        lie = scene.liar.lie("eth_getLogs", fault)

        with scene.following(*scene.urls):
            assert scene.becomes_true()

        assert lie.told == 1
        assert scene.is_blamed(scene.liar.url)

    @pytest.mark.parametrize("fault", [invented, altered])
    def test_fault_24_r10_what_fits_and_is_false(self, scene: Scene, fault: Fault) -> None:
        scene.mint(2)
        scene.mint_together(2)
        lie = scene.liar.lie("eth_getLogs", fault)

        with scene.following(*scene.urls):
            assert scene.becomes_true()

        assert lie.told == 1
        assert scene.is_blamed(scene.liar.url)

    @pytest.mark.parametrize("fault", [of_two_blocks_of_one_height, of_a_stranger])
    def test_fault_07_r8_and_by_the_only_node_stops_the_mirror(
        self, scene: Scene, fault: Fault
    ) -> None:
        scene.mint(2)
        scene.catch_up(scene.urls)
        before = scene.digest()
        scene.mint()
        scene.liar.lie("eth_getLogs", fault, times=None)

        with scene.following():
            assert not scene.reaches_head(patience=0.5)
            assert scene.digest() == before
            assert wait_until(lambda: "indexer waits" in scene.events(), patience=20)
            scene.liar.repent()
            assert scene.becomes_true()

    def test_fault_05_the_logs_of_another_block_for_a_hash(self, scene: Scene) -> None:
        scene.mint(2)
        with scene.following():
            assert scene.reaches_head()
            old = scene.liar.real(
                "eth_getLogs", [{"fromBlock": hex(scene.head), "toBlock": hex(scene.head)}]
            )
            lie = scene.liar.lie("eth_getLogs", lambda logs: old)
            scene.mint()

            assert scene.becomes_true()

        assert lie.told == 1

    @pytest.mark.parametrize(
        "fault",
        [
            every({"blockTimestamp": "0x0"}),
            every({"blockTimestamp": None}),
            every({"blockTimestamp": "0xffffffffff"}),
            without("blockTimestamp", "transactionIndex", "removed"),
        ],
        ids=["zero", "null", "later", "absent"],
    )
    def test_fault_24_the_time_in_a_log_is_not_believed(self, scene: Scene, fault: Fault) -> None:
        scene.mint(2)
        lie = scene.liar.lie("eth_getLogs", fault, times=None)

        with scene.following():
            assert scene.becomes_true()

        assert lie.told > 0

    def test_fault_24_log_indices_counted_per_transaction(self, scene: Scene) -> None:
        scene.mint()
        scene.mint_together(3)
        scene.liar.lie("eth_getLogs", counted_per_transaction)

        with scene.following(*scene.urls):
            assert scene.becomes_true()

        assert scene.is_blamed(scene.liar.url)

    def test_fault_24_an_address_list_that_matches_nothing(self, scene: Scene) -> None:
        scene.mint(3)
        scene.liar.lie("eth_getLogs", lambda logs: [], times=4)

        with scene.following():
            assert scene.becomes_true()


class TestOddContracts:
    def test_fault_24_an_erc20_transfer_is_nobodys_work(self, scene: Scene) -> None:
        market = scene.market
        coin = Strangers(scene.node).place(SAYS_ERC20)
        scene.register(coin)
        said(scene, coin, TRANSFER, ZERO_ADDRESS, market.artist, 500)
        work = scene.mint()[0]

        with scene.following():
            assert scene.becomes_true()

        assert list(scene.owners()) == [work]

    @pytest.mark.parametrize("token", [0, LARGEST, LARGEST - 1, 2**255, 2**128])
    def test_fault_24_r18_token_ids_near_the_largest(self, scene: Scene, token: int) -> None:
        market = scene.market
        odd = Strangers(scene.node).place(SAYS_ANYTHING)
        scene.register(odd)
        said(scene, odd, TRANSFER, ZERO_ADDRESS, market.artist, token)
        said(scene, odd, TRANSFER, market.artist, market.collector, token)

        with scene.following():
            assert scene.becomes_true()

        assert scene.rows(TOKENS, "token_id", "owner") == [(token, market.collector)]

    def test_fault_24_r16_a_contract_that_lies_about_who_it_takes_from(self, scene: Scene) -> None:
        market = scene.market
        odd = Strangers(scene.node).place(SAYS_ANYTHING)
        scene.register(odd)
        said(scene, odd, TRANSFER, ZERO_ADDRESS, market.artist, 7)
        said(scene, odd, TRANSFER, market.gallery, market.collector, 7)
        work = scene.mint()[0]

        with scene.following():
            assert scene.becomes_true()

        assert scene.owners()[work] == market.artist
        assert scene.failures == []

    def test_fault_24_r16_minted_twice_and_moved_before_it_was(self, scene: Scene) -> None:
        market = scene.market
        odd = Strangers(scene.node).place(SAYS_ANYTHING)
        scene.register(odd)
        said(scene, odd, TRANSFER, market.artist, market.collector, 7)
        said(scene, odd, TRANSFER, ZERO_ADDRESS, market.gallery, 7)
        said(scene, odd, TRANSFER, ZERO_ADDRESS, market.artist, 7)
        said(scene, odd, TRANSFER, market.artist, ZERO_ADDRESS, 7)

        with scene.following():
            assert scene.becomes_true()

        assert scene.failures == []
