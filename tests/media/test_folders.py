"""Folders as content: kept whole, read back block by block, served as pages, removed whole."""

import os
from pathlib import Path

import pytest

from media import keeping, ledger
from media.embedded import EmbeddedPinner
from media.gateway import Asked, answer
from media.pinning import READ_BACK, Source
from media.store import BlockStore
from media.work import MediaParts
from nft.content.car import write_car
from nft.content.cid import Cid
from nft.content.exporter import list_directory, read_file, resolve
from nft.content.profiles import DEFAULT
from nft.errors import BlockInvalid, BlockMissing, NoSuchPath, PathInvalid, PinFailed
from tests.media.conftest import NOON

PAGE = b"<!doctype html><meta charset=utf-8><script type=module src=js/run.js></script>"
BIG = os.urandom(2_500_000)
FILES = {
    "index.html": PAGE,
    "js/run.js": b"document.title = 'ran'",
    "js/deep/data.json": b'{"n": 1}',
    "style.css": b"body { color: red }",
    "big.bin": BIG,
    "_headers": b"/*\n  Content-Security-Policy: none",
    "not.js": b"\x89PNG\r\n\x1a\n and no script",
    "code.wasm": b"\0asm\1\0\0\0",
    "fake.wasm": b"<script>",
}
MEDIA = "http://media.test"


def laid_out(folder: Path, files: dict[str, bytes] = FILES) -> dict[str, Path]:
    """The files on disk, by their paths."""
    found = {}
    folder.mkdir(exist_ok=True)
    for number, (name, data) in enumerate(files.items()):
        found[name] = folder / f"m{number}"
        found[name].write_bytes(data)
    return found


@pytest.fixture
def store(tmp_path):
    made = BlockStore(tmp_path / "store")
    made.prepare()
    return made


@pytest.fixture
def root(store, tmp_path):
    return store.add_folder(laid_out(tmp_path))


def shown(store, root, path="", *, slash=True, **options):
    asked = Asked(cid=str(root), path=path, is_slashed=slash, origin=MEDIA, **options)
    found = answer(store, asked)
    return found, b"".join(found.pieces)


class TestFolders:
    def test_gives_every_file_back(self, store, root):
        get = store.open(root)

        found = {
            name: b"".join(read_file(get, resolve(get, root, name.split("/")))) for name in FILES
        }

        assert found == FILES

    def test_has_the_root_that_other_writers_give_it(self, store, tmp_path):
        flat = {"a": b"1", "b": b"22"}
        roots = {name: store.add_bytes(data).roots[DEFAULT.name].cid for name, data in flat.items()}

        root = store.add_folder(laid_out(tmp_path, flat))

        assert root == store.add_directory(roots)

    def test_counts_what_lies_below_a_folder(self, store, root):
        sizes = {link.name: link.tsize for link in list_directory(store.open(root), root)}

        assert sizes["big.bin"] > len(BIG)
        assert sizes["js"] > len(FILES["js/run.js"]) + len(FILES["js/deep/data.json"])

    def test_is_found_by_its_digest_and_goes_whole(self, store, root):
        assert store.roots_of(root.digest.hex()) == [root]

        assert store.remove(root)

        assert not list((store.folder / "files").glob("*/*"))
        with pytest.raises(BlockMissing):
            store.get(root)

    def test_leaves_a_file_that_somebody_else_keeps(self, store, root):
        alone = store.add_bytes(BIG).roots[DEFAULT.name].cid

        store.remove(root)

        assert b"".join(read_file(store.open(alone), alone)) == BIG

    @pytest.mark.parametrize("name", ["../x", "a//b", "./x", ""])
    def test_refuses_names_that_no_file_has(self, store, tmp_path, name):
        with pytest.raises(PathInvalid):
            store.add_folder(laid_out(tmp_path, {name: b"x"}))


class TestKeeping:
    def test_is_pinned_and_read_back_and_let_go(self, parts: MediaParts, tmp_path):
        root = parts.private.add_folder(laid_out(tmp_path))
        with parts.sessions.begin() as session:
            ledger.want(session, [str(root)], stores=["embedded"], holder="intent:1", now=NOON)

        state = keeping.pin(parts, str(root), "embedded", now=NOON)

        assert state == READ_BACK
        assert parts.public.has(root)

        with parts.sessions.begin() as session:
            ledger.let_go(session, holder="intent:1")
        keeping.unpin(parts, str(root), "embedded", now=NOON)

        assert not parts.public.has(root)
        assert parts.private.has(root)

    def test_a_block_that_changed_in_a_place_is_no_keeping(self, parts: MediaParts, tmp_path):
        root = parts.private.add_folder(laid_out(tmp_path))
        source = keeping.source_of(parts, str(root))
        pinner = EmbeddedPinner(parts.private, parts.public)
        pinner.pin(source)
        keeping.check_kept(parts, source, pinner)

        with pytest.raises((BlockInvalid, PinFailed)):
            keeping.check_kept(parts, source, Forgetful(source))

    def test_a_missing_block_is_no_keeping(self, parts: MediaParts, tmp_path):
        root = parts.private.add_folder(laid_out(tmp_path))
        other = parts.private.add_folder(laid_out(tmp_path / "other", {"a": b"b"}))
        source = keeping.source_of(parts, str(root))

        with pytest.raises(PinFailed, match="other bytes"):
            keeping.check_kept(
                parts, source, Forgetful(keeping.source_of(parts, str(other)), spoil=False)
            )


class Forgetful:
    """A place that gives a CAR back, of something else or with a byte changed."""

    name = "forgetful"

    def __init__(self, source: Source, *, spoil: bool = True) -> None:
        self._car = bytearray(b"".join(write_car(source.cid, source.get)))
        if spoil:
            self._car[-1] ^= 1

    def pin(self, source: Source) -> None:
        """It has it, it says."""

    def read(self, source: Source):
        """What it has."""
        return iter([bytes(self._car)])

    def unpin(self, cid: Cid) -> None:
        """Gladly."""


class TestPages:
    def test_a_folder_is_its_page(self, store, root):
        found, body = shown(store, root)

        assert (found.status, body) == (200, PAGE)
        assert found.headers["Content-Type"] == "text/html"
        assert "Content-Disposition" not in found.headers

    def test_runs_in_a_sandbox_with_its_own_files_only(self, store, root):
        policy = shown(store, root)[0].headers["Content-Security-Policy"]

        rules = dict(rule.strip().partition(" ")[::2] for rule in policy.split(";"))
        assert rules["sandbox"] == "allow-scripts allow-pointer-lock"
        assert rules["default-src"] == "'none'"
        assert rules["connect-src"] == f"data: blob: {MEDIA}/ipfs/{root}/"
        assert rules["form-action"] == "'none'"

    @pytest.mark.parametrize("path", ["", "js"])
    def test_leads_to_the_slash_where_a_page_is(self, store, tmp_path, path):
        files = {"index.html": PAGE, "js/index.html": PAGE}
        root = store.add_folder(laid_out(tmp_path, files))

        found, body = shown(store, root, path, slash=bool(path))

        assert (found.status, body) == (301, b"")
        assert found.headers["Location"] == f"/ipfs/{root}/{path}".rstrip("/") + "/"

    def test_lists_a_folder_without_a_page(self, store, root):
        found, _ = shown(store, root, "js/")

        assert found.headers["Content-Type"] == "application/json"

    def test_shows_no_page_under_the_applications_origin(self, store, root):
        listed, _ = shown(store, root, as_attachment=True)
        page, _ = shown(store, root, "index.html", as_attachment=True)

        assert listed.headers["Content-Type"] == "application/json"
        assert page.headers["Content-Disposition"].startswith("attachment;")

    @pytest.mark.parametrize(
        ("path", "told"),
        [
            ("js/run.js", "text/javascript; charset=utf-8"),
            ("style.css", "text/css; charset=utf-8"),
            ("js/deep/data.json", "application/json"),
            ("code.wasm", "application/wasm"),
            ("not.js", "image/png"),
            ("fake.wasm", "application/octet-stream"),
            ("big.bin", "application/octet-stream"),
            ("_headers", "application/octet-stream"),
        ],
    )
    def test_names_types_by_bytes_first(self, store, root, path, told):
        found, body = shown(store, root, path)

        assert body == FILES[path]
        assert found.headers["Content-Type"] == told
        assert found.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in found.headers["Content-Security-Policy"]

    def test_a_headers_file_changes_nothing(self, store, root):
        policy = shown(store, root, "style.css")[0].headers["Content-Security-Policy"]

        assert "default-src 'none'" in policy

    def test_says_what_is_not_in_it(self, store, root):
        with pytest.raises(NoSuchPath):
            shown(store, root, "js/other.js")

    def test_a_page_alone_has_no_files(self, store):
        cid = store.add_bytes(PAGE).roots[DEFAULT.name].cid

        policy = shown(store, cid, slash=False)[0].headers["Content-Security-Policy"]

        assert MEDIA not in policy

    def test_what_is_not_public_is_not_kept_by_caches(self, store, root):
        found, _ = shown(store, root, place="/_private/1-a/")

        assert found.headers["Cache-Control"] == "private, no-store"
        assert f"{MEDIA}/_private/1-a/{root}/" in found.headers["Content-Security-Policy"]
