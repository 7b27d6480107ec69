"""Owners by presumed layouts, from words alone; ERC-721A against a model of it."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nft.layouts import foreign
from nft.layouts.errors import LayoutUnknown, NotShown
from nft.layouts.foreign import Owned, first_slots, odd, owner_of, read_owner, usual
from nft.layouts.slots import mapping_slot
from nft.proofs.evidence import Evidence
from nft.proofs.linked import ProvenChain
from nft.tokens import ownership_slot
from nft.types import Address, TokenRef
from tests.nft.proofs.made import CHAIN_ID, CONTRACT, Block, Made

OWNER = Address(b"\x0d" * 20)
WORD = int.from_bytes(OWNER, "big")


def words(**known: int) -> Callable[[int], int]:
    """Words by slot, zero for the rest."""
    by_slot = {int(slot[1:]): word for slot, word in known.items()}
    return lambda slot: by_slot.get(slot, 0)


def at(slot: int, word: int) -> Callable[[int], int]:
    return words(**{f"_{slot}": word})


@dataclass
class Rows:
    """ERC-721A as its sources have it, with an index that begins at 1."""

    index: int = 1
    packed: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    owners: dict[int, int | None] = field(default_factory=dict)
    """What it must say; None: burned."""

    def mint(self, owner: int, quantity: int) -> None:
        self.packed[self.index] = owner | (1 << 225 if quantity == 1 else 0)
        for number in range(self.index, self.index + quantity):
            self.owners[number] = owner
        self.index += quantity

    def move(self, number: int, to: int | None) -> None:
        """To nobody: it burns, and its word keeps who had it."""
        before = self._of(number)
        burned = (before & (2**160 - 1)) | 1 << 224
        self.packed[number] = (burned if to is None else to) | 1 << 225 | 123 << 160
        follows = number + 1
        if not before >> 225 & 1 and not self.packed[follows] and follows != self.index:
            self.packed[follows] = before
        self.owners[number] = to

    def _of(self, number: int) -> int:
        while not self.packed[number]:
            number -= 1
        return self.packed[number]

    def word(self, slot: int) -> int:
        if slot == 0:
            return self.index
        places = {mapping_slot(number, 4): word for number, word in self.packed.items()}
        return places.get(slot, 0)


class TestErc721a:
    @settings(max_examples=60, deadline=None)
    @given(st.randoms(use_true_random=False))
    def test_says_what_the_contract_says(self, random: Random) -> None:
        rows = Rows()
        for _ in range(random.randrange(1, 6)):
            rows.mint(random.randrange(1, 9), random.randrange(1, 6))
        for _ in range(random.randrange(12)):
            alive = [number for number, owner in rows.owners.items() if owner]
            if alive:
                rows.move(random.choice(alive), random.choice([None, 5, 6]))

        found = {number: read_owner("erc721a", number, rows.word) for number in rows.owners}

        assert found == {
            number: Owned(None, is_burned=True)
            if owner is None
            else Owned(Address(owner.to_bytes(20, "big")))
            for number, owner in rows.owners.items()
        }

    @pytest.mark.parametrize("number", [4, 5, 2**255])
    def test_beyond_the_next_index_is_nothing(self, number: int) -> None:
        rows = Rows()
        rows.mint(7, 3)

        assert read_owner("erc721a", number, rows.word) == Owned(None)

    def test_a_row_without_a_first(self) -> None:
        with pytest.raises(LayoutUnknown):
            read_owner("erc721a", 0, at(0, 5))

    def test_a_row_without_end(self) -> None:
        with pytest.raises(LayoutUnknown):
            read_owner("erc721a", 5_000, at(0, 9_000))

    def test_an_index_that_is_a_text(self) -> None:
        with pytest.raises(LayoutUnknown):
            read_owner("erc721a", 5, at(0, 2**200))


class TestMappings:
    def test_an_owner_with_something_beside_it(self) -> None:
        with pytest.raises(LayoutUnknown):
            read_owner("openzeppelin-erc721-v5", 7, at(mapping_slot(7, 2), WORD | 1 << 160))

    def test_solady_keeps_other_data_there(self) -> None:
        word = at(ownership_slot(7), WORD | 1 << 200)

        assert read_owner("solady-erc721", 7, word) == Owned(OWNER)

    def test_nobody(self) -> None:
        assert read_owner("openzeppelin-erc721-v5", 7, words()) == Owned(None)

    def test_another_slot(self) -> None:
        assert read_owner("openzeppelin-erc721-v5/3", 7, at(mapping_slot(7, 3), WORD)).owner


class TestIds:
    @pytest.mark.parametrize("layout", [*usual(), *odd()])
    def test_every_id_is_read(self, layout: str) -> None:
        assert first_slots(layout, 7)

    @pytest.mark.parametrize(
        "layout",
        [
            "",
            "openzeppelin-erc721-v5/2",  # The usual one has no number: one layout has one id.
            "openzeppelin-erc721-v5/03",
            "openzeppelin-erc721-v5/",
            "openzeppelin-erc721-v5/999",
            "openzeppelin-erc721-v5-upgradeable/3",
            "solady-erc721/0",
            "erc721a/4",
            "vernissage-collection-v1",
        ],
    )
    def test_no_other_is(self, layout: str) -> None:
        with pytest.raises(LayoutUnknown):
            read_owner(layout, 7, words())


class TestOwnerOf:
    def test_of_a_proven_chain(self) -> None:
        block = Block(9, accounts={CONTRACT: Made({mapping_slot(7, 2): WORD})})
        evidence = Evidence.of(block.shows(CONTRACT, mapping_slot(7, 2)))
        chain = ProvenChain(CHAIN_ID, [evidence], [block.given])

        found = owner_of(chain, 9, TokenRef(CHAIN_ID, CONTRACT, 7), foreign.OPENZEPPELIN)

        assert found.value == Owned(OWNER)

    def test_a_word_on_the_way_left_out(self) -> None:
        storage = {mapping_slot(1, 4): WORD, 0: 9}
        block = Block(9, accounts={CONTRACT: Made(storage)})
        shown = [mapping_slot(3, 4), mapping_slot(1, 4), 0]
        evidence = Evidence.of(block.shows(CONTRACT, *shown))
        chain = ProvenChain(CHAIN_ID, [evidence], [block.given])

        with pytest.raises(NotShown):
            owner_of(chain, 9, TokenRef(CHAIN_ID, CONTRACT, 3), "erc721a")

    def test_a_contract_that_is_not_shown(self) -> None:
        chain = ProvenChain(CHAIN_ID, [])

        with pytest.raises(NotShown):
            owner_of(chain, 9, TokenRef(CHAIN_ID, CONTRACT, 3), "erc721a")
