"""Pages, bundles and drawings: their rules, what is unpacked, what is told to the artist."""

import io
import struct
import zipfile

import pytest

from media import checking
from media.checks import Inspection, Problem, inspect
from media.formats import Unfit, read_structure
from media.formats.pages import references
from tests.media.conftest import NOON, Uploader
from tests.support.models import PAGE, SVG, archive


def refusal(data: bytes) -> Unfit:
    with pytest.raises(Unfit) as caught:
        read_structure(memoryview(data))
    return caught.value


def looked_at(tmp_path, data: bytes) -> Inspection | Problem:
    (tmp_path / "in").write_bytes(data)
    (tmp_path / "out").mkdir()
    return inspect(tmp_path / "in", tmp_path / "out")


class TestPages:
    @pytest.mark.parametrize(
        "text", [PAGE, "\ufeff" + PAGE, "<!-- by me -->\n<HTML><body>", "<script>1</script>"]
    )
    def test_is_known_by_how_it_begins(self, text):
        assert read_structure(memoryview(text.encode())).type == "text/html"

    def test_tells_its_title(self):
        assert read_structure(memoryview(PAGE.encode())).details["title"] == "Tide"

    @pytest.mark.parametrize("data", [PAGE.encode() + b"\0PK", PAGE.encode() + b"\xff\xfe"])
    def test_refuses_what_is_no_text(self, data):
        assert refusal(data).code in ("FileDamaged", "TypeNotAccepted")

    def test_tells_what_it_would_load_from_elsewhere(self, tmp_path):
        page = PAGE + '<script src="https://cdn.example/p5.js"></script>'

        found = looked_at(tmp_path, page.encode())

        assert isinstance(found, Inspection)
        assert found.findings[0]["code"] == "ExternalReferences"
        assert found.findings[0]["references"] == ["https://cdn.example/p5.js"]

    @pytest.mark.parametrize(
        ("text", "address"),
        [
            ('<img src="//img.example/a.png">', "//img.example/a.png"),
            ("<link rel=stylesheet href=http://x.example/a.css>", "http://x.example/a.css"),
            ('import * as THREE from "https://esm.example/three"', "https://esm.example/three"),
            ("await import('https://esm.example/x')", "https://esm.example/x"),
            ("@import url(https://fonts.example/css)", "https://fonts.example/css"),
            ("background: url('https://x.example/b.png')", "https://x.example/b.png"),
            ('fetch("https://api.example/v1")', "https://api.example/v1"),
            ("new WebSocket(`wss://live.example`)", "wss://live.example"),
            ("loadImage('https://x.example/y')", "https://x.example/y"),
            ('{"imports": {"three": "https://esm.example/t"}}', "https://esm.example/t"),
        ],
    )
    def test_knows_the_ways_of_loading(self, text, address):
        assert references(text) == [address]

    @pytest.mark.parametrize(
        "text",
        [
            '<a href="https://artist.example">me</a>',
            'document.createElementNS("http://www.w3.org/2000/svg", "g")',
            '<svg xmlns="http://www.w3.org/2000/svg">',
            "// see https://example.org for more",
            '<img src="data:image/png;base64,AAAA">',
            '<script src="js/run.js"></script>',
        ],
    )
    def test_leaves_links_and_names_alone(self, text):
        assert references(text) == []


class TestBundles:
    FILES = {"index.html": PAGE, "js/run.js": "run()", "data/a.json": "{}"}  # noqa: RUF012

    def test_unpacks_every_file(self, tmp_path):
        found = looked_at(tmp_path, archive(self.FILES))

        assert isinstance(found, Inspection)
        held = {one.path: (tmp_path / "out" / one.name).read_text() for one in found.members}
        assert held == self.FILES
        assert found.type == "text/html"
        assert found.details == {
            "entry": "index.html",
            "files": 3,
            "bytes": len(PAGE) + 7,
            "title": "",
        }

    @pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
    def test_takes_the_one_folder_around_everything_off(self, tmp_path, method):
        files = {f"work/{name}": data for name, data in self.FILES.items()}
        files["__MACOSX/work/._index.html"] = "x"

        found = looked_at(tmp_path, archive(files, method=method))

        assert isinstance(found, Inspection)
        assert {one.path for one in found.members} == set(self.FILES)

    def test_takes_an_archive_that_was_written_as_a_stream(self, tmp_path):
        class Pipe(io.BytesIO):
            def seekable(self):
                return False

            def seek(self, *_):
                raise OSError

            def tell(self):
                raise OSError

        pipe = Pipe()
        with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as made:
            made.writestr("index.html", PAGE)

        assert isinstance(looked_at(tmp_path, pipe.getvalue()), Inspection)

    @pytest.mark.parametrize(
        "name",
        [
            "../out.html",
            "a/../../b",
            "/etc/passwd",
            "a\\b.js",
            "C:/x",
            "a//b",
            "a/./b",
            "nul.txt",
            "a\u202egpj.js",
            "a\x01b",
            "trailing.",
            "x" * 256,
            "/".join("a" * 20),
            "INDEX.html",
            "index.html/x",
        ],
    )
    def test_refuses_names_that_no_file_should_have(self, name):
        error = refusal(archive({"index.html": PAGE, name: "x"}))

        assert error.code == "NameNotAccepted"

    @pytest.mark.filterwarnings("ignore:Duplicate name")
    def test_refuses_two_files_of_one_name(self):
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w") as made:
            made.writestr("index.html", PAGE)
            made.writestr("index.html", "another")

        assert refusal(held.getvalue()).code == "NameNotAccepted"

    def test_refuses_links(self):
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w") as made:
            made.writestr("index.html", PAGE)
            link = zipfile.ZipInfo("link")
            link.external_attr = 0o120777 << 16
            made.writestr(link, "/etc/passwd")

        assert refusal(held.getvalue()).code == "ArchiveNotAccepted"

    def test_refuses_encrypted_ones(self):
        data = bytearray(archive(self.FILES))
        at = data.index(b"PK\x01\x02")
        data[at + 8] |= 1

        assert refusal(bytes(data)).code == "ArchiveNotAccepted"

    @pytest.mark.parametrize("number", [12, 14, 93, 99])
    def test_refuses_other_ways_of_packing(self, number):
        data = bytearray(archive({"index.html": PAGE}))
        struct.pack_into("<H", data, data.index(b"PK\x01\x02") + 10, number)

        assert refusal(bytes(data)).code == "ArchiveNotAccepted"

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda data: b"#!/bin/sh\n" + data,
            lambda data: data + b"more",
            lambda data: data[:-2] + b"\x04\0" + b"note",
            lambda data: data[: len(data) // 2],
        ],
        ids=["before", "after", "comment", "cut"],
    )
    def test_refuses_what_is_not_the_archive(self, spoil):
        assert refusal(spoil(archive(self.FILES))).code in (
            "TrailingData",
            "FileDamaged",
            "TypeNotAccepted",
        )

    def test_refuses_a_gap_between_files(self):
        first, second = archive({"index.html": PAGE}), archive(self.FILES)
        held = io.BytesIO(second)
        with zipfile.ZipFile(held, "a") as made:
            made.start_dir += len(first)
            made.writestr("late.js", "x")

        assert refusal(held.getvalue()).code == "FileDamaged"

    def test_refuses_overlapping_files(self):
        data = bytearray(archive(self.FILES))
        entries = [at for at in range(len(data)) if data[at : at + 4] == b"PK\x01\x02"]
        struct.pack_into(
            "<L", data, entries[2] + 42, struct.unpack_from("<L", data, entries[1] + 42)[0]
        )

        assert refusal(bytes(data)).code == "FileDamaged"

    def test_refuses_a_name_that_differs_inside(self):
        data = archive(self.FILES)
        at = data.index(b"js/run.js")

        assert refusal(data[:at] + b"js/ran.js" + data[at + 9 :]).code == "FileDamaged"

    def test_refuses_a_bomb_by_its_directory(self):
        bomb = archive({"index.html": PAGE, "bomb": b"\0" * 30_000_000})

        assert refusal(bomb).code == "BundleTooLarge"

    def test_refuses_a_bomb_that_lies_of_its_size(self, tmp_path):
        data = bytearray(archive({"index.html": PAGE, "bomb": b"\0" * 900_000}))
        for magic, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
            at = data.rindex(magic)
            struct.pack_into("<L", data, at + place, 90)

        found = looked_at(tmp_path, bytes(data))

        assert isinstance(found, Problem)
        assert found.code == "FileDamaged"
        assert sum(path.stat().st_size for path in (tmp_path / "out").iterdir()) < 1_000

    def test_refuses_changed_bytes(self, tmp_path):
        data = archive(self.FILES, method=zipfile.ZIP_STORED).replace(b"run()", b"ran()")

        found = looked_at(tmp_path, data)

        assert isinstance(found, Problem)
        assert found.code == "FileDamaged"

    def test_refuses_more_files_than_a_work_needs(self):
        many = {f"f{number}": b"" for number in range(2_000)}

        assert refusal(archive({"index.html": PAGE, **many})).code == "TooManyFiles"

    def test_refuses_one_without_a_page(self):
        assert refusal(archive({"start.html": PAGE})).code == "NoIndexPage"

    def test_becomes_one_content_whatever_archive_it_came_in(self, parts):
        artist = Uploader(parts)
        packed = artist.send(archive(self.FILES))
        stored = artist.send(archive(self.FILES, method=zipfile.ZIP_STORED))

        for upload in (packed, stored):
            checking.check_upload(parts, upload, now=NOON)

        first, second = artist.facts(packed), artist.facts(stored)
        assert first["state"] == second["state"] == "ready"
        assert first["media"]["cids"] == second["media"]["cids"]
        assert first["media"]["type"] == "text/html"


class TestDrawings:
    def test_is_rasterised(self, tmp_path):
        found = looked_at(tmp_path, SVG.encode())

        assert isinstance(found, Inspection), found
        assert (found.type, found.width, found.height) == ("image/svg+xml", 200, 100)
        assert found.variants
        assert found.findings == ()

    def test_tells_of_scripts_that_will_not_run(self, tmp_path):
        found = looked_at(tmp_path, SVG.replace("<rect", "<script>x()</script><rect").encode())

        assert isinstance(found, Inspection)
        assert found.findings[0]["code"] == "ScriptsInDrawing"

    @pytest.mark.parametrize(
        "part",
        [
            '<image href="/etc/passwd"/>',
            '<image href="file:///etc/passwd"/>',
            '<image xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="a.png"/>',
            '<image href="https://x.example/a.png"/>',
            '<image href="data:image/svg+xml;base64,AAAA"/>',
            '<use href="other.svg#part"/>',
            "<style>@import 'x.css';</style>",
            '<rect fill="url(other.svg#a)"/>',
        ],
    )
    def test_refuses_one_that_needs_other_files(self, part):
        error = refusal(SVG.replace("<rect", part + "<rect").encode())

        assert error.code == "ExternalFiles"

    def test_refuses_entities(self):
        bomb = '<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + SVG

        assert refusal(b"<?xml version='1.0'?>" + bomb.encode()).code in (
            "FileDamaged",
            "TypeNotAccepted",
        )

    @pytest.mark.parametrize("text", [SVG + SVG, SVG + "<script/>", SVG[:-4], SVG + "PK"])
    def test_refuses_what_is_not_one_drawing(self, text):
        assert refusal(text.encode()).code == "FileDamaged"

    def test_refuses_a_deep_one(self):
        deep = SVG.replace("<rect", "<g>" * 300 + "<rect").replace(
            "</svg>", "</g>" * 300 + "</svg>"
        )

        assert refusal(deep.encode()).code == "DrawingTooLarge"
