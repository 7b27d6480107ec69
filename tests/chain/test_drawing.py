"""Evidence drawn from anvil and geth: what they tell of receipts, works and their own past."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nft.chain.client import Web3Chain
from nft.chain.drawing import Drawing
from nft.chain.drawing_works import draw_work
from nft.chain.errors import AnswerInconsistent, StateNotAvailable
from nft.layouts.collection import metadata_digest, our_collection, ownership, royalty
from nft.proofs.errors import StateDisproved
from nft.proofs.evidence import Evidence
from nft.proofs.history import HISTORY, Memory, path, window
from nft.proofs.linked import BlockNotLinked, ProvenChain, Vouched
from nft.tokens import token_id
from nft.types import Address, Digest, TokenRef
from tests.chain.conftest import Market, market_on
from tests.support.geth import running_geth
from tests.support.lying_node import lying
from tests.support.scripted_node import Refuse
from tests.support.servers import Node, deploy_contracts, running_anvil

pytestmark = pytest.mark.chain

STRANGER = Address(b"\x42" * 20)


@pytest.fixture(scope="module")
def geth(geth_program: Path) -> Iterator[Market]:
    with running_geth(geth_program) as node:
        yield market_on(deploy_contracts(node))


@pytest.fixture(scope="module")
def on_anvil() -> Iterator[Market]:
    with running_anvil() as node:
        yield market_on(deploy_contracts(node))


@pytest.fixture(scope="module", params=["anvil", pytest.param("geth", marks=pytest.mark.geth)])
def market(request: pytest.FixtureRequest) -> Market:
    """Our contracts on each kind of node."""
    found: Market = request.getfixturevalue("geth" if request.param == "geth" else "on_anvil")
    return found


def drawing_on(market: Market) -> Drawing:
    return Drawing(market.chain)


def proven(market: Market, *evidence: Evidence, block: int | None = None) -> ProvenChain:
    """For a reader who knows the newest block of the evidence, or another."""
    number = max(max(one.headers) for one in evidence) if block is None else block
    found = market.chain.find_block(number)
    assert found is not None
    known = Vouched(number, found.block_hash)
    return ProvenChain(market.deployment.chain_id, evidence, [known])


def work_now(market: Market, token: TokenRef) -> tuple[ProvenChain, int, str | None]:
    """A work's state as of the newest block."""
    drawing = drawing_on(market)
    head = drawing.head("latest")
    drawn = draw_work(market.chain, drawing, head, token)
    return proven(market, Evidence.of(drawn.pieces)), head.header.number, drawn.layout


class TestReceipts:
    def test_with_its_transaction(self, market: Market) -> None:
        token = market.mint()
        drawing = drawing_on(market)
        head = drawing.head("latest")

        drawn = drawing.receipt(head, Digest.parse(head.transactions[0]))

        found = Evidence.of(drawn.pieces).receipts[head.header.number, drawn.index]
        assert str(found.transaction_hash) == head.transactions[0]
        assert found.receipt.succeeded
        assert found.receipt.logs[0].topics[3] == token.to_bytes(32, "big")

    def test_one_of_many_in_a_block(self, on_anvil: Market) -> None:
        market, first = on_anvil, on_anvil.mint()
        second = market.mint()
        calls = [
            (market.artist, market.collection.transfer(market.artist, market.gallery, one))
            for one in (first, second)
        ]
        market.together(*calls)
        drawing = drawing_on(market)
        head = drawing.head("latest")

        drawn = drawing.receipt(head, Digest.parse(head.transactions[1]))

        assert (drawn.index, drawn.first_log) == (1, 1)
        logs = Evidence.of(drawn.pieces).receipts[head.header.number, 1].receipt.logs
        assert [log.topics[3] for log in logs] == [second.to_bytes(32, "big")]

    def test_a_transaction_of_another_block(self, on_anvil: Market) -> None:
        drawing = drawing_on(on_anvil)

        with pytest.raises(StateNotAvailable):
            drawing.receipt(drawing.head("latest"), Digest(b"\1" * 32))


class TestOurWorks:
    def test_owner_royalty_digest_and_contract(self, market: Market) -> None:
        token = market.ref(market.mint(bps=800))

        chain, block, layout = work_now(market, token)

        contract = our_collection(chain, block, token.contract).value
        assert layout == "vernissage-collection-v1"
        assert contract.exchange == market.exchange.address
        assert ownership(chain, block, token).value.owner == market.artist
        assert royalty(chain, block, contract, token.token_id).value.bps == 800
        assert metadata_digest(chain, block, contract, token.token_id).value == Digest(
            market.serial.to_bytes(32, "big")
        )

    def test_a_receiver_who_is_not_the_creator(self, on_anvil: Market) -> None:
        market = on_anvil
        market.serial += 1
        told, number = Digest(b"\7" * 32), token_id(market.artist, market.serial)
        call = market.collection.mint(market.artist, number, told, 500, market.gallery)
        market.send(market.artist, call)

        chain, block, _ = work_now(market, market.ref(number))

        contract = our_collection(chain, block, market.collection.address).value
        assert royalty(chain, block, contract, number).value.receiver == market.gallery

    def test_many_transfers(self, on_anvil: Market) -> None:
        market, number = on_anvil, on_anvil.mint()
        people = [market.artist, market.collector, market.gallery] * 4
        for sender, receiver in itertools.pairwise(people):
            market.move(sender, receiver, number)

        chain, block, _ = work_now(market, market.ref(number))

        word = ownership(chain, block, market.ref(number)).value
        assert (word.owner, word.transfer_count) == (market.gallery, 11)

    def test_burned(self, on_anvil: Market) -> None:
        market, number = on_anvil, on_anvil.mint()
        market.send(market.artist, market.collection.burn(number))

        chain, block, _ = work_now(market, market.ref(number))

        contract = our_collection(chain, block, market.collection.address).value
        assert ownership(chain, block, market.ref(number)).value.is_burned
        assert metadata_digest(chain, block, contract, number).value == Digest(bytes(32))

    def test_never_minted(self, on_anvil: Market) -> None:
        number = token_id(on_anvil.artist, 999_999)

        chain, block, _ = work_now(on_anvil, on_anvil.ref(number))

        word = ownership(chain, block, on_anvil.ref(number)).value
        assert (word.pack(), word.is_burned) == (0, False)

    def test_in_an_artists_own_collection(self, on_anvil: Market) -> None:
        market = on_anvil
        own = market.create_collection(market.artist, "Evidence")
        number = token_id(market.artist, 1)
        call = own.mint(market.collector, number, Digest(b"\5" * 32), 700, market.artist)
        market.send(market.artist, call)
        token = TokenRef(market.deployment.chain_id, own.address, number)

        chain, block, layout = work_now(market, token)

        contract = our_collection(chain, block, own.address).value
        assert layout == "vernissage-collection-v1"
        assert contract.is_clone
        assert (contract.artist, contract.name) == (market.artist, "Evidence")
        assert contract.implementation == market.collection.address
        assert ownership(chain, block, token).value.owner == market.collector


class TestLinks:
    def test_to_blocks_within_reach(self, market: Market) -> None:
        token = market.ref(market.mint())
        chain, block, _ = work_now(market, token)
        certificate = Evidence.of(
            draw_work(
                market.chain, drawing_on(market), drawing_on(market).head(block), token
            ).pieces
        )
        market.mint()
        drawing = drawing_on(market)

        drawn = drawing.links(drawing.head("latest"), [block, 0])
        linked = proven(market, certificate, Evidence.of(drawn.pieces))

        assert drawn.reached[block] == chain.blocks[0].block_hash
        assert 0 in drawn.reached
        assert ownership(linked, block, token).value.owner == market.artist

    def test_two_hops_one_of_them_rebuilt_from_hashes(self, on_anvil: Market) -> None:
        market, drawing = on_anvil, drawing_on(on_anvil)
        old = drawing.head("latest")
        token = market.ref(market.mint())
        block = old.header.number + 1
        certificate = Evidence.of(
            draw_work(market.chain, drawing, drawing.head(block), token).pieces
        )
        market.node.mine(60)
        hop = drawing.state(drawing.head("latest"), HISTORY).pieces
        number = hop.states[0].block
        market.node.mine(60)

        to_hop = Evidence.of(drawing.links(drawing.head("latest"), [number]).pieces)
        memory = Memory(hop.chain_id, hop.headers[0], hop.states[0].proof, hashes(market, number))
        back = Evidence.of(memory.links([block]))

        both = proven(market, certificate, to_hop, back)
        assert ownership(both, block, token).value.owner == market.artist
        without = proven(market, certificate, to_hop, block=max(to_hop.headers))
        with pytest.raises(BlockNotLinked):
            _ = ownership(without, block, token).value

    @pytest.mark.geth
    def test_a_memory_of_geth_is_rebuilt(self, geth: Market) -> None:
        drawing = drawing_on(geth)
        hop = drawing.state(drawing.head("latest"), HISTORY).pieces
        number = hop.states[0].block

        memory = Memory(hop.chain_id, hop.headers[0], hop.states[0].proof, hashes(geth, number))

        assert (
            memory.links([number - 1]) == drawing.links(drawing.head(number), [number - 1]).pieces
        )

    @pytest.mark.long
    @pytest.mark.timeout(2400)
    def test_further_back_than_the_window_by_a_hop_that_was_kept(self) -> None:
        """Anvil hashes the whole storage anew for every block: it takes minutes."""
        with running_anvil() as node:
            market = market_on(deploy_contracts(node))
            token, drawing = market.ref(market.mint()), drawing_on(market)
            old = drawing.head("latest")
            certificate = Evidence.of(draw_work(market.chain, drawing, old, token).pieces)
            mine(node, 4_150)
            hop = drawing.state(drawing.head("latest"), HISTORY).pieces
            number = hop.states[0].block
            mine(node, 4_150)

            newest = drawing.head("latest")
            with pytest.raises(StateNotAvailable):  # Where the hop that it needs is forgotten.
                drawing.links(newest, [old.header.number])
            known = path(newest.header.number, old.header.number, [number])
            memory = Memory(
                hop.chain_id, hop.headers[0], hop.states[0].proof, hashes(market, number)
            )
            links = Evidence.of(
                drawing.links(newest, [number]).pieces, memory.links([old.header.number])
            )

            assert known == [number]
            chain = proven(market, certificate, links)
            assert ownership(chain, old.header.number, token).value.owner == market.artist
            full = drawing.state(newest, HISTORY).pieces
            every = hashes(market, newest.header.number)
            Memory(full.chain_id, full.headers[0], full.states[0].proof, every)


def mine(node: Node, blocks: int) -> None:
    """So many in all, a few at once."""
    for _ in range(blocks // 50):
        node.mine(50)


def hashes(market: Market, number: int) -> dict[int, Digest]:
    """Of every block of a window."""
    found: dict[int, Digest] = {}
    wanted = list(window(number))
    for start in range(0, len(wanted), 500):
        blocks = market.chain.blocks(wanted[start : start + 500])
        found |= {one.number: one.block_hash for one in blocks if one is not None}
    return found


class TestNodes:
    """Nodes that have forgotten, or that lie."""

    def test_state_that_was_pruned(self, on_anvil: Market) -> None:
        with lying(on_anvil.node.rpc_url) as node:
            drawing = drawing_at(node.url)
            head = drawing.head("latest")
            node.lie("eth_getProof", refusing("missing trie node 0a (path )"))

            with pytest.raises(StateNotAvailable):
                drawing.state(head, STRANGER)

    def test_a_block_that_it_has_not(self, on_anvil: Market) -> None:
        with pytest.raises(StateNotAvailable):
            drawing_on(on_anvil).head(10**9)

    def test_the_state_of_another_block(self, on_anvil: Market) -> None:
        market, number = on_anvil, on_anvil.mint()
        with lying(market.node.rpc_url) as node:
            drawing = drawing_at(node.url)
            head = drawing.head("latest")
            older = node.real("eth_getProof", [str(market.artist), [], hex(head.header.number - 1)])
            node.lie("eth_getProof", lambda _: older)

            with pytest.raises(StateDisproved):
                drawing.state(head, market.artist)
        assert market.collection.transfer_count(number).ask(market.chain) == 0

    def test_other_code(self, on_anvil: Market) -> None:
        with lying(on_anvil.node.rpc_url) as node:
            drawing = drawing_at(node.url)
            node.lie("eth_getCode", lambda _: "0x6000")

            with pytest.raises(AnswerInconsistent):
                drawing.state(drawing.head("latest"), on_anvil.collection.address, with_code=True)

    def test_the_receipt_of_another_transaction(self, on_anvil: Market) -> None:
        market = on_anvil
        works = [market.mint(), market.mint()]
        market.together(
            *(
                (market.artist, market.collection.transfer(market.artist, market.gallery, one))
                for one in works
            )
        )
        with lying(market.node.rpc_url) as node:
            drawing = drawing_at(node.url)
            head = drawing.head("latest")
            node.lie("eth_getBlockReceipts", _exchanged)

            with pytest.raises(AnswerInconsistent):
                drawing.receipt(head, Digest.parse(head.transactions[0]))

    def test_transactions_of_another_form_are_left_out(self, on_anvil: Market) -> None:
        on_anvil.mint()
        with lying(on_anvil.node.rpc_url) as node:
            drawing = drawing_at(node.url)
            head = drawing.head("latest")
            node.lie("eth_getBlockByHash", _of_type("0x6a"), when=lambda params: params[1])

            drawn = drawing.receipt(head, Digest.parse(head.transactions[0]))

        assert drawn.pieces.receipts[0].transaction_proof is None


def drawing_at(url: str) -> Drawing:
    return Drawing(Web3Chain(31337, [url]))


def refusing(text: str) -> Any:
    def fault(_: Any) -> Any:
        raise Refuse(text, code=-32000)

    return fault


def _of_type(kind: str) -> Any:
    def fault(block: Any) -> Any:
        return {**block, "transactions": [{**one, "type": kind} for one in block["transactions"]]}

    return fault


def _exchanged(receipts: Any) -> Any:
    """Each told under the hash of the other's transaction."""
    hashes = [one["transactionHash"] for one in reversed(receipts)]
    return [
        {**one, "transactionHash": hashed} for one, hashed in zip(receipts, hashes, strict=True)
    ]
