import hashlib
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nft.content.cid import Cid
from nft.content.dagpb import Link
from nft.content.directories import directory
from nft.content.importer import Discard, FileImporter, Tree, import_pieces, leaf_link
from nft.content.profiles import KUBO_V1_256K, PROFILES, UNIXFS_V1_2025, get_profile
from nft.errors import NoSuchProfile, PathInvalid
from tests.nft.content.vectors import VECTORS, counting, entry_input, file_input, tree_of

EVERY_PROFILE = list(PROFILES.values())
PER_PROFILE = pytest.mark.parametrize("profile", EVERY_PROFILE, ids=lambda profile: profile.name)


class Recorder:
    """A sink that keeps the nodes."""

    def __init__(self):
        self.nodes = {}

    def leaf(self, cid, *, offset, length):
        pass

    def node(self, cid, block):
        self.nodes[cid.digest] = block


class TestFiles:
    @pytest.mark.parametrize("vector", VECTORS["files"], ids=lambda vector: vector["input"])
    def test_equals_every_vector(self, vector):
        made = import_pieces([file_input(vector)], EVERY_PROFILE)

        assert made.sha256.hex() == vector["sha256"]
        assert made.cids == {name: cids["cid"] for name, cids in vector["cids"].items()}
        assert {name: link.tsize for name, link in made.roots.items()} == {
            name: cids["tsize"] for name, cids in vector["cids"].items()
        }

    @pytest.mark.parametrize("vector", VECTORS["files"], ids=lambda vector: vector["input"])
    @PER_PROFILE
    def test_writes_the_vectors_root_block(self, vector, profile):
        sink = Recorder()

        import_pieces([file_input(vector)], [profile], [sink])

        expected = vector["cids"][profile.name].get("root_block_hex")
        root = Cid.parse(vector["cids"][profile.name]["cid"])
        is_node = expected is not None and root.digest in sink.nodes
        assert not is_node or sink.nodes[root.digest].hex() == expected

    @given(st.lists(st.integers(0, 700_000), max_size=6), st.sampled_from(EVERY_PROFILE))
    @settings(max_examples=40, deadline=None)
    def test_does_not_depend_on_how_bytes_arrive(self, cuts, profile):
        data = counting(1_300_000)
        edges = sorted({0, len(data), *cuts})
        pieces = [data[a:b] for a, b in pairwise(edges)]

        whole = import_pieces([data], [profile])

        assert import_pieces(pieces, [profile]) == whole

    def test_hangs_a_lone_leaf_of_a_third_level_under_two_nodes(self):
        link = leaf_link(KUBO_V1_256K, b"x")
        sink = Recorder()
        tree = Tree(KUBO_V1_256K, sink)

        leaves = 174 * 174 + 1
        for _ in range(leaves):
            tree.add(link)
        root = tree.root()

        # One full node and one full node of full nodes; two nodes over the lone leaf; the root.
        assert root.file_bytes == leaves
        assert len(sink.nodes) == 5

    def test_refuses_an_unknown_profile(self):
        with pytest.raises(NoSuchProfile, match="unixfs-v1-2025"):
            get_profile("unixfs-v9")

    def test_makes_one_leaf_of_nothing(self):
        importer = FileImporter(UNIXFS_V1_2025)

        assert importer.finish().cid == Cid.raw(hashlib.sha256(b"").digest())


class TestDirectories:
    @PER_PROFILE
    def test_equals_the_vector_of_three_files(self, profile):
        vector = VECTORS["directories"][0]["cids"][profile.name]
        wrapping = 0 if profile.raw_leaves else 8
        metadata = Link(
            cid=Cid.parse(vector["entries"]["root/metadata.json"]),
            tsize=30 + wrapping,
            name="metadata.json",
        )
        art = leaf_or_tree(profile, "art.bin", 300_000)
        thumb = leaf_or_tree(profile, "thumb.bin", 1000)
        sink = Recorder()

        root = directory([thumb, metadata, art], profile, sink)

        assert str(root.cid) == vector["cid"]
        assert root.tsize == vector["tsize"]
        assert sink.nodes[root.cid.digest].hex() == vector["root_block_hex"]

    @PER_PROFILE
    def test_equals_the_vector_of_nested_directories(self, profile):
        vector = VECTORS["directories"][1]
        files = {file["path"]: entry_input(file["path"], file["size"]) for file in vector["files"]}

        root = tree_of(files, profile)

        assert str(root.cid) == vector["cids"][profile.name]["cid"]
        assert root.tsize == vector["cids"][profile.name]["tsize"]

    @PER_PROFILE
    def test_equals_the_vector_of_nothing(self, profile):
        vector = VECTORS["directories"][2]["cids"][profile.name]

        assert str(directory([], profile, Discard()).cid) == vector["cid"]

    @PER_PROFILE
    def test_equals_the_vector_of_five_thousand_files(self, profile):
        vector = VECTORS["directories"][3]["cids"][profile.name]
        files = {f"{i}.json": f'{{"name":"#{i}"}}'.encode() for i in range(1, 5001)}

        assert str(tree_of(files, profile).cid) == vector["cid"]

    @pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\0b"])
    def test_refuses_a_name_that_no_file_has(self, name):
        link = leaf_link(UNIXFS_V1_2025, b"x")

        with pytest.raises(PathInvalid, match="not a file name"):
            directory([Link(link.cid, link.tsize, name=name)], UNIXFS_V1_2025, Discard())

    def test_refuses_two_entries_of_one_name(self):
        link = leaf_link(UNIXFS_V1_2025, b"x")
        twin = Link(link.cid, link.tsize, name="twin")

        with pytest.raises(PathInvalid, match="two entries"):
            directory([twin, twin], UNIXFS_V1_2025, Discard())


def leaf_or_tree(profile, name, size):
    link = import_pieces([counting(size)], [profile]).roots[profile.name]
    return Link(cid=link.cid, tsize=link.tsize, name=name)
