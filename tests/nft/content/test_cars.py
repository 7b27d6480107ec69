import hashlib
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nft.content.car import CarReader, car_header, car_section, write_car
from nft.content.cid import Cid
from nft.content.exporter import read_file
from nft.content.profiles import PROFILES, UNIXFS_V1_2025
from nft.errors import BlockInvalid, BlockMissing
from tests.nft.content.test_exporter import imported
from tests.nft.content.vectors import VECTORS, counting

SMALL = VECTORS["cars"]["small"]
SMALL_CAR = bytes.fromhex(SMALL["hex"])
HELLO = Cid.of_block(b"hello")


def blocks_of(car):
    return {cid.digest: block for cid, block in CarReader(io.BytesIO(car))}


class TestWriter:
    def test_equals_the_vector_byte_for_byte(self):
        blocks = blocks_of(SMALL_CAR)

        car = b"".join(write_car(Cid.parse(SMALL["root"]), lambda cid: blocks[cid.digest]))

        assert car == SMALL_CAR
        assert hashlib.sha256(car).hexdigest() == SMALL["sha256"]

    @pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda each: each.name)
    def test_carries_a_file_and_writes_repeated_blocks_once(self, profile):
        data = bytes(5 * 1024 * 1024)
        root, blocks = imported(data, profile)

        car = b"".join(write_car(root, blocks.fetch))
        carried = blocks_of(car)

        assert len(car) < len(data)
        assert b"".join(read_file(lambda cid: carried[cid.digest], root)) == data

    def test_refuses_to_write_a_block_that_changed(self):
        root, blocks = imported(counting(3_000_000), UNIXFS_V1_2025)
        blocks[next(iter(blocks))] = b"another"

        with pytest.raises(BlockInvalid):
            list(write_car(root, blocks.fetch))

    def test_says_what_is_missing(self):
        root, blocks = imported(counting(3_000_000), UNIXFS_V1_2025)
        del blocks[next(iter(blocks))]

        with pytest.raises(BlockMissing):
            list(write_car(root, blocks.fetch))


class TestReader:
    def test_reads_the_vector(self):
        reader = CarReader(io.BytesIO(SMALL_CAR))

        assert [str(root) for root in reader.roots] == [SMALL["root"]]
        assert [str(cid) for cid, _ in reader] == SMALL["order"]

    @pytest.mark.parametrize("length", range(0, len(SMALL_CAR), 7))
    def test_refuses_a_file_cut_anywhere_but_between_blocks(self, length):
        cut = SMALL_CAR[:length]

        try:
            read = blocks_of(cut)
        except BlockInvalid:
            return
        # Cut exactly between two blocks: what is there is whole, and the root says what is not.
        assert len(read) < SMALL["blocks"]

    def test_refuses_a_block_with_another_hash(self):
        car = car_header(HELLO) + car_section(HELLO, b"hallo")

        with pytest.raises(BlockInvalid, match="another hash"):
            blocks_of(car)

    def test_refuses_a_section_above_the_limit_before_reading_it(self):
        huge = b"\xff\xff\xff\xff\x0f"

        with pytest.raises(BlockInvalid, match="above the limit"):
            blocks_of(car_header(HELLO) + huge + b"x")

    def test_refuses_more_bytes_than_allowed(self):
        car = car_header(HELLO) + car_section(HELLO, b"hello") * 100

        with pytest.raises(BlockInvalid, match="larger than allowed"):
            list(CarReader(io.BytesIO(car), max_bytes=500))

    @pytest.mark.parametrize(
        "header",
        [
            b"",
            b"\xa2",
            b"\xa2\x65roots",
            b"\xa2\x65roots\x81\x01\x67version\x01",
            b"\xa2\x65roots\x80\x67version\x02",
            b"\xa2\x65roots\x9f\xff\x67version\x01",
        ],
    )
    def test_refuses_another_header(self, header):
        with pytest.raises(BlockInvalid):
            CarReader(io.BytesIO(bytes([len(header)]) + header))

    @given(st.binary(max_size=400))
    @settings(max_examples=500)
    def test_reads_or_refuses_any_bytes(self, data):
        try:
            found = blocks_of(data)
        except BlockInvalid:
            return
        assert sum(map(len, found.values())) <= len(data)

    @given(st.integers(0, len(SMALL_CAR) - 1), st.integers(0, 255))
    @settings(max_examples=500)
    def test_never_gives_out_a_changed_block(self, where, value):
        changed = bytearray(SMALL_CAR)
        changed[where] = value
        whole = blocks_of(SMALL_CAR)

        try:
            found = blocks_of(bytes(changed))
        except BlockInvalid:
            return
        assert all(hashlib.sha256(block).digest() == name for name, block in found.items())
        assert set(found) <= set(whole) or len(found) <= len(whole)
