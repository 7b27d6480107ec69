"""Code on a chain against the artifacts, and clones, without a chain."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nft.chain.abi import ARTIFACTS, Abi, load
from nft.chain.clones import (
    Clone,
    collection_arguments,
    collection_clone,
    splitter_clone,
    splitter_shares,
)
from nft.chain.runtime import CHOSEN, differences, immutables
from nft.types import Digest
from tests.support.people import ARTIST, COLLECTOR, EXCHANGE, GALLERY, HOUSE, STRANGER, deployed

EVERY = (*ARTIFACTS, "Weth")
DEPLOYMENT = deployed(1)
WORDS = immutables("Exchange", EXCHANGE, DEPLOYMENT)


def code_of(abi: Abi, words: dict[str, bytes]) -> bytearray:
    """The artifact's code as a constructor would leave it."""
    code = bytearray(abi.deployed_bytecode)
    for name, places in abi.immutables.items():
        for place in places:
            code[place] = words.get(name, b"\x5a" * 32)
    return code


def outside(abi: Abi) -> list[int]:
    """The places of the code that hold no immutable."""
    inside = {
        i
        for places in abi.immutables.values()
        for one in places
        for i in range(*one.indices(10**6))
    }
    return [place for place in range(len(abi.deployed_bytecode)) if place not in inside]


EXCHANGE_ABI = load("Exchange")
PLACES = outside(EXCHANGE_ABI)


@pytest.mark.parametrize("name", EVERY)
class TestEveryContract:
    def test_has_immutables_that_we_can_tell(self, name: str) -> None:
        told = immutables(name, EXCHANGE, DEPLOYMENT)

        assert set(load(name).immutables) <= set(told) | CHOSEN.get(name, set())

    def test_equals_itself(self, name: str) -> None:
        words = immutables(name, EXCHANGE, DEPLOYMENT)

        assert differences(load(name), bytes(code_of(load(name), words)), words) == []


class TestDifferences:
    @given(place=st.sampled_from(PLACES), change=st.integers(1, 255))
    def test_show_any_one_byte(self, place: int, change: int) -> None:
        code = code_of(EXCHANGE_ABI, WORDS)
        code[place] ^= change

        (found,) = differences(EXCHANGE_ABI, bytes(code), WORDS)

        assert found.what == f"byte {place}"
        assert (int(found.expected, 16), int(found.found, 16)) == (
            code[place] ^ change,
            code[place],
        )

    @pytest.mark.parametrize("name", sorted(EXCHANGE_ABI.immutables))
    def test_show_another_value_of_an_immutable(self, name: str) -> None:
        code = code_of(EXCHANGE_ABI, {**WORDS, name: b"\x11" * 32})

        (found,) = differences(EXCHANGE_ABI, bytes(code), WORDS)

        assert found.what == f"immutable {name}"
        assert (found.expected, found.found) == (f"0x{WORDS[name].hex()}", "0x" + "11" * 32)

    def test_show_an_immutable_of_two_values(self) -> None:
        abi = load("Collection")
        words = immutables("Collection", HOUSE, DEPLOYMENT)
        name = next(name for name, places in abi.immutables.items() if len(places) > 1)
        code = code_of(abi, words)
        code[abi.immutables[name][-1]] = b"\x22" * 32

        (found,) = differences(abi, bytes(code), words)

        assert (found.what, found.found) == (f"immutable {name}", "0x" + "22" * 32)

    def test_show_an_immutable_that_nobody_can_tell(self) -> None:
        code = bytes(code_of(EXCHANGE_ABI, WORDS))

        found = differences(EXCHANGE_ABI, code, {})

        assert {one.what for one in found} == {
            f"immutable {name}" for name in WORDS if name in EXCHANGE_ABI.immutables
        }

    def test_show_code_that_is_missing_or_of_another_length(self) -> None:
        code = bytes(code_of(EXCHANGE_ABI, WORDS))

        (none,) = differences(EXCHANGE_ABI, b"", WORDS)
        (longer,) = differences(EXCHANGE_ABI, code + b"\0", WORDS)

        assert str(none) == f"code: expected {len(code)} bytes, found none"
        assert str(longer) == f"length of the code: expected {len(code)}, found {len(code) + 1}"


class TestClones:
    def test_of_a_collection_carry_artist_name_and_symbol(self) -> None:
        clone = collection_clone(HOUSE, ARTIST, Digest(b"\x07" * 32), "名前", "N")

        assert Clone.read(clone.code) == clone
        assert collection_arguments(clone) == {
            "artist": str(ARTIST),
            "contract_digest": "0x" + "07" * 32,
            "name": "名前",
            "symbol": "N",
        }

    def test_of_a_splitter_carry_its_shares(self) -> None:
        shares = ((ARTIST, 7_500), (COLLECTOR, 2_500))
        clone = splitter_clone(STRANGER, shares)

        assert Clone.read(clone.code) == clone
        assert splitter_shares(clone) == shares

    @pytest.mark.parametrize("data", [b"", b"\x60\x00", bytes(45), EXCHANGE_ABI.deployed_bytecode])
    def test_are_told_from_other_code(self, data: bytes) -> None:
        assert Clone.read(data) is None

    def test_with_arguments_of_another_kind_are_told(self) -> None:
        clone = splitter_clone(HOUSE, ((ARTIST, 5_000), (GALLERY, 5_000)))
        padded = collection_clone(HOUSE, ARTIST, Digest(bytes(32)), "A", "A")

        assert collection_arguments(clone) is None
        assert collection_arguments(Clone(HOUSE, padded.arguments + bytes(32))) is None
        assert splitter_shares(Clone(HOUSE, b"\x01" * 21)) == ()
