"""Evidence objects: one canonical form, and nothing in it that could be altered unseen."""

import copy
import json
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nft.proofs.errors import RULES, EvidenceRefused
from nft.proofs.evidence import Evidence, State
from nft.proofs.headers import decode_header
from nft.proofs.history import HISTORY
from nft.proofs.keccak import keccak
from nft.proofs.linked import ProvenChain
from nft.proofs.pieces import Pieces, StatePiece
from nft.proofs.rlp import EMPTY, NotCanonical, decode, encode_int
from nft.proofs.trie import EMPTY_ROOT, look_up
from nft.types import Address, Digest
from tests.nft.proofs.made import (
    CHAIN_ID,
    CODE,
    CONTRACT,
    Block,
    Made,
    log,
    receipt,
    remembering,
)
from tests.nft.proofs.recorded import flips

Json = dict[str, Any]

OLD = Block(5)
NEW = Block(
    9,
    accounts={
        CONTRACT: Made({1: 11, 2: 2**255, 3: 3, 70: 9}, CODE),
        **{Address(bytes([n]) * 20): Made() for n in range(1, 9)},
        **remembering(OLD),
    },
    receipts=[receipt([log(CONTRACT, [bytes([n]) * 32], bytes(40))]) for n in range(6)],
    transactions=[b"\2" + bytes([0xC1, n]) for n in range(6)],
)
NOBODY = Address(b"\xee" * 20)


def sample() -> Evidence:
    """A bit of everything."""
    return Evidence.of(
        NEW.shows(CONTRACT, 1, 2, 4),
        NEW.shows(NOBODY),
        NEW.links(5),
        Pieces(CHAIN_ID, (OLD.header,)),
        NEW.receipt(0),
        NEW.receipt(3),
    )


SAMPLE = sample().document


def altered(change: Callable[[Json], object]) -> Json:
    document = copy.deepcopy(SAMPLE)
    change(document)
    return document


def refusal(document: object) -> EvidenceRefused:
    with pytest.raises(EvidenceRefused) as caught:
        Evidence.read(document)
    return caught.value


class TestReading:
    def test_what_was_written(self) -> None:
        assert Evidence.read(json.loads(json.dumps(SAMPLE))) == sample()

    def test_values(self) -> None:
        evidence = sample()

        assert evidence.states[9, CONTRACT].storage == {1: 11, 2: 2**255, 4: 0}
        assert evidence.states[9, CONTRACT].account.code_hash == keccak(CODE)
        assert evidence.states[9, NOBODY].account.storage_root == EMPTY_ROOT
        assert evidence.receipts[9, 3].receipt.logs[0].topics == (b"\3" * 32,)
        assert evidence.receipts[9, 3].transaction_hash == Digest(keccak(b"\2\xc1\3"))
        assert evidence.code == {Digest(keccak(CODE)): CODE}
        assert list(evidence.headers) == [5, 9]

    def test_a_receipt_without_its_transaction(self) -> None:
        document = altered(lambda whole: whole["receipts"][0].pop("transaction_proof"))

        assert Evidence.read(document).receipts[9, 0].transaction_hash is None

    def test_of_nothing(self) -> None:
        assert Evidence.of(Pieces(CHAIN_ID)).document["headers"] == []

    def test_the_order_of_pieces_does_not_matter(self) -> None:
        parts = [NEW.receipt(3), NEW.links(5), NEW.shows(CONTRACT, 4), NEW.shows(CONTRACT, 2, 1)]
        more = [NEW.shows(NOBODY), NEW.receipt(0), Pieces(CHAIN_ID, (OLD.header,)), NEW.receipt(0)]

        assert Evidence.of(*parts, *more).document == SAMPLE


REFUSED: list[tuple[str, str, Callable[[Json], object]]] = [
    ("members", "", lambda whole: whole.pop("code")),
    ("members", "", lambda whole: whole.update(more=1)),
    ("format", "format", lambda whole: whole.update(format="vernissage-evidence-v2")),
    ("number", "chain_id", lambda whole: whole.update(chain_id=31337)),
    ("number", "chain_id", lambda whole: whole.update(chain_id="031337")),
    ("number", "chain_id", lambda whole: whole.update(chain_id=str(2**64))),
    ("number", "chain_id", lambda whole: whole.update(chain_id="٣")),
    ("number", "chain_id", lambda whole: whole.update(chain_id="1\n")),
    ("type", "headers", lambda whole: whole.update(headers={})),
    ("hex", "headers[0]", lambda whole: whole["headers"].__setitem__(0, None)),
    ("hex", "headers[0]", lambda whole: _upper(whole["headers"])),
    ("hex", "headers[0]", lambda whole: whole["headers"].__setitem__(0, "0x0")),
    ("hex", "headers[0]", lambda whole: whole["headers"].__setitem__(0, "f901")),
    ("hex", "headers[0]", lambda whole: whole["headers"].__setitem__(0, "0xf9 0")),
    ("header", "headers[0]", lambda whole: whole["headers"].__setitem__(0, "0xc0")),
    ("order", "headers[1]", lambda whole: whole["headers"].reverse()),
    ("order", "headers[1]", lambda whole: whole["headers"].insert(0, whole["headers"][0])),
    ("order", "headers[1]", lambda whole: _another_header(whole)),
    ("header.missing", "states[0].block", lambda whole: whole["headers"].pop()),
    ("header.missing", "states[0].block", lambda whole: whole["states"][0].update(block="8")),
    ("header.unused", "headers[0]", lambda whole: _header_of(whole, Block(4))),
    ("members", "states[0]", lambda whole: whole["states"][0].update(value="0x")),
    ("number", "states[0].block", lambda whole: whole["states"][0].update(block="+9")),
    ("hex", "states[0].account", lambda whole: whole["states"][0].update(account="0x00")),
    ("order", "states[1]", lambda whole: whole["states"].reverse()),
    ("order", "states[1]", lambda whole: whole["states"].insert(0, whole["states"][0])),
    ("proof", "states[0].proof", lambda whole: whole["states"][0]["proof"].pop()),
    ("order", "states[1].storage[1]", lambda whole: whole["states"][1]["storage"].reverse()),
    ("hex", "states[1].storage[0].slot", lambda whole: _slot(whole, "0x01")),
    ("members", "states[1].storage[0]", lambda whole: _slots(whole)[0].update(value="0x0b")),
    ("proof", "states[1].storage[0].proof", lambda whole: _slots(whole)[0].update(proof=[])),
    ("members", "receipts[0]", lambda whole: whole["receipts"][0].update(log="0")),
    ("type", "receipts[0].transaction_proof", lambda whole: _transaction(whole, None)),
    ("order", "receipts[1]", lambda whole: whole["receipts"].reverse()),
    ("proof", "receipts[0].proof", lambda whole: whole["receipts"][0].update(index="1")),
    ("proof", "receipts[0].transaction_proof", lambda whole: _transaction(whole, [])),
    ("proof", "receipts[1].proof", lambda whole: whole["receipts"][1].update(index="17")),
    ("code.unused", "code[1]", lambda whole: whole["code"].append("0x600c")),
    ("code.unused", "code[0]", lambda whole: whole["code"].insert(0, "0x")),
    ("order", "code[1]", lambda whole: whole["code"].append(whole["code"][0])),
    ("size", "states[0].proof", lambda whole: whole["states"][0].update(proof=["0x"] * 66)),
    ("size", "headers", lambda whole: whole.update(headers=["0x"] * 4_097)),
    ("size", "code[0]", lambda whole: whole.update(code=["0x" + "00" * 2**23])),
]


def _upper(headers: list[str]) -> None:
    headers[0] = headers[0].upper().replace("X", "x")


def _another_header(whole: Json) -> None:
    whole["headers"].insert(1, "0x" + Block(5, later=[b"more"]).header.hex())


def _header_of(whole: Json, block: Block) -> None:
    whole["headers"].insert(0, "0x" + block.header.hex())


def _slots(whole: Json) -> list[Json]:
    found: list[Json] = whole["states"][1]["storage"]
    return found


def _slot(whole: Json, text: str) -> None:
    _slots(whole)[0]["slot"] = text


def _transaction(whole: Json, proof: object) -> None:
    whole["receipts"][0]["transaction_proof"] = proof


class TestRefusing:
    @pytest.mark.parametrize(("rule", "place", "change"), REFUSED)
    def test_names_rule_and_place(
        self, rule: str, place: str, change: Callable[[Json], object]
    ) -> None:
        caught = refusal(altered(change))

        assert (caught.rule, caught.place) == (rule, place)
        assert str(caught) == (f"evidence.{place}: {RULES[rule]}" if place else RULES[rule])

    @pytest.mark.parametrize("document", [None, [], "", 1, {}])
    def test_what_is_no_object_of_evidence(self, document: object) -> None:
        assert refusal(document).rule in ("type", "members")

    def test_a_value_is_there_to_be_shown(self) -> None:
        assert refusal(altered(lambda whole: whole.update(chain_id="0x1"))).value == "0x1"

    @pytest.mark.parametrize("junk", ["0x80", "0xc0", "0xc22001", "0x" + "ab" * 40])
    @pytest.mark.parametrize("at", [0, 1, -1])
    def test_a_node_that_does_not_belong(self, junk: str, at: int) -> None:
        def change(whole: Json) -> None:
            proof = whole["states"][1]["proof"]
            proof.insert(at if at >= 0 else len(proof), junk)

        assert refusal(altered(change)).rule == "proof"

    def test_the_root_of_an_empty_trie_told(self) -> None:
        plain = Address(b"\1" * 20)
        document = Evidence.of(NEW.shows(plain, 1)).document
        document["states"][0]["storage"][0]["proof"] = ["0x" + EMPTY.hex()]

        assert refusal(document).place == "states[0].storage[0].proof"

    def test_a_short_node_listed_once_more(self) -> None:
        """As some nodes do; it lies in its parent already."""
        root = bytes.fromhex(SAMPLE["receipts"][0]["transaction_proof"][0][2:])
        key, leaf = encode_int(0), bytes.fromhex("c5308302c100")
        assert leaf in root
        assert look_up(keccak(root), key, [root, leaf]) == b"\2\xc1\0"

        document = altered(lambda whole: _transaction(whole, [_hex(root), _hex(leaf)]))

        assert refusal(document).place == "receipts[0].transaction_proof"

    def test_lists_in_lists_without_end(self) -> None:
        deep = b""
        for _ in range(5_000):
            size = len(deep)
            head = bytes([0xC0 + size]) if size < 56 else None
            length = size.to_bytes((size.bit_length() + 7) // 8, "big")
            deep = (head or bytes([0xF7 + len(length)]) + length) + deep

        with pytest.raises(NotCanonical):
            decode(deep)
        assert refusal({**SAMPLE, "headers": ["0x" + deep.hex()]}).rule == "header"

    def test_writing_what_proves_nothing(self) -> None:
        piece = StatePiece(9, CONTRACT, NEW.state.proof(keccak(HISTORY)))

        with pytest.raises(EvidenceRefused):
            Evidence.of(Pieces(CHAIN_ID, (NEW.header,), (piece,)))

    def test_two_headers_of_one_number(self) -> None:
        other = Block(9, receipts=[receipt()])

        with pytest.raises(EvidenceRefused) as caught:
            Evidence.of(NEW.receipt(1), other.receipt(0))
        assert caught.value.rule == "order"


def _hex(value: bytes) -> str:
    return "0x" + value.hex()


# Whatever is altered


FLIPPED = list(flips(SAMPLE))


def _deceives(document: Json) -> bool:
    """Whether a reader who knows the hash of the block would believe what is not so."""
    try:
        evidence = Evidence.read(document)
        chain = ProvenChain(CHAIN_ID, [evidence], [NEW.given])
    except EvidenceRefused:
        return False
    if chain.conflicts or not all(block.is_linked for block in chain.blocks):
        return False
    states = all(_is_true(account, state) for (_, account), state in evidence.states.items())
    receipts = all(
        one.receipt == sample().receipts[9, index].receipt
        for (_, index), one in evidence.receipts.items()
    )
    return not (states and receipts)


def _is_true(account: Address, state: State) -> bool:
    """A proof that something is not there may prove it of something else, too."""
    made = NEW.accounts.get(account, Made())
    words = all(made.storage.get(slot, 0) == word for slot, word in state.storage.items())
    return words and state.account.code_hash == keccak(made.code)


class TestAltering:
    def test_the_sample_itself_is_good(self) -> None:
        chain = ProvenChain(CHAIN_ID, [Evidence.read(SAMPLE)], [NEW.given])

        assert [block.linked for block in chain.blocks] == ["by proof", "given"]

    @settings(max_examples=300, deadline=None)
    @given(st.sampled_from(FLIPPED))
    def test_any_digit(self, flipped: tuple[str, Json]) -> None:
        assert not _deceives(flipped[1])

    @pytest.mark.long
    def test_every_digit(self) -> None:
        assert [where for where, document in FLIPPED if _deceives(document)] == []

    @settings(max_examples=200, deadline=None)
    @given(st.randoms(use_true_random=False))
    def test_any_character_of_the_text(self, random: Random) -> None:
        text = json.dumps(SAMPLE, separators=(",", ":"))
        at = random.randrange(len(text))
        other = random.choice('0123456789abcdefxX{}[],: "')
        spoiled = text[:at] + other + text[at + 1 :]
        try:
            document = json.loads(spoiled)
        except ValueError:
            return

        assert not _deceives(document)


class TestHeaders:
    def test_hash_and_roots(self) -> None:
        header = decode_header(NEW.header)

        assert (header.number, header.timestamp) == (9, 1_700_000_108)
        assert header.state_root == NEW.state.root
        assert header.block_hash == keccak(NEW.header)

    def test_items_of_later_forks_are_hashed_and_not_read(self) -> None:
        later = Block(9, later=[b"", b"x" * 90, bytes(32)])

        assert decode_header(later.header).block_hash == keccak(later.header)
