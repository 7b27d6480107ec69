"""Files that are two things at once: the research's list, each refused or told."""

import io
import zipfile

import pytest

from media.checks import Inspection, Problem
from tests.media import pictures
from tests.media.recordings import pdf, sound, video
from tests.media.test_recordings import boxed, codes

PAGE = b"<html><body><script>alert(1)</script></body></html>"
CARRIERS = {
    "jpeg": pictures.jpeg(),
    "png": pictures.png(),
    "gif": pictures.encoded(pictures.painting(), "GIF"),
    "webp": pictures.encoded(pictures.painting(), "WEBP"),
    "avif": pictures.encoded(pictures.painting(), "AVIF"),
    "mp4": video(),
    "mp3": sound("mp3", "libmp3lame"),
    "pdf": pdf(),
}


def archive(prefix: bytes = b"") -> bytes:
    """A ZIP, whose offsets count from the beginning of what stands before it."""
    out = io.BytesIO(prefix)
    with zipfile.ZipFile(out, "a") as made:
        made.writestr("evil.js", "alert(1)")
    return out.getvalue()


def jpeg_with(marker: int, body: bytes) -> bytes:
    data = pictures.jpeg()
    return data[:2] + bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2, "big") + body + data[2:]


class TestArchives:
    @pytest.mark.parametrize("name", CARRIERS)
    def test_behind_any_work_are_refused(self, look, name):
        problem = look(archive(CARRIERS[name]))

        assert isinstance(problem, Problem)
        assert problem.code == "TrailingData"

    def test_in_a_box_that_players_skip_are_refused(self, look):
        data = video()
        hidden = data + boxed(b"free", archive())
        assert zipfile.is_zipfile(io.BytesIO(hidden))

        problem = look(hidden)

        assert isinstance(problem, Problem)
        assert (problem.code, "ZIP" in problem.detail) == ("SecondFormat", True)

    def test_in_a_chunk_at_the_end_are_refused(self, look):
        riff = bytearray(CARRIERS["webp"])
        body = archive()
        body += bytes(len(body) & 1)
        riff += b"junk" + len(body).to_bytes(4, "little") + body
        riff[4:8] = (len(riff) - 8).to_bytes(4, "little")

        problem = look(bytes(riff))

        assert isinstance(problem, Problem)
        assert problem.code == "SecondFormat"

    def test_in_a_pdf_stream_near_its_end_are_refused(self, look):
        data = pdf()
        # Readers skip what no table names; unpackers look for the archive's end alone.
        at = data.rindex(b"startxref")
        hidden = data[:at] + b"%" + archive().replace(b"\n", b" ") + b"\n" + data[at:]

        problem = look(hidden)

        assert isinstance(problem, Problem)
        assert problem.code in ("SecondFormat", "FileDamaged")


class TestPages:
    @pytest.mark.parametrize("name", CARRIERS)
    def test_behind_any_work_are_refused(self, look, name):
        problem = look(CARRIERS[name] + PAGE)

        assert isinstance(problem, Problem)
        assert problem.code == "TrailingData"

    def test_in_a_comment_are_told(self, look):
        found = look(jpeg_with(0xFE, PAGE))

        assert codes(found) == ["SecondFormat"]
        assert "<html>" in found.findings[0]["detail"]

    def test_a_pdf_in_a_comment_is_told(self, look):
        found = look(jpeg_with(0xFE, b"%PDF-1.7\n"))

        assert codes(found) == ["SecondFormat"]

    def test_in_a_text_of_a_png_are_told(self, look):
        data = pictures.png()
        hidden = data[:33] + pictures.chunk(b"tEXt", b"Comment\0" + PAGE) + data[33:]

        assert codes(look(hidden)) == ["SecondFormat"]

    def test_png_magic_before_a_drawing_is_refused(self, look):
        problem = look(b"\x89PNG\r\n\x1a\n" + pictures.SVG_WITH_SCRIPT)

        assert isinstance(problem, Problem)
        assert problem.code == "FileDamaged"

    def test_a_script_that_begins_like_a_gif_is_refused(self, look):
        problem = look(b"GIF89a=1;alert(document.domain)//" + bytes(100))

        assert isinstance(problem, Problem)
        assert problem.code in ("FileDamaged", "TrailingData", "TooManyPixels")

    def test_a_gif_that_is_a_script_as_well_is_refused(self, look):
        # A width of `/*` opens a comment for scripts, which a comment block of the GIF closes.
        data = bytearray(CARRIERS["gif"])
        data[6:8] = b"/*"
        script = b"*/=1;alert(1)//"
        block = b"\x21\xfe" + bytes((len(script),)) + script + b"\0"

        found = look(bytes(data[:-1]) + block + b"\x3b")

        if isinstance(found, Inspection):
            assert "SecondFormat" in codes(found)
        else:
            assert found.code in ("TooManyPixels", "FileDamaged")


def test_ordinary_works_hold_nothing_foreign(look):
    for data in CARRIERS.values():
        assert codes(look(data)) == []
