"""Proofs of what anvil and geth tell live: every type of transaction, every fork, any account."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nft.proofs.headers import LATER_FIELDS, Header, proven_header
from nft.proofs.receipts import bloom_of, check_receipts, read_receipts
from nft.proofs.state import NOBODY, proven_state
from nft.types import Address
from tests.chain.conftest import market_on
from tests.support.all_types import SENDER, blocks_of, send_all
from tests.support.court import court_of, hiding
from tests.support.geth import running_geth
from tests.support.servers import Node, deploy_contracts, running_anvil

pytestmark = pytest.mark.chain

STRANGER = Address(b"\x42" * 20)


@pytest.fixture(scope="module")
def geth(geth_program: Path) -> Iterator[Node]:
    with running_geth(geth_program) as node:
        yield node


@pytest.fixture(scope="module", params=["anvil", pytest.param("geth", marks=pytest.mark.geth)])
def node(request: pytest.FixtureRequest) -> Iterator[Node]:
    """Each kind of node."""
    if request.param == "geth":
        yield request.getfixturevalue("geth")
    else:
        with running_anvil() as started:
            yield started


@pytest.fixture(scope="module")
def blocks(node: Node) -> list[dict[str, Any]]:
    """One block for each type of transaction."""
    return blocks_of(node, send_all(node))


def header_of(block: dict[str, Any]) -> Header:
    told = block["header"]
    return proven_header(told, bytes.fromhex(told["hash"][2:]))


def proof_of(node: Node, address: str, header: Header) -> dict[str, Any]:
    slot = "0x" + "00" * 31 + "01"
    found: dict[str, Any] = node.call("eth_getProof", address, [slot], hex(header.number))
    return found


class TestBlocks:
    def test_of_every_type_are_proven(self, blocks: list[dict[str, Any]]) -> None:
        types = []
        for block in blocks:
            receipts = read_receipts(block["receipts"])
            check_receipts(receipts, header_of(block))
            types += [one.type for one in receipts]

        assert types == ["0x0", "0x1", "0x2", "0x3", "0x4"]

    def test_blooms_are_those_of_their_logs(self, blocks: list[dict[str, Any]]) -> None:
        told = [read_receipts(block["receipts"]) for block in blocks]

        blooms = [bloom_of(log for one in receipts for log in one.logs) for receipts in told]

        assert blooms == [header_of(block).bloom for block in blocks]


class TestState:
    def test_an_account_that_is_there(self, node: Node, blocks: list[dict[str, Any]]) -> None:
        header = header_of(blocks[-1])
        answer = proof_of(node, SENDER.address, header)

        proven = proven_state(answer, header.state_root, Address.parse(SENDER.address), [1])

        assert proven.account.nonce == 6
        assert proven.storage == {1: 0}

    def test_an_account_that_is_not(self, node: Node, blocks: list[dict[str, Any]]) -> None:
        header = header_of(blocks[-1])
        answer = proof_of(node, str(STRANGER), header)

        assert proven_state(answer, header.state_root, STRANGER, [1]).account == NOBODY


class TestForks:
    @pytest.mark.parametrize(
        ("fork", "count"),
        [("berlin", 0), ("london", 1), ("shanghai", 2), ("cancun", 5), ("prague", 6)],
    )
    def test_a_header_has_the_fields_of_its_fork(self, fork: str, count: int) -> None:
        with running_anvil("--hardfork", fork) as node:
            people = node.accounts()
            gift = {"from": people[0], "to": people[1], "value": "0x1", "gasPrice": hex(10**10)}
            node.receipt(node.call("eth_sendTransaction", gift))
            told = node.call("eth_getBlockByNumber", "0x1", False)
            receipts = read_receipts(node.call("eth_getBlockReceipts", "0x1"))

        check_receipts(receipts, proven_header(told, bytes.fromhex(told["hash"][2:])))
        assert [name for name, _ in LATER_FIELDS if told.get(name) is not None] == [
            name for name, _ in LATER_FIELDS[:count]
        ]


@pytest.mark.geth
class TestProverOnGeth:
    def test_finds_what_was_left_out(self, geth: Node, migrated_url: str) -> None:
        market = market_on(deploy_contracts(geth))
        with court_of(market, migrated_url) as court:
            number, work = court.mint_two()
            court.node.lie("eth_getLogs", hiding(work), times=None)
            court.follow()

            court.prove()

            assert court.amended == [number]
            assert court.digest() == court.honest_digest()
            assert court.proved() == market.chain.head().number
