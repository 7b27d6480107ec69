"""Ways down a trie: what is there, what is not, and what is no way at all."""

import contextlib
from collections.abc import Mapping
from random import Random

import pytest
import rlp
from hypothesis import given, settings
from hypothesis import strategies as st
from trie import HexaryTrie

from nft.proofs.errors import StateDisproved
from nft.proofs.keccak import keccak
from nft.proofs.rlp import EMPTY, NotCanonical, decode
from nft.proofs.state import NO_CODE, NOBODY, Account, proven_state, word_at
from nft.proofs.trie import EMPTY_ROOT, ProofBroken, look_up, root_of
from nft.types import Address
from tests.nft.proofs.recorded import Json, flips

ARTIST, STRANGER = Address(b"\x0a" * 20), Address(b"\x42" * 20)

# Short keys under each other and values on both sides of 32 bytes make every kind of node.
KEYS = st.binary(min_size=1, max_size=4)
VALUES = st.one_of(st.binary(min_size=1, max_size=3), st.binary(min_size=30, max_size=60))
TRIES = st.dictionaries(KEYS, VALUES, max_size=40)


def tree_of(content: Mapping[bytes, bytes]) -> HexaryTrie:
    tree = HexaryTrie({})
    for key, value in content.items():
        tree[key] = value
    return tree


def proof_of(tree: HexaryTrie, key: bytes) -> list[bytes]:
    """Nodes as `eth_getProof` lists them: those that lie within their parents are left out."""
    listed = [rlp.encode(node) for node in tree.get_proof(key)]
    return [node for at, node in enumerate(listed) if at == 0 or len(node) >= 32]


class TestTrie:
    @settings(max_examples=100)
    @given(TRIES)
    def test_root_is_that_of_another_program(self, content: dict[bytes, bytes]) -> None:
        pairs = sorted((key.hex(), value) for key, value in content.items())

        assert root_of(pairs) == tree_of(content).root_hash

    @settings(max_examples=100)
    @given(TRIES, KEYS)
    def test_looks_up_what_another_program_proves(
        self, content: dict[bytes, bytes], other: bytes
    ) -> None:
        tree = tree_of(content)
        keys = [*content, other]

        found = [look_up(tree.root_hash, key, proof_of(tree, key)) for key in keys]

        assert found == [content.get(key) for key in keys]

    @settings(max_examples=100)
    @given(TRIES.filter(bool), st.randoms(use_true_random=False))
    def test_an_altered_proof_proves_nothing_else(
        self, content: dict[bytes, bytes], random: Random
    ) -> None:
        tree = tree_of(content)
        key = random.choice([*content, b"none"])
        proof = proof_of(tree, key)
        at = random.randrange(len(proof))
        spoiled = bytearray(proof[at])
        spoiled[random.randrange(len(spoiled))] ^= 1 << random.randrange(8)

        with pytest.raises(ProofBroken):
            look_up(tree.root_hash, key, [*proof[:at], bytes(spoiled), *proof[at + 1 :]])

    @pytest.mark.parametrize("spare", [b"", b"\x80", b"\xc0", b"\xc2\x20\x01"])
    def test_a_node_too_many(self, spare: bytes) -> None:
        tree = tree_of({bytes([n, 1]): bytes([n]) * 40 for n in range(1, 40)})

        with pytest.raises(ProofBroken, match="left over"):
            look_up(tree.root_hash, b"\x07\x01", [*proof_of(tree, b"\x07\x01"), spare])

    def test_a_node_too_few(self) -> None:
        tree = tree_of({bytes([n, 1]): bytes([n]) * 40 for n in range(1, 40)})

        with pytest.raises(ProofBroken, match="missing"):
            look_up(tree.root_hash, b"\x07\x01", proof_of(tree, b"\x07\x01")[:-1])

    @pytest.mark.parametrize("proof", [[], [EMPTY]])
    def test_nothing_is_in_the_empty_trie(self, proof: list[bytes]) -> None:
        assert look_up(EMPTY_ROOT, b"any", proof) is None

    @pytest.mark.parametrize(
        ("node", "why"),
        [
            ([b"\x00\x12", b"x"], "reference that is no hash"),
            ([b"\x00", b"x" * 32], "no length"),
            ([b"\x40", b"x"], "unknown flags"),
            ([b"\x21\x12", b"x"], "unknown flags"),
            ([b"", b"x"], "path that is none"),
            ([b"\x20", b""], "value that is none"),
            ([b"\x20"], "another form"),
            ([b"x" * 32, *[b""] * 16], "parts nothing"),
            ([b"x" * 31, *[b""] * 15, b"v"], "no hash"),
        ],
    )
    def test_a_node_that_no_program_makes(self, node: list[bytes], why: str) -> None:
        encoded = rlp.encode(node)
        key = b"" if node[0] == b"\x20" else b"\x12"

        with pytest.raises(ProofBroken, match=why if node[0][:1] != b"\x21" else "flags|parts"):
            assert look_up(keccak(encoded), key, [encoded]) == "nothing"


class TestRlp:
    @settings(max_examples=500)
    @given(st.binary(max_size=80))
    def test_decodes_only_what_encodes_back(self, data: bytes) -> None:
        with contextlib.suppress(NotCanonical):
            assert rlp.encode(decode(data)) == data


def answer_of(tree: HexaryTrie, storage: HexaryTrie, account: Account, slot: int) -> Json:
    """As `eth_getProof` answers about the artist."""
    value = storage.get(keccak(slot.to_bytes(32, "big")))
    return {
        "address": str(ARTIST),
        "accountProof": ["0x" + node.hex() for node in proof_of(tree, keccak(ARTIST))],
        "nonce": hex(account.nonce),
        "balance": hex(account.balance),
        "storageHash": "0x" + account.storage_root.hex(),
        "codeHash": "0x" + account.code_hash.hex(),
        "storageProof": [
            {
                "key": hex(slot),
                "value": hex(int.from_bytes(rlp.decode(value), "big")) if value else "0x0",
                "proof": [
                    "0x" + node.hex()
                    for node in proof_of(storage, keccak(slot.to_bytes(32, "big")))
                ],
            }
        ],
    }


class TestState:
    def setup_method(self) -> None:
        words = {keccak(n.to_bytes(32, "big")): rlp.encode(n * 7) for n in range(1, 60)}
        self.storage = tree_of(words)
        self.account = Account(3, 10**18, self.storage.root_hash, b"\x11" * 32)
        fields = [3, 10**18, self.account.storage_root, self.account.code_hash]
        others = {keccak(bytes([n]) * 20): rlp.encode([n, 5, EMPTY_ROOT, NO_CODE]) for n in (1, 99)}
        self.tree = tree_of({keccak(ARTIST): rlp.encode(fields), **others})
        self.root: bytes = self.tree.root_hash

    def answer(self, slot: int) -> Json:
        return answer_of(self.tree, self.storage, self.account, slot)

    def test_proves_a_word(self) -> None:
        proven = proven_state(self.answer(5), self.root, ARTIST, [5])

        assert proven.account == self.account
        assert proven.storage == {5: 35}

    def test_proves_that_a_slot_is_empty(self) -> None:
        assert proven_state(self.answer(500), self.root, ARTIST, [500]).storage == {500: 0}

    def test_proves_that_nobody_is_there(self) -> None:
        lone = tree_of({keccak(STRANGER): rlp.encode([1, 5, EMPTY_ROOT, NO_CODE])})
        answer = answer_of(lone, tree_of({}), NOBODY, 1)

        assert proven_state(answer, lone.root_hash, ARTIST, [1]).account == NOBODY

    def test_every_altered_digit_is_noticed(self) -> None:
        answer = self.answer(5)

        def is_believed(altered: Json) -> bool:
            try:
                return bool(proven_state(altered, self.root, ARTIST, [5]))
            except StateDisproved:
                return False

        believed = [where for where, altered in flips(answer) if is_believed(altered)]

        assert is_believed(answer)
        assert believed == []

    @pytest.mark.parametrize(
        "lie",
        [
            {"nonce": "0x4"},
            {"balance": "0x0"},
            {"codeHash": "0x" + "00" * 32},
            {"storageHash": "0x" + EMPTY_ROOT.hex()},
            {"address": str(STRANGER)},
            {"storageProof": []},
            {"accountProof": []},
            {"accountProof": None},
        ],
    )
    def test_a_lie_beside_the_proof(self, lie: Json) -> None:
        with pytest.raises(StateDisproved):
            proven_state({**self.answer(5), **lie}, self.root, ARTIST, [5])

    def test_a_word_that_is_not_there_told_as_empty(self) -> None:
        answer = self.answer(5)
        answer["storageProof"][0] |= {"value": "0x0", "proof": []}

        with pytest.raises(StateDisproved):
            proven_state(answer, self.root, ARTIST, [5])

    def test_a_proof_of_another_slot(self) -> None:
        with pytest.raises(StateDisproved, match="other slots"):
            proven_state(self.answer(5), self.root, ARTIST, [6])


class TestWord:
    def test_a_leaf_of_zero_as_anvil_leaves_it(self) -> None:
        keys = {slot: keccak(slot.to_bytes(32, "big")) for slot in (1, 2)}
        tree = tree_of({keys[1]: EMPTY, keys[2]: b"\x07"})

        found = [word_at(tree.root_hash, slot, proof_of(tree, keys[slot])) for slot in (1, 2)]

        assert found == [0, 7]
