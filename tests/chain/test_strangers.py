"""
Contracts that strangers would have us mirror, hostile ones among them, on anvil.
"""

from collections.abc import Callable

import pytest

from indexer.birth import NoContractThere, NotErc721, find_birth, inspect
from nft.chain.client import Web3Chain
from nft.types import Address
from tests.support.servers import Contracts, Node
from tests.support.strangers import Strangers

pytestmark = pytest.mark.chain

YES = "60015f5260205ff3"
NO = "60205ff3"
REVERTS = "5f5ffd"
LOOPS = "5b5f56"
HALF_A_WORD = "60055ff3"
TWO = "60025f5260205ff3"
TEN_MEGABYTES = "62a000005ff3"

Place = Callable[[str], Address]


@pytest.fixture
def place(anvil: Node) -> Place:
    """Puts code at an address of its own."""
    return Strangers(anvil).place


@pytest.fixture
def chain(anvil: Node) -> Web3Chain:
    return Web3Chain(31337, [anvil.rpc_url])


def speaking(words: str) -> str:
    """Code of an ERC-721 by ERC-165, which calls itself what is given in hex, 32 bytes at most."""
    tail = f"60205f5260{len(words) // 2:02x}6020527f{words.ljust(64, '0')}60405260605ff3"
    head = "60043560e01c806380ac58cd1460__57" + "63ffffffff1460__57"
    yes = len(head) // 2 + len(tail) // 2
    no = yes + 1 + len(YES) // 2
    filled = head.replace("__", f"{yes:02x}", 1).replace("__", f"{no:02x}", 1)
    return f"{filled}{tail}5b{YES}5b{NO}"


class TestInspect:
    def test_takes_a_collection_of_ours_for_what_it_is(
        self, chain: Web3Chain, contracts: Contracts
    ) -> None:
        names = inspect(chain, contracts.placed.house_collection.address)

        assert names.name
        assert names.symbol

    def test_reads_what_a_stranger_calls_itself(self, chain: Web3Chain, place: Place) -> None:
        names = inspect(chain, place(speaking(b"<b>Works</b>".hex())))

        assert (names.name, names.symbol) == ("<b>Works</b>", "<b>Works</b>")

    @pytest.mark.parametrize("words", ["fffe", "c0af", "ed a0 80".replace(" ", "")])
    def test_calls_nameless_what_speaks_in_no_words(
        self, chain: Web3Chain, place: Place, words: str
    ) -> None:
        assert inspect(chain, place(speaking(words))).name == ""

    def test_keeps_a_name_on_one_line(self, chain: Web3Chain, place: Place) -> None:
        names = inspect(chain, place(speaking(b"a\0b\nc".hex())))

        assert names.name == "a\N{REPLACEMENT CHARACTER}b c"

    def test_refuses_an_account(self, chain: Web3Chain) -> None:
        with pytest.raises(NoContractThere):
            inspect(chain, Address(b"\x77" * 20))

    @pytest.mark.parametrize(
        ("code", "why"),
        [
            (YES, "claims to support everything"),
            (NO, "does not support 0x80ac58cd"),
            (REVERTS, "does not answer supportsInterface"),
            (LOOPS, "does not answer supportsInterface"),
            (HALF_A_WORD, "does not answer supportsInterface"),
            (TWO, "does not answer supportsInterface"),
            (TEN_MEGABYTES, "does not answer supportsInterface"),
        ],
    )
    def test_refuses_what_is_no_erc721(
        self, chain: Web3Chain, place: Place, code: str, why: str
    ) -> None:
        with pytest.raises(NotErc721, match=why):
            inspect(chain, place(code))


class TestFindBirth:
    def test_finds_our_own_deployment(self, fresh_contracts: Contracts) -> None:
        node, placed = fresh_contracts.node, fresh_contracts.placed
        node.mine(200)
        chain = Web3Chain(31337, [node.rpc_url])

        birth = find_birth(chain, placed.house_collection.address, chain.head().number)

        assert (birth.block, birth.note) == (placed.house_collection.block, None)
