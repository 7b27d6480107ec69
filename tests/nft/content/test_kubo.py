"""Our CIDs and CARs against the real Kubo, on random files and directories."""

import random

import pytest

from nft.content.car import write_car
from nft.content.paths import PathBlocks, import_path
from nft.content.profiles import PROFILES
from tests.support.kubo import kubo_repository

pytestmark = pytest.mark.kubo

PER_PROFILE = pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda each: each.name)
SIZES = [0, 1, 262_144, 262_145, 1_048_576, 1_048_577, 5_000_000, 46_000_000]
SEED = 20_261_122
FILES = {
    "a.bin": 0,
    "Z": 7,
    "é.txt": 300_000,
    "sub/b.bin": 1_100_000,
    "sub/deeper/c": 3,
    "sub/空.png": 262_145,
}


@pytest.fixture(scope="module")
def kubo(kubo_program):
    with kubo_repository(kubo_program) as repository:
        yield repository


@pytest.fixture(scope="module")
def kubo_2025(kubo_program):
    """The directory rule of the 2025 profile has no flag, only a setting."""
    with kubo_repository(kubo_program, profiles=("test", "unixfs-v1-2025")) as repository:
        yield repository


@pytest.fixture
def folder(tmp_path):
    """A directory with nesting, odd names, a link, a hidden file and files of many sizes."""
    seeded = random.Random(SEED)
    root = tmp_path / "work"
    for index, name in enumerate(
        ["a.bin", "Z", "é.txt", "sub/b.bin", "sub/deeper/c", "sub/空.png"]
    ):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(seeded.randbytes([0, 7, 300_000, 1_100_000, 3, 262_145][index]))
    (root / ".hidden").write_bytes(b"left out")
    (root / "link").symlink_to("a.bin")
    (root / "empty").mkdir()
    return root


class TestAgainstKubo:
    @PER_PROFILE
    @pytest.mark.parametrize("size", SIZES)
    def test_names_a_random_file_alike(self, kubo, tmp_path, profile, size):
        path = tmp_path / "file"
        path.write_bytes(random.Random(SEED + size).randbytes(size))

        ours = str(import_path(path, profile).cid)

        assert ours == kubo.add_only_hash(path, profile.name)

    @PER_PROFILE
    def test_names_a_directory_alike(self, kubo, folder, profile):
        ours = str(import_path(folder, profile).cid)

        assert ours == kubo.add_only_hash(folder, profile.name)

    @pytest.mark.parametrize("count", [4_000, 5_000, 6_000])
    def test_shards_a_numbered_folder_alike(self, kubo, kubo_2025, tmp_path, count):
        for index in range(count):
            (tmp_path / f"{index}.json").write_text(f'{{"name":"#{index}"}}')

        ours = {name: str(import_path(tmp_path, each).cid) for name, each in PROFILES.items()}

        theirs = {name: kubo.add_only_hash(tmp_path, name) for name in PROFILES}
        theirs["unixfs-v1-2025"] = kubo_2025.add_only_hash(tmp_path, "unixfs-v1-2025")
        assert ours == theirs

    @PER_PROFILE
    def test_hands_over_a_car_that_kubo_reads_back(self, kubo, folder, tmp_path, profile):
        blocks = PathBlocks(profile)
        root = import_path(folder, profile, blocks=blocks).cid
        car = tmp_path / "work.car"
        car.write_bytes(b"".join(write_car(root, blocks.get)))

        kubo.run("dag", "import", car)

        back = kubo.run("cat", f"{root}/sub/b.bin")
        assert back == (folder / "sub" / "b.bin").read_bytes()
        assert kubo.run("dag", "export", "--progress=false", str(root)) == car.read_bytes()
