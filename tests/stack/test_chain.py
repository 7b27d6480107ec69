"""The local chain's keeper: blocks when finality needs them, a state that a crash spares."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.deploying import place
from api.local.anvil import CHAIN_ID, IDLE_TICK, AnvilServer, Keeper
from api.local.deploy import CONTRACTS_OF_A_CHAIN, NodeSite, deploy_once
from api.local.errors import WrongInput
from api.local.folder import DataFolder
from api.local.ports import free_port
from api.local.processes import stop, wait_until
from api.local.rpc import Node
from nft.chain.deployments import OURS
from nft.chain.placing import Terms, anchors, plan

pytestmark = pytest.mark.chain


class Clock:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.now = 10_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    made = DataFolder(tmp_path / "data 画廊")
    made.prepare()
    return made


@pytest.fixture
def server(folder: DataFolder) -> Iterator[AnvilServer]:
    made = AnvilServer(folder, port=free_port(), allowed_origin="http://localhost:8000")
    made.launch()
    made.wait()
    yield made
    assert made.child is not None
    stop([made.child], patience=5)


@pytest.fixture
def node(server: AnvilServer) -> Node:
    return Node(server.url)


def head(node: Node, tag: str = "latest") -> int:
    return int(node.call("eth_getBlockByNumber", tag, False)["number"], 16)


def give(node: Node) -> None:
    """One transaction, in a block at once."""
    giver, taker, *_ = node.call("eth_accounts")
    before = head(node)
    node.call("eth_sendTransaction", {"from": giver, "to": taker, "value": "0x1"})
    assert wait_until(lambda: head(node) > before, patience=10)


def pass_seconds(keeper: Keeper, clock: Clock, seconds: int) -> None:
    for _ in range(seconds):
        clock.now += 1
        keeper.look()


class TestKeeper:
    def test_a_transaction_becomes_final_in_two_seconds(
        self, node: Node, folder: DataFolder
    ) -> None:
        clock = Clock()
        keeper = Keeper(node, folder, clock=clock)
        pass_seconds(keeper, clock, 5)
        give(node)
        sold_in = head(node)

        pass_seconds(keeper, clock, 2)

        assert head(node, "finalized") == sold_in

    def test_an_idle_chain_gets_a_block_every_five_minutes(
        self, node: Node, folder: DataFolder
    ) -> None:
        clock = Clock()
        keeper = Keeper(node, folder, clock=clock)
        pass_seconds(keeper, clock, 5)
        before = head(node)

        pass_seconds(keeper, clock, int(IDLE_TICK) * 2)

        assert head(node) - before == 2

    def test_says_up_to_where_the_chain_is_saved(self, node: Node, folder: DataFolder) -> None:
        keeper = Keeper(node, folder)
        give(node)

        keeper.look()

        saved = json.loads(folder.saved_block.read_text())
        assert saved["number"] == head(node)
        assert saved["hash"] == node.call("eth_getBlockByNumber", "latest", False)["hash"]

    def test_writes_nothing_when_nothing_happened(self, node: Node, folder: DataFolder) -> None:
        clock = Clock()
        keeper = Keeper(node, folder, clock=clock)
        pass_seconds(keeper, clock, 5)
        before = (folder.chain / "state.json").stat().st_mtime_ns

        pass_seconds(keeper, clock, 100)

        assert (folder.chain / "state.json").stat().st_mtime_ns == before

    def test_a_killed_chain_comes_back_as_it_was_saved(
        self, server: AnvilServer, node: Node, folder: DataFolder
    ) -> None:
        give(node)
        Keeper(node, folder).save()
        saved, taker = head(node), node.call("eth_accounts")[1]
        had = node.call("eth_getBalance", taker, "latest")
        give(node)
        assert server.child is not None
        server.child.process.kill()
        assert wait_until(server.has_failed, patience=10)

        server.launch()
        server.wait()

        assert head(node) == saved
        assert node.call("eth_getBalance", taker, "latest") == had

    def test_follows_until_it_is_over_through_an_outage(
        self, server: AnvilServer, node: Node, folder: DataFolder
    ) -> None:
        over = threading.Event()
        keeper = Keeper(node, folder)
        thread = threading.Thread(target=keeper.follow, args=(over,))
        thread.start()
        assert wait_until(folder.saved_block.exists, patience=10)
        assert server.child is not None
        server.child.process.kill()
        assert wait_until(server.has_failed, patience=10)

        server.launch()
        server.wait()
        give(node)
        sold_in = head(node)

        saved = wait_until(
            lambda: json.loads(folder.saved_block.read_text())["number"] >= sold_in, patience=20
        )
        over.set()
        thread.join()
        assert saved


class TestDeployOnce:
    def test_deploys_and_finds_again(self, node: Node, folder: DataFolder) -> None:
        deploy_once(node, folder)
        first = (folder.deployments / f"{CHAIN_ID}.json").read_bytes()
        height = head(node)

        deploy_once(node, folder)

        assert (folder.deployments / f"{CHAIN_ID}.json").read_bytes() == first
        assert head(node) == height

    def test_what_is_deployed_is_saved(
        self, server: AnvilServer, node: Node, folder: DataFolder
    ) -> None:
        deploy_once(node, folder)
        assert server.child is not None
        server.child.process.kill()
        assert wait_until(server.has_failed, patience=10)

        server.launch()
        server.wait()

        deploy_once(node, folder)
        assert head(node) >= 2

    def test_adds_anchors_to_a_chain_from_before_there_were_any(
        self, node: Node, folder: DataFolder
    ) -> None:
        site = NodeSite(node)
        terms = Terms(owner=site.sender, fee_receiver=site.sender, fee_bps=200)
        older = [one for one in plan(terms, weth=True) if one.key != "anchors"]
        made = place(site, terms, older).deployment().as_json()
        path = folder.deployments / f"{CHAIN_ID}.json"
        path.parent.mkdir()
        path.write_text(json.dumps(made))

        deploy_once(node, folder)

        told = json.loads(path.read_text())
        assert told["anchors"] == {"address": str(anchors().address), "block": head(node)}
        assert {name: told[name] for name in made} == made
        assert node.call("eth_getCode", told["anchors"]["address"], "latest") != "0x"

    def test_refuses_another_chain(
        self, server: AnvilServer, node: Node, folder: DataFolder
    ) -> None:
        deploy_once(node, folder)
        assert server.child is not None
        stop([server.child], patience=5)
        server.state.unlink()
        server.launch()
        server.wait()

        with pytest.raises(WrongInput, match="is another than the one"):
            deploy_once(node, folder)

        assert head(node) == 0

    def test_refuses_a_folder_of_an_earlier_version_and_touches_nothing(
        self, node: Node, folder: DataFolder
    ) -> None:
        path = folder.deployments / f"{CHAIN_ID}.json"
        placed = {"address": "0x5FbDB2315678afecb367f032d93F642f64180aa3", "block": 1}
        older = {"chain_id": CHAIN_ID, "exchange": placed, "house_collection": placed}
        path.parent.mkdir()
        path.write_text(json.dumps(older))

        with pytest.raises(WrongInput, match="earlier version") as refused:
            deploy_once(node, folder)

        assert "no auctions, no collection factory" in str(refused.value)
        assert "make run DATA_DIR=" in str(refused.value)
        assert json.loads(path.read_text()) == older
        assert head(node) == 0

    def test_knows_every_contract_of_a_deployment(self) -> None:
        assert CONTRACTS_OF_A_CHAIN == OURS


def test_only_our_own_pages_may_read_the_chains_answers(server: AnvilServer) -> None:
    import urllib.request

    body = b'{"jsonrpc":"2.0","id":1,"method":"eth_accounts","params":[]}'
    headers = {"Content-Type": "application/json", "Origin": "http://elsewhere.example"}
    request = urllib.request.Request(server.url, data=body, headers=headers)

    with urllib.request.urlopen(request) as answer:
        assert answer.headers["Access-Control-Allow-Origin"] == "http://localhost:8000"
