"""Works of other people's contracts: the layout found by trying, and the owner proven under it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from nft.chain.client import Web3Chain
from nft.chain.drawing import Drawing
from nft.chain.drawing_works import DrawnWork, draw_work
from nft.chain.protocol import Call
from nft.layouts.foreign import Owned, owner_of
from nft.proofs.evidence import Evidence
from nft.proofs.linked import ProvenChain, Vouched
from nft.types import Address, TokenRef
from tests.support.servers import running_anvil
from tests.support.strangers import Strangers, double

pytestmark = pytest.mark.chain

CHAIN_ID = 31337


@dataclass
class Scene:
    """A chain with strangers on it."""

    strangers: Strangers
    chain: Web3Chain

    @property
    def artist(self) -> Address:
        return self.strangers.people[0]

    @property
    def collector(self) -> Address:
        return self.strangers.people[1]

    def tell(self, name: str, contract: Address, function: str, *values: Any, by: int = 0) -> None:
        self.strangers.send(Call(contract, double(name)[function].encode(*values)), by)

    def draw(self, contract: Address, number: int) -> DrawnWork:
        drawing = Drawing(self.chain)
        token = TokenRef(CHAIN_ID, contract, number)
        return draw_work(self.chain, drawing, drawing.head("latest"), token)

    def owner(self, contract: Address, number: int) -> tuple[str | None, Owned]:
        """The layout, and what it says to a reader who knows the block alone."""
        drawn = self.draw(contract, number)
        assert drawn.layout is not None
        return drawn.layout, self.read(drawn, contract, number, drawn.layout)

    def read(self, drawn: DrawnWork, contract: Address, number: int, layout: str) -> Owned:
        evidence = Evidence.of(drawn.pieces)
        block = drawn.pieces.states[0].block
        found = self.chain.find_block(block)
        assert found is not None
        chain = ProvenChain(CHAIN_ID, [evidence], [Vouched(block, found.block_hash)])
        return owner_of(chain, block, TokenRef(CHAIN_ID, contract, number), layout).value


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    with running_anvil() as node:
        yield Scene(Strangers(node), Web3Chain(CHAIN_ID, [node.rpc_url]))


@pytest.fixture(scope="module")
def rows(scene: Scene) -> Address:
    """Works 1 to 5 are the collector's, 6 to 8 the artist's; 3 is burned, 7 moved on."""
    contract = scene.strangers.deploy("RowToken")
    scene.tell("RowToken", contract, "mint", scene.collector, 5)
    scene.tell("RowToken", contract, "mint", scene.artist, 3)
    scene.tell("RowToken", contract, "burn", 3, by=1)
    scene.strangers.give(contract, 7, 0, scene.collector)
    return contract


class TestKnownManners:
    def test_openzeppelin(self, scene: Scene) -> None:
        contract = scene.strangers.deploy("PlainToken", scene.artist, 500)
        scene.tell("PlainToken", contract, "mint", scene.collector, 7)

        found = scene.owner(contract, 7)

        assert found == ("openzeppelin-erc721-v5", Owned(scene.collector))

    def test_openzeppelin_behind_other_variables(self, scene: Scene) -> None:
        contract = scene.strangers.deploy("ShiftedToken")
        scene.tell("ShiftedToken", contract, "mint", scene.collector, 7)

        found = scene.owner(contract, 7)

        assert found == ("openzeppelin-erc721-v5/3", Owned(scene.collector))

    def test_openzeppelin_upgradeable(self, scene: Scene) -> None:
        contract = scene.strangers.deploy("NamespacedToken")
        scene.tell("NamespacedToken", contract, "mint", scene.collector, 2**255)

        found = scene.owner(contract, 2**255)

        assert found == ("openzeppelin-erc721-v5-upgradeable", Owned(scene.collector))

    def test_solady(self, scene: Scene) -> None:
        contract = scene.strangers.deploy("SoladyToken")
        scene.tell("SoladyToken", contract, "mint", scene.collector, 2**200 + 7)

        found = scene.owner(contract, 2**200 + 7)

        assert found == ("solady-erc721", Owned(scene.collector))


class TestRows:
    """ERC-721A, whose first id here is 1."""

    @pytest.mark.parametrize(("number", "owner"), [(1, 1), (2, 1), (4, 1), (5, 1), (6, 0), (8, 0)])
    def test_owners_of_a_row(self, scene: Scene, rows: Address, number: int, owner: int) -> None:
        found = scene.owner(rows, number)

        assert found == ("erc721a", Owned(scene.strangers.people[owner]))

    def test_one_that_moved_on(self, scene: Scene, rows: Address) -> None:
        assert scene.owner(rows, 7) == ("erc721a", Owned(scene.collector))

    def test_every_word_on_the_way_is_proven(self, scene: Scene, rows: Address) -> None:
        drawn = scene.draw(rows, 2)

        storage = drawn.pieces.states[0].storage | drawn.pieces.states[-1].storage
        assert len(storage) == 3  # Its own word, the first of the row, and the next index.

    def test_what_is_not_there_proves_no_layout(self, scene: Scene, rows: Address) -> None:
        for number in (0, 3, 9):
            assert scene.draw(rows, number).layout is None


class TestUnknownManners:
    def test_sixteen_owners_in_a_word(self, scene: Scene) -> None:
        contract = scene.strangers.deploy("CrowdToken")
        scene.tell("CrowdToken", contract, "move", [3 << 96 | 7])

        drawn = scene.draw(contract, 7)

        assert drawn.layout is None
        assert not drawn.is_presumed
        assert Evidence.of(drawn.pieces).code

    def test_no_contract_at_all(self, scene: Scene) -> None:
        drawn = scene.draw(Address(b"\x77" * 20), 7)

        assert drawn.layout is None
        assert Evidence.of(drawn.pieces).code == {}
