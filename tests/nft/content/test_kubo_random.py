"""
Random trees against the real Kubo: named alike, packed alike, and read from each other's CARs.

A share in every run; `make long` goes through many more.
"""

import random
import subprocess

import pytest

from nft.content.car import write_car
from nft.content.carfile import CarFile
from nft.content.extraction import Allowance, extract
from nft.content.paths import PathBlocks, import_path
from nft.content.profiles import PROFILES
from tests.support.kubo import ADD_OPTIONS, kubo_repository

pytestmark = [pytest.mark.kubo, pytest.mark.xdist_group("kubo-random")]

PER_PROFILE = pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda each: each.name)
EDGES = [0, 1, 262_143, 262_144, 262_145, 1_048_575, 1_048_576, 1_048_577, 174 * 262_144 + 1]
NAMES = [
    "a",
    "Z",
    "\u00e9",
    "e\u0301",
    "空.png",
    "a b",
    "100%",
    "back\\slash",
    "😀",
    "x" * 200,
    "-v",
]


@pytest.fixture(scope="module")
def kubo(kubo_program):
    with kubo_repository(kubo_program, profiles=("test", "unixfs-v1-2025")) as repository:
        yield repository


def grow(folder, seeded, *, depth=0):
    """A random folder: sizes near the edges, names of many scripts, links, folders within."""
    folder.mkdir()
    for name in seeded.sample(NAMES, seeded.randint(1, len(NAMES))):
        kind = seeded.random()
        if kind < 0.2 and depth < 4:
            grow(folder / name, seeded, depth=depth + 1)
        elif kind < 0.3:
            (folder / name).symlink_to(
                seeded.choice(["a", "no/where", "../a"][: 3 if depth else 2])
            )
        else:
            near = seeded.choice(EDGES[:8]) if kind < 0.5 else seeded.randrange(3_000)
            (folder / name).write_bytes(seeded.randbytes(near))
    return folder


def compare(kubo, path, profile):
    """Ours and Kubo's words on one path; what Kubo stored is exported and read by us."""
    blocks = PathBlocks(profile)
    root = import_path(path, profile, blocks=blocks).cid
    options = ADD_OPTIONS[profile.name]
    theirs = kubo.run("add", "-r", "-Q", "--pin=false", *options, path).decode().strip()
    exported = kubo.run("dag", "export", "--progress=false", theirs)
    assert str(root) == theirs
    assert b"".join(write_car(root, blocks.get)) == exported
    return root, exported


class TestRandomTrees:
    @PER_PROFILE
    @pytest.mark.parametrize("seed", range(2))
    def test_have_one_name_and_one_car(self, kubo, tmp_path, profile, seed):
        folder = grow(tmp_path / "work", random.Random(f"{profile.name} {seed}"))

        root, exported = compare(kubo, folder, profile)

        car = tmp_path / "theirs.car"
        car.write_bytes(exported)
        with CarFile(car) as file:
            assert file.report().is_whole
            extract(file.get, {"": root}, tmp_path / "back", allowance=Allowance())
        same = ["diff", "-r", "--no-dereference", str(folder), str(tmp_path / "back")]
        assert subprocess.run(same, capture_output=True, check=False).stdout == b""

    @PER_PROFILE
    def test_of_thousands_of_files_have_one_name(self, kubo, tmp_path, profile):
        seeded = random.Random(profile.name)
        count = {"block": 5_000, "links": 6_500}[profile.shards_by]
        folder = tmp_path / "many"
        folder.mkdir()
        for name in {f"{seeded.randrange(10**9)}空" for _ in range(count)}:
            (folder / name).write_bytes(name.encode())

        ours = str(import_path(folder, profile).cid)

        # This repository counts directories in blocks; the other two count links.
        strict = [] if profile.shards_by == "block" else ["links"]
        for rule in strict:
            kubo.run("config", "Import.UnixFSHAMTDirectorySizeEstimation", rule)
        try:
            assert ours == kubo.add_only_hash(folder, profile.name)
        finally:
            kubo.run("config", "Import.UnixFSHAMTDirectorySizeEstimation", "block")

    @pytest.mark.parametrize("fanout", [16, 1024])
    def test_sharded_otherwise_are_read(self, kubo, tmp_path, fanout):
        folder = tmp_path / "many"
        folder.mkdir()
        for number in range(300):
            (folder / f"{number}").write_bytes(b"%d" % number)
        options = ADD_OPTIONS["unixfs-v1-2025"]
        kubo.run("config", "Import.UnixFSHAMTDirectorySizeThreshold", "1KiB")
        kubo.run("config", "--json", "Import.UnixFSHAMTDirectoryMaxFanout", str(fanout))
        try:
            theirs = kubo.run("add", "-r", "-Q", *options, folder).decode().strip()
        finally:
            kubo.run("config", "Import.UnixFSHAMTDirectorySizeThreshold", "256KiB")
            kubo.run("config", "--json", "Import.UnixFSHAMTDirectoryMaxFanout", "256")
        car = tmp_path / "theirs.car"
        car.write_bytes(kubo.run("dag", "export", "--progress=false", theirs))

        with CarFile(car) as file:
            extract(file.get, {"": file.roots[0]}, tmp_path / "back", allowance=Allowance())

        back = {path.name: path.read_bytes() for path in (tmp_path / "back").iterdir()}
        assert back == {f"{number}": b"%d" % number for number in range(300)}

    @pytest.mark.long
    @pytest.mark.timeout(3_600)
    @PER_PROFILE
    def test_hold_for_many_more(self, kubo, tmp_path, profile):
        for seed in range(100, 200):
            folder = grow(tmp_path / f"work{seed}", random.Random(f"{profile.name} {seed}"))
            compare(kubo, folder, profile)


class TestRandomFiles:
    @PER_PROFILE
    def test_have_one_name_at_every_edge(self, kubo, tmp_path, profile):
        seeded = random.Random(7)
        paths = []
        for number, size in enumerate([*EDGES, *(seeded.randrange(4_000_000) for _ in range(3))]):
            path = tmp_path / f"{number:02}"
            path.write_bytes(seeded.randbytes(size))
            paths.append(path)
        options = ADD_OPTIONS[profile.name]

        theirs = kubo.run("add", "-q", "--only-hash", *options, *paths).decode().split()

        assert [str(import_path(path, profile).cid) for path in paths] == theirs

    def test_of_other_makers_are_read(self, kubo, tmp_path):
        """Trickle trees, small chunks, mode and time of change, data of every odd shape."""
        data = random.Random(3).randbytes(900_000)
        path = tmp_path / "file"
        path.write_bytes(data)
        for number, options in enumerate(
            [
                ("--trickle",),
                ("--chunker=size-1000",),
                ("--chunker=rabin", "--cid-version=1"),
                ("--chunker=buzhash", "--raw-leaves=false"),
                ("--preserve-mode", "--preserve-mtime", "--raw-leaves=false"),
                ("--max-file-links=2", "--chunker=size-100000"),
            ]
        ):
            theirs = kubo.run("add", "-Q", *options, path).decode().strip()
            car, out = tmp_path / f"{number}.car", tmp_path / f"{number}.out"
            car.write_bytes(kubo.run("dag", "export", "--progress=false", theirs))

            with CarFile(car) as file:
                extract(file.get, {"": file.roots[0]}, out, allowance=Allowance())

            assert out.read_bytes() == data, options
