"""What a file is, known when its last byte lands, however it came in."""

import os
import random

import pytest

from media import uploads
from media.hashing import STEP_BYTES, Hashing, Measured
from media.store import BlockStore
from media.tables import UploadRow
from nft.content.cid import Cid
from nft.content.exporter import read_file
from nft.content.importer import import_pieces
from nft.content.profiles import DEFAULT, PROFILES
from nft.errors import StoreUnavailable
from nft.types import Digest
from tests.media import pictures

SIZES = [1, 262_144, 262_145, STEP_BYTES, STEP_BYTES + 1, 5 * STEP_BYTES + 77]


@pytest.fixture
def file(tmp_path):
    """A file of random bytes, and its path."""

    def make(size):
        path = tmp_path / f"{size}.part"
        path.write_bytes(random.Random(size).randbytes(size))
        return path

    return make


def expected(path):
    return import_pieces([path.read_bytes()], list(PROFILES.values()))


class TestFollower:
    @pytest.mark.parametrize("size", SIZES)
    def test_measures_what_reading_the_whole_measures(self, file, size):
        path = file(size)

        measured = Hashing().finish("a", path, size)

        assert measured.imported == expected(path)

    def test_measures_the_same_in_pieces_that_come_by_and_by(self, file):
        path, hashing = file(SIZES[-1]), Hashing()

        for offset in (1, 5, STEP_BYTES - 1, STEP_BYTES * 3 + 9):
            hashing.reach("a", path, offset)

        assert hashing.finish("a", path, SIZES[-1]).imported == expected(path)

    def test_reads_nothing_beyond_what_counts(self, file):
        path, hashing = file(SIZES[-1]), Hashing()
        hashing.reach("a", path, 100)
        with path.open("r+b") as part:
            part.seek(100)  # What was settled stays there all the time.
            part.write(b"the rest, sent again" * 1000)
            settled = part.truncate()

        measured = hashing.finish("a", path, settled)

        assert measured.imported == expected(path)

    def test_begins_anew_after_a_restart(self, file):
        path = file(SIZES[-1])
        Hashing().reach("a", path, STEP_BYTES)

        assert Hashing().finish("a", path, SIZES[-1]).imported == expected(path)

    def test_keeps_the_state_of_so_many_and_begins_the_others_anew(self, file):
        path, hashing = file(SIZES[-1]), Hashing(kept=2)
        for name in ("a", "b", "c"):
            hashing.reach(name, path, STEP_BYTES)

        assert hashing.position("a") == 0
        assert hashing.finish("a", path, SIZES[-1]).imported == expected(path)

    def test_says_when_what_counts_is_not_there(self, file):
        path, hashing = file(10), Hashing()

        with pytest.raises(StoreUnavailable, match="shorter"):
            hashing.finish("a", path, 11)

        assert hashing.finish("a", path, 10).imported == expected(path)

    def test_keeps_nothing_of_an_upload_that_ended(self, file):
        path, hashing = file(10), Hashing()
        hashing.finish("a", path, 10)

        assert hashing.position("a") == 0


class TestMeasured:
    @pytest.mark.parametrize("size", SIZES)
    def test_survives_its_way_to_the_check(self, file, size):
        measured = Hashing().finish("a", file(size), size)

        again = Measured.decode(measured.encode())

        assert again.imported == measured.imported
        for name, leaves in measured.leaves.items():
            assert again.leaves[name].places(PROFILES[name]) == leaves.places(PROFILES[name])
            assert again.leaves[name].nodes == leaves.nodes

    @pytest.mark.parametrize("size", SIZES)
    @pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: profile.name)
    def test_lets_the_store_keep_the_file_without_reading_it(self, file, tmp_path, size, profile):
        path, store = file(size), BlockStore(tmp_path / "store")
        store.prepare()
        measured = Hashing().finish("a", path, size)

        kept = store.add_file(path, profiles=list(PROFILES.values()), measured=measured)

        root = kept.roots[profile.name].cid
        assert b"".join(read_file(store.open(root), root)) == path.read_bytes()
        beside = BlockStore(tmp_path / "beside")
        beside.prepare()
        beside.add_file(path, profiles=list(PROFILES.values()))
        assert store.find_record(root) == beside.find_record(root)


class TestUpload:
    def test_has_its_hashes_with_the_last_byte(self, artist):
        data = pictures.png(90, 60)

        upload_id = artist.send(data)

        facts = artist.facts(upload_id)
        whole = import_pieces([data], list(PROFILES.values()))
        assert (facts["state"], facts["stage"]) == ("checking", "hashed")
        assert facts["media"]["sha256"] == str(Digest(whole.sha256))
        assert facts["media"]["cids"] == whole.cids
        assert facts["media"]["type"] is None

    def test_is_kept_as_it_was_measured(self, artist):
        upload_id = artist.send(pictures.png(90, 60))
        with artist.parts.sessions() as session:
            row = session.get(UploadRow, upload_id)

        measured = uploads.find_outline(artist.parts.rules, row)

        assert measured is not None
        assert measured.imported.cids == row.cids

    @pytest.mark.parametrize("damage", [b"", b"{}", b"[1]", b'{"size":1,"sha256":"00"}', None])
    def test_is_measured_again_where_that_was_lost(self, artist, damage):
        upload_id = artist.send(pictures.png(90, 60))
        path = artist.parts.rules.outline(upload_id)
        path.unlink()
        if damage is not None:
            path.write_bytes(damage)

        artist.check(upload_id)

        facts = artist.facts(upload_id)
        assert (facts["state"], facts["stage"]) == ("ready", "compared")
        root = Cid.parse(facts["media"]["cids"][DEFAULT.name])
        kept = b"".join(read_file(artist.parts.private.open(root), root))
        assert kept == pictures.png(90, 60)
        assert list(artist.parts.rules.folder.iterdir()) == []

    def test_is_measured_again_where_another_file_was_measured(self, artist):
        one, other = artist.send(pictures.png(90, 60)), artist.send(os.urandom(999))
        rules = artist.parts.rules
        rules.outline(one).unlink()
        rules.outline(other).rename(rules.outline(one))

        artist.check(one)

        root = Cid.parse(artist.facts(one)["media"]["cids"][DEFAULT.name])
        assert b"".join(read_file(artist.parts.private.open(root), root)) == pictures.png(90, 60)
