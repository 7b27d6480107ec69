"""Anchors: the tree of a day, where its root lies, and what a proven word shows."""

import copy
from dataclasses import replace

import pytest
from eth_hash.auto import keccak
from hypothesis import given
from hypothesis import strategies as st

from nft.anchors import (
    Anchor,
    AnchorDisproved,
    DayTree,
    IssuerKey,
    NotAnAnchor,
    Status,
    check_anchor,
    day_of,
    key_slot,
    leaf_of,
    read_anchor,
    root_slot,
    when_of,
)
from nft.errors import OrderInvalid
from nft.merkle import verify_in_set
from nft.types import Address, Digest
from tests.nft.strategies import digests

ANCHORER = Address(b"\xa7" * 20)
CONTRACT = Address(b"\x07" * 20)
OURS = Digest(b"\x01" * 32)
OTHERS = [(Digest(bytes([n]) * 32), Status.VALID) for n in range(2, 9)]
TREE = DayTree([(OURS, Status.VALID), *OTHERS])
KEY = b"\x05" * 32
ANCHOR = Anchor(
    chain_id=31337,
    contract=CONTRACT,
    anchorer=ANCHORER,
    day=20_783,
    certificate=OURS,
    status=Status.VALID,
    proof=TREE.proof(OURS),
    state_block=240,
    issuer_key=IssuerKey(1, KEY),
    evidence={"format": "vernissage-evidence-v1"},
)
WHEN = 1_795_651_200 << 64 | 231
WORDS = {
    root_slot(ANCHORER, 20_783): int.from_bytes(TREE.root, "big"),
    root_slot(ANCHORER, 20_783) + 1: WHEN,
    key_slot(ANCHORER, 1): int.from_bytes(KEY, "big"),
    key_slot(ANCHORER, 1) + 1: WHEN,
}
leaves = st.lists(
    st.tuples(digests, st.sampled_from(Status)),
    min_size=1,
    max_size=30,
    unique_by=lambda one: one[0],
)


class TestTrees:
    @given(leaves, st.randoms())
    def test_prove_each_certificate_and_depend_on_no_order(self, found, random):
        tree = DayTree(found)

        assert DayTree(random.sample(found, len(found))).root == tree.root
        for certificate, status in found:
            leaf = leaf_of(certificate, status)
            assert verify_in_set(tree.root, leaf, tree.proof(certificate))

    def test_prove_no_other_status(self):
        leaf = leaf_of(OURS, Status.REVOKED)

        assert not verify_in_set(TREE.root, leaf, TREE.proof(OURS))

    def test_hash_a_leaf_twice_as_the_document_says(self):
        encoded = OURS + (2).to_bytes(32, "big")

        assert leaf_of(OURS, Status.REVOKED) == keccak(keccak(encoded))

    def test_of_nothing_are_none(self):
        with pytest.raises(OrderInvalid):
            DayTree([])

    def test_know_their_certificates_alone(self):
        with pytest.raises(KeyError):
            TREE.proof(Digest(b"\xff" * 32))


class TestPlaces:
    def test_follow_from_account_and_day(self):
        def inside(key, slot):
            return keccak(key.to_bytes(32, "big") + slot)

        account = int.from_bytes(ANCHORER, "big")
        of_account = inside(account, bytes(32))
        length = inside(account, (1).to_bytes(32, "big"))

        assert root_slot(ANCHORER, 5) == int.from_bytes(inside(5, of_account), "big")
        assert key_slot(ANCHORER, 2) == int.from_bytes(keccak(length), "big") + 4

    def test_tell_block_and_time(self):
        assert when_of(WHEN) == (231, 1_795_651_200)

    def test_days_begin_at_midnight_utc(self):
        assert (day_of(86_399), day_of(86_400)) == (0, 1)


class TestAnchors:
    def test_show_by_when_a_certificate_existed(self):
        found = check_anchor(ANCHOR, OURS, WORDS)

        assert (found.block, found.timestamp, found.has_key) == (231, 1_795_651_200, True)
        assert ANCHOR.root == TREE.root

    def test_need_no_key(self):
        plain = replace(ANCHOR, issuer_key=None)

        assert not check_anchor(plain, OURS, WORDS).has_key
        assert len(plain.slots) == 2

    @pytest.mark.parametrize(
        "changed",
        [
            replace(ANCHOR, status=Status.SUSPENDED),
            replace(ANCHOR, proof=ANCHOR.proof[1:]),
            replace(ANCHOR, issuer_key=IssuerKey(1, b"\x06" * 32)),
            replace(ANCHOR, certificate=OTHERS[0][0]),
        ],
    )
    def test_that_claim_something_else_are_disproved(self, changed):
        with pytest.raises(AnchorDisproved):
            check_anchor(changed, OURS, WORDS)

    @pytest.mark.parametrize("changed", [{"day": 20_782}, {"anchorer": CONTRACT}])
    def test_rest_on_proven_words_alone(self, changed):
        with pytest.raises(AnchorDisproved, match="not proven"):
            check_anchor(replace(ANCHOR, **changed), OURS, WORDS)

    def test_of_a_day_without_a_root_are_disproved(self):
        words = {**WORDS, root_slot(ANCHORER, 20_783): 0}

        with pytest.raises(AnchorDisproved, match="had anchored nothing"):
            check_anchor(ANCHOR, OURS, words)


class TestDocuments:
    @pytest.mark.parametrize("anchor", [ANCHOR, replace(ANCHOR, issuer_key=None, proof=())])
    def test_come_back(self, anchor):
        assert read_anchor(anchor.as_json()) == anchor

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            (("format",), "vernissage-anchor-v2"),
            (("day",), 20_783),
            (("day",), "020783"),
            (("anchorer",), str(ANCHORER).lower()),
            (("leaf", "status"), "VALID"),
            (("leaf", "status"), "gone"),
            (("leaf", "more"), "x"),
            (("proof",), "0x"),
            (("proof",), [str(OURS)] * 33),
            (("proof", 0), "0x11"),
            (("issuer_key",), {}),
            (("issuer_key", "index"), "99999999999999"),
            (("state",), {"block": "240", "hash": "0x"}),
            (("more",), "x"),
        ],
    )
    def test_in_another_form_are_refused(self, path, value):
        document = copy.deepcopy(ANCHOR.as_json())
        inside = document
        for name in path[:-1]:
            inside = inside[name]
        inside[path[-1]] = value

        with pytest.raises(NotAnAnchor):
            read_anchor(document)

    @pytest.mark.parametrize("name", sorted(ANCHOR.as_json()))
    def test_that_lack_a_member_are_refused(self, name):
        document = ANCHOR.as_json()
        del document[name]

        with pytest.raises(NotAnAnchor):
            read_anchor(document)
