"""
Where a stranger's contract begins, as nodes of several kinds answer.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from indexer.birth import NoContractThere, find_birth
from nft.chain.client import Web3Chain
from nft.errors import ChainUnreachable
from nft.types import ZERO_ADDRESS, Address
from tests.support.scripted_logs import transferred
from tests.support.scripted_node import Drip, Refuse, ScriptedNode, drip, refuse, serving

WORKS = Address(b"\x0a" * 20)
COLLECTOR = Address(b"\xbb" * 20)


@dataclass
class Archive(ScriptedNode):
    """A node that knows at which heights a contract stood, from the oldest state it keeps on."""

    lives: list[tuple[int, int]] = field(default_factory=list)
    """First and last block of each."""
    kept_from: int = 0
    words: str = "missing trie node 0xabc (path )"
    widest: int | None = None
    """Of how many blocks it tells the logs at once."""
    refuses_wide: bool = False
    """Whether it says so of more, or never answers."""
    is_lost_then: bool = False
    """Whether it answers nothing more after that."""
    is_lost: bool = False

    def answer(self, method: str, params: list[Any]) -> Any:
        if self.is_lost:
            drip(None)
        if method == "eth_getLogs" and self.widest is not None:
            first, last = (int(params[0][name], 16) for name in ("fromBlock", "toBlock"))
            if last - first >= self.widest:
                self.is_lost = self.is_lost_then
                raise Refuse("block range is too wide") if self.refuses_wide else Drip
        return super().answer(method, params)

    def _honest(self, method: str, params: list[Any]) -> Any:
        if method != "eth_getCode":
            return super()._honest(method, params)
        number = int(params[1], 16)
        if number < self.kept_from:
            raise Refuse(self.words)
        stands = any(first <= number <= last for first, last in self.lives)
        return "0x6001" if stands else "0x"


@pytest.fixture
def node() -> Iterator[Archive]:
    with serving(Archive(chain_id=1)) as made:
        assert isinstance(made, Archive)
        made.mine_empty(1_000)
        yield made


def chain_of(node: ScriptedNode) -> Web3Chain:
    return Web3Chain(1, [node.url], deadline_seconds=2)


class TestFindBirth:
    @pytest.mark.parametrize("block", [1, 2, 499, 500, 501, 999, 1_000])
    def test_finds_the_block_by_halving(self, node: Archive, block: int) -> None:
        node.lives = [(block, 1_000)]

        birth = find_birth(chain_of(node), WORKS, 1_000)

        assert (birth.block, birth.note) == (block, None)
        assert node.asked.count("eth_getCode") <= 12

    def test_begins_with_the_chain_for_a_predeploy(self, node: Archive) -> None:
        node.lives = [(0, 1_000)]

        birth = find_birth(chain_of(node), WORKS, 1_000)

        assert (birth.block, birth.note) == (0, None)

    def test_is_not_before_the_floor(self, node: Archive) -> None:
        node.lives = [(0, 1_000)]

        assert find_birth(chain_of(node), WORKS, 1_000, floor=400).block == 400

    def test_refuses_an_address_without_code(self, node: Archive) -> None:
        with pytest.raises(NoContractThere, match=str(WORKS)):
            find_birth(chain_of(node), WORKS, 1_000)

    def test_refuses_a_contract_that_is_gone(self, node: Archive) -> None:
        node.lives = [(10, 900)]

        with pytest.raises(NoContractThere):
            find_birth(chain_of(node), WORKS, 1_000)

    def test_says_when_the_node_does_not_answer(self, node: Archive) -> None:
        node.lives = [(10, 1_000)]
        node.fault("eth_getCode", *[refuse("over capacity", status=503)] * 50)

        with pytest.raises(ChainUnreachable):
            find_birth(chain_of(node), WORKS, 1_000)


class TestForgottenState:
    @pytest.mark.parametrize(
        "words",
        [
            "missing trie node 0xabc (path )",
            "required historical state unavailable",
            "distance to target block exceeds maximum proof window",
            "Archive requests require a paid plan",
        ],
    )
    def test_finds_a_birth_within_what_is_kept(self, node: Archive, words: str) -> None:
        node.lives, node.kept_from, node.words = [(950, 1_000)], 870, words

        birth = find_birth(chain_of(node), WORKS, 1_000)

        assert (birth.block, birth.note) == (950, None)

    def test_begins_at_the_floor_when_it_stood_already(self, node: Archive) -> None:
        node.lives, node.kept_from = [(500, 1_000)], 870

        birth = find_birth(chain_of(node), WORKS, 1_000, floor=3)

        assert birth.block == 3
        assert birth.note == "the node keeps no state before block 870, where it stood already"

    def test_begins_at_the_floor_when_only_the_head_is_kept(self, node: Archive) -> None:
        node.lives, node.kept_from = [(500, 1_000)], 1_000

        assert find_birth(chain_of(node), WORKS, 1_000).block == 0


class TestFormerLife:
    def test_begins_with_the_oldest_move(self, node: Archive) -> None:
        node.blocks[300].logs = (transferred(WORKS, ZERO_ADDRESS, COLLECTOR, 1),)
        node.lives = [(290, 320), (700, 1_000)]

        birth = find_birth(chain_of(node), WORKS, 1_000)

        assert birth.block == 300
        assert birth.note == "it was destroyed and created again at block 700"

    def test_says_when_the_node_does_not_let_us_look(self, node: Archive) -> None:
        node.lives = [(700, 1_000)]
        node.fault("eth_getLogs", refuse("logs of others are not for you"))

        birth = find_birth(chain_of(node), WORKS, 1_000)

        assert birth.block == 700
        assert birth.note == "whether a contract stood here before was not looked for"

    @pytest.mark.parametrize("how", ["refuses", "does not answer"])
    def test_is_looked_for_in_parts_that_a_node_can_answer(self, node: Archive, how: str) -> None:
        node.blocks[300].logs = (transferred(WORKS, ZERO_ADDRESS, COLLECTOR, 1),)
        node.lives = [(290, 320), (700, 1_000)]
        node.widest, node.refuses_wide = 200, how == "refuses"

        assert find_birth(chain_of(node), WORKS, 1_000).block == 300

    def test_is_given_up_where_it_takes_too_many_parts(self, node: Archive) -> None:
        node.lives = [(700, 1_000)]
        node.widest, node.refuses_wide = 5, True

        birth = find_birth(chain_of(node), WORKS, 1_000)

        assert birth.note == "whether a contract stood here before was not looked for"

    def test_is_no_reason_to_go_on_without_a_node(self, node: Archive) -> None:
        node.lives = [(700, 1_000)]
        node.widest, node.is_lost_then = 200, True

        with pytest.raises(ChainUnreachable):
            find_birth(chain_of(node), WORKS, 1_000)
