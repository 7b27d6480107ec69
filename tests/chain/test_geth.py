"""The same on geth: another program's blocks, tags and words."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from api.local.deploy import FEE_BPS
from api.local.processes import wait_until
from api.verifying import verify
from indexer import registry
from indexer.audit import audit
from indexer.cursor import read_cursor
from indexer.facts import RELEASES, TOKENS, TRANSFERS
from indexer.full_proof import prove_all
from indexer.prove import Prover
from indexer.run import connected
from nft.chain.contracts import Erc721, Splitter, ask_many
from nft.chain.deployments import OURS
from nft.chain.heads import Heads
from nft.chain.placing import PROXY, PROXY_CODE, Terms, plan
from nft.chain.protocol import Call
from nft.royalties import Share
from nft.tokens import token_id
from nft.types import ZERO_ADDRESS, Address, Digest
from tests.chain.conftest import Market, Scene, market_on
from tests.indexer.test_bench import crowd, measured
from tests.support.crowd import crowd_on
from tests.support.follow import indexer
from tests.support.geth import running_geth
from tests.support.servers import Node, deploy_contracts

pytestmark = [pytest.mark.chain, pytest.mark.geth]


@pytest.fixture(scope="module")
def geth(geth_program: Path) -> Iterator[Node]:
    with running_geth(geth_program) as node:
        yield node


@pytest.fixture(scope="module")
def geth_market(geth: Node) -> Market:
    return market_on(deploy_contracts(geth))


@pytest.fixture
def scene(geth_market: Market, migrated_url: str) -> Iterator[Scene]:
    with connected(migrated_url) as connection:
        yield Scene(geth_market, connection)


def is_read(scene: Scene, contract: Address) -> bool:
    with scene.connection.begin():
        found = registry.find(scene.connection, scene.market.deployment.chain_id, contract)
    return found is not None and found.is_complete


def transfers(scene: Scene) -> int:
    """How many are mirrored."""
    with scene.connection.begin():
        return len(scene.connection.execute(select(TRANSFERS.c.log_index)).all())


def is_at_head(scene: Scene) -> bool:
    return reached(scene) == scene.market.chain.head().number


def reached(scene: Scene) -> int:
    with scene.connection.begin():
        found = read_cursor(scene.connection, scene.market.deployment.chain_id)
    return found.number if found else -1


STRANGER = Address(b"\x42" * 20)
TOLD = Digest(b"\x07" * 32)


class TestGeth:
    def test_holds_the_contracts_where_anvil_would(self, geth_market: Market) -> None:
        """It had no deployment proxy: the transaction that is the same on every chain made it."""
        owner = geth_market.people[0]
        terms = Terms(owner=owner, fee_receiver=owner, fee_bps=FEE_BPS)

        placed = {one.key: one.address for one in plan(terms, weth=True)}

        deployment = geth_market.deployment
        assert geth_market.chain.code(PROXY) == PROXY_CODE
        assert {name: getattr(deployment, name).address for name in OURS} == {
            name: placed[name] for name in OURS
        }
        assert [one for one in verify(geth_market.chain, deployment) if one.differences] == []

    def test_backfill(self, scene: Scene) -> None:
        market = scene.market
        token = market.mint()
        market.move(market.artist, STRANGER, token)
        market.send(market.artist, market.exchange.cancel([5]))
        own = market.create_collection(market.artist)
        market.send(market.artist, own.mint(STRANGER, token_id(market.artist, 1), TOLD, 500))
        shares = (Share(market.artist, 6_000), Share(STRANGER, 4_000))
        splitter = Splitter(market.splitters.predict(shares).ask(market.chain))
        market.send(market.artist, market.splitters.create(shares))
        market.send(market.artist, Call(to=splitter.address, data=b"", value=1_000))
        market.send(market.artist, splitter.release(STRANGER))

        mirror = scene.follow()

        assert mirror.cursor is not None
        assert mirror.cursor.number == market.chain.head().number
        assert scene.digest() == scene.fresh_digest()
        with scene.connection.begin():
            made = scene.connection.execute(TOKENS.select().where(TOKENS.c.contract == own.address))
            paid = scene.connection.execute(RELEASES.select()).all()
            assert [row.owner for row in made] == [STRANGER]
        assert [(row.splitter, row.amount) for row in paid] == [(splitter.address, 400)]
        assert audit(scene.connection, market.chain, market.deployment).differences == ()

    def test_follow(self, scene: Scene, migrated_url: str) -> None:
        market = scene.market
        with indexer(market.deployment, migrated_url, market.node.rpc_url):
            assert wait_until(lambda: is_at_head(scene), patience=30)
            before = transfers(scene)
            market.mint()
            digests = [Digest(bytes([n]) * 32) for n in (1, 2)]
            first = token_id(market.artist, 700)
            call = market.collection.mint_many(market.artist, first, digests, 300, ZERO_ADDRESS)
            market.send(market.artist, call)

            assert wait_until(lambda: transfers(scene) == before + 3, patience=15)
            assert is_at_head(scene)

        assert scene.digest() == scene.fresh_digest()

    def test_pushes_heads_with_their_whole_header(self, geth_market: Market) -> None:
        market = geth_market
        with Heads(market.chain.transport, poll_seconds=60, watch_seconds=60) as heads:
            heads.wait(1)
            assert wait_until(lambda: heads.is_pushed, patience=10)
            market.mint()

            hint = heads.wait(20)

        assert hint is not None
        assert (hint.by, hint.block) == ("push", market.chain.head())

    def test_a_contract_is_measured_by_the_command(
        self, geth_market: Market, database_url: str
    ) -> None:
        contract, owners = crowd(geth_market.node)

        found = measured(database_url, geth_market.node, "--contract", str(contract))

        assert (found["owners_sha256"], found["events"], found["tokens"]) == (owners, 5, 3)

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

    def test_a_collection_whose_creation_is_undone(self, scene: Scene) -> None:
        market = scene.market
        market.mint()
        target = market.chain.head().number
        own = market.create_collection(market.artist, "Red")
        market.send(market.artist, own.mint(STRANGER, token_id(market.artist, 2), TOLD, 500))
        scene.follow()

        market.node.call("debug_setHead", hex(target))
        assert wait_until(lambda: market.chain.head().number == target, patience=10)

        def is_equal() -> bool:
            scene.follow()
            return scene.digest() == scene.fresh_digest()

        assert wait_until(is_equal, patience=15)

    def test_is_proven_to_the_last_log(self, scene: Scene) -> None:
        market = scene.market
        token = market.mint()
        market.move(market.artist, STRANGER, token)
        scene.follow()
        prover = Prover(scene.connection, market.chain, market.deployment)

        while prover.step():
            pass

        standing = prover.standing()
        assert standing is not None
        assert standing.proved_number == standing.number
        assert prover.tally.logs > 0
        assert prover.tally.amended == 0
        proof = prove_all(scene.connection, market.chain, market.deployment)
        assert proof.differences == []

    def test_a_strangers_history_is_read_beside(self, scene: Scene, migrated_url: str) -> None:
        market = scene.market
        crowd = crowd_on(market.node, random.Random(5))
        crowd.stir(30, 60)
        with indexer(market.deployment, migrated_url, market.node.rpc_url):
            with scene.connection.begin():
                registry.register(scene.connection, market.deployment.chain_id, crowd.address)
            crowd.stir(10, 20)

            assert wait_until(lambda: is_read(scene, crowd.address), patience=30)
            crowd.stir(5, 20)
            head = market.chain.head().number
            assert wait_until(lambda: reached(scene) >= head, patience=15)

        with scene.connection.begin():
            query = select(TOKENS.c.token_id, TOKENS.c.owner).where(
                TOKENS.c.contract == crowd.address
            )
            held = scene.connection.execute(query).all()
        owners = ask_many(
            market.chain, [Erc721(crowd.address).owner_of(row.token_id) for row in held]
        )
        assert len(held) == 45
        assert [row.owner for row in held] == owners

    def test_a_call_before_the_contract_is_silent_or_reverts(self, scene: Scene) -> None:
        market = scene.market

        answer = market.chain.call(Call(to=STRANGER, data=b"\x01\x02\x03\x04"))

        assert answer == b""
