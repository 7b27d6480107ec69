"""Which blocks are believed, and that nothing else is."""

import pytest

from nft.proofs.errors import EvidenceRefused
from nft.proofs.evidence import Evidence
from nft.proofs.history import HISTORY, WINDOW
from nft.proofs.linked import BlockNotLinked, ProvenChain, Vouched
from nft.proofs.pieces import Pieces
from nft.proofs.state import NOBODY
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

WORK = {CONTRACT: Made({1: 7}, CODE)}
OLDEST = Block(20, accounts=WORK, receipts=[receipt([log(CONTRACT, [])])], transactions=[b"\2\xc0"])
MIDDLE = Block(20 + WINDOW, accounts={**WORK, **remembering(OLDEST)})
NEWEST = Block(10 + 2 * WINDOW, accounts=remembering(MIDDLE))

CERTIFICATE = Evidence.of(OLDEST.shows(CONTRACT, 1), OLDEST.receipt(0))
LINKS = Evidence.of(NEWEST.links(MIDDLE.number), MIDDLE.links(OLDEST.number))


def told(chain: ProvenChain) -> list[tuple[int, str]]:
    return [(block.number, block.linked) for block in chain.blocks]


class TestLinks:
    def test_two_hops(self) -> None:
        chain = ProvenChain(CHAIN_ID, [CERTIFICATE, LINKS], [NEWEST.given])

        assert told(chain) == [(20, "by proof"), (8211, "by proof"), (16392, "given")]
        word = chain.word(20, CONTRACT, 1)
        assert word is not None
        assert word.value == 7

    def test_a_hop_left_out(self) -> None:
        links = Evidence.of(MIDDLE.links(OLDEST.number), NEWEST.shows(CONTRACT))
        chain = ProvenChain(CHAIN_ID, [CERTIFICATE, links], [NEWEST.given])

        assert told(chain) == [(20, "no"), (8211, "no"), (16392, "given")]

    def test_nobody_vouches(self) -> None:
        chain = ProvenChain(CHAIN_ID, [CERTIFICATE, LINKS])

        assert [block.is_linked for block in chain.blocks] == [False] * 3

    def test_a_node_vouches(self) -> None:
        known = Vouched(20, OLDEST.block_hash, "rpc")

        chain = ProvenChain(CHAIN_ID, [CERTIFICATE], [known])

        assert told(chain) == [(20, "rpc")]

    def test_what_is_given_needs_no_proof(self) -> None:
        chain = ProvenChain(CHAIN_ID, [CERTIFICATE, LINKS], [NEWEST.given, OLDEST.given])

        assert told(chain)[0] == (20, "given")

    def test_a_link_of_another_contract_is_none(self) -> None:
        forger = Address(b"\xff" * 20)
        forged = Block(30, accounts={forger: remembering(OLDEST)[HISTORY]})
        links = Evidence.of(forged.shows(forger, 20))

        chain = ProvenChain(CHAIN_ID, [CERTIFICATE, links], [forged.given])

        assert told(chain) == [(20, "no"), (30, "given")]

    def test_an_empty_slot_links_nothing(self) -> None:
        forgetful = Block(30, accounts=remembering(Block(21)))

        chain = ProvenChain(
            CHAIN_ID, [CERTIFICATE, Evidence.of(forgetful.links(20))], [forgetful.given]
        )

        assert told(chain)[0] == (20, "no")

    @pytest.mark.parametrize("slot", [WINDOW, WINDOW + 20, 2**255])
    def test_a_slot_beyond_the_ring_links_nothing(self, slot: int) -> None:
        word = int.from_bytes(OLDEST.block_hash, "big")
        block = Block(30, accounts={HISTORY: Made({slot: word})})
        links = Evidence.of(block.shows(HISTORY, slot))

        chain = ProvenChain(CHAIN_ID, [CERTIFICATE, links], [block.given])

        assert told(chain)[0] == (20, "no")

    def test_a_block_known_by_its_hash_alone(self) -> None:
        chain = ProvenChain(CHAIN_ID, [LINKS], [NEWEST.given])

        found = chain.block(20)

        assert found is not None
        assert (found.block_hash, found.linked) == (OLDEST.block_hash, "by proof")
        assert chain.block(21) is None


class TestConflicts:
    def test_a_header_swapped_for_a_made_up_one(self) -> None:
        forged = Block(20, accounts={CONTRACT: Made({1: 666}, CODE)})
        chain = ProvenChain(
            CHAIN_ID, [Evidence.of(forged.shows(CONTRACT, 1)), LINKS], [NEWEST.given]
        )

        word = chain.word(20, CONTRACT, 1)

        assert [one.number for one in chain.conflicts] == [20]
        assert chain.conflicts[0].believed == OLDEST.block_hash
        assert word is not None
        with pytest.raises(BlockNotLinked):
            _ = word.value

    def test_two_documents_that_disagree(self) -> None:
        other = Block(20, accounts={CONTRACT: Made({1: 8}, CODE)})

        chain = ProvenChain(CHAIN_ID, [CERTIFICATE, Evidence.of(other.shows(CONTRACT, 1))])

        assert [one.number for one in chain.conflicts] == [20]
        assert len(chain.blocks) == 2

    def test_the_facts_of_the_believed_one_do_not_count_either(self) -> None:
        other = Block(20, accounts={CONTRACT: Made({1: 8}, CODE)})
        evidence = [Evidence.of(other.shows(CONTRACT, 1)), CERTIFICATE]

        word = ProvenChain(CHAIN_ID, evidence, [OLDEST.given]).word(20, CONTRACT, 1)

        assert word is not None
        assert (word.told, word.is_proven) == (7, False)

    def test_the_reader_is_told_two_hashes(self) -> None:
        node = Vouched(20, Digest(b"\1" * 32), "rpc")

        chain = ProvenChain(CHAIN_ID, [CERTIFICATE], [node, OLDEST.given])

        assert [(one.believed, one.other) for one in chain.conflicts] == [
            (OLDEST.block_hash, node.block_hash)
        ]
        assert told(chain) == [(20, "no")]

    def test_two_links_that_disagree(self) -> None:
        other = Block(40, accounts=remembering(Block(20)))
        links = [Evidence.of(other.links(20)), Evidence.of(MIDDLE.links(20))]

        chain = ProvenChain(CHAIN_ID, links, [other.given, MIDDLE.given])

        assert [one.number for one in chain.conflicts] == [20]

    def test_another_chain(self) -> None:
        with pytest.raises(EvidenceRefused):
            ProvenChain(1, [CERTIFICATE])


class TestFacts:
    def test_of_a_block_that_is_not_linked(self) -> None:
        chain = ProvenChain(CHAIN_ID, [CERTIFICATE])

        for fact in (
            chain.word(20, CONTRACT, 1),
            chain.account(20, CONTRACT),
            chain.receipt(20, 0),
        ):
            assert fact is not None
            with pytest.raises(BlockNotLinked):
                _ = fact.value

    def test_what_no_evidence_shows(self) -> None:
        chain = ProvenChain(CHAIN_ID, [CERTIFICATE], [OLDEST.given])

        assert chain.word(20, CONTRACT, 2) is None
        assert chain.word(21, CONTRACT, 1) is None
        assert chain.account(20, HISTORY) is None
        assert chain.receipt(20, 1) is None
        assert chain.code(b"\1" * 32) is None

    def test_code_by_its_hash(self) -> None:
        chain = ProvenChain(CHAIN_ID, [CERTIFICATE], [OLDEST.given])

        account = chain.account(20, CONTRACT)

        assert account is not None
        assert chain.code(account.value.code_hash) == CODE
        assert chain.code(NOBODY.code_hash) == b""

    def test_the_receipt_that_proves_its_transaction_comes_first(self) -> None:
        without = OLDEST.receipt(0)
        piece = without.receipts[0]
        bare = Pieces(
            CHAIN_ID, without.headers, (), (type(piece)(piece.block, piece.index, piece.proof),)
        )

        chain = ProvenChain(CHAIN_ID, [Evidence.of(bare), CERTIFICATE], [OLDEST.given])

        receipt_fact = chain.receipt(20, 0)
        assert receipt_fact is not None
        assert receipt_fact.value.transaction_hash is not None
