import io
import subprocess
import sys

import pytest
from PIL import Image

from media import variants
from media.checks import Inspection, inspect
from tests.media import pictures


@pytest.fixture
def derived(tmp_path):
    """Derive variants of bytes: name → opened picture."""

    def made(data):
        path = tmp_path / "upload"
        path.write_bytes(data)
        folder = tmp_path / f"variants-{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        found = inspect(path, folder)
        assert isinstance(found, Inspection), found
        made.found = found
        return {each.name: (folder / each.name).read_bytes() for each in found.variants}

    return made


def opened(data):
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def digests(path, *, processors):
    """What comes out in a process of its own that may use so many processors."""
    program = (
        "import hashlib, os, sys\n"
        "os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:int(sys.argv[2])])\n"
        "from PIL import Image\n"
        "from media import variants\n"
        "with Image.open(sys.argv[1]) as image:\n"
        "    for made in variants.derive(image):\n"
        "        print(made.name, hashlib.sha256(made.data).hexdigest())\n"
    )
    command = [sys.executable, "-c", program, str(path), str(processors)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


class TestStills:
    def test_makes_four_widths_in_two_formats_and_a_fallback(self, derived):
        files = derived(pictures.encoded(pictures.canvas(3000, 1500), "JPEG", quality=95))

        assert {name: opened(data).size for name, data in files.items()} == {
            "w480.avif": (480, 240),
            "w480.webp": (480, 240),
            "w480.jpg": (480, 240),
            "w960.avif": (960, 480),
            "w960.webp": (960, 480),
            "w960.jpg": (960, 480),
            "w1600.avif": (1600, 800),
            "w1600.webp": (1600, 800),
            "w1600.jpg": (1600, 800),
            "w2560.avif": (2560, 1280),
            "w2560.webp": (2560, 1280),
        }

    def test_takes_fewer_bytes_as_avif_than_as_webp(self, derived):
        files = derived(pictures.encoded(pictures.canvas(1200, 900), "JPEG", quality=95))

        avif = sum(len(data) for name, data in files.items() if name.endswith(".avif"))
        webp = sum(len(data) for name, data in files.items() if name.endswith(".webp"))
        assert 0 < avif < webp

    def test_enlarges_nothing(self, derived):
        files = derived(pictures.encoded(pictures.canvas(700, 500), "JPEG", quality=98))

        assert {name: opened(data).width for name, data in files.items()} == {
            "w480.avif": 480,
            "w480.webp": 480,
            "w480.jpg": 480,
            "w960.avif": 700,
            "w960.webp": 700,
            "w960.jpg": 700,
        }

    def test_leaves_out_what_is_heavier_than_the_original(self, derived):
        original = pictures.png(700, 500)

        files = derived(original)

        assert [name for name, data in files.items() if len(data) >= len(original)] == ["w480.jpg"]

    def test_keeps_one_fallback_whatever_it_weighs(self):
        with Image.open(io.BytesIO(pictures.png(700, 500))) as image:
            made = list(variants.derive(image, original_bytes=1))

        assert [variant.name for variant in made] == ["w480.jpg"]

    def test_keeps_every_fallback_of_a_type_that_not_all_readers_know(self, derived):
        original = pictures.encoded(pictures.painting(1200, 800), "AVIF", quality=20)

        files = derived(original)

        assert [name for name in files if name.endswith(".jpg")] == [
            "w480.jpg",
            "w960.jpg",
            "w1600.jpg",
        ]

    def test_keeps_every_pixel_of_a_drawing_of_few_colours(self, derived):
        drawing = pictures.painting(64, 64).quantize(12).convert("RGB")

        files = derived(pictures.encoded(drawing, "PNG", compress_level=0))

        shown = {name: opened(data).convert("RGB").tobytes() for name, data in files.items()}
        assert shown == {"w480.png": drawing.tobytes(), "w480.webp": drawing.tobytes()}

    def test_keeps_transparency(self, derived):
        image = pictures.canvas(300, 300).convert("RGBA")
        image.putalpha(Image.linear_gradient("L").resize((300, 300)))

        files = derived(pictures.encoded(image, "PNG", compress_level=0))

        assert sorted(files) == ["w480.avif", "w480.png", "w480.webp"]
        least, most = opened(files["w480.avif"]).getchannel("A").getextrema()
        assert least <= 3
        assert most >= 252
        assert opened(files["w480.png"]).getchannel("A").getextrema() == (0, 255)

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
    def test_strips_position_and_camera(self, derived, kind):
        exif = pictures.geotagged_exif()
        original = pictures.encoded(
            pictures.painting(), kind, exif=exif, icc_profile=pictures.srgb_profile()
        )
        assert b"Leica" in original

        files = derived(original)

        assert [name for name, data in files.items() if b"Leica" in data or b"Exif" in data] == []
        assert [name for name, data in files.items() if opened(data).info.get("icc_profile")] == []

    def test_turns_the_picture_as_the_camera_noted(self, derived):
        files = derived(pictures.jpeg(900, 600, exif=pictures.geotagged_exif(orientation=6)))

        assert opened(files["w480.jpg"]).size == (480, 720)

    def test_makes_the_same_bytes_again(self, derived):
        data = pictures.encoded(pictures.canvas(1200, 800), "JPEG", quality=95)

        assert derived(data) == derived(data)

    def test_makes_the_same_bytes_on_one_processor_and_on_all(self, tmp_path):
        (tmp_path / "file").write_bytes(
            pictures.encoded(pictures.canvas(1200, 800), "JPEG", quality=95)
        )

        assert digests(tmp_path / "file", processors=1) == digests(tmp_path / "file", processors=99)

    def test_bounds_the_height_of_a_scroll(self, derived):
        files = derived(pictures.png(100, 5000))

        assert max(opened(data).height for data in files.values()) <= 6400

    def test_gives_a_small_placeholder(self, derived):
        derived(pictures.png(1200, 800))

        assert derived.found.blur.startswith("data:image/webp;base64,")
        assert len(derived.found.blur) < 600


class TestAnimations:
    @pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
    def test_keeps_a_short_animation_moving(self, derived, kind):
        files = derived(pictures.animation(kind, frames=5))

        assert opened(files["w480.webp"]).n_frames == 5
        assert sorted(files) == ["w480.jpg", "w480.webp", "w960.jpg", "w960.webp"]

    def test_shows_the_first_frame_of_a_long_one(self, derived):
        frames = [Image.new("RGB", (20, 20), (index, 99, 255 - index)) for index in range(250)]
        data = pictures.encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])

        files = derived(data)

        assert opened(files["w480.webp"]).n_frames == 1
