"""Cleaned copies: the same pixels, and nothing of where, with what and by whom."""

import io
import random
import struct

import av
import numpy as np
import pytest
from PIL import Image

from media import cleaning
from media.checks import Inspection
from media.cleaning import NotCleanable
from media.formats import Unfit, read_structure
from tests.media import pictures
from tests.media.credentials import sealed
from tests.media.recordings import sound, video
from tests.media.test_recordings import boxed, changed, codes

XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><exif:GPSLatitude>48</exif:GPSLatitude></x:xmpmeta>'
SECRETS = (b"Leica", b"GPSLatitude", b"M11", b"xmpmeta", b"Exif", b"c2pa", b"jumb")


def clean(data: bytes, media_type: str) -> bytes:
    view = memoryview(data)
    found = cleaning.edits(view, media_type)
    made = b"".join(cleaning.cleaned(view, found))
    assert len(made) == cleaning.cleaned_size(view, found)
    return made


def taken(kind: str, *, orientation: int = 1, **more: object) -> bytes:
    """A picture as a camera and a program leave it."""
    exif = pictures.geotagged_exif(orientation=orientation)
    options = {"exif": exif, "icc_profile": pictures.srgb_profile(), "xmp": XMP, **more}
    return pictures.encoded(pictures.painting(), kind, **options)


def pixels(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGBA"))


TAGS = {"location": "+48.8582+002.2945/", "artist": "Ann Onymous", "comment": "at home"}
KINDS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}


class TestPictures:
    @pytest.mark.parametrize("kind", KINDS)
    def test_keep_pixels_and_profile_and_lose_the_rest(self, look, kind):
        data = taken(kind)
        assert b"Leica" in data

        made = clean(data, KINDS[kind])

        assert [secret for secret in SECRETS if secret in made] == []
        assert np.array_equal(pixels(made), pixels(data))
        with Image.open(io.BytesIO(made)) as image, Image.open(io.BytesIO(data)) as before:
            assert image.info["icc_profile"] == before.info["icc_profile"]
            assert dict(image.getexif()) == {}
        assert codes(look(made)) == []

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("turned", [3, 6, 8])
    def test_keep_the_rotation_and_nothing_beside_it(self, look, kind, turned):
        made = clean(taken(kind, orientation=turned), KINDS[kind])

        with Image.open(io.BytesIO(made)) as image:
            assert dict(image.getexif()) == {0x0112: turned}
        found = look(made)
        assert codes(found) == []
        assert (found.width > found.height) is (turned == 3)

    @pytest.mark.parametrize("kind", KINDS)
    def test_cannot_be_cleaned_twice(self, kind):
        for turned in (1, 6):
            made = clean(taken(kind, orientation=turned), KINDS[kind])

            with pytest.raises(NotCleanable):
                cleaning.edits(memoryview(made), KINDS[kind])

    @pytest.mark.parametrize("kind", KINDS)
    def test_lose_credentials_that_would_no_longer_agree(self, look, kind):
        plain = pictures.encoded(pictures.painting(), kind)

        made = clean(sealed(plain, KINDS[kind]), KINDS[kind])

        assert np.array_equal(pixels(made), pixels(plain))
        assert codes(look(made)) == []

    def test_of_several_scans_keep_every_one(self):
        data = taken("JPEG", progressive=True)

        assert np.array_equal(pixels(clean(data, "image/jpeg")), pixels(data))

    def test_lose_further_pictures_behind_the_first(self, look):
        made = clean(pictures.jpeg() + taken("JPEG"), "image/jpeg")

        assert made == pictures.jpeg()

    def test_keep_frames_and_transparency(self):
        for kind in ("PNG", "WEBP"):
            exif = pictures.geotagged_exif().tobytes()
            first, second = pictures.painting(90, 60), pictures.painting(90, 60).rotate(90)
            data = pictures.encoded(
                first.convert("RGBA"), kind, save_all=True, append_images=[second], exif=exif
            )
            made = clean(data, KINDS[kind])
            with Image.open(io.BytesIO(made)) as image, Image.open(io.BytesIO(data)) as before:
                assert image.n_frames == before.n_frames == 2
                for index in range(2):
                    image.seek(index)
                    before.seek(index)
                    assert image.tobytes() == before.tobytes()
            assert b"Leica" not in made

    @pytest.mark.parametrize("kind", KINDS)
    def test_come_out_valid_or_not_at_all_for_any_changed_file(self, kind):
        data, chance = taken(kind), random.Random(kind)
        for _ in range(300):
            given = changed(data, chance)
            try:
                read_structure(memoryview(given))
                made = clean(given, KINDS[kind])
            except (Unfit, NotCleanable):
                continue
            assert read_structure(memoryview(made)).end == len(made)


def frames(data: bytes) -> list[bytes]:
    with av.open(io.BytesIO(data)) as container:
        return [frame.to_ndarray().tobytes() for frame in container.decode(video=0)]


class TestFilms:
    @pytest.mark.parametrize("form", ["mp4", "mov"])
    def test_keep_every_frame_and_lose_the_rest(self, look, form):
        data = video(form, metadata=TAGS)
        media_type = "video/mp4" if form == "mp4" else "video/quicktime"
        assert (b"loci" if form == "mp4" else b"48.8582") in data
        found = look(data)
        assert "GpsPosition" in codes(found)

        made = clean(data, media_type)

        assert len(made) == len(data)
        for secret in (b"48.8582", b"loci", b"Ann", b"at home"):
            assert secret not in made
        assert frames(made) == frames(data)
        after = look(made)
        assert isinstance(after, Inspection), after
        assert codes(after) == []
        assert after.details == found.details

    def test_empty_boxes_that_nobody_shows(self, look):
        data = video() + boxed(b"uuid", b"0123456789abcdef" + XMP) + boxed(b"free", b"hidden")

        made = clean(data, "video/mp4")

        assert b"GPSLatitude" not in made
        assert b"hidden" not in made
        assert codes(look(made)) == []

    def test_empty_a_box_whose_size_has_64_bits(self):
        long = struct.pack(">I4sQ", 1, b"uuid", 16 + 16 + len(XMP)) + bytes(16) + XMP

        made = clean(video() + long, "video/mp4")

        assert made[-len(long) :] == struct.pack(">I4sQ", 1, b"free", len(long)) + bytes(
            len(long) - 16
        )

    def test_with_a_track_of_measurements_are_not_cleaned(self):
        data = bytearray(video())
        at = data.index(b"soun")
        data[at : at + 4] = b"meta"

        with pytest.raises(NotCleanable, match="measurements"):
            clean(bytes(data), "video/mp4")


def test_of_other_kinds_there_is_none():
    with pytest.raises(NotCleanable, match="audio/mpeg"):
        clean(sound("mp3", "libmp3lame"), "audio/mpeg")
