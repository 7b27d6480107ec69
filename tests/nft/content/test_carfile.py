"""CARs of strangers, checked and unpacked: `vernissage car --verify` and `--extract`."""

import io
import json
import os

import pytest

from api.cli import car as car_command
from nft.content.car import CarReader, car_header, car_section
from nft.content.carfile import CarFile
from nft.content.cid import DAG_PB, Cid
from nft.content.dagpb import DIRECTORY, SYMLINK, Link, Unixfs, encode_node
from nft.content.extraction import Allowance, extract
from nft.content.shelf import Shelf
from nft.errors import BlockInvalid
from tests.nft.content.test_exporter import Blocks
from tests.nft.content.vectors import counting


@pytest.fixture
def work(tmp_path):
    """A folder with all that may be in one."""
    root = tmp_path / "work"
    (root / "sub" / "空").mkdir(parents=True)
    (root / "empty").mkdir()
    (root / "big.bin").write_bytes(counting(2_500_000))
    (root / "sub" / "空" / "é.txt").write_text("hello")
    (root / "sub" / "link").symlink_to("../big.bin")
    return root


@pytest.fixture
def car(work, tmp_path, capsys):
    """The folder, packed."""
    out = tmp_path / "work.car"
    assert car_command.main([str(work), "-o", str(out)]) == 0
    capsys.readouterr()
    return out


def files_of(folder):
    return {
        path.relative_to(folder): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink()
    }


def packed(path, blocks, *roots):
    sections = [car_section(Cid(1, DAG_PB, digest), block) for digest, block in blocks.items()]
    path.write_bytes(car_header(*roots) + b"".join(sections))
    return path


def folder_with(blocks, name, child):
    return blocks.put(encode_node([Link(child, 1, name=name)], Unixfs(kind=DIRECTORY).encode()))


def left_in(folder):
    return sorted(path.name for path in folder.iterdir())


class TestVerify:
    def test_says_that_a_whole_car_is_whole(self, car, capsys):
        code = car_command.main(["--verify", str(car), "--json"])

        said = json.loads(capsys.readouterr().out)
        assert (code, said["whole"], said["missing_blocks"]) == (0, True, 0)
        assert said["roots"] == [
            str(root) for root in CarReader(io.BytesIO(car.read_bytes())).roots
        ]

    def test_names_the_block_that_is_missing(self, car, tmp_path, capsys):
        reader = CarReader(io.BytesIO(car.read_bytes()))
        sections = list(reader)
        cut = tmp_path / "cut.car"
        kept = [car_section(cid, block) for cid, block in sections[:-1]]
        cut.write_bytes(car_header(*reader.roots) + b"".join(kept))

        code = car_command.main(["--verify", str(cut)])

        assert code == 1
        assert f"missing: {sections[-1][0]}" in capsys.readouterr().out

    def test_notices_one_changed_bit(self, car, capsys):
        data = bytearray(car.read_bytes())
        data[-5] ^= 1
        car.write_bytes(data)

        code = car_command.main(["--verify", str(car)])

        assert code == 1
        assert "another hash" in capsys.readouterr().err

    def test_counts_what_is_there_twice_or_for_nothing(self, tmp_path, capsys):
        one, two = b"one", b"two"
        root = Cid.of_block(one)
        path = tmp_path / "odd.car"
        sections = [car_section(root, one)] * 2 + [car_section(Cid.of_block(two), two)]
        path.write_bytes(car_header(root) + b"".join(sections))

        code = car_command.main(["--verify", str(path), "--json"])

        said = json.loads(capsys.readouterr().out)
        assert (code, said["repeated_blocks"], said["unreached_blocks"]) == (0, 1, 1)

    def test_does_not_call_a_car_without_roots_whole(self, tmp_path):
        path = tmp_path / "none.car"
        path.write_bytes(car_header())

        assert car_command.main(["--verify", str(path)]) == 1

    def test_answers_2_for_what_is_not_there(self, tmp_path):
        assert car_command.main(["--verify", str(tmp_path / "nothing.car")]) == 2


class TestSecondVersion:
    def of(self, inner, *, padding=0, size=None, begins_at=None):
        begins = 51 + padding if begins_at is None else begins_at
        header = bytes(16) + begins.to_bytes(8, "little")
        header += (len(inner) if size is None else size).to_bytes(8, "little") + bytes(8)
        return b"\x0a\xa1\x67version\x02" + header + bytes(padding) + inner + b"an index"

    def test_is_read_as_the_file_within(self, car):
        inner = car.read_bytes()

        reader = CarReader(io.BytesIO(self.of(inner, padding=9)))

        assert reader.version == 2
        assert list(reader) == list(CarReader(io.BytesIO(inner)))

    def test_gives_blocks_from_their_places(self, car, tmp_path):
        path = tmp_path / "second.car"
        path.write_bytes(self.of(car.read_bytes(), padding=3))

        with CarFile(path) as file:
            assert file.report().is_whole

    @pytest.mark.parametrize(
        "lie", [{"size": 0}, {"size": 100}, {"size": 2**63}, {"begins_at": 3}, {"begins_at": 2**60}]
    )
    def test_does_not_believe_its_header(self, car, lie):
        with pytest.raises(BlockInvalid):
            list(CarReader(io.BytesIO(self.of(car.read_bytes(), **lie))))


class TestHeader:
    @pytest.mark.parametrize("count", [0, 1, 23, 24, 255, 256, 66_000])
    def test_holds_any_number_of_roots(self, count):
        roots = tuple(Cid.of_block(b"%d" % number) for number in range(count))

        assert CarReader(io.BytesIO(car_header(*roots))).roots == roots

    @pytest.mark.parametrize("array", [b"\x98\x01", b"\x9a\xff\xff\xff\xff", b"\x9b" + b"\xff" * 8])
    def test_does_not_believe_a_count(self, array):
        header = b"\xa2\x65roots" + array + b"\x67version\x01"

        with pytest.raises(BlockInvalid):
            CarReader(io.BytesIO(bytes([len(header)]) + header))

    def test_refuses_a_padded_length(self):
        block = b"hello"
        section = car_section(Cid.of_block(block), block)
        padded = bytes([section[0] | 0x80, 0]) + section[1:]

        with pytest.raises(BlockInvalid, match="padded"):
            list(CarReader(io.BytesIO(car_header(Cid.of_block(block)) + padded)))


class TestExtract:
    def test_gives_back_what_was_packed(self, car, work, tmp_path):
        out = tmp_path / "out"

        code = car_command.main(["--extract", str(car), "-o", str(out)])

        assert code == 0
        assert files_of(out) == files_of(work)
        assert os.readlink(out / "sub" / "link") == "../big.bin"
        assert (out / "empty").is_dir()

    def test_writes_several_roots_by_their_names(self, tmp_path):
        roots = [Cid.of_block(b"one"), Cid.of_block(b"two")]
        path = tmp_path / "two.car"
        path.write_bytes(
            car_header(*roots) + car_section(roots[0], b"one") + car_section(roots[1], b"two")
        )

        car_command.main(["--extract", str(path), "-o", str(tmp_path / "all")])
        car_command.main(
            ["--extract", str(path), "-o", str(tmp_path / "one"), "--root", str(roots[1])]
        )

        assert (tmp_path / "all" / str(roots[0])).read_bytes() == b"one"
        assert (tmp_path / "one").read_bytes() == b"two"

    @pytest.mark.parametrize("target", ["/etc/passwd", "../../x", "..", "a/../../x", ""])
    def test_makes_no_link_that_leaves_its_folder(self, tmp_path, capsys, target):
        blocks = Blocks()
        link = blocks.put(encode_node((), Unixfs(kind=SYMLINK, data=target.encode()).encode()))
        path = packed(tmp_path / "link.car", blocks, folder_with(blocks, "a", link))

        code = car_command.main(["--extract", str(path), "-o", str(tmp_path / "out")])

        assert code == 2
        assert "not in this folder" in capsys.readouterr().err
        assert left_in(tmp_path) == ["link.car"]

    @pytest.mark.parametrize("name", ["..", "../up", "/abs", "a/b", "a\0b"])
    def test_writes_nothing_outside_its_folder(self, tmp_path, name):
        blocks = Blocks()
        empty = blocks.put(encode_node((), Unixfs(kind=DIRECTORY).encode()))
        path = packed(tmp_path / "up.car", blocks, folder_with(blocks, name, empty))

        code = car_command.main(["--extract", str(path), "-o", str(tmp_path / "out")])

        assert code == 1
        assert left_in(tmp_path) == ["up.car"]

    def test_follows_no_link_that_lies_in_the_way(self, tmp_path):
        blocks = Blocks()
        inner = blocks.put(encode_node((), Unixfs(kind=DIRECTORY).encode()))
        link = blocks.put(encode_node((), Unixfs(kind=SYMLINK, data=b"b").encode()))
        both = [Link(link, 1, name="a"), Link(folder_with(blocks, "c", inner), 1, name="a")]
        root = blocks.put(encode_node(both, Unixfs(kind=DIRECTORY).encode()))
        path = packed(tmp_path / "way.car", blocks, root)

        code = car_command.main(["--extract", str(path), "-o", str(tmp_path / "out")])

        assert code == 1
        assert left_in(tmp_path) == ["way.car"]

    def test_leaves_nothing_when_a_block_is_missing(self, car, tmp_path, capsys):
        reader = CarReader(io.BytesIO(car.read_bytes()))
        kept = [car_section(cid, block) for cid, block in list(reader)[:-1]]
        car.write_bytes(car_header(*reader.roots) + b"".join(kept))
        before = left_in(tmp_path)

        code = car_command.main(["--extract", str(car), "-o", str(tmp_path / "out")])

        assert code == 1
        assert left_in(tmp_path) == before

    def test_does_not_write_over_what_is_there(self, car, tmp_path):
        out = tmp_path / "out"
        out.write_text("mine")

        code = car_command.main(["--extract", str(car), "-o", str(out)])

        assert (code, out.read_text()) == (2, "mine")

    def test_stops_a_tree_that_unfolds_to_more_than_is_allowed(self, tmp_path):
        blocks = Blocks()
        cid = blocks.put(encode_node((), Unixfs(kind=DIRECTORY).encode()))
        for _ in range(12):
            links = [Link(cid, 1, name=name) for name in "abcdefgh"]
            cid = blocks.put(encode_node(links, Unixfs(kind=DIRECTORY).encode()))

        with pytest.raises(BlockInvalid, match="more than 500 files"):
            extract(blocks.fetch, {"": cid}, tmp_path / "out", allowance=Allowance(files=500))

        assert left_in(tmp_path) == []


class TestShelf:
    def test_answers_alike_in_memory_and_in_a_file(self):
        small, large = Shelf(most_bytes=500), Shelf()

        for shelf in (small, large):
            assert [shelf.put(b"%d" % (number % 90), b"v%d" % number) for number in range(200)] == (
                [True] * 90 + [False] * 110
            )

        assert [small.get(b"%d" % number) for number in range(100)] == [
            large.get(b"%d" % number) for number in range(100)
        ]
        assert len(small) == len(large) == 90
