"""Trees made to harm: lying sizes, colliding names, blocks that unfold, numbers in two ways."""

import pytest

from nft.content.car import write_car
from nft.content.cid import RAW, Cid
from nft.content.dagpb import (
    DIRECTORY,
    FILE,
    HAMT_SHARD,
    MURMUR3_X64_64,
    Link,
    Unixfs,
    decode_node,
    decode_unixfs,
    encode_link,
    encode_node,
)
from nft.content.directories import directory, name_hash
from nft.content.exporter import Budget, list_directory, read_file, resolve
from nft.content.importer import Discard
from nft.content.profiles import UNIXFS_V1_2025
from nft.content.wire import bytes_field, varint_field
from nft.errors import BlockInvalid, NoSuchPath, NotACid, PathInvalid
from tests.nft.content.test_exporter import Blocks

LEAF = Cid.of_block(b"x")
FILE_DATA = Unixfs(kind=FILE, file_bytes=1, block_sizes=(1,)).encode()


def listed(blocks, root):
    return [link.name for link in list_directory(blocks.fetch, root)]


def plain(blocks, *names):
    links = [Link(LEAF, 1, name=name) for name in names]
    return blocks.put(encode_node(links, Unixfs(kind=DIRECTORY).encode()))


def shard(blocks, *links, bits=None, hash_type=MURMUR3_X64_64, fanout=256):
    slots = [int(link.name[:2], 16) for link in links] if bits is None else bits
    field = sum(1 << slot for slot in set(slots))
    data = field.to_bytes((field.bit_length() + 7) // 8, "big")
    unixfs = Unixfs(kind=HAMT_SHARD, data=data, hash_type=hash_type, fanout=fanout)
    return blocks.put(encode_node(links, unixfs.encode()))


def in_slot(name, depth=0):
    return Link(LEAF, 1, name=f"{name_hash(name)[depth]:02X}{name}")


class TestNodes:
    def test_takes_data_before_links_as_kubo_does(self):
        links = bytes_field(2, encode_link(Link(LEAF, 1)))

        node = decode_node(bytes_field(1, FILE_DATA) + links + links)

        assert (len(node.links), node.data) == (2, FILE_DATA)

    def test_refuses_links_on_both_sides_of_the_data(self):
        links = bytes_field(2, encode_link(Link(LEAF, 1)))

        with pytest.raises(BlockInvalid, match="before and after"):
            decode_node(links + bytes_field(1, FILE_DATA) + links)

    @pytest.mark.parametrize(
        ("block", "why"),
        [
            (bytes_field(1, FILE_DATA) * 2, "twice"),
            (b"\x0a\x80\x00", "padded"),
            (b"\x0a" + b"\xff" * 10, "63 bits"),
            (b"\x0a\x05ab", "longer than its block"),
            (b"\x0d\x00\x00\x00\x00", "wire type 5"),
            (b"\x1a\x01a", "no such field 3"),
            (bytes_field(2, b""), "without a CID"),
            (bytes_field(2, varint_field(3, 1) + bytes_field(1, bytes(LEAF))), "out of order"),
            (bytes_field(2, bytes_field(1, bytes(LEAF)) + bytes_field(2, b"\xff")), "read"),
            (bytes(2 * 1024 * 1024 + 1), "above"),
        ],
    )
    def test_refuses_what_can_be_read_in_two_ways(self, block, why):
        with pytest.raises(BlockInvalid, match=why):
            decode_node(block)

    def test_refuses_a_link_whose_hash_is_the_content_itself(self):
        identity = bytes([1, RAW, 0, 2]) + b"hi"

        with pytest.raises(BlockInvalid, match="SHA-256"):
            decode_node(bytes_field(2, bytes_field(1, identity)))

    @pytest.mark.parametrize("field", [varint_field(1, FILE), varint_field(3, 1)])
    def test_refuses_a_number_told_twice(self, field):
        with pytest.raises(BlockInvalid, match="twice"):
            decode_unixfs(varint_field(1, FILE) + varint_field(3, 1) + field)

    def test_reads_past_mode_and_time_of_change(self):
        metadata = varint_field(7, 0o644) + bytes_field(8, varint_field(1, 1_700_000_000))

        assert decode_unixfs(FILE_DATA + metadata) == decode_unixfs(FILE_DATA)

    def test_stops_at_the_first_size_without_a_link(self):
        blocks = Blocks()
        million = Unixfs(kind=FILE, block_sizes=(0,) * 1_000_000).encode()
        root = blocks.put(encode_node([Link(LEAF, 1)], million))

        with pytest.raises(BlockInvalid, match="more than its 1 links"):
            list(read_file(blocks.fetch, root))


class TestWalks:
    def test_hold_few_blocks_open_however_deep_the_tree(self):
        blocks = Blocks()
        cid = LEAF
        blocks[LEAF.digest] = b"x"
        filler = bytes_field(2, encode_link(Link(LEAF, 1))) * 45_000
        for _ in range(40):
            cid = blocks.put(bytes_field(2, encode_link(Link(cid, 1))) + filler)

        with pytest.raises(BlockInvalid, match="too deep for blocks so large"):
            for _ in write_car(cid, blocks.fetch, budget=Budget(depth=1_000)):
                pass

    def test_give_up_on_a_chain_without_end(self):
        blocks = Blocks()
        cid = blocks.put(b"x", codec=RAW)
        for _ in range(50):
            cid = blocks.put(encode_node([Link(cid, 1)], FILE_DATA))

        with pytest.raises(BlockInvalid, match="too deep"):
            list(write_car(cid, blocks.fetch))


class TestDirectories:
    def test_takes_names_in_any_order(self):
        blocks = Blocks()

        assert listed(blocks, plain(blocks, "b", "a")) == ["b", "a"]

    def test_refuses_two_entries_of_one_name(self):
        blocks = Blocks()
        root = plain(blocks, "a", "b", "a")

        with pytest.raises(BlockInvalid, match="two entries"):
            listed(blocks, root)
        with pytest.raises(BlockInvalid, match="two entries"):
            resolve(blocks.fetch, root, ["a"])

    @pytest.mark.parametrize("name", ["", ".", "..", "a/b", "/etc/passwd", "a\0b"])
    def test_refuses_names_that_no_file_can_have(self, name):
        blocks = Blocks()
        root = plain(blocks, name)

        with pytest.raises(BlockInvalid, match="no file can have"):
            listed(blocks, root)
        with pytest.raises((BlockInvalid, NoSuchPath)):
            resolve(blocks.fetch, root, [name])

    def test_builds_none_with_one_name_twice(self):
        links = [Link(LEAF, 1, name=f"{i}") for i in range(60_000)] + [Link(LEAF, 1, name="7")]

        with pytest.raises(PathInvalid, match="7"):
            directory(links, UNIXFS_V1_2025, Discard())


class TestShards:
    def test_gives_each_entry_that_stands_in_its_slot(self):
        blocks = Blocks()
        links = sorted((in_slot(name) for name in ("a", "b", "c")), key=lambda link: link.name)

        assert sorted(listed(blocks, shard(blocks, *links))) == ["a", "b", "c"]

    def test_refuses_an_entry_that_nobody_would_find(self):
        blocks = Blocks()
        right = name_hash("a")[0]
        root = shard(blocks, Link(LEAF, 1, name=f"{(right + 1) % 256:02X}a"))

        with pytest.raises(BlockInvalid, match="wrong slot"):
            listed(blocks, root)

    @pytest.mark.parametrize("prefix", ["", "0", "zz", "-1", "+1", " 1", "1f"])
    def test_refuses_a_prefix_that_is_no_slot(self, prefix):
        blocks = Blocks()
        root = shard(blocks, Link(LEAF, 1, name=prefix), bits=[1])

        with pytest.raises(BlockInvalid, match="without a slot"):
            listed(blocks, root)

    def test_refuses_links_out_of_order(self):
        blocks = Blocks()
        links = sorted((in_slot(name) for name in "ab"), key=lambda link: link.name, reverse=True)

        with pytest.raises(BlockInvalid, match="out of order"):
            listed(blocks, shard(blocks, *links))

    @pytest.mark.parametrize("bits", [[], [0, 1, 2], [300]])
    def test_refuses_a_bit_field_of_other_links(self, bits):
        blocks = Blocks()

        with pytest.raises(BlockInvalid, match="bit field"):
            listed(blocks, shard(blocks, in_slot("a"), bits=bits))

    @pytest.mark.parametrize("fanout", [0, 1, 2, 100, 2048, 2**60])
    def test_refuses_another_fanout(self, fanout):
        blocks = Blocks()

        with pytest.raises(BlockInvalid, match="another hash or fanout"):
            listed(blocks, shard(blocks, in_slot("a"), fanout=fanout))

    def test_refuses_a_file_in_place_of_a_shard(self):
        blocks = Blocks()
        blocks[LEAF.digest] = b"x"

        with pytest.raises(BlockInvalid, match="a file in place"):
            listed(blocks, shard(blocks, Link(LEAF, 1, name="00")))

    def test_refuses_shards_deeper_than_a_hash(self):
        blocks = Blocks()
        path = name_hash("a")
        root = shard(blocks, Link(LEAF, 1, name=f"{path[7]:02X}a"))
        for slot in (0, *reversed(path[:7])):
            root = shard(blocks, Link(root, 1, name=f"{slot:02X}"))

        with pytest.raises(BlockInvalid, match=r"deeper than a hash|wrong slot"):
            listed(blocks, root)

    def test_refuses_a_shard_that_contains_another_fanout(self):
        blocks = Blocks()
        inner = shard(blocks, in_slot("a", 1), fanout=512)
        root = shard(blocks, Link(inner, 1, name=f"{name_hash('a')[0]:02X}"))

        with pytest.raises(BlockInvalid, match="another hash or fanout"):
            resolve(blocks.fetch, root, ["a"])


class TestOneIdentity:
    """R38: whatever version, base and spelling, one content."""

    def test_is_read_from_every_base_that_kubo_writes(self):
        cid = Cid.of_block(b"hello")
        data = bytes(cid)
        texts = {
            str(cid),
            str(cid).upper(),
            "f" + data.hex(),
            "F" + data.hex().upper(),
            "zb2rhZfjRh2FHHB2RkHVEvL2vJnCTcu7kwRqgVsf9gpkLgteo",
            "k" + _base36(data),
            "K" + _base36(data).upper(),
        }

        assert {Cid.parse(text) for text in texts} == {cid}

    @pytest.mark.parametrize(
        "text", ["f" + "0" * 72, "F1a", "kZZ", "k" + "0" * 50, "z1", "f015512200"]
    )
    def test_refuses_other_spellings(self, text):
        with pytest.raises(NotACid):
            Cid.parse(text)


def _base36(data):
    number, letters = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 36)
        letters = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + letters
    return letters
