"""Code of ours, wherever it was deployed, and nobody else's."""

import json

import pytest
from eth_abi.abi import encode

from nft.chain.abi import load
from nft.chain.clones import Clone, collection_clone
from nft.chain.runtime import domain_words
from nft.layouts.collection import LAYOUT, metadata_digest, our_collection, ownership, royalty
from nft.layouts.errors import LayoutUnknown, NotShown
from nft.layouts.registry import Implementation, implementations, recognise, venues
from nft.layouts.slots import mapping_slot, namespace
from nft.layouts.venues import venue_at
from nft.proofs.evidence import Evidence
from nft.proofs.keccak import keccak
from nft.proofs.linked import BlockNotLinked, ProvenChain
from nft.proofs.pieces import Pieces
from nft.tokens import OwnershipWord, creator_of, ownership_slot, token_id
from nft.types import Address, Digest, TokenRef
from tests.nft.proofs.made import CHAIN_ID, Block, Made
from tests.support.servers import ROOT
from tests.support.sold_papers import venue_code

HOUSE, ARTIST, EXCHANGE = (Address(bytes([n]) * 20) for n in (0x0A, 0x0B, 0x0C))
OWNER, GALLERY = (Address(bytes([n]) * 20) for n in (0x0D, 0x0E))
CLONE = collection_clone(HOUSE, ARTIST, bytes(32), "Blue", "BLU")
OWN = Address(b"\x0f" * 20)
TOKEN = token_id(ARTIST, 1)
PAYEE = 3


def code_at(at: Address = HOUSE, **written: bytes) -> bytes:
    """What a constructor leaves on the chain of these tests."""
    abi = load("Collection")
    words = {
        **domain_words("Vernissage Collection", at, CHAIN_ID),
        "_house": at.rjust(32, b"\0"),
        "_exchange": EXCHANGE.rjust(32, b"\0"),
        "_houseDigest": b"\x22" * 32,
        **{f"_{name}": word for name, word in written.items()},
    }
    code = bytearray(abi.deployed_bytecode)
    for name, places in abi.immutables.items():
        for place in places:
            code[place] = words[name]
    return bytes(code)


def words_of(payee: int = 0) -> dict[int, int]:
    slots = implementations()[LAYOUT].slots
    word = OwnershipWord(OWNER, 750, is_frozen=False, payee=payee, transfer_count=2)
    return {
        ownership_slot(TOKEN): word.pack(),
        mapping_slot(TOKEN, slots["digests"]): 77,
        mapping_slot(PAYEE, slots["payees"]): int.from_bytes(GALLERY, "big"),
    }


def chain_of(block: Block, *pieces: Pieces) -> ProvenChain:
    return ProvenChain(CHAIN_ID, [Evidence.of(*pieces)], [block.given])


class TestRegistry:
    def test_is_that_of_the_artifact(self) -> None:
        artifact = json.loads((ROOT / "nft/chain/artifacts/Collection.json").read_text("utf-8"))
        ours, abi = implementations()[LAYOUT], load("Collection")
        listed = artifact["storageLayout"]["storage"]
        slots = {one["label"].removeprefix("_"): int(one["slot"]) for one in listed}

        assert ours.size == len(abi.deployed_bytecode)
        assert ours.masked_code_hash == keccak(abi.deployed_bytecode)
        assert ours.immutables == {
            name.removeprefix("_"): tuple(place.start for place in places)
            for name, places in abi.immutables.items()
        }
        assert ours.slots == {name: slots[name] for name in ours.slots}

    def test_immutables_are_words(self) -> None:
        places = [place for found in load("Collection").immutables.values() for place in found]

        assert {place.stop - place.start for place in places} == {32}


class TestVenues:
    @pytest.mark.parametrize("one", venues().values(), ids=lambda one: one.contract)
    def test_are_those_of_the_artifacts(self, one: Implementation) -> None:
        abi = load(one.contract)

        assert one.size == len(abi.deployed_bytecode)
        assert one.masked_code_hash == keccak(abi.deployed_bytecode)
        assert one.immutables == {
            name.removeprefix("_"): tuple(place.start for place in places)
            for name, places in abi.immutables.items()
        }

    @pytest.mark.parametrize("contract", ["Auctions", "Exchange"])
    def test_are_known_by_their_code(self, contract: str) -> None:
        block = Block(9, accounts={OWN: Made({}, venue_code(contract, OWN))})

        assert venue_at(chain_of(block, block.shows(OWN)), 9, OWN).value == contract

    def test_a_collection_is_none(self) -> None:
        block = Block(9, accounts={HOUSE: Made({}, code_at())})

        with pytest.raises(LayoutUnknown):
            venue_at(chain_of(block, block.shows(HOUSE)), 9, HOUSE)

    def test_one_is_no_collection(self) -> None:
        block = Block(9, accounts={OWN: Made({}, venue_code("Auctions", OWN))})

        with pytest.raises(LayoutUnknown):
            our_collection(chain_of(block, block.shows(OWN)), 9, OWN)

    def test_one_byte_that_differs(self) -> None:
        code = bytearray(venue_code("Auctions", OWN))
        code[1_000] ^= 1
        block = Block(9, accounts={OWN: Made({}, bytes(code))})

        with pytest.raises(LayoutUnknown):
            venue_at(chain_of(block, block.shows(OWN)), 9, OWN)

    def test_that_is_not_shown(self) -> None:
        block = Block(9, accounts={OWN: Made({}, venue_code("Auctions", OWN))})

        with pytest.raises(NotShown):
            venue_at(chain_of(block, block.shows(HOUSE)), 9, OWN)


class TestRecognise:
    def test_says_what_was_written(self) -> None:
        found = recognise(code_at(), HOUSE, CHAIN_ID, implementations())

        assert found.written["exchange"][12:] == EXCHANGE
        assert found.written["houseDigest"] == b"\x22" * 32

    @pytest.mark.parametrize("at", [0, 1_000, 18_200])
    def test_one_byte_that_differs(self, at: int) -> None:
        code = bytearray(code_at())
        code[at] ^= 1

        with pytest.raises(LayoutUnknown):
            recognise(bytes(code), HOUSE, CHAIN_ID, implementations())

    def test_one_byte_more(self) -> None:
        with pytest.raises(LayoutUnknown):
            recognise(code_at() + b"\0", HOUSE, CHAIN_ID, implementations())

    def test_code_of_another_address(self) -> None:
        with pytest.raises(LayoutUnknown):
            recognise(code_at(), OWN, CHAIN_ID, implementations())

    def test_code_of_another_chain(self) -> None:
        with pytest.raises(LayoutUnknown):
            recognise(code_at(), HOUSE, 1, implementations())

    def test_an_immutable_with_two_values(self) -> None:
        code = bytearray(code_at())
        code[implementations()[LAYOUT].immutables["exchange"][1] + 31] ^= 1

        with pytest.raises(LayoutUnknown):
            recognise(bytes(code), HOUSE, CHAIN_ID, implementations())

    def test_an_exchange_that_is_no_address(self) -> None:
        with pytest.raises(LayoutUnknown):
            recognise(code_at(exchange=b"\1" * 32), HOUSE, CHAIN_ID, implementations())


class TestCollection:
    """Out of proven state."""

    block = Block(
        9, accounts={HOUSE: Made(words_of(PAYEE), code_at()), OWN: Made(words_of(), CLONE.code)}
    )

    def test_the_house(self) -> None:
        chain = chain_of(self.block, self.block.shows(HOUSE, *words_of()))
        token = TokenRef(CHAIN_ID, HOUSE, TOKEN)

        ours = our_collection(chain, 9, HOUSE).value

        assert (ours.exchange, ours.artist, ours.is_clone) == (EXCHANGE, None, False)
        assert ownership(chain, 9, token).value.owner == OWNER
        assert royalty(chain, 9, ours, TOKEN).value.receiver == GALLERY
        assert metadata_digest(chain, 9, ours, TOKEN).value == Digest((77).to_bytes(32, "big"))

    def test_a_clone(self) -> None:
        shown = [self.block.shows(OWN, *words_of()), self.block.shows(HOUSE)]
        chain = chain_of(self.block, *shown)

        ours = our_collection(chain, 9, OWN).value

        assert (ours.artist, ours.name, ours.symbol) == (ARTIST, "Blue", "BLU")
        assert ours.implementation == HOUSE
        assert royalty(chain, 9, ours, TOKEN).value.receiver == creator_of(TOKEN)

    def test_a_clone_whose_implementation_is_not_shown(self) -> None:
        chain = chain_of(self.block, self.block.shows(OWN))

        with pytest.raises(NotShown):
            our_collection(chain, 9, OWN)

    @pytest.mark.parametrize(
        "clone",
        [
            Clone(HOUSE, b""),
            Clone(HOUSE, CLONE.arguments + b"\0"),
            Clone(HOUSE, encode(["address", "bytes32"], [str(ARTIST), bytes(32)])),
            Clone(OWN, CLONE.arguments),
        ],
    )
    def test_a_clone_of_something_else(self, clone: Clone) -> None:
        block = Block(9, accounts={HOUSE: Made({}, code_at()), OWN: Made({}, clone.code)})
        chain = chain_of(block, block.shows(OWN), block.shows(HOUSE))

        with pytest.raises(LayoutUnknown):
            our_collection(chain, 9, OWN)

    def test_an_account_without_code(self) -> None:
        chain = chain_of(self.block, self.block.shows(GALLERY))

        with pytest.raises(LayoutUnknown):
            our_collection(chain, 9, GALLERY)

    def test_a_slot_that_is_not_shown(self) -> None:
        chain = chain_of(self.block, self.block.shows(HOUSE, ownership_slot(TOKEN)))
        ours = our_collection(chain, 9, HOUSE).value

        with pytest.raises(NotShown):
            royalty(chain, 9, ours, TOKEN)
        with pytest.raises(NotShown):
            metadata_digest(chain, 9, ours, TOKEN)

    def test_a_block_that_is_not_linked(self) -> None:
        chain = ProvenChain(CHAIN_ID, [Evidence.of(self.block.shows(HOUSE, *words_of()))])

        with pytest.raises(BlockNotLinked):
            _ = our_collection(chain, 9, HOUSE).value
        with pytest.raises(BlockNotLinked):
            _ = ownership(chain, 9, TokenRef(CHAIN_ID, HOUSE, TOKEN)).value


class TestSlots:
    def test_the_namespace_of_openzeppelin(self) -> None:
        """As its sources have it."""
        known = "80bb2b638cc20bc4d0a60d66940f3ab4a00c1d7b313497ca82fb0b4ab0079300"

        assert namespace("openzeppelin.storage.ERC721") == int(known, 16)
