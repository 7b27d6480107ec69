import hashlib
import io
import json
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.gateway import MAX_SEGMENTS, Asked, answer, parse_range, path_segments
from media.store import BlockStore
from nft.content.car import CarReader
from nft.content.cid import Cid
from nft.content.exporter import read_file
from nft.content.profiles import DEFAULT, PROFILES
from nft.errors import (
    BlockMissing,
    NoSuchPath,
    NotACid,
    PathInvalid,
    RangeNotSatisfiable,
    StoreUnavailable,
)
from tests.media import pictures

BIG = os.urandom(3_000_000)
HOSTILE = r"(\.\.|%2[eEfF]|/|\\|%00|a|%){0,20}"
PICTURE = pictures.png()


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    made = BlockStore(tmp_path_factory.mktemp("public"))
    made.prepare()
    return made


@pytest.fixture(scope="module")
def roots(store):
    """Profile → root of the big file."""
    imported = store.add_bytes(BIG, profiles=list(PROFILES.values()))
    return {name: str(link.cid) for name, link in imported.roots.items()}


@pytest.fixture(scope="module")
def picture(store):
    return str(store.add_bytes(PICTURE).roots[DEFAULT.name].cid)


@pytest.fixture(scope="module")
def folder(store, picture, roots):
    return str(
        store.add_directory(
            {"a picture.png": Cid.parse(picture), "ü": Cid.parse(roots[DEFAULT.name])}
        )
    )


def get(store, cid, **options):
    found = answer(store, Asked(cid=cid, **options))
    return found, b"".join(found.pieces)


class TestFiles:
    @pytest.mark.parametrize("profile", PROFILES)
    def test_gives_a_files_bytes_by_any_profiles_root(self, store, roots, profile):
        found, body = get(store, roots[profile])

        assert (found.status, body) == (200, BIG)
        assert found.headers["Content-Length"] == str(len(BIG))

    def test_serves_it_so_that_a_browser_runs_nothing(self, store, picture):
        found, body = get(store, picture)

        assert body == PICTURE
        assert found.headers["Content-Type"] == "image/png"
        assert found.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in found.headers["Content-Security-Policy"]
        assert "default-src 'none'" in found.headers["Content-Security-Policy"]
        assert "immutable" in found.headers["Cache-Control"]
        assert found.etag == f'"{picture}"'
        assert "Content-Disposition" not in found.headers

    def test_hands_out_unknown_types_as_a_download(self, store):
        page = b"MZ<!doctype html><script>alert(1)</script>"
        cid = str(store.add_bytes(page).roots[DEFAULT.name].cid)

        found, body = get(store, cid)

        assert body == page
        assert found.headers["Content-Type"] == "application/octet-stream"
        assert found.headers["Content-Disposition"].startswith("attachment;")

    def test_is_always_a_download_under_the_applications_origin(self, store, picture):
        found, _ = get(store, picture, as_attachment=True, filename='a"\r\nX: y/空.png')

        disposition = found.headers["Content-Disposition"]
        assert disposition.startswith("attachment; filename*=UTF-8''a%22__X%3A%20y_")
        assert disposition.isascii()

    def test_has_one_tag_for_all_spellings_of_a_cid(self, store, picture):
        v0 = Cid(version=0, codec=0x70, digest=bytes(32))
        assert v0.v1() != v0

        first, _ = get(store, picture)
        again, _ = get(store, picture)

        assert first.etag == again.etag

    def test_says_what_it_does_not_have(self, store):
        with pytest.raises(BlockMissing):
            get(store, str(Cid.raw(hashlib.sha256(b"unknown").digest())))

    def test_breaks_off_rather_than_give_changed_bytes(self, tmp_path):
        store = BlockStore(tmp_path)
        store.prepare()
        imported = store.add_bytes(BIG)
        path = store.find_file(imported.sha256)
        path.chmod(0o644)
        with path.open("r+b") as file:
            file.seek(2_500_000)
            file.write(b"\0" * 8)

        found = answer(store, Asked(cid=imported.cids[DEFAULT.name]))

        with pytest.raises(StoreUnavailable):
            b"".join(found.pieces)


class TestTrustless:
    def test_gives_one_raw_block(self, store, roots):
        root = roots[DEFAULT.name]

        found, body = get(store, root, form="raw")

        assert Cid.of_block(body, codec=Cid.parse(root).codec) == Cid.parse(root)
        assert found.headers["Content-Type"] == "application/vnd.ipld.raw"

    @pytest.mark.parametrize("profile", PROFILES)
    def test_gives_a_car_that_reads_back(self, store, roots, profile):
        found, body = get(store, roots[profile], accept="application/vnd.ipld.car; order=dfs")

        reader = CarReader(io.BytesIO(body))
        blocks = {cid.digest: block for cid, block in reader}
        data = b"".join(read_file(lambda cid: blocks[cid.digest], reader.roots[0]))
        assert str(reader.roots[0]) == roots[profile]
        assert data == BIG
        assert found.headers["Content-Type"].startswith("application/vnd.ipld.car")

    def test_prefers_the_query_over_accept(self, store, picture):
        found, _ = get(store, picture, form="raw", accept="application/vnd.ipld.car")

        assert found.headers["Content-Type"] == "application/vnd.ipld.raw"

    def test_tells_each_form_by_its_tag(self, store, picture):
        tags = {get(store, picture, form=form)[0].etag for form in (None, "raw", "car")}

        assert len(tags) == 3

    def test_refuses_a_format_that_it_does_not_know(self, store, picture):
        with pytest.raises(PathInvalid, match="raw and car"):
            get(store, picture, form="tar")


class TestPaths:
    def test_follows_names_into_a_directory(self, store, folder):
        assert get(store, folder, path="a%20picture.png")[1] == PICTURE
        assert get(store, folder, path="%C3%BC")[1] == BIG

    def test_lists_a_directory_as_data(self, store, folder):
        found, body = get(store, folder)

        assert [entry["name"] for entry in json.loads(body)["entries"]] == ["a picture.png", "ü"]
        assert found.headers["Content-Type"] == "application/json"

    @pytest.mark.parametrize("path", ["b.png", "a%20picture.png/x", "%C3%BC/a%20picture.png"])
    def test_says_what_is_not_there(self, store, folder, path):
        with pytest.raises(NoSuchPath):
            get(store, folder, path=path)

    @pytest.mark.parametrize(
        "path",
        [
            "..",
            "../secret",
            "a/../b",
            "%2e%2e/secret",
            "%2E./secret",
            ".",
            "a//b",
            "/etc/passwd",
            "a%2fb",
            "..%2f..%2fetc%2fpasswd",
            "a\\b",
            "%5c..%5cwindows",
            "a%00b",
            "a%0d%0ab",
            "C:/windows",
            "%ff",
            "x" * 5000,
            "a/" * (MAX_SEGMENTS + 1),
            "a/" * 10_000,
        ],
    )
    def test_refuses_a_path_that_is_none(self, store, folder, path):
        with pytest.raises(PathInvalid):
            get(store, folder, path=path)

    @given(
        st.text(max_size=60) | st.from_regex(r"(\.\.|%2[eEfF]|/|\\|%00|a|%){0,20}", fullmatch=True)
    )
    @settings(max_examples=500)
    def test_reads_or_refuses_any_path(self, path):
        try:
            names = path_segments(path)
        except PathInvalid:
            return
        assert not [name for name in names if name in ("", ".", "..") or set(name) & set("/\\\0")]

    @pytest.mark.parametrize(
        "cid",
        [
            "..",
            "%2e%2e",
            "/etc/passwd",
            "bafkqac3imvwgy3zao5xxe3de",
            "k51qzi5uqu5dlvj2baxnqndepeb86cbk3ng7n3i46uzyxzyqj2xjonzllnv0v8",
            "x" * 10_000,
        ],
    )
    def test_refuses_what_is_no_cid(self, store, cid):
        with pytest.raises(NotACid):
            get(store, cid)


class TestRange:
    @pytest.mark.parametrize(
        ("header", "expected"),
        [
            ("bytes=0-0", (0, 1)),
            ("bytes=0-99", (0, 100)),
            ("bytes=2-", (2, 100)),
            ("bytes=-10", (90, 100)),
            ("bytes=-1000", (0, 100)),
            ("bytes=90-1000", (90, 100)),
            ("bytes=5-4", None),
            ("bytes=0-1,5-6", None),
            ("bytes=" + ",".join(["0-"] * 5000), None),
            ("items=0-1", None),
            ("bytes=a-b", None),
            ("bytes=-", None),
            ("bytes=" + "9" * 400 + "-", None),
            ("", None),
            (None, None),
        ],
    )
    def test_reads_one_range_and_passes_over_the_rest(self, header, expected):
        assert parse_range(header, 100) == expected

    @pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0"])
    def test_says_that_a_range_lies_outside(self, header):
        with pytest.raises(RangeNotSatisfiable) as caught:
            parse_range(header, 100)
        assert caught.value.size == 100

    @pytest.mark.parametrize(("start", "last"), [(0, 0), (1_048_575, 1_048_576), (2_999_999, 9**9)])
    def test_gives_a_part_of_a_file(self, store, roots, start, last):
        found, body = get(store, roots[DEFAULT.name], range_header=f"bytes={start}-{last}")

        stop = min(last + 1, len(BIG))
        assert (found.status, body) == (206, BIG[start:stop])
        assert found.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(BIG)}"
        assert found.headers["Content-Length"] == str(stop - start)

    @given(st.text(max_size=40) | st.from_regex(r"bytes=[0-9,\- ]{0,30}", fullmatch=True))
    @settings(max_examples=300)
    def test_reads_or_refuses_any_header(self, header):
        try:
            found = parse_range(header, 1000)
        except RangeNotSatisfiable:
            return
        assert found is None or 0 <= found[0] < found[1] <= 1000
