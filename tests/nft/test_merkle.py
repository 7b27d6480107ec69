"""Trees: sets of works, and orders signed together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nft.errors import OrderInvalid
from nft.merkle import BulkTree, SetTree, bulk_height, bulk_node, set_leaf, verify_in_set
from nft.orders import UNBOUND
from nft.types import Digest
from tests.nft.strategies import digests, words

works = st.lists(st.tuples(words, words), min_size=1, max_size=40, unique_by=lambda one: one[0])


class TestSets:
    @given(works)
    def test_prove_each_of_their_works(self, members):
        tree = SetTree(members)

        for work in members:
            assert verify_in_set(tree.root, set_leaf(*work), tree.proof(work[0]))

    @given(works, st.randoms())
    def test_do_not_depend_on_an_order(self, members, random):
        shuffled = random.sample(members, len(members))

        assert SetTree(members).root == SetTree(shuffled).root

    @given(works, words, words)
    def test_prove_no_other_work(self, members, token, count):
        tree = SetTree(members)
        if (token, count) in members:
            return
        for work in members:
            assert not verify_in_set(tree.root, set_leaf(token, count), tree.proof(work[0]))

    @given(st.lists(st.tuples(words, words), min_size=2, max_size=9, unique_by=lambda one: one[0]))
    def test_take_no_inner_node_for_a_work(self, members):
        """A leaf is hashed twice: two concatenated nodes are no (id, count)."""
        tree = SetTree(members)
        left, right = tree._nodes[1], tree._nodes[2]
        inside = set_leaf(int.from_bytes(left, "big"), int.from_bytes(right, "big"))

        assert inside != tree.root
        assert not verify_in_set(tree.root, inside, ())

    def test_of_nothing_or_of_a_work_twice_are_refused(self):
        for members in ([], [(1, 0), (1, UNBOUND)]):
            with pytest.raises(OrderInvalid):
                SetTree(members)

    def test_know_their_works_alone(self):
        with pytest.raises(KeyError):
            SetTree([(1, 0)]).proof(2)


class TestOrdersSignedTogether:
    ZERO = Digest(b"\xee" * 32)

    @given(st.lists(digests, min_size=1, max_size=70))
    def test_each_place_leads_to_the_root(self, leaves):
        tree = BulkTree.of(leaves, self.ZERO)

        for index, leaf in enumerate(leaves):
            place = tree.place(index)
            assert place.height == tree.height == bulk_height(len(leaves))
            assert bulk_node(leaf, place) == tree.root

    @given(st.lists(digests, min_size=2, max_size=16, unique=True))
    def test_the_order_matters(self, leaves):
        forth, back = BulkTree.of(leaves, self.ZERO), BulkTree.of(leaves[::-1], self.ZERO)

        assert forth.root != back.root

    @pytest.mark.parametrize(
        ("orders", "height"), [(1, 1), (2, 1), (3, 2), (4, 2), (5, 3), (512, 9), (1_024, 10)]
    )
    def test_as_many_levels_as_are_needed(self, orders, height):
        assert bulk_height(orders) == height

    @pytest.mark.parametrize("orders", [0, 1_025])
    def test_too_few_or_too_many_are_refused(self, orders):
        with pytest.raises(OrderInvalid):
            bulk_height(orders)
