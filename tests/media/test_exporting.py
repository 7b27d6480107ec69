"""Works as one CAR: what goes in, what is said of what is not there, and that Kubo takes it."""

import hashlib
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from media.exporting import Export, ExportIncomplete, Minted, NothingToExport, write
from media.store import BlockStore
from nft.content import command
from nft.content.car import CarReader
from nft.content.cid import Cid
from nft.content.exporter import read_file, resolve
from nft.content.profiles import KUBO_V1_256K, UNIXFS_V0_2015, UNIXFS_V1_2025
from nft.errors import StoreUnavailable
from nft.metadata import Asset, Work, canonical_bytes, document, metadata_digest
from nft.types import Address, Digest, TokenRef
from tests.nft.content.vectors import counting
from tests.support.kubo import kubo_repository

ARTIST = Address(b"\xaa" * 20)
SCOPE = {"artist": str(ARTIST)}
PICTURE = counting(3_000_000)
PAGE = {"index.html": b"<p>hello", "img/a.bin": counting(1_500_000)}


@pytest.fixture
def store(tmp_path: Path) -> BlockStore:
    made = BlockStore(tmp_path / "public")
    made.prepare()
    return made


def keep(store: BlockStore, data: bytes, role: str = "image", profile=UNIXFS_V1_2025) -> Asset:
    kept = store.add_bytes(data, profiles=[profile])
    return Asset(
        role=role,
        cid=kept.cids[profile.name],
        profile=profile.name,
        sha256=Digest(kept.sha256),
        type="image/png",
        size=len(data),
    )


def keep_page(store: BlockStore, folder: Path) -> Asset:
    for name, data in PAGE.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    cid = store.add_folder({name: folder / name for name in PAGE})
    return Asset(
        role="animation",
        cid=str(cid),
        profile=UNIXFS_V1_2025.name,
        sha256=Digest(hashlib.sha256(b"the archive").digest()),
        type="text/html",
        size=1,
    )


def minted(serial: int, *assets: Asset) -> Minted:
    stated = document(Work(title=f"Work {serial}", assets=assets))
    body = canonical_bytes(stated)
    return Minted(
        token=TokenRef(31337, Address(b"\xcc" * 20), serial),
        creator=ARTIST,
        digest=metadata_digest(body),
        body=body,
        document=stated,
    )


def car_of(store: BlockStore, *works: Minted) -> bytes:
    with Export(store, SCOPE) as export:
        for work in works:
            export.add(work)
        export.check()
        export.finish()
        return b"".join(export.pieces())


def opened(car: bytes):
    reader = CarReader(io.BytesIO(car))
    blocks = {cid.digest: block for cid, block in reader}
    return reader.roots, lambda cid: blocks[cid.digest]


def manifest_of(car: bytes):
    roots, get = opened(car)
    return json.loads(b"".join(read_file(get, roots[0])))


class TestExport:
    def test_carries_every_file_and_document_under_its_cid(self, store, tmp_path):
        picture = keep(store, PICTURE)
        page = keep_page(store, tmp_path / "page")
        work = minted(1, picture, page)

        roots, get = opened(car_of(store, work))

        assert b"".join(read_file(get, Cid.parse(picture.cid))) == PICTURE
        inside = resolve(get, Cid.parse(page.cid), ["img", "a.bin"])
        assert b"".join(read_file(get, inside)) == PAGE["img/a.bin"]
        assert get(Cid.raw(bytes(work.digest))) == work.body
        assert [str(root) for root in roots[2:]] == [
            str(Cid.raw(bytes(work.digest))),
            picture.cid,
            page.cid,
        ]

    def test_says_in_its_manifest_what_is_in_it(self, store):
        picture = keep(store, PICTURE, profile=KUBO_V1_256K)
        work = minted(7, picture)

        found = manifest_of(car_of(store, work))

        assert (found["format"], found["scope"]) == ("vernissage-export/1", SCOPE)
        assert found["works"][0]["token"] == work.token.caip19
        assert found["works"][0]["metadata"]["sha256"] == str(work.digest)
        assert found["works"][0]["files"] == [
            {
                "cid": picture.cid,
                "kept": True,
                "profile": "kubo-cidv1-raw-256k",
                "role": "image",
                "sha256": str(picture.sha256),
                "size": 3_000_000,
                "type": "image/png",
            }
        ]

    def test_is_canonical_json_and_the_same_bytes_every_time(self, store):
        works = [minted(serial, keep(store, counting(500 + serial))) for serial in range(3)]

        car = car_of(store, *works)

        roots, get = opened(car)
        manifest = b"".join(read_file(get, roots[0]))
        assert manifest == canonical_bytes(json.loads(manifest))
        assert car_of(store, *works) == car

    def test_holds_a_file_of_two_works_once(self, store):
        picture = keep(store, PICTURE)

        car = car_of(store, minted(1, picture), minted(2, picture))

        assert len(car) < len(PICTURE) + 20_000
        assert len(opened(car)[0]) == 2 + 2 + 1

    def test_says_how_to_use_it(self, store):
        roots, get = opened(car_of(store, minted(1, keep(store, b"one"))))

        assert b"ipfs dag import" in get(roots[1])

    def test_takes_a_document_from_the_database_when_the_store_has_lost_it(self, store):
        work = minted(1, keep(store, b"one"))

        _, get = opened(car_of(store, work))

        assert not store.has(Cid.raw(bytes(work.digest)))
        assert get(Cid.raw(bytes(work.digest))) == work.body

    def test_believes_no_document_with_another_digest(self, store):
        work = replace(minted(1, keep(store, b"one")), body=b"{}")

        with pytest.raises(ExportIncomplete):
            car_of(store, work)

    def test_reads_past_documents_of_any_shape(self, store):
        odd = [None, {}, {"properties": []}, {"properties": {"media": [1, {"cid": 4}, {}]}}]
        works = [
            Minted(token=TokenRef(1, ARTIST, serial), creator=ARTIST, document=each)
            for serial, each in enumerate(odd)
        ]

        found = manifest_of(car_of(store, *works))

        assert [work["files"] for work in found["works"]] == [[], [], [], []]
        assert [work["metadata"] for work in found["works"]] == [None] * 4

    def test_makes_a_manifest_larger_than_a_block(self, store):
        picture = keep(store, b"one")
        works = [minted(serial, picture) for serial in range(2_500)]

        found = manifest_of(car_of(store, *works))

        assert [work["token_id"] for work in found["works"]] == [str(one) for one in range(2_500)]


class TestWhatIsMissing:
    def test_is_named_and_nothing_is_written(self, store, tmp_path):
        picture = keep(store, PICTURE)
        store.remove(Cid.parse(picture.cid))

        with Export(store, SCOPE) as export:
            export.add(minted(1, picture))
            with pytest.raises(ExportIncomplete, match=picture.cid):
                export.check()

        assert list(tmp_path.glob("*.car*")) == []

    def test_is_marked_in_the_manifest_when_that_was_asked_for(self, store, tmp_path):
        gone, kept = keep(store, PICTURE), keep(store, b"kept", "document")
        store.remove(Cid.parse(gone.cid))
        out = tmp_path / "out.car"

        with Export(store, SCOPE) as export:
            export.add(minted(1, gone, kept))
            export.check(may_miss=True)
            write(export, out)

        files = manifest_of(out.read_bytes())["works"][0]["files"]
        assert [one["kept"] for one in files] == [False, True]
        assert command.verify(out) == 0

    def test_leaves_no_half_file_when_a_block_has_changed_on_disk(self, store, tmp_path):
        picture = keep(store, PICTURE)
        path = store.find_file(bytes(picture.sha256))
        path.chmod(0o644)
        path.write_bytes(PICTURE[:-1] + b"X")
        out = tmp_path / "out.car"
        out.write_bytes(b"yesterday's")

        with Export(store, SCOPE) as export:
            export.add(minted(1, picture))
            export.check()
            with pytest.raises(StoreUnavailable, match="changed"):
                write(export, out)

        assert out.read_bytes() == b"yesterday's"
        assert [path.name for path in tmp_path.glob("*.car*")] == ["out.car"]

    def test_is_everything_when_there_is_no_work(self, store):
        with Export(store, SCOPE) as export, pytest.raises(NothingToExport):
            export.check()


@pytest.mark.kubo
class TestAgainstKubo:
    def test_is_imported_under_the_same_roots_and_read_back(self, kubo_program, store, tmp_path):
        first = keep(store, PICTURE)
        second = keep(store, counting(700_000), profile=UNIXFS_V0_2015)
        page = keep_page(store, tmp_path / "page")
        works = [minted(1, first, page), minted(2, second)]
        car = tmp_path / "works.car"
        with Export(store, SCOPE) as export:
            for work in works:
                export.add(work)
            export.check()
            written = write(export, car)

        with kubo_repository(kubo_program) as kubo:
            said = kubo.run("dag", "import", "--enc=json", car).decode().splitlines()
            pinned = kubo.run("pin", "ls", "--type=recursive", "-q").decode().split()
            manifest = json.loads(kubo.run("cat", written.manifest))
            back = [kubo.run("cat", asset.cid) for asset in (first, second)]
            page_back = kubo.run("cat", f"{page.cid}/img/a.bin")
            documents = [kubo.run("cat", str(Cid.raw(bytes(work.digest)))) for work in works]

        roots = CarReader(io.BytesIO(car.read_bytes())).roots
        imported = [Cid.parse(json.loads(line)["Root"]["Cid"]["/"]) for line in said]
        assert {cid.digest for cid in imported} == {root.digest for root in roots}
        assert {Cid.parse(text).digest for text in pinned} >= {root.digest for root in roots}
        assert [work["token_id"] for work in manifest["works"]] == ["1", "2"]
        assert back == [PICTURE, counting(700_000)]
        assert page_back == PAGE["img/a.bin"]
        assert documents == [work.body for work in works]
