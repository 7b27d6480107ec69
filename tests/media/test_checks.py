import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from media.checks import Inspection, Problem
from media.formats import MAX_FRAMES, MAX_PIXELS, Unfit, read_structure, sniff
from tests.media import pictures

SAMPLES = {
    "image/png": pictures.png(),
    "image/jpeg": pictures.jpeg(),
    "image/gif": pictures.encoded(pictures.painting(), "GIF"),
    "image/webp": pictures.encoded(pictures.painting(), "WEBP"),
    "image/avif": pictures.encoded(pictures.painting(), "AVIF"),
}
ANIMATIONS = {"image/gif": "GIF", "image/webp": "WEBP", "image/png": "PNG", "image/avif": "AVIF"}


class TestGoodFiles:
    @pytest.mark.parametrize("media_type", SAMPLES)
    def test_takes_each_type_by_its_content(self, look, media_type):
        found = look(SAMPLES[media_type])

        assert isinstance(found, Inspection), found
        facts = (found.type, found.width, found.height, found.frames, found.findings)
        assert facts == (media_type, 700, 500, 1, ())

    @pytest.mark.parametrize("media_type", ANIMATIONS)
    def test_counts_the_frames_of_an_animation(self, look, media_type):
        found = look(pictures.animation(ANIMATIONS[media_type]))

        assert isinstance(found, Inspection), found
        assert (found.type, found.frames) == (media_type, 8)

    @pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK"])
    def test_takes_every_kind_of_pixel(self, look, mode):
        kind = "JPEG" if mode == "CMYK" else "PNG"
        image = Image.new("I;16", (64, 48), 30_000)
        if mode != "I;16":
            image = pictures.painting(64, 48).convert(mode)

        found = look(pictures.encoded(image, kind))

        assert isinstance(found, Inspection), found
        assert {made.width for made in found.variants} == {64}

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
    def test_tells_what_a_camera_wrote(self, look, kind):
        exif = pictures.geotagged_exif()

        found = look(pictures.encoded(pictures.painting(), kind, exif=exif))

        assert isinstance(found, Inspection), found
        assert [finding["code"] for finding in found.findings] == ["GpsPosition", "CameraDetails"]
        assert "Leica" in found.findings[1]["detail"]

    def test_tells_a_position_that_stands_in_xmp_only(self, look):
        position = b"<exif:GPSLatitude>48</exif:GPSLatitude>"
        xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">' + position + b"</x:xmpmeta>"

        found = look(pictures.jpeg(xmp=xmp))

        assert isinstance(found, Inspection), found
        assert [finding["code"] for finding in found.findings] == ["GpsPosition"]

    def test_gives_the_size_as_it_is_shown(self, look):
        found = look(pictures.jpeg(700, 500, exif=pictures.geotagged_exif(orientation=6)))

        assert isinstance(found, Inspection), found
        assert (found.width, found.height) == (500, 700)

    def test_takes_a_phones_second_picture_and_says_so(self, look):
        found = look(pictures.jpeg() + pictures.jpeg(100, 80))

        assert isinstance(found, Inspection), found
        assert [finding["code"] for finding in found.findings] == ["ExtraPictures"]


class TestBadFiles:
    @pytest.mark.parametrize(
        ("data", "code", "told"),
        [
            (b"", "FileEmpty", ["empty"]),
            (b"MZ a program", "TypeNotAccepted", ["program", "PNG, JPEG, GIF, WebP, AVIF, SVG"]),
            (b"%PDF-1.7", "FileDamaged", ["%%EOF"]),
            (b"PK\x03\x04....", "TrailingData", ["archive"]),
            (b"II*\0" + bytes(99), "TypeNotAccepted", ["TIFF"]),
            (bytes(5000), "TypeNotAccepted", ["no known type"]),
            (pictures.huge_png(), "TooManyPixels", ["60000 × 60000", str(MAX_PIXELS)]),
            (pictures.many_frames_gif(MAX_FRAMES + 1), "TooManyFrames", [str(MAX_FRAMES)]),
            (pictures.many_frames_gif(1, width=60_000, height=60_000), "TooManyPixels", ["60000"]),
            (pictures.many_frames_gif(0), "FileDamaged", ["no pixels"]),
        ],
        ids=lambda value: value if isinstance(value, str) else None,
    )
    def test_refuses_with_the_rule_and_the_value(self, look, data, code, told):
        problem = look(data)

        assert isinstance(problem, Problem)
        assert problem.code == code
        assert [part for part in told if part not in problem.detail] == []
        assert list(look.folder.iterdir()) == []

    @pytest.mark.parametrize("media_type", SAMPLES)
    @pytest.mark.parametrize(
        "tail", [b"<html><script>alert(1)</script>", b"PK\x03\x04" + bytes(50)]
    )
    def test_refuses_a_second_file_behind_the_picture(self, look, media_type, tail):
        problem = look(SAMPLES[media_type] + tail)

        assert isinstance(problem, Problem)
        assert problem.code == "TrailingData"
        assert str(len(SAMPLES[media_type])) in problem.detail

    @pytest.mark.parametrize("media_type", SAMPLES)
    def test_refuses_a_picture_cut_in_half(self, look, media_type):
        data = SAMPLES[media_type]

        problem = look(data[: len(data) // 2])

        assert isinstance(problem, Problem)
        assert problem.code in ("FileDamaged", "TrailingData")

    def test_refuses_a_frame_bomb_by_its_header(self, look):
        problem = look(pictures.many_frames_gif(60, width=4000, height=4000))

        assert isinstance(problem, Problem)
        assert problem.code == "TooManyPixels"
        assert "4000 × 4000 × 60" in problem.detail

    def test_gives_up_after_the_time_allowed(self, look):
        problem = look(pictures.png(3000, 3000), wall_seconds=0.05)

        assert problem == Problem("TooSlow", "checking the file took more than 0.05 seconds")


class TestChild:
    def test_takes_its_own_limits(self, tmp_path):
        # The same limits, seen from inside by a program that runs as the child does.
        code = (
            "import resource; from media import child; child._limit(); "
            "print([resource.getrlimit(what)[0] for what in "
            "(resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_CORE)])"
        )

        found = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)

        assert json.loads(found.stdout) == [3 * 1024**3, 60, 0]

    def test_leaves_no_process_behind(self, look):
        before = children()

        look(pictures.png(3000, 3000), wall_seconds=0.05)

        assert children() == before


class TestStructure:
    @given(st.binary(max_size=500), st.sampled_from([data[:64] for data in SAMPLES.values()]))
    @settings(max_examples=400)
    def test_walks_or_refuses_any_bytes(self, data, head):
        for file in (data, head + data):
            try:
                structure = read_structure(memoryview(file))
            except Unfit:
                continue
            assert structure.end == len(file)

    @pytest.mark.parametrize("media_type", SAMPLES)
    @given(where=st.integers(0, 2**20), value=st.integers(0, 255))
    @settings(max_examples=100)
    def test_survives_any_changed_byte(self, media_type, where, value):
        changed = bytearray(SAMPLES[media_type])
        changed[where % len(changed)] = value

        try:
            structure = read_structure(memoryview(bytes(changed)))
        except Unfit:
            return
        assert structure.end == len(changed)

    def test_knows_json_and_nothing_else(self):
        assert sniff(b'{"name": 1}') == "application/json"
        assert sniff(b"hello") == "application/octet-stream"


def children():
    return {
        name
        for name in os.listdir("/proc")
        if name.isdigit() and parent_of(int(name)) == os.getpid()
    }


def parent_of(pid):
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return None
