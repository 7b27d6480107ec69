import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest

from media.store import BlockStore
from nft.content.car import CarReader, write_car
from nft.content.cid import DAG_PB, RAW, Cid
from nft.content.exporter import read_file, resolve
from nft.content.importer import import_pieces
from nft.content.profiles import DEFAULT, PROFILES
from nft.errors import BlockMissing, StoreUnavailable

EVERY_PROFILE = list(PROFILES.values())
BIG = os.urandom(3_000_000)


@pytest.fixture
def store(tmp_path):
    made = BlockStore(tmp_path / "store")
    made.prepare()
    return made


def add(store, tmp_path, data, profiles=(DEFAULT,)):
    path = tmp_path / "source"
    path.write_bytes(data)
    imported = store.add_file(path, profiles=profiles)
    path.unlink()
    return imported


def read(store, cid):
    return b"".join(read_file(store.open(cid), cid))


def size_on_disk(store):
    return sum(path.stat().st_size for path in (store.folder / "files").glob("*/*"))


class TestAdding:
    @pytest.mark.parametrize("data", [b"", b"x", BIG], ids=["nothing", "one byte", "three MB"])
    @pytest.mark.parametrize("profile", EVERY_PROFILE, ids=lambda each: each.name)
    def test_finds_content_by_root_and_by_hash(self, store, tmp_path, data, profile):
        imported = add(store, tmp_path, data, [profile])

        assert imported == import_pieces([data], [profile])
        assert read(store, imported.roots[profile.name].cid) == data
        assert store.find_file(imported.sha256).read_bytes() == data

    def test_keeps_one_copy_for_all_profiles(self, store, tmp_path):
        imported = add(store, tmp_path, BIG, EVERY_PROFILE)

        assert {read(store, link.cid) for link in imported.roots.values()} == {BIG}
        assert size_on_disk(store) < len(BIG) * 1.01

    def test_serves_every_block_of_the_tree(self, store, tmp_path):
        root = add(store, tmp_path, BIG).roots[DEFAULT.name].cid

        car = CarReader(BytesIO(b"".join(write_car(root, store.get))))

        assert len(list(car)) == 1 + 3  # the root and three leaves

    def test_serves_a_block_by_every_spelling_of_its_name(self, store, tmp_path):
        root = add(store, tmp_path, b"hello").roots[DEFAULT.name].cid

        spelled = [
            Cid(version=1, codec=RAW, digest=root.digest),
            Cid(version=1, codec=DAG_PB, digest=root.digest),
            Cid(version=0, codec=DAG_PB, digest=root.digest),
        ]

        assert {store.get(cid) for cid in spelled} == {b"hello"}

    def test_links_instead_of_copying_between_stores(self, store, tmp_path):
        public = BlockStore(tmp_path / "public")
        public.prepare()
        imported = add(store, tmp_path, BIG)

        public.add_file(store.find_file(imported.sha256))

        assert os.path.samefile(public.find_file(imported.sha256), store.find_file(imported.sha256))

    def test_keeps_a_directory_of_roots(self, store, tmp_path):
        picture = add(store, tmp_path, BIG).roots[DEFAULT.name].cid
        text = store.add_bytes(b"hello").roots[DEFAULT.name].cid

        root = store.add_directory({"picture": picture, "text": text})

        assert read(store, resolve(store.open(root), root, ["picture"])) == BIG
        assert resolve(store.open(root), root, ["text"]) == text

    def test_says_what_it_does_not_have(self, store):
        with pytest.raises(BlockMissing):
            store.get(Cid.raw(bytes(32)))


class TestRemoving:
    def test_removes_every_byte(self, store, tmp_path):
        root = add(store, tmp_path, BIG).roots[DEFAULT.name].cid

        assert store.remove(root)

        assert not store.has(root)
        assert list((store.folder / "files").glob("*/*")) == []
        assert list((store.folder / "parts").glob("*/*")) == []
        assert not store.remove(root)

    def test_keeps_what_another_root_uses(self, store, tmp_path):
        tail = BIG[:1_048_576]
        first = add(store, tmp_path, BIG).roots[DEFAULT.name].cid
        second = add(store, tmp_path, tail).roots[DEFAULT.name].cid

        store.remove(first)

        assert read(store, second) == tail

    def test_keeps_leaves_that_two_files_share(self, store, tmp_path):
        first = add(store, tmp_path, BIG).roots[DEFAULT.name].cid
        second = add(store, tmp_path, BIG + b"more").roots[DEFAULT.name].cid

        store.remove(first)

        assert read(store, second) == BIG + b"more"
        shared = import_pieces([BIG[:1_048_576]], [DEFAULT]).roots[DEFAULT.name].cid
        assert store.get(shared) == BIG[:1_048_576]

    def test_stores_once_what_many_add_at_the_same_time(self, store, tmp_path):
        sources = [tmp_path / f"source{index}" for index in range(8)]
        for source in sources:
            source.write_bytes(BIG)

        with ThreadPoolExecutor(8) as pool:
            added = list(pool.map(store.add_file, sources))

        assert len({each.sha256 for each in added}) == 1
        assert size_on_disk(store) < len(BIG) * 1.01
        assert read(store, added[0].roots[DEFAULT.name].cid) == BIG


class TestDamage:
    def test_never_gives_out_changed_bytes(self, store, tmp_path):
        imported = add(store, tmp_path, BIG)
        path = store.find_file(imported.sha256)
        path.chmod(0o644)
        with path.open("r+b") as file:
            file.seek(2_000_000)
            file.write(b"\0\0\0\0\0\0\0\0")

        with pytest.raises(StoreUnavailable, match="changed on disk"):
            read(store, imported.roots[DEFAULT.name].cid)

    def test_says_that_a_record_is_damaged(self, store, tmp_path):
        root = add(store, tmp_path, BIG).roots[DEFAULT.name].cid
        record = next((store.folder / "trees").glob("*/*"))
        record.chmod(0o644)
        record.write_bytes(b"{")

        with pytest.raises(StoreUnavailable, match="damaged"):
            BlockStore(store.folder).open(root)

    def test_says_that_the_folder_is_gone(self, tmp_path):
        gone = BlockStore(tmp_path / "nowhere")
        source = tmp_path / "source"
        source.write_bytes(b"x")

        with pytest.raises(StoreUnavailable):
            gone.add_file(source)

    def test_does_not_follow_a_link_out_of_the_store(self, store, tmp_path):
        imported = add(store, tmp_path, b"hello")
        secret = tmp_path / "secret"
        secret.write_bytes(b"hello")
        path = store.find_file(imported.sha256)
        path.unlink()
        path.symlink_to(secret)

        with pytest.raises(StoreUnavailable):
            store.get(imported.roots[DEFAULT.name].cid)


class TestPrepare:
    def test_clears_what_was_left_long_ago_and_nothing_younger(self, store):
        old, young = store.folder / "scratch" / "old", store.folder / "scratch" / "young"
        old.touch()
        young.touch()
        os.utime(old, (0, 0))

        store.prepare()

        assert list((store.folder / "scratch").iterdir()) == [young]


class TestKill:
    def test_shows_no_half_file_whenever_it_is_killed(self, store, tmp_path):
        source = tmp_path / "source"
        source.write_bytes(BIG)
        expected = import_pieces([BIG], EVERY_PROFILE)
        code = (
            "import sys; from pathlib import Path; from media.store import BlockStore; "
            "from nft.content.profiles import PROFILES; print('go', flush=True); "
            "BlockStore(Path(sys.argv[1])).add_file(Path(sys.argv[2]), "
            "profiles=list(PROFILES.values())); print('done', flush=True)"
        )

        for kill in range(12):
            child = subprocess.Popen(
                [sys.executable, "-c", code, store.folder, source], stdout=subprocess.PIPE
            )
            child.stdout.readline()
            try:
                child.wait(timeout=0.002 * kill)
            except subprocess.TimeoutExpired:
                child.send_signal(signal.SIGKILL)
            acknowledged = b"done" in child.communicate()[0]
            again = BlockStore(store.folder)
            again.prepare()
            for link in expected.roots.values():
                assert again.has(link.cid) or not acknowledged
                assert not again.has(link.cid) or read(again, link.cid) == BIG
            for link in expected.roots.values():
                again.remove(link.cid)
        store.add_file(source)
        assert read(store, expected.roots[DEFAULT.name].cid) == BIG
