"""The ring of block hashes, and proofs of it rebuilt from nothing but hashes."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nft.proofs.errors import StateDisproved
from nft.proofs.evidence import Evidence
from nft.proofs.history import (
    HISTORY,
    WINDOW,
    Memory,
    block_of_slot,
    history_slot,
    path,
    reaches,
    window,
)
from nft.proofs.keccak import keccak
from nft.proofs.linked import ProvenChain
from nft.types import Digest
from tests.nft.proofs.made import CHAIN_ID, Block, Made


def hash_of(number: int) -> Digest:
    """Of a block that nobody needs but for its hash; every 256th begins with a zero."""
    return Digest(bytes([number % 256]) + sha256(b"%d" % number).digest()[1:])


def block_after(first: int, number: int) -> Block:
    """A block that remembers all from `first` on, as far as it reaches."""
    words = {
        history_slot(known): int.from_bytes(hash_of(known), "big")
        for known in range(max(first, number - WINDOW), number)
    }
    return Block(number, accounts={HISTORY: Made(words)})


def memory_of(block: Block, hashes: dict[int, Digest]) -> Memory:
    return Memory(CHAIN_ID, block.header, block.state.proof(keccak(HISTORY)), hashes)


def hashes_between(first: int, last: int) -> dict[int, Digest]:
    return {number: hash_of(number) for number in range(first, last)}


class TestRing:
    @given(st.integers(0, 50_000), st.integers(0, WINDOW - 1))
    def test_a_slot_names_one_block_in_reach(self, as_of: int, slot: int) -> None:
        named = [number for number in window(as_of) if history_slot(number) == slot]

        assert [block_of_slot(slot, as_of)] == (named or [None])

    @pytest.mark.parametrize(
        ("as_of", "number", "is_in_reach"),
        [(9000, 9000, False), (9000, 8999, True), (9000, 809, True), (9000, 808, False)],
    )
    def test_reach(self, as_of: int, number: int, is_in_reach: bool) -> None:
        assert reaches(as_of, number) is is_in_reach


class TestPath:
    def test_as_few_hops_as_possible(self) -> None:
        assert path(30_000, 100, range(0, 30_000, 4_000)) == [24_000, 16_000, 8_000]

    def test_none_within_reach(self) -> None:
        assert path(5_000, 100, [4_000]) == []

    def test_a_gap_that_is_too_wide(self) -> None:
        assert path(30_000, 100, [24_000, 8_000]) is None


class TestMemory:
    def test_proves_any_block_of_a_full_window(self) -> None:
        block = block_after(0, 20_000)
        memory = memory_of(block, hashes_between(10_000, 20_000))

        evidence = Evidence.of(memory.links([11_809, 15_104, 19_999]))
        chain = ProvenChain(CHAIN_ID, [evidence], [block.given])

        assert evidence == Evidence.of(block.links(11_809, 15_104, 19_999))
        for number in (11_809, 15_104, 19_999):
            found = chain.block(number)
            assert found is not None
            assert found.block_hash == hash_of(number)

    def test_of_a_young_chain(self) -> None:
        block = block_after(0, 40)

        memory = memory_of(block, hashes_between(0, 40))

        assert memory.links([0]) == block.links(0)

    def test_of_a_chain_that_began_to_remember_late(self) -> None:
        block = block_after(25, 40)

        assert memory_of(block, hashes_between(25, 40)).links([25]) == block.links(25)
        with pytest.raises(StateDisproved):
            memory_of(block, hashes_between(24, 40))

    def test_a_hash_left_out(self) -> None:
        hashes = hashes_between(0, 40)
        del hashes[7]

        with pytest.raises(StateDisproved):
            memory_of(block_after(0, 40), hashes)

    def test_a_hash_of_another_branch(self) -> None:
        with pytest.raises(StateDisproved):
            memory_of(block_after(0, 40), {**hashes_between(0, 40), 7: hash_of(8)})

    def test_a_proof_of_another_block(self) -> None:
        block, other = block_after(0, 40), block_after(0, 41)

        with pytest.raises(StateDisproved):
            Memory(CHAIN_ID, block.header, other.state.proof(keccak(HISTORY)), {})

    def test_a_block_out_of_reach(self) -> None:
        with pytest.raises(StateDisproved):
            memory_of(block_after(0, 40), hashes_between(0, 40)).links([40])
