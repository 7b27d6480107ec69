"""The same on geth: another program's blocks, tags and words."""

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from eth_abi.abi import encode

from api.local.ports import HOST, free_port
from api.local.processes import Launch, stop, wait_until
from indexer.audit import audit
from indexer.facts import TRANSFERS
from indexer.run import connected
from nft.chain.abi import load
from nft.chain.deployments import Placed
from nft.chain.protocol import Call
from nft.types import ZERO_ADDRESS, Address, Digest
from tests.chain.conftest import Market, Scene
from tests.support.follow import indexer
from tests.support.people import deployed
from tests.support.servers import Node

pytestmark = [pytest.mark.chain, pytest.mark.geth]

CHAIN_ID = 1337


@pytest.fixture(scope="module")
def geth(geth_program: Path) -> Iterator[Node]:
    """`geth --dev`: mines each transaction at once, signs for one account."""
    home = Path(tempfile.mkdtemp(prefix="vernissage-geth-"))
    port = free_port()
    child = Launch(
        name="geth",
        command=[
            geth_program,
            *("--dev", "--datadir", home / "data", "--ipcdisable", "--nodiscover", "--port", "0"),
            *("--http", "--http.addr", HOST, "--http.port", str(port)),
            *("--http.api", "eth,net,web3,debug", "--authrpc.port", str(free_port())),
        ],
        log=home / "geth.log",
    ).start()
    node = Node(rpc_url=f"http://{HOST}:{port}", pid=child.pid)
    try:
        up = wait_until(lambda: child.has_ended() or node.is_answering(), patience=60)
        assert up
        assert not child.has_ended(), child.output()
        yield node
    finally:
        stop([child], patience=10)
        shutil.rmtree(home, ignore_errors=True)


def find_receipt(node: Node, digest: str) -> object | None:
    """A receipt, once there; for its first moments geth answers that it is still indexing."""
    try:
        found: object | None = node.call("eth_getTransactionReceipt", digest)
    except RuntimeError as error:
        if "indexing is in progress" not in str(error):
            raise
        return None
    return found


def create(node: Node, name: str, *values: object) -> Placed:
    """Deploy a contract by the node's account."""
    abi = load(name)
    data = abi.bytecode + encode(list(abi.constructor), values)
    transaction = {"from": node.accounts()[0], "data": "0x" + data.hex(), "gas": "0x4c4b40"}
    digest = node.call("eth_sendTransaction", transaction)
    assert wait_until(lambda: find_receipt(node, digest) is not None, patience=20)
    receipt = node.call("eth_getTransactionReceipt", digest)
    assert receipt["status"] == "0x1"
    return Placed(Address.parse(receipt["contractAddress"]), int(receipt["blockNumber"], 16))


@pytest.fixture(scope="module")
def geth_market(geth: Node) -> Market:
    receiver = geth.accounts()[0]
    return Market(
        geth,
        replace(
            deployed(CHAIN_ID),
            house_collection=create(geth, "Collection", "Vernissage", "VERN", bytes(32)),
            exchange=create(geth, "Exchange", receiver, 200),
            registered=(),
        ),
    )


@pytest.fixture
def scene(geth_market: Market, migrated_url: str) -> Iterator[Scene]:
    with connected(migrated_url) as connection:
        yield Scene(geth_market, connection)


STRANGER = Address(b"\x42" * 20)


class TestGeth:
    def test_backfill(self, scene: Scene) -> None:
        market = scene.market
        token = market.mint()
        market.move(market.artist, STRANGER, token)
        market.send(market.artist, market.exchange.cancel([5]))

        mirror = scene.follow()

        assert mirror.cursor is not None
        assert mirror.cursor.number == market.chain.head().number
        assert scene.digest() == scene.fresh_digest()
        assert audit(scene.connection, market.chain, market.deployment).differences == ()

    def test_follow(self, scene: Scene, migrated_url: str) -> None:
        market = scene.market
        with indexer(market.deployment, migrated_url, market.node.rpc_url):
            market.mint()
            digests = [Digest(bytes([n]) * 32) for n in (1, 2)]
            call = market.collection.mint_many(market.artist, 700, digests, 300, ZERO_ADDRESS)
            market.send(market.artist, call)

            def count() -> int:
                with scene.connection.begin():
                    query = TRANSFERS.select().where(TRANSFERS.c.token_id >= 0)
                    return len(scene.connection.execute(query).all())

            assert wait_until(lambda: count() >= 3, patience=15)

    def test_set_head_back_is_a_reorg(self, scene: Scene) -> None:
        market = scene.market
        market.mint()
        market.mint()
        scene.follow()
        target = market.chain.head().number - 1

        market.node.call("debug_setHead", hex(target))
        assert wait_until(lambda: market.chain.head().number == target, patience=10)

        def is_equal() -> bool:
            # A transaction that lost its block is mined again, whenever the node gets to it.
            scene.follow()
            return scene.digest() == scene.fresh_digest()

        assert wait_until(is_equal, patience=15)

    def test_a_call_before_the_contract_is_silent_or_reverts(self, scene: Scene) -> None:
        market = scene.market

        answer = market.chain.call(Call(to=STRANGER, data=b"\x01\x02\x03\x04"))

        assert answer == b""
