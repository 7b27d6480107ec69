import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nft.content.cid import DAG_PB, RAW, Cid
from nft.content.dagpb import (
    DIRECTORY,
    FILE,
    HAMT_SHARD,
    Link,
    Unixfs,
    decode_node,
    decode_unixfs,
    encode_node,
)
from nft.content.exporter import (
    Budget,
    file_size,
    is_directory,
    list_directory,
    read_file,
    resolve,
    verified,
)
from nft.content.importer import import_pieces, leaf_block
from nft.content.profiles import KUBO_V1_256K, PROFILES, UNIXFS_V1_2025
from nft.errors import BlockInvalid, BlockMissing, NoSuchPath
from tests.nft.content.vectors import counting, tree_of

PER_PROFILE = pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda each: each.name)


class Blocks(dict):
    """Blocks by digest; also a sink that cuts leaves out of the bytes that it was given."""

    def __init__(self, profile=UNIXFS_V1_2025, data=b""):
        super().__init__()
        self.profile = profile
        self.data = data

    def leaf(self, cid, *, offset, length):
        self[cid.digest] = leaf_block(self.profile, self.data[offset : offset + length])

    def node(self, cid, block):
        self[cid.digest] = block

    def put(self, block, *, codec=DAG_PB):
        cid = Cid.of_block(block, codec=codec)
        self[cid.digest] = block
        return cid

    def fetch(self, cid):
        try:
            return self[cid.digest]
        except KeyError:
            raise BlockMissing(str(cid)) from None


def imported(data, profile):
    blocks = Blocks(profile, data)
    root = import_pieces([data], [profile], [blocks]).roots[profile.name]
    return root.cid, blocks


class TestReadFile:
    @PER_PROFILE
    @pytest.mark.parametrize("size", [0, 1, 262_145, 3_000_000])
    def test_gives_back_what_was_imported(self, profile, size):
        data = counting(size)
        root, blocks = imported(data, profile)

        assert b"".join(read_file(blocks.fetch, root)) == data
        assert file_size(blocks.fetch, root) == size

    @given(st.integers(0, 3_100_000), st.integers(0, 3_100_000))
    @settings(max_examples=60, deadline=None)
    def test_gives_any_range(self, start, stop):
        found = b"".join(read_file(RANGED[1].fetch, RANGED[0], start=start, stop=stop))

        assert found == RANGED_DATA[start:stop]

    def test_fetches_only_the_blocks_of_the_range(self):
        fetched = []

        def get(cid):
            fetched.append(cid)
            return RANGED[1].fetch(cid)

        list(read_file(get, RANGED[0], start=600_000, stop=600_001))

        assert len(fetched) == 2

    def test_refuses_a_block_with_another_hash(self):
        root, blocks = imported(counting(3_000_000), KUBO_V1_256K)
        leaf = next(iter(blocks))
        blocks[leaf] = b"something else"

        with pytest.raises(BlockInvalid, match="another hash"):
            list(read_file(blocks.fetch, root))

    def test_says_which_block_is_missing(self):
        root, blocks = imported(counting(3_000_000), KUBO_V1_256K)
        del blocks[next(iter(blocks))]

        with pytest.raises(BlockMissing):
            list(read_file(blocks.fetch, root))


class TestLies:
    def test_refuses_a_child_of_another_size(self):
        blocks = Blocks()
        child = blocks.put(b"four", codec=RAW)
        data = Unixfs(kind=FILE, file_bytes=9, block_sizes=(9,)).encode()
        root = blocks.put(encode_node([Link(child, 4)], data))

        with pytest.raises(BlockInvalid, match="its parent says 9"):
            list(read_file(blocks.fetch, root))

    def test_refuses_a_total_that_is_not_the_sum(self):
        blocks = Blocks()
        child = blocks.put(b"four", codec=RAW)
        data = Unixfs(kind=FILE, file_bytes=2**60, block_sizes=(4,)).encode()
        root = blocks.put(encode_node([Link(child, 4)], data))

        with pytest.raises(BlockInvalid, match="its parts have 4"):
            file_size(blocks.fetch, root)

    def test_refuses_sizes_that_are_not_told(self):
        blocks = Blocks()
        child = blocks.put(b"four", codec=RAW)
        root = blocks.put(encode_node([Link(child, 4)], Unixfs(kind=FILE, file_bytes=4).encode()))

        with pytest.raises(BlockInvalid, match="tells sizes for 0"):
            list(read_file(blocks.fetch, root))

    def test_gives_up_on_a_tree_that_is_too_deep(self):
        blocks = Blocks()
        cid = blocks.put(b"x", codec=RAW)
        data = Unixfs(kind=FILE, file_bytes=1, block_sizes=(1,)).encode()
        for _ in range(40):
            cid = blocks.put(encode_node([Link(cid, 1)], data))

        with pytest.raises(BlockInvalid, match="too deep"):
            list(read_file(blocks.fetch, cid))

    def test_gives_up_on_a_tree_that_unfolds_for_ever(self):
        # Twenty levels of a hundred links to the same child: 2 KB that unfold to 100^20 leaves.
        blocks = Blocks()
        cid, size = blocks.put(b"x", codec=RAW), 1
        for _ in range(9):
            data = Unixfs(kind=FILE, file_bytes=size * 100, block_sizes=(size,) * 100).encode()
            cid, size = blocks.put(encode_node([Link(cid, 1)] * 100, data)), size * 100

        with pytest.raises(BlockInvalid, match="too many blocks"):
            for _ in read_file(blocks.fetch, cid, budget=Budget(blocks=5_000)):
                pass

    @given(st.binary(max_size=300))
    @settings(max_examples=500)
    def test_reads_or_refuses_any_block(self, block):
        try:
            node = decode_node(block)
            decode_unixfs(node.data)
        except BlockInvalid:
            return
        assert len(node.links) <= len(block)

    @given(st.integers(0, 10_000), st.integers(0, 255))
    @settings(max_examples=300, deadline=None)
    def test_never_gives_other_bytes_for_a_changed_block(self, where, value):
        data = counting(600_000)
        root, blocks = imported(data, KUBO_V1_256K)
        block = bytearray(blocks[root.digest])
        block[where % len(block)] = value
        blocks[root.digest] = bytes(block)

        try:
            found = b"".join(read_file(blocks.fetch, root))
        except BlockInvalid:
            return
        assert found == data

    @given(st.binary(max_size=200), st.integers(0, 200), st.integers(0, 255))
    @settings(max_examples=300, deadline=None)
    def test_reads_or_refuses_a_mutated_node_of_a_stranger(self, extra, where, value):
        blocks = Blocks()
        child = blocks.put(b"four", codec=RAW)
        data = Unixfs(kind=FILE, file_bytes=8, block_sizes=(4, 4)).encode()
        block = bytearray(encode_node([Link(child, 4), Link(child, 4)], data) + extra[:20])
        block[where % len(block)] = value
        root = blocks.put(bytes(block))

        try:
            found = b"".join(read_file(blocks.fetch, root))
        except (BlockInvalid, BlockMissing):
            return
        assert len(found) <= 8 + len(block)


FILES = {"a.txt": b"one", "sub/b.txt": b"two", "sub/ü.txt": b"three"}


class TestDirectories:
    @PER_PROFILE
    def test_finds_files_by_path(self, profile):
        root, blocks = stored(FILES, profile)

        found = resolve(blocks.fetch, root, ["sub", "ü.txt"])

        assert b"".join(read_file(blocks.fetch, found)) == b"three"
        assert is_directory(blocks.fetch, resolve(blocks.fetch, root, ["sub"]))

    @pytest.mark.parametrize("path", [["b.txt"], ["a.txt", "b.txt"], ["sub", "sub"], [""]])
    def test_says_what_is_not_there(self, path):
        root, blocks = stored(FILES, UNIXFS_V1_2025)

        with pytest.raises(NoSuchPath):
            resolve(blocks.fetch, root, path)

    def test_finds_each_file_of_a_sharded_directory(self):
        files = {f"{i}.json": b"%d" % i for i in range(5_000)}
        root, blocks = stored(files, UNIXFS_V1_2025)

        names = {link.name for link in list_directory(blocks.fetch, root)}
        found = resolve(blocks.fetch, root, ["4711.json"])

        assert names == set(files)
        assert verified(blocks.fetch, found) == b"4711"
        with pytest.raises(NoSuchPath):
            resolve(blocks.fetch, root, ["5000.json"])

    def test_refuses_a_shard_of_another_hash(self):
        blocks = Blocks()
        data = Unixfs(kind=HAMT_SHARD, data=b"\1", hash_type=0x12, fanout=256).encode()
        root = blocks.put(encode_node([], data))

        with pytest.raises(BlockInvalid, match="another hash"):
            resolve(blocks.fetch, root, ["a"])

    def test_does_not_follow_a_shard_into_a_plain_directory(self):
        blocks = Blocks()
        plain = blocks.put(encode_node([], Unixfs(kind=DIRECTORY).encode()))
        data = Unixfs(kind=HAMT_SHARD, data=b"\1", hash_type=0x22, fanout=256).encode()
        root = blocks.put(encode_node([Link(plain, 4, name="00")], data))

        with pytest.raises(BlockInvalid, match="not a directory"):
            list(list_directory(blocks.fetch, root))


def stored(files, profile):
    blocks = Blocks(profile)

    class Sink:
        """Keeps nodes; leaves are put by hand, since each file has bytes of its own."""

        def leaf(self, cid, *, offset, length):
            pass

        node = staticmethod(blocks.node)

    for data in files.values():
        block = leaf_block(profile, data)
        blocks[hashlib.sha256(block).digest()] = block
    return tree_of(files, profile, Sink()).cid, blocks


RANGED_DATA = counting(3_000_000)
RANGED = imported(RANGED_DATA, KUBO_V1_256K)
